"""Times in milliseconds or microseconds, on every route that tells one.

Goal: a client that asks for microseconds gets the same answer with finer times, and nothing else
changes. Method: an account with orders of every kind, trades and lists; each route that only reads
is asked twice, and its times, told by name or place, must differ by the unit and the rest not at
all. Orders are placed, replaced and cancelled in microseconds and then asked about.
"""

from time import time_ns
from typing import Any

import pytest

from outcry.gateways.binance import ROUTES
from tests.gateways.desk import Client, Desk, Reply, signed
from tests.gateways.serving import BOT

NAMES = {
    "T",
    "closeTime",
    "openTime",
    "serverTime",
    "time",
    "trailingTime",
    "transactTime",
    "transactionTime",
    "updateTime",
    "workingTime",
}
NOW = {"serverTime", "openTime", "closeTime"}
"""What tells the time of asking, which is another one the next time."""

FAR: dict[str, object] = {
    "symbol": "ETHUSDT",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "side": "BUY",
    "price": "2000",
}
OCO: dict[str, object] = {
    "symbol": "ETHUSDT",
    "side": "SELL",
    "quantity": "0.1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "3900",
    "belowType": "STOP_LOSS",
    "belowTrailingDelta": "1500",
}


def asked(client: Client, method: str, path: str, unit: str | None, **said: object) -> Reply:
    """Ask with the header, or without."""
    headers = {} if unit is None else {"X-MBX-TIME-UNIT": unit}
    where = f"/api/v3/{path}"
    if ROUTES[method, where].scope is None:
        query = "&".join(f"{name}={value}" for name, value in said.items()).encode()
        return client.desk.ask(method, where, query, headers=headers)
    said = {"timestamp": _now_ms(), "recvWindow": 60_000} | said
    headers["X-MBX-APIKEY"] = client.key.api_key
    return client.desk.ask(method, where, signed(client.key, said), headers=headers)


def _now_ms() -> int:
    return time_ns() // 1_000_000


def coarse(told: Any, name: str = "") -> Any:  # noqa: ANN401 - what JSON says
    """Return what is told in microseconds as it is in milliseconds."""
    if isinstance(told, dict):
        return {key: coarse(value, key) for key, value in told.items()}
    if isinstance(told, list):
        return [coarse(each) for each in told]
    if name in NAMES and told != -1:
        assert told > 10**15, (name, told)
        return told // 1_000
    return told


def without_now(told: Any) -> Any:  # noqa: ANN401 - what JSON says
    if isinstance(told, dict):
        return {key: without_now(value) for key, value in told.items() if key not in NOW}
    return [without_now(each) for each in told] if isinstance(told, list) else told


@pytest.fixture(scope="module")
def trader(desk: Desk) -> Client:
    """Return a client with a past and something open."""
    bot = desk.client(BOT)
    for said in (
        FAR,
        FAR | {"type": "STOP_LOSS", "trailingDelta": "1500", "side": "SELL", "price": None},
        {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.5"},
    ):
        order = {name: value for name, value in said.items() if value is not None}
        if order["type"] == "STOP_LOSS":
            del order["timeInForce"]
        assert bot("POST", "order", **order).status == 200
    assert bot("POST", "orderList/oco", **OCO).status == 200
    return bot


READS: list[tuple[str, dict[str, object]]] = [
    ("time", {}),
    ("exchangeInfo", {}),
    ("trades", {"symbol": "ETHUSDT"}),
    ("historicalTrades", {"symbol": "ETHUSDT"}),
    ("aggTrades", {"symbol": "ETHUSDT"}),
    ("avgPrice", {"symbol": "ETHUSDT"}),
    ("ticker/24hr", {}),
    ("ticker/24hr", {"symbol": "ETHUSDT", "type": "MINI"}),
    ("ticker", {"symbol": "ETHUSDT"}),
    ("ticker/tradingDay", {"symbol": "ETHUSDT"}),
    ("openOrders", {}),
    ("allOrders", {"symbol": "ETHUSDT"}),
    ("myTrades", {"symbol": "ETHUSDT"}),
    ("allOrderList", {}),
    ("openOrderList", {}),
    ("account", {}),
]


@pytest.mark.parametrize(("path", "said"), READS)
def test_a_read_differs_by_its_unit_alone(
    trader: Client, path: str, said: dict[str, object]
) -> None:
    usual = asked(trader, "GET", path, None, **said)
    fine = asked(trader, "GET", path, "MICROSECOND", **said)
    assert (usual.status, fine.status) == (200, 200), (usual, fine)
    assert fine.raw != usual.raw
    told = coarse(fine.body)
    assert without_now(told) == without_now(usual.body)
    for unit in ("microsecond", "MILLISECOND", "millisecond"):
        again = asked(trader, "GET", path, unit, **said)
        body = coarse(again.body) if unit == "microsecond" else again.body
        assert without_now(body) == without_now(usual.body)


def test_the_clock_is_told_in_both_units(trader: Client) -> None:
    usual = asked(trader, "GET", "time", None).body["serverTime"]
    fine = asked(trader, "GET", "time", "microsecond").body["serverTime"]
    assert 0 <= fine - usual * 1_000 < 60 * 10**6


def test_klines_are_told_in_microseconds(trader: Client) -> None:
    said = {"symbol": "ETHUSDT", "interval": "1d"}
    (usual,) = asked(trader, "GET", "klines", None, **said).body
    (fine,) = asked(trader, "GET", "klines", "MICROSECOND", **said).body
    assert fine[0] == usual[0] * 1_000
    assert fine[6] == (usual[6] + 1) * 1_000 - 1
    assert fine[1:6] + fine[7:] == usual[1:6] + usual[7:]


@pytest.mark.parametrize("word", ["", "SECOND", "Microsecond", "microseconds", "1"])
@pytest.mark.parametrize(("method", "path"), [("GET", "time"), ("POST", "order"), ("GET", "depth")])
def test_another_unit_is_refused_and_nothing_done(
    trader: Client, method: str, path: str, word: str
) -> None:
    before = asked(trader, "GET", "openOrders", None).body
    reply = asked(trader, method, path, word, **FAR)
    text = "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."
    assert reply.error == (400, -1194, text)
    assert asked(trader, "GET", "openOrders", None).body == before


def test_an_order_tells_microseconds_all_its_life(trader: Client) -> None:
    placed = asked(trader, "POST", "order", "MICROSECOND", **FAR, newOrderRespType="RESULT").body
    name = {"symbol": "ETHUSDT", "orderId": placed["orderId"]}
    live = asked(trader, "GET", "order", "MICROSECOND", **name).body
    assert placed["transactTime"] == placed["workingTime"] == live["time"] == live["workingTime"]
    assert placed["transactTime"] % 1_000 or live["updateTime"] > 10**15
    usual = asked(trader, "GET", "order", None, **name).body
    assert coarse(live) == usual
    amended = asked(trader, "PUT", "order/amend/keepPriority", "MICROSECOND", **name, newQty="0.9")
    live = asked(trader, "GET", "order", "MICROSECOND", **name).body
    assert amended.body["transactTime"] == live["updateTime"] > live["time"]
    assert amended.body["amendedOrder"]["workingTime"] == placed["workingTime"]
    gone = asked(trader, "DELETE", "order", "MICROSECOND", **name).body
    over = asked(trader, "GET", "order", "MICROSECOND", **name).body
    assert gone["transactTime"] == over["updateTime"] > live["updateTime"]
    assert coarse(over) == asked(trader, "GET", "order", None, **name).body


def test_lists_and_their_ends_tell_microseconds(trader: Client) -> None:
    placed = asked(trader, "POST", "orderList/oco", "MICROSECOND", **OCO).body
    time = placed["transactionTime"]
    assert time > 10**15
    assert {leg["transactTime"] for leg in placed["orderReports"]} == {time}
    trailing = next(leg for leg in placed["orderReports"] if leg["type"] == "STOP_LOSS")
    assert (trailing["trailingTime"], trailing["workingTime"]) == (time, -1)
    number = placed["orderListId"]
    told = asked(trader, "GET", "orderList", "MICROSECOND", orderListId=number).body
    assert told["transactionTime"] == time
    gone = asked(
        trader, "DELETE", "orderList", "MICROSECOND", symbol="ETHUSDT", orderListId=number
    ).body
    (ended,) = {leg["transactTime"] for leg in gone["orderReports"]}
    assert gone["transactionTime"] == ended > time


def test_a_cancel_replace_and_a_mass_cancel_tell_microseconds(trader: Client) -> None:
    placed = asked(trader, "POST", "order", None, **FAR | {"price": "2001"}).body
    both = asked(
        trader,
        "POST",
        "order/cancelReplace",
        "MICROSECOND",
        **FAR,
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrderId=placed["orderId"],
    ).body
    times = [both[f"{half}Response"]["transactTime"] for half in ("cancel", "newOrder")]
    assert 10**15 < times[0] < times[1]
    told = asked(trader, "DELETE", "openOrders", "MICROSECOND", symbol="ETHUSDT").body
    lists = [each for each in told if "orderReports" in each]
    assert lists
    assert all(each["transactionTime"] > 10**15 for each in lists)
    rows = [row for each in told for row in each.get("orderReports", [each])]
    assert all(row["transactTime"] > 10**15 for row in rows)
    trailing = [row for row in rows if "trailingDelta" in row]
    assert trailing
    for row in trailing:
        name = {"symbol": "ETHUSDT", "orderId": row["orderId"]}
        one = asked(trader, "GET", "order", "MICROSECOND", **name).body
        assert one["trailingTime"] == row["trailingTime"] == one["time"]


def test_every_route_that_tells_a_time_is_tried() -> None:
    tried = {path for path, _ in READS} | {"order", "orderList", "klines", "uiKlines"}
    reads = {path.removeprefix("/api/v3/") for method, path in ROUTES if method == "GET"}
    timeless = {
        "ping",
        "depth",
        "ticker/price",
        "ticker/bookTicker",
        "account/commission",
        "executionRules",
        "historicalBlockTrades",
        "myAllocations",
        "myFilters",
        "rateLimit/order",
    }
    own = {path for path in reads if not path.startswith("/")}
    assert own - timeless == tried


@pytest.mark.parametrize("path", ["allOrders", "myTrades", "aggTrades"])
def test_times_are_asked_in_either_unit(trader: Client, path: str) -> None:
    said = {"symbol": "ETHUSDT"}
    everything = asked(trader, "GET", path, "MICROSECOND", **said).body
    assert everything
    name = "T" if path == "aggTrades" else "time"
    times = sorted(row[name] for row in everything)
    from_us = asked(trader, "GET", path, "MICROSECOND", **said, startTime=times[-1]).body
    assert [row for row in everything if row[name] >= times[-1]] == from_us
    until_us = asked(trader, "GET", path, "MICROSECOND", **said, endTime=times[0]).body
    assert [row for row in everything if row[name] <= times[0]] == until_us
    from_ms = asked(trader, "GET", path, "MICROSECOND", **said, startTime=times[-1] // 1_000).body
    assert from_us == from_ms[-len(from_us) :]
