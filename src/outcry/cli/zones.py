"""`outcry zones`: supply and demand zones of recorded trades, and what became of them."""

from outcry.cli.json_text import JsonOption
from outcry.cli.market_input import IntervalOption, ParquetOption, PngOption
from outcry.cli.market_spans import Spans, closed_of, tell_spans
from outcry.cli.market_trades import Wanted, busiest_candles, reads_trades
from outcry.marketdata import zones as find_zones

SHOWN = ("confirmed_time", "pattern", "top", "bottom", "strength", "state", "tests", "broken_time")


@reads_trades
def zones(
    wanted: Wanted,
    *,
    interval: IntervalOption = "1m",
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find supply and demand zones, and follow them until they break."""
    bars = busiest_candles(wanted, interval)
    rows = find_zones(closed_of(bars))
    found = Spans("zones", rows, bars, interval, "demand", "broken_time", SHOWN)
    tell_spans(found, png, parquet, as_json=as_json)
