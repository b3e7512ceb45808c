"""Trades of any source in one frame: scaled integers, one scale a column.

A price of 61837.63 in a column of scale 2 is 6,183,763: exact, and as fast as integers are. Columns
are 64 bits wide, and 128 where one of their numbers needs it.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from outcry._native import Records, TradeReader
from outcry.errors import InvalidValue

TRADES_COLUMNS: Final = (
    "symbol",
    "account",
    "trade_id",
    "time_ns",
    "price",
    "quantity",
    "value",
    "side",
)
TRADES_SCHEMA: Final = pl.Schema(
    {
        "symbol": pl.String,
        "account": pl.Int64,
        "trade_id": pl.Int64,
        "time_ns": pl.Int64,
        "price": pl.Int64,
        "quantity": pl.Int64,
        "value": pl.Int128,
        "side": pl.Int8,
    }
)
"""A trade. `price` and `quantity` are Int128 where 64 bits do not hold them; `side` is 1 where the
buyer was the aggressor, -1 where the seller was, 0 where the source does not say."""

_SCALED: Final = ("price", "quantity", "value")
_WIDE: Final = np.dtype([("low", "<u8"), ("high", "<i8")])
_WORD: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Trades:
    """Some trades, in the order of their source.

    Attributes:
        frame: The columns of `TRADES_SCHEMA`. `symbol`, `account` and `value` (price times
            quantity as the source gives it) are null where the source does not have them;
            `trade_id` then is the place of the trade in its source, from 1.
        price_scale: Decimals of `price`.
        quantity_scale: Decimals of `quantity`.
        value_scale: Decimals of `value`.
    """

    frame: pl.DataFrame
    price_scale: int
    quantity_scale: int
    value_scale: int

    @classmethod
    def empty(cls) -> Self:
        """Return no trades, with every column."""
        return cls(pl.DataFrame(schema=TRADES_SCHEMA), 0, 0, 0)

    def __len__(self) -> int:
        return self.frame.height

    @property
    def scales(self) -> tuple[int, int, int]:
        """The decimals of prices, quantities and values."""
        return self.price_scale, self.quantity_scale, self.value_scale

    def at_scales(self, price: int, quantity: int, value: int) -> "Trades":
        """Return the same trades at these scales, none of which may be lower.

        Raises:
            InvalidValue: One is lower, or 128 bits would not hold the numbers.
        """
        raised = []
        for name, now, wanted in zip(_SCALED, self.scales, (price, quantity, value), strict=True):
            if wanted < now:
                raise InvalidValue(f"{name}_scale", str(wanted), f"must be at least {now}")
            if wanted > now:
                raised.append(_raised(self.frame[name], name, wanted - now))
        return Trades(self.frame.with_columns(raised), price, quantity, value)


def join_trades(batches: list[Trades]) -> Trades:
    """Return all trades of these batches, at the greatest of their scales.

    >>> join_trades([]).frame.columns == list(TRADES_COLUMNS)
    True
    """
    if not batches:
        return Trades.empty()
    scales = [max(each) for each in zip(*(batch.scales for batch in batches), strict=True)]
    frames = [batch.at_scales(*scales).frame for batch in batches]
    for name in ("price", "quantity"):
        if any(frame.schema[name] == pl.Int128 for frame in frames):
            frames = [frame.with_columns(pl.col(name).cast(pl.Int128)) for frame in frames]
    return Trades(pl.concat(frames), *scales)


def taken_trades(reader: TradeReader) -> Trades:
    """Return what a reader of the core has read since the last time."""
    count, *columns_read, scales = reader.take()
    symbols, accounts, ids, times_ns, prices, quantities, values, sides = columns_read
    value = _integers(values, count)
    columns = [
        _names(reader, _array(symbols, np.uint32)),
        _without(-1, pl.Series("account", _array(accounts, np.int64))),
        pl.Series("trade_id", _array(ids, np.int64)),
        pl.Series("time_ns", _array(times_ns, np.int64)),
        _integers(prices, count).alias("price"),
        _integers(quantities, count).alias("quantity"),
        _given(value).alias("value"),
        pl.Series("side", _array(sides, np.int8)),
    ]
    return Trades(pl.DataFrame(columns), *scales)


def _array(records: Records, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.frombuffer(memoryview(records), dtype)


def _names(reader: TradeReader, numbers: npt.NDArray[np.uint32]) -> pl.Series:
    names = reader.symbol_names()
    if not names:
        return pl.Series("symbol", [None], pl.String).new_from_index(0, len(numbers))
    known = pl.Series("symbol", [*names, None], pl.String)
    # A trade without a name has the greatest number there is.
    return known.gather(np.minimum(numbers, np.uint32(len(names))))


def _without(mark: int, column: pl.Series) -> pl.Series:
    if column.is_empty() or column.min() != mark:
        return column
    return column.to_frame().select(pl.col(column.name).replace(mark, None)).to_series()


def _given(values: pl.Series) -> pl.Series:
    """Return values as 128 bits, null below zero: there the source gave none."""
    wide = values.cast(pl.Int128)
    if wide.is_empty():
        return wide
    least = wide.min()
    assert isinstance(least, int)
    return wide if least >= 0 else wide.set(wide < 0, None)


def _integers(records: Records, count: int) -> pl.Series:
    """Return integers of 64 bits, or of 128 where each took 16 bytes."""
    if len(records) == count * 8:
        return pl.Series("narrow", _array(records, np.int64))
    halves = _array(records, _WIDE)
    columns = {name: np.ascontiguousarray(halves[name]) for name in ("low", "high")}
    low, high = (pl.col(name).cast(pl.Int128) for name in ("low", "high"))
    joined = (high * pl.lit(_WORD, pl.Int128) + low).alias("wide")
    return pl.DataFrame(columns).select(joined).to_series()


def _raised(column: pl.Series, name: str, power: int) -> pl.Series:
    """Return a column times a power of ten, as narrow as it may be."""
    greatest = column.cast(pl.Int128).max()
    greatest = greatest if isinstance(greatest, int) else 0
    if greatest * 10**power >= 1 << 127:
        raise InvalidValue(f"{name}_scale", f"{power} decimals more", "must leave 128 bits")
    factor = pl.lit(10**power, pl.Int128)
    wide = column.to_frame().select(pl.col(column.name).cast(pl.Int128) * factor).to_series()
    is_narrow = name != "value" and greatest * 10**power < 1 << 63
    return wide.cast(pl.Int64) if is_narrow else wide
