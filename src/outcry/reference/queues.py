"""The queue of an instrument, in which triggered stops and released orders take their turn."""

from outcry.reference import pending, triggers
from outcry.reference.codes import CancelReason, OrderType, TradingState
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine
from outcry.reference.order import Order


def work_queues(machine: Machine, instruments: list[Instrument]) -> None:
    """Work these queues from the front, one order finished before the next, within the bound."""
    for instrument in instruments:
        while instrument.queue and instrument.state == TradingState.CONTINUOUS:
            if machine.work_left == 0:
                return
            machine.work_left -= 1
            order_list = machine.list_of(instrument.queue[0])
            if order_list is not None:
                pending.finish_released(machine, instrument, order_list)
            else:
                finish_triggered(machine, instrument, instrument.queue[0])


def finish_triggered(machine: Machine, instrument: Instrument, order: Order) -> None:
    """Let a triggered stop take its turn."""
    if machine.is_due(order):
        machine.expire(order)
        return
    machine.take_away(order)
    if order.order_type == OrderType.STOP:
        triggers.enter(machine, instrument, order, order.worst_stop_ticks, names_itself=True)
        return
    if order.post_only and triggers.would_take(machine, instrument, order.side, order.price_ticks):
        machine.cancel(order, CancelReason.WOULD_TAKE)
        return
    order.stop_ticks = order.trigger = order.stop_unit = 0
    order.distance = order.best_trade_ticks = 0
    triggers.enter(machine, instrument, order, order.price_ticks, names_itself=True)
