"""Numbers at the edge, as the integers that commands carry."""

from decimal import Decimal
from operator import index

from outcry.errors import InvalidValue

Number = str | int | Decimal
"""What says exactly what it is. A float does not, and is refused."""

Increment = tuple[int, int]
"""A tick, a lot or a smallest unit: mantissa and decimals."""

PRICE_TICKS_MAX = (1 << 63) - 1
AMOUNT_MAX = 1 << 100
U32_MAX = (1 << 32) - 1
U64_MAX = (1 << 64) - 1


def to_whole(field: str, value: int, most: int) -> int:
    """Return an integer from 0 to `most` as an int; NumPy's are integers too.

    Raises:
        InvalidValue: It is none.

    >>> to_whole("account", -1, 10)
    Traceback (most recent call last):
    outcry.errors.InvalidValue: account: -1 must be an int from 0 to 10
    """
    return to_between(field, value, 0, most)


def to_between(field: str, value: int, least: int, most: int) -> int:
    """Return an integer from `least` to `most` as an int; NumPy's are integers too.

    Raises:
        InvalidValue: It is none.
    """
    if not isinstance(value, bool) and hasattr(value, "__index__"):
        whole = index(value)
        if least <= whole <= most:
            return whole
    raise InvalidValue(field, _shown(value), f"must be an int from {least} to {most}")


def _shown(value: object) -> str:
    """Return a value's text, or its type: Python writes no int of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return f"<{type(value).__name__}>"
