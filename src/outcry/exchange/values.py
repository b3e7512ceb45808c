"""Numbers at the edge, as the integers that commands carry."""

from decimal import Decimal
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from outcry.errors import InvalidValue

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

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
    raise InvalidValue(field, shown(value), f"must be an int from {least} to {most}")


def to_flag(field: str, value: bool) -> bool:
    """Return True or False as such; NumPy's are bools too.

    Raises:
        InvalidValue: It is neither.

    >>> to_flag("posted", "no")
    Traceback (most recent call last):
    outcry.errors.InvalidValue: posted: 'no' must be True or False
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise InvalidValue(field, shown(value), "must be True or False")


def to_view(records: "ReadableBuffer | npt.NDArray[np.void]") -> memoryview:
    """Return the bytes of records as a view.

    Raises:
        InvalidValue: It is no buffer.
    """
    try:
        return memoryview(cast("ReadableBuffer", records))
    except (TypeError, ValueError):
        bound = "must be a buffer of records, as bytes or a NumPy array"
        raise InvalidValue("records", f"<{type(records).__name__}>", bound) from None


def to_path(path: Path | str) -> Path:
    """Return a path as such.

    Raises:
        InvalidValue: It is none.
    """
    try:
        return Path(path)
    except TypeError:
        raise InvalidValue("path", shown(path), "must be a str or a Path") from None


def shown(value: object) -> str:
    """Return a value's text, or its type: Python writes no int of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return f"<{type(value).__name__}>"
