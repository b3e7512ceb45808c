"""Runs one stream of commands through two engines and tells where they part.

A difference is reported with the first differing command, the events of both, and a shorter
stream that shows it too.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from outcry.reference import ReferenceEngine
from outcry.reference.codes import EventKind, Kind
from outcry.reference.events import EVENT
from outcry.reference.records import read
from tests.comparison.money_streams import MoneyStreamMaker, money_opening
from tests.comparison.streams import Step, StreamMaker, opening
from tests.scenarios.commands import ORDER_ID_OFFSET
from tests.scenarios.events import describe_all

CHUNK = 25
HASH_EVERY = 1_000
_ORDER_ID = slice(ORDER_ID_OFFSET, ORDER_ID_OFFSET + 8)
# Where a command says the sequence of an earlier one.
_SEQUENCES = {Kind.SETTLE_WITHDRAWAL: slice(32, 40), Kind.CANCEL_LIST: slice(48, 56)}
_UNSAID = {"kind", "version", "raw", "limits"}
_NAMING = (Kind.CANCEL, Kind.REPLACE, Kind.CANCEL_EXTENDED, Kind.REPLACE_EXTENDED)


class AnyEngine(Protocol):
    """What both engines can do."""

    @property
    def digest(self) -> int:
        """The fold of all event records so far."""

    def apply_batch(self, records: bytes, /) -> bytes:
        """Apply commands and return their event records."""

    def state_hash(self) -> bytes:
        """Return the hash of the whole state."""


@dataclass(frozen=True)
class Options:
    """How both engines are made."""

    shard: int = 0
    work_max: int = 1024
    mass_max: int = 1024
    remembered_requests: int = 8
    check_invariants: bool = False
    money: bool = False
    accounts_max: int = 1 << 24
    asset_max: int = 65_535
    withdrawals_max: int = 128
    sources_max: int = 65_536


EngineFactory = Callable[[Options], AnyEngine]


@dataclass(frozen=True)
class Difference:
    """Where two engines parted: the commands up to there, the last of them the first to differ."""

    seed: int
    options: Options
    steps: list[Step]
    naive: list[bytes]
    other: list[bytes]

    def report(self) -> str:
        """Return what a person needs to find the mistake."""
        lines = [f"seed {self.seed}, {self.options}: the engines part at command {len(self.steps)}"]
        lines.append(f"  {describe_command(self.steps[-1].record)}")
        for name, events in (("naive", self.naive), ("other", self.other)):
            lines.append(f"{name}:")
            lines += [f"  {line}" for line in describe_all(b"".join(events))]
            lines += [f"  {record.hex()}" for record in events]
        if self.naive == self.other:
            lines.append("the events are equal, the states are not")
        return "\n".join(lines)


def naive_engine(options: Options) -> ReferenceEngine:
    """Make a naive engine."""
    return ReferenceEngine(**asdict(options))


def compare_stream(
    seed: int, count: int, options: Options, make_other: EngineFactory, resting: int = 100
) -> Difference | None:
    """Make a stream by seed, apply it to both engines, and return where they part, if they do."""
    naive, other = naive_engine(options), make_other(options)
    maker = (MoneyStreamMaker if options.money else StreamMaker)(seed, resting)
    steps: list[Step] = []
    first = money_opening() if options.money else opening()
    for chunk in _chunks(first, maker, naive, count):
        start = len(steps)
        events = bytearray()
        for step in chunk:
            _, made = naive.apply(step.record)
            maker.note_orders(accepted_orders(made), len(steps))
            events += b"".join(made)
            steps.append(step)
        found = bytes(other.apply_batch(b"".join(step.record for step in chunk)))
        hashes_due = start // HASH_EVERY != len(steps) // HASH_EVERY or len(steps) >= count
        if found != events or (hashes_due and naive.state_hash() != other.state_hash()):
            return first_difference(seed, steps, options, make_other, checks_hash=found == events)
    assert naive.digest == other.digest, "equal events have equal digests"
    return None


def _chunks(
    first: list[Step], maker: StreamMaker, naive: ReferenceEngine, count: int
) -> Iterator[list[Step]]:
    yield first
    for start in range(len(first), count, CHUNK):
        yield [maker.step(naive.machine) for _ in range(min(CHUNK, count - start))]


def accepted_orders(events: list[bytes]) -> list[int]:
    """Return the ids of the orders that a command made."""
    made = [
        order_id
        for kind, _, _, _, _, order_id, _ in map(EVENT.unpack, events)
        if kind == EventKind.ACCEPTED
    ]
    return [order_id for order_id in made if order_id]


def first_difference(
    seed: int,
    steps: list[Step],
    options: Options,
    make_other: EngineFactory,
    checks_hash: bool = True,
) -> Difference | None:
    """Apply steps one by one to two fresh engines and return the first that differs.

    A step that names an order, a list or a withdrawal finds it by the step that made it, so that a
    stream can lose other steps and keep its meaning.
    """
    naive, other = naive_engine(options), make_other(options)
    order_ids: dict[int, list[int]] = {}
    applied: list[Step] = []
    for position, step in enumerate(steps):
        record = _with_name(step, order_ids)
        applied.append(replace(step, record=record))
        _, made = naive.apply(record)
        order_ids[position] = accepted_orders(made)
        found = _split(other.apply_batch(record))
        same_state = not checks_hash or naive.state_hash() == other.state_hash()
        if found != made or not same_state:
            return Difference(seed, options, applied, made, found)
    return None


def _with_name(step: Step, order_ids: dict[int, list[int]]) -> bytes:
    """Return a step's command, naming what the step that made it made in this stream.

    A withdrawal and a list are named by their sequence, which is one more than their position.
    """
    record = step.record
    if step.maker is None:
        return record
    named = _SEQUENCES.get(Kind(record[0]))
    if named is not None:
        sequence = (step.maker + 1).to_bytes(8, "little")
        return record[: named.start] + sequence + record[named.stop :]
    made = order_ids.get(step.maker, [])
    if len(made) <= step.leg or record[0] not in _NAMING or not any(record[_ORDER_ID]):
        return record
    order_id = made[step.leg]
    return record[:ORDER_ID_OFFSET] + order_id.to_bytes(8, "little") + record[_ORDER_ID.stop :]


def _split(events: bytes) -> list[bytes]:
    data = bytes(events)
    return [data[at : at + EVENT.size] for at in range(0, len(data), EVENT.size)]


def shrink(
    difference: Difference, make_other: EngineFactory, commands: int = 100_000
) -> Difference:
    """Return a difference with a stream as short as applying so many commands can make it."""
    smallest = difference
    checks_hash = difference.naive == difference.other
    size = max(1, len(smallest.steps) // 2)
    while commands > 0:
        before = len(smallest.steps)
        at = max(0, before - 1 - size)
        while commands > 0:
            commands -= len(smallest.steps)
            kept = _without(smallest.steps, at, min(at + size, len(smallest.steps) - 1))
            found = first_difference(smallest.seed, kept, smallest.options, make_other, checks_hash)
            if found is not None and len(found.steps) < len(smallest.steps):
                smallest = found
            if at == 0:
                break
            at = max(0, min(at, len(smallest.steps) - 1) - size)
        if size == 1 and len(smallest.steps) == before:
            break
        size = max(1, size // 2)
    return smallest


def _without(steps: list[Step], start: int, end: int) -> list[Step]:
    """Return the steps less some, each still knowing the step that made its order."""
    kept = [at for at in range(len(steps)) if not start <= at < end]
    moved = {old: new for new, old in enumerate(kept)}
    return [
        replace(steps[at], maker=moved.get(maker) if maker is not None else None)
        for at in kept
        for maker in [steps[at].maker]
    ]


def describe_command(record: bytes) -> str:
    """Return a command as a line: its kind and the fields that are not zero."""
    _, command = read(record)
    if command is None:
        return f"no command: {record.hex()}"
    fields = {
        name: value
        for name, value in command._asdict().items()
        if name not in _UNSAID and value and value != bytes(_length(value))
    }
    said = ", ".join(f"{name}={_shorten(value)}" for name, value in fields.items())
    return f"{Kind(command.kind).name.lower()}({said})"


def _length(value: object) -> int:
    return len(value) if isinstance(value, bytes) else 0


def _shorten(value: object) -> str:
    return repr(value.rstrip(b"\0") if isinstance(value, bytes) else value)


def full_report(difference: Difference, make_other: EngineFactory) -> str:
    """Return the report of a difference, and of the same shrunk, with its stream."""
    smallest = shrink(difference, make_other)
    stream = [f"  {describe_command(step.record)}" for step in smallest.steps]
    data = b"".join(step.record for step in smallest.steps).hex()
    return "\n".join(
        [difference.report(), "", "shrunk:", smallest.report(), "stream:", *stream, data]
    )
