"""What the core answered to one command, and what it says when it refuses."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outcry.errors import CommandRejected, InsufficientBalance, RequestRepeated, rejection
from outcry.exchange.funds import Asset, Balance
from outcry.exchange.instrument import Instrument
from outcry.exchange.views import balance_of
from outcry.protocol import CancelReason, EventKind, RejectReason, Side, place_events

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ANSWERS = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.DUPLICATE_REQUEST, EventKind.REPLACED)
_CANCELS = (CancelReason.REQUESTED, CancelReason.REPLACED)


_MORE = 1


def has_more(events: npt.NDArray[np.void]) -> bool:
    """Tell from the events of one command whether it has more to do and is to be repeated."""
    accepted = events[events["kind"] == EventKind.ACCEPTED]
    return bool((accepted["code"] == _MORE).any())


class Answer:
    """The events of one command from its own answer on; what a repeat of it did stands behind.

    Attributes:
        sequence: The sequence of the command.
    """

    __slots__ = ("_rows", "sequence")

    def __init__(self, kind: int, events: "ReadableBuffer | npt.NDArray[np.void]") -> None:
        """Read the events of one command of this kind.

        Raises:
            CommandRejected: It was refused; of its subclasses the one that fits.
            RequestRepeated: Its request id was seen before.
        """
        rows = place_events(events)
        kinds, reasons = rows["kind"], rows["reason"]
        is_cancel = (kinds == EventKind.CANCELLED) & np.isin(reasons, _CANCELS)
        first = int(np.argmax(np.isin(kinds, _ANSWERS) | is_cancel))
        own = rows[first]
        if own["kind"] == EventKind.REJECTED:
            fields = (int(own[name]) for name in ("reason", "bound", "order_id", "sequence"))
            raise rejection(kind, *fields)
        if own["kind"] == EventKind.DUPLICATE_REQUEST:
            fields = (int(own[name]) for name in ("order_id", "first_sequence", "reason"))
            raise RequestRepeated(*fields)
        self._rows = rows[first:]
        self.sequence = int(own["sequence"])

    def ended(self, kind: EventKind, reason: int) -> tuple[int, ...]:
        """Return the orders that ended in this way, in their order."""
        rows = self._rows
        chosen = (rows["kind"] == kind) & (rows["reason"] == reason)
        return tuple(rows["order_id"][chosen].tolist())

    def balance(self, account: int, asset: Asset) -> Balance:
        """Return an account's balance of an asset that the command changed."""
        rows = self._rows
        chosen = (rows["kind"] == EventKind.BALANCE_CHANGED) & (rows["account"] == account)
        return balance_of(rows[chosen & (rows["asset"] == asset.number)][-1], asset)


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
