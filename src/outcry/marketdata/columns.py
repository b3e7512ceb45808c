"""What comes in: trades and bars of any library, as columns of scaled integers.

A frame is anything that speaks the Arrow PyCapsule protocol: Polars, pandas, PyArrow, DuckDB. Its
numbers may be decimals, integers, text or floats; inside they are integers of one scale a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, Protocol, TypeAlias, runtime_checkable

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.scaled import WIDE, mantissas, narrow, raised

Numbers: TypeAlias = Literal["decimal", "float", "integer"]
"""How figures leave: exact decimals, floats, or integers of the scale that the frame's decimals
would have."""

NUMBERS: Final = ("decimal", "float", "integer")
SIDES: Final = {"buy": 1, "sell": -1}
TIME: Final = pl.Datetime("ns", "UTC")


@runtime_checkable
class ScaledTrades(Protocol):
    """Trades as `outcry.feeds` reads them: integers, with their scales beside them."""

    @property
    def frame(self) -> pl.DataFrame:
        """The columns, `price`, `quantity` and `value` as integers."""

    @property
    def scales(self) -> tuple[int, int, int]:
        """The decimals of prices, quantities and values."""


Trades: TypeAlias = ScaledTrades | Any
"""Trades of a reader, or a frame with the columns `time` (Datetime) or `time_ns`, `price`,
`quantity`, and where there are some `trade_id`, `side` (`buy`, `sell`, 1, -1, 0 unknown), `value`,
`symbol`, `account`."""


@dataclass(frozen=True)
class TradeColumns:
    """Trades as the core takes them, at these scales; `value` is there where any is given."""

    frame: pl.DataFrame
    price_scale: int
    quantity_scale: int
    value_scale: int


def trade_columns(
    trades: Trades, *, price_scale: int | None = None, quantity_scale: int | None = None
) -> TradeColumns:
    """Return trades of any form as columns, in the order they came in.

    >>> frame = pl.DataFrame({"time_ns": [1], "price": [10.25], "quantity": [2.0], "side": ["buy"]})
    >>> columns = trade_columns(frame)
    >>> columns.price_scale, columns.frame["price"].to_list(), columns.frame["side"].to_list()
    (2, [1025], [1])

    Raises:
        InvalidValue: A column is absent, of a wrong type, or holds what cannot be taken.
    """
    if isinstance(trades, ScaledTrades):
        price, quantity, value = trades.scales
        frame = trades.frame.with_columns(
            narrow(trades.frame[name]) for name in ("price", "quantity")
        )
        return _with_values(frame, price, quantity, value)
    frame = frame_of(trades)
    prices, price = mantissas(_column(frame, "price"), price_scale)
    quantities, quantity = mantissas(_column(frame, "quantity"), quantity_scale)
    made = [times_ns(frame, "time"), _ids(frame), prices, quantities, _sides(frame)]
    value = price + quantity
    if "value" in frame.columns and frame["value"].null_count() < frame.height:
        given, value = mantissas(frame["value"], None)
        made.append(given.alias("value"))
    keys = [frame[name] for name in frame.columns if name not in _TAKEN]
    return _with_values(pl.DataFrame([*keys, *made]), price, quantity, value)


_TAKEN: Final = {"time", "time_ns", "price", "quantity", "trade_id", "side", "value"}


def trades_at(
    trades: Trades, declared: tuple[int | None, int | None], scales: tuple[int, int]
) -> TradeColumns:
    """Return trades at the scales of a stream, which are raised to theirs where none is declared.

    Raises:
        InvalidValue: As `trade_columns`; or they have more decimals than the stream declared.
    """
    columns = trade_columns(trades, price_scale=declared[0], quantity_scale=declared[1])
    found = columns.price_scale, columns.quantity_scale
    made, wanted = [], []
    for name, bound, own, now in zip(("price", "quantity"), declared, found, scales, strict=True):
        if bound is not None and own > bound:
            raise InvalidValue(name, "a number", f"has more than {bound} decimals")
        wanted.append(max(own, now))
        made.append(raised(columns.frame[name], wanted[-1] - own))
    frame = columns.frame.with_columns(made)
    return TradeColumns(frame, wanted[0], wanted[1], columns.value_scale)


def _with_values(frame: pl.DataFrame, price: int, quantity: int, value: int) -> TradeColumns:
    """Drop values that are not given; where some are, fill the others in, at one scale."""
    if "value" not in frame.columns or frame["value"].null_count() == frame.height:
        kept = [name for name in frame.columns if name != "value"]
        return TradeColumns(frame.select(kept), price, quantity, price + quantity)
    scale = max(value, price + quantity)
    given = pl.col("value").cast(pl.Int128) * pl.lit(10 ** (scale - value), pl.Int128)
    made = pl.col("price").cast(pl.Int128) * pl.col("quantity").cast(pl.Int128)
    filled = given.fill_null(made * pl.lit(10 ** (scale - price - quantity), pl.Int128))
    return TradeColumns(
        frame.with_columns(filled.cast(WIDE).alias("value")), price, quantity, scale
    )


def frame_of(data: Any) -> pl.DataFrame:  # noqa: ANN401 (anything with the protocol)
    """Return data as a frame without copying where that can be.

    Raises:
        InvalidValue: It is no frame and does not speak the Arrow PyCapsule protocol.
    """
    if isinstance(data, pl.DataFrame):
        return data
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if not hasattr(data, "__arrow_c_stream__"):
        raise InvalidValue("data", type(data).__name__, "must speak the Arrow PyCapsule protocol")
    return pl.DataFrame(data)


def times_ns(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return times as nanoseconds since 1970 UTC, from a Datetime or from the column in `_ns`.

    Raises:
        InvalidValue: Neither column is there, or the type is another.
    """
    if f"{name}_ns" in frame.columns:
        return frame[f"{name}_ns"].cast(pl.Int64)
    column = _column(frame, name)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.epoch("ns").alias(f"{name}_ns")
    raise InvalidValue(name, str(column.dtype), f"must be a Datetime; or give {name}_ns")


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        raise InvalidValue(
            name, "no column", f"must be there; there are {', '.join(frame.columns)}"
        )
    return frame[name]


def _ids(frame: pl.DataFrame) -> pl.Series:
    if "trade_id" in frame.columns:
        return frame["trade_id"].cast(pl.Int64)
    return pl.Series("trade_id", range(1, frame.height + 1), pl.Int64)


def _sides(frame: pl.DataFrame) -> pl.Series:
    if "side" not in frame.columns:
        return pl.Series("side", [0], pl.Int8).new_from_index(0, frame.height)
    side = frame["side"]
    if side.dtype == pl.Boolean:
        raise InvalidValue("side", "Boolean", "must be buy, sell, 1, -1 or 0")
    if not side.dtype.is_integer():
        side = side.cast(pl.String).str.to_lowercase().replace_strict(SIDES, default=0)
    return side.fill_null(0).cast(pl.Int8).alias("side")


def bars_of(bars: Any, scale: int | None = None) -> tuple[pl.DataFrame, int]:  # noqa: ANN401 (as above)
    """Return bars as integers of one scale, and the scale.

    `open_time` is a Datetime, or `open_time_ns` nanoseconds.

    Raises:
        InvalidValue: As `trade_columns`.
    """
    frame = frame_of(bars)
    found = [mantissas(_column(frame, name), scale) for name in ("open", "high", "low", "close")]
    common = max(own for _, own in found)
    prices = [raised(column, common - own).cast(pl.Int64) for column, own in found]
    return pl.DataFrame([times_ns(frame, "open_time").alias("open_time"), *prices]), common


def duration_ns(field: str, value: str | int | timedelta) -> int:
    """Return a time as nanoseconds: a number of them, a text as `5m`, or a timedelta.

    >>> duration_ns("grace", "2s"), duration_ns("grace", timedelta(microseconds=3))
    (2000000000, 3000)

    Raises:
        InvalidValue: It is below 0 or no duration.
    """
    if isinstance(value, str):
        return _native.interval_ns(value)
    if isinstance(value, timedelta):
        value = round(value / timedelta(microseconds=1)) * 1_000
    if value < 0:
        raise InvalidValue(field, str(value), "must not be below 0")
    return value


def told_as(frame: pl.DataFrame, numbers: Numbers, times: Sequence[str]) -> pl.DataFrame:
    """Return a frame of the core with its decimals as `numbers` and its times as Datetimes.

    Raises:
        InvalidValue: `numbers` is none of the choices.
    """
    if numbers not in NUMBERS:
        raise InvalidValue("numbers", str(numbers), f"must be one of {', '.join(NUMBERS)}")
    decimals = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Decimal)]
    columns: list[pl.Series | pl.Expr] = [pl.col(name).cast(TIME) for name in times]
    if numbers == "float":
        columns += [pl.col(name).cast(pl.Float64) for name in decimals]
    if numbers == "integer":
        columns += [frame[name].to_physical() for name in decimals]
    return frame.with_columns(columns)
