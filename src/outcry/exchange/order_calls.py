"""The calls about orders of an open exchange, as types: the core does them in one step.

Their documentation at run time is the core's; this is what it says but for the time, which an open
exchange takes from its own clock.
"""

from decimal import Decimal
from typing import Protocol

from outcry.exchange.instrument import Instrument
from outcry.exchange.orders import CancelledOrder, Placement
from outcry.exchange.values import Number
from outcry.protocol import OrderType, SelfTrade, Side, TimeInForce, Trigger


class OrderCalls(Protocol):
    """Places, replaces and cancels orders."""

    def place(
        self,
        instrument: Instrument | str,
        *,
        side: Side | str,
        quantity: Number | None = None,
        price: Number | None = None,
        type: OrderType | str = "limit",  # noqa: A002
        time_in_force: TimeInForce | str | None = None,
        account: int = 1,
        post_only: bool = False,
        self_trade: SelfTrade | str = "cancel_taker",
        display: Number | None = None,
        stop: Number | None = None,
        trigger: Trigger | str | None = None,
        trail: Number | None = None,
        trail_ppm: int | None = None,
        amount: Number | None = None,
        expire_time_ns: int = 0,
        client_order_id: str | None = None,
        request_id: int = 0,
    ) -> Placement:
        """Place an order and return what became of it; the arguments are those of `Engine.place`.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            OrderRejected: The engine refused the order, as `InsufficientBalance`.
            RequestRepeated: The account used the request id before.
            Overloaded: A bound was met; nothing was done.
            ExchangeHalted: The exchange stopped; whether the order stands is unknown.
        """
        ...

    def replace(
        self,
        instrument: Instrument | str,
        order_id: int = 0,
        *,
        quantity: Number,
        price: Number | None = None,
        stop: Number | None = None,
        account: int = 1,
        client_order_id: str | None = None,
        request_id: int = 0,
    ) -> Placement:
        """Replace an open order's price, total quantity and, while it waits, its stop.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            UnknownOrder: The account has no such open order on the instrument.
            OrderRejected: The engine refused it; the order stays as it was.
            RequestRepeated: The account used the request id before.
            Overloaded: A bound was met; nothing was done.
            ExchangeHalted: The exchange stopped; whether it was done is unknown.
        """
        ...

    def cancel(
        self,
        instrument: Instrument | str,
        order_id: int = 0,
        *,
        account: int = 1,
        client_order_id: str | None = None,
        request_id: int = 0,
    ) -> Decimal:
        """Cancel an open order by its id or the client's; return the quantity that was open.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            UnknownOrder: The account has no such open order on the instrument.
            OrderRejected: The engine refused the cancel, as on a halted instrument.
            RequestRepeated: The account used the request id before.
            Overloaded: A bound was met; nothing was done.
            ExchangeHalted: The exchange stopped; whether it was done is unknown.
        """
        ...

    def end_order(
        self,
        instrument: Instrument | str,
        order_id: int = 0,
        *,
        account: int = 1,
        client_order_id: str | None = None,
        request_id: int = 0,
    ) -> CancelledOrder:
        """Cancel an open order as `cancel` does, and say when it was; raises the same."""
        ...
