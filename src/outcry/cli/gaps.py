"""`outcry gaps`: fair value gaps of recorded trades, and what became of them."""

from typing import Annotated, Literal

import typer

from outcry.cli.json_text import JsonOption
from outcry.cli.market_input import IntervalOption, ParquetOption, PngOption
from outcry.cli.market_spans import Spans, closed_of, tell_spans
from outcry.cli.market_trades import Wanted, busiest_candles, reads_trades
from outcry.marketdata import fair_value_gaps

SHOWN = ("confirmed_time", "bullish", "top", "bottom", "state", "fraction", "filled_time")


@reads_trades
def gaps(
    wanted: Wanted,
    *,
    interval: IntervalOption = "1m",
    rule: Annotated[
        Literal["close", "direction"],
        typer.Option(help="What the middle bar must do: close beyond, or in the direction."),
    ] = "close",
    threshold: Annotated[float, typer.Option(min=0, help="Least height, as a share.")] = 0.0,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find fair value gaps, and follow them until they are filled."""
    bars = busiest_candles(wanted, interval)
    rows = fair_value_gaps(closed_of(bars), rule, threshold, interval)
    found = Spans("gaps", rows, bars, interval, "bullish", "filled_time", SHOWN)
    tell_spans(found, png, parquet, as_json=as_json)
