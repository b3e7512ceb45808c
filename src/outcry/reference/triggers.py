"""An order's entry, and what its pass sets off: orders released, stops met."""

from outcry.reference import matching
from outcry.reference.codes import CancelReason, EventKind, ListState, TimeInForce, Trigger
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine
from outcry.reference.order import Order, Place, is_met, is_within, opposite, trailing_stop


def enter(
    machine: Machine,
    instrument: Instrument,
    order: Order,
    worst_ticks: int,
    names_itself: bool = False,
) -> None:
    """Let an order pass over the book, then release what waited for the orders that it filled.

    Last, test the stops at its first and its last price.
    """
    if order.time_in_force == TimeInForce.FOK:
        fills = matching.walk(machine, instrument, order, worst_ticks)
        if sum(fill.quantity_lots for fill in fills) < order.open_lots:
            machine.cancel(order, CancelReason.FILL_OR_KILL)
            return
    prices = matching.run_pass(machine, instrument, order, worst_ticks, names_itself)
    release_pending(machine)
    if prices:
        test_stops(machine, instrument, prices[0])
        test_stops(machine, instrument, prices[-1])


def release_pending(machine: Machine) -> None:
    """Let the legs join the queue that waited for the working orders of this pass, now filled."""
    for order_list in machine.filled_working:
        for leg in order_list.waiting_for_it:
            machine.take_away(leg)
            machine.enqueue(leg)
    machine.filled_working = []


def test_stops(machine: Machine, instrument: Instrument, trade_ticks: int) -> None:
    """Move the trailing stops after a trade's price, then queue the stops that it meets.

    One whose sibling was triggered just before waits no longer.
    """
    for order in instrument.waiting:
        if order.is_trailing:
            move_trailing(order, trade_ticks)
    met = [
        order
        for order in instrument.waiting
        if is_met(order.trigger, order.stop_ticks, trade_ticks)
    ]
    for order in sorted(met, key=trigger_order):
        if order.place != Place.WAITING:
            continue
        if machine.is_due(order):
            machine.expire(order)
            continue
        trigger(machine, order, trade_ticks)


def trigger(machine: Machine, order: Order, trade_ticks: int) -> None:
    """Queue a stop that is met; its list is done with that."""
    machine.take_away(order)
    machine.emit(EventKind.TRIGGERED, order.instrument, order.order_id, trade_ticks)
    order.changed_ns = machine.time_ns
    machine.finish_list(order, ListState.DONE, CancelReason.SIBLING)
    machine.enqueue(order)


def trigger_order(order: Order) -> tuple[int, int, int, int]:
    """Sort the rising stops by rising stop, then the falling ones by falling stop."""
    falls = order.trigger == Trigger.FALL
    stop = -order.stop_ticks if falls else order.stop_ticks
    return (order.trigger, stop, order.arrival, order.order_id)


def move_trailing(order: Order, trade_ticks: int) -> None:
    """Let a trailing stop follow a trade: of a falling one the highest, of a rising the lowest."""
    follow = max if order.trigger == Trigger.FALL else min
    order.best_trade_ticks = follow(order.best_trade_ticks, trade_ticks)
    order.stop_ticks = trailing_stop(
        order.trigger, order.stop_unit, order.distance, order.best_trade_ticks
    )


def would_take(machine: Machine, instrument: Instrument, side: int, price_ticks: int) -> bool:
    """Tell whether a limit of this side crosses the best opposite price."""
    best = instrument.best_price(opposite(side), machine.time_ns)
    return best != 0 and is_within(side, price_ticks, best)
