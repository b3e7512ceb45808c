"""Pending orders of lists: their turn in the queue, the checks on their entry, and their entry."""

import dataclasses

from outcry.reference import checks, entry, holds, lists
from outcry.reference.codes import EventKind, OrderType, Reason, StopUnit
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order
from outcry.reference.order_list import OrderList
from outcry.reference.records import OrderCommand


def finish_released(machine: Machine, instrument: Instrument, order_list: OrderList) -> None:
    """Let the released legs of a list take their turn, both of an OCO together.

    The first that is due, or that is refused, ends the list.
    """
    legs = [(order, order.pending) for order in order_list.waiting_for_it if order.pending]
    for order, _ in legs:
        if machine.is_due(order):
            machine.expire(order)
            return
    refused = first_refusal(machine, instrument, legs)
    if refused is not None:
        machine.cancel(*refused)
        return
    entering = [(order, said, entry.start_of(machine, instrument, said)) for order, said in legs]
    for order, said, start in entering:
        machine.take_away(order)
        order.pending = None
        order.arrival = machine.sequence
        order.changed_ns = machine.time_ns
        entry.stamp(instrument, order, said, start)
        machine.emit(EventKind.ENTERED, instrument.number, order.order_id, order.open_lots)
    lists.enter_legs(machine, instrument, entering)


def first_refusal(
    machine: Machine, instrument: Instrument, legs: list[tuple[Order, OrderCommand]]
) -> tuple[Order, Reason] | None:
    """Return the first leg that may not enter, and why; each check runs over both legs first.

    The account's state is not asked again: an open order goes on.
    """
    for check in (check_reference, check_late_filters, check_against_market, check_balance):
        for order, said in legs:
            try:
                check(machine, instrument, order, said)
            except RefusedError as refusal:
                return order, refusal.reason
    return None


def check_reference(
    machine: Machine, instrument: Instrument, _order: Order, said: OrderCommand
) -> None:
    """Refuse an order that has nothing to take its prices from."""
    entry.start_of(machine, instrument, said)


def check_late_filters(
    machine: Machine, instrument: Instrument, _order: Order, said: OrderCommand
) -> None:
    """Refuse what the filters could not look at with the list.

    That is the notional of a market order; of a trailing stop its stop price and, without a limit,
    its notional.
    """
    if said.order_type != OrderType.MARKET and said.stop_unit == StopUnit.PRICE:
        return
    terms = entry.terms_of(said, entry.start_of(machine, instrument, said))
    if terms.limit_ticks is not None:
        terms = dataclasses.replace(terms, limit_ticks=None, notional_price_ticks=None)
    checks.check_late_filters(instrument, terms)


def check_against_market(
    machine: Machine, instrument: Instrument, _order: Order, said: OrderCommand
) -> None:
    """Refuse a stop that is met already, and a post-only order that would take."""
    start = entry.start_of(machine, instrument, said)
    entry.check_against_market(machine, instrument, said, start)


def check_balance(
    machine: Machine, instrument: Instrument, order: Order, said: OrderCommand
) -> None:
    """Refuse what the account cannot pay; what sells enters with the whole lots it has.

    The legs of an OCO sell the same lots, and hold them once, so both are cut alike.
    """
    if not machine.money:
        return
    asset = holds.held_asset(instrument, order)
    if not order.is_buy:
        available = holds.balance(machine, order.account, asset).available
        lots = min(order.open_lots, available // instrument.lot_unit)
        holds.require(machine, order.account, asset, max(1, lots) * instrument.lot_unit)
        order.quantity_lots = order.open_lots = lots
        return
    start = entry.start_of(machine, instrument, said)
    entering = dataclasses.replace(order)
    entry.stamp(instrument, entering, said, start)
    worst = entry.worst_price_of(instrument, said, start)
    holds.check_new(machine, instrument, entering, worst)
