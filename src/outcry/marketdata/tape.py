"""The tape: the last trades of each instrument, and the candles of all of them."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from outcry.marketdata.candles import (
    CANDLE_SCHEMA,
    MINUTE_NS,
    TRADE_SCHEMA,
    candles_of_trades,
    roll_up,
)

TRADE: Final = np.dtype(
    [
        ("instrument", "<u4"),
        ("trade_id", "<u8"),
        ("time_ns", "<i8"),
        ("price_ticks", "<i8"),
        ("quantity_lots", "<u8"),
        ("is_buy", "?"),
    ]
)
"""A trade as `TRADE_SCHEMA` has it, in an array."""

# Enough that folding them costs little a trade, few enough to stay small in memory.
WAITING_MAX: Final = 65_536


class Tape:
    """Takes trades in pieces of any size, and keeps what does not grow with their number.

    Kept are the last trades of each instrument and one candle a minute, not the trades.

    >>> tape = Tape(kept_trades=1)
    >>> tape.add(np.array([(1, 1, 5, 100, 2, True)], TRADE))
    >>> tape.add(np.array([(1, 2, 6, 101, 3, False)], TRADE))
    >>> tape.trades, tape.last_trades()["trade_id"].to_list(), tape.candles()["trades"].to_list()
    (2, [2], [2])
    """

    def __init__(self, kept_trades: int, interval_ns: int = MINUTE_NS) -> None:
        """Make an empty tape that keeps so many trades of each instrument."""
        self.trades = 0
        self.interval_ns = interval_ns
        self._kept_trades = kept_trades
        self._waiting: list[npt.NDArray[np.void]] = []
        self._waiting_trades = 0
        self._last = pl.DataFrame(schema=TRADE_SCHEMA)
        self._candles = pl.DataFrame(schema=CANDLE_SCHEMA)

    def add(self, trades: npt.NDArray[np.void]) -> None:
        """Take trades, dtype `TRADE`, later ones of an instrument behind earlier ones."""
        self.trades += len(trades)
        self._waiting.append(trades)
        self._waiting_trades += len(trades)
        if self._waiting_trades >= WAITING_MAX:
            self._fold()

    def last_trades(self) -> pl.DataFrame:
        """Return the last trades of each instrument, in the order of (instrument, trade id)."""
        self._fold()
        return self._last

    def candles(self) -> pl.DataFrame:
        """Return the candles of every trade so far."""
        self._fold()
        return self._candles

    def _fold(self) -> None:
        if not self._waiting:
            return
        array = np.concatenate(self._waiting)
        columns = {name: np.ascontiguousarray(array[name]) for name in TRADE_SCHEMA}
        trades = pl.DataFrame(columns, TRADE_SCHEMA)
        self._waiting, self._waiting_trades = [], 0
        candles = candles_of_trades(trades, self.interval_ns)
        self._candles = roll_up(pl.concat([self._candles, candles]), self.interval_ns)
        both = pl.concat([self._last, trades]).sort("instrument", "trade_id")
        self._last = both.group_by("instrument", maintain_order=True).tail(self._kept_trades)
