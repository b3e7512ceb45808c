"""Reports of orders: while one is open, the engine and the history say the same of it.

Goal: a client that asks about its order sees one order, whoever answers. Method: orders of every
type, traded with, decremented, triggered and amended, are told by the live route and by the paged
one, which reads the history; both must be equal, letter by letter.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from outcry.exchange import Exchange
from tests.gateways.desk import Client, Desk
from tests.gateways.serving import MAKER

OWN = 9
FAR: dict[str, object] = {
    "symbol": "ETHUSDT",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
}
KINDS: dict[str, dict[str, object]] = {
    "limit": FAR | {"side": "BUY", "price": "2000"},
    "iceberg": FAR | {"side": "BUY", "price": "2001", "icebergQty": "0.3"},
    "maker": {
        "symbol": "ETHUSDT",
        "type": "LIMIT_MAKER",
        "side": "SELL",
        "quantity": "0.5",
        "price": "4000.01",
    },
    "stop": {
        "symbol": "ETHUSDT",
        "type": "STOP_LOSS",
        "side": "SELL",
        "quantity": "0.5",
        "stopPrice": "2500",
    },
    "stop_limit": FAR
    | {"type": "STOP_LOSS_LIMIT", "side": "BUY", "price": "3500", "stopPrice": "3400"},
    "profit": {
        "symbol": "ETHUSDT",
        "type": "TAKE_PROFIT",
        "side": "SELL",
        "quantity": "0.5",
        "stopPrice": "3700",
    },
    "profit_limit": FAR
    | {"type": "TAKE_PROFIT_LIMIT", "side": "SELL", "price": "3900", "stopPrice": "3800"},
    "trailing": {
        "symbol": "ETHUSDT",
        "type": "STOP_LOSS",
        "side": "SELL",
        "quantity": "0.5",
        "trailingDelta": "1500",
    },
    "no_self_trade": FAR
    | {"side": "BUY", "price": "2002", "selfTradePreventionMode": "EXPIRE_BOTH"},
}


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[Client]:
    exchange: Exchange = desk.venue.opened
    exchange.set_account(OWN, maker_rate_ppm=1_000, taker_rate_ppm=2_000)
    for number, (asset, amount) in enumerate((("BTC", "10"), ("ETH", "100"), ("USDT", "1000000"))):
        exchange.deposit(OWN, asset, amount, source=(9, number + 1))
    client = desk.client(OWN)
    yield client
    client("DELETE", "openOrders", symbol="ETHUSDT")


def placed(client: Client, said: dict[str, object]) -> dict[str, Any]:
    reply = client("POST", "order", newOrderRespType="FULL", **said)
    assert reply.status == 200, reply
    result: dict[str, Any] = reply.body
    return result


def live_and_kept(client: Client, order_id: int) -> dict[str, Any]:
    """Return an open order as both tell it, which is the same."""
    symbol = "ETHUSDT"
    live: dict[str, Any] = client("GET", "order", symbol=symbol, orderId=order_id).body
    listed = client("GET", "openOrders", symbol=symbol).body
    assert [each for each in listed if each["orderId"] == order_id] == [live]
    (kept,) = client("GET", "allOrders", symbol=symbol, orderId=order_id, limit=1).body
    assert live == kept
    return live


@pytest.mark.parametrize("kind", KINDS)
def test_an_open_order_is_told_alike(client: Client, kind: str) -> None:
    result = placed(client, KINDS[kind])
    told = live_and_kept(client, result["orderId"])
    same = result.keys() & told.keys()
    assert {name: told[name] for name in same} == {name: result[name] for name in same}
    said = KINDS[kind]
    assert told["type"] == said["type"]
    assert told["isWorking"] == ("stopPrice" not in said and "trailingDelta" not in said)


def test_an_order_that_traded_in_part_is_told_alike(client: Client) -> None:
    order_id = placed(client, FAR | {"side": "BUY", "price": "2999.5"})["orderId"]
    exchange = client.desk.venue.opened
    exchange.place("ETHUSDT", side="sell", price="2999.5", quantity="0.25", account=MAKER)
    told = live_and_kept(client, order_id)
    assert told["status"] == "PARTIALLY_FILLED"
    assert told["executedQty"] == "0.25000000"
    assert told["cummulativeQuoteQty"] == "749.87500000"
    client("DELETE", "order", symbol="ETHUSDT", orderId=order_id)


def test_an_order_that_was_decremented_is_told_alike(client: Client) -> None:
    order_id = placed(client, FAR | {"side": "BUY", "price": "2999.6"})["orderId"]
    taker = FAR | {"side": "SELL", "price": "2999.6", "quantity": "0.25"}
    placed(client, taker | {"selfTradePreventionMode": "DECREMENT"})
    told = live_and_kept(client, order_id)
    assert told["status"] == "NEW"
    assert told["executedQty"] == "0.00000000"
    client("DELETE", "order", symbol="ETHUSDT", orderId=order_id)


def test_an_order_that_was_amended_is_told_alike(client: Client) -> None:
    order_id = placed(client, FAR | {"side": "BUY", "price": "2003"})["orderId"]
    reply = client(
        "PUT", "order/amend/keepPriority", symbol="ETHUSDT", orderId=order_id, newQty="0.4"
    )
    assert reply.body["amendedOrder"]["qty"] == "0.40000000"
    assert live_and_kept(client, order_id)["origQty"] == "0.40000000"


def test_a_stop_that_was_met_and_rests_is_told_alike(client: Client) -> None:
    said = FAR | {"type": "STOP_LOSS_LIMIT", "side": "SELL", "price": "3700", "stopPrice": "2900"}
    order_id = placed(client, said)["orderId"]
    exchange = client.desk.venue.opened
    exchange.place("ETHUSDT", side="buy", price="2890", quantity="1", account=MAKER)
    exchange.place(
        "ETHUSDT", side="sell", price="2890", quantity="30", account=MAKER, self_trade="none"
    )
    told = live_and_kept(client, order_id)
    assert told["isWorking"]
    assert told["type"] == "STOP_LOSS_LIMIT"
    assert told["stopPrice"] == "2900.00000000"


def test_a_leg_whose_turn_has_not_come_is_told_alike(client: Client) -> None:
    reply = client(
        "POST",
        "orderList/oto",
        symbol="ETHUSDT",
        workingType="LIMIT",
        workingSide="BUY",
        workingPrice="2004",
        workingQuantity="0.1",
        workingTimeInForce="GTC",
        pendingType="LIMIT_MAKER",
        pendingSide="SELL",
        pendingPrice="4100",
        pendingQuantity="0.1",
    )
    assert reply.status == 200, reply
    for order, status in zip(reply.body["orders"], ("NEW", "PENDING_NEW"), strict=True):
        told = live_and_kept(client, order["orderId"])
        assert told["status"] == status
        assert told["orderListId"] == reply.body["orderListId"]


def test_cancels_tell_the_order_as_it_stood(client: Client) -> None:
    result = placed(client, KINDS["iceberg"] | {"newClientOrderId": "mine"})
    told = live_and_kept(client, result["orderId"])
    gone = client(
        "DELETE", "order", symbol="ETHUSDT", origClientOrderId="mine", newClientOrderId="cancel"
    ).body
    assert gone["origClientOrderId"] == "mine"
    assert gone["clientOrderId"] == "cancel"
    same = gone.keys() & told.keys() - {"clientOrderId", "status"}
    assert {name: gone[name] for name in same} == {name: told[name] for name in same}
    after = client("GET", "order", symbol="ETHUSDT", orderId=result["orderId"]).body
    changed = {name for name in told if told[name] != after[name]}
    assert changed <= {"status", "updateTime", "isWorking"}
    assert after["status"] == gone["status"] == "CANCELED"
