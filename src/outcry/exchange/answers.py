"""What the core answered to one command, and what it says when it refuses."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outcry.errors import RequestRepeated, rejection
from outcry.exchange.funds import Asset, Balance
from outcry.exchange.views import balance_of
from outcry.protocol import CancelReason, EventKind, place_events

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
        rows: Its events, as rows of dtype `PLACED_EVENT`.
        time_ns: Engine time at the command.
    """

    __slots__ = ("rows", "sequence", "time_ns")

    def __init__(
        self, kind: int, events: "ReadableBuffer | npt.NDArray[np.void]", time_ns: int = 0
    ) -> None:
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
        self.rows = rows[first:]
        self.sequence = int(own["sequence"])
        self.time_ns = time_ns

    def ended(self, kind: EventKind, reason: int) -> tuple[int, ...]:
        """Return the orders that ended in this way, in their order."""
        rows = self.rows
        chosen = (rows["kind"] == kind) & (rows["reason"] == reason)
        return tuple(rows["order_id"][chosen].tolist())

    def balance(self, account: int, asset: Asset) -> Balance:
        """Return an account's balance of an asset that the command changed."""
        rows = self.rows
        chosen = (rows["kind"] == EventKind.BALANCE_CHANGED) & (rows["account"] == account)
        return balance_of(rows[chosen & (rows["asset"] == asset.number)][-1], asset)
