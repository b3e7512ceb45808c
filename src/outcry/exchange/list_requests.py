"""What can be asked about order lists."""

from collections.abc import Sequence
from functools import partial

from outcry._native import to_choice
from outcry.errors import CommandRejected
from outcry.exchange.instrument import Instrument
from outcry.exchange.list_records import (
    cancel_list,
    new_list,
    read_cancelled,
    read_placement,
    to_legs,
)
from outcry.exchange.lists import CancelledList, Leg, ListPlacement
from outcry.exchange.refusals import of_order
from outcry.exchange.registry import Registry
from outcry.exchange.request import Request
from outcry.protocol import ListType


class ListRequests:
    """Makes the requests about order lists."""

    __slots__ = ("_registry",)

    _registry: Registry

    def place_list(
        self,
        instrument: Instrument | str,
        type: ListType | str,  # noqa: A002
        legs: Sequence[Leg],
        *,
        account: int = 1,
        client_list_id: str | None = None,
        request_id: int = 0,
    ) -> Request[ListPlacement]:
        """Place an order list and return what became of each of its orders.

        `oco`: two orders of one side and quantity, a limit and a stop on the other side of the
        market or two stops, one each side; when one trades or is triggered, the other is cancelled.
        `oto`: a limit order that works, and one that enters when its last lot has traded. `otoco`:
        the same, and what enters are two as of `oco`. When an order ends otherwise, so do the
        others.

        Args:
            instrument: What to trade.
            type: `oco`, `oto` or `otoco`.
            legs: Its orders, a working one first.
            account: Whose list it is, from 1.
            client_list_id: The client's own name for the list; journaled, and not looked at.
            request_id: A 128-bit number under which the account asks once only; 0 for none.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            OrderRejected: The engine refused the list, as `InsufficientBalance`.
            RequestRepeated: The account used the request id before.
        """
        found = self._registry.find(instrument)
        list_type = to_choice("list_type", type)
        orders = to_legs(legs, list_type)
        record = new_list(
            found,
            list_type,
            orders,
            account=account,
            client_list_id=client_list_id,
            request_id=request_id,
        )
        side = to_choice("side", orders[0].side)
        return Request(
            record,
            lambda answer: read_placement(answer, found, record),
            partial(_explained, instrument=found, side=side),
        )

    def cancel_list(
        self, instrument: Instrument | str, list_id: int, *, account: int = 1, request_id: int = 0
    ) -> Request[CancelledList]:
        """Cancel a list that lives: every order of it that is open.

        Args:
            instrument: What it trades.
            list_id: The list.
            account: Whose list it is.
            request_id: A 128-bit number under which the account asks once only; 0 for none.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            UnknownOrder: The account has no such list that lives on the instrument.
            OrderRejected: The engine refused the cancel, as on a halted instrument.
            RequestRepeated: The account used the request id before.
        """
        found = self._registry.find(instrument)
        record = cancel_list(found.number, account, list_id, request_id)
        return Request(record, lambda answer: read_cancelled(answer, found, list_id))


def _explained(error: CommandRejected, instrument: Instrument, side: int) -> CommandRejected:
    """Return a refusal in the words of the caller; what all orders need together is not known."""
    return of_order(error, instrument, side, (0, 0, 0))
