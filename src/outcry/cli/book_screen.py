"""Books of a recording as people like to look at them: a ladder with depth, and all at a glance."""

from decimal import Decimal
from typing import Final

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from outcry.cli.chart import DIM, DOWN, UP, bar
from outcry.cli.figures import grouped
from outcry.feeds import BookReader, BookState, VenueBook, VenueLevel

BAR_COLUMNS: Final = 24


def show_books(reader: BookReader, chosen: VenueBook | None, levels: int, console: Console) -> None:
    """Print the chosen book as a ladder, all books as a table, and what proves them."""
    if chosen is None:
        console.print(Text("the recording has no book", DIM))
        return
    title = f"{chosen.symbol} at {reader.venue}"
    console.print(Panel(_ladder(chosen, levels), title=title, box=box.ROUNDED, expand=False))
    console.print(_overview(reader))
    console.print(_proof(reader))


def _ladder(book: VenueBook, levels: int) -> Table | Text:
    bids, asks = book.bids(levels), book.asks(levels)
    if book.state is not BookState.LIVE:
        return Text(f"not shown: {book.state.value}", "bold yellow")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style=DIM)
    for name in ("quantity", "price", "depth"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, width=BAR_COLUMNS)
    sums = _sums(asks), _sums(bids)
    greatest = max((total for side in sums for total in side), default=Decimal(1))
    places = (
        _decimals([level.price for level in (*bids, *asks)]),
        _decimals([level.quantity for level in (*bids, *asks)]),
    )
    for level, total in reversed(list(zip(asks, sums[0], strict=True))):
        table.add_row(*_row(level, total, greatest, places, DOWN))
    table.add_row("", _spread(bids, asks), "", "")
    for level, total in zip(bids, sums[1], strict=True):
        table.add_row(*_row(level, total, greatest, places, UP))
    return table


def _decimals(values: list[Decimal]) -> int:
    """Return how many decimals show all of them."""
    return max((-int(each.as_tuple().exponent) for each in values), default=0)


def _row(
    level: VenueLevel, total: Decimal, greatest: Decimal, places: tuple[int, int], colour: str
) -> tuple[str, Text, str, Text]:
    price, quantity = places
    return (
        f"{level.quantity:,.{quantity}f}",
        Text(f"{level.price:,.{price}f}", f"bold {colour}"),
        f"{total:,.{quantity}f}",
        Text(bar(total, greatest, BAR_COLUMNS), colour),
    )


def _sums(levels: list[VenueLevel]) -> list[Decimal]:
    """Return how much stands at each level and before it."""
    total, sums = Decimal(0), []
    for level in levels:
        total += level.quantity
        sums.append(total)
    return sums


def _spread(bids: list[VenueLevel], asks: list[VenueLevel]) -> Text:
    if not bids or not asks:
        return Text("one-sided" if bids or asks else "empty", DIM)
    return Text(f"↕ {grouped(asks[0].price - bids[0].price)}", DIM)


def _overview(reader: BookReader) -> Table:
    table = Table(box=None, padding=(0, 1), header_style=DIM)
    table.add_column("book", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for name in ("best bid", "best ask", "updates", "gaps", "checksums", "OFI"):
        table.add_column(name, justify="right", no_wrap=True)
    for book in sorted(reader.books.values(), key=lambda each: -each.updates):
        bids, asks = book.bids(1), book.asks(1)
        live = book.state is BookState.LIVE
        table.add_row(
            book.symbol,
            Text(book.state.value, UP if live else "bold yellow"),
            grouped(bids[0].price) if bids else "",
            grouped(asks[0].price) if asks else "",
            f"{book.updates:,}",
            Text(f"{book.gaps:,}", "bold red" if book.gaps else DIM),
            _checksums(book),
            grouped(book.flow_decimal()),
        )
    return table


def _checksums(book: VenueBook) -> Text:
    every = book.checksums + book.wrong_checksums
    if not every:
        return Text("")
    return Text(f"{book.checksums:,} of {every:,}", "bold red" if book.wrong_checksums else UP)


def _proof(reader: BookReader) -> Text:
    levels = sum(book.level_updates for book in reader.books.values())
    text = Text(f"{levels:,} level updates", DIM)
    if reader.quotes:
        right = reader.quotes - reader.wrong_quotes
        text.append(f"; best levels as the venue told them at {right:,} of {reader.quotes:,} ids")
    return text
