"""The terminal view of a running exchange: book, tape, and how it is doing."""

from dataclasses import dataclass

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from outcry.cli.book_tables import ladder, tape
from outcry.cli.chart import DIM
from outcry.cli.figures import SECOND_NS
from outcry.cli.traders import Demo
from outcry.exchange import Exchange
from outcry.exchange.local_reads import Recovery, Status

LEVELS = 10
BAR_COLUMNS = 12
_MIB = 1 << 20
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """What was counted over the last stretch of time.

    Attributes:
        commands_per_second: Commands that were answered.
        trades_per_second: Trades.
    """

    commands_per_second: int
    trades_per_second: int


def duration(nanoseconds: int) -> str:
    """Return a duration in the unit that reads best.

    >>> duration(950), duration(173_000), duration(12_340_000), duration(2_500_000_000)
    ('950 ns', '173 µs', '12.3 ms', '2.50 s')
    """
    if nanoseconds < _THOUSAND:
        return f"{nanoseconds} ns"
    if nanoseconds < _THOUSAND**2:
        return f"{nanoseconds / _THOUSAND:.0f} µs"
    if nanoseconds < SECOND_NS:
        return f"{nanoseconds / _THOUSAND**2:.1f} ms"
    return f"{nanoseconds / SECOND_NS:.2f} s"


def opening_lines(directory: str, durability: str, recovery: Recovery) -> list[str]:
    """Say what an exchange that was just opened stands on."""
    lines = [f"{directory}: durability {durability}"]
    if recovery.is_new:
        lines.append("a new exchange")
    else:
        snapshot = recovery.snapshot_sequence
        source = "the journal" if snapshot is None else f"snapshot {snapshot:,}"
        lines.append(
            f"goes on at {recovery.sequence:,}: {source} and {recovery.replayed_commands:,}"
            f" commands in {duration(recovery.duration_ns)}"
        )
    if recovery.cut_bytes:
        lines.append(f"cut {recovery.cut_bytes:,} bytes that nobody was told of")
    return lines + recovery.notes


def plain_line(status: Status, demo: Demo, pulse: Pulse) -> str:
    """Say in one line how an exchange is doing."""
    return (
        f"sequence {status.sequence:,}  {pulse.commands_per_second:,} orders/s"
        f"  {pulse.trades_per_second:,} trades/s  open {status.open_orders:,}"
        f"  acknowledged p50 {duration(demo.flow.latency_ns(50))}"
        f" p99 {duration(demo.flow.latency_ns(99))}"
        f"  fsync p50 {duration(status.fsync_p50_ns)}"
        f"  follower {status.follower_lag_commands:,} behind"
        f"  snapshot {status.snapshot_sequence:,}"
    )


def view(exchange: Exchange, demo: Demo, pulse: Pulse) -> RenderableType:
    """Draw an exchange as it stands now."""
    watched = demo.watched
    depth = exchange.depth(watched, LEVELS)
    grid = Table.grid(padding=(0, 1))
    trades = list(demo.flow.tape)[-2 * LEVELS - 1 :]
    grid.add_row(
        Panel(
            ladder(depth.bids, depth.asks, BAR_COLUMNS),
            title=f"{watched.symbol}: the book",
            box=box.ROUNDED,
        ),
        Panel(tape(trades), title="last trades", box=box.ROUNDED),
        Panel(_figures(exchange.status(), demo, pulse), title="exchange", box=box.ROUNDED),
    )
    return grid


def _figures(status: Status, demo: Demo, pulse: Pulse) -> Table:
    flow = demo.flow
    snapshot = f"{status.snapshot_sequence:,}, {status.snapshot_age_ms / _THOUSAND:.1f} s ago"
    stretched = " (stretched)" if status.snapshot_is_stretched else ""
    rows = {
        "orders/s": f"{pulse.commands_per_second:,}",
        "trades/s": f"{pulse.trades_per_second:,}",
        "sequence": f"{status.sequence:,}",
        "open orders": f"{status.open_orders:,}",
        "refused": f"{demo.refused:,}",
        "acknowledged p50": duration(flow.latency_ns(50)),
        "acknowledged p99": duration(flow.latency_ns(99)),
        "durability": status.durability,
        "journal": f"{status.journal_bytes / _MIB:.1f} MiB",
        "fsyncs": f"{status.fsyncs:,}",
        "fsync p50": duration(status.fsync_p50_ns),
        "fsync p99": duration(status.fsync_p99_ns),
        "follower": f"{status.follower_lag_commands:,} behind",
        "snapshot": snapshot,
        "every": f"{status.snapshot_interval_ms:,} ms{stretched}",
    }
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style=DIM, no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=14)
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table
