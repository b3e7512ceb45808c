"""Order lists over the API: what is asked and told, and refusals in the names of the list."""

import pytest

from tests.gateways.desk import Client

OCO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "64000",
    "belowType": "STOP_LOSS_LIMIT",
    "belowPrice": "56000",
    "belowStopPrice": "56100",
    "belowTimeInForce": "GTC",
}
OTO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "55000",
    "workingQuantity": "0.01",
    "workingTimeInForce": "GTC",
    "pendingType": "LIMIT",
    "pendingSide": "SELL",
    "pendingPrice": "64000",
    "pendingQuantity": "0.01",
    "pendingTimeInForce": "GTC",
}


def without(said: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in said.items() if key != name}


@pytest.mark.parametrize(
    ("path", "said", "name"),
    [
        ("oco", OCO, "abovePrice"),
        ("oco", OCO, "belowStopPrice"),
        ("oco", OCO, "quantity"),
        ("oto", OTO, "workingPrice"),
        ("oto", OTO, "pendingQuantity"),
        ("oto", OTO, "pendingType"),
    ],
)
def test_what_is_missing_has_the_lists_name(
    bot: Client, path: str, said: dict[str, object], name: str
) -> None:
    reply = bot("POST", f"/api/v3/orderList/{path}", **without(said, name))
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    assert reply.error == (400, -1102, text)


def test_prices_in_the_wrong_order_are_named_so(bot: Client) -> None:
    reply = bot("POST", "/api/v3/orderList/oco", **OCO | {"abovePrice": "56050"})
    text = "The relationship of the prices for the orders is not correct."
    assert reply.error == (400, -2010, text)


def test_a_pending_order_is_told_as_such_at_once_and_later(bot: Client) -> None:
    placed = bot("POST", "/api/v3/orderList/oto", **OTO).body
    working, pending = placed["orderReports"]
    assert (working["status"], pending["status"]) == ("NEW", "PENDING_NEW")
    assert pending["workingTime"] == -1
    told = bot("GET", "/api/v3/order", symbol="BTCUSDT", orderId=pending["orderId"]).body
    assert (told["status"], told["isWorking"]) == ("PENDING_NEW", False)
    gone = bot("DELETE", "/api/v3/orderList", symbol="BTCUSDT", orderListId=placed["orderListId"])
    assert [each["status"] for each in gone.body["orderReports"]] == ["CANCELED", "CANCELED"]


def test_the_name_of_a_list_that_lives_is_taken(bot: Client) -> None:
    said = OCO | {"listClientOrderId": "mine"}
    placed = bot("POST", "/api/v3/orderList/oco", **said).body
    again = bot("POST", "/api/v3/orderList/oco", **said)
    assert again.error == (400, -2010, "Duplicate order sent.")
    bot("DELETE", "/api/v3/orderList", symbol="BTCUSDT", listClientOrderId="mine")
    told = bot("GET", "/api/v3/orderList", orderListId=placed["orderListId"]).body
    assert told["listOrderStatus"] == "ALL_DONE"
    assert bot("POST", "/api/v3/orderList/oco", **said).body["listClientOrderId"] == "mine"
    assert len(bot("GET", "/api/v3/openOrderList").body) == 1
    assert bot("DELETE", "/api/v3/openOrders", symbol="BTCUSDT").body


def test_a_cancel_replace_without_an_order_is_malformed(bot: Client) -> None:
    reply = bot(
        "POST",
        "/api/v3/order/cancelReplace",
        symbol="BTCUSDT",
        side="BUY",
        type="MARKET",
        quantity="0.01",
        cancelReplaceMode="STOP_ON_FAILURE",
    )
    assert reply.error[:2] == (400, -1102)


def test_paths_that_are_none_say_so_in_the_apis_words(bot: Client) -> None:
    reply = bot("GET", "/api/v3/nothing")
    assert reply.error == (404, -5000, "Path /api/v3/nothing, Method GET is invalid")
