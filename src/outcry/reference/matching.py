"""An order's pass over the opposite book, and the walk that tells beforehand what it would do."""

from collections.abc import Iterator
from typing import NamedTuple

from outcry.reference import settlement
from outcry.reference.codes import CancelReason, EventKind, ListState, SelfTrade, TimeInForce
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, Prevention, Trade
from outcry.reference.order import Order, is_within, opposite


class Fill(NamedTuple):
    """A part of what a walk reaches."""

    price_ticks: int
    quantity_lots: int


def walk(machine: Machine, instrument: Instrument, taker: Order, worst_ticks: int) -> list[Fill]:
    """Return what the taker would trade now, going through the book as a match would."""
    fills: list[Fill] = []
    lots_left, amount_left = taker.open_lots, taker.amount_left
    for maker, shown in slices_in_turn(machine, instrument, taker, worst_ticks):
        value = maker.price_ticks * instrument.value_unit
        if amount_left is not None:
            lots_left = amount_left // value
        mode = self_trade_mode(taker, maker)
        if lots_left == 0 or mode not in (SelfTrade.NONE, SelfTrade.CANCEL_MAKER):
            break
        if mode == SelfTrade.CANCEL_MAKER:
            continue
        lots = min(lots_left, shown)
        fills.append(Fill(maker.price_ticks, lots))
        if lots < shown:
            break
        lots_left -= lots
        if amount_left is not None:
            amount_left -= lots * value
    return fills


def slices_in_turn(
    machine: Machine, instrument: Instrument, taker: Order, worst_ticks: int
) -> Iterator[tuple[Order, int]]:
    """Yield the live makers and what each shows, as the taker would meet them.

    An iceberg comes again, behind the others at its price, with its next slice, unless the taker
    would not trade with it.
    """
    side = opposite(taker.side)
    levels = instrument.levels(side)
    for price in instrument.prices(side):
        if not is_within(taker.side, worst_ticks, price):
            return
        makers = [maker for maker in levels[price] if not machine.is_due(maker)]
        slices = [(maker, maker.shown_lots, maker.open_lots) for maker in makers]
        while slices:
            maker, shown, open_lots = slices.pop(0)
            yield maker, shown
            left = open_lots - shown
            if left and self_trade_mode(taker, maker) == SelfTrade.NONE:
                slices.append((maker, min(maker.display_lots, left), left))


def run_pass(
    machine: Machine, instrument: Instrument, taker: Order, worst_ticks: int, names_itself: bool
) -> list[int]:
    """Let an order trade as far as it can and end it, unless it is a limit order that may rest.

    A pass that no answer names is announced by a `pass` record before its first trade or
    prevention.

    Returns:
        The prices of its trades, in their order.
    """
    first_trade = len(machine.trades)
    ending = _match(machine, instrument, taker, worst_ticks, names_itself)
    if ending is None:
        machine.close(taker)
    elif ending != CancelReason.NO_LIQUIDITY or taker.trades_as_market:
        machine.cancel(taker, ending)
    elif taker.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        machine.cancel(taker, CancelReason.IMMEDIATE_OR_CANCEL)
    else:
        machine.rest(taker)
    return [trade.price_ticks for trade in machine.trades[first_trade:]]


def _match(
    machine: Machine, instrument: Instrument, taker: Order, worst_ticks: int, names_itself: bool
) -> CancelReason | None:
    """Match until the taker is filled (None), or say why it goes no further."""
    announced = not names_itself
    while not taker.is_filled:
        maker = instrument.front(opposite(taker.side))
        if maker is None or not is_within(taker.side, worst_ticks, maker.price_ticks):
            return CancelReason.NO_LIQUIDITY
        if machine.is_due(maker):
            machine.expire(maker)
            continue
        lots = lots_wanted(instrument, taker, maker.price_ticks)
        if lots == 0:
            return CancelReason.AMOUNT_REMAINDER
        mode = self_trade_mode(taker, maker)
        meets = mode in (SelfTrade.NONE, SelfTrade.DECREMENT)
        if meets and not announced:
            announced = True
            machine.emit(
                EventKind.PASS, instrument.number, taker.order_id, instrument.next_trade_id
            )
        if mode == SelfTrade.NONE:
            lots = min(lots, maker.shown_lots)
            price = maker.price_ticks
            trade(machine, instrument, Trade(maker, taker, price, lots, price, worst_ticks))
        elif prevent(machine, maker, taker, mode):
            return CancelReason.SELF_TRADE
    return None


def lots_wanted(instrument: Instrument, taker: Order, price_ticks: int) -> int:
    """Return what the taker would take at a price: of an amount as many whole lots as it covers."""
    if taker.amount_left is None:
        return taker.open_lots
    return taker.amount_left // (price_ticks * instrument.value_unit)


def self_trade_mode(taker: Order, maker: Order) -> SelfTrade:
    """Return what happens when these two meet; `NONE` means that they trade."""
    if maker.group != taker.group:
        return SelfTrade.NONE
    if taker.self_trade == SelfTrade.DECREMENT and taker.trades_as_market:
        return SelfTrade.CANCEL_TAKER
    return SelfTrade(taker.self_trade)


def trade(machine: Machine, instrument: Instrument, deal: Trade) -> None:
    """Trade at the maker's price, with what that means for the lists of both.

    What the maker still hides shows at the back of its level.
    """
    maker, taker, lots = deal.maker, deal.taker, deal.quantity_lots
    if machine.money:
        settlement.settle(machine, instrument, deal)
    fill(machine, maker, lots)
    if taker.amount_left is None:
        taker.open_lots -= lots
    else:
        taker.amount_left -= lots * deal.price_ticks * instrument.value_unit
    taker.done_lots += lots
    for order in (maker, taker):
        order.traded_value += lots * deal.price_ticks
        order.changed_ns = machine.time_ns
    machine.emit_trade(deal)
    instrument.next_trade_id += 1
    instrument.last_trade_ticks = deal.price_ticks
    tell_list(machine, maker)
    tell_list(machine, taker)
    if maker.is_filled:
        machine.close(maker)
    elif maker.shown_lots == 0:
        machine.show_next_slice(maker)


def tell_list(machine: Machine, order: Order) -> None:
    """Tell an order's list that it traded: with that the list is done.

    It is not where others wait for the order to be filled; those are released when the pass ends.
    """
    order_list = machine.list_of(order)
    if order_list is None:
        return
    if not order_list.is_first_stage(order):
        machine.finish_list(order, ListState.DONE, CancelReason.SIBLING)
    elif order.is_filled:
        machine.filled_working.append(order_list)


def fill(machine: Machine, maker: Order, lots: int) -> None:
    """Take lots from what a resting order shows."""
    maker.open_lots -= lots
    maker.shown_lots -= lots
    maker.done_lots += lots
    machine.touched.add(maker.instrument)


def prevent(machine: Machine, maker: Order, taker: Order, mode: SelfTrade) -> bool:
    """Keep two of one group from trading; return whether that ends the taker."""
    match mode:
        case SelfTrade.CANCEL_MAKER:
            machine.cancel(maker, CancelReason.SELF_TRADE)
            return False
        case SelfTrade.CANCEL_BOTH:
            machine.cancel(maker, CancelReason.SELF_TRADE)
            return True
        case SelfTrade.DECREMENT:
            return decrement(machine, maker, taker)
        case _:
            return True


def decrement(machine: Machine, maker: Order, taker: Order) -> bool:
    """Take the smaller of the taker's rest and the maker's slice from both, without a trade."""
    lots = min(taker.open_lots, maker.shown_lots)
    fill(machine, maker, lots)
    taker.open_lots -= lots
    taker.done_lots += lots
    maker.changed_ns = taker.changed_ns = machine.time_ns
    machine.preventions.append(Prevention(maker, taker, lots))
    machine.emit(EventKind.PREVENTED, maker.instrument, maker.order_id, lots)
    if maker.is_filled:
        machine.cancel(maker, CancelReason.SELF_TRADE)
    elif maker.shown_lots == 0:
        machine.show_next_slice(maker)
    return taker.open_lots == 0
