"""The order list of two as older clients say it."""

import pytest

from tests.gateways.desk import Client

SELL: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "price": "64000",
    "stopPrice": "56100",
}
BUY = SELL | {"side": "BUY", "price": "56000", "stopPrice": "64100"}
LIMITED: dict[str, object] = {"stopLimitPrice": "56000", "stopLimitTimeInForce": "GTC"}


def without(said: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in said.items() if key != name}


@pytest.mark.parametrize(
    ("said", "stop_type"),
    [
        (SELL, "STOP_LOSS"),
        (SELL | LIMITED, "STOP_LOSS_LIMIT"),
        (BUY | LIMITED | {"stopLimitPrice": "64200"}, "STOP_LOSS_LIMIT"),
    ],
)
def test_a_stop_and_a_limit_order_are_placed(
    bot: Client, said: dict[str, object], stop_type: str
) -> None:
    placed = bot("POST", "order/oco", **said).body
    assert (placed["contingencyType"], placed["listOrderStatus"]) == ("OCO", "EXECUTING")
    stop, limit = placed["orderReports"]
    assert [order["orderId"] for order in placed["orders"]] == [stop["orderId"], limit["orderId"]]
    assert (stop["type"], stop["workingTime"]) == (stop_type, -1)
    assert (limit["type"], limit["price"]) == ("LIMIT_MAKER", f"{said['price']}.00000000")
    assert {stop["side"], limit["side"]} == {said["side"]}
    assert stop["stopPrice"] == f"{said['stopPrice']}.00000000"
    list_id = placed["orderListId"]
    gone = bot("DELETE", "orderList", symbol="BTCUSDT", orderListId=list_id).body
    assert [each["status"] for each in gone["orderReports"]] == ["CANCELED", "CANCELED"]


def test_all_that_is_said_reaches_the_orders(bot: Client) -> None:
    named = {
        "listClientOrderId": "old-list",
        "limitClientOrderId": "old-limit",
        "stopClientOrderId": "old-stop",
        "limitIcebergQty": "0.002",
        "stopIcebergQty": "0.005",
        "limitStrategyId": 1,
        "limitStrategyType": 1_000_000,
        "stopStrategyId": 2,
        "stopStrategyType": 1_000_001,
        "selfTradePreventionMode": "EXPIRE_TAKER",
        "newOrderRespType": "RESULT",
    }
    placed = bot("POST", "order/oco", **SELL | LIMITED | named).body
    assert placed["listClientOrderId"] == "old-list"
    stop, limit = placed["orderReports"]
    assert (stop["clientOrderId"], limit["clientOrderId"]) == ("old-stop", "old-limit")
    assert (stop["icebergQty"], limit["icebergQty"]) == ("0.00500000", "0.00200000")
    assert (stop["strategyId"], limit["strategyId"]) == (2, 1)
    assert (stop["strategyType"], limit["strategyType"]) == (1_000_001, 1_000_000)
    assert {each["selfTradePreventionMode"] for each in (stop, limit)} == {"EXPIRE_TAKER"}
    bot("DELETE", "orderList", symbol="BTCUSDT", listClientOrderId="old-list")


def test_a_trailing_stop_needs_no_price(bot: Client) -> None:
    placed = bot("POST", "order/oco", **without(SELL, "stopPrice") | {"trailingDelta": 500}).body
    assert placed["orderReports"][0]["trailingDelta"] == 500
    bot("DELETE", "orderList", symbol="BTCUSDT", orderListId=placed["orderListId"])


@pytest.mark.parametrize("name", ["side", "quantity", "price", "stopPrice"])
def test_what_is_missing_is_named(bot: Client, name: str) -> None:
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    assert bot("POST", "order/oco", **without(SELL, name)).error == (400, -1102, text)


def test_a_limit_of_the_stop_says_how_long_it_lives(bot: Client) -> None:
    limited = bot("POST", "order/oco", **SELL | {"stopLimitPrice": "56000"})
    text = "Mandatory parameter 'stopLimitTimeInForce' was not sent, was empty/null, or malformed."
    assert limited.error == (400, -1102, text)
    unlimited = bot("POST", "order/oco", **SELL | {"stopLimitTimeInForce": "GTC"})
    text = "Parameter 'stopLimitTimeInForce' sent when not required."
    assert unlimited.error == (400, -1106, text)


@pytest.mark.parametrize("said", [SELL | {"price": "56000"}, BUY | {"stopPrice": "55000"}])
def test_prices_in_the_wrong_order_are_refused(bot: Client, said: dict[str, object]) -> None:
    status, code, _ = bot("POST", "order/oco", **said).error
    assert (status, code) == (400, -2010)
