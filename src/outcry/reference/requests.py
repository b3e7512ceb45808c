"""The memory of request ids: the same account and id again changes nothing."""

from outcry.reference.machine import Machine, Remembered
from outcry.reference.records import NO_REQUEST, Command


def find(machine: Machine, command: Command) -> Remembered | None:
    """Return how the same request was answered before; a command without an id is always new."""
    if command.request_id == NO_REQUEST:
        return None
    for remembered in machine.requests.get(command.account, []):
        if remembered.request_id == command.request_id:
            return remembered
    return None


def remember(machine: Machine, command: Command, code: int, order_id: int) -> None:
    """Remember an answer; the account's oldest is forgotten when there are too many."""
    if command.request_id == NO_REQUEST or machine.remembered_requests == 0:
        return
    answers = machine.requests.setdefault(command.account, [])
    answers.append(Remembered(command.request_id, machine.sequence, code, order_id))
    if len(answers) > machine.remembered_requests:
        answers.pop(0)
