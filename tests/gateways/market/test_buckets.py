"""Goal: every time lies in one candle of each interval, and candles follow each other by calendar.

Method: Hypothesis compares with the calendar of `past`, which shares no code with it.
"""

from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.market.buckets import LENGTHS_MS, MONTH_MS_LEAST, back_ms, end_ms, open_ms
from tests.gateways.market.past import LENGTHS, following, opening

INTERVALS = st.sampled_from(sorted(LENGTHS_MS))
NAMED = st.sampled_from([*sorted(LENGTHS), "1w", "1M"])
# From 1970 to the year 3000.
TIMES = st.integers(0, 32_503_680_000_000)


@given(NAMED, TIMES)
def test_candles_begin_and_end_by_the_calendar(interval: str, time_ms: int) -> None:
    start_ms = open_ms(interval, time_ms)
    assert start_ms == opening(interval, time_ms)
    assert end_ms(interval, start_ms) == following(interval, start_ms)


@given(INTERVALS, TIMES)
def test_each_time_lies_in_one_candle(interval: str, time_ms: int) -> None:
    start_ms = open_ms(interval, time_ms)
    stop_ms = end_ms(interval, start_ms)
    assert start_ms <= time_ms < stop_ms
    assert open_ms(interval, start_ms) == open_ms(interval, stop_ms - 1) == start_ms
    assert open_ms(interval, stop_ms) == stop_ms
    least_ms = MONTH_MS_LEAST if interval == "1M" else LENGTHS_MS[interval]
    assert stop_ms - start_ms >= least_ms


@given(INTERVALS, TIMES, st.integers(0, 50))
def test_back_is_forth_as_often(interval: str, time_ms: int, count: int) -> None:
    start_ms = open_ms(interval, time_ms)
    found_ms = back_ms(interval, start_ms, count)
    for _ in range(count):
        found_ms = end_ms(interval, found_ms)
    assert found_ms == start_ms
