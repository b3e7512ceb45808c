"""The API's words for what an order is, and the engine's."""

from typing import Final

from outcry.exchange import OrderStatus
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.times import NS_PER_MS, NS_PER_US
from outcry.protocol import CancelReason, OrderType, SelfTrade, Side, Trigger

SIDES: Final = {"BUY": Side.BUY, "SELL": Side.SELL}
SIDE_WORDS: Final = {side: word for word, side in SIDES.items()}

SELF_TRADES: Final = {
    "NONE": SelfTrade.NONE,
    "EXPIRE_TAKER": SelfTrade.CANCEL_TAKER,
    "EXPIRE_MAKER": SelfTrade.CANCEL_MAKER,
    "EXPIRE_BOTH": SelfTrade.CANCEL_BOTH,
    "DECREMENT": SelfTrade.DECREMENT,
}
SELF_TRADE_WORDS: Final = {mode: word for word, mode in SELF_TRADES.items()}
SELF_TRADE_USUAL: Final = "EXPIRE_MAKER"
"""What an order does that says nothing of it, as at the venue."""

ORDER_TYPES: Final = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)

RESPONSE_TYPES: Final = ("ACK", "RESULT", "FULL")

PPM_PER_BIP: Final = 100
"""A trailing delta, and a commission, counts in hundredths of a percent."""

TRAILING_BIPS_MAX: Final = 2_000
"""The greatest trailing delta."""

_UNITS: Final = {"MILLISECOND": NS_PER_MS, "MICROSECOND": NS_PER_US}
_UNIT_WORDS: Final = {
    said.encode(): unit for word, unit in _UNITS.items() for said in (word, word.lower())
}


def unit_of(word: bytes) -> int:
    """Return the unit of time of a reply, in nanoseconds, as a request's header says it.

    Raises:
        ApiError: It is none.

    >>> unit_of(b"microsecond")
    1000
    """
    unit_ns = _UNIT_WORDS.get(word)
    if unit_ns is None:
        raise ApiError(
            -1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."
        )
    return unit_ns


def type_word(
    order_type: OrderType, side: Side, trigger: Trigger | None, *, post_only: bool
) -> str:
    """Return what the API calls an order's type.

    >>> type_word(OrderType.STOP_LIMIT, Side.SELL, Trigger.RISE, post_only=False)
    'TAKE_PROFIT_LIMIT'
    """
    if order_type is OrderType.LIMIT:
        return "LIMIT_MAKER" if post_only else "LIMIT"
    if order_type is OrderType.MARKET:
        return "MARKET"
    is_loss = (trigger is Trigger.RISE) == (side is Side.BUY)
    word = "STOP_LOSS" if is_loss else "TAKE_PROFIT"
    return f"{word}_LIMIT" if order_type is OrderType.STOP_LIMIT else word


def status_word(status: OrderStatus, reason: CancelReason | None, *, has_traded: bool) -> str:
    """Return what the API calls where an order is when its command is done."""
    if status is OrderStatus.PENDING:
        return "PENDING_NEW"
    if status.is_open:
        return "PARTIALLY_FILLED" if has_traded else "NEW"
    if status is OrderStatus.FILLED:
        return "FILLED"
    return end_word(reason, has_traded=has_traded)


def end_word(reason: CancelReason | None, *, has_traded: bool) -> str:
    """Return what the API calls the end of an order that was cancelled."""
    if reason is CancelReason.AMOUNT_REMAINDER and has_traded:
        # What was left of the amount buys no lot: at the venue that is all of the order.
        return "FILLED"
    return _END_WORDS.get(reason, "EXPIRED")


_END_WORDS: Final[dict[CancelReason | None, str]] = {
    CancelReason.REQUESTED: "CANCELED",
    CancelReason.REPLACED: "CANCELED",
    CancelReason.MASS_CANCEL: "CANCELED",
    CancelReason.LIST_ENDED: "CANCELED",
    CancelReason.SELF_TRADE: "EXPIRED_IN_MATCH",
    CancelReason.REFUSED: "REJECTED",
}
