"""The errors of the Binance spot API: codes, texts and HTTP statuses, and the engine's in them."""

from collections.abc import Callable
from typing import Final

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
from outcry.projections import ProjectionLagging
from outcry.protocol import RejectReason

BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
METHOD_NOT_ALLOWED: Final = 405
CONFLICT: Final = 409
PAYLOAD_TOO_LARGE: Final = 413
URI_TOO_LONG: Final = 414
TEAPOT: Final = 418
TOO_MANY_REQUESTS: Final = 429
INTERNAL: Final = 500
UNAVAILABLE: Final = 503


class ApiError(Exception):
    """What a client is told went wrong.

    Attributes:
        code: The API's number for it, below 0.
        text: The API's words; clients match them.
        status: The HTTP status.
        data: What else the body says, where the API has more to say.
        retry_after_s: Seconds after which asking again can help, None where that says nothing.
        counts_orders: Whether the orders of the call count as sent all the same.
    """

    def __init__(
        self,
        code: int,
        text: str,
        status: int = BAD_REQUEST,
        *,
        data: object = None,
        retry_after_s: int | None = None,
        counts_orders: bool = False,
    ) -> None:
        super().__init__(code, text)
        self.code: Final = code
        self.text: Final = text
        self.status: Final = status
        self.data: Final = data
        self.retry_after_s: Final = retry_after_s
        self.counts_orders: Final = counts_orders


def missing(name: str) -> ApiError:
    """Return the error of a parameter that must be there."""
    return ApiError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def empty(name: str) -> ApiError:
    """Return the error of a parameter that is there and says nothing."""
    return ApiError(-1105, f"Parameter '{name}' was empty.")


def neither(name: str, other: str) -> ApiError:
    """Return the error of two parameters of which one must be there."""
    return ApiError(-1102, f"Param '{name}' or '{other}' must be sent, but both were empty/null!")


def illegal(name: str, legal: str) -> ApiError:
    """Return the error of a parameter that is not of its pattern."""
    return ApiError(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )


def not_required(name: str) -> ApiError:
    """Return the error of a parameter that the order has no place for."""
    return ApiError(-1106, f"Parameter '{name}' sent when not required.")


def not_valid(name: str) -> ApiError:
    """Return the error of a parameter whose value is none that there is."""
    return ApiError(-1130, f"Data sent for parameter '{name}' is not valid.")


def too_precise(name: str) -> ApiError:
    """Return the error of a number with more decimals than its asset."""
    return ApiError(-1111, f"Parameter '{name}' has too much precision.")


_REFUSALS: Final[dict[str, Callable[..., ApiError]]] = {
    "missing": missing,
    "empty": empty,
    "illegal": illegal,
    "not_required": not_required,
    "not_valid": not_valid,
    "too_precise": too_precise,
    "said": ApiError,
}


def of_refusal(refusal: ValueError) -> ApiError:
    """Return the error of a new order that the core could not read."""
    kind, *what = refusal.args
    return _REFUSALS[kind](*what)


FILTER_FAILURE: Final = -1013


def filter_failure(name: str) -> ApiError:
    """Return the error of an order that breaks a filter."""
    return ApiError(FILTER_FAILURE, f"Filter failure: {name}")


def new_order_rejected(text: str) -> ApiError:
    """Return the error of a new order that the engine refused."""
    return ApiError(-2010, text)


def not_permitted() -> ApiError:
    """Return the error of a key that is unknown or may not do this, or not from here."""
    return ApiError(-2015, "Invalid API-key, IP, or permissions for action.", UNAUTHORIZED)


def no_such_order() -> ApiError:
    """Return the error of a query for an order that never was."""
    return ApiError(-2013, "Order does not exist.")


INVALID_SYMBOL: Final = (-1121, "Invalid symbol.")
UNKNOWN_ORDER: Final = (-2011, "Unknown order sent.")
UNEXPECTED: Final = (-1000, "An unknown error occurred while processing the request.", INTERNAL)
"""What this program did wrong."""

_FILTERS: Final = {
    RejectReason.PRICE_BELOW_MINIMUM: "PRICE_FILTER",
    RejectReason.PRICE_ABOVE_MAXIMUM: "PRICE_FILTER",
    RejectReason.PRICE_BELOW_BAND: "PERCENT_PRICE",
    RejectReason.PRICE_ABOVE_BAND: "PERCENT_PRICE",
    RejectReason.QUANTITY_BELOW_MINIMUM: "LOT_SIZE",
    RejectReason.QUANTITY_ABOVE_MAXIMUM: "LOT_SIZE",
    RejectReason.NOTIONAL_BELOW_MINIMUM: "NOTIONAL",
    RejectReason.NOTIONAL_ABOVE_MAXIMUM: "NOTIONAL",
    RejectReason.TOO_MANY_ICEBERG_PARTS: "ICEBERG_PARTS",
    RejectReason.TOO_MANY_ACCOUNT_ORDERS: "MAX_NUM_ORDERS",
    RejectReason.TOO_MANY_ORDERS: "EXCHANGE_MAX_NUM_ORDERS",
    RejectReason.TOO_MANY_ACCOUNT_STOPS: "MAX_NUM_ALGO_ORDERS",
    RejectReason.TOO_MANY_STOPS: "EXCHANGE_MAX_NUM_ALGO_ORDERS",
}

_MAY_NOT: Final = "This action is disabled on this account."

_REJECTED: Final = {
    RejectReason.INVALID_LIST: "The relationship of the prices for the orders is not correct.",
    RejectReason.INSUFFICIENT_BALANCE: "Account has insufficient balance for requested action.",
    RejectReason.WOULD_TRIGGER: "Stop price would trigger immediately.",
    RejectReason.WOULD_TAKE: "Order would immediately match and take.",
    RejectReason.DUPLICATE_CLIENT_ORDER_ID: "Duplicate order sent.",
    RejectReason.UNKNOWN_ACCOUNT: _MAY_NOT,
    RejectReason.ACCOUNT_RESERVED: _MAY_NOT,
    RejectReason.ACCOUNT_CANCEL_ONLY: _MAY_NOT,
    RejectReason.ACCOUNT_FROZEN: _MAY_NOT,
    RejectReason.INSTRUMENT_HALTED: "Market is closed.",
    RejectReason.INSTRUMENT_CANCEL_ONLY: "Market is closed.",
    # The API has no words for a market without any price yet.
    RejectReason.NO_REFERENCE: "Market has no price to trade around yet.",
    RejectReason.INVALID_DISPLAY: "IcebergQty exceeds QTY.",
    RejectReason.LIST_MEMBER: "Order amend is not supported for orders of an order list.",
}

# What the calls of the exchange name, and what the API does.
_STEPS: Final = {
    "price": "PRICE_FILTER",
    "stop": "PRICE_FILTER",
    "quantity": "LOT_SIZE",
    "display": "LOT_SIZE",
}


def of_exchange(error: OutcryError) -> ApiError:
    """Return what the API says of an error of the exchange."""
    if isinstance(error, CommandRejected):
        return _of_rejection(error)
    if isinstance(error, InvalidValue):
        return _of_value(error)
    if isinstance(error, ExchangeHalted):
        text = f"The exchange stopped: {error.reason}. Nothing is acknowledged any more."
        return ApiError(-1016, text, UNAVAILABLE)
    code, text, status = _OTHERS.get(type(error), _UNKNOWN)
    return ApiError(code, text, status)


_UNKNOWN: Final = (-1000, "An unknown error occurred while processing the request.", BAD_REQUEST)
_TIMEOUT: Final = (
    "Timeout waiting for response from backend server."
    " Send status unknown; execution status unknown."
)
_OTHERS: Final[dict[type[OutcryError], tuple[int, str, int]]] = {
    UnknownSymbol: (*INVALID_SYMBOL, BAD_REQUEST),
    DiskNearlyFull: (
        -1016,
        "The disk is nearly full: nothing new is taken until there is room again.",
        UNAVAILABLE,
    ),
    Overloaded: (
        -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
        UNAVAILABLE,
    ),
    RequestRepeated: (-2010, "Duplicate order sent.", BAD_REQUEST),
    ProjectionLagging: (-1007, _TIMEOUT, UNAVAILABLE),
    AnswerLate: (-1007, _TIMEOUT, UNAVAILABLE),
}


def _of_rejection(error: CommandRejected) -> ApiError:
    if isinstance(error, UnknownOrder):
        return ApiError(*UNKNOWN_ORDER)
    if error.reason in _FILTERS:
        return filter_failure(_FILTERS[error.reason])
    return new_order_rejected(_REJECTED.get(error.reason, str(error)))


_AT_MOST: Final = "must be at most "
"""How the bound of a number begins that is too great, and not too fine."""


def _of_value(error: InvalidValue) -> ApiError:
    if error.field in _STEPS:
        return filter_failure(_STEPS[error.field])
    if error.field == "amount":
        if error.bound.startswith(_AT_MOST):
            return filter_failure("NOTIONAL")
        return too_precise("quoteOrderQty")
    return ApiError(-1130, str(error))
