"""The ending of the commands that find spans of price: files, JSON, counts and a table."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console

from outcry.cli.json_text import print_json
from outcry.cli.market_input import json_rows, show_table, write_parquet


@dataclass(frozen=True)
class Spans:
    """What was found in the candles of an interval.

    Attributes:
        name: What such spans are called, in the plural.
        rows: A row each, with `top`, `bottom`, `state` and `confirmed_time`.
        bars: The candles in which they were found.
        interval: Of the candles.
        bullish: The column that says whether prices were rising.
        end: The column of the time that ended it, null while it stands.
        shown: The columns of the table.
    """

    name: str
    rows: pl.DataFrame
    bars: pl.DataFrame
    interval: str
    bullish: str
    end: str
    shown: tuple[str, ...]


def closed_of(bars: pl.DataFrame) -> pl.DataFrame:
    """Return the candles that have closed: one that still forms confirms nothing."""
    return bars.filter("closed")


def tell_spans(found: Spans, png: Path | None, parquet: Path | None, *, as_json: bool) -> None:
    """Write the files asked for, and print JSON or the counts by state and a table.

    Raises:
        OutcryError: Something stands in the place of a file that is no regular file.
        OSError: A file cannot be written.
    """
    if parquet is not None:
        write_parquet(found.rows, parquet)
    if png is not None:
        # Matplotlib takes longest of all to load, and few want a picture.
        from outcry.cli.candles_picture import draw_candles  # noqa: PLC0415 (as above)

        draw_candles(found.bars, png, _drawn(found))
    if as_json:
        print_json(json_rows(found.rows))
        return
    console = Console()
    counts = found.rows["state"].value_counts(sort=True).rows()
    told = ", ".join(f"{count:,} {state}" for state, count in counts)
    where = f"{found.bars.height:,} candles of {found.interval}"
    console.print(f"{found.rows.height:,} {found.name} in {where}{': ' if told else ''}{told}")
    show_table(console, found.rows, found.shown)


def _drawn(found: Spans) -> list[dict[str, object]]:
    names = {found.bullish: "bullish", "confirmed_time": "start", found.end: "end"}
    return found.rows.select("top", "bottom", *names).rename(names).to_dicts()
