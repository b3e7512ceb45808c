"""The memory of requests and of sources: what was answered once changes nothing again."""

import struct

from outcry.reference.accounts import SourceAnswer
from outcry.reference.codes import Kind, Reason
from outcry.reference.machine import Machine, RefusedError, Remembered
from outcry.reference.records import NO_REQUEST, Command

_SOURCED = (Kind.DEPOSIT, Kind.TRANSFER, Kind.SETTLE_WITHDRAWAL)
# What no account or source stands behind leaves no trace: nobody may fill the memory so.
_FORGOTTEN = (Reason.UNKNOWN_ACCOUNT, Reason.TOO_MANY_ACCOUNTS, Reason.TOO_MANY_SOURCES)


def source_of(command: Command) -> tuple[int, int]:
    """Return the source of a command and the number that it gave it."""
    source, number = struct.unpack("<QQ", command.request_id)
    return source, number


def find(machine: Machine, command: Command) -> Remembered | None:
    """Return how the same request was answered before; a command without an id is always new."""
    if command.kind in _SOURCED:
        return find_number(machine, command)
    if command.request_id == NO_REQUEST:
        return None
    for remembered in machine.requests.get(command.account, []):
        if remembered.request_id == command.request_id:
            return remembered
    return None


def find_number(machine: Machine, command: Command) -> Remembered | None:
    """Return the answer to a number that is not above its source's last; of a lower one nothing.

    Raises:
        RefusedError: The source is new, and there are as many as may be.
    """
    source, number = source_of(command)
    last = machine.accounts.sources.get(source)
    if last is None:
        if len(machine.accounts.sources) >= machine.sources_max:
            raise RefusedError(Reason.TOO_MANY_SOURCES, machine.sources_max)
        return None
    if number > last.number:
        return None
    if number < last.number:
        return Remembered(command.request_id, 0, 0, 0)
    return Remembered(command.request_id, last.sequence, last.code, 0)


def remember(machine: Machine, command: Command, code: int, order_id: int) -> None:
    """Remember an answer; the account's oldest is forgotten when there are too many."""
    if code in _FORGOTTEN:
        return
    if command.kind in _SOURCED:
        source, number = source_of(command)
        machine.accounts.sources[source] = SourceAnswer(number, machine.sequence, code)
        return
    if command.request_id == NO_REQUEST or machine.remembered_requests == 0:
        return
    answers = machine.requests.setdefault(command.account, [])
    answers.append(Remembered(command.request_id, machine.sequence, code, order_id))
    if len(answers) > machine.remembered_requests:
        answers.pop(0)
