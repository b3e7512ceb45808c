"""Data directories with a past: random streams of every command through the real exchange."""

import time
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

from outcry import Exchange, Settings, _native
from outcry.errors import MalformedRecord
from outcry.protocol import Event, read_events
from outcry.reference import Machine, ReferenceEngine
from tests.comparison.money_streams import MoneyStreamMaker, money_opening
from tests.scenarios import commands as c

SETTINGS = Settings(segment_bytes=1 << 20, mass_max=64)


class HistoryStream(MoneyStreamMaker):
    """A stream for an exchange whose clock is the machine's: orders expire while it runs."""

    def add_expiry(self, fields: dict[str, object]) -> None:
        """Make an order GTD until soon."""
        fields["time_in_force"] = c.GTD
        fields["expire_ns"] = time.time_ns() + self.random.randrange(-1_000, 30_000_000)


def records(seed: int) -> Iterator[bytes]:
    """Yield the commands of a stream for ever.

    The naive engine sees the same commands, so that most cancels and replaces name an open order.
    It has another clock, so the two drift apart, which does no harm.
    """
    engine = ReferenceEngine(money=True)
    machine: Machine = engine.machine
    maker = HistoryStream(seed)
    for step in money_opening():
        engine.apply_batch(step.record)
        yield step.record
    while True:
        step = maker.step(machine)
        engine.apply_batch(step.record)
        yield step.record


def trade(path: Path, seed: int, commands: int, piece: int = 97) -> list[Event]:
    """Run a stream through an exchange and return all its events."""
    with Exchange.open(path, SETTINGS) as exchange:
        send(exchange, records(seed), commands, piece)
    return all_events(path)


def send(exchange: Exchange, stream: Iterator[bytes], commands: int, piece: int) -> None:
    """Send so many commands of a stream, some at a time."""
    left = commands
    while left > 0:
        apply(exchange, list(islice(stream, min(left, piece))))
        left -= piece


def apply(exchange: Exchange, commands: list[bytes]) -> None:
    """Send commands together, without those that are not even whole records."""
    while commands:
        try:
            exchange.apply(b"".join(commands))
        except MalformedRecord as error:
            ends = list(accumulate(map(len, commands)))
            commands = commands[bisect_right(ends, error.offset) + 1 :]
        else:
            return


def all_events(path: Path) -> list[Event]:
    """Return the events of all commands, also of those that the exchange gave itself."""
    reader = _native.EventReader(path, 1)
    found: list[Event] = []
    while (piece := reader.take()) is not None:
        found.extend(read_events(memoryview(piece[3])))
    return found
