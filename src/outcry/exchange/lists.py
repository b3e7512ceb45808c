"""Order lists: orders of one account that hang together, and what became of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from outcry.exchange.orders import Placement
from outcry.exchange.values import Number
from outcry.protocol import ListState, ListType, OrderType, SelfTrade, Side, TimeInForce, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An order of a list, in the words of `place`.

    Attributes:
        side: `buy` or `sell`.
        quantity: How much of the base asset.
        price: The limit; of a market order the worst price, None for none.
        type: `limit`, `market`, `stop` or `stop_limit`.
        time_in_force: `gtc`, `ioc`, `fok`, `day` or `gtd`; by default `ioc` for a market order,
            else `gtc`.
        post_only: Refuse the order rather than let it take.
        self_trade: What happens where it meets one of its own trade group.
        display: What an iceberg shows of itself.
        stop: The price that a stop waits for.
        trigger: Whether the last trade must `rise` or `fall` to the stop.
        trail: Instead of `stop`, a trailing stop's distance as a price.
        trail_ppm: Instead of `stop`, its distance in parts per million of the best trade.
        expire_time_ns: When a `gtd` order expires.
        client_order_id: The client's own name, unique among the account's open orders.
    """

    side: Side | str
    quantity: Number
    price: Number | None = None
    type: OrderType | str = "limit"
    time_in_force: TimeInForce | str | None = None
    post_only: bool = False
    self_trade: SelfTrade | str = "cancel_taker"
    display: Number | None = None
    stop: Number | None = None
    trigger: Trigger | str | None = None
    trail: Number | None = None
    trail_ppm: int | None = None
    expire_time_ns: int = 0
    client_order_id: str | None = None


class ListPlacement(NamedTuple):
    """What became of a list within the command that placed it.

    Attributes:
        list_id: The list: the command's sequence.
        state: `executing`; `done` where an order traded or triggered and its sibling went;
            `ended` where one ended otherwise and the others with it.
        orders: What became of each of its orders, in their order.
        time_ns: Engine time at that command, in nanoseconds since 1970 UTC.
    """

    list_id: int
    state: ListState
    orders: tuple[Placement, ...]
    time_ns: int


class CancelledList(NamedTuple):
    """The orders that a cancelled list had open.

    Attributes:
        list_id: The list.
        orders: The id of each and the quantity that was open, in their order.
        sequence: The sequence of the command that cancelled it.
        time_ns: Engine time at that command, in nanoseconds since 1970 UTC.
    """

    list_id: int
    orders: tuple[tuple[int, Decimal], ...]
    sequence: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class OrderList:
    """A list that lives: no order of its last stage has traded, triggered or ended.

    Attributes:
        list_id: Its id: the sequence of the command that placed it.
        symbol: Its instrument.
        account: Its account.
        type: How its orders hang together.
        state: What became of it: `executing` while it lives.
        order_ids: Its orders in their order, a working one that is filled too.
    """

    list_id: int
    symbol: str
    account: int
    type: ListType
    state: ListState
    order_ids: tuple[int, ...]
