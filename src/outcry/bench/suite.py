"""The rows by name, and how they are measured one after another."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from outcry import _native
from outcry.bench import (
    bourse_peer,
    candle_rows,
    exchange_rows,
    feed_rows,
    programs,
    python_rows,
    rest_rows,
)
from outcry.bench.figure import Figure, PeerFigure, Report, Row
from outcry.bench.machine import commit, this_machine
from outcry.bench.order_flow import COUNT, order_flow
from outcry.errors import InvalidValue, UnverifiedFigure

WORST: Final = "matching/w1/worst"
SCENARIOS: Final = tuple(
    f"matching/w1/{name}" for name in ("static", "normal", "swing-25", "swing-40", "flash-crash")
)
LATENCY: Final = "latency/w1"
LATENCIES: Final = tuple(f"{LATENCY}/{percentile}" for percentile in ("p50", "p99", "p99.99"))
MEMORY: Final = "memory/resting_order"
OPEN_LOOP: Final = "exchange/durable_open_loop"
OPEN_LOOPS: Final = tuple(f"{OPEN_LOOP}/{percentile}" for percentile in ("p50", "p99", "p99.9"))
SNAPSHOTS: Final = f"{OPEN_LOOP}_snapshots"
SNAPSHOT_TIMES: Final = tuple(f"{SNAPSHOTS}/{time}" for time in ("p50", "p99", "longest"))
RECOVERY: Final = "recovery/1m_orders"
PYTHON: Final = (python_rows.ONE_CALL, python_rows.ONE_CALL_DECIMAL, python_rows.BATCH)
NAMES: Final = (
    *SCENARIOS,
    WORST,
    "matching/w2",
    "matching/w5",
    "book/1m_live",
    "exchange/no_journal",
    "exchange/durable",
    *OPEN_LOOPS,
    *SNAPSHOT_TIMES,
    exchange_rows.ASYNCIO_PLACE,
    RECOVERY,
    "journal/replay",
    *candle_rows.ROWS,
    *feed_rows.ROWS,
    *rest_rows.NAMES,
    *PYTHON,
    *LATENCIES,
    MEMORY,
)

# What is measured at once, and the rows that it gives.
MEASURED_AT_ONCE: Final = {
    LATENCY: LATENCIES,
    OPEN_LOOP: OPEN_LOOPS,
    SNAPSHOTS: SNAPSHOT_TIMES,
    rest_rows.ORDER_SIGNED: (rest_rows.ORDER_SIGNED, rest_rows.ORDER_P99),
}
_AT_ONCE_OF: Final = {row: one for one, rows in MEASURED_AT_ONCE.items() for row in rows}

# Each program takes part where it can do the flow.
PEER_WORKLOADS: Final = {
    **{name: f"w1/{name.rsplit('/', 1)[1]}" for name in SCENARIOS},
    "matching/w2": "w2",
    "matching/w5": "w5",
}
# A peer that is slower by a factor of ten or more would take most of the time.
PROGRAM_RUNS_MAX: Final = 3
QUICK_COUNT: Final = 2_000

Told = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        names: Of `NAMES`, those wanted.
        runs: How often each, with a fresh engine each time.
        quick: Cut the workloads short, to see that all works.
        peers: The folder with the programs of peers.
        folder: Where what needs a disk may write: in folders of its own, which it removes.
    """

    names: tuple[str, ...]
    runs: int
    quick: bool
    peers: Path
    folder: Path

    @property
    def count(self) -> int:
        """Where workloads are cut short; 0 takes them whole."""
        return QUICK_COUNT if self.quick else 0


def choose(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the rows that are named or that begin so; all for no name.

    Raises:
        InvalidValue: A name is neither a row nor the head of one.

    >>> choose(["latency", "matching/w5"])
    ('matching/w5', 'latency/w1/p50', 'latency/w1/p99', 'latency/w1/p99.99')
    """
    chosen = set[str]()
    for each in wanted:
        head = each.rstrip("/")
        found = {name for name in NAMES if name == head or name.startswith(f"{head}/")}
        if not found:
            raise InvalidValue("row", each, f"is no row and no head of {', '.join(NAMES)}")
        chosen |= found
    return tuple(name for name in NAMES if not chosen or name in chosen)


def measure(plan: Plan, told: Told) -> Report:
    """Measure what is planned; `told` hears each name before its turn."""
    report = Report(this_machine(), commit(), plan.quick)
    with TemporaryDirectory(prefix="outcry-bench-") as folder:
        for name in _measured(plan.names):
            told(name)
            with _failing_into(report, name):
                report.rows += _rows(name, plan, report, Path(folder), told)
    if WORST in plan.names:
        _add_worst(report)
    order = {name: place for place, name in enumerate(NAMES)}
    wanted = [row for row in report.rows if row.figure.name in plan.names]
    report.rows = sorted(wanted, key=lambda row: order[row.figure.name])
    return report


def _measured(names: Sequence[str]) -> tuple[str, ...]:
    """Return what the core or Python measures at once, of which some gives several rows."""
    rows = (*SCENARIOS, *(name for name in NAMES if name not in {*SCENARIOS, WORST}))
    wanted = {*names, *(SCENARIOS if WORST in names else ())}
    # Keys of a dictionary are distinct and in order.
    return tuple(dict.fromkeys(_AT_ONCE_OF.get(row, row) for row in rows if row in wanted))


@contextmanager
def _failing_into(report: Report, name: str) -> Iterator[None]:
    """Keep what is wrong with a row in the report, and go on with the others."""
    try:
        yield
    except UnverifiedFigure as error:
        report.failures[name] = error.problem


def _rows(name: str, plan: Plan, report: Report, folder: Path, told: Told) -> list[Row]:
    if name in PYTHON:
        return [_python_row(name, plan, report, told)]
    if name == exchange_rows.ASYNCIO_PLACE:
        return [Row(exchange_rows.asyncio_place(plan.folder, plan.runs, plan.count))]
    if name in rest_rows.ROWS:
        return rest_rows.ROWS[name](plan.folder, plan.runs, plan.count)
    own = {**candle_rows.ROWS, **feed_rows.ROWS}
    if name in own:
        return [own[name](folder, plan.runs, plan.count)]
    child = exchange_rows.first_order_command()
    measured = _native.measure(name, plan.runs, plan.count, plan.folder, child)
    figures = [Figure(own, unit, tuple(runs), setting) for own, unit, runs, setting in measured]
    if name not in PEER_WORKLOADS:
        return [Row(figure) for figure in figures]
    return [Row(figures[0], tuple(_program_figures(name, plan, report, folder, told)))]


def _python_row(name: str, plan: Plan, report: Report, told: Told) -> Row:
    flow = order_flow(plan.count or COUNT)
    ours, theirs = {
        python_rows.ONE_CALL: (python_rows.one_call, bourse_peer.one_call),
        python_rows.ONE_CALL_DECIMAL: (python_rows.one_call_decimal, bourse_peer.one_call),
        python_rows.BATCH: (python_rows.batch, bourse_peer.batch),
    }[name]
    figure = ours(flow, plan.runs)
    if bourse_peer.bourse_version() is None:
        report.notes[bourse_peer.NAME] = "not installed; `pip install outcry[bench]` brings it"
        return Row(figure)
    told(f"{name}: {bourse_peer.NAME}")
    return Row(figure, (theirs(flow, plan.runs),))


def _program_figures(
    name: str, plan: Plan, report: Report, folder: Path, told: Told
) -> Iterator[PeerFigure]:
    present = []
    for peer in programs.PROGRAMS:
        program = plan.peers / peer
        if program.is_file():
            present.append(program)
        else:
            report.notes[peer] = f"not built: {program} is absent; `make bench` builds what it can"
    if not present:
        return
    flow = programs.write_flow(PEER_WORKLOADS[name], plan.count, folder)
    for program in present:
        told(f"{name}: {program.name}")
        try:
            yield programs.measure(program, flow, min(plan.runs, PROGRAM_RUNS_MAX))
        except programs.PeerError as error:
            report.notes[program.name] = str(error)
    flow.log.unlink()


def _add_worst(report: Report) -> None:
    """Add the scenario with the lowest median, ours and each peer's, where all five are there."""
    rows = [row for row in report.rows if row.figure.name in SCENARIOS]
    if len(rows) < len(SCENARIOS):
        missing = [name for name in SCENARIOS if name in report.failures]
        report.failures[WORST] = f"there is no figure of {', '.join(missing)}"
        return
    ours = min((row.figure for row in rows), key=lambda figure: figure.median)
    peers = []
    for peer in rows[0].peers:
        same = [each for row in rows for each in row.peers if each.name == peer.name]
        if len(same) == len(rows):
            peers.append(min(same, key=lambda each: each.figure.median))
    setting = f"the lowest median of the five, {ours.name}: {ours.setting}"
    report.rows.append(Row(replace(ours, name=WORST, setting=setting), tuple(peers)))
