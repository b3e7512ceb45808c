"""A new order as the API says it: read, checked for what may stand together, and answered."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from outcry.exchange import Instrument, OrderStatus, Placement
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.errors import ApiError, missing, not_required
from outcry.gateways.binance.words import (
    PPM_PER_BIP,
    RESPONSE_TYPES,
    SELF_TRADE_USUAL,
    SELF_TRADES,
    SIDES,
    STOPS,
    TIMES_IN_FORCE,
    TRAILING_BIPS_MAX,
    status_word,
    trigger_of,
)
from outcry.gateways.figures import Figures
from outcry.protocol import CancelReason, Side

PARAMETERS: Final = frozenset(
    (
        "symbol",
        "side",
        "type",
        "timeInForce",
        "quantity",
        "quoteOrderQty",
        "price",
        "newClientOrderId",
        "strategyId",
        "strategyType",
        "stopPrice",
        "trailingDelta",
        "icebergQty",
        "newOrderRespType",
        "selfTradePreventionMode",
    )
)
_STRATEGY_TYPE_MIN: Final = 1_000_000
_is_zero = re.compile(r"0{1,20}(\.0{1,20})?", re.ASCII).fullmatch
_NOTHING: Final = (Decimal(0), Decimal(0))
_WHOLLY_KNOWN: Final = (None, CancelReason.SELF_TRADE)
"""How an order stands, or ended, of which all that did not trade was prevented."""


class NewOrder(Struct, frozen=True, gc=False):
    """An order that is asked for.

    Attributes:
        instrument: What to trade.
        word: What the API calls its type.
        side: Its side.
        arguments: What the exchange's `place` takes beside instrument and account.
        said: What the client said, for the reply.
        client_order_id: The client's name for it, or one that was made for it.
        response: How much the reply tells.
    """

    instrument: Instrument
    word: str
    side: Side
    arguments: dict[str, Any]
    said: Mapping[str, str]
    client_order_id: str
    response: str


class FillResult(Struct, rename="camel"):
    """A trade of a new order."""

    price: str
    qty: str
    commission: str
    commission_asset: str
    trade_id: int


class OrderResult(Struct, rename="camel"):
    """The reply to a new order; what its response type leaves out is unset."""

    symbol: str
    order_id: int
    order_list_id: int
    client_order_id: str
    transact_time: int
    price: str | UnsetType = UNSET
    orig_qty: str | UnsetType = UNSET
    executed_qty: str | UnsetType = UNSET
    orig_quote_order_qty: str | UnsetType = UNSET
    cummulative_quote_qty: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    time_in_force: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    side: str | UnsetType = UNSET
    stop_price: str | UnsetType = UNSET
    trailing_delta: int | UnsetType = UNSET
    trailing_time: int | UnsetType = UNSET
    iceberg_qty: str | UnsetType = UNSET
    strategy_id: int | UnsetType = UNSET
    strategy_type: int | UnsetType = UNSET
    working_time: int | UnsetType = UNSET
    fills: list[FillResult] | UnsetType = UNSET
    self_trade_prevention_mode: str | UnsetType = UNSET
    prevented_quantity: str | UnsetType = UNSET


def read_order(finder: read.Finder, said: Mapping[str, str], made_client_order_id: str) -> NewOrder:
    """Read a new order.

    Args:
        finder: Knows the instruments.
        said: The parameters.
        made_client_order_id: Its name where the client has none.

    Raises:
        ApiError: A parameter is missing, wrong, or has no place in this type of order.
    """
    instrument = read.instrument(finder, said)
    side = SIDES.get(read.text(said, "side"))
    if side is None:
        raise ApiError(-1117, "Invalid side.")
    word = read.text(said, "type")
    reader = _READERS.get(word)
    if reader is None:
        raise ApiError(-1116, "Invalid orderType.")
    client_order_id = read.client_id_or_none(said, "newClientOrderId") or made_client_order_id
    arguments: dict[str, Any] = {
        "side": side,
        "client_order_id": client_order_id,
        "self_trade": SELF_TRADES[SELF_TRADE_USUAL],
    }
    mode = read.choice_or_none(said, "selfTradePreventionMode", SELF_TRADES)
    if mode is not None:
        arguments["self_trade"] = mode
    reader(said, arguments, instrument)
    if word in STOPS:
        _read_stop(said, arguments, instrument, word, side)
    else:
        _refuse(said, "stopPrice", "trailingDelta")
    _read_strategy(said)
    response = read.choice_or_none(said, "newOrderRespType", RESPONSE_TYPES)
    if response is None:
        response = "FULL" if word in ("LIMIT", "MARKET") else "ACK"
    return NewOrder(instrument, word, side, arguments, said, client_order_id, response)


def _read_limit(said: Mapping[str, str], arguments: dict[str, Any], instrument: Instrument) -> None:
    arguments["time_in_force"] = _time_in_force(said)
    arguments["quantity"] = read.decimal(said, "quantity", instrument)
    arguments["price"] = read.decimal(said, "price", instrument)
    _refuse(said, "quoteOrderQty")
    display = _display(said, instrument)
    if display is not None:
        if said["timeInForce"] != "GTC":
            raise ApiError(-1013, "Iceberg orders must be GTC.")
        arguments["display"] = display


def _read_limit_maker(
    said: Mapping[str, str], arguments: dict[str, Any], instrument: Instrument
) -> None:
    arguments["quantity"] = read.decimal(said, "quantity", instrument)
    arguments["price"] = read.decimal(said, "price", instrument)
    arguments["post_only"] = True
    _refuse(said, "quoteOrderQty", "timeInForce")
    display = _display(said, instrument)
    if display is not None:
        arguments["display"] = display


def _read_market(
    said: Mapping[str, str], arguments: dict[str, Any], instrument: Instrument
) -> None:
    arguments["type"] = "market"
    _refuse(said, "price", "timeInForce", "icebergQty")
    quantity = read.decimal_or_none(said, "quantity", instrument)
    amount = read.decimal_or_none(said, "quoteOrderQty", instrument)
    if quantity is None and amount is None:
        raise missing("quantity")
    if quantity is not None and amount is not None:
        raise ApiError(-1128, "Combination of optional parameters invalid.")
    arguments["quantity"] = quantity
    arguments["amount"] = amount


def _read_stop_market(
    said: Mapping[str, str], arguments: dict[str, Any], instrument: Instrument
) -> None:
    arguments["type"] = "stop"
    arguments["time_in_force"] = "gtc"
    arguments["quantity"] = read.decimal(said, "quantity", instrument)
    _refuse(said, "price", "timeInForce", "quoteOrderQty", "icebergQty")


def _read_stop_limit(
    said: Mapping[str, str], arguments: dict[str, Any], instrument: Instrument
) -> None:
    _read_limit(said, arguments, instrument)
    arguments["type"] = "stop_limit"


_READERS: Final = {
    "LIMIT": _read_limit,
    "LIMIT_MAKER": _read_limit_maker,
    "MARKET": _read_market,
    "STOP_LOSS": _read_stop_market,
    "STOP_LOSS_LIMIT": _read_stop_limit,
    "TAKE_PROFIT": _read_stop_market,
    "TAKE_PROFIT_LIMIT": _read_stop_limit,
}


def _read_stop(
    said: Mapping[str, str],
    arguments: dict[str, Any],
    instrument: Instrument,
    word: str,
    side: Side,
) -> None:
    arguments["trigger"] = trigger_of(word, side)
    stop = read.decimal_or_none(said, "stopPrice", instrument)
    bips = read.whole_or_none(said, "trailingDelta")
    if stop is None and bips is None:
        raise missing("stopPrice")
    if bips is None:
        arguments["stop"] = stop
        return
    if stop is not None:
        # The engine follows the trades from the entry on; a price at which to begin it does not
        # know.
        raise not_required("stopPrice")
    if not 0 < bips <= TRAILING_BIPS_MAX:
        raise ApiError(-1013, "Filter failure: TRAILING_DELTA")
    arguments["trail_ppm"] = bips * PPM_PER_BIP


def _time_in_force(said: Mapping[str, str]) -> Any:  # noqa: ANN401 - what `place` takes
    word = read.text(said, "timeInForce")
    if word not in TIMES_IN_FORCE:
        raise ApiError(-1115, "Invalid timeInForce.")
    return TIMES_IN_FORCE[word]


def _display(said: Mapping[str, str], instrument: Instrument) -> Decimal | None:
    """Return what an iceberg shows; 0 stands for none at some clients."""
    if _is_zero(said.get("icebergQty", "0")):
        return None
    return read.decimal_or_none(said, "icebergQty", instrument)


def _read_strategy(said: Mapping[str, str]) -> None:
    read.whole_or_none(said, "strategyId")
    strategy = read.whole_or_none(said, "strategyType")
    if strategy is not None and strategy < _STRATEGY_TYPE_MIN:
        raise ApiError(-1134, "strategyType was less than 1000000.")


def _refuse(said: Mapping[str, str], *names: str) -> None:
    for name in names:
        if name in said:
            raise not_required(name)


def order_result(
    order: NewOrder, placement: Placement, figures: Figures, taker_rate_ppm: int, unit_ns: int
) -> OrderResult:
    """Return the reply to an order that was accepted.

    Args:
        order: What was asked.
        placement: What became of it.
        figures: How the instrument's numbers are said.
        taker_rate_ppm: What its account pays as a taker, in parts per million.
        unit_ns: The unit of its times, in nanoseconds.
    """
    time = placement.time_ns // unit_ns
    told = OrderResult(order.instrument.symbol, placement.order_id, -1, order.client_order_id, time)
    if order.response != "ACK":
        _tell(told, order, placement, figures, time)
    if order.response == "FULL":
        told.fills = [
            FillResult(
                figures.price(fill.price),
                figures.quantity(fill.quantity),
                *figures.commission(order.side, fill.price, fill.quantity, taker_rate_ppm),
                fill.trade_id,
            )
            for fill in placement.fills
        ]
    return told


def _tell(
    told: OrderResult, order: NewOrder, placement: Placement, figures: Figures, time: int
) -> None:
    arguments, zero = order.arguments, figures.zero
    price, quantity = arguments.get("price"), arguments.get("quantity")
    has_traded = bool(placement.fills)
    executed, cost = figures.sums(placement.fills) if has_traded else _NOTHING
    if quantity is None:
        # An order by amount is, once done, an order of what it traded.
        quantity = executed
    amount = arguments.get("amount")
    told.price = zero if price is None else figures.price(price)
    told.orig_qty = figures.quantity(quantity)
    told.executed_qty = figures.quantity(executed) if has_traded else figures.no_quantity
    told.orig_quote_order_qty = zero if amount is None else figures.amount(amount)
    told.cummulative_quote_qty = figures.amount(cost) if has_traded else figures.no_amount
    told.status = status_word(placement.status, placement.cancel_reason, has_traded=has_traded)
    told.time_in_force = order.said.get("timeInForce", "GTC")
    told.type = order.word
    told.side = order.said["side"]
    if "stop" in arguments:
        told.stop_price = figures.price(arguments["stop"])
    if "trail_ppm" in arguments:
        told.trailing_delta = arguments["trail_ppm"] // PPM_PER_BIP
        told.trailing_time = -1 if placement.status is OrderStatus.PENDING else time
    if "display" in arguments:
        told.iceberg_qty = figures.quantity(arguments["display"])
    if "strategyId" in order.said:
        told.strategy_id = int(order.said["strategyId"])
    if "strategyType" in order.said:
        told.strategy_type = int(order.said["strategyType"])
    is_idle = placement.status in (OrderStatus.WAITING, OrderStatus.PENDING)
    told.working_time = -1 if is_idle else time
    told.self_trade_prevention_mode = order.said.get("selfTradePreventionMode", SELF_TRADE_USUAL)
    if amount is None and placement.cancel_reason in _WHOLLY_KNOWN:
        prevented = quantity - executed - placement.open_quantity
        if prevented:
            told.prevented_quantity = figures.quantity(prevented)
