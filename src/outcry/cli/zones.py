"""`outcry zones`: supply and demand zones of recorded trades, and what became of them."""

import polars as pl
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
from outcry.marketdata import zones as find_zones

SHOWN = ("confirmed_time", "pattern", "top", "bottom", "strength", "state", "tests", "broken_time")


def zones(
    files: FilesArgument,
    *,
    interval: IntervalOption = "1m",
    symbol: SymbolOption = None,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
    trade_format: FormatOption = None,
    columns: ColumnOption = None,
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
) -> None:
    """Find supply and demand zones, and follow them until they break."""
    wanted = Wanted(files, symbol, trade_format, columns, quarantine, bad_limit)
    bars = whole_bars(wanted, interval)
    found = find_zones(bars)
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
    console.print(f"{found.height:,} zones in {bars.height:,} candles of {interval}: {told}")
    show_table(console, found, SHOWN)


def _spans(found: pl.DataFrame) -> list[dict[str, object]]:
    start, end = pl.col("confirmed_time").alias("start"), pl.col("broken_time").alias("end")
    rises = pl.col("demand").alias("bullish")
    return found.select("top", "bottom", rises, start, end).to_dicts()
