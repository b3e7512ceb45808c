"""Orders: placed, tested, cancelled, changed."""

from typing import TYPE_CHECKING, Final

from outcry.errors import UnknownOrder
from outcry.exchange import Instrument, Leg
from outcry.gateways.binance import errors
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.commission import with_maker_fees
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.new_order import PARAMETERS, read_order
from outcry.gateways.binance.order_report import (
    CancelReport,
    OpenOrder,
    ask_open,
    cancel_report,
    live_report,
    report_of_row,
)
from outcry.gateways.binance.route import Route
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from outcry._native import SpotOrder

NAMES: Final = frozenset(("symbol", "orderId", "origClientOrderId"))
"""How a call names an order."""

CANCEL: Final = NAMES | {"newClientOrderId", "cancelRestrictions"}
# As long as the venue's own; the counted half of the request id is in it.
_MADE_DIGITS: Final = 22
_RESTRICTIONS: Final = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}


async def place(venue: Venue, call: Call) -> bytes:
    """Place an order."""
    return await place_order(venue, call, read_order(venue, call.parameters, made_id(call)))


async def place_order(venue: Venue, call: Call, order: "SpotOrder") -> bytes:
    """Place an order that was read, and return the reply to it."""
    rate_ppm = await venue.taker_rate_ppm(call.account)
    reply, order_id, has_traded, is_open, was_maker = await order.place(
        venue.exchange, call.account, call.request_id, rate_ppm, call.unit_ns
    )
    venue.first_fills.entered(
        call.account, order_id, call.received_ns, has_traded=has_traded, is_open=is_open
    )
    return await with_maker_fees(venue, call, reply) if was_maker else reply


async def test(venue: Venue, call: Call) -> dict[str, object]:
    """Check an order as the engine would, but for whether its account can pay for it."""
    said = call.parameters
    wants_rates = read.truth(said, "computeCommissionRates")
    order = read_order(venue, said, made_id(call))
    await check_order(venue, call, order)
    if not wants_rates:
        return {}
    account = await venue.exchange.account(call.account)
    maker, taker = (0, 0) if account is None else (account.maker_rate_ppm, account.taker_rate_ppm)
    return {
        "standardCommissionForOrder": {"maker": rate_text(maker), "taker": rate_text(taker)},
        "specialCommissionForOrder": {"maker": rate_text(0), "taker": rate_text(0)},
        "taxCommissionForOrder": {"maker": rate_text(0), "taker": rate_text(0)},
        "discount": no_discount(order.instrument),
    }


def no_discount(instrument: Instrument) -> dict[str, object]:
    """Say that no asset pays commission at a discount."""
    return {
        "enabledForAccount": False,
        "enabledForSymbol": False,
        "discountAsset": instrument.quote,
        "discount": rate_text(0),
    }


def rate_text(ppm: int) -> str:
    """Say a rate in parts per million as a fraction.

    >>> rate_text(1_000)
    '0.00100000'
    """
    sign = "-" if ppm < 0 else ""
    return f"{sign}{abs(ppm) // 1_000_000}.{abs(ppm) % 1_000_000:06d}00"


async def check_order(venue: Venue, call: Call, order: "SpotOrder") -> None:
    """Check an order that was read as the engine would, but for money.

    Raises:
        InvalidValue: It has a number that is no step of its instrument.
        OrderRejected: The engine would refuse it now.
    """
    arguments = order.arguments()
    amount = arguments.pop("amount")
    if amount is None:
        leg = Leg(**arguments)
        await venue.exchange.check_order(order.instrument, leg, account=call.account)
        return
    await venue.exchange.check_amount_order(
        order.instrument,
        side=arguments["side"],
        amount=amount,
        account=call.account,
        self_trade=arguments["self_trade"],
        client_order_id=arguments["client_order_id"],
    )


def _test_weight(call: Call) -> int:
    return 20 if call.parameters.get("computeCommissionRates") in ("true", "True") else 1


async def cancel(venue: Venue, call: Call) -> CancelReport:
    """Cancel an open order."""
    said = call.parameters
    instrument = read.instrument(venue, said)
    allowed = restriction(said)
    cancel_id = read.client_id_or_none(said, "newClientOrderId") or made_id(call)
    found = await find_open(venue, call, instrument)
    return await cancel_order(venue, call, found, cancel_id, allowed)


def restriction(said: read.Parameters) -> str | None:
    """Return the status that an order must have to be cancelled, None for any.

    Raises:
        ApiError: It is none that there is.
    """
    word = said.get("cancelRestrictions")
    if word is not None and word not in _RESTRICTIONS:
        raise ApiError(-1145, "Invalid cancelRestrictions")
    return None if word is None else _RESTRICTIONS[word]


async def cancel_order(
    venue: Venue, call: Call, found: OpenOrder, cancel_id: str, allowed: str | None = None
) -> CancelReport:
    """Cancel an order that was found open, and return the reply to it.

    Args:
        venue: Where it is open.
        call: Whose it is.
        found: The order.
        cancel_id: What the cancel is called.
        allowed: The status that it must have, None for any.

    Raises:
        ApiError: It has another status.
        UnknownOrder: It ended meanwhile.
    """
    order, report = found
    if allowed is not None and report.status != allowed:
        raise ApiError(-2011, "Order was not canceled due to cancel restrictions.")
    ended = await venue.exchange.end_order(
        order.symbol, order.order_id, account=call.account, request_id=call.request_id
    )
    if ended.open_quantity != order.open_quantity:
        # It traded between the look and the cancel: only the history has what it came to.
        history = await venue.caught_up()
        row = await history.order(call.account, order.order_id)
        if row is not None:
            report = report_of_row(row, call.unit_ns)
    return cancel_report(report, cancel_id, ended.time_ns // call.unit_ns)


async def find_open(
    venue: Venue, call: Call, instrument: Instrument, prefix: str = ""
) -> OpenOrder:
    """Return the open order that a call names.

    Args:
        venue: Where it is open.
        call: What names it, by `orderId`, `origClientOrderId` or both.
        instrument: The instrument that it must be of.
        prefix: What stands before the names, as in `cancelOrderId`.

    Raises:
        ApiError: It names none, or no such order is open.
    """
    order_id, client_id = named(call, prefix)
    try:
        order, row = await ask_open(venue, call, order_id, client_id)
    except UnknownOrder:
        raise ApiError(*errors.UNKNOWN_ORDER) from None
    is_other = (
        order.account != call.account
        or order.symbol != instrument.symbol
        or (client_id is not None and order.client_order_id != client_id)
    )
    if is_other:
        raise ApiError(*errors.UNKNOWN_ORDER)
    return OpenOrder(order, await live_report(venue, call, row))


def named(call: Call, prefix: str = "") -> tuple[int | None, str | None]:
    """Return the order's id and the client's name for it, of which a call must say one.

    Raises:
        ApiError: It says neither.
    """
    id_name = f"{prefix}OrderId" if prefix else "orderId"
    client_name = f"{prefix}OrigClientOrderId" if prefix else "origClientOrderId"
    order_id = read.whole_or_none(call.parameters, id_name)
    client_id = read.client_id_or_none(call.parameters, client_name)
    if order_id is None and client_id is None:
        raise errors.neither(client_name, id_name)
    return order_id, client_id


def made_id(call: Call) -> str:
    """Return a client order id for one who has none, unique as the call's own."""
    return f"{call.request_id:032x}"[-_MADE_DIGITS:]


ROUTES: Final = {
    ("POST", "/api/v3/order"): Route(place, PARAMETERS, 1, Scope.TRADE, orders=1),
    ("POST", "/api/v3/order/test"): Route(
        test, PARAMETERS | {"computeCommissionRates"}, _test_weight, Scope.TRADE
    ),
    ("DELETE", "/api/v3/order"): Route(cancel, CANCEL, 1, Scope.TRADE),
}
