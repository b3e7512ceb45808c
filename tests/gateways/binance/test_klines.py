"""Candles as the API pages them, against candles counted trade by trade with a calendar.

Goal: every window of every interval and time zone holds exactly the candles that the trades make.
Method: Hypothesis makes trades over seconds, days or years and asks for pages of them through the
real fold; the expected page comes from `past`, which shares no code with it.
"""

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.gateways.binance import klines as module
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.market import Markets
from outcry.settings import ServeSettings
from tests.gateways.market.past import (
    BTC,
    FIGURES,
    Made,
    following,
    klines_of,
    markets_of,
    opening,
)

START_MS = 1_717_000_000_123
DAY_MS = 86_400_000
SPANS = {
    "1s": 30 * 60_000,
    "1m": 3 * DAY_MS,
    "15m": 20 * DAY_MS,
    "4h": 400 * DAY_MS,
    "1d": 900 * DAY_MS,
    "3d": 900 * DAY_MS,
    "1w": 900 * DAY_MS,
    "1M": 2_000 * DAY_MS,
}
ZONES = {"0": 0, "8": 480, "-12:00": -720, "5:45": 345, "+14": 840, "-1:00": -60}


@st.composite
def pasts(draw: st.DrawFn) -> tuple[str, list[Made], int]:
    """Return an interval, trades over a fitting time, and what time it is."""
    interval = draw(st.sampled_from(sorted(SPANS)))
    span_ms = SPANS[interval]
    gaps = draw(st.lists(st.integers(0, span_ms // 8), max_size=24))
    trades, time_ms = [], START_MS
    for gap_ms in gaps:
        time_ms += gap_ms
        ticks = draw(st.integers(1, 10_000_000))
        trades.append(Made(time_ms, ticks, draw(st.integers(1, 10**7)), draw(st.booleans())))
    return interval, trades, time_ms + draw(st.integers(0, span_ms // 4))


def asked(markets: Markets, now_ms: int, **said: object) -> list[list[object]]:
    """Return a page of candles as the route tells it at a time."""
    return asked_in(1_000_000, markets, now_ms, said)


def asked_in(
    unit_ns: int, markets: Markets, now_ms: int, said: Mapping[str, object]
) -> list[list[object]]:
    """Return a page with its times in a unit of so many nanoseconds."""
    venue: Any = SimpleNamespace(
        markets=markets,
        figures=lambda _instrument: FIGURES,
        instrument=lambda _symbol: BTC,
        settings=ServeSettings(),
    )
    query = "&".join(f"{name}={value}" for name, value in {"symbol": "BTCUSDT", **said}.items())
    call = Call(
        "GET",
        "/api/v3/klines",
        query.replace("+", "%2B").encode(),
        b"",
        api_key=None,
        address="",
        received_ns=now_ms * 1_000_000,
        request_id=1,
    )
    call.unit_ns = unit_ns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time_ns", lambda: now_ms * 1_000_000)
        told = asyncio.run(cast("Any", module.klines(venue, call)))
    return cast("list[list[object]]", json.loads(told))


@settings(max_examples=60)
@given(pasts(), st.sampled_from(sorted(ZONES)), st.sampled_from([1, 2, 10, 500, 1_000]))
def test_the_newest_candles(past: tuple[str, list[Made], int], zone: str, limit: int) -> None:
    interval, trades, now_ms = past
    shift_ms = ZONES[zone] * 60_000
    markets = markets_of(trades)
    expected = klines_of(trades, interval, 0, now_ms, shift_ms)[-limit:]
    said = {"interval": interval, "limit": limit}
    if shift_ms:
        said["timeZone"] = zone
    assert asked(markets, now_ms, **said) == expected
    assert asked(markets, now_ms, **said, endTime=now_ms) == expected


@settings(max_examples=60)
@given(
    pasts(),
    st.sampled_from(sorted(ZONES)),
    st.integers(1, 60),
    st.floats(0, 1),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_windows(
    past: tuple[str, list[Made], int], zone: str, limit: int, start: float, end: float | None
) -> None:
    interval, trades, now_ms = past
    shift_ms = ZONES[zone] * 60_000
    start_ms = START_MS - 5_000 + int((now_ms - START_MS + 5_000) * start)
    said = {"interval": interval, "limit": limit, "timeZone": zone, "startTime": start_ms}
    last_ms = now_ms
    if end is not None:
        last_ms = start_ms + int((now_ms - start_ms) * end)
        said["endTime"] = last_ms
    expected = klines_of(trades, interval, start_ms, last_ms, shift_ms)[:limit]
    assert asked(markets_of(trades), now_ms, **said) == expected


@settings(max_examples=20)
@given(pasts(), st.integers(1, 1_000))
def test_asking_from_the_beginning_of_time_finds_the_earliest(
    past: tuple[str, list[Made], int], limit: int
) -> None:
    interval, trades, now_ms = past
    told = asked(markets_of(trades), now_ms, interval=interval, startTime=0, limit=limit)
    assert told == klines_of(trades, interval, 0, now_ms)[:limit]


def test_pages_follow_each_other_without_a_gap() -> None:
    trades = [Made(START_MS + 7_777_777 * place, 100 + place, 5, True) for place in range(200)]
    markets, now_ms = markets_of(trades), trades[-1].time_ms
    found: list[list[object]] = []
    start_ms = 0
    while page := asked(markets, now_ms, interval="1h", startTime=start_ms, limit=100):
        found += page
        start_ms = following("1h", cast("int", page[-1][0]))
    assert found == klines_of(trades, "1h", 0, now_ms)


def test_a_quiet_year_costs_no_candle_of_it() -> None:
    trades = [Made(START_MS, 100, 5, True)]
    now_ms = START_MS + 365 * DAY_MS
    told = asked(markets_of(trades), now_ms, interval="1s", limit=1_000)
    assert [row[0] for row in told] == [
        opening("1s", now_ms) - 1_000 * back for back in reversed(range(1_000))
    ]
    assert {row[4] for row in told} == {"1.00000000"}
    assert {row[8] for row in told} == {0}


def test_a_page_of_busy_seconds_ends_early_and_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    trades = [Made(START_MS + place * 100, 100 + place, 5, True) for place in range(5_000)]
    monkeypatch.setattr("outcry.gateways.market.markets.SECOND_TRADES_MAX", 2_000)
    now_ms = trades[-1].time_ms
    told = asked(markets_of(trades), now_ms, interval="1s", startTime=START_MS, limit=1_000)
    assert told == klines_of(trades, "1s", START_MS, now_ms)[: len(told)]
    assert 100 < len(told) < 400


@pytest.mark.parametrize("count", [5_000, 900])
def test_a_page_of_busy_seconds_without_a_start_holds_the_newest(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    trades = [Made(START_MS + place * 100, 100 + place, 5, True) for place in range(count)]
    monkeypatch.setattr("outcry.gateways.market.markets.SECOND_TRADES_MAX", 2_000)
    markets, now_ms = markets_of(trades), trades[-1].time_ms + 5_000
    last_ms = trades[-1].time_ms - 1_234
    told = asked(markets, now_ms, interval="1s", endTime=last_ms, limit=1_000)
    expected = klines_of(trades, "1s", 0, last_ms)
    assert told == expected[len(expected) - len(told) :]
    assert len(told) == len(expected) or 190 < len(told) <= 300
    few = asked(markets, now_ms, interval="1s", endTime=last_ms, limit=3)
    assert few == expected[-3:]


def in_microseconds(candles: list[list[object]]) -> list[list[object]]:
    told = []
    for row in candles:
        first, last = cast("int", row[0]), cast("int", row[6])
        told.append([first * 1_000, *row[1:6], (last + 1) * 1_000 - 1, *row[7:]])
    return told


@pytest.mark.parametrize("interval", ["1s", "1m", "1d"])
@pytest.mark.parametrize("more", [{}, {"startTime": START_MS - 86_400_000}, {"timeZone": "8"}])
def test_times_can_be_told_in_microseconds(interval: str, more: dict[str, object]) -> None:
    trades = [Made(START_MS + place * 7_100, 100 + place, 5, True) for place in range(60)]
    markets, now_ms = markets_of(trades), trades[-1].time_ms + 3_000
    told = asked(markets, now_ms, interval=interval, **more)
    fine = asked_in(1_000, markets, now_ms, {"interval": interval, **more})
    assert fine == in_microseconds(told) != []


def test_times_can_be_asked_in_microseconds() -> None:
    trades = [Made(START_MS + place * 700, 100 + place, 5, True) for place in range(60)]
    markets, now_ms = markets_of(trades), trades[-1].time_ms
    opens = opening("1s", START_MS + 10_000)
    from_it = asked(markets, now_ms, interval="1s", startTime=opens * 1_000)
    assert from_it == asked(markets, now_ms, interval="1s", startTime=opens)
    assert from_it[0][0] == opens
    behind = asked(markets, now_ms, interval="1s", startTime=opens * 1_000 + 1)
    assert behind[0][0] == opens + 1_000


@pytest.mark.parametrize("time_ms", [0, 99_999_999_999_999, 9_223_372_036_854_775])
@pytest.mark.parametrize("interval", ["1s", "1m", "3d", "1w", "1M"])
@pytest.mark.parametrize("zone", ["0", "14", "-12"])
def test_the_ends_of_time_are_times(time_ms: int, interval: str, zone: str) -> None:
    trades = [Made(START_MS, 100, 5, True)]
    said = {"interval": interval, "timeZone": zone, "limit": 3}
    markets, now_ms = markets_of(trades), START_MS + 1
    assert len(asked(markets, now_ms, **said, startTime=time_ms)) == (0 if time_ms else 1)
    assert len(asked(markets, now_ms, **said, endTime=time_ms)) == (1 if time_ms else 0)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"interval": "2m"}, -1120),
        ({"interval": ""}, -1102),
        ({}, -1102),
        ({"interval": "1m", "limit": 0}, -1130),
        ({"interval": "1m", "startTime": "x"}, -1100),
        ({"interval": "1m", "startTime": 9_223_372_036_854_776}, -1130),
        ({"interval": "1m", "timeZone": "15"}, -1100),
        ({"interval": "1m", "timeZone": "-12:01"}, -1100),
        ({"interval": "1m", "timeZone": "1:60"}, -1100),
        ({"interval": "1m", "timeZone": "Z"}, -1100),
    ],
)
def test_what_is_no_window_is_refused(said: dict[str, object], code: int) -> None:
    with pytest.raises(ApiError) as raised:
        asked(markets_of([]), START_MS, **said)
    assert (raised.value.status, raised.value.code) == (400, code)


def test_without_a_trade_there_is_no_candle() -> None:
    assert asked(markets_of([]), START_MS, interval="1d") == []
    assert asked(markets_of([]), START_MS, interval="1d", startTime=0) == []
