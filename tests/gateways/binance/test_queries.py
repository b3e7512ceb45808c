"""What an account can ask about its orders and trades: by name, page and window; its own only."""

from decimal import Decimal
from typing import Any

import pytest

from tests.gateways.desk import Client, Desk
from tests.gateways.serving import BOT, MAKER

DAY_MS = 86_400_000
NONE = (400, -2013, "Order does not exist.")
ORDER: dict[str, object] = {
    "symbol": "ETHUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "2000",
}


def placed(client: Client, **more: object) -> dict[str, Any]:
    reply = client("POST", "order", **ORDER | more)
    assert reply.status == 200, reply
    body: dict[str, Any] = reply.body
    return body


@pytest.fixture(scope="module")
def fills(desk: Desk) -> list[dict[str, Any]]:
    """Have the other account trade thrice, as taker and as maker; return its trades."""
    client = desk.client(3)
    exchange = desk.venue.opened
    placed(client, symbol="BTCUSDT", price="60001", quantity="0.02")
    resting = placed(client, symbol="BTCUSDT", price="59999.5", quantity="0.03")
    for quantity in ("0.01", "0.02"):
        exchange.place("BTCUSDT", side="sell", price="59999.5", quantity=quantity, account=MAKER)
    told = client("GET", "myTrades", symbol="BTCUSDT").body
    assert [row["isMaker"] for row in told] == [False, True, True]
    assert {row["orderId"] for row in told[1:]} == {resting["orderId"]}
    return list(told)


@pytest.mark.parametrize("closed", [False, True])
def test_an_order_is_found_by_either_name(bot: Client, closed: bool) -> None:
    order = placed(bot, newClientOrderId=f"named-{closed}")
    if closed:
        bot("DELETE", "order", symbol="ETHUSDT", orderId=order["orderId"])
    by_id = {"orderId": order["orderId"]}
    by_name = {"origClientOrderId": f"named-{closed}"}
    found = bot("GET", "order", symbol="ETHUSDT", **by_id).body
    assert found["status"] == ("CANCELED" if closed else "NEW")
    for said in (by_name, by_id | by_name):
        assert bot("GET", "order", symbol="ETHUSDT", **said).body == found
    # Both must fit.
    wrong = by_id | {"origClientOrderId": "other"}
    text = "Client order ID is not correct for this order ID."
    assert bot("GET", "order", symbol="ETHUSDT", **wrong).error == (400, -2039, text)
    for said in (by_id, by_name):
        assert bot("GET", "order", symbol="BTCUSDT", **said).error == NONE


def test_nobody_finds_the_orders_of_another(bot: Client, other: Client) -> None:
    order = placed(bot, newClientOrderId="mine-alone")
    for _ in range(2):
        for said in ({"orderId": order["orderId"]}, {"origClientOrderId": "mine-alone"}):
            name = {"symbol": "ETHUSDT", **said}
            assert other("GET", "order", **name).error == NONE
            unknown = (400, -2011, "Unknown order sent.")
            assert other("DELETE", "order", **name).error == unknown
        ids = [row["orderId"] for row in other("GET", "allOrders", symbol="ETHUSDT").body]
        assert order["orderId"] not in ids
        # The same of an order that is over.
        bot("DELETE", "order", symbol="ETHUSDT", orderId=order["orderId"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"symbol": "ETHUSDT"}, -1102),
        ({"orderId": "1"}, -1102),
        ({"symbol": "NONE", "orderId": "1"}, -1121),
        ({"symbol": "ETHUSDT", "orderId": "x"}, -1100),
        ({"symbol": "ETHUSDT", "orderId": ""}, -1105),
        ({"symbol": "ETHUSDT", "orderId": str(1 << 64)}, -1130),
        ({"symbol": "ETHUSDT", "orderId": str((1 << 64) - 1)}, -2013),
        ({"symbol": "ETHUSDT", "orderId": "0"}, -2013),
        ({"symbol": "ETHUSDT", "origClientOrderId": "never"}, -2013),
        ({"symbol": "ETHUSDT", "origClientOrderId": "no blanks"}, -1100),
    ],
)
def test_what_names_no_order(bot: Client, said: dict[str, str], code: int) -> None:
    assert bot("GET", "order", **said).error[:2] == (400, code)


def test_a_name_that_is_used_again_is_the_newest_order(bot: Client) -> None:
    first, second = (
        placed(bot, newClientOrderId="again", timeInForce="IOC")["orderId"] for _ in range(2)
    )
    found = bot("GET", "order", symbol="ETHUSDT", origClientOrderId="again").body
    assert (found["orderId"], found["status"]) == (second, "EXPIRED")
    assert second > first


def test_open_orders_are_of_one_symbol_or_of_all(desk: Desk) -> None:
    desk.venue.opened.set_account(41)
    desk.venue.opened.deposit(41, "USDT", "1000000", source=(41, 1))
    client = desk.client(41)
    assert client("GET", "openOrders").body == []
    eth = placed(client)["orderId"]
    btc = placed(client, symbol="BTCUSDT", price="50000")["orderId"]

    def told(**said: object) -> list[int]:
        return [row["orderId"] for row in client("GET", "openOrders", **said).body]

    assert told() == [eth, btc]
    assert told(symbol="ETHUSDT") == [eth]
    assert told(symbol="BTCUSDT") == [btc]
    assert client("GET", "openOrders", symbol="NONE").error[1] == -1121


def test_all_orders_come_in_pages(desk: Desk) -> None:
    desk.venue.opened.set_account(42)
    desk.venue.opened.deposit(42, "USDT", "1000000", source=(42, 1))
    client = desk.client(42)
    orders = [placed(client, quantity=f"0.{place}") for place in range(1, 8)]
    ids = [order["orderId"] for order in orders]
    times = [order["transactTime"] for order in orders]

    def told(**said: object) -> list[int]:
        reply = client("GET", "allOrders", symbol="ETHUSDT", **said)
        assert reply.status == 200, reply
        return [row["orderId"] for row in reply.body]

    assert told() == ids
    # Without a start they are the newest, with one the oldest from there on.
    assert told(limit=3) == ids[-3:]
    assert told(orderId=ids[2], limit=3) == ids[2:5]
    assert told(orderId=0, limit=2) == ids[:2]
    assert told(orderId=ids[-1] + 1) == []
    assert told(startTime=times[0], limit=2) == ids[:2]
    assert told(startTime=times[0] - 5_000, endTime=times[-1]) == ids
    until = [order["orderId"] for order in orders if order["transactTime"] <= times[3]]
    assert told(endTime=times[3], limit=2) == until[-2:]
    assert told(startTime=times[-1] + 1) == []


@pytest.mark.parametrize("path", ["allOrders", "myTrades"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"startTime": 1, "endTime": 0}, -1130),
        ({"startTime": 0, "endTime": DAY_MS + 1}, -1127),
        ({"startTime": "x"}, -1100),
        ({"limit": 0}, -1130),
    ],
)
def test_windows_that_are_none(bot: Client, path: str, said: dict[str, object], code: int) -> None:
    assert bot("GET", path, symbol="ETHUSDT", **said).error[:2] == (400, code)
    assert bot("GET", path, symbol="ETHUSDT", startTime=0, endTime=DAY_MS).status == 200
    # A time far ahead is a time.
    assert bot("GET", path, symbol="ETHUSDT", endTime=9_999_999_999_999).status == 200


def test_trades_are_told_to_whose_they_are(
    bot: Client, other: Client, fills: list[dict[str, Any]]
) -> None:
    taken, made, last = fills
    assert taken == {
        "symbol": "BTCUSDT",
        "id": taken["id"],
        "orderId": taken["orderId"],
        "orderListId": -1,
        "price": "60001.00000000",
        "qty": "0.02000000",
        "quoteQty": "1200.02000000",
        "commission": "0.00000000",
        "commissionAsset": "BTC",
        "time": taken["time"],
        "isBuyer": True,
        "isMaker": False,
        "isBestMatch": True,
    }
    assert (made["price"], made["qty"], made["isBuyer"]) == ("59999.50000000", "0.01000000", True)
    assert last["id"] == made["id"] + 1
    mine = {row["id"] for row in bot("GET", "myTrades", symbol="BTCUSDT").body}
    assert not mine & {row["id"] for row in fills}
    assert other("GET", "myTrades", symbol="ETHUSDT").body == []


def test_trades_come_in_pages(other: Client, fills: list[dict[str, Any]]) -> None:
    def told(**said: object) -> list[dict[str, Any]]:
        reply = other("GET", "myTrades", symbol="BTCUSDT", **said)
        assert reply.status == 200, reply
        return list(reply.body)

    resting = fills[1]["orderId"]
    assert told(limit=2) == fills[-2:]
    assert told(fromId=fills[1]["id"]) == fills[1:]
    assert told(fromId=0, limit=1) == fills[:1]
    assert told(orderId=resting) == fills[1:]
    assert told(orderId=resting, fromId=fills[2]["id"]) == fills[2:]
    assert told(orderId=1) == []
    assert told(startTime=fills[0]["time"], limit=1) == fills[:1]
    assert told(endTime=fills[0]["time"] - 1) == []


@pytest.mark.parametrize(
    "said",
    [
        {"fromId": 1, "startTime": 1},
        {"fromId": 1, "endTime": 1},
        {"orderId": 1, "startTime": 1},
        {"orderId": 1, "endTime": 1},
    ],
)
def test_trades_are_not_asked_by_both_id_and_time(bot: Client, said: dict[str, object]) -> None:
    reply = bot("GET", "myTrades", symbol="BTCUSDT", **said)
    assert reply.error == (400, -1128, "Combination of optional parameters invalid.")


@pytest.mark.parametrize(
    ("mode", "resting", "coming", "of_resting", "of_coming"),
    [
        ("EXPIRE_TAKER", "1", "2", None, "2"),
        ("EXPIRE_MAKER", "1", "2", "1", None),
        ("EXPIRE_BOTH", "1", "2", "1", "2"),
        ("DECREMENT", "1", "2", "1", "1"),
        ("DECREMENT", "2", "1", "1", "1"),
        ("DECREMENT", "2", "2", "2", "2"),
        ("NONE", "1", "2", None, None),
    ],
)
def test_what_met_its_own_account_is_told(  # noqa: PLR0917 - a table of two orders
    desk: Desk,
    mode: str,
    resting: str,
    coming: str,
    of_resting: str | None,
    of_coming: str | None,
) -> None:
    bot = desk.client(BOT)
    bot("DELETE", "openOrders", symbol="ETHUSDT")
    first = placed(bot, price="2999.5", quantity=resting)
    second = placed(bot, side="SELL", price="2999.5", quantity=coming, selfTradePreventionMode=mode)

    def said(quantity: str | None) -> str | None:
        return None if quantity is None else f"{Decimal(quantity):.8f}"

    assert second.get("preventedQuantity") == said(of_coming)
    for order, expected in ((first, of_resting), (second, of_coming)):
        name = {"symbol": "ETHUSDT", "orderId": order["orderId"]}
        live = bot("GET", "order", **name).body
        (past,) = bot("GET", "allOrders", **name, limit=1).body
        assert live == past
        assert live.get("preventedQuantity") == said(expected)
        if live["status"] == "NEW":
            gone = bot("DELETE", "order", **name).body
            assert gone.get("preventedQuantity") == said(expected)


def test_what_a_trade_fills_behind_a_prevented_match_is_filled(desk: Desk) -> None:
    bot = desk.client(BOT)
    bot("DELETE", "openOrders", symbol="ETHUSDT")
    placed(bot, price="2999.5", quantity="1")
    desk.venue.opened.place("ETHUSDT", side="buy", price="2999.4", quantity="1", account=MAKER)
    both = {"quantity": "2", "price": "2999.4", "selfTradePreventionMode": "DECREMENT"}
    order = placed(bot, side="SELL", **both)
    told = bot("GET", "order", symbol="ETHUSDT", orderId=order["orderId"]).body
    for each in (order, told):
        found = (each["status"], each["executedQty"], each["preventedQuantity"])
        assert found == ("FILLED", "1.00000000", "1.00000000")


def test_a_trailing_stop_tells_since_when_it_follows(bot: Client) -> None:
    said = {
        "symbol": "ETHUSDT",
        "side": "SELL",
        "type": "STOP_LOSS",
        "quantity": "0.1",
        "trailingDelta": "1500",
        "newOrderRespType": "RESULT",
    }
    order = bot("POST", "order", **said).body
    name = {"symbol": "ETHUSDT", "orderId": order["orderId"]}
    live = bot("GET", "order", **name).body
    gone = bot("DELETE", "order", **name).body
    over = bot("GET", "order", **name).body
    for told in (order, live, gone, over):
        assert (told["trailingDelta"], told["trailingTime"]) == (1500, order["transactTime"])
    assert "trailingTime" not in bot("GET", "order", **placed_name(bot)).body


def placed_name(bot: Client) -> dict[str, object]:
    return {"symbol": "ETHUSDT", "orderId": placed(bot)["orderId"]}
