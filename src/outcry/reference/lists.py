"""Order lists: their checks, their legs' way in, and their cancel."""

from dataclasses import replace

from outcry.reference import checks, entry, holds
from outcry.reference.codes import (
    CancelReason,
    ListState,
    ListType,
    OrderType,
    Reason,
    StopUnit,
    TradingState,
)
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order
from outcry.reference.order_list import OrderList
from outcry.reference.records import NO_TEXT, AdminCommand, ListCommand, OrderCommand

_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


def new_list(machine: Machine, command: ListCommand) -> int:
    """Check a list, accept its legs and let the working ones enter; return the first one's id.

    Each check runs over all its legs before the next check.
    """
    instrument = checks.instrument_for(machine, command.instrument)
    checks.require_continuous(instrument)
    check_client_order_ids(machine, command)
    working_count = len(command.legs) if command.list_type == ListType.OCO else 1
    working, pending = command.legs[:working_count], command.legs[working_count:]
    starts = [entry.start_of(machine, instrument, leg) for leg in working]
    check_filters(machine, instrument, command, starts)
    for leg, start in zip(working, starts, strict=True):
        entry.check_against_market(machine, instrument, leg, start)

    orders = make_legs(machine, instrument, command, starts)
    if machine.money:
        check_balance(machine, instrument, orders[: len(working)])
    order_list = accept(machine, command, orders)
    for order, leg in zip(order_list.waiting_for_it, pending, strict=True):
        order.pending = leg
        machine.pend(order)
    enter_legs(machine, instrument, list(zip(order_list.working, working, starts, strict=True)))
    return orders[0].order_id


def check_client_order_ids(machine: Machine, command: ListCommand) -> None:
    """Refuse a client order id that an open order of the account has, or a leg before."""
    before: set[bytes] = set()
    for leg in command.legs:
        checks.check_client_order_id(machine, command.account, leg.client_order_id)
        if leg.client_order_id in before:
            raise RefusedError(Reason.DUPLICATE_CLIENT_ORDER_ID)
        before |= {leg.client_order_id} - {NO_TEXT}


def check_filters(
    machine: Machine, instrument: Instrument, command: ListCommand, starts: list[entry.Start]
) -> None:
    """Refuse with the first filter of the first leg that does not pass, and its bound."""
    for number, leg in enumerate(command.legs):
        is_working = number < len(starts)
        terms = entry.terms_of(leg, starts[number]) if is_working else pending_terms(leg)
        before = command.legs[:number]
        stops = sum(other.order_type in _STOPS for other in before)
        terms = replace(terms, legs_before=len(before), stops_before=stops)
        checks.check_filters(machine, instrument, terms)


def pending_terms(leg: OrderCommand) -> checks.Terms:
    """Return what the filters look at of a pending order: what is known before it enters."""
    is_stop = leg.order_type in _STOPS
    fixed_stop = leg.stop if is_stop and leg.stop_unit == StopUnit.PRICE else None
    terms = entry.terms_of(leg, entry.Start(0, fixed_stop))
    is_priced = terms.limit_ticks is not None or fixed_stop is not None
    notional_price = terms.notional_price_ticks if is_priced else None
    return replace(terms, notional_price_ticks=notional_price, waits=is_stop)


def make_legs(
    machine: Machine, instrument: Instrument, command: ListCommand, starts: list[entry.Start]
) -> list[Order]:
    """Make the orders of a list with the ids that follow, the working ones stamped whole.

    Of a pending stop is known where it stands, or at what distance it will follow.
    """
    orders = []
    for ahead, leg in enumerate(command.legs):
        order = entry.make_order(machine, leg, ahead)
        order.list_id = machine.sequence
        if ahead < len(starts):
            entry.stamp(instrument, order, leg, starts[ahead])
        elif order.is_trailing:
            order.distance = leg.stop
        else:
            order.stop_ticks = leg.stop
        orders.append(order)
    return orders


def check_balance(machine: Machine, instrument: Instrument, working: list[Order]) -> None:
    """Refuse a list whose account does not have the greatest that one working leg needs."""
    asset = holds.held_asset(instrument, working[0])
    greatest = max(holds.need(instrument, order) for order in working)
    holds.require(machine, working[0].account, asset, greatest)


def accept(machine: Machine, command: ListCommand, orders: list[Order]) -> OrderList:
    """Accept all legs, then say that the list is executing."""
    for order in orders:
        entry.accept(machine, order)
    order_list = OrderList(
        machine.sequence, command.list_type, command.account, command.instrument, tuple(orders)
    )
    machine.lists[order_list.list_id] = order_list
    machine.emit_list(order_list, ListState.EXECUTING)
    return order_list


def enter_legs(
    machine: Machine,
    instrument: Instrument,
    legs: list[tuple[Order, OrderCommand, entry.Start]],
) -> None:
    """Let legs enter in list order; one that the leg before has cancelled does not."""
    for order, command, start in legs:
        if order.order_id in machine.orders:
            entry.enter(machine, instrument, order, command, start, names_itself=True)


def cancel_list(machine: Machine, command: AdminCommand, number: int | None) -> None:
    """Cancel the open legs of a list on its owner's request.

    No number: no list was found when the command began.
    """
    if number is None:
        raise RefusedError(Reason.UNKNOWN_LIST)
    instrument = checks.instrument_for(machine, number)
    if instrument.state == TradingState.HALTED:
        raise RefusedError(Reason.INSTRUMENT_HALTED)
    order_list = machine.find_list(command.account, command.list_id)
    if order_list is None or order_list.instrument != number:
        raise RefusedError(Reason.UNKNOWN_LIST)
    del machine.lists[order_list.list_id]
    for leg in order_list.legs:
        if leg.order_id in machine.orders:
            machine.cancel(leg, CancelReason.REQUESTED)
    machine.emit_list(order_list, ListState.ENDED)
