"""Cancel and replace: the commands that name an order."""

import dataclasses

from outcry.reference import checks, entry, holds, triggers
from outcry.reference.codes import (
    AnswerFlag,
    CancelReason,
    EventKind,
    OrderType,
    Reason,
    TradingState,
)
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order, Place
from outcry.reference.records import OrderCommand


def cancel(machine: Machine, command: OrderCommand, number: int | None) -> int:
    """Cancel an order on its owner's request; return its order id."""
    order = named_order(machine, command, number, cancels=True)
    machine.cancel(order, CancelReason.REQUESTED)
    return order.order_id


def named_order(
    machine: Machine, command: OrderCommand, number: int | None, cancels: bool
) -> Order:
    """Return the order that the command names on the instrument of this number, or refuse.

    The instrument and its state are asked before the order. No number: no order was found when
    the command began.
    """
    if number is None:
        raise RefusedError(Reason.UNKNOWN_ORDER)
    instrument = checks.instrument_for(machine, number)
    if not cancels:
        checks.require_continuous(instrument)
    elif instrument.state == TradingState.HALTED:
        raise RefusedError(Reason.INSTRUMENT_HALTED)
    return checks.require_live(
        machine, command.account, command.order_id, command.client_order_id, number
    )


def replace(machine: Machine, command: OrderCommand, number: int | None) -> int:
    """Give an order a new price, total quantity or stop; return its order id."""
    order = named_order(machine, command, number, cancels=False)
    instrument = machine.instruments[order.instrument]
    check_fits(machine, command, order)
    if command.quantity_lots <= order.done_lots:
        machine.cancel(order, CancelReason.REPLACED)
        return order.order_id
    stop = command.stop or order.stop_ticks
    check_reference(instrument, order)
    checks.check_filters(machine, instrument, terms_of(command, order, stop))
    same = command.price_ticks == order.price_ticks and stop == order.stop_ticks
    if same and command.quantity_lots <= order.quantity_lots:
        replace_in_place(machine, command, order)
    else:
        check_entering_anew(machine, instrument, command, order, stop)
        if machine.money:
            check_hold(machine, instrument, command, order, stop)
        enter_anew(machine, instrument, command, order, stop)
    return order.order_id


def check_fits(machine: Machine, command: OrderCommand, order: Order) -> None:
    """Refuse a leg of a list, and numbers that do not fit the kind of the order."""
    if machine.list_of(order) is not None:
        raise RefusedError(Reason.LIST_MEMBER)
    waits = order.place == Place.WAITING
    if waits and order.is_trailing:
        same_price = command.price_ticks == order.price_ticks
        rises = command.quantity_lots > order.quantity_lots
        if not same_price or command.stop != 0 or rises:
            raise RefusedError(Reason.TRAILING_STOP)
    if (command.price_ticks == 0) != (order.order_type == OrderType.STOP):
        raise RefusedError(Reason.INVALID_PRICE)
    if command.stop != 0 and not waits:
        raise RefusedError(Reason.INVALID_STOP)


def check_reference(instrument: Instrument, order: Order) -> None:
    """Refuse a waiting trailing stop when there is no last trade."""
    if order.place == Place.WAITING and order.is_trailing and not instrument.last_trade_ticks:
        raise RefusedError(Reason.NO_REFERENCE)


def terms_of(command: OrderCommand, order: Order, stop: int) -> checks.Terms:
    """Return what the filters look at: the new numbers, and the total quantity."""
    has_limit = order.order_type != OrderType.STOP
    return checks.Terms(
        account=order.account,
        limit_ticks=command.price_ticks if has_limit else None,
        stop_ticks=stop or None,
        quantity_lots=command.quantity_lots,
        notional_price_ticks=command.price_ticks if has_limit else stop,
        display_lots=order.display_lots,
        waits=order.place == Place.WAITING,
        order_id=order.order_id,
    )


def replace_in_place(machine: Machine, command: OrderCommand, order: Order) -> None:
    """Let an order keep its place while its lots fall, the hidden ones first."""
    order.quantity_lots = command.quantity_lots
    order.open_lots = command.quantity_lots - order.done_lots
    if order.shown_lots > order.open_lots:
        order.shown_lots = order.open_lots
        machine.touched.add(order.instrument)
    emit_replaced(machine, order, AnswerFlag.KEPT_PRIORITY)


def check_entering_anew(
    machine: Machine, instrument: Instrument, command: OrderCommand, order: Order, stop: int
) -> None:
    """Refuse a waiting stop that is met already, and a resting post-only order that would take."""
    if order.place == Place.WAITING:
        entry.check_not_met(instrument, order.trigger, stop)
    elif order.place == Place.RESTING and order.post_only:
        entry.check_takes_nothing(machine, instrument, order.side, command.price_ticks)


def check_hold(
    machine: Machine, instrument: Instrument, command: OrderCommand, order: Order, stop: int
) -> None:
    """Refuse what the account cannot hold, where the order's own hold counts as available.

    An order that is replaced in place only ever needs less.
    """
    changed = dataclasses.replace(order)
    state_anew(instrument, command, changed, stop, waits=order.place == Place.WAITING)
    needed = holds.need(instrument, changed)
    own_hold = holds.need(instrument, order)
    asset = holds.held_asset(instrument, order)
    holds.require(machine, order.account, asset, needed, own_hold)


def state_anew(
    instrument: Instrument, command: OrderCommand, order: Order, stop: int, waits: bool
) -> None:
    """Give an order its new numbers; a waiting stop also the band and the clamp of now."""
    order.price_ticks = command.price_ticks
    order.quantity_lots = command.quantity_lots
    order.open_lots = command.quantity_lots - order.done_lots
    order.stop_ticks = stop
    if waits:
        entry.stamp_bounds(instrument, order)


def enter_anew(
    machine: Machine, instrument: Instrument, command: OrderCommand, order: Order, stop: int
) -> None:
    """Let an order leave and enter again under the same id and stamps, at the back."""
    place = order.place
    machine.take_away(order)
    order.arrival = machine.sequence
    state_anew(instrument, command, order, stop, waits=place == Place.WAITING)
    emit_replaced(machine, order, 0)
    if place == Place.WAITING:
        machine.wait(order)
    elif place == Place.QUEUED:
        machine.enqueue(order)
    else:
        triggers.enter(machine, instrument, order, order.price_ticks)


def emit_replaced(machine: Machine, order: Order, code: int) -> None:
    """Answer `replaced`."""
    order.changed_ns = machine.time_ns
    next_trade_id = machine.instruments[order.instrument].next_trade_id
    machine.emit(EventKind.REPLACED, order.instrument, order.order_id, next_trade_id, code)
