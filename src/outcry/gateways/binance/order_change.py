"""Orders that are changed: another in their place, or less of the same."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from time import time_ns
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Raw

from outcry.errors import CommandRejected, InvalidValue, OutcryError
from outcry.exchange import Order, Placement
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import (
    BAD_REQUEST,
    CONFLICT,
    FILTER_FAILURE,
    ApiError,
    missing,
    of_exchange,
)
from outcry.gateways.binance.new_order import PARAMETERS, read_order
from outcry.gateways.binance.order_report import NO_LIST, OrderReport
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.trading import (
    NAMES,
    cancel_order,
    check_order,
    find_open,
    made_id,
    named,
    place_order,
    restriction,
)
from outcry.gateways.binance.words import status_word
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from outcry._native import SpotOrder

_MODES: Final = {"STOP_ON_FAILURE": True, "ALLOW_FAILURE": False}
_LIMIT_MODES: Final = {"DO_NOTHING": False, "CANCEL_ONLY": True}
_CANCEL_REPLACE: Final = PARAMETERS | {
    "cancelReplaceMode",
    "cancelNewClientOrderId",
    "cancelOrigClientOrderId",
    "cancelOrderId",
    "cancelRestrictions",
    "orderRateLimitExceededMode",
}
_AMEND: Final = NAMES | {"newClientOrderId", "newQty"}

Outcome: TypeAlias = tuple[str, object]
"""How a half of a cancel-replace ended, and what is told of it."""


async def cancel_replace(venue: Venue, call: Call) -> dict[str, object]:
    """Cancel an order and place another one.

    The new order counts as sent where it was placed, and where it was not tried.

    Raises:
        ApiError: Either failed; the error's data tells of both.
    """
    said = call.parameters
    mode = read.choice_or_none(said, "cancelReplaceMode", _MODES)
    if mode is None:
        raise missing("cancelReplaceMode")
    allowed = restriction(said)
    read.choice_or_none(said, "orderRateLimitExceededMode", _LIMIT_MODES)
    name = made_id(call)
    cancel_id = read.client_id_or_none(said, "cancelNewClientOrderId") or f"{name}-c"
    order = read_order(venue, said, name)
    named(call, "cancel")
    await _require_filters(venue, call, order)

    async def cancelled() -> object:
        found = await find_open(venue, call, order.instrument, "cancel")
        return await cancel_order(venue, call, found, cancel_id, allowed)

    async def placed() -> object:
        if call.order_limit is not None:
            raise call.order_limit
        call.request_id = venue.next_request_id()
        # Its instrument may have been stated anew meanwhile.
        again = read_order(venue, said, name)
        return Raw(await place_order(venue, call, again))

    cancel_result, cancel_response = await _tried(cancelled)
    new_result: Outcome = ("NOT_ATTEMPTED", None)
    if cancel_result == "SUCCESS" or not mode:
        new_result = await _tried(placed)
    told = {
        "cancelResult": cancel_result,
        "newOrderResult": new_result[0],
        "cancelResponse": cancel_response,
        "newOrderResponse": new_result[1],
    }
    if cancel_result == new_result[0] == "SUCCESS":
        return told
    if new_result[0] == "SUCCESS":
        venue.meter.accepted(1, time_ns() - call.received_ns)
    raise _failure(told, call.order_limit if mode else None)


async def _require_filters(venue: Venue, call: Call, order: "SpotOrder") -> None:
    """Refuse a new order that breaks a filter before anything is cancelled.

    What else may be wrong with it is looked at when it is placed: the cancel may put it right.
    """
    try:
        await check_order(venue, call, order)
    except (CommandRejected, InvalidValue) as error:
        known = of_exchange(error)
        if known.code == FILTER_FAILURE:
            raise known from error


def _failure(told: dict[str, object], limit: ApiError | None) -> ApiError:
    """Return what is told of a cancel-replace of which not both halves succeeded.

    Args:
        told: Both halves.
        limit: The limit of orders that stopped it, None where that does not say its status.
    """
    results = (told["cancelResult"], told["newOrderResult"])
    is_partial = "SUCCESS" in results
    code, text, status = -2022, "Order cancel-replace failed.", BAD_REQUEST
    if is_partial:
        code, text, status = -2021, "Order cancel-replace partially failed.", CONFLICT
    if limit is not None:
        status = limit.status
    counts = results[1] in ("SUCCESS", "NOT_ATTEMPTED")
    retry_after_s = None if limit is None else limit.retry_after_s
    return ApiError(
        code, text, status, data=told, retry_after_s=retry_after_s, counts_orders=counts
    )


async def _tried(act: Callable[[], Awaitable[object]]) -> Outcome:
    try:
        return "SUCCESS", await act()
    except ApiError as error:
        return "FAILURE", {"code": error.code, "msg": error.text}
    except OutcryError as error:
        known = of_exchange(error)
        return "FAILURE", {"code": known.code, "msg": known.text}


async def amend(venue: Venue, call: Call) -> dict[str, object]:
    """Lower the quantity of an open order, which keeps its place in the queue.

    It keeps its client order id, too: another one is refused.
    """
    instrument = read.instrument(venue, call.parameters)
    quantity = read.decimal(call.parameters, "newQty", instrument)
    new_id = read.client_id_or_none(call.parameters, "newClientOrderId")
    order, report = await find_open(venue, call, instrument)
    if new_id not in (None, order.client_order_id):
        raise ApiError(-2038, "Order amend (client order id) is not supported.")
    total = order.open_quantity + order.done_quantity
    if quantity == total:
        raise ApiError(-2038, "The requested action would change no state; rejecting.")
    if quantity > total:
        raise ApiError(-2038, "Order amend (quantity increase) is not supported.")
    if quantity <= order.done_quantity:
        raise ApiError(-2038, "Order amend (quantity not above what is done) is not supported.")
    placement = await venue.exchange.replace(
        instrument,
        order.order_id,
        quantity=quantity,
        price=order.price,
        account=call.account,
        request_id=call.request_id,
    )
    return {
        "transactTime": placement.time_ns // call.unit_ns,
        "executionId": placement.sequence,
        "amendedOrder": _amended(venue, order, report, placement),
    }


def _amended(
    venue: Venue, order: Order, report: OrderReport, placement: Placement
) -> dict[str, object]:
    figures = venue.figures(venue.instrument(order.symbol))
    prevented = order.done_quantity - Decimal(report.executed_qty)
    total = order.done_quantity + placement.open_quantity
    return {
        "symbol": report.symbol,
        "orderId": report.order_id,
        "orderListId": NO_LIST,
        "origClientOrderId": report.client_order_id,
        "clientOrderId": report.client_order_id,
        "price": report.price,
        "qty": figures.quantity(total),
        "executedQty": report.executed_qty,
        "preventedQty": figures.quantity(prevented),
        "quoteOrderQty": figures.zero,
        "cumulativeQuoteQty": report.cummulative_quote_qty,
        "status": status_word(
            placement.status,
            placement.cancel_reason,
            has_traded=report.status == "PARTIALLY_FILLED",
        ),
        "timeInForce": report.time_in_force,
        "type": report.type,
        "side": report.side,
        "workingTime": report.working_time,
        "selfTradePreventionMode": report.self_trade_prevention_mode,
    }


ROUTES: Final = {
    ("POST", "/api/v3/order/cancelReplace"): Route(
        cancel_replace, _CANCEL_REPLACE, 1, Scope.TRADE, orders=1
    ),
    ("PUT", "/api/v3/order/amend/keepPriority"): Route(amend, _AMEND, 4, Scope.TRADE),
}
