"""A book as a ladder and trades as a tape, for whatever shows them."""

from collections.abc import Sequence
from decimal import Decimal

from rich.align import AlignMethod
from rich.table import Table
from rich.text import Text

from outcry.cli.chart import DIM, DOWN, UP, bar
from outcry.cli.figures import clock, grouped
from outcry.cli.report import Trade
from outcry.exchange import Level


def ladder(bids: Sequence[Level], asks: Sequence[Level], bar_columns: int) -> Table:
    """Make a table of a book, asks above bids, with bars of at most so many columns."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=DIM)
    for name in ("#", "bid", "", "price", "", "ask", "#"):
        table.add_column(name, justify="right", no_wrap=True)
    greatest = max((level.quantity for level in (*bids, *asks)), default=Decimal(1))

    def drawn(level: Level, colour: str, align: AlignMethod) -> tuple[Text, Text, Text, Text]:
        length = Text(bar(level.quantity, greatest, bar_columns), colour)
        length.align(align, bar_columns)
        return (
            Text(f"{level.orders:,}", DIM),
            Text(grouped(level.quantity)),
            length,
            Text(grouped(level.price), f"bold {colour}"),
        )

    for level in reversed(asks):
        orders, quantity, length, price = drawn(level, DOWN, "left")
        table.add_row("", "", "", price, length, quantity, orders)
    table.add_row("", "", "", _spread(bids, asks), "", "", "")
    for level in bids:
        orders, quantity, length, price = drawn(level, UP, "right")
        table.add_row(orders, quantity, length, price, "", "", "")
    return table


def _spread(bids: Sequence[Level], asks: Sequence[Level]) -> Text:
    if not bids or not asks:
        return Text("one-sided" if bids or asks else "empty", DIM)
    return Text(f"↕ {grouped(asks[0].price - bids[0].price)}", DIM)


def tape(trades: Sequence[Trade]) -> Table:
    """Make a table of trades, the last one first."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=DIM)
    for name in ("time", "price", "quantity"):
        table.add_column(name, justify="right", no_wrap=True)
    for trade in reversed(trades):
        is_buy = trade.aggressor == "buy"
        price = Text(f"{'▲' if is_buy else '▼'} {grouped(trade.price)}", UP if is_buy else DOWN)
        table.add_row(Text(clock(trade.time_ns), DIM), price, grouped(trade.quantity))
    return table
