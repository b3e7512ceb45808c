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


OTOCO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "55000",
    "workingQuantity": "0.01",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
    "pendingQuantity": "0.01",
    "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "64000",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "50000",
}
STOP_SELL = {"Type": "STOP_LOSS", "StopPrice": "56100"}
STOP_BUY = {"Type": "STOP_LOSS", "StopPrice": "64000"}
PROFIT_SELL = {"Type": "TAKE_PROFIT", "StopPrice": "64000"}
PROFIT_BUY = {"Type": "TAKE_PROFIT", "StopPrice": "56000"}
MAKER_SELL = {"Type": "LIMIT_MAKER", "Price": "64000"}
MAKER_BUY = {"Type": "LIMIT_MAKER", "Price": "56000"}
PROFIT_LIMIT_SELL = PROFIT_SELL | {
    "Type": "TAKE_PROFIT_LIMIT",
    "Price": "63900",
    "TimeInForce": "GTC",
}
PROFIT_LIMIT_BUY = PROFIT_BUY | {
    "Type": "TAKE_PROFIT_LIMIT",
    "Price": "56100",
    "TimeInForce": "GTC",
}
STOP_LIMIT_BUY = STOP_BUY | {"Type": "STOP_LOSS_LIMIT", "Price": "64100", "TimeInForce": "GTC"}


def pair(side: str, below: dict[str, str], above: dict[str, str]) -> dict[str, object]:
    """Return an OCO of two orders."""
    said: dict[str, object] = {"symbol": "BTCUSDT", "side": side, "quantity": "0.01"}
    for prefix, leg in (("below", below), ("above", above)):
        said |= {f"{prefix}{name}": value for name, value in leg.items()}
    return said


def cleared(bot: Client) -> None:
    bot("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")


@pytest.mark.parametrize(
    "said",
    [
        pair("SELL", STOP_SELL, MAKER_SELL),
        pair("SELL", STOP_SELL, PROFIT_SELL),
        pair("SELL", STOP_SELL, PROFIT_LIMIT_SELL),
        pair("SELL", {"Type": "STOP_LOSS", "TrailingDelta": "500"}, MAKER_SELL),
        # A stop that buys without a limit would have to hold for any price.
        pair("BUY", MAKER_BUY, STOP_LIMIT_BUY),
        pair("BUY", PROFIT_LIMIT_BUY, STOP_LIMIT_BUY),
    ],
)
def test_every_oco_that_there_is_can_be_placed(bot: Client, said: dict[str, object]) -> None:
    placed = bot("POST", "/api/v3/orderList/oco", **said).body
    assert (placed["contingencyType"], placed["listStatusType"]) == ("OCO", "EXEC_STARTED")
    below, above = placed["orderReports"]
    assert [below["type"], above["type"]] == [said["belowType"], said["aboveType"]]
    assert {leg["orderListId"] for leg in (below, above)} == {placed["orderListId"]}
    told = bot("GET", "/api/v3/orderList", orderListId=placed["orderListId"]).body
    assert told["orders"] == placed["orders"]
    assert told["transactionTime"] == placed["transactionTime"]
    open_lists = bot("GET", "/api/v3/openOrderList").body
    assert [each["orderListId"] for each in open_lists] == [placed["orderListId"]]
    cleared(bot)
    told = bot("GET", "/api/v3/orderList", orderListId=placed["orderListId"]).body
    assert (told["listStatusType"], told["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        (pair("SELL", {"Type": "MARKET"}, MAKER_SELL), -1158, "Order type not supported in OCO."),
        (
            pair("SELL", STOP_SELL, {"Type": "LIMIT", "Price": "1", "TimeInForce": "GTC"}),
            -1158,
            "Order type not supported in OCO.",
        ),
        (pair("SELL", MAKER_SELL, MAKER_SELL), -1168, "At least one OCO order must be contingent."),
        (pair("BUY", STOP_BUY, MAKER_BUY), -1165, "A limit order in a buy OCO must be below."),
        (pair("SELL", MAKER_SELL, STOP_SELL), -1166, "A limit order in a sell OCO must be above."),
        (pair("BUY", STOP_BUY, STOP_BUY), -1196, "A stop loss order in a buy OCO must be above."),
        (
            pair("SELL", STOP_SELL, STOP_SELL),
            -1197,
            "A stop loss order in a sell OCO must be below.",
        ),
        (
            pair("BUY", MAKER_BUY, PROFIT_BUY),
            -1198,
            "A take profit order in a buy OCO must be below.",
        ),
        (
            pair("SELL", PROFIT_SELL, MAKER_SELL),
            -1199,
            "A take profit order in a sell OCO must be above.",
        ),
        (pair("SELL", {"Type": "FOO"}, MAKER_SELL), -1116, "Invalid orderType."),
        (pair("HOLD", STOP_SELL, MAKER_SELL), -1117, "Invalid side."),
        (
            pair("SELL", STOP_SELL, MAKER_SELL | {"StopPrice": "1"}),
            -1106,
            "Parameter 'aboveStopPrice' sent when not required.",
        ),
        (
            pair("SELL", STOP_SELL | {"Price": "1"}, MAKER_SELL),
            -1106,
            "Parameter 'belowPrice' sent when not required.",
        ),
        (
            pair(
                "SELL", STOP_SELL, PROFIT_LIMIT_SELL | {"TimeInForce": "IOC", "IcebergQty": "0.001"}
            ),
            -1160,
            "Parameter 'aboveIcebergQty' is not supported if 'aboveTimeInForce' is not GTC.",
        ),
        (
            pair("SELL", STOP_SELL | {"StopPrice": "64500"}, MAKER_SELL),
            -2010,
            "The relationship of the prices for the orders is not correct.",
        ),
        (
            pair("SELL", STOP_SELL, MAKER_SELL | {"Price": "56200"}),
            -2010,
            "Order would immediately match and take.",
        ),
        (
            pair("BUY", MAKER_BUY, STOP_BUY | {"StopPrice": "56500"}),
            -2010,
            "Stop price would trigger immediately.",
        ),
        (OCO | {"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        (OCO | {"quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        (OCO | {"abovePrice": "64000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        (
            OCO | {"quantity": "5000"},
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (OCO | {"symbol": "NONE"}, -1121, "Invalid symbol."),
        (OCO | {"aboveStrategyType": "5"}, -1134, "strategyType was less than 1000000."),
        (
            OCO | {"newOrderRespType": "ALL"},
            -1130,
            "Data sent for parameter 'newOrderRespType' is not valid.",
        ),
        (OCO | {"listClientOrderId": ""}, -1105, "Parameter 'listClientOrderId' was empty."),
    ],
)
def test_an_oco_is_refused_by_name(
    bot: Client, said: dict[str, object], code: int, text: str
) -> None:
    assert bot("POST", "/api/v3/orderList/oco", **said).error == (400, code, text)
    assert bot("GET", "/api/v3/openOrderList").body == []


@pytest.mark.parametrize(
    ("path", "said", "code", "text"),
    [
        (
            "oto",
            OTO | {"workingType": "MARKET"},
            -1130,
            "Data sent for parameter 'workingType' is not valid.",
        ),
        (
            "oto",
            OTO | {"workingType": "STOP_LOSS"},
            -1130,
            "Data sent for parameter 'workingType' is not valid.",
        ),
        (
            "oto",
            OTO | {"workingStopPrice": "1"},
            -1104,
            "Not all sent parameters were read; read '14' parameter(s) but was sent '15'.",
        ),
        ("oto", OTO | {"pendingTimeInForce": "SOON"}, -1115, "Invalid timeInForce."),
        (
            "oto",
            OTO | {"pendingStopPrice": "1"},
            -1106,
            "Parameter 'pendingStopPrice' sent when not required.",
        ),
        ("oto", OTO | {"pendingQuantity": "0.0000001"}, -1013, "Filter failure: LOT_SIZE"),
        (
            "oto",
            OTO | {"workingQuantity": "5000"},
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (
            "otoco",
            OTOCO | {"workingType": "TAKE_PROFIT"},
            -1130,
            "Data sent for parameter 'workingType' is not valid.",
        ),
        (
            "otoco",
            OTOCO | {"pendingBelowType": "TAKE_PROFIT"},
            -1199,
            "A take profit order in a sell OCO must be above.",
        ),
        (
            "otoco",
            OTOCO | {"pendingBelowType": "MARKET"},
            -1158,
            "Order type not supported in OCO.",
        ),
        (
            "otoco",
            without(OTOCO, "pendingAbovePrice"),
            -1102,
            "Mandatory parameter 'pendingAbovePrice' was not sent, was empty/null, or malformed.",
        ),
        (
            "otoco",
            without(OTOCO, "pendingSide"),
            -1102,
            "Mandatory parameter 'pendingSide' was not sent, was empty/null, or malformed.",
        ),
        (
            "otoco",
            OTOCO | {"pendingBelowStopPrice": "65000"},
            -2010,
            "The relationship of the prices for the orders is not correct.",
        ),
    ],
)
def test_an_oto_is_refused_by_name(
    bot: Client, path: str, said: dict[str, object], code: int, text: str
) -> None:
    assert bot("POST", f"/api/v3/orderList/{path}", **said).error == (400, code, text)
    assert bot("GET", "/api/v3/openOrderList").body == []


def test_two_that_wait_stand_behind_one_that_works(bot: Client) -> None:
    placed = bot("POST", "/api/v3/orderList/otoco", **OTOCO).body
    assert placed["contingencyType"] == "OTO"
    assert [leg["status"] for leg in placed["orderReports"]] == [
        "NEW",
        "PENDING_NEW",
        "PENDING_NEW",
    ]
    assert [leg["type"] for leg in placed["orderReports"]] == ["LIMIT", "STOP_LOSS", "LIMIT_MAKER"]
    working = placed["orderReports"][0]
    # One order gone takes the list with it.
    bot("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=working["orderId"])
    told = bot("GET", "/api/v3/allOrders", symbol="BTCUSDT", orderId=working["orderId"]).body
    assert [row["status"] for row in told] == ["CANCELED"] * 3
    assert {row["orderListId"] for row in told} == {placed["orderListId"]}


def test_a_leg_that_trades_at_once_tells_its_fills(bot: Client) -> None:
    said = OTO | {"workingPrice": "60001", "newOrderRespType": "FULL"}
    working, pending = bot("POST", "/api/v3/orderList/oto", **said).body["orderReports"]
    assert working["status"] == "FILLED"
    (fill,) = working["fills"]
    assert (fill["qty"], fill["commissionAsset"]) == ("0.01000000", "BTC")
    assert fill["commission"] == "0.00002000"
    assert pending["fills"] == []
    cleared(bot)


def test_a_list_tells_as_much_as_is_asked(bot: Client) -> None:
    keys = {}
    for word in ("ACK", "RESULT", "FULL"):
        reports = bot("POST", "/api/v3/orderList/oco", **OCO, newOrderRespType=word).body
        keys[word] = set(reports["orderReports"][0])
        cleared(bot)
    assert keys["ACK"] == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    assert keys["ACK"] < keys["RESULT"]
    assert keys["FULL"] - keys["RESULT"] == {"fills"}


def test_a_list_is_cancelled_by_either_name_and_both_must_fit(bot: Client) -> None:
    first = bot("POST", "/api/v3/orderList/oco", **OCO, listClientOrderId="one").body
    cancel = {"symbol": "BTCUSDT"}
    unknown = (400, -2011, "Unknown order sent.")
    neither = "Param 'orderListId' or 'listClientOrderId' must be sent, but both were empty/null!"
    assert bot("DELETE", "/api/v3/orderList", **cancel).error == (400, -1102, neither)
    wrong = {"orderListId": first["orderListId"], "listClientOrderId": "two"}
    assert bot("DELETE", "/api/v3/orderList", **cancel, **wrong).error == unknown
    assert bot("DELETE", "/api/v3/orderList", **cancel, orderListId=1).error == unknown
    other = {"symbol": "ETHUSDT", "listClientOrderId": "one"}
    assert bot("DELETE", "/api/v3/orderList", **other).error == unknown
    right = wrong | {"listClientOrderId": "one", "newClientOrderId": "end"}
    gone = bot("DELETE", "/api/v3/orderList", **cancel, **right).body
    assert {leg["clientOrderId"] for leg in gone["orderReports"]} == {"end"}
    assert {leg["status"] for leg in gone["orderReports"]} == {"CANCELED"}
    assert bot("DELETE", "/api/v3/orderList", **cancel, **right).error == unknown


def test_lists_are_asked_about(bot: Client, other: Client) -> None:
    first, second = (
        bot("POST", "/api/v3/orderList/oco", **OCO, listClientOrderId=name).body
        for name in ("asked-1", "asked-2")
    )
    by_name = bot("GET", "/api/v3/orderList", origClientOrderId="asked-2").body
    assert by_name["orderListId"] == second["orderListId"]
    ids = [row["orderListId"] for row in bot("GET", "/api/v3/allOrderList").body]
    assert ids == sorted(ids)
    assert ids[-2:] == [first["orderListId"], second["orderListId"]]
    page = bot("GET", "/api/v3/allOrderList", fromId=second["orderListId"], limit=5).body
    assert [row["orderListId"] for row in page] == [second["orderListId"]]
    since = bot("GET", "/api/v3/allOrderList", startTime=second["transactionTime"]).body
    assert since[-1]["orderListId"] == second["orderListId"]
    for more in ({"startTime": 1}, {"endTime": 1}):
        reply = bot("GET", "/api/v3/allOrderList", fromId=1, **more)
        assert reply.error == (400, -1128, "Combination of optional parameters invalid.")
    neither = "Param 'orderListId' or 'origClientOrderId' must be sent, but both were empty/null!"
    assert bot("GET", "/api/v3/orderList").error == (400, -1102, neither)
    # Nobody sees those of another.
    none = (400, -2018, "Order list does not exist.")
    assert other("GET", "/api/v3/orderList", orderListId=first["orderListId"]).error == none
    assert other("GET", "/api/v3/orderList", origClientOrderId="asked-1").error == none
    assert other("GET", "/api/v3/allOrderList").body == []
    cleared(bot)


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
