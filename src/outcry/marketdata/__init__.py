"""Market data made of trades: candles, by the definitions that docs/formats.md states."""

from outcry.marketdata.candles import (
    CANDLE_SCHEMA,
    MINUTE_NS,
    TRADE_SCHEMA,
    candles_of_trades,
    fill_gaps,
    mark_closed,
    roll_up,
    vwap,
)
from outcry.marketdata.tape import TRADE, Tape

__all__ = [
    "CANDLE_SCHEMA",
    "MINUTE_NS",
    "TRADE",
    "TRADE_SCHEMA",
    "Tape",
    "candles_of_trades",
    "fill_gaps",
    "mark_closed",
    "roll_up",
    "vwap",
]
