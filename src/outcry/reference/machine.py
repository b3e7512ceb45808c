"""The whole state of the machine, and the few ways in which it changes."""

from dataclasses import dataclass, field
from typing import NamedTuple

from outcry.reference.accounts import Account, Accounts
from outcry.reference.codes import (
    AnswerFlag,
    CancelReason,
    EventKind,
    ListState,
    Reason,
    TradeFlag,
)
from outcry.reference.events import encode, encode_balance, fold
from outcry.reference.instrument import Instrument
from outcry.reference.order import Order, Place
from outcry.reference.order_list import OrderList
from outcry.reference.records import NO_TEXT


class Remembered(NamedTuple):
    """A request id and how it was answered: 0 or the reject's code."""

    request_id: bytes
    sequence: int
    code: int
    order_id: int


class Trade(NamedTuple):
    """A trade of the command at work, for the invariants: what the orders were when they met.

    The same command may replace them later.
    """

    maker: Order
    taker: Order
    price_ticks: int
    quantity_lots: int
    maker_limit_ticks: int
    taker_worst_ticks: int


class Prevention(NamedTuple):
    """Lots that two of one group lost without a trade, for the invariants."""

    maker: Order
    taker: Order
    quantity_lots: int


class Ending(NamedTuple):
    """An order that the command at work ended, and its lots that came to nothing."""

    order: Order
    cancelled_lots: int


class RefusedError(Exception):
    """A check that failed: the reason, and the bound that was broken."""

    def __init__(self, reason: Reason, bound: int = 0) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.bound = bound


@dataclass(slots=True, eq=False)
class Machine:
    """The state between commands; below it what belongs to the command at work alone."""

    shard: int
    work_max: int
    mass_max: int
    remembered_requests: int
    instrument_max: int
    money: bool = False
    accounts_max: int = 0
    asset_max: int = 0
    withdrawals_max: int = 0
    sources_max: int = 0
    sequence: int = 0
    time_ns: int = 0
    order_count: int = 0
    digest: int = 0
    book_entries: int = 0
    orders: dict[int, Order] = field(default_factory=dict)
    instruments: dict[int, Instrument] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)
    requests: dict[int, list[Remembered]] = field(default_factory=dict)
    accounts: Accounts = field(default_factory=Accounts)
    lists: dict[int, OrderList] = field(default_factory=dict)

    events: list[bytes] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    preventions: list[Prevention] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    filled_working: list[OrderList] = field(default_factory=list)
    finished_lists: list[OrderList] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    work_left: int = 0

    def begin(self, time_ns: int) -> None:
        """Step 1 of a command: its sequence and its time."""
        self.sequence += 1
        self.time_ns = max(self.time_ns, time_ns)
        self.work_left = self.work_max
        self.events = []
        self.trades = []
        self.preventions = []
        self.endings = []
        self.filled_working = []
        self.finished_lists = []
        self.touched = set()

    def end(self) -> None:
        """Count one book update for each instrument of which a shown quantity was touched."""
        for number in self.touched:
            self.instruments[number].update_number += 1

    def emit(
        self, kind: EventKind, instrument: int, order_id: int = 0, value: int = 0, code: int = 0
    ) -> None:
        """Append an event of the command at work."""
        record = encode(kind, code, instrument, head=self.sequence, order_id=order_id, value=value)
        self._append(record)

    def emit_trade(self, trade: Trade) -> None:
        """Append a trade; it carries its price where other events carry the sequence."""
        maker, taker = trade.maker, trade.taker
        code = 0 if taker.is_buy else TradeFlag.AGGRESSOR_SELLS
        code |= TradeFlag.MAKER_FILLED if maker.is_filled else 0
        code |= TradeFlag.TAKER_FILLED if taker.is_filled else 0
        record = encode(
            EventKind.TRADED,
            code,
            maker.instrument,
            head=trade.price_ticks,
            order_id=maker.order_id,
            value=trade.quantity_lots,
        )
        self._append(record)
        self.trades.append(trade)

    def _append(self, record: bytes) -> None:
        self.events.append(record)
        self.digest = fold(self.digest, record)

    def emit_balance(self, account: int, asset: int, available: int, held: int) -> None:
        """Append a balance, which takes two records."""
        for record in encode_balance(self.sequence, account, asset, available, held):
            self._append(record)

    def emit_accepted(self, instrument: int, order_id: int = 0, more: bool = False) -> None:
        """Append the answer `accepted`; the next trade's number belongs to an order's only."""
        next_trade_id = self.instruments[instrument].next_trade_id if order_id else 0
        code = AnswerFlag.MORE if more else 0
        self.emit(EventKind.ACCEPTED, instrument, order_id, next_trade_id, code)

    def stamps_of(self, account: int) -> Account:
        """Return what an order takes from its account on entry: trade group and fee rates.

        Without money there are no rates, and an account's group is its own unless one was set.
        """
        if self.money:
            return self.accounts.accounts[account]
        return Account(self.groups.get(account, account))

    def is_due(self, order: Order) -> bool:
        """Tell whether the time of an order has come."""
        return order.is_due(self.time_ns)

    def live_orders(self) -> list[Order]:
        """Return the open orders that are not due, by order id."""
        return [order for _, order in sorted(self.orders.items()) if not self.is_due(order)]

    def list_of(self, order: Order) -> OrderList | None:
        """Return the list that an order is a leg of, as long as the list is executing."""
        return self.lists.get(order.list_id)

    def find_list(self, account: int, list_id: int) -> OrderList | None:
        """Return the executing list of this account that has this id."""
        found = self.lists.get(list_id)
        return found if found is not None and found.account == account else None

    def find_order(self, account: int, order_id: int, client_order_id: bytes) -> Order | None:
        """Return the live order of this account that has this order id or client order id."""
        for order in self.orders.values():
            named = order.order_id == order_id if order_id else False
            if client_order_id != NO_TEXT and not order_id:
                named = order.client_order_id == client_order_id
            if named and order.account == account and not self.is_due(order):
                return order
        return None

    def rest(self, order: Order) -> None:
        """Put an order at the back of its level, showing its first slice."""
        levels = self.instruments[order.instrument].levels(order.side)
        levels.setdefault(order.price_ticks, []).append(order)
        order.place = Place.RESTING
        order.shown_lots = order.next_slice()
        self.enter_book(order)

    def show_next_slice(self, order: Order) -> None:
        """Move an iceberg whose shown part is gone to the back of its level."""
        level = self.instruments[order.instrument].levels(order.side)[order.price_ticks]
        level.remove(order)
        level.append(order)
        order.shown_lots = order.next_slice()
        self.enter_book(order)
        self.emit(EventKind.SLICE_SHOWN, order.instrument, order.order_id, order.shown_lots)

    def enter_book(self, order: Order) -> None:
        """Note that a quantity is shown at the back of a level, and as the how manyth."""
        self.book_entries += 1
        order.book_entry = self.book_entries
        self.touched.add(order.instrument)

    def wait(self, order: Order) -> None:
        """Let a stop wait outside the book."""
        self.instruments[order.instrument].waiting.append(order)
        order.place = Place.WAITING

    def enqueue(self, order: Order) -> None:
        """Put a triggered stop or a released order at the back of its instrument's queue."""
        self.instruments[order.instrument].queue.append(order)
        order.place = Place.QUEUED

    def pend(self, order: Order) -> None:
        """Let an order wait for the working leg of its list."""
        self.instruments[order.instrument].pending.append(order)
        order.place = Place.PENDING

    def take_away(self, order: Order) -> None:
        """Take an order from where it stands, in the book or outside."""
        instrument = self.instruments[order.instrument]
        match order.place:
            case Place.RESTING:
                levels = instrument.levels(order.side)
                levels[order.price_ticks].remove(order)
                if not levels[order.price_ticks]:
                    del levels[order.price_ticks]
                self.touched.add(order.instrument)
            case Place.WAITING:
                instrument.waiting.remove(order)
            case Place.QUEUED:
                instrument.queue.remove(order)
            case Place.PENDING:
                instrument.pending.remove(order)
            case Place.NOWHERE:
                pass
        order.place = Place.NOWHERE
        order.shown_lots = 0

    def close(self, order: Order, cancelled_lots: int = 0) -> None:
        """End an order: it is open no more, and so many of its lots come to nothing."""
        self.take_away(order)
        self.orders.pop(order.order_id, None)
        self.endings.append(Ending(order, cancelled_lots))

    def cancel(self, order: Order, reason: CancelReason | Reason) -> None:
        """End an order with `cancelled`, and with it its list.

        An amount order has no lots to speak of.
        """
        lots = order.open_lots if order.amount_left is None else 0
        self.close(order, lots)
        self.emit(EventKind.CANCELLED, order.instrument, order.order_id, lots, reason)
        self.finish_list(order, ListState.ENDED, CancelReason.LIST_ENDED)

    def expire(self, order: Order) -> None:
        """End an order with `expired`, and with it its list."""
        self.close(order, order.open_lots)
        self.emit(EventKind.EXPIRED, order.instrument, order.order_id, order.open_lots)
        self.finish_list(order, ListState.ENDED, CancelReason.LIST_ENDED)

    def finish_list(self, leg: Order, state: ListState, reason: CancelReason) -> None:
        """End the list of a leg: cancel its other open legs, then say how it ended.

        An order without a list, or whose list is over, ends nothing.
        """
        found = self.lists.pop(leg.list_id, None)
        if found is None:
            return
        for other in found.legs:
            if other is not leg and other.order_id in self.orders:
                self.cancel(other, reason)
        self.emit_list(found, state)

    def emit_list(self, order_list: OrderList, state: ListState) -> None:
        """Say what became of a list."""
        if state != ListState.EXECUTING:
            self.finished_lists.append(order_list)
        self.emit(EventKind.LIST_CHANGED, order_list.instrument, order_list.list_id, code=state)
