"""A new order: its checks, and its way into the book or among the waiting stops."""

from typing import NamedTuple

from outcry.reference import checks, holds, triggers
from outcry.reference.codes import POST_ONLY, OrderType, Reason, Side, StopUnit
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order, is_met, opposite, trailing_stop, worst_price
from outcry.reference.records import OrderCommand

_COUNTER_BITS = 44


def new(machine: Machine, command: OrderCommand) -> int:
    """Check a new order, accept it and let it trade, rest or wait; return its order id."""
    instrument = checks.instrument_for(machine, command.instrument)
    checks.require_continuous(instrument)
    checks.check_client_order_id(machine, command.account, command.client_order_id)
    start = start_of(machine, instrument, command)
    checks.check_filters(machine, instrument, terms_of(command, start))
    check_against_market(machine, instrument, command, start)

    order = make_order(machine, command)
    stamp(instrument, order, command, start)
    if machine.money:
        holds.check_new(machine, instrument, order, worst_price_of(instrument, command, start))
    accept(machine, order)
    enter(machine, instrument, order, command, start)
    return order.order_id


class Start(NamedTuple):
    """The prices that an order starts from: its reference (0: needs none) and its stop."""

    reference_ticks: int
    stop_ticks: int | None


def start_of(machine: Machine, instrument: Instrument, command: OrderCommand) -> Start:
    """Return the prices that the order would start from now.

    Raises:
        RefusedError: There is no reference to take them from.
    """
    reference = required_reference(machine, instrument, command)
    if command.order_type not in (OrderType.STOP, OrderType.STOP_LIMIT):
        return Start(reference, None)
    return Start(reference, stop_price(command, reference))


def check_against_market(
    machine: Machine, instrument: Instrument, command: OrderCommand, start: Start
) -> None:
    """Refuse a stop that is met already, and a post-only order that would take."""
    if start.stop_ticks is not None:
        check_not_met(instrument, command.trigger, start.stop_ticks)
    elif command.flags & POST_ONLY:
        check_takes_nothing(machine, instrument, command.side, command.price_ticks)


def accept(machine: Machine, order: Order) -> None:
    """Count an order among the open ones and answer `accepted`."""
    machine.order_count += 1
    machine.orders[order.order_id] = order
    machine.emit_accepted(order.instrument, order.order_id)


def enter(
    machine: Machine,
    instrument: Instrument,
    order: Order,
    command: OrderCommand,
    start: Start,
    *,
    names_itself: bool = False,
) -> None:
    """Let a stop wait and any other order pass over the book."""
    if start.stop_ticks is not None:
        machine.wait(order)
    else:
        worst = worst_price_of(instrument, command, start)
        triggers.enter(machine, instrument, order, worst, names_itself)


def required_reference(machine: Machine, instrument: Instrument, command: OrderCommand) -> int:
    """Return the price that the order starts from; 0 for an order that needs none.

    A market order needs a reference, a trailing stop a last trade.
    """
    if command.order_type == OrderType.MARKET:
        price = checks.market_reference(machine, instrument, opposite(command.side))
    elif command.stop_unit != StopUnit.PRICE:
        price = instrument.last_trade_ticks
    else:
        return 0
    if price == 0:
        raise RefusedError(Reason.NO_REFERENCE)
    return price


def stop_price(command: OrderCommand, last_trade_ticks: int) -> int:
    """Return where the stop stands on entry; a trailing one may stand below 1."""
    if command.stop_unit == StopUnit.PRICE:
        return command.stop
    return trailing_stop(command.trigger, command.stop_unit, command.stop, last_trade_ticks)


def terms_of(command: OrderCommand, start: Start) -> checks.Terms:
    """Return what the filters look at."""
    has_limit = command.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    stop = start.stop_ticks
    notional_price = start.reference_ticks if stop is None else stop
    return checks.Terms(
        account=command.account,
        limit_ticks=command.price_ticks if has_limit else None,
        stop_ticks=stop,
        quantity_lots=command.quantity_lots,
        notional_price_ticks=command.price_ticks if has_limit else notional_price,
        display_lots=command.display_lots,
        amount=command.amount or None,
        waits=stop is not None,
    )


def check_not_met(instrument: Instrument, trigger: int, stop: int) -> None:
    """Refuse a stop that the last trade meets already."""
    last = instrument.last_trade_ticks
    if last and is_met(trigger, stop, last):
        raise RefusedError(Reason.WOULD_TRIGGER)


def check_takes_nothing(
    machine: Machine, instrument: Instrument, side: int, price_ticks: int
) -> None:
    """Refuse a post-only order that crosses the best opposite price."""
    if triggers.would_take(machine, instrument, side, price_ticks):
        raise RefusedError(Reason.WOULD_TAKE)


def make_order(machine: Machine, command: OrderCommand, ahead: int = 0) -> Order:
    """Make the order with the stamps of its account as it is now, and no place yet.

    Its id is the next, behind those of the legs ahead of it in its list.
    """
    stamps = machine.stamps_of(command.account)
    return Order(
        order_id=(machine.shard << _COUNTER_BITS) + machine.order_count + ahead + 1,
        arrival=machine.sequence,
        account=command.account,
        group=stamps.group,
        maker_rate_ppm=stamps.maker_rate_ppm,
        taker_rate_ppm=stamps.taker_rate_ppm,
        instrument=command.instrument,
        side=command.side,
        order_type=command.order_type,
        time_in_force=command.time_in_force,
        self_trade=command.self_trade,
        post_only=command.flags & POST_ONLY != 0,
        price_ticks=command.price_ticks,
        quantity_lots=command.quantity_lots,
        open_lots=command.quantity_lots,
        display_lots=command.display_lots,
        trigger=command.trigger,
        stop_unit=command.stop_unit,
        expire_time_ns=command.expire_time_ns,
        client_order_id=command.client_order_id,
        amount_left=command.amount or None,
        entered_ns=machine.time_ns,
        changed_ns=machine.time_ns,
    )


def stamp(instrument: Instrument, order: Order, command: OrderCommand, start: Start) -> None:
    """Stamp on a stop where it stands, what it follows and what will bound it."""
    if start.stop_ticks is None:
        return
    order.stop_ticks = start.stop_ticks
    if order.is_trailing:
        order.distance = command.stop
        order.best_trade_ticks = instrument.last_trade_ticks
    stamp_bounds(instrument, order)


def stamp_bounds(instrument: Instrument, order: Order) -> None:
    """Stamp the band and the clamp of now on a stop without limit.

    A trailing one that buys never pays more than the worst price at the stop of its entry.
    """
    if order.order_type != OrderType.STOP:
        return
    order.bound_low_ticks = instrument.terms.price_min_ticks
    order.bound_high_ticks = instrument.terms.price_max_ticks
    order.band_ppm = instrument.terms.limits.market_band_ppm
    if order.is_trailing and order.is_buy:
        order.bound_high_ticks = order.worst_stop_ticks


def worst_price_of(instrument: Instrument, command: OrderCommand, start: Start) -> int:
    """Return the worst price at which an order that enters now may trade.

    Of a limit order that is its limit; a market order's may be tightened by the record's price.
    What waits first does not trade now.
    """
    if command.order_type != OrderType.MARKET:
        return command.price_ticks
    numbers = instrument.terms
    worst = worst_price(
        command.side,
        start.reference_ticks,
        numbers.limits.market_band_ppm,
        numbers.price_min_ticks,
        numbers.price_max_ticks,
    )
    if command.price_ticks == 0:
        return worst
    tighter = min if command.side == Side.BUY else max
    return tighter(worst, command.price_ticks)
