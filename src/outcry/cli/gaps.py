"""`outcry gaps`: fair value gaps of recorded trades, and what became of them."""

from typing import Annotated, Literal

import typer

from outcry.cli.market_input import (
    IntervalOption,
    JsonOption,
    ParquetOption,
    PngOption,
    SymbolOption,
)
from outcry.cli.market_spans import Spans, tell_spans
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
    rows = fair_value_gaps(bars, rule, threshold, interval)
    found = Spans("gaps", rows, bars, interval, "bullish", "filled_time", SHOWN)
    tell_spans(found, png, parquet, as_json=as_json)
