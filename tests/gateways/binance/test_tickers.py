"""Tickers, against trades that are known."""

from decimal import Decimal
from typing import Any

import pytest

from tests.gateways.binance.ether_day import MINI, WINDOW, ZERO, trade_ether
from tests.gateways.desk import Desk
from tests.gateways.serving import MAKER

DAY_MS = 86_400_000
FULL = WINDOW | {
    "prevClosePrice",
    "lastQty",
    "bidPrice",
    "bidQty",
    "askPrice",
    "askQty",
}


@pytest.fixture(scope="module", autouse=True)
def traded(desk: Desk) -> None:
    """Trade, and leave a market."""
    exchange = desk.venue.opened
    trade_ether(exchange)
    exchange.place("ETHUSDT", side="buy", price="3049", quantity="2", account=MAKER)
    exchange.place("ETHUSDT", side="sell", price="3051", quantity="3", account=MAKER)


def one(desk: Desk, path: str, symbol: str = "ETHUSDT", **said: object) -> dict[str, Any]:
    told = desk.get(f"ticker/{path}", symbol=symbol, **said).body
    assert isinstance(told, dict)
    return told


def test_the_day_is_told(desk: Desk) -> None:
    told = one(desk, "24hr")
    cost = Decimal("300.1") + Decimal(1475) + Decimal(3100) + Decimal("762.5")
    assert told.keys() == FULL
    assert told["closeTime"] - told["openTime"] == DAY_MS
    assert {name: told[name] for name in FULL - {"openTime", "closeTime"}} == {
        "symbol": "ETHUSDT",
        "openPrice": "3001.00000000",
        "highPrice": "3100.00000000",
        "lowPrice": "2950.00000000",
        "lastPrice": "3050.00000000",
        "lastQty": "0.25000000",
        "volume": "1.85000000",
        "quoteVolume": f"{cost:.8f}",
        "priceChange": "49.00000000",
        "priceChangePercent": "1.633",
        "weightedAvgPrice": f"{cost / Decimal('1.85'):.8f}",
        "prevClosePrice": "3001.00000000",
        "bidPrice": "3049.00000000",
        "bidQty": "2.00000000",
        "askPrice": "3051.00000000",
        "askQty": "3.00000000",
        "firstId": 1,
        "lastId": 4,
        "count": 4,
    }


def test_less_can_be_asked_for(desk: Desk) -> None:
    full, mini = one(desk, "24hr"), one(desk, "24hr", type="MINI")
    assert mini.keys() == MINI
    times = {"openTime", "closeTime"}
    assert {name: mini[name] for name in MINI - times} == {
        name: full[name] for name in MINI - times
    }
    assert one(desk, "24hr", type="FULL").keys() == FULL
    reply = desk.get("ticker/24hr", symbol="ETHUSDT", type="SOME")
    assert reply.error == (400, -1139, "Invalid ticker type.")


def test_the_last_price_and_the_best_levels_are_told(desk: Desk) -> None:
    assert one(desk, "price") == {"symbol": "ETHUSDT", "price": "3050.00000000"}
    assert one(desk, "bookTicker") == {
        "symbol": "ETHUSDT",
        "bidPrice": "3049.00000000",
        "bidQty": "2.00000000",
        "askPrice": "3051.00000000",
        "askQty": "3.00000000",
    }


def test_a_market_without_a_trade_is_told_in_zeros(desk: Desk) -> None:
    told = one(desk, "24hr", "ETHBTC")
    assert told.keys() == FULL
    ids = {"firstId": -1, "lastId": -1, "count": 0}
    assert {name: told[name] for name in ids} == ids
    assert told["priceChangePercent"] == "0.000"
    others = FULL - {"symbol", "openTime", "closeTime", "priceChangePercent", *ids}
    assert {told[name] for name in others} == {ZERO}
    assert one(desk, "price", "ETHBTC")["price"] == ZERO
    best = one(desk, "bookTicker", "ETHBTC")
    assert {value for name, value in best.items() if name != "symbol"} == {ZERO}


@pytest.mark.parametrize("path", ["24hr", "price", "bookTicker"])
def test_several_come_as_a_list(desk: Desk, path: str) -> None:
    everything = desk.get(f"ticker/{path}").body
    assert [row["symbol"] for row in everything] == ["BTCUSDT", "ETHUSDT", "ETHBTC"]
    some = desk.get(f"ticker/{path}", symbols='["ETHBTC","ETHUSDT"]').body
    assert [row["symbol"] for row in some] == ["ETHBTC", "ETHUSDT"]
    (alone,) = desk.get(f"ticker/{path}", symbols='["ETHUSDT"]').body
    assert alone.keys() == one(desk, path).keys()


@pytest.mark.parametrize("path", ["24hr", "price", "bookTicker"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"symbol": "NONE"}, -1121),
        ({"symbols": '["NONE"]'}, -1121),
        ({"symbol": "ethusdt"}, -1100),
        ({"symbols": '["ethusdt"]'}, -1100),
        ({"symbols": "ETHUSDT"}, -1100),
        ({"symbols": '["ETHUSDT","ETHUSDT"]'}, -1151),
        ({"symbol": "ETHUSDT", "symbols": '["ETHUSDT"]'}, -1128),
        ({"symbol": "ETHUSDT", "symbolStatus": "HALT"}, -1220),
        ({"symbol": "ETHUSDT", "symbolStatus": "x"}, -1122),
        ({"symbolStatus": "x"}, -1122),
    ],
)
def test_what_no_ticker_answers_to(desk: Desk, path: str, said: dict[str, str], code: int) -> None:
    assert desk.get(f"ticker/{path}", **said).error[:2] == (400, code)


@pytest.mark.parametrize("path", ["24hr", "price", "bookTicker"])
def test_a_status_leaves_out_the_others(desk: Desk, path: str) -> None:
    exchange = desk.venue.opened
    exchange.set_state("ETHBTC", "halted")
    for status, symbols in (
        ("TRADING", ["BTCUSDT", "ETHUSDT"]),
        ("HALT", ["ETHBTC"]),
        ("BREAK", []),
    ):
        told = desk.get(f"ticker/{path}", symbolStatus=status).body
        assert [row["symbol"] for row in told] == symbols
    named = desk.get(f"ticker/{path}", symbols='["ETHBTC","ETHUSDT"]', symbolStatus="HALT").body
    assert [row["symbol"] for row in named] == ["ETHBTC"]
    assert one(desk, path, "ETHBTC", symbolStatus="HALT")["symbol"] == "ETHBTC"
    exchange.set_state("ETHBTC", "continuous")
