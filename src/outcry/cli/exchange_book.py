"""The book of an instrument in a data directory, which `outcry book` shows."""

from pathlib import Path
from typing import Final

from rich.console import Console

from outcry.cli.book_tables import ladder
from outcry.cli.data_directory import opened, show_row

BAR_COLUMNS: Final = 16


def show_book(symbol: str, data: Path, levels: int, *, as_json: bool) -> None:
    """Print a book of a data directory as a ladder, or as JSON with its last trade."""
    with opened(data) as exchange:
        depth = exchange.depth(symbol, levels)
        last = exchange.last_trade(symbol)
    if as_json:
        row = {
            "symbol": symbol,
            "update_number": depth.update_number,
            "last_trade": last,
            "bids": [level._asdict() for level in depth.bids],
            "asks": [level._asdict() for level in depth.asks],
        }
        show_row(row, as_json=True)
        return
    Console().print(ladder(depth.bids, depth.asks, BAR_COLUMNS))
