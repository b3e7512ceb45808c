"""Bars as the studies of structure take them: in order, of one instrument, with their closes."""

from typing import Any, Final

import polars as pl

from outcry.errors import InvalidValue
from outcry.marketdata.columns import frame_of, needed_column, require_one, times_ns
from outcry.marketdata.scaled import WIDE, mantissas

_PRICES: Final = ("open", "high", "low", "close")


def bars_scale(bars: Any) -> int:  # noqa: ANN401 (any frame)
    """Return with how many decimals the prices of bars can do.

    Raises:
        InvalidValue: A column is not there, or cannot be taken.
    """
    frame = frame_of(bars)
    return max(mantissas(needed_column(frame, name), None)[1] for name in _PRICES)


class BarReader:
    """Bars as integers of one scale, piece by piece; those that still form are left out."""

    def __init__(self, scale: int) -> None:
        """Begin before the first bar, with prices of so many decimals at most."""
        self._scale = scale
        self._last_ns: int | None = None
        self._step_ns: int | None = None

    def read(self, bars: Any) -> pl.DataFrame:  # noqa: ANN401 (any frame)
        """Return the bars that have closed, and go on behind them.

        Raises:
            InvalidValue: A column is not there or cannot be taken, a bar is not behind the one
                before it, or there are several instruments or intervals.
        """
        frame = frame_of(bars)
        if "closed" in frame.columns:
            frame = frame.filter("closed")
        read, self._step_ns = self._columns(frame)
        if read.height:
            self._last_ns = read["open_time"][-1]
        return read

    def peek(self, bars: Any) -> pl.DataFrame:  # noqa: ANN401 (any frame)
        """Return the bars, also those that still form, as `read` would; they are not taken."""
        return self._columns(frame_of(bars))[0]

    def _columns(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, int | None]:
        """Return the columns of the core, and the shortest step between bars so far."""
        require_one(frame, "symbol", "account", "interval")
        opens = times_ns(frame, "open_time").alias("open_time")
        before = pl.Series([self._last_ns], dtype=pl.Int64).drop_nulls()
        steps = pl.concat([before, opens.rename("")]).diff().drop_nulls()
        if (steps <= 0).any():
            raise InvalidValue("open_time", "a bar", "must lie behind the one before it")
        shortest = steps.min()
        known = [each for each in (self._step_ns, shortest) if isinstance(each, int)]
        step_ns = min(known, default=None)
        if "close_time" in frame.columns or "close_time_ns" in frame.columns:
            closes = times_ns(frame, "close_time")
        else:
            closes = opens + (step_ns - 1 if step_ns else 0)
        prices = []
        for name in _PRICES:
            column, _ = mantissas(needed_column(frame, name), self._scale)
            if column.dtype == WIDE:
                raise InvalidValue(name, "a price", "must fit 64 bits at its scale")
            prices.append(column)
        columns = [opens, closes.alias("close_time"), *prices]
        return pl.DataFrame(columns).rechunk(), step_ns
