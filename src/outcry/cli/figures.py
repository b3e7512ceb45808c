"""Integers of the engine as figures people read: exact decimals, times, rates."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Final

SECOND_NS: Final = 1_000_000_000
# Products of 128-bit sums and an increment keep all their digits.
_EXACT_DIGITS: Final = 96


def decimal_of(units: int, *increments: Decimal) -> Decimal:
    """Return `units` times the increments, exactly.

    >>> decimal_of(503, Decimal("0.01"), Decimal("0.001"))
    Decimal('0.00503')
    """
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        product = Decimal(units)
        for increment in increments:
            product *= increment
        return product


def as_precise_as(value: Decimal, other: Decimal) -> Decimal:
    """Return `value` rounded to as many decimals as `other` has.

    >>> as_precise_as(Decimal("100.333"), Decimal("7.10"))
    Decimal('100.33')
    """
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        return value.quantize(other)


def grouped(value: Decimal) -> str:
    """Return a decimal with separated thousands and all its decimals.

    >>> grouped(Decimal("1234567.8900"))
    '1,234,567.8900'
    """
    return f"{value:,f}"


def clock(time_ns: int) -> str:
    """Return the time of day, to the second.

    >>> clock(34_200_004_241_176)
    '09:30:00'
    """
    return f"{datetime.fromtimestamp(time_ns // SECOND_NS, UTC):%H:%M:%S}"


def rate(count: int, elapsed_ns: int) -> int:
    """Return how many a second, rounded down.

    >>> rate(3, 1_500_000_000)
    2
    """
    return count * SECOND_NS // max(elapsed_ns, 1)
