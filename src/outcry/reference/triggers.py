"""Stops that are met by trades, and the queue in which they take their turn."""

from outcry.reference import matching
from outcry.reference.codes import (
    CancelReason,
    EventKind,
    OrderType,
    TimeInForce,
    TradingState,
    Trigger,
)
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine
from outcry.reference.order import Order, is_met, is_within, opposite, trailing_stop


def enter(
    machine: Machine,
    instrument: Instrument,
    order: Order,
    worst_ticks: int,
    names_itself: bool = False,
) -> None:
    """Let an order pass over the book, then test the stops at its first and its last price."""
    if order.time_in_force == TimeInForce.FOK:
        fills = matching.walk(machine, instrument, order, worst_ticks)
        if sum(fill.quantity_lots for fill in fills) < order.open_lots:
            machine.cancel(order, CancelReason.FILL_OR_KILL)
            return
    prices = matching.run_pass(machine, instrument, order, worst_ticks, names_itself)
    if prices:
        test_stops(machine, instrument, prices[0])
        test_stops(machine, instrument, prices[-1])


def test_stops(machine: Machine, instrument: Instrument, trade_ticks: int) -> None:
    """Move the trailing stops after a trade's price, then queue the stops that it meets."""
    for order in instrument.waiting:
        if order.is_trailing:
            move_trailing(order, trade_ticks)
    met = [
        order
        for order in instrument.waiting
        if is_met(order.trigger, order.stop_ticks, trade_ticks)
    ]
    for order in sorted(met, key=trigger_order):
        if machine.is_due(order):
            machine.expire(order)
            continue
        machine.take_away(order)
        machine.emit(EventKind.TRIGGERED, instrument.number, order.order_id, trade_ticks)
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


def work_queues(machine: Machine, instruments: list[Instrument]) -> None:
    """Work these queues from the front, one order finished before the next, within the bound."""
    for instrument in instruments:
        while instrument.queue and instrument.state == TradingState.CONTINUOUS:
            if machine.work_left == 0:
                return
            machine.work_left -= 1
            finish_queued(machine, instrument, instrument.queue[0])


def finish_queued(machine: Machine, instrument: Instrument, order: Order) -> None:
    """Let a triggered stop take its turn."""
    if machine.is_due(order):
        machine.expire(order)
        return
    machine.take_away(order)
    if order.order_type == OrderType.STOP:
        enter(machine, instrument, order, order.worst_stop_ticks, names_itself=True)
        return
    if order.post_only and would_take(machine, instrument, order.side, order.price_ticks):
        machine.cancel(order, CancelReason.WOULD_TAKE)
        return
    order.stop_ticks = order.trigger = order.stop_unit = 0
    order.distance = order.best_trade_ticks = 0
    enter(machine, instrument, order, order.price_ticks, names_itself=True)


def would_take(machine: Machine, instrument: Instrument, side: int, price_ticks: int) -> bool:
    """Tell whether a limit of this side crosses the best opposite price."""
    best = instrument.best_price(opposite(side), machine.time_ns)
    return best != 0 and is_within(side, price_ticks, best)
