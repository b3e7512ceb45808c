"""A market in one engine, played move by move, with the naive engine beside the fast one."""

from typing import Protocol

from outcry.reference import DepthLevel, ReferenceEngine
from tests.scenarios.commands import deposit
from tests.scenarios.events import describe_all, read_balances


class RawEngine(Protocol):
    """What the scenarios ask of an engine."""

    @property
    def sequence(self) -> int:
        """The sequence of the last command."""

    @property
    def time_ns(self) -> int:
        """The engine's time."""

    @property
    def digest(self) -> int:
        """The fold of all event records so far."""

    def apply_batch(self, records: bytes, /) -> bytes:
        """Apply commands and return their event records."""

    def state_hash(self) -> bytes:
        """Return the hash of the whole state."""

    def has_due_work(self, time_ns: int, /) -> bool:
        """Tell whether something is due at this time."""


class Market:
    """An engine, and the naive engine beside it: states must be equal after every command."""

    def __init__(self, engine: RawEngine, naive: ReferenceEngine) -> None:
        self.engine = engine
        self.naive = naive

    def send(self, *records: bytes) -> list[str]:
        """Apply commands and return their events as lines."""
        return [line for record in records for line in describe_all(self.raw(record))]

    def raw(self, record: bytes) -> bytes:
        """Apply one command and return its event records."""
        events = bytes(self.engine.apply_batch(record))
        if self.engine is not self.naive:
            expected = self.naive.apply_batch(record)
            assert describe_all(events) == describe_all(expected)
            assert events == expected
        assert self.engine.state_hash() == self.naive.state_hash()
        return events

    def play(self, *moves: tuple[bytes, *tuple[str, ...]]) -> None:
        """Apply commands, each of which must say the events that stand behind it."""
        for number, (record, *events) in enumerate(moves, 1):
            said = self.send(record)
            assert said == events, f"move {number} says {said}"

    def levels(self, side: int, instrument: int = 1) -> list[DepthLevel]:
        """Return the levels of one side: price, lots shown, orders; the best first."""
        return list(self.naive.depth(instrument, side, 1_000))

    def update_number(self, instrument: int = 1) -> int:
        """Return how many commands touched what the book shows."""
        return self.naive.machine.instruments[instrument].update_number


class Exchange(Market):
    """A market with accounts, and the balances as the events of the engine say them."""

    def __init__(self, engine: RawEngine, naive: ReferenceEngine) -> None:
        super().__init__(engine, naive)
        self._balances: dict[tuple[int, int], tuple[int, int]] = {}
        self._number = 0

    def raw(self, record: bytes) -> bytes:
        """Apply one command and return its event records."""
        events = super().raw(record)
        self._balances |= read_balances(events)
        return events

    def send(self, *records: bytes) -> list[str]:
        """Apply commands and return their events as lines, less the balances."""
        return [line for line in self.all_of(*records) if not line.startswith("balance")]

    def all_of(self, *records: bytes) -> list[str]:
        """Apply commands and return all their events as lines."""
        return super().send(*records)

    def number(self) -> int:
        """Return the next number of the source that the scenarios deposit from."""
        self._number += 1
        return self._number

    def fund(self, account: int, asset: int, amount: int) -> None:
        """Deposit."""
        record = deposit(account, asset, amount, self.number(), source=1)
        assert self.send(record) == ["accepted"]

    def has(self, account: int, asset: int) -> tuple[int, int]:
        """Return what an account has available and held."""
        return self._balances.get((account, asset), (0, 0))
