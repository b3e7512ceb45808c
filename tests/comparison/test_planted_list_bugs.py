"""Mistakes in the rules of order lists, planted in the naive engine, must be found.

Goal: to know that the comparison can fail where lists are concerned. Method: as for the rules of
the market: one rule at a time is broken, and the streams of the quick suite run until one shows it.
"""

from dataclasses import replace

import pytest

from outcry.reference import (
    Machine,
    Order,
    checks,
    engine,
    entry,
    lists,
    matching,
    pending,
    shape,
    steering,
    triggers,
)
from outcry.reference import replace as replacing
from outcry.reference.codes import CancelReason, EventKind, ListState, Reason, TimeInForce
from outcry.reference.instrument import Instrument
from outcry.reference.machine import RefusedError, Trade
from outcry.reference.order_list import OrderList
from outcry.reference.records import AdminCommand, ListCommand, OrderCommand
from tests.comparison.compare import EngineFactory
from tests.comparison.planting import Plants, find_difference
from tests.comparison.test_streams import ALL_OPTIONS, QUICK_COMMANDS, QUICK_SEEDS

plant = Plants()


@plant
def a_leg_must_be_filled_to_cancel_the_other(patch: pytest.MonkeyPatch) -> None:
    right = matching.tell_list

    def tell_list(machine: Machine, order: Order) -> None:
        if order.is_filled:
            right(machine, order)

    patch.setattr(matching, "tell_list", tell_list)


@plant
def a_sibling_is_cancelled_behind_the_slice(patch: pytest.MonkeyPatch) -> None:
    right = matching.trade

    def trade(machine: Machine, instrument: Instrument, deal: Trade) -> None:
        with pytest.MonkeyPatch.context() as other:
            told: list[Order] = []
            other.setattr(matching, "tell_list", lambda _, order: told.append(order))
            right(machine, instrument, deal)
        for order in told:
            matching.tell_list(machine, order)

    patch.setattr(matching, "trade", trade)


@plant
def a_trades_taker_is_told_before_its_maker(patch: pytest.MonkeyPatch) -> None:
    right, first = matching.tell_list, list[Order]()

    def tell_list(machine: Machine, order: Order) -> None:
        if not first:
            first.append(order)
            return
        right(machine, order)
        right(machine, first.pop())

    patch.setattr(matching, "tell_list", tell_list)


@plant
def a_prevention_is_a_trade(patch: pytest.MonkeyPatch) -> None:
    right = matching.decrement

    def decrement(machine: Machine, maker: Order, taker: Order) -> bool:
        ends = right(machine, maker, taker)
        for order in (maker, taker):
            found = machine.list_of(order)
            if order.order_id in machine.orders and found and not found.is_first_stage(order):
                machine.finish_list(order, ListState.DONE, CancelReason.SIBLING)
        return ends

    patch.setattr(matching, "decrement", decrement)


@plant
def a_trigger_leaves_the_sibling_until_its_turn(patch: pytest.MonkeyPatch) -> None:
    def trigger(machine: Machine, order: Order, trade_ticks: int) -> None:
        machine.take_away(order)
        machine.emit(EventKind.TRIGGERED, order.instrument, order.order_id, trade_ticks)
        order.changed_ns = machine.time_ns
        machine.enqueue(order)
        machine.finish_list(order, ListState.DONE, CancelReason.LIST_ENDED)

    patch.setattr(triggers, "trigger", trigger)


@plant
def a_list_is_told_of_its_end_before_its_legs(patch: pytest.MonkeyPatch) -> None:
    def finish_list(machine: Machine, leg: Order, state: ListState, reason: CancelReason) -> None:
        found = machine.lists.pop(leg.list_id, None)
        if found is not None:
            machine.emit_list(found, state)
            for other in found.legs:
                if other is not leg and other.order_id in machine.orders:
                    machine.cancel(other, reason)

    patch.setattr(Machine, "finish_list", finish_list)


@plant
def the_rest_of_a_list_is_cancelled_from_its_end(patch: pytest.MonkeyPatch) -> None:
    right = Machine.finish_list

    def finish_list(machine: Machine, leg: Order, state: ListState, reason: CancelReason) -> None:
        found = machine.lists.get(leg.list_id)
        if found is not None:
            machine.lists[leg.list_id] = replace(found, legs=found.legs[::-1])
        right(machine, leg, state, reason)

    patch.setattr(Machine, "finish_list", finish_list)


@plant
def an_expiry_leaves_the_others_alone(patch: pytest.MonkeyPatch) -> None:
    right = Machine.expire

    def expire(machine: Machine, order: Order) -> None:
        order.list_id = 0 if order.pending is None else order.list_id
        right(machine, order)

    patch.setattr(Machine, "expire", expire)


@plant
def a_due_sibling_is_expired(patch: pytest.MonkeyPatch) -> None:
    right = Machine.cancel

    def cancel(machine: Machine, order: Order, reason: CancelReason | Reason) -> None:
        if reason == CancelReason.LIST_ENDED and machine.is_due(order):
            machine.expire(order)
        else:
            right(machine, order, reason)

    patch.setattr(Machine, "cancel", cancel)


@plant
def what_a_list_has_ended_takes_a_unit_of_work(patch: pytest.MonkeyPatch) -> None:
    def expire_due(machine: Machine) -> None:
        due = [order for order in machine.orders.values() if machine.is_due(order)]
        due.sort(key=lambda order: (order.expire_time_ns, order.order_id))
        for order in due[: machine.work_left]:
            machine.work_left -= 1
            if order.order_id in machine.orders:
                machine.expire(order)

    patch.setattr(engine, "expire_due", expire_due)


@plant
def a_mass_cancel_goes_on_until_it_has_cancelled_enough(patch: pytest.MonkeyPatch) -> None:
    right = Machine.live_orders

    def live_orders(machine: Machine) -> list[Order]:
        listed = set[int]()
        alone = []
        for order in right(machine):
            if machine.list_of(order) is None or order.list_id not in listed:
                alone.append(order)
                listed.add(order.list_id)
        return alone

    patch.setattr(Machine, "live_orders", live_orders)


@plant
def pending_orders_are_released_by_the_first_fill(patch: pytest.MonkeyPatch) -> None:
    right = matching.tell_list

    def tell_list(machine: Machine, order: Order) -> None:
        found = machine.list_of(order)
        if found is not None and found.is_first_stage(order) and order.traded_value:
            if found.waiting_for_it[0].place.value == "pending":
                machine.filled_working.append(found)
        else:
            right(machine, order)

    patch.setattr(matching, "tell_list", tell_list)


@plant
def pending_orders_are_released_behind_the_stops(patch: pytest.MonkeyPatch) -> None:
    right = triggers.release_pending

    def test_stops(machine: Machine, instrument: Instrument, trade_ticks: int) -> None:
        right_test(machine, instrument, trade_ticks)

    right_test, right_enter = triggers.test_stops, triggers.enter

    def enter(
        machine: Machine,
        instrument: Instrument,
        order: Order,
        worst_ticks: int,
        names_itself: bool = False,
    ) -> None:
        right_enter(machine, instrument, order, worst_ticks, names_itself)
        right(machine)

    patch.setattr(triggers, "release_pending", lambda _: None)
    patch.setattr(triggers, "enter", enter)


@plant
def the_last_filled_is_released_first(patch: pytest.MonkeyPatch) -> None:
    right = triggers.release_pending

    def release_pending(machine: Machine) -> None:
        machine.filled_working.reverse()
        right(machine)

    patch.setattr(triggers, "release_pending", release_pending)


@plant
def a_pair_takes_two_turns(patch: pytest.MonkeyPatch) -> None:
    right = pending.finish_released

    def finish_released(machine: Machine, instrument: Instrument, found: OrderList) -> None:
        if len(found.waiting_for_it) > 1 and machine.work_left:
            machine.work_left -= 1
        right(machine, instrument, found)

    patch.setattr(pending, "finish_released", finish_released)


@plant
def a_pending_order_keeps_the_arrival_of_its_list(patch: pytest.MonkeyPatch) -> None:
    right = lists.enter_legs

    def enter_legs(
        machine: Machine,
        instrument: Instrument,
        legs: list[tuple[Order, OrderCommand, entry.Start]],
    ) -> None:
        for order, _, _ in legs:
            order.arrival = order.list_id
        right(machine, instrument, legs)

    patch.setattr(lists, "enter_legs", enter_legs)


@plant
def a_pending_post_only_order_may_take(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pending, "check_against_market", lambda *_: None)


@plant
def a_pending_trailing_stop_passes_every_filter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pending, "check_late_filters", lambda *_: None)


@plant
def pending_orders_are_checked_one_by_one(patch: pytest.MonkeyPatch) -> None:
    right = pending.first_refusal

    def first_refusal(
        machine: Machine, instrument: Instrument, legs: list[tuple[Order, OrderCommand]]
    ) -> tuple[Order, Reason] | None:
        found = [right(machine, instrument, [leg]) for leg in legs]
        return next(filter(None, found), None)

    patch.setattr(pending, "first_refusal", first_refusal)


@plant
def a_refused_pending_order_is_cancelled_by_request(patch: pytest.MonkeyPatch) -> None:
    right = Machine.cancel

    def cancel(machine: Machine, order: Order, reason: CancelReason | Reason) -> None:
        right(machine, order, reason if reason < Reason.MALFORMED else CancelReason.REQUESTED)

    patch.setattr(Machine, "cancel", cancel)


@plant
def the_filters_of_a_list_go_filter_by_filter(patch: pytest.MonkeyPatch) -> None:
    """Prices of all legs first: a later leg's price is refused before an earlier one's lots."""
    right = lists.check_filters

    def check_filters(
        machine: Machine, instrument: Instrument, command: ListCommand, starts: list[entry.Start]
    ) -> None:
        for number, leg in enumerate(command.legs):
            if number < len(starts):
                terms = entry.terms_of(leg, starts[number])
            else:
                terms = lists.pending_terms(leg)
            for holds_good, reason, bound in checks.price_limits(instrument, terms):
                if not holds_good:
                    raise RefusedError(reason, bound)
        right(machine, instrument, command, starts)

    patch.setattr(lists, "check_filters", check_filters)


@plant
def a_leg_does_not_count_those_before_it(patch: pytest.MonkeyPatch) -> None:
    right = checks.count_limits

    def count_limits(
        machine: Machine, instrument: Instrument, terms: checks.Terms
    ) -> list[tuple[bool, Reason, int]]:
        return [*right(machine, instrument, replace(terms, legs_before=0, stops_before=0))]

    patch.setattr(checks, "count_limits", count_limits)


@plant
def a_pending_stop_counts_as_no_stop(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Order, "counts_as_waiting", property(lambda order: order.place.value == "waiting")
    )


@plant
def legs_may_have_one_name(patch: pytest.MonkeyPatch) -> None:
    def check_client_order_ids(machine: Machine, command: ListCommand) -> None:
        for leg in command.legs:
            checks.check_client_order_id(machine, command.account, leg.client_order_id)

    patch.setattr(lists, "check_client_order_ids", check_client_order_ids)


@plant
def the_stop_of_an_oco_may_stand_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shape, "_price_said", lambda _: 0)


@plant
def the_legs_of_an_oco_may_differ_in_quantity(patch: pytest.MonkeyPatch) -> None:
    right = shape._make_an_oco

    def make_an_oco(first: OrderCommand, second: OrderCommand) -> bool:
        return right(first, second._replace(quantity_lots=first.quantity_lots))

    patch.setattr(shape, "_make_an_oco", make_an_oco)


@plant
def a_leg_may_be_replaced(patch: pytest.MonkeyPatch) -> None:
    right = replacing.check_fits

    def check_fits(machine: Machine, command: OrderCommand, order: Order) -> None:
        with pytest.MonkeyPatch.context() as other:
            other.setattr(Machine, "list_of", lambda *_: None)
            right(machine, command, order)

    patch.setattr(replacing, "check_fits", check_fits)


@plant
def a_list_that_is_over_still_forbids_a_replace(patch: pytest.MonkeyPatch) -> None:
    right = replacing.check_fits

    def check_fits(machine: Machine, command: OrderCommand, order: Order) -> None:
        if order.list_id:
            raise RefusedError(Reason.LIST_MEMBER)
        right(machine, command, order)

    patch.setattr(replacing, "check_fits", check_fits)


@plant
def a_cancelled_list_is_cancelled_leg_by_leg(patch: pytest.MonkeyPatch) -> None:
    right = lists.cancel_list

    def cancel_list(machine: Machine, command: AdminCommand, number: int | None) -> None:
        found = machine.find_list(command.account, command.list_id)
        if found is None or found.instrument != number:
            right(machine, command, number)
            return
        first = next(leg for leg in found.legs if leg.order_id in machine.orders)
        machine.cancel(first, CancelReason.REQUESTED)

    patch.setattr(lists, "cancel_list", cancel_list)


@plant
def any_account_may_cancel_a_list(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Machine, "find_list", lambda machine, _, list_id: machine.lists.get(list_id))


@plant
def a_leg_that_follows_an_ended_one_enters(patch: pytest.MonkeyPatch) -> None:
    def enter_legs(
        machine: Machine,
        instrument: Instrument,
        legs: list[tuple[Order, OrderCommand, entry.Start]],
    ) -> None:
        for order, command, start in legs:
            entry.enter(machine, instrument, order, command, start, names_itself=True)

    patch.setattr(lists, "enter_legs", enter_legs)


@plant
def the_end_of_a_session_leaves_pending_orders(patch: pytest.MonkeyPatch) -> None:
    right = steering.end_session

    def end_session(machine: Machine, command: AdminCommand) -> None:
        waiting = [order for order in machine.orders.values() if order.pending is not None]
        times = {order.order_id: order.time_in_force for order in waiting}
        for order in waiting:
            if order.time_in_force == TimeInForce.DAY:
                order.time_in_force = TimeInForce.GTC
        right(machine, command)
        for order in waiting:
            order.time_in_force = times[order.order_id]

    patch.setattr(steering, "end_session", end_session)


@plant
def a_released_order_enters_in_any_state(patch: pytest.MonkeyPatch) -> None:
    right = triggers.release_pending

    def release_pending(machine: Machine) -> None:
        released = list(machine.filled_working)
        right(machine)
        for found in released:
            instrument = machine.instruments[found.instrument]
            if machine.work_left and instrument.queue:
                machine.work_left -= 1
                pending.finish_released(machine, instrument, found)

    patch.setattr(triggers, "release_pending", release_pending)


RARE = (
    what_a_list_has_ended_takes_a_unit_of_work,
    a_pair_takes_two_turns,
    pending_orders_are_checked_one_by_one,
    any_account_may_cancel_a_list,
)


@pytest.mark.parametrize("name", plant.parameters(RARE))
def test_a_bug_planted_in_lists_is_found(
    make_fast: EngineFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plant[name](monkeypatch)
    assert find_difference(make_fast, ALL_OPTIONS, QUICK_SEEDS, QUICK_COMMANDS) is not None
