"""What comes in: trades and bars of any library, as columns of scaled integers.

A frame is anything that speaks the Arrow PyCapsule protocol: Polars, pandas, PyArrow, DuckDB. Its
numbers may be decimals, integers, text or floats; inside they are integers of one scale a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, Protocol, TypeAlias, runtime_checkable

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue

Numbers: TypeAlias = Literal["decimal", "float", "integer"]
"""How figures leave: exact decimals, floats, or integers of the scale that the frame's decimals
would have."""

NUMBERS: Final = ("decimal", "float", "integer")
SCALE_MAX: Final = 30
# A float of more decimals than this is no decimal number that somebody meant.
FLOAT_SCALE_MAX: Final = 15
WIDE: Final = pl.Decimal(38, 0)
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
            _narrow(trades.frame[name]) for name in ("price", "quantity")
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


def mantissas(column: pl.Series, scale: int | None) -> tuple[pl.Series, int]:
    """Return numbers as integers of a scale, found where it is not declared.

    Integers come in as themselves at scale 0. A float is taken as the decimal number of at most 15
    decimals that it was written as; with a declared scale it is rounded to it.

    Raises:
        InvalidValue: A number is null, not finite, or has more decimals than the scale.
    """
    name = column.name
    if scale is not None and not 0 <= scale <= SCALE_MAX:
        raise InvalidValue(f"{name}_scale", str(scale), f"must be from 0 to {SCALE_MAX}")
    if column.null_count():
        raise InvalidValue(name, "null", "must stand nowhere")
    if column.dtype.is_float():
        return _of_floats(column, scale)
    if isinstance(column.dtype, pl.Decimal):
        return _rescaled(column.to_physical(), column.dtype.scale, scale)
    if column.dtype == pl.String:
        column = _of_text(column)
        return _rescaled(column.to_physical(), column.dtype.scale, scale)  # type: ignore[attr-defined]
    if column.dtype.is_integer():
        return _rescaled(column, 0, scale)
    raise InvalidValue(name, str(column.dtype), "must be decimals, integers, floats or text")


def _of_text(column: pl.Series) -> pl.Series:
    decimals = column.str.extract(r"^[+-]?\d+(?:\.(\d+))?$", 1).fill_null("")
    found = int(decimals.str.len_bytes().max() or 0)  # type: ignore[arg-type]
    try:
        exact = column.str.to_decimal(scale=found).cast(pl.Decimal(38, found))
    except pl.exceptions.PolarsError as error:
        raise InvalidValue(column.name, "text", "must be plain decimal numbers") from error
    if exact.null_count():
        raise InvalidValue(column.name, "text", "must be plain decimal numbers")
    return exact.alias(column.name)


def _of_floats(column: pl.Series, scale: int | None) -> tuple[pl.Series, int]:
    name = column.name
    if not column.is_finite().all():
        raise InvalidValue(name, "NaN or infinite", "must be finite")
    for candidate in range(FLOAT_SCALE_MAX + 1) if scale is None else [scale]:
        scaled = (column * 10.0**candidate).round()
        if scale is not None or (scaled / 10.0**candidate == column).all():
            if column.is_empty() or float(scaled.abs().max()) < 2.0**63:  # type: ignore[arg-type]
                return scaled.cast(pl.Int64), candidate
            return scaled.cast(WIDE), candidate
    bound = f"has more than {FLOAT_SCALE_MAX} decimals; declare {name}_scale"
    raise InvalidValue(name, "a float", bound)


def _rescaled(column: pl.Series, own: int, scale: int | None) -> tuple[pl.Series, int]:
    wanted = own if scale is None else scale
    if wanted < own:
        power = _power(own - wanted)
        if (column % power != 0).any():
            raise InvalidValue(column.name, "a number", f"has more than {wanted} decimals")
        return _narrow(column // power), wanted
    return raised(column, wanted - own), wanted


def _power(decimals: int) -> pl.Series:
    return pl.Series([10**decimals], dtype=pl.Int128)


def _narrow(column: pl.Series) -> pl.Series:
    """Return integers as 64 bits where those hold them, else as wide decimals."""
    if column.dtype == pl.Int64:
        return column
    if column.is_empty():
        return column.cast(pl.Int64)
    low, high = int(column.min()), int(column.max())  # type: ignore[arg-type]
    return column.cast(pl.Int64 if low >= -(2**63) and high < 2**63 else WIDE)


def raised(column: pl.Series, decimals: int) -> pl.Series:
    """Return integers at so many decimals more."""
    if decimals == 0:
        return _narrow(column)
    return _narrow((column.cast(pl.Int128) * _power(decimals)).alias(column.name))


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


def decimals_of(field: str, value: Decimal | str | int) -> tuple[int, int]:
    """Return a number exactly: an integer, and the decimals at which it stands.

    >>> decimals_of("row_size", "0.050"), decimals_of("row_size", Decimal("1E+2"))
    ((5, 2), (100, 0))

    Raises:
        InvalidValue: It is no finite number.
    """
    try:
        sign, digits, exponent = Decimal(value).as_tuple()
    except InvalidOperation:
        raise InvalidValue(field, str(value), "must be a number") from None
    if not isinstance(exponent, int):
        raise InvalidValue(field, str(value), "must be finite")
    if abs(exponent) > WIDE.precision:
        raise InvalidValue(field, str(value), f"has more than {WIDE.precision} digits")
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    while exponent < 0 and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return (mantissa, -exponent) if exponent < 0 else (mantissa * 10**exponent, 0)


def units_of(field: str, value: Decimal | str | int, scale: int) -> int:
    """Return a number as integers of a scale.

    Raises:
        InvalidValue: It is no number, has more decimals, or is not above 0.
    """
    mantissa, own = decimals_of(field, value)
    if own > scale:
        raise InvalidValue(field, str(value), f"has more than {scale} decimals")
    if mantissa <= 0:
        raise InvalidValue(field, str(value), "must be above 0")
    return int(mantissa * 10 ** (scale - own))


def exact_decimal(units: int, scale: int) -> Decimal:
    """Return integers of a scale as a decimal, with no more digits than it needs.

    >>> exact_decimal(1500, 3), exact_decimal(10**40 + 1, 2)
    (Decimal('1.5'), Decimal('100000000000000000000000000000000000000.01'))
    """
    while scale and units % 10 == 0:
        units, scale = units // 10, scale - 1
    return Decimal(decimal_text(units, scale))


def decimal_text(units: int, scale: int) -> str:
    """Return integers of a scale in plain digits.

    >>> decimal_text(-1025, 2), decimal_text(7, 0)
    ('-10.25', '7')
    """
    digits = str(abs(units)).rjust(scale + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[: len(digits) - scale]}" + (f".{digits[-scale:]}" if scale else "")
