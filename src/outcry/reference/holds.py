"""What orders hold: never kept, always counted again from the orders that are open."""

from typing import NamedTuple

from outcry.reference import matching
from outcry.reference.codes import OrderType, Reason
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order, Place

_U64 = (1 << 64) - 1


class Balance(NamedTuple):
    """What an account has of an asset, in smallest units."""

    available: int
    held: int


NOTHING = Balance(0, 0)


def held_asset(instrument: Instrument, order: Order) -> int:
    """Return the asset that an order pays with: the quote when it buys, the base when it sells."""
    return instrument.terms.quote_asset if order.is_buy else instrument.terms.base_asset


def need(instrument: Instrument, order: Order) -> int:
    """Return what an order must hold once it has entered: all that its open lots could cost."""
    if not order.is_buy:
        return order.open_lots * instrument.lot_unit
    return order.open_lots * hold_price(order) * instrument.value_unit


def hold_price(order: Order) -> int:
    """Return the price at which a buy order holds: its limit, else the worst at its stop.

    A trailing stop that waits keeps the hold of its entry.
    """
    if order.order_type != OrderType.STOP:
        return order.price_ticks
    if order.is_trailing and order.place == Place.WAITING:
        return order.bound_high_ticks
    return order.worst_stop_ticks


def held_by_orders(machine: Machine) -> dict[tuple[int, int], int]:
    """Return what orders hold, by account and asset.

    A pending order holds nothing; the legs of a list hold together the greatest need of one, and
    all pay with the same asset.
    """
    held: dict[tuple[int, int], int] = {}
    by_list: dict[int, int] = {}
    for order in machine.orders.values():
        if order.pending is not None:
            continue
        instrument = machine.instruments[order.instrument]
        key = (order.account, held_asset(instrument, order))
        needed = need(instrument, order)
        if machine.list_of(order) is not None:
            others = by_list.get(order.list_id, 0)
            by_list[order.list_id] = max(others, needed)
            needed = max(0, needed - others)
        held[key] = held.get(key, 0) + needed
    return held


def balances(machine: Machine) -> dict[tuple[int, int], Balance]:
    """Return every balance that is not zero, by account and asset.

    What is owned is held by open orders (due ones too, until they expire) and by withdrawals that
    are on their way; the rest is available. Without money there are none.
    """
    if not machine.money:
        return {}
    held = held_by_orders(machine)
    for withdrawal in machine.accounts.withdrawals.values():
        key = (withdrawal.account, withdrawal.asset)
        held[key] = held.get(key, 0) + withdrawal.amount
    owned = machine.accounts.owned
    return {
        key: Balance(owned.get(key, 0) - held.get(key, 0), held.get(key, 0))
        for key in sorted(owned.keys() | held.keys())
        if owned.get(key, 0) or held.get(key, 0)
    }


def balance(machine: Machine, account: int, asset: int) -> Balance:
    """Return one balance."""
    return balances(machine).get((account, asset), NOTHING)


def require(machine: Machine, account: int, asset: int, amount: int, own_hold: int = 0) -> None:
    """Refuse what the account cannot pay; the own hold of a replaced order counts as available."""
    available = balance(machine, account, asset).available + own_hold
    if available < amount:
        raise RefusedError(Reason.INSUFFICIENT_BALANCE, min(available, _U64))


def check_new(machine: Machine, instrument: Instrument, order: Order, worst_ticks: int) -> None:
    """Refuse a new order whose account does not have what it must hold or pay at once."""
    amount = cost(machine, instrument, order, worst_ticks)
    require(machine, order.account, held_asset(instrument, order), amount)


def cost(machine: Machine, instrument: Instrument, order: Order, worst_ticks: int) -> int:
    """Return what a new order needs: a market order what its walk tells, any other its hold.

    A market sell by quantity needs all its lots, and an amount buy the whole amount.
    """
    if order.order_type != OrderType.MARKET:
        return need(instrument, order)
    if order.is_buy and order.amount_left is not None:
        return order.amount_left
    if not order.is_buy and order.amount_left is None:
        return need(instrument, order)
    fills = matching.walk(machine, instrument, order, worst_ticks)
    return sum(_pays(instrument, order, fill) for fill in fills)


def _pays(instrument: Instrument, order: Order, fill: matching.Fill) -> int:
    if order.is_buy:
        return fill.price_ticks * fill.quantity_lots * instrument.value_unit
    return fill.quantity_lots * instrument.lot_unit


def emit_changes(machine: Machine, before: dict[tuple[int, int], Balance]) -> None:
    """Say each balance that is not what it was before the command, by account and asset."""
    after = balances(machine)
    for account, asset in sorted(before.keys() | after.keys()):
        old = before.get((account, asset), NOTHING)
        new = after.get((account, asset), NOTHING)
        if old != new:
            machine.emit_balance(account, asset, new.available, new.held)
