"""What must hold of order lists after every command: of the state, and of what the events say."""

from outcry.reference.codes import EventKind, ListState, ListType
from outcry.reference.events import EVENT
from outcry.reference.machine import Machine
from outcry.reference.order import Order, Place
from outcry.reference.order_list import OrderList


class ListInvariants:
    """Follows each list from its answer to its end, and which of its legs have traded."""

    def __init__(self) -> None:
        self._executing: set[int] = set()
        self._lists: dict[int, OrderList] = {}
        self._traded: dict[tuple[int, bool], int] = {}

    def check(self, machine: Machine) -> None:
        """Assert all that must hold of lists."""
        self._check_events(machine)
        self._check_trades(machine)
        for order in machine.orders.values():
            check_leg(machine, order)
        for order_list in machine.lists.values():
            check_list(machine, order_list)

    def _check_events(self, machine: Machine) -> None:
        """A list begins with its own command, ends once, and is in the state in between."""
        for kind, _, code, _, _, list_id, _ in map(EVENT.unpack, machine.events):
            if kind != EventKind.LIST_CHANGED:
                continue
            begins = code == ListState.EXECUTING
            assert begins == (list_id not in self._executing), "a list begins once and ends once"
            assert not begins or list_id == machine.sequence, "its id is its command's sequence"
            self._executing ^= {list_id}
        assert machine.lists.keys() == self._executing, "events and state agree on lists"

    def _check_trades(self, machine: Machine) -> None:
        """Of the working legs only one trades, and of those that waited for it."""
        self._lists |= machine.lists
        self._lists |= {one.list_id: one for one in machine.finished_lists}
        for trade in machine.trades:
            for order in (trade.maker, trade.taker):
                if order.list_id:
                    stage = (order.list_id, order in self._lists[order.list_id].working)
                    first = self._traded.setdefault(stage, order.order_id)
                    assert first == order.order_id, "one leg cancels the other"


def check_leg(machine: Machine, order: Order) -> None:
    """A pending order stands outside the book, and has a list that is executing."""
    found = machine.list_of(order)
    if order.pending is None:
        assert order.place != Place.PENDING, "what has entered is not pending"
    else:
        assert found is not None, "a pending order has its list"
        assert order.place in (Place.PENDING, Place.QUEUED), "what is pending has no place"
        assert order.done_lots == 0, "what is pending does not trade"
        assert order.open_lots == order.pending.quantity_lots, "it enters with its quantity"
    if found is not None:
        assert order in found.legs, "a leg is of its list"


def check_list(machine: Machine, order_list: OrderList) -> None:
    """The legs of a list that is executing are where its stage wants them."""
    working = [leg for leg in order_list.working if leg.order_id in machine.orders]
    others = [leg for leg in order_list.waiting_for_it if leg.order_id in machine.orders]
    assert len(others) == len(order_list.waiting_for_it), "nobody leaves a list that goes on"
    if order_list.list_type == ListType.OCO:
        check_pair(working)
    elif working:
        assert all(leg.place == Place.PENDING for leg in others), "they wait for the first leg"
    else:
        assert order_list.working[0].is_filled, "they were released by its last lot"
        released = {leg.pending is not None for leg in others}
        assert len(released) == 1, "they enter together"
        if released == {True}:
            assert all(leg.place == Place.QUEUED for leg in others), "they take their turn"
        else:
            check_pair(others)


def check_pair(legs: list[Order]) -> None:
    """Legs that have entered are all open, none has traded, and none is triggered."""
    assert legs, "a list that is executing has legs"
    for leg in legs:
        assert leg.place in (Place.RESTING, Place.WAITING), "a leg that goes on has entered"
        assert leg.traded_value == 0, "a leg that trades ends its list"
    assert len({(leg.account, leg.side) for leg in legs}) == 1, "one account and one side"
