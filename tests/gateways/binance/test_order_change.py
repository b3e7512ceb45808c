"""Cancel-replace and amend: each outcome of both halves, how it counts, and each refusal.

Goal: a client knows of both halves what became of them, and its count of unfilled orders is what
the venue's reference says: an order counts where it was placed, and where it was not tried.
Method: a venue whose account may send few orders; the day's count is asked of the API itself.
"""

from collections.abc import Iterator
from time import time_ns
from typing import Any

import pytest

from outcry import Settings
from outcry.exchange import AsyncExchange
from outcry.settings import ServeSettings
from tests.gateways.desk import MUCH, Client, Desk, Reply
from tests.gateways.serving import BOT, MAKER, make_venue

DAY_MAX = 400
NEW: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
POOR = {"price": "59000", "quantity": "5000"}
UNKNOWN = {"code": -2011, "msg": "Unknown order sent."}
NO_MONEY = {"code": -2010, "msg": "Account has insufficient balance for requested action."}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("few")
    make_venue(directory)
    bounds = ServeSettings(
        request_weight_max=MUCH,
        raw_requests_max=MUCH,
        orders_10s_max=MUCH,
        orders_1d_max=DAY_MAX,
        history_timeout_ms=20_000,
    )
    with Desk(directory, Settings(serve=bounds)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_sent(desk: Desk) -> None:
    """Begin each test with nothing counted and nothing open."""
    counts = desk.venue.order_counts
    counts.give_back(BOT, MUCH, _now_ms())
    desk.venue.opened.mass_cancel(account=BOT)


def _now_ms() -> int:
    return time_ns() // 1_000_000


def day_count(bot: Client) -> int:
    rows = bot("GET", "rateLimit/order").body
    return next(int(row["count"]) for row in rows if row["interval"] == "DAY")


def placed(bot: Client, **more: object) -> dict[str, Any]:
    reply = bot("POST", "order", **NEW | more)
    assert reply.status == 200, reply
    body: dict[str, Any] = reply.body
    return body


def replaced(bot: Client, order_id: int, mode: str, **more: object) -> Reply:
    said = NEW | {"cancelReplaceMode": mode, "cancelOrderId": order_id} | more
    return bot("POST", "order/cancelReplace", **said)


MODES = ["STOP_ON_FAILURE", "ALLOW_FAILURE"]
COUNTS = {"x-mbx-order-count-10s", "x-mbx-order-count-1d"}


@pytest.mark.parametrize("mode", MODES)
def test_both_halves_succeed(bot: Client, mode: str) -> None:
    order = placed(bot)
    reply = replaced(bot, order["orderId"], mode, cancelNewClientOrderId="gone", price="50001")
    body = reply.body
    assert (reply.status, body["cancelResult"], body["newOrderResult"]) == (
        200,
        "SUCCESS",
        "SUCCESS",
    )
    assert body["cancelResponse"]["clientOrderId"] == "gone"
    assert body["cancelResponse"]["origClientOrderId"] == order["clientOrderId"]
    assert body["newOrderResponse"]["price"] == "50001.00000000"
    assert day_count(bot) == 2
    assert reply.headers.keys() >= COUNTS


def test_what_was_not_tried_counts(bot: Client) -> None:
    reply = replaced(bot, 999_999, "STOP_ON_FAILURE")
    assert reply.error == (400, -2022, "Order cancel-replace failed.")
    assert reply.body["data"] == {
        "cancelResult": "FAILURE",
        "newOrderResult": "NOT_ATTEMPTED",
        "cancelResponse": UNKNOWN,
        "newOrderResponse": None,
    }
    assert day_count(bot) == 1


def test_an_order_that_was_placed_counts_where_the_cancel_failed(bot: Client) -> None:
    reply = replaced(bot, 999_999, "ALLOW_FAILURE")
    assert reply.error == (409, -2021, "Order cancel-replace partially failed.")
    data = reply.body["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == ("FAILURE", "SUCCESS")
    assert data["cancelResponse"] == UNKNOWN
    assert data["newOrderResponse"]["status"] == "NEW"
    assert day_count(bot) == 1
    assert reply.headers.keys() >= COUNTS
    assert len(bot("GET", "openOrders", symbol="BTCUSDT").body) == 1


@pytest.mark.parametrize("mode", MODES)
def test_an_order_that_was_refused_does_not_count(bot: Client, mode: str) -> None:
    order = placed(bot)
    reply = replaced(bot, order["orderId"], mode, **POOR)
    assert reply.error == (409, -2021, "Order cancel-replace partially failed.")
    data = reply.body["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == ("SUCCESS", "FAILURE")
    assert data["newOrderResponse"] == NO_MONEY
    assert day_count(bot) == 1
    assert not reply.headers.keys() & COUNTS
    assert bot("GET", "openOrders", symbol="BTCUSDT").body == []


def test_where_both_fail_nothing_counts(bot: Client) -> None:
    reply = replaced(bot, 999_999, "ALLOW_FAILURE", **POOR)
    assert reply.error == (400, -2022, "Order cancel-replace failed.")
    assert reply.body["data"]["cancelResponse"] == UNKNOWN
    assert reply.body["data"]["newOrderResponse"] == NO_MONEY
    assert day_count(bot) == 0


def fill_up(desk: Desk) -> None:
    charge = desk.venue.order_counts.charge(BOT, DAY_MAX - 1, _now_ms())
    assert charge.full is None


TOO_MANY = f"Too many new orders; current limit is {DAY_MAX} orders per 1 DAY."


@pytest.mark.parametrize("more", [{}, {"orderRateLimitExceededMode": "DO_NOTHING"}])
def test_beyond_the_limit_nothing_is_cancelled(
    desk: Desk, bot: Client, more: dict[str, object]
) -> None:
    order = placed(bot)
    fill_up(desk)
    reply = replaced(bot, order["orderId"], "STOP_ON_FAILURE", **more)
    assert reply.error == (429, -1015, TOO_MANY)
    assert int(reply.headers["retry-after"]) > 0
    assert len(bot("GET", "openOrders", symbol="BTCUSDT").body) == 1


@pytest.mark.parametrize(("mode", "status"), [("STOP_ON_FAILURE", 429), ("ALLOW_FAILURE", 409)])
def test_beyond_the_limit_who_wants_it_gone_has_it_cancelled(
    desk: Desk, bot: Client, mode: str, status: int
) -> None:
    order = placed(bot)
    fill_up(desk)
    more = {"orderRateLimitExceededMode": "CANCEL_ONLY"}
    reply = replaced(bot, order["orderId"], mode, **more)
    assert reply.error == (status, -2021, "Order cancel-replace partially failed.")
    data = reply.body["data"]
    assert data["cancelResponse"]["status"] == "CANCELED"
    assert data["newOrderResponse"] == {"code": -1015, "msg": TOO_MANY}
    assert ("retry-after" in reply.headers) == (status == 429)
    assert bot("GET", "openOrders", symbol="BTCUSDT").body == []
    assert day_count(bot) == DAY_MAX
    again = replaced(bot, order["orderId"], mode, **more)
    assert again.error[1] == -2022
    assert again.status == (429 if status == 429 else 400)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"cancelReplaceMode": "SOMETIMES"}, (400, -1130)),
        ({"orderRateLimitExceededMode": "NEVER"}, (400, -1130)),
        ({"cancelRestrictions": "ONLY_OLD"}, (400, -1145)),
        ({"cancelNewClientOrderId": ""}, (400, -1105)),
        ({"side": "HOLD"}, (400, -1117)),
    ],
)
def test_a_cancel_replace_that_is_malformed_does_nothing(
    bot: Client, more: dict[str, object], error: tuple[int, int]
) -> None:
    order = placed(bot)
    reply = replaced(bot, order["orderId"], "STOP_ON_FAILURE", **more)
    assert reply.error[:2] == error
    assert len(bot("GET", "openOrders", symbol="BTCUSDT").body) == 1
    assert day_count(bot) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"quantity": "0.000001"}, "LOT_SIZE"),
        ({"price": "50000.001"}, "PRICE_FILTER"),
        ({"quantity": "0.00001"}, "NOTIONAL"),
        ({"quantity": "0.5", "icebergQty": "0.00001"}, "ICEBERG_PARTS"),
        ({"type": "STOP_LOSS_LIMIT", "stopPrice": "70000.001"}, "PRICE_FILTER"),
    ],
)
def test_what_breaks_a_filter_cancels_nothing(
    bot: Client, mode: str, more: dict[str, object], name: str
) -> None:
    order = placed(bot)
    reply = replaced(bot, order["orderId"], mode, **more)
    assert reply.error == (400, -1013, f"Filter failure: {name}")
    assert "data" not in reply.body
    (row,) = bot("GET", "openOrders", symbol="BTCUSDT").body
    assert row["orderId"] == order["orderId"]
    assert day_count(bot) == 1


def test_what_the_cancel_puts_right_is_no_fault(bot: Client) -> None:
    order = placed(bot, newClientOrderId="same")
    # The name is free once the old order is gone.
    both = replaced(bot, order["orderId"], "STOP_ON_FAILURE", newClientOrderId="same").body
    assert both["newOrderResponse"]["clientOrderId"] == "same"
    name = {"symbol": "BTCUSDT", "origClientOrderId": "same"}
    assert bot("GET", "order", **name).body["orderId"] != order["orderId"]


def test_a_restricted_cancel_leaves_what_is_not_so(bot: Client) -> None:
    order = placed(bot)
    only = {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"}
    text = "Order was not canceled due to cancel restrictions."
    reply = replaced(bot, order["orderId"], "STOP_ON_FAILURE", **only)
    assert reply.body["data"]["cancelResponse"] == {"code": -2011, "msg": text}
    name = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    assert bot("DELETE", "order", **name, **only).error == (400, -2011, text)
    wrong = bot("DELETE", "order", **name, cancelRestrictions="ONLY_OLD")
    assert wrong.error == (400, -1145, "Invalid cancelRestrictions")
    done = bot("DELETE", "order", **name, cancelRestrictions="ONLY_NEW")
    assert done.body["status"] == "CANCELED"


def amended(bot: Client, order_id: int, **more: object) -> Reply:
    said = {"symbol": "BTCUSDT", "orderId": order_id} | more
    return bot("PUT", "order/amend/keepPriority", **said)


def test_an_order_is_amended_in_place(bot: Client) -> None:
    order = placed(bot, newClientOrderId="mine")
    reply = amended(bot, order["orderId"], newQty="0.004", newClientOrderId="mine")
    told = reply.body["amendedOrder"]
    assert (told["qty"], told["clientOrderId"], told["origClientOrderId"]) == (
        "0.00400000",
        "mine",
        "mine",
    )
    assert told["status"] == "NEW"
    assert day_count(bot) == 1
    (row,) = bot("GET", "openOrders", symbol="BTCUSDT").body
    assert row["origQty"] == "0.00400000"
    assert row["updateTime"] == reply.body["transactTime"]


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ({"newQty": "0.01"}, -2038, "The requested action would change no state; rejecting."),
        ({"newQty": "0.02"}, -2038, "Order amend (quantity increase) is not supported."),
        (
            {"newQty": "0.005", "newClientOrderId": "other"},
            -2038,
            "Order amend (client order id) is not supported.",
        ),
        ({"newQty": "0.0000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"newQty": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        ({"newQty": "0.005", "orderId": 999_999}, -2011, "Unknown order sent."),
    ],
)
def test_an_amend_is_refused_by_name(
    bot: Client, more: dict[str, object], code: int, text: str
) -> None:
    order = placed(bot)
    assert amended(bot, order["orderId"], **more).error == (400, code, text)
    (row,) = bot("GET", "openOrders", symbol="BTCUSDT").body
    assert row["origQty"] == "0.01000000"


def test_a_member_of_a_list_is_not_amended(bot: Client) -> None:
    legs = bot(
        "POST",
        "orderList/oco",
        symbol="BTCUSDT",
        side="SELL",
        quantity="0.01",
        aboveType="LIMIT_MAKER",
        abovePrice="64000",
        belowType="STOP_LOSS",
        belowStopPrice="56000",
    ).body["orderReports"]
    limit = next(leg for leg in legs if leg["type"] == "LIMIT_MAKER")
    reply = amended(bot, limit["orderId"], newQty="0.005")
    text = "Order amend is not supported for orders of an order list."
    assert reply.error == (400, -2010, text)


def test_a_mass_cancel_tells_what_it_ended_and_nothing_else(
    desk: Desk, bot: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that fills between the look and the cancel was not cancelled."""
    best = placed(bot, price="59999.5")
    others = [placed(bot, price=price)["orderId"] for price in ("50000", "50001")]
    cancel_all = AsyncExchange.mass_cancel
    exchange = desk.venue.opened

    def late(self: AsyncExchange, **said: object) -> object:
        exchange.place("BTCUSDT", side="sell", price="59999.5", quantity="0.01", account=MAKER)
        return cancel_all(self, **said)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(AsyncExchange, "mass_cancel", late)
        told = bot("DELETE", "openOrders", symbol="BTCUSDT").body
    assert sorted(row["orderId"] for row in told) == others
    assert {row["status"] for row in told} == {"CANCELED"}
    filled = bot("GET", "order", symbol="BTCUSDT", orderId=best["orderId"]).body
    assert filled["status"] == "FILLED"
    names = [row["clientOrderId"] for row in told]
    assert len(set(names)) == len(names)
    for row in told:
        one = bot("GET", "order", symbol="BTCUSDT", orderId=row["orderId"]).body
        assert row["transactTime"] == one["updateTime"]
        assert row["origClientOrderId"] == one["clientOrderId"] != row["clientOrderId"]


def test_where_all_filled_meanwhile_nothing_was_cancelled(
    desk: Desk, bot: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(bot, price="59999.5")
    cancel_all = AsyncExchange.mass_cancel
    exchange = desk.venue.opened

    def late(self: AsyncExchange, **said: object) -> object:
        exchange.place("BTCUSDT", side="sell", price="59999.5", quantity="0.01", account=MAKER)
        return cancel_all(self, **said)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(AsyncExchange, "mass_cancel", late)
        reply = bot("DELETE", "openOrders", symbol="BTCUSDT")
    assert reply.error == (400, -2011, "Unknown order sent.")


def test_a_mass_cancel_tells_the_orders_of_lists(bot: Client) -> None:
    alone = placed(bot)
    legs = bot(
        "POST",
        "orderList/oco",
        symbol="BTCUSDT",
        side="SELL",
        quantity="0.01",
        aboveType="LIMIT_MAKER",
        abovePrice="64000",
        belowType="STOP_LOSS",
        belowStopPrice="56000",
    ).body["orderReports"]
    order, whole = bot("DELETE", "openOrders", symbol="BTCUSDT").body
    assert (order["orderId"], order["orderListId"]) == (alone["orderId"], -1)
    assert whole["listOrderStatus"] == whole["listStatusType"] == "ALL_DONE"
    ids = [leg["orderId"] for leg in legs]
    assert [row["orderId"] for row in whole["orders"]] == ids
    assert [row["orderId"] for row in whole["orderReports"]] == ids
    assert {row["status"] for row in [order, *whole["orderReports"]]} == {"CANCELED"}
    assert {row["orderListId"] for row in whole["orderReports"]} == {whole["orderListId"]}
    (told,) = {row["transactTime"] for row in whole["orderReports"]}
    assert told == whole["transactionTime"]
    assert whole == bot("GET", "orderList", orderListId=whole["orderListId"]).body | {
        "orderReports": whole["orderReports"]
    }


def test_an_order_that_outlived_its_list_is_told_by_itself(desk: Desk, bot: Client) -> None:
    reply = bot(
        "POST",
        "orderList/oco",
        symbol="BTCUSDT",
        side="SELL",
        quantity="0.02",
        aboveType="LIMIT_MAKER",
        abovePrice="60000.5",
        belowType="STOP_LOSS",
        belowStopPrice="56000",
    )
    desk.venue.opened.place("BTCUSDT", side="buy", price="60000.5", quantity="0.01", account=MAKER)
    (row,) = bot("DELETE", "openOrders", symbol="BTCUSDT").body
    assert (row["executedQty"], row["status"]) == ("0.01000000", "CANCELED")
    assert row["orderListId"] == reply.body["orderListId"]


def test_a_cancel_tells_the_time_of_the_event(bot: Client) -> None:
    order = placed(bot)
    name = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    gone = bot("DELETE", "order", **name, newClientOrderId="end").body
    told = bot("GET", "order", **name).body
    assert gone["transactTime"] == told["updateTime"] >= order["transactTime"]
    assert (gone["clientOrderId"], gone["origClientOrderId"]) == ("end", order["clientOrderId"])
