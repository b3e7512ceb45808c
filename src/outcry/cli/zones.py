"""`outcry zones`: supply and demand zones of recorded trades, and what became of them."""

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
    rows = find_zones(bars)
    found = Spans("zones", rows, bars, interval, "demand", "broken_time", SHOWN)
    tell_spans(found, png, parquet, as_json=as_json)
