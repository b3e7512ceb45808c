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
SIDES: Final = {"buy": 1, "b": 1, "1": 1, "sell": -1, "s": -1, "-1": -1, "0": 0, "": 0}
"""Words for the side of the aggressor, in lower case; 0 and nothing say that it is not known."""
# Columns that say it as a truth, and what that truth is.
_FLAGS: Final = {"is_buyer_maker": -1, "isBuyerMaker": -1, "is_buy": 1}
_TRUTHS: Final = {"true": 1, "false": -1}
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
`quantity`, and where there are some `trade_id`, `side` (`buy`, `b`, 1, `sell`, `s`, -1; 0, null and
nothing are unknown; or `is_buyer_maker`, `is_buy` as truths), `value`, `symbol`, `account`. Prices
may be of any sign, quantities are 0 or above."""


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
    prices, price = mantissas(needed_column(frame, "price"), price_scale)
    quantities, quantity = mantissas(needed_column(frame, "quantity"), quantity_scale)
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
        InvalidValue: As `trade_columns`; they are of several instruments, or have more decimals
            than the stream declared.
    """
    columns = trade_columns(trades, price_scale=declared[0], quantity_scale=declared[1])
    require_one(columns.frame, "symbol")
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
        InvalidValue: It is no frame and does not speak the Arrow PyCapsule protocol, or has a type
            that Polars does not read.
    """
    if isinstance(data, pl.DataFrame):
        return data
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if not hasattr(data, "__arrow_c_stream__"):
        raise InvalidValue("data", type(data).__name__, "must speak the Arrow PyCapsule protocol")
    try:
        return pl.DataFrame(data)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidValue("data", type(data).__name__, f"cannot be read: {reason}") from None


def times_ns(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return times as nanoseconds since 1970 UTC, from a Datetime or from the column in `_ns`.

    Raises:
        InvalidValue: Neither column is there, or the type is another.
    """
    if f"{name}_ns" in frame.columns:
        return frame[f"{name}_ns"].cast(pl.Int64)
    column = needed_column(frame, name)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.epoch("ns").alias(f"{name}_ns")
    raise InvalidValue(name, str(column.dtype), f"must be a Datetime; or give {name}_ns")


def require_one(frame: pl.DataFrame, *names: str) -> None:
    """Raise where a column of these holds more than one name.

    Raises:
        InvalidValue: It does: several instruments would be walked through as one.
    """
    for name in names:
        found = frame[name].unique(maintain_order=True) if name in frame.columns else ()
        if len(found) > 1:
            shown = ", ".join(str(each) for each in found[:4])
            raise InvalidValue(name, shown, "must be one: filter them")


def needed_column(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column.

    Raises:
        InvalidValue: It is not there.
    """
    if name not in frame.columns:
        there = ", ".join(frame.columns) or "none"
        raise InvalidValue(name, "no such column", f"is needed; there are {there}")
    return frame[name]


def _ids(frame: pl.DataFrame) -> pl.Series:
    if "trade_id" in frame.columns:
        return frame["trade_id"].cast(pl.Int64)
    return pl.Series("trade_id", range(1, frame.height + 1), pl.Int64)


def _sides(frame: pl.DataFrame) -> pl.Series:
    if "side" in frame.columns:
        return _signs(frame["side"], SIDES, "must be buy, sell, 1, -1 or 0")
    flag = next((name for name in _FLAGS if name in frame.columns), None)
    if flag is None:
        return pl.Series("side", [0], pl.Int8).new_from_index(0, frame.height)
    signs = _signs(frame[flag], _TRUTHS, "must be true or false")
    return (signs * _FLAGS[flag]).alias("side")


def _signs(column: pl.Series, words: dict[str, int], bound: str) -> pl.Series:
    """Return what words say; null is 0."""
    if column.dtype == pl.Boolean and words is SIDES:
        raise InvalidValue(column.name, "Boolean", bound)
    if column.dtype.is_integer() and not column.is_empty():
        signs = column.fill_null(0)
        if signs.is_between(-1, 1).all():
            return signs.cast(pl.Int8).alias("side")
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    signs = text.replace_strict(words, default=None, return_dtype=pl.Int8)
    unknown = column.filter(signs.is_null() & column.is_not_null())
    if unknown.len():
        raise InvalidValue(column.name, repr(unknown[0]), bound)
    return signs.fill_null(0).alias("side")


def duration_ns(field: str, value: str | int | timedelta) -> int:
    """Return a time as nanoseconds: a number of them, a text as `5m`, or a timedelta.

    >>> duration_ns("grace", "2s"), duration_ns("grace", timedelta(microseconds=3))
    (2000000000, 3000)

    Raises:
        InvalidValue: It is below 0 or no duration.
    """
    if isinstance(value, str):
        try:
            return _native.interval_ns(value)
        except InvalidValue as error:
            bound = f"{error.bound}; longer ones as a timedelta"
            raise InvalidValue(field, value, bound) from None
    if isinstance(value, float):
        raise InvalidValue(field, str(value), "must be whole nanoseconds, a text or a timedelta")
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
