"""Words and decimals at the edge, as the integers that commands carry."""

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum
from typing import TypeVar

from outcry.errors import InvalidValue

Number = str | int | Decimal
"""What says exactly what it is. A float does not, and is refused."""

Increment = tuple[int, int]
"""A tick, a lot or a smallest unit: mantissa and decimals."""

PRICE_TICKS_MAX = (1 << 63) - 1
AMOUNT_MAX = 1 << 100
U32_MAX = (1 << 32) - 1
U64_MAX = (1 << 64) - 1

_Choice = TypeVar("_Choice", bound=IntEnum)


def to_whole(field: str, value: int, most: int) -> int:
    """Return an integer from 0 to `most` as it is.

    Raises:
        InvalidValue: It is none.

    >>> to_whole("account", -1, 10)
    Traceback (most recent call last):
    outcry.errors.InvalidValue: account: -1 must be an int from 0 to 10
    """
    if type(value) is int and 0 <= value <= most:
        return value
    raise InvalidValue(field, repr(value), f"must be an int from 0 to {most}")


def choices(kind: type[_Choice]) -> Mapping[object, _Choice]:
    """Return the values of an enumeration by their names and by themselves."""
    return {key: value for value in kind for key in (str(value), value)}


def chosen(field: str, value: object, allowed: Mapping[object, _Choice]) -> _Choice:
    """Return the value that a word or a number names.

    Raises:
        InvalidValue: It names none.

    >>> from outcry.protocol import Side
    >>> chosen("side", "sell", choices(Side))
    <Side.SELL: 2>
    >>> chosen("side", "both", choices(Side))
    Traceback (most recent call last):
    outcry.errors.InvalidValue: side: both must be one of buy, sell
    """
    try:
        return allowed[value]
    except (KeyError, TypeError):
        names = ", ".join(key for key in allowed if isinstance(key, str))
        raise InvalidValue(field, str(value), f"must be one of {names}") from None
