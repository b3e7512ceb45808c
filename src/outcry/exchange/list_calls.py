"""The order lists of an engine."""

from collections.abc import Sequence

from outcry.exchange.instrument import Instrument
from outcry.exchange.lists import CancelledList, Leg, ListPlacement, OrderList
from outcry.exchange.registry import Registry
from outcry.exchange.sending import Sending
from outcry.exchange.values import U32_MAX
from outcry.exchange.views import read_lists
from outcry.protocol import ListType


class Lists(Sending):
    """The part of an engine that knows order lists."""

    __slots__ = ()

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
        time_ns: int = 0,
    ) -> ListPlacement:
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
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            OrderRejected: The engine refused the list, as `InsufficientBalance`.
            RequestRepeated: The account used the request id before.

        >>> from outcry import Engine, Leg
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> profit = Leg(side="sell", quantity="1", price="110")
        >>> loss = Leg(side="sell", quantity="1", type="stop", stop="90", trigger="fall")
        >>> placed = engine.place_list(btc, "oco", [profit, loss])
        >>> [str(order.status) for order in placed.orders]
        ['resting', 'waiting']
        >>> _ = engine.place(btc, side="buy", quantity="1", price="110", account=2)
        >>> [type(event).__name__ for event in engine.last_events()]
        ['Accepted', 'Traded', 'Cancelled', 'ListChanged']
        """
        request = self._requests.place_list(
            instrument,
            type,
            legs,
            account=account,
            client_list_id=client_list_id,
            request_id=request_id,
        )
        return self._do(request, time_ns)

    def cancel_list(
        self,
        instrument: Instrument | str,
        list_id: int,
        *,
        account: int = 1,
        request_id: int = 0,
        time_ns: int = 0,
    ) -> CancelledList:
        """Cancel a list that lives: every order of it that is open.

        Args:
            instrument: What it trades.
            list_id: The list.
            account: Whose list it is.
            request_id: A 128-bit number under which the account asks once only; 0 for none.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            UnknownOrder: The account has no such list that lives on the instrument.
            OrderRejected: The engine refused the cancel, as on a halted instrument.
            RequestRepeated: The account used the request id before.

        >>> from outcry import Engine, Leg
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> entry = Leg(side="buy", quantity="1", price="100")
        >>> exit = Leg(side="sell", quantity="1", price="110")
        >>> placed = engine.place_list(btc, "oto", [entry, exit])
        >>> engine.cancel_list(btc, placed.list_id).orders
        ((1, Decimal('1.00')), (2, Decimal('1.00')))
        """
        request = self._requests.cancel_list(
            instrument, list_id, account=account, request_id=request_id
        )
        return self._do(request, time_ns)

    def order_list(self, list_id: int) -> OrderList | None:
        """Return a list while it lives, None for another.

        Raises:
            InvalidValue: `list_id` is no int from 0 to 2^64 - 1.
        """
        found = read_lists(self._registry, self._native.order_list(list_id))
        return found[0] if found else None

    def open_lists(
        self, *, account: int = 0, instrument: Instrument | str | None = None, most: int = U32_MAX
    ) -> tuple[OrderList, ...]:
        """Return the lists that live, by id.

        Args:
            account: Whose; 0 for everyone's.
            instrument: Of what; None for all.
            most: How many at most, those with the lowest ids.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> Engine().open_lists()
        ()
        """
        number = 0 if instrument is None else self._registry.find(instrument).number
        return read_lists(self._registry, self._native.account_lists(account, number, most))
