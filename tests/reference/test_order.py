"""What can be said of an order alone: bands, worst prices and where a trailing stop stands.

Method: figures worked out by hand, on each side of every rounding.
"""

import pytest

from outcry.reference.codes import Side, StopUnit, Trigger
from outcry.reference.order import (
    band_high,
    band_low,
    is_met,
    is_within,
    opposite,
    trailing_stop,
    worst_price,
)


@pytest.mark.parametrize(
    ("price", "ppm", "low", "high"),
    [
        (333, 100_000, 300, 366),
        (100, 0, 100, 100),
        (1, 1, 1, 1),
        (100, 1_000_000, 0, 200),
        (1 << 62, 1_000_000, 0, 1 << 63),
    ],
)
def test_a_band_is_rounded_inward(price: int, ppm: int, low: int, high: int) -> None:
    assert band_low(price, ppm) == low
    assert band_high(price, ppm) == high


@pytest.mark.parametrize(
    ("side", "around", "ppm", "worst"),
    [
        (Side.BUY, 100, 15_000, 101),
        (Side.SELL, 100, 15_000, 99),
        (Side.BUY, 100, 0, 120),
        (Side.SELL, 100, 0, 90),
        (Side.BUY, 200, 15_000, 120),
        (Side.SELL, 200, 15_000, 120),
        (Side.BUY, 10, 15_000, 90),
        (Side.SELL, 10, 15_000, 90),
    ],
)
def test_a_worst_price_is_clamped_into_the_filter(
    side: int, around: int, ppm: int, worst: int
) -> None:
    assert worst_price(side, around, ppm, 90, 120) == worst


@pytest.mark.parametrize(
    ("trigger", "unit", "distance", "stop"),
    [
        (Trigger.FALL, StopUnit.TRAIL_TICKS, 3, 147),
        (Trigger.RISE, StopUnit.TRAIL_TICKS, 3, 153),
        (Trigger.FALL, StopUnit.TRAIL_TICKS, 200, -50),
        (Trigger.FALL, StopUnit.TRAIL_PPM, 10_000, 149),
        (Trigger.RISE, StopUnit.TRAIL_PPM, 10_000, 151),
        (Trigger.FALL, StopUnit.TRAIL_PPM, 999_999, 1),
    ],
)
def test_a_trailing_stop_stands_at_its_distance_from_150(
    trigger: int, unit: int, distance: int, stop: int
) -> None:
    assert trailing_stop(trigger, unit, distance, 150) == stop


def test_sides_and_triggers() -> None:
    assert opposite(Side.BUY) == Side.SELL
    assert opposite(Side.SELL) == Side.BUY
    assert is_within(Side.BUY, 100, 100)
    assert not is_within(Side.BUY, 100, 101)
    assert not is_within(Side.SELL, 100, 99)
    assert is_met(Trigger.RISE, 100, 100)
    assert not is_met(Trigger.FALL, 100, 101)
