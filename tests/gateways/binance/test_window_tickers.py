"""Tickers of a chosen window, against trades that are known."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from outcry.gateways.binance import window_tickers
from tests.gateways.binance.ether_day import MINI, WINDOW, ZERO, trade_ether
from tests.gateways.desk import Desk

MINUTE_MS = 60_000
DAY_MS = 86_400_000
PATHS = pytest.mark.parametrize("path", ["ticker", "ticker/tradingDay"])


@pytest.fixture(scope="module", autouse=True)
def traded(desk: Desk) -> None:
    trade_ether(desk.venue.opened)


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what lets time pass for those who ask for these tickers, in milliseconds."""

    def by(passed_ms: int) -> None:
        monkeypatch.setattr(
            window_tickers, "time_ns", lambda: time.time_ns() + passed_ms * 1_000_000
        )

    return by


def one(desk: Desk, path: str, symbol: str = "ETHUSDT", **said: object) -> dict[str, Any]:
    told = desk.get(path, symbol=symbol, **said).body
    assert isinstance(told, dict)
    return told


@PATHS
def test_a_window_is_told(desk: Desk, path: str) -> None:
    told = one(desk, path)
    assert told.keys() == WINDOW
    assert (told["openPrice"], told["highPrice"]) == ("3001.00000000", "3100.00000000")
    assert (told["lowPrice"], told["lastPrice"]) == ("2950.00000000", "3050.00000000")
    assert (told["volume"], told["quoteVolume"]) == ("1.85000000", "5637.60000000")
    assert (told["priceChange"], told["priceChangePercent"]) == ("49.00000000", "1.633")
    assert Decimal(told["weightedAvgPrice"]) == Decimal("3047.35135135")
    assert told["count"] == told["lastId"] - told["firstId"] + 1


@PATHS
def test_mini_leaves_out_what_follows(desk: Desk, path: str) -> None:
    full, mini = one(desk, path), one(desk, path, type="MINI")
    assert mini.keys() == MINI
    assert mini["quoteVolume"] == full["quoteVolume"]
    assert desk.get(path, symbol="ETHUSDT", type="X").error == (400, -1139, "Invalid ticker type.")


@pytest.mark.parametrize(
    ("said", "length_ms"),
    [({}, DAY_MS), ({"windowSize": "2m"}, 2 * MINUTE_MS), ({"windowSize": "7d"}, 7 * DAY_MS)],
)
def test_a_rolling_window_begins_with_a_whole_minute(
    desk: Desk, said: dict[str, str], length_ms: int
) -> None:
    told = one(desk, "ticker", **said)
    assert told["openTime"] % MINUTE_MS == 0
    assert length_ms <= told["closeTime"] - told["openTime"] < length_ms + MINUTE_MS


@pytest.mark.parametrize("size", ["0m", "60m", "24h", "8d", "1d2h", "1D", "", "01m"])
def test_a_window_of_another_size_is_refused(desk: Desk, size: str) -> None:
    status, code, text = desk.get("ticker", symbol="ETHUSDT", windowSize=size).error
    assert (status, code) == (400, -1100)
    assert text.startswith("Illegal characters found in parameter 'windowSize'")


@pytest.mark.parametrize(("zone", "shift_ms"), [("0", 0), ("8", 28_800_000), ("-1:30", -5_400_000)])
def test_a_day_is_that_of_the_callers_zone(desk: Desk, zone: str, shift_ms: int) -> None:
    told = one(desk, "ticker/tradingDay", timeZone=zone)
    assert (told["openTime"] + shift_ms) % DAY_MS == 0
    assert told["closeTime"] - told["openTime"] == DAY_MS - 1
    refused = desk.get("ticker/tradingDay", symbol="ETHUSDT", timeZone="15").error
    assert refused[:2] == (400, -1100)


def test_times_are_told_in_the_unit_that_is_asked_for(desk: Desk) -> None:
    headers = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    query = b"symbol=ETHUSDT"
    day = desk.ask("GET", "/api/v3/ticker/tradingDay", query, headers=headers).body
    assert day["closeTime"] - day["openTime"] == DAY_MS * 1_000 - 1
    last = desk.ask("GET", "/api/v3/ticker", query, headers=headers).body
    assert last["openTime"] % (MINUTE_MS * 1_000) == 0
    assert last["closeTime"] > 10**15


def test_a_quiet_window_has_the_price_before_it(
    desk: Desk, pass_time: Callable[[int], None]
) -> None:
    pass_time(3 * DAY_MS)
    for told in (one(desk, "ticker", windowSize="5m"), one(desk, "ticker/tradingDay")):
        assert {told[name] for name in ("openPrice", "lowPrice", "lastPrice")} == {"3050.00000000"}
        assert (told["volume"], told["priceChange"], told["count"]) == (ZERO, ZERO, 0)
        assert (told["firstId"], told["lastId"]) == (-1, -1)
    assert one(desk, "ticker", windowSize="7d")["volume"] == "1.85000000"


@PATHS
def test_before_the_first_trade_all_is_nothing(desk: Desk, path: str) -> None:
    told = one(desk, path, "ETHBTC")
    assert {told[name] for name in ("openPrice", "lastPrice", "weightedAvgPrice")} == {ZERO}
    assert (told["firstId"], told["count"]) == (-1, 0)


@PATHS
def test_several_symbols_are_a_list(desk: Desk, path: str) -> None:
    told = desk.get(path, symbols='["ETHBTC","ETHUSDT"]').body
    assert [each["symbol"] for each in told] == ["ETHBTC", "ETHUSDT"]
    none = desk.get(path, symbols='["ETHUSDT"]', symbolStatus="HALT")
    assert none.body == []


@PATHS
def test_symbols_have_to_be_named(desk: Desk, path: str) -> None:
    text = "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"
    assert desk.get(path).error == (400, -1102, text)
    both = desk.get(path, symbol="ETHUSDT", symbols='["ETHUSDT"]')
    assert both.error == (400, -1128, "Combination of optional parameters invalid.")
    many = ",".join(f'"S{number}"' for number in range(101))
    assert desk.get(path, symbols=f"[{many}]").error[:2] == (400, -1101)
    assert desk.get(path, symbol="NONE").error == (400, -1121, "Invalid symbol.")
