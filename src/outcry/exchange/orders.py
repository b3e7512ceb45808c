"""Orders and what became of them, in decimals."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from outcry.protocol import CancelReason, OrderType, SelfTrade, Side, TimeInForce, Trigger


class OrderStatus(IntEnum):
    """Where an order is when its command is done.

    Resting in the book; waiting, a stop that is not met; queued, a stop that was met and waits for
    its turn; pending, an order of a list whose turn has not come; or ended: filled, cancelled,
    expired.
    """

    RESTING = 1
    WAITING = 2
    QUEUED = 3
    FILLED = 4
    CANCELLED = 5
    EXPIRED = 6
    PENDING = 7

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self <= OrderStatus.QUEUED or self is OrderStatus.PENDING


class Fill(NamedTuple):
    """A trade of the order that a command placed or replaced.

    Attributes:
        trade_id: The trade's number on its instrument.
        price: The maker's price.
        quantity: What was traded.
        maker_order_id: The order that rested.
        taker_order_id: The order that came.
    """

    trade_id: int
    price: Decimal
    quantity: Decimal
    maker_order_id: int
    taker_order_id: int


class Placement(NamedTuple):
    """What became of an order within the command that placed or replaced it.

    Attributes:
        order_id: The order.
        status: Where it is now.
        open_quantity: What is still open.
        fills: Its trades in this command, in their order.
        cancel_reason: Why it was cancelled, where it was.
        sequence: The command's sequence.
        time_ns: Engine time at that command, in nanoseconds since 1970 UTC.
    """

    order_id: int
    status: OrderStatus
    open_quantity: Decimal
    fills: tuple[Fill, ...]
    cancel_reason: CancelReason | None
    sequence: int
    time_ns: int

    @property
    def has_made(self) -> bool:
        """Whether it was the maker of a trade: it rested, and a stop that it set off met it."""
        return any(fill.maker_order_id == self.order_id for fill in self.fills)


class CancelledOrder(NamedTuple):
    """An order that was cancelled.

    Attributes:
        order_id: The order.
        open_quantity: What was open of it.
        sequence: The sequence of the command that cancelled it.
        time_ns: Engine time at that command, in nanoseconds since 1970 UTC.
    """

    order_id: int
    open_quantity: Decimal
    sequence: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class Order:
    """An open order.

    Attributes:
        order_id: Its id.
        symbol: Its instrument.
        account: Its account.
        side: Its side.
        type: Its type.
        time_in_force: How long it lives.
        status: Where it is.
        price: Its limit, None for a stop without one.
        stop: Its stop as it stands, None for an order without one.
        open_quantity: What is open, hidden parts included.
        done_quantity: What is filled or was prevented.
        shown_quantity: What the book shows of it.
        client_order_id: The client's own name for it, None without one.
        self_trade: What happens where it meets one of its own trade group.
        post_only: Whether it must not take.
        display: What an iceberg shows at a time, None for all.
        trigger: The side from which the last trade must reach its stop, None without one.
        trail: A trailing stop's distance as a price, None for none.
        trail_ppm: A trailing stop's distance in parts per million, None for none.
        expire_time_ns: When it expires, 0 for never.
        list_id: The list that it came with, None for none.
        entered_ns: Engine time when it came, in nanoseconds since 1970 UTC; 0 without money.
        changed_ns: Engine time of its last change; 0 without money.
        traded_value: What its fills were worth in the quote asset; 0 without money.
    """

    order_id: int
    symbol: str
    account: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    price: Decimal | None
    stop: Decimal | None
    open_quantity: Decimal
    done_quantity: Decimal
    shown_quantity: Decimal
    client_order_id: str | None
    self_trade: SelfTrade
    post_only: bool
    display: Decimal | None
    trigger: Trigger | None
    trail: Decimal | None
    trail_ppm: int | None
    expire_time_ns: int
    list_id: int | None
    entered_ns: int
    changed_ns: int
    traded_value: Decimal


class QueuePosition(NamedTuple):
    """What stands before a resting order at its level: how many orders, and what they show."""

    orders_ahead: int
    quantity_ahead: Decimal
