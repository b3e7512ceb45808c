"""The tape: the last trades of each instrument, and the candles of all of them."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from outcry.marketdata.candles import CandleStream

MINUTE_NS: Final = 60_000_000_000

TRADE_SCHEMA: Final = pl.Schema(
    {
        "instrument": pl.UInt32,
        "trade_id": pl.UInt64,
        "time_ns": pl.Int64,
        "price_ticks": pl.Int64,
        "quantity_lots": pl.UInt64,
        "is_buy": pl.Boolean,
    }
)
"""A trade: `time_ns` since 1970 UTC; `is_buy` when the aggressor bought."""

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
_FOREVER_NS: Final = (1 << 63) - 1


class Tape:
    """Takes trades in pieces of any size, and keeps what does not grow with their number.

    Kept are the last trades of each instrument and one candle a minute, not the trades.

    >>> tape = Tape(kept_trades=1)
    >>> tape.add(np.array([(1, 1, 5, 100, 2, True)], TRADE))
    >>> tape.add(np.array([(1, 2, 6, 101, 3, False)], TRADE))
    >>> tape.trades, tape.last_trades()["trade_id"].to_list(), tape.candles()["trades"].to_list()
    (2, [2], [2])
    """

    def __init__(self, kept_trades: int, interval: str = "1m") -> None:
        """Make an empty tape that keeps so many trades of each instrument."""
        self.trades = 0
        self._kept_trades = kept_trades
        self._waiting: list[npt.NDArray[np.void]] = []
        self._waiting_trades = 0
        self._last = pl.DataFrame(schema=TRADE_SCHEMA)
        self._stream = CandleStream(
            interval, by="instrument", horizon=_FOREVER_NS, numbers="integer"
        )

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

    def candles(self, now_ns: int | None = None) -> pl.DataFrame:
        """Return the candles of every trade so far; figures are ticks, lots and their products.

        The columns are those of `outcry.marketdata.candles`, grouped by `instrument`; `closed` says
        that it is later than the end, by the trades and by `now_ns`.
        """
        self._fold()
        if now_ns is not None:
            self._stream.advance(now_ns)
        return self._stream.candles()

    def _fold(self) -> None:
        if not self._waiting:
            return
        array = np.concatenate(self._waiting)
        columns = {name: np.ascontiguousarray(array[name]) for name in TRADE_SCHEMA}
        trades = pl.DataFrame(columns, TRADE_SCHEMA)
        self._waiting, self._waiting_trades = [], 0
        side = pl.when("is_buy").then(pl.lit(1, pl.Int8)).otherwise(pl.lit(-1, pl.Int8))
        named = trades.rename({"price_ticks": "price", "quantity_lots": "quantity"})
        self._stream.update(named.with_columns(side.alias("side")).drop("is_buy"))
        both = pl.concat([self._last, trades]).sort("instrument", "trade_id")
        self._last = both.group_by("instrument", maintain_order=True).tail(self._kept_trades)
