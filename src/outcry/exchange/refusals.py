"""Refusals in the words and decimals of whoever asked."""

from collections.abc import Callable
from decimal import Decimal

from outcry.errors import CommandRejected, InsufficientBalance
from outcry.exchange.funds import Asset
from outcry.exchange.instrument import Instrument
from outcry.protocol import RejectReason, Side


def of_money(
    error: CommandRejected, asset: Asset, needed: Decimal | None = None
) -> CommandRejected:
    """Return the refusal of a payment in the decimals of its asset."""
    if not isinstance(error, InsufficientBalance):
        if error.reason is RejectReason.TOTAL_ABOVE_MAXIMUM:
            return error.told(error.field, asset.amount(error.units))
        return error
    available = asset.amount(error.units)
    fields = (error.reason, error.units, error.order_id, error.sequence)
    return InsufficientBalance(*fields, (asset.name, available, needed))


def of_order(
    error: CommandRejected, instrument: Instrument, side: int, size: tuple[int, int, int]
) -> CommandRejected:
    """Return the refusal of an order in the words and decimals of its caller.

    Args:
        error: The refusal in ticks, lots and smallest units.
        instrument: The order's instrument.
        side: The order's side, 0 where nobody knows it.
        size: What the order says it needs: its price in ticks and its lots, or its amount in
            smallest units of the quote asset; each 0 where only the core knows.
    """
    price_ticks, lots, amount_units = size
    if isinstance(error, InsufficientBalance):
        if side == Side.BUY:
            quote = Asset(0, instrument.quote, instrument.quote_decimals)
            return of_money(error, quote, instrument.cost(price_ticks, lots, amount_units))
        if side == Side.SELL:
            base = Asset(0, instrument.base, instrument.base_decimals)
            return of_money(error, base, instrument.quantity(lots) if lots else None)
        return error
    field = _FIELDS.get(error.field, error.field)
    bound = _BOUNDS.get(error.reason)
    return error.told(field, None if bound is None else bound(instrument, error.units))


_FIELDS = {
    "price_ticks": "price",
    "quantity_lots": "quantity",
    "display_lots": "display",
    "order_type": "type",
    "flags": "post_only",
}
_Bound = Callable[[Instrument, int], Decimal]
_BOUNDS: dict[RejectReason, _Bound] = {
    RejectReason.PRICE_BELOW_MINIMUM: Instrument.price,
    RejectReason.PRICE_ABOVE_MAXIMUM: Instrument.price,
    RejectReason.PRICE_BELOW_BAND: Instrument.price,
    RejectReason.PRICE_ABOVE_BAND: Instrument.price,
    RejectReason.QUANTITY_BELOW_MINIMUM: Instrument.quantity,
    RejectReason.QUANTITY_ABOVE_MAXIMUM: Instrument.quantity,
    RejectReason.NOTIONAL_BELOW_MINIMUM: Instrument.amount,
    RejectReason.NOTIONAL_ABOVE_MAXIMUM: Instrument.amount,
}
