"""`outcry orderflow`: delta bars, cumulative delta and imbalance of recorded trades."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from matplotlib.figure import Figure
from rich.console import Console

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
from outcry.cli.market_trades import Wanted, whole_trades
from outcry.cli.reading import (
    BadLimitOption,
    ColumnOption,
    FilesArgument,
    FormatOption,
    QuarantineOption,
)
from outcry.cli.whole_file import whole_file
from outcry.feeds import BAD_LINES_MAX
from outcry.marketdata import delta_bars, footprint, imbalance

SHOWN = ("open_time", "volume", "delta", "min_delta", "max_delta", "cvd", "imbalance", "trades")
ROWS = ("open_time", "price", "sell_volume", "buy_volume", "sell_imbalance", "buy_imbalance")


def orderflow(
    files: FilesArgument,
    *,
    interval: IntervalOption = "1m",
    row_size: Annotated[
        str | None, typer.Option(help="Show the footprint in rows of this height instead.")
    ] = None,
    anchor: Annotated[
        str, typer.Option(help="The sum begins anew with each: 1d, 1w, ... or start.")
    ] = "1d",
    symbol: SymbolOption = None,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
    trade_format: FormatOption = None,
    columns: ColumnOption = None,
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
) -> None:
    """Show what buying and selling aggressors did, bar by bar or row by row."""
    wanted = Wanted(files, symbol, trade_format, columns, quarantine, bad_limit)
    trades = whole_trades(wanted)
    bars = delta_bars(trades, interval, None if anchor == "start" else anchor)
    bought = ((pl.col("volume") + pl.col("delta")).cast(pl.Float64) / 2).alias("buy_volume")
    bars = bars.with_columns(imbalance(bars.select(pl.col("volume").cast(pl.Float64), bought)))
    rows = bars if row_size is None else footprint(trades, interval, row_size)
    if parquet is not None:
        write_parquet(rows, parquet)
    if png is not None:
        _draw(bars, png)
    if as_json:
        print_json(json_rows(rows))
        return
    show_table(Console(), rows, SHOWN if row_size is None else ROWS)


def _draw(bars: pl.DataFrame, path: Path) -> None:
    """Draw delta bars with their extremes, and their sum."""
    figure = Figure(figsize=(14.0, 8.0), dpi=120, facecolor="#ffffff", layout="constrained")
    deltas, sums = figure.subplots(2, 1, sharex=True)
    times = bars["open_time"].to_numpy()
    names = ("delta", "min_delta", "max_delta", "cvd")
    delta, least, greatest, cvd = (bars[n].cast(pl.Float64).to_numpy() for n in names)
    width = (times[1:] - times[:-1]).min() * 0.7 if len(times) > 1 else 0.0004
    colours = ["#1a9e6c" if each >= 0 else "#d1495b" for each in delta]
    deltas.vlines(times, least, greatest, colors=colours, lw=0.8)
    deltas.bar(times, delta, width, color=colours)
    deltas.set_title("delta, and its extremes on the way", loc="left", weight="bold")
    sums.step(times, cvd, where="post", color="#2b2d42")
    sums.set_title("cumulative volume delta", loc="left", weight="bold")
    sums.set_xlabel("UTC")
    with whole_file(path) as unfinished:
        figure.savefig(unfinished, format="png")
