"""Numbers of a column as integers of one scale, exactly, whatever they were written as."""

from decimal import Decimal, InvalidOperation
from typing import Final

import polars as pl

from outcry.errors import InvalidValue

SCALE_MAX: Final = 30
WIDE: Final = pl.Decimal(38, 0)
# The greatest number that such a decimal holds, and 128 bits with it.
_WIDE_MAX: Final = 10**38 - 1
# Zeros at the end count as decimals up to here; of more, only those that some number needs.
_SHOWN_SCALE_MAX: Final = 8
# A float of more decimals than this is no decimal number that somebody meant.
_FLOAT_SCALE_MAX: Final = 15
# Below it every integer is a float of its own.
_FLOAT_EXACT: Final = 2.0**53
# A float this near to a unit of a declared scale, in units, is that unit: 0.1 + 0.2 is 0.3.
_FLOAT_NOISE: Final = 1e-6
_PLAIN: Final = r"^[+-]?(?:\d+\.?\d*|\.\d+)$"


def mantissas(column: pl.Series, scale: int | None) -> tuple[pl.Series, int]:
    """Return numbers as integers of a scale, found where it is not declared.

    Integers come in as themselves at scale 0, text as the number that it says, a float as the
    shortest decimal number that reads back as it. The scale found is the greatest number of
    decimals; beyond 8, zeros at the end do not count.

    >>> mantissas(pl.Series(["4.5E-4", "1.50"]), None)[0].to_list()
    [45, 150000]

    Raises:
        InvalidValue: A number is null, not finite, has more decimals than the scale, or does not
            fit 128 bits with it.
    """
    name = column.name
    if scale is not None and not (type(scale) is int and 0 <= scale <= SCALE_MAX):
        raise InvalidValue(f"{name}_scale", str(scale), f"must be from 0 to {SCALE_MAX}")
    if column.null_count():
        raise InvalidValue(name, "null", "must not stand in the column")
    if column.dtype.is_float():
        return _of_floats(column, scale)
    if isinstance(column.dtype, pl.Decimal):
        return _rescaled(column.to_physical(), column.dtype.scale, scale)
    if column.dtype == pl.String:
        return _of_text(column, scale)
    if column.dtype.is_integer():
        return _rescaled(column, 0, scale)
    raise InvalidValue(name, str(column.dtype), "must be decimals, integers, floats or text")


def narrow(column: pl.Series) -> pl.Series:
    """Return integers as 64 bits where those hold them, else as wide decimals.

    Raises:
        InvalidValue: A number has more than 38 digits.
    """
    if column.dtype == pl.Int64:
        return column
    greatest = _magnitude(column)
    if greatest > _WIDE_MAX:
        raise _too_wide(column.name, greatest)
    return column.cast(pl.Int64 if greatest < 2**63 else WIDE)


def raised(column: pl.Series, decimals: int) -> pl.Series:
    """Return integers at so many decimals more.

    Raises:
        InvalidValue: One has more than 38 digits then.
    """
    if decimals == 0:
        return narrow(column)
    greatest = _magnitude(column) * 10**decimals
    if greatest > _WIDE_MAX:
        raise _too_wide(column.name, greatest)
    product = pl.col(column.name).cast(pl.Int128) * pl.lit(10**decimals, pl.Int128)
    return narrow(column.to_frame().select(product).to_series())


def _magnitude(column: pl.Series) -> int:
    if column.is_empty():
        return 0
    return max(-int(column.min()), int(column.max()))  # type: ignore[arg-type]


def _too_wide(name: str, units: int) -> InvalidValue:
    shown = f"a number of {len(str(units))} digits"
    return InvalidValue(name, shown, "must have at most 38 with all decimals of the column")


def _of_text(column: pl.Series, scale: int | None) -> tuple[pl.Series, int]:
    text = column.str.strip_chars().str.strip_prefix("+")
    has_exponent = text.str.contains("[eE]")
    if has_exponent.any():
        plain = [_without_exponent(each) for each in text.filter(has_exponent)]
        text = text.scatter(has_exponent.arg_true(), plain)
    is_plain = text.str.contains(_PLAIN)
    if not is_plain.all():
        wrong = column.filter(~is_plain)[0]
        raise InvalidValue(column.name, repr(wrong), "must be a decimal number")
    fraction = text.str.extract(r"\.(\d*)$", 1).fill_null("")
    needed = fraction.str.strip_chars_end("0")
    own = _longest(fraction) if scale is None else _longest(needed)
    if scale is None and own > _SHOWN_SCALE_MAX:
        own = max(_longest(needed), _SHOWN_SCALE_MAX)
    if scale is not None and own > scale:
        raise InvalidValue(column.name, "a number", f"has more than {scale} decimals")
    parts = pl.DataFrame([text.str.extract(r"^(-?\d*)", 1).alias("whole"), needed.alias("part")])
    digits = parts.select(pl.col("whole") + pl.col("part").str.pad_end(own, "0")).to_series()
    units = digits.alias(column.name).cast(pl.Int128, strict=False)
    if units.null_count():
        longest = max(digits.filter(units.is_null()), key=len)
        raise _too_wide(column.name, int(longest[:4_000]))
    return raised(units, 0 if scale is None else scale - own), own if scale is None else scale


def _longest(texts: pl.Series) -> int:
    return int(texts.str.len_bytes().max() or 0)  # type: ignore[arg-type]


def _without_exponent(text: str) -> str:
    """Return a number in plain digits; what is none, or has far too many, as it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or (number and abs(number.adjusted()) > WIDE.precision):
        return text
    return f"{number:f}" if number else "0"


def _of_floats(column: pl.Series, scale: int | None) -> tuple[pl.Series, int]:
    if not column.is_finite().all():
        raise InvalidValue(column.name, "NaN or infinite", "must be finite")
    if column.dtype == pl.Float32:
        # Its own shortest text, not that of the nearest double.
        column = column.cast(pl.String)
    column = column.cast(pl.Float64)
    for candidate in range(_FLOAT_SCALE_MAX + 1) if scale is None else [scale]:
        scaled = column * 10.0**candidate
        units = scaled.round()
        if not (units.abs() < _FLOAT_EXACT).all():
            break
        is_near = (scaled - units).abs() <= _FLOAT_NOISE
        if (is_near if scale is not None else units / 10.0**candidate == column).all():
            return units.cast(pl.Int64), candidate
    units, own = _of_text(column.cast(pl.String), scale)
    if scale is None and own > _FLOAT_SCALE_MAX:
        bound = f"has more than {_FLOAT_SCALE_MAX} decimals; declare {column.name}_scale"
        raise InvalidValue(column.name, "a float", bound)
    return units, own


def _rescaled(column: pl.Series, own: int, scale: int | None) -> tuple[pl.Series, int]:
    wanted = own if scale is None else scale
    if scale is None and own > _SHOWN_SCALE_MAX:
        wanted = _needed(column, own, _SHOWN_SCALE_MAX)
    if wanted >= own:
        return raised(column, wanted - own), wanted
    if not _is_whole(column, own - wanted):
        raise InvalidValue(column.name, "a number", f"has more than {wanted} decimals")
    whole = pl.col(column.name) // pl.lit(10 ** (own - wanted), pl.Int128)
    return narrow(column.to_frame().select(whole).to_series()), wanted


def _needed(column: pl.Series, own: int, least: int) -> int:
    """Return with how many decimals every number can do, at least so many."""
    most = own
    while least < most:
        middle = (least + most) // 2
        if _is_whole(column, own - middle):
            most = middle
        else:
            least = middle + 1
    return most


def _is_whole(column: pl.Series, decimals: int) -> bool:
    """Return whether numbers are units of so many decimals less."""
    rest = pl.col(column.name).cast(pl.Int128) % pl.lit(10**decimals, pl.Int128)
    return not bool(column.to_frame().select((rest != 0).any()).item())


def decimals_of(field: str, value: Decimal | str | int) -> tuple[int, int]:
    """Return a number exactly: an integer, and the decimals at which it stands.

    >>> decimals_of("row_size", "0.050"), decimals_of("row_size", Decimal("1E+2"))
    ((5, 2), (100, 0))

    Raises:
        InvalidValue: It is no finite number.
    """
    try:
        sign, digits, exponent = Decimal(value).as_tuple()
    except (InvalidOperation, TypeError, ValueError):
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
        InvalidValue: It is no number, has more decimals or more than 38 digits, or is not above 0.
    """
    mantissa, own = decimals_of(field, value)
    if own > scale:
        raise InvalidValue(field, str(value), f"has more than {scale} decimals")
    if mantissa <= 0:
        raise InvalidValue(field, str(value), "must be above 0")
    units = int(mantissa * 10 ** (scale - own))
    if units > _WIDE_MAX:
        raise _too_wide(field, units)
    return units


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
