"""`outcry book`: the books of a recording, or of an instrument in a data directory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import polars as pl
import typer
from rich.console import Console

from outcry.cli.book_screen import show_books
from outcry.cli.data_directory import DATA, DataOption
from outcry.cli.exchange_book import show_book
from outcry.cli.json_text import JsonOption, print_json
from outcry.cli.reading import (
    STDIN,
    BadLimitOption,
    QuarantineOption,
    progress_bar,
    side_file,
    tell_bad,
)
from outcry.cli.whole_file import unfinished_beside, whole_file
from outcry.errors import InvalidValue
from outcry.feeds import BAD_LINES_MAX, BookReader, QuoteTape, VenueBook, VenueLevel

LEVELS_MAX: Final = 1_000
VENUES: Final = "binance, kraken, coinbase, okx, bybit"


@dataclass
class Recorded:
    """The books of a recording at its end, and their best levels on the way there."""

    reader: BookReader
    tapes: dict[str, QuoteTape] = field(default_factory=dict)


def book(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Recordings of one connection, in their order; - is stdin. One name that is no "
            "file is an instrument of the data directory.",
        ),
    ],
    *,
    levels: Annotated[int, typer.Option(min=1, max=LEVELS_MAX, help="Of each side.")] = 10,
    symbol: Annotated[
        str | None,
        typer.Option(help="The instrument to show; by default the one with the most changes."),
    ] = None,
    venue: Annotated[
        str | None,
        typer.Option(help=f"By default told by the messages: {VENUES}.", show_default=False),
    ] = None,
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw best levels, imbalance and depth.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every change of the best levels.")
    ] = None,
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Rebuild the books of a venue's recording, or show one of a data directory."""
    if _names_an_instrument(files):
        show_book(files[0], data, levels, as_json=as_json)
        return
    outputs = [path for path in (png, parquet) if path is not None]
    for path in outputs:
        # A name that cannot be written is told before the reading, not after it.
        unfinished_beside(path)
    recorded = _read(files, venue, quarantine, bad_limit, keeps_quotes=bool(outputs))
    chosen = _chosen(recorded.reader.books, symbol)
    if parquet is not None:
        with whole_file(parquet) as unfinished:
            _quotes(recorded, symbol).write_parquet(unfinished)
    if png is not None:
        tape = QuoteTape() if chosen is None else recorded.tapes[chosen.symbol]
        # Matplotlib takes longest of all to load, and few want a picture.
        from outcry.cli.book_picture import draw_book  # noqa: PLC0415 (as above)

        draw_book(chosen, tape.frame(), png)
    if as_json:
        print_json(_json(files, recorded.reader, levels))
    else:
        show_books(recorded.reader, chosen, levels, Console())


def _names_an_instrument(files: Sequence[str]) -> bool:
    return len(files) == 1 and files[0] != STDIN and not Path(files[0]).exists()


def _read(
    files: Sequence[str],
    venue: str | None,
    quarantine: Path | None,
    bad_limit: int,
    *,
    keeps_quotes: bool,
) -> Recorded:
    aside = side_file(files[0], quarantine)
    with progress_bar(files) as told_of:
        reader = BookReader(
            files, venue=venue, quarantine=aside, bad_limit=bad_limit, progress=told_of
        )
        recorded = Recorded(reader)
        for changed, _ in reader:
            if keeps_quotes:
                recorded.tapes.setdefault(changed.symbol, QuoteTape()).update(changed)
    tell_bad(reader.bad, aside)
    return recorded


def _chosen(books: dict[str, VenueBook], symbol: str | None) -> VenueBook | None:
    if symbol is None:
        return max(books.values(), key=lambda each: each.updates, default=None)
    if symbol not in books:
        bound = f"has no book; there are {', '.join(sorted(books)) or 'none'}"
        raise InvalidValue("symbol", symbol, bound)
    return books[symbol]


def _quotes(recorded: Recorded, symbol: str | None) -> pl.DataFrame:
    """Return the quotes of one book, or of all in one frame at their greatest scales."""
    frames = [
        tape.frame().select(pl.lit(name).alias("symbol"), pl.all())
        for name, tape in recorded.tapes.items()
        if symbol in {None, name}
    ]
    if not frames:
        return QuoteTape().frame().select(pl.lit("").alias("symbol"), pl.all())
    return pl.concat(frames, how="vertical_relaxed")


def _json(files: Sequence[str], reader: BookReader, levels: int) -> dict[str, Any]:
    return {
        "recordings": list(files),
        "venue": reader.venue,
        "bad_lines": dict(reader.bad),
        "quotes": reader.quotes,
        "wrong_quotes": reader.wrong_quotes,
        "books": [_book_json(each, levels) for each in reader.books.values()],
    }


def _book_json(book: VenueBook, levels: int) -> dict[str, Any]:
    bids, asks = book.depth()
    return {
        "symbol": book.symbol,
        "state": book.state.value,
        "updates": book.updates,
        "level_updates": book.level_updates,
        "gaps": book.gaps,
        "checksums": book.checksums,
        "wrong_checksums": book.wrong_checksums,
        "crossed": book.crossed,
        "last_id": book.last_id,
        "time_ns": book.time_ns,
        "order_flow_imbalance": f"{book.flow_decimal():f}",
        "bid_levels": bids,
        "ask_levels": asks,
        "bids": [_level_json(level) for level in book.bids(levels)],
        "asks": [_level_json(level) for level in book.asks(levels)],
    }


def _level_json(level: VenueLevel) -> dict[str, str]:
    return {"price": f"{level.price:f}", "quantity": f"{level.quantity:f}"}
