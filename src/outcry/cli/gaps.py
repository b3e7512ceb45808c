"""`outcry gaps`: fair value gaps of recorded trades, and what became of them."""

from typing import Annotated, Literal

import polars as pl
import typer
from rich.console import Console

from outcry.cli.candles_picture import draw_candles
from outcry.cli.market_input import (
    IntervalOption,
    JsonOption,
    ParquetOption,
    PngOption,
    SymbolOption,
    json_rows,
    print_json,
    show_table,
    write_parquet,
)
from outcry.cli.market_trades import Wanted, whole_bars
from outcry.cli.reading import (
    BadLimitOption,
    ColumnOption,
    FilesArgument,
    FormatOption,
    QuarantineOption,
)
from outcry.feeds import BAD_LINES_MAX
from outcry.marketdata import fair_value_gaps

SHOWN = ("confirmed_time", "bullish", "top", "bottom", "state", "fraction", "filled_time")


def gaps(
    files: FilesArgument,
    *,
    interval: IntervalOption = "1m",
    rule: Annotated[
        Literal["close", "direction"],
        typer.Option(help="What the middle bar must do: close beyond, or in the direction."),
    ] = "close",
    threshold: Annotated[float, typer.Option(min=0, help="Least height, as a share.")] = 0.0,
    symbol: SymbolOption = None,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
    trade_format: FormatOption = None,
    columns: ColumnOption = None,
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
) -> None:
    """Find fair value gaps, and follow them until they are filled."""
    wanted = Wanted(files, symbol, trade_format, columns, quarantine, bad_limit)
    bars = whole_bars(wanted, interval)
    found = fair_value_gaps(bars, rule, threshold, interval)
    if parquet is not None:
        write_parquet(found, parquet)
    if png is not None:
        draw_candles(bars, png, _spans(found))
    if as_json:
        print_json(json_rows(found))
        return
    console = Console()
    counts = found["state"].value_counts(sort=True).rows()
    told = ", ".join(f"{count:,} {state}" for state, count in counts)
    console.print(f"{found.height:,} gaps in {bars.height:,} candles of {interval}: {told}")
    show_table(console, found, SHOWN)


def _spans(found: pl.DataFrame) -> list[dict[str, object]]:
    start, end = pl.col("confirmed_time").alias("start"), pl.col("filled_time").alias("end")
    return found.select("top", "bottom", "bullish", start, end).to_dicts()
