"""The terminal view of a running exchange: book, tape, and how it is doing."""

from dataclasses import dataclass
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from outcry.cli.book_tables import ladder, tape
from outcry.cli.chart import DIM
from outcry.cli.figures import SECOND_NS
from outcry.cli.traders import Demo
from outcry.exchange import Exchange
from outcry.exchange.local_reads import Recovery, Status

LEVELS_MAX: Final = 10
BAR_COLUMNS_MAX: Final = 12
# Lines of a panel that are none of what it shows: its frame, and the head of a table in it.
_FRAME: Final = 2
_HEAD: Final = 1
_GAP: Final = 1
_MIB: Final = 1 << 20
_THOUSAND: Final = 1_000


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


def view(exchange: Exchange, demo: Demo, pulse: Pulse, console: Console) -> RenderableType:
    """Draw an exchange as it stands now, as much of it as the console has room for.

    Book, trades and figures stand side by side; where that is too wide the trades go below the
    figures, and where that is too wide as well all three stand one below the other.
    """
    watched = demo.watched
    levels = max(1, min(LEVELS_MAX, (console.height - _FRAME - _HEAD - 1) // 2))
    depth = exchange.depth(watched, levels)
    figures = _figures(exchange.status(), demo, pulse)
    book_lines = len(depth.bids) + len(depth.asks) + 1

    def book(bar_columns: int) -> Panel:
        title = f"{watched.symbol}: the book"
        return _panel(ladder(depth.bids, depth.asks, bar_columns), title)

    def trades(lines: int) -> list[Panel]:
        count = max(0, lines - _HEAD)
        return [_panel(tape(list(demo.flow.tape)[-count:]), "last trades")] if count else []

    wide = [book(BAR_COLUMNS_MAX), *trades(book_lines + _HEAD), _panel(figures, "exchange")]
    if _width(console, *wide) <= console.width:
        return _side_by_side(*wide)
    side = _panel(figures, "exchange")
    side_lines = book_lines + _HEAD - figures.row_count - _FRAME
    room = console.width - _width(console, book(1), side)
    if room >= 0:
        bar_columns = min(BAR_COLUMNS_MAX, 1 + room // 2)
        return _side_by_side(book(bar_columns), Group(side, *trades(side_lines)))
    room = console.width - _width(console, book(1))
    return Group(book(max(1, min(BAR_COLUMNS_MAX, 1 + room // 2))), side)


def _panel(table: Table, title: str) -> Panel:
    return Panel(table, title=title, box=box.ROUNDED, expand=False)


def _width(console: Console, *panels: Panel) -> int:
    """Return how many columns panels take side by side."""
    widths = [console.measure(panel.renderable).maximum + 2 * _FRAME for panel in panels]
    return sum(widths) + _GAP * (len(panels) - 1)


def _side_by_side(*parts: RenderableType) -> Table:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_row(*parts)
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
