"""Errors: every reason of the engine and every error of the exchange in codes and texts."""

import pytest

from outcry.errors import (
    CommandRejected,
    DiskNearlyFull,
    ExchangeHalted,
    InvalidValue,
    OutcryError,
    Overloaded,
    RequestRepeated,
    UnknownOrder,
    UnknownSymbol,
)
from outcry.gateways.answering import AnswerLate
from outcry.gateways.binance import errors
from outcry.gateways.binance.errors import ApiError
from outcry.projections import ProjectionLagging
from outcry.protocol import RejectReason
from tests.gateways.binance.conftest import OTHER
from tests.gateways.desk import Client, Desk

TIMEOUT = (
    "Timeout waiting for response from backend server."
    " Send status unknown; execution status unknown."
)
FILTERS = {
    "PRICE_FILTER": (RejectReason.PRICE_BELOW_MINIMUM, RejectReason.PRICE_ABOVE_MAXIMUM),
    "PERCENT_PRICE": (RejectReason.PRICE_BELOW_BAND, RejectReason.PRICE_ABOVE_BAND),
    "LOT_SIZE": (RejectReason.QUANTITY_BELOW_MINIMUM, RejectReason.QUANTITY_ABOVE_MAXIMUM),
    "NOTIONAL": (RejectReason.NOTIONAL_BELOW_MINIMUM, RejectReason.NOTIONAL_ABOVE_MAXIMUM),
    "ICEBERG_PARTS": (RejectReason.TOO_MANY_ICEBERG_PARTS,),
    "MAX_NUM_ORDERS": (RejectReason.TOO_MANY_ACCOUNT_ORDERS,),
    "EXCHANGE_MAX_NUM_ORDERS": (RejectReason.TOO_MANY_ORDERS,),
    "MAX_NUM_ALGO_ORDERS": (RejectReason.TOO_MANY_ACCOUNT_STOPS,),
    "EXCHANGE_MAX_NUM_ALGO_ORDERS": (RejectReason.TOO_MANY_STOPS,),
}
# The texts that clients match, letter by letter.
TEXTS = {
    RejectReason.INSUFFICIENT_BALANCE: "Account has insufficient balance for requested action.",
    RejectReason.WOULD_TAKE: "Order would immediately match and take.",
    RejectReason.WOULD_TRIGGER: "Stop price would trigger immediately.",
    RejectReason.DUPLICATE_CLIENT_ORDER_ID: "Duplicate order sent.",
    RejectReason.INSTRUMENT_HALTED: "Market is closed.",
    RejectReason.INSTRUMENT_CANCEL_ONLY: "Market is closed.",
    RejectReason.ACCOUNT_FROZEN: "This action is disabled on this account.",
    RejectReason.UNKNOWN_ACCOUNT: "This action is disabled on this account.",
    RejectReason.INVALID_DISPLAY: "IcebergQty exceeds QTY.",
}


def rejected(reason: RejectReason) -> ApiError:
    return errors.of_exchange(CommandRejected(reason, 0, 0, 0))


@pytest.mark.parametrize("reason", RejectReason, ids=str)
def test_no_refusal_is_an_unknown_error_or_a_fault_of_the_server(reason: RejectReason) -> None:
    told = rejected(reason)
    assert told.status == 400
    assert told.code in {-1013, -2010, -2011}
    assert told.text


@pytest.mark.parametrize("name", FILTERS)
def test_filters_are_named(name: str) -> None:
    for reason in FILTERS[name]:
        told = rejected(reason)
        assert (told.code, told.text) == (-1013, f"Filter failure: {name}")


@pytest.mark.parametrize("reason", TEXTS, ids=str)
def test_refusals_have_the_texts_that_clients_match(reason: RejectReason) -> None:
    told = rejected(reason)
    assert (told.code, told.text) == (-2010, TEXTS[reason])


@pytest.mark.parametrize(
    ("error", "status", "code", "text"),
    [
        (UnknownSymbol("X"), 400, -1121, "Invalid symbol."),
        (
            Overloaded("number of commands", 1),
            503,
            -1008,
            (
                "Server is currently overloaded with other requests."
                " Please try again in a few minutes."
            ),
        ),
        (
            ProjectionLagging("history", 1, 2),
            503,
            -1007,
            TIMEOUT,
        ),
        (
            AnswerLate(1.0),
            503,
            -1007,
            TIMEOUT,
        ),
        (
            ExchangeHalted("disk_full", "no space is left"),
            503,
            -1016,
            "The exchange stopped: disk_full. Nothing is acknowledged any more.",
        ),
        (
            DiskNearlyFull(7, 9),
            503,
            -1016,
            "The disk is nearly full: nothing new is taken until there is room again.",
        ),
        (InvalidValue("price", "1", "tick"), 400, -1013, "Filter failure: PRICE_FILTER"),
        (InvalidValue("stop", "1", "tick"), 400, -1013, "Filter failure: PRICE_FILTER"),
        (InvalidValue("quantity", "1", "lot"), 400, -1013, "Filter failure: LOT_SIZE"),
        (InvalidValue("display", "1", "lot"), 400, -1013, "Filter failure: LOT_SIZE"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_errors_of_the_exchange(error: OutcryError, status: int, code: int, text: str) -> None:
    told = errors.of_exchange(error)
    assert (told.status, told.code, told.text) == (status, code, text)


def test_an_order_that_is_not_known_is_told_as_such() -> None:
    assert errors.UNKNOWN_ORDER == (-2011, "Unknown order sent.")
    assert errors.no_such_order().args == (-2013, "Order does not exist.")
    assert issubclass(UnknownOrder, CommandRejected)
    assert issubclass(RequestRepeated, OutcryError)


LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
# What clients can be refused by the engine, and what they are told.
REFUSALS = {
    "insufficient": (
        LIMIT | {"quantity": "90", "price": "59000"},
        (-2010, "Account has insufficient balance for requested action."),
    ),
    "tick": (
        LIMIT | {"quantity": "1", "price": "59000.001"},
        (-1013, "Filter failure: PRICE_FILTER"),
    ),
    "lot": (
        LIMIT | {"quantity": "0.000001", "price": "59000"},
        (-1013, "Filter failure: LOT_SIZE"),
    ),
    "notional": (
        LIMIT | {"quantity": "0.00001", "price": "59000"},
        (-1013, "Filter failure: NOTIONAL"),
    ),
    "take": (
        {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT_MAKER",
            "quantity": "0.1",
            "price": "60001",
        },
        (-2010, "Order would immediately match and take."),
    ),
    "trigger": (
        {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "STOP_LOSS",
            "quantity": "0.1",
            "stopPrice": "50000",
        },
        (-2010, "Stop price would trigger immediately."),
    ),
    "iceberg": (
        LIMIT | {"quantity": "0.1", "price": "59000", "icebergQty": "0.2"},
        (-2010, "IcebergQty exceeds QTY."),
    ),
    "huge": (
        LIMIT | {"quantity": "9" * 20, "price": "59000"},
        (-1013, "Filter failure: LOT_SIZE"),
    ),
    "dear": (LIMIT | {"quantity": "1", "price": "9" * 20}, (-1013, "Filter failure: PRICE_FILTER")),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_orders(other: Client, name: str) -> None:
    said, (code, text) = REFUSALS[name]
    reply = other("POST", "order", **said)
    assert reply.error == (400, code, text)
    assert not {each for each in reply.headers if each.startswith("x-mbx-order-count")}


def test_a_name_is_taken_while_its_order_is_open(other: Client) -> None:
    said = LIMIT | {"quantity": "0.01", "price": "30000", "newClientOrderId": "twice"}
    assert other("POST", "order", **said).status == 200
    assert other("POST", "order", **said).error == (400, -2010, "Duplicate order sent.")
    gone = other("DELETE", "order", symbol="BTCUSDT", origClientOrderId="twice")
    assert gone.body["status"] == "CANCELED"
    assert other("POST", "order", **said).status == 200
    assert other("DELETE", "openOrders", symbol="BTCUSDT").status == 200


@pytest.mark.parametrize("named", [{"orderId": 9_999_999}, {"origClientOrderId": "nobody"}])
def test_orders_that_never_were(other: Client, named: dict[str, object]) -> None:
    unknown = (400, -2011, "Unknown order sent.")
    assert other("DELETE", "order", symbol="BTCUSDT", **named).error == unknown
    told = (400, -2013, "Order does not exist.")
    assert other("GET", "order", symbol="BTCUSDT", **named).error == told


def test_cancelling_what_is_not_there(other: Client) -> None:
    unknown = (400, -2011, "Unknown order sent.")
    assert other("DELETE", "openOrders", symbol="ETHUSDT").error == unknown
    assert other("DELETE", "orderList", symbol="ETHUSDT", orderListId=5).error == unknown
    lost = (400, -2018, "Order list does not exist.")
    assert other("GET", "orderList", orderListId=5).error == lost


def test_an_order_must_be_named(other: Client) -> None:
    text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    for method in ("GET", "DELETE"):
        assert other(method, "order", symbol="BTCUSDT").error == (400, -1102, text)


def test_frozen_accounts_are_told_so(desk: Desk) -> None:
    exchange = desk.venue.opened
    client = desk.client(OTHER)
    said = LIMIT | {"quantity": "0.01", "price": "30000"}
    exchange.set_account(OTHER, state="frozen")
    try:
        disabled = "This action is disabled on this account."
        assert client("POST", "order", **said).error == (400, -2010, disabled)
    finally:
        exchange.set_account(OTHER)
    assert client("GET", "account").body["canTrade"]
