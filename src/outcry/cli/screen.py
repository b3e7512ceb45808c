"""A replay as people like to look at it: the book as a ladder, the tape, the candles."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from outcry.cli.book_tables import ladder, tape
from outcry.cli.chart import DIM, candle_chart, colour_of
from outcry.cli.figures import SECOND_NS, as_precise_as, clock, grouped
from outcry.cli.report import Candle, Market, Report
from outcry.errors import UnknownSymbol
from outcry.feeds import LobsterReplay, Outcome

BAR_COLUMNS: Final = (16, 12, 8, 6, 4, 3)
TRADES_SHOWN_MIN: Final = 5
WIDTH_MAX: Final = 1_000
CHART_ROWS: Final = 12
CANDLES_LISTED: Final = 5
REASONS_SHOWN: Final = 5

OUTCOMES: Final = {
    Outcome.FIRST: "the engine matched the recorded order",
    Outcome.PUBLISHED_LATE: "the recorded order was published behind younger ones",
    Outcome.PASSED_OVER: "the venue passed over an older order",
    Outcome.BETTER_PRICE: "the book had a better price",
    Outcome.SHORT: "the book had too little",
}


def show(report: Report, console: Console, symbol: str | None) -> None:
    """Print a report, with the instrument of this symbol, or with the busiest one.

    Raises:
        UnknownSymbol: When no instrument has this symbol.
    """
    market = _chosen(report.markets, symbol)
    console.print(_speed(report))
    if market is not None:
        console.print(_book_and_tape(market, console))
        if market.candles:
            console.print(_chart(market, console.width))
            console.print(_candles(market.candles[-CANDLES_LISTED:]))
    others = [other for other in report.markets if other is not market]
    if others:
        console.print(_others(others))
    if isinstance(report.replay, LobsterReplay):
        console.print(_comparison(report.replay))
    console.print(_ending(report))


def _chosen(markets: Sequence[Market], symbol: str | None) -> Market | None:
    if symbol is None:
        return max(markets, key=lambda market: market.trades, default=None)
    for market in markets:
        if market.symbol == symbol:
            return market
    raise UnknownSymbol(symbol)


def _speed(report: Report) -> Text:
    text = Text()
    text.append(f"{report.messages:,} messages", "bold")
    text.append(f" in {report.elapsed_ns / SECOND_NS:.2f} s: ")
    text.append(f"{report.messages_per_second:,} messages/s", "bold")
    text.append(f"\nthe engine alone: {report.engine_commands_per_second:,} commands/s", DIM)
    return text


def _book_and_tape(market: Market, console: Console) -> Table:
    """Put the ladder beside the tape, with bars as long as the screen has room for."""
    rows = max(len(market.bids) + len(market.asks) + 1, TRADES_SHOWN_MIN)
    unbounded = console.options.update_width(WIDTH_MAX)
    grid = Table.grid()
    for columns in BAR_COLUMNS:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(
            Panel(
                ladder(market.bids, market.asks, columns),
                title=f"{market.symbol}: the book",
                box=box.ROUNDED,
            ),
            Panel(tape(market.last_trades[-rows:]), title="last trades", box=box.ROUNDED),
        )
        if console.measure(grid, options=unbounded).maximum <= console.width:
            break
    return grid


def _chart(market: Market, width: int) -> Panel:
    axis = max(len(grouped(price)) for candle in market.candles for price in _extremes(candle))
    # A frame with its padding takes four columns, the gap before the axis two.
    room = max(width - axis - 6, 1)
    columns = 2 if len(market.candles) * 2 <= room else 1
    candles = market.candles[-(room // columns) :]
    lines = candle_chart(candles, CHART_ROWS, columns)
    extremes = [price for candle in candles for price in _extremes(candle)]
    labels = {0: max(extremes), CHART_ROWS - 1: min(extremes)}
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    for row, line in enumerate(lines):
        grid.add_row(line, Text(grouped(labels[row]) if row in labels else "", DIM))
    span = f"{clock(candles[0].open_time_ns)} to {clock(candles[-1].open_time_ns)}"
    return Panel(grid, title="1-minute candles", subtitle=span, box=box.ROUNDED, expand=False)


def _extremes(candle: Candle) -> tuple[Decimal, Decimal]:
    return candle.low, candle.high


def _candles(candles: Sequence[Candle]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=DIM)
    for name in ("minute", "open", "high", "low", "close", "volume", "vwap", "trades", "bought"):
        table.add_column(name, justify="right", no_wrap=True)
    for candle in candles:
        prices = (candle.open, candle.high, candle.low, candle.close)
        table.add_row(
            # A candle that trades can still join is marked.
            Text(clock(candle.open_time_ns)[:5] + (" " if candle.closed else "…"), DIM),
            *(Text(grouped(price), colour_of(candle)) for price in prices),
            grouped(candle.volume),
            grouped(as_precise_as(candle.vwap, candle.close)),
            f"{candle.trades:,}",
            f"{100 * candle.buy_volume / candle.volume:.0f} %",
        )
    return table


def _others(markets: Sequence[Market]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style=DIM)
    for name in ("others", "best bid", "best ask", "last", "trades"):
        table.add_column(name, justify="right", no_wrap=True)
    for market in markets:
        table.add_row(
            market.symbol,
            grouped(market.bids[0].price) if market.bids else "",
            grouped(market.asks[0].price) if market.asks else "",
            grouped(market.last_trades[-1].price) if market.last_trades else "",
            f"{market.trades:,}",
        )
    return table


def _comparison(replay: LobsterReplay) -> Table:
    """Say how the recorded executions compare with what the engine matched."""
    table = Table(box=None, padding=(0, 1), header_style=DIM)
    table.add_column("recorded executions", no_wrap=True)
    table.add_column("seen to arrive", justify="right")
    table.add_column("first book", justify="right")
    for outcome, words in OUTCOMES.items():
        seen, seeded = replay.executions[outcome], replay.seeded_executions[outcome]
        if seen or seeded:
            table.add_row(words, f"{seen:,}", f"{seeded:,}")
    all_seen, all_seeded = replay.executions.total(), replay.seeded_executions.total()
    table.add_row("all", f"{all_seen:,}", f"{all_seeded:,}", style="bold")
    return table


def _ending(report: Report) -> Text:
    replay = report.replay
    text = Text()
    if replay.rejected:
        reasons = replay.rejected.most_common(REASONS_SHOWN)
        named = ", ".join(f"{reason} {count:,}" for reason, count in reasons)
        more = "" if len(replay.rejected) <= REASONS_SHOWN else ", ..."
        text.append(f"refused {replay.rejected.total():,}: {named}{more}\n", DIM)
    if isinstance(replay, LobsterReplay) and replay.unpublished:
        text.append(f"{replay.unpublished:,} messages name orders that were never published\n", DIM)
    text.append(f"trades {replay.tape.trades:,}  sequence {replay.engine.sequence:,}  ", DIM)
    text.append(f"digest {replay.engine.digest:016x}", DIM)
    return text
