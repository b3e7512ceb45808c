"""Mistakes in what lists hold and pay, planted in the naive engine, must be found.

Goal: to know that the comparison can fail where lists and money meet. Method: one rule at a time is
broken, and the streams with money of the quick suite run until one shows it.
"""

import pytest

from outcry.reference import Machine, Order, entry, holds, lists, matching, pending
from outcry.reference import replace as replacing
from outcry.reference.codes import Reason
from outcry.reference.instrument import Instrument
from outcry.reference.machine import RefusedError
from outcry.reference.records import OrderCommand
from tests.comparison.compare import EngineFactory
from tests.comparison.planting import Plants, find_difference
from tests.comparison.test_money_streams import COMMANDS, MONEY_OPTIONS, SEEDS

plant = Plants()


@plant
def a_list_holds_the_needs_of_all_its_legs(patch: pytest.MonkeyPatch) -> None:
    def held_by_orders(machine: Machine) -> dict[tuple[int, int], int]:
        held: dict[tuple[int, int], int] = {}
        for order in machine.orders.values():
            if order.pending is None:
                instrument = machine.instruments[order.instrument]
                key = (order.account, holds.held_asset(instrument, order))
                held[key] = held.get(key, 0) + holds.need(instrument, order)
        return held

    patch.setattr(holds, "held_by_orders", held_by_orders)


@plant
def a_pending_order_holds_its_need(patch: pytest.MonkeyPatch) -> None:
    right = holds.held_by_orders

    def held_by_orders(machine: Machine) -> dict[tuple[int, int], int]:
        held = right(machine)
        for order in machine.orders.values():
            if order.pending is not None and order.price_ticks:
                instrument = machine.instruments[order.instrument]
                key = (order.account, holds.held_asset(instrument, order))
                held[key] = held.get(key, 0) + holds.need(instrument, order)
        return held

    patch.setattr(holds, "held_by_orders", held_by_orders)


@plant
def a_list_needs_what_its_first_leg_needs(patch: pytest.MonkeyPatch) -> None:
    right = lists.check_balance

    def check_balance(machine: Machine, instrument: Instrument, working: list[Order]) -> None:
        right(machine, instrument, working[:1])

    patch.setattr(lists, "check_balance", check_balance)


@plant
def a_pending_sell_needs_all_its_lots(patch: pytest.MonkeyPatch) -> None:
    right = pending.check_balance

    def check_balance(
        machine: Machine, instrument: Instrument, order: Order, said: OrderCommand
    ) -> None:
        if not order.is_buy:
            asset = holds.held_asset(instrument, order)
            holds.require(machine, order.account, asset, order.open_lots * instrument.lot_unit)
        right(machine, instrument, order, said)

    patch.setattr(pending, "check_balance", check_balance)


@plant
def a_pending_order_of_a_frozen_account_is_refused(patch: pytest.MonkeyPatch) -> None:
    right = pending.check_balance

    def check_balance(
        machine: Machine, instrument: Instrument, order: Order, said: OrderCommand
    ) -> None:
        if machine.accounts.state_of(order.account) != 1:
            raise RefusedError(Reason.ACCOUNT_FROZEN)
        right(machine, instrument, order, said)

    patch.setattr(pending, "check_balance", check_balance)


@plant
def a_pending_order_takes_the_rates_of_its_entry(patch: pytest.MonkeyPatch) -> None:
    right = entry.enter

    def enter(
        machine: Machine,
        instrument: Instrument,
        order: Order,
        command: OrderCommand,
        start: entry.Start,
        *,
        names_itself: bool = False,
    ) -> None:
        stamps = machine.stamps_of(order.account)
        order.maker_rate_ppm = stamps.maker_rate_ppm
        order.taker_rate_ppm = stamps.taker_rate_ppm
        right(machine, instrument, order, command, start, names_itself=names_itself)

    patch.setattr(entry, "enter", enter)


@plant
def an_order_is_not_changed_by_its_entry(patch: pytest.MonkeyPatch) -> None:
    right = lists.enter_legs

    def enter_legs(
        machine: Machine,
        instrument: Instrument,
        legs: list[tuple[Order, OrderCommand, entry.Start]],
    ) -> None:
        for order, _, _ in legs:
            order.changed_ns = order.entered_ns
        right(machine, instrument, legs)

    patch.setattr(lists, "enter_legs", enter_legs)


@plant
def a_prevention_does_not_change_an_order(patch: pytest.MonkeyPatch) -> None:
    right = matching.decrement

    def decrement(machine: Machine, maker: Order, taker: Order) -> bool:
        before = maker.changed_ns
        ends = right(machine, maker, taker)
        maker.changed_ns = before
        return ends

    patch.setattr(matching, "decrement", decrement)


@plant
def the_value_of_a_replaced_order_begins_anew(patch: pytest.MonkeyPatch) -> None:
    right = replacing.enter_anew

    def enter_anew(
        machine: Machine, instrument: Instrument, command: OrderCommand, order: Order, stop: int
    ) -> None:
        order.traded_value = 0
        right(machine, instrument, command, order, stop)

    patch.setattr(replacing, "enter_anew", enter_anew)


RARE = (
    a_prevention_does_not_change_an_order,
    a_pending_order_of_a_frozen_account_is_refused,
    a_pending_order_takes_the_rates_of_its_entry,
    an_order_is_not_changed_by_its_entry,
    a_pending_sell_needs_all_its_lots,
    the_value_of_a_replaced_order_begins_anew,
)


@pytest.mark.parametrize("name", plant.parameters(RARE))
def test_a_bug_planted_in_what_lists_hold_is_found(
    make_fast: EngineFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plant[name](monkeypatch)
    assert find_difference(make_fast, MONEY_OPTIONS, SEEDS, COMMANDS) is not None
