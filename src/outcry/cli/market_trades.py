"""Trades of one instrument, whole, for the commands that look at all of them at once."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from outcry.cli.market_input import of_one_symbol
from outcry.cli.reading import read_trades, trade_options
from outcry.feeds import Trades, join_trades
from outcry.marketdata import candles


@dataclass(frozen=True)
class Wanted:
    """What to read, as the options say it."""

    files: list[str]
    symbol: str | None
    trade_format: str | None
    columns: list[str] | None
    quarantine: Path | None
    bad_limit: int


def whole_trades(wanted: Wanted) -> Trades:
    """Return the trades of one instrument of the recordings."""
    batches = read_trades(
        wanted.files,
        trade_options(wanted.columns),
        trade_format=wanted.trade_format,
        quarantine=wanted.quarantine,
        bad_limit=wanted.bad_limit,
    )
    return of_one_symbol(join_trades(list(batches)), wanted.symbol)


def whole_bars(wanted: Wanted, interval: str) -> pl.DataFrame:
    """Return the candles of the trades, of all their accounts together."""
    trades = whole_trades(wanted)
    by = ["symbol"] if trades.frame["symbol"].null_count() < len(trades) else []
    return candles(trades, interval, by=by)
