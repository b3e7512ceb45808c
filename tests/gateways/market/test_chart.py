"""Goal: a chart's page is what a recount of all trades would say, at any time and after any gap.

Method: Hypothesis lets trades and quiet times pass; the chart gets each finished minute (or second)
as a board gives it, and its page is compared with `past` after each.
"""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.gateways.market import CANDLES_MAX, Candle, Chart, rolled_up
from tests.gateways.market.past import FIGURES, Made, klines_of
from tests.gateways.market.test_candle import one_of

START_MS = 1_717_000_000_123
SPANS = {
    "1s": 20_000,
    "1m": 3_600_000,
    "15m": 86_400_000,
    "1h": 7 * 86_400_000,
    "1d": 40 * 86_400_000,
    "1w": 200 * 86_400_000,
    "1M": 400 * 86_400_000,
}


@st.composite
def pasts(draw: st.DrawFn) -> tuple[str, list[Made], list[int]]:
    """Return an interval, trades, and for each how long it is asked after it."""
    interval = draw(st.sampled_from(sorted(SPANS)))
    trades, waits, time_ms = [], [], START_MS
    for _ in range(draw(st.integers(1, 12))):
        time_ms += draw(st.integers(0, SPANS[interval] // 4))
        ticks, lots = draw(st.integers(1, 10**7)), draw(st.integers(1, 10**7))
        trades.append(Made(time_ms, ticks, lots, draw(st.booleans())))
        waits.append(draw(st.integers(0, SPANS[interval] // 8)))
    return interval, trades, waits


def parts_of(trades: list[Made], interval: str) -> list[Candle]:
    finest = "1s" if interval == "1s" else "1m"
    return rolled_up([one_of(place, made) for place, made in enumerate(trades, 1)], finest)


@settings(max_examples=150)
@given(pasts(), st.sampled_from([1, 2, 5, 500, 1_000]))
def test_pages_are_what_the_trades_make(
    past: tuple[str, list[Made], list[int]], count: int
) -> None:
    interval, trades, waits = past
    chart = Chart(interval, FIGURES, [])
    given_parts = 0
    for place, wait_ms in enumerate(waits, 1):
        so_far = trades[:place]
        *finished, forming = parts_of(so_far, interval)
        for part in finished[given_parts:]:
            chart.take(part)
        given_parts = len(finished)
        now_ms = so_far[-1].time_ms
        if place < len(trades):
            now_ms = min(now_ms + wait_ms, trades[place].time_ms)
        chart.settle(forming.open_ms)
        page = json.loads(chart.page(count, now_ms, forming))
        assert page == klines_of(so_far, interval, 0, now_ms)[-count:]


@settings(max_examples=50)
@given(pasts())
def test_a_chart_that_begins_anywhere_is_the_same(past: tuple[str, list[Made], list[int]]) -> None:
    interval, trades, _ = past
    *finished, forming = parts_of(trades, interval)
    now_ms = trades[-1].time_ms
    pages = []
    for begun in range(len(finished) + 1):
        chart = Chart(interval, FIGURES, rolled_up(finished[:begun], interval))
        for part in finished[begun:]:
            chart.take(part)
        pages.append(chart.page(CANDLES_MAX, now_ms, forming))
    assert len(set(pages)) == 1


def test_a_long_quiet_time_leaves_as_many_as_are_kept() -> None:
    chart = Chart("1m", FIGURES, parts_of([Made(START_MS, 100, 5, is_buy=True)], "1m"))
    now_ms = START_MS + 3_000 * 60_000
    chart.settle(now_ms)
    page = json.loads(chart.page(CANDLES_MAX, now_ms, None))
    assert page == klines_of([Made(START_MS, 100, 5, is_buy=True)], "1m", 0, now_ms)[-1_000:]
    assert len(page) == 1_000


def test_there_is_nothing_before_the_first_trade() -> None:
    assert Chart("1m", FIGURES, []).page(10, START_MS, None) == b"[]"
