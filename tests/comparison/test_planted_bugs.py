"""A test of the test: a mistake planted in the naive engine must be found by the comparison.

Goal: to know that the comparison can fail. Method: one rule at a time is broken in the naive
engine, in the way a person would break it, and the streams of the quick suite are run until one
shows it.
"""

import pytest

from outcry.reference import (
    Machine,
    Order,
    checks,
    engine,
    entry,
    funds,
    matching,
    queues,
    replace,
    requests,
    triggers,
)
from outcry.reference import order as order_module
from outcry.reference.codes import EventKind, Reason, SelfTrade, Trigger
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Remembered
from outcry.reference.records import AccountCommand, Command, OrderCommand
from tests.comparison.compare import EngineFactory, full_report, shrink
from tests.comparison.planting import Plants, find_difference
from tests.comparison.test_streams import ALL_OPTIONS, QUICK_COMMANDS, QUICK_SEEDS

plant = Plants()


@plant
def a_new_order_goes_to_the_front_of_its_level(patch: pytest.MonkeyPatch) -> None:
    right = Machine.rest

    def rest(machine: Machine, order: Order) -> None:
        right(machine, order)
        level = machine.instruments[order.instrument].levels(order.side)[order.price_ticks]
        level.insert(0, level.pop())

    patch.setattr(Machine, "rest", rest)


@plant
def an_iceberg_slice_stays_at_the_front(patch: pytest.MonkeyPatch) -> None:
    def show_next_slice(machine: Machine, order: Order) -> None:
        order.shown_lots = order.next_slice()
        machine.enter_book(order)
        number, lots = order.instrument, order.shown_lots
        machine.emit(EventKind.SLICE_SHOWN, number, order.order_id, lots)

    patch.setattr(Machine, "show_next_slice", show_next_slice)


@plant
def the_walk_of_a_fok_counts_its_own_group(patch: pytest.MonkeyPatch) -> None:
    right = matching.walk

    def walk(
        machine: Machine, instrument: Instrument, taker: Order, worst_ticks: int
    ) -> list[matching.Fill]:
        mode, taker.self_trade = taker.self_trade, SelfTrade.NONE
        reached = right(machine, instrument, taker, worst_ticks)
        taker.self_trade = mode
        return reached

    patch.setattr(matching, "walk", walk)


@plant
def falling_stops_are_queued_by_rising_stop(patch: pytest.MonkeyPatch) -> None:
    def trigger_order(order: Order) -> tuple[int, int, int, int]:
        return (order.trigger, order.stop_ticks, order.arrival, order.order_id)

    patch.setattr(triggers, "trigger_order", trigger_order)


@plant
def falling_stops_are_queued_before_rising_ones(patch: pytest.MonkeyPatch) -> None:
    right = triggers.trigger_order

    def trigger_order(order: Order) -> tuple[int, int, int, int]:
        trigger, stop, arrival, order_id = right(order)
        return (-trigger, stop, arrival, order_id)

    patch.setattr(triggers, "trigger_order", trigger_order)


@plant
def the_queue_is_worked_from_the_back(patch: pytest.MonkeyPatch) -> None:
    right = queues.finish_triggered

    def finish_triggered(machine: Machine, instrument: Instrument, _: Order) -> None:
        stops = [order for order in instrument.queue if order.pending is None]
        right(machine, instrument, stops[-1])

    patch.setattr(queues, "finish_triggered", finish_triggered)


@plant
def stops_are_tested_at_the_last_price_only(patch: pytest.MonkeyPatch) -> None:
    right = matching.run_pass

    def run_pass(
        machine: Machine, instrument: Instrument, taker: Order, worst: int, names: bool
    ) -> list[int]:
        return right(machine, instrument, taker, worst, names)[-1:]

    patch.setattr(matching, "run_pass", run_pass)


@plant
def trailing_stops_do_not_move(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(triggers, "move_trailing", lambda _order, _trade_ticks: None)


@plant
def a_trailing_stop_is_rounded_away_from_the_trade(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        order_module, "band_low", lambda price, ppm: price * (1_000_000 - ppm) // 1_000_000
    )


@plant
def a_stop_is_met_only_beyond_its_price(patch: pytest.MonkeyPatch) -> None:
    def is_met(trigger: int, stop_ticks: int, trade_ticks: int) -> bool:
        return trade_ticks > stop_ticks if trigger == Trigger.RISE else trade_ticks < stop_ticks

    patch.setattr(triggers, "is_met", is_met)


@plant
def a_market_order_decrements(patch: pytest.MonkeyPatch) -> None:
    def mode(taker: Order, maker: Order) -> SelfTrade:
        same = maker.group == taker.group and taker.amount_left is None
        return SelfTrade(taker.self_trade) if same else SelfTrade.NONE

    patch.setattr(matching, "self_trade_mode", mode)


@plant
def a_rise_in_quantity_keeps_its_place(patch: pytest.MonkeyPatch) -> None:
    right = replace.enter_anew

    def enter_anew(
        machine: Machine, instrument: Instrument, command: OrderCommand, order: Order, stop: int
    ) -> None:
        if command.price_ticks == order.price_ticks and stop == order.stop_ticks:
            replace.replace_in_place(machine, command, order)
        else:
            right(machine, instrument, command, order, stop)

    patch.setattr(replace, "enter_anew", enter_anew)


@plant
def a_fall_in_quantity_takes_what_is_shown_first(patch: pytest.MonkeyPatch) -> None:
    right = replace.replace_in_place

    def replace_in_place(machine: Machine, command: OrderCommand, order: Order) -> None:
        fall = order.quantity_lots - command.quantity_lots
        shown = order.shown_lots - fall
        right(machine, command, order)
        order.shown_lots = max(min(1, order.shown_lots), min(order.shown_lots, shown))

    patch.setattr(replace, "replace_in_place", replace_in_place)


@plant
def a_gtd_order_lives_a_nanosecond_longer(patch: pytest.MonkeyPatch) -> None:
    right = Order.is_due
    patch.setattr(Order, "is_due", lambda order, time_ns: right(order, time_ns - 1))


@plant
def due_orders_expire_by_order_id(patch: pytest.MonkeyPatch) -> None:
    def expire_due(machine: Machine) -> None:
        for order in [order for order in machine.orders.values() if machine.is_due(order)]:
            if machine.work_left:
                machine.work_left -= 1
                machine.expire(order)

    patch.setattr(engine, "expire_due", expire_due)


@plant
def the_newest_request_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def remember(machine: Machine, command: Command, code: int, order_id: int) -> None:
        answers = machine.requests.setdefault(command.account, [])
        if any(command.request_id) and len(answers) < machine.remembered_requests:
            answers.append(Remembered(command.request_id, machine.sequence, code, order_id))

    patch.setattr(requests, "remember", remember)


@plant
def post_only_may_touch_the_best_opposite_price(patch: pytest.MonkeyPatch) -> None:
    right = triggers.would_take

    def would_take(machine: Machine, instrument: Instrument, side: int, price_ticks: int) -> bool:
        towards_itself = -1 if side == 1 else 1
        return right(machine, instrument, side, price_ticks + towards_itself)

    patch.setattr(triggers, "would_take", would_take)


@plant
def a_mass_cancel_goes_from_the_newest_order(patch: pytest.MonkeyPatch) -> None:
    right = Machine.live_orders
    patch.setattr(Machine, "live_orders", lambda machine: right(machine)[::-1])


@plant
def a_market_order_is_not_clamped_into_the_price_filter(patch: pytest.MonkeyPatch) -> None:
    def worst_price(side: int, around: int, band_ppm: int, low: int, high: int) -> int:
        if not band_ppm:
            return high if side == 1 else low
        bound = order_module.band_high if side == 1 else order_module.band_low
        return bound(around, band_ppm)

    patch.setattr(entry, "worst_price", worst_price)
    patch.setattr(order_module, "worst_price", worst_price)


@plant
def a_count_lets_one_more_order_pass(patch: pytest.MonkeyPatch) -> None:
    right = checks.count_limits

    def count_limits(
        machine: Machine, instrument: Instrument, terms: checks.Terms
    ) -> list[tuple[bool, Reason, int]]:
        found = list(right(machine, instrument, terms))
        return [*found[:1], *[(True, reason, most) for _, reason, most in found[1:]]]

    patch.setattr(checks, "count_limits", count_limits)


@plant
def a_group_is_asked_when_orders_meet(patch: pytest.MonkeyPatch) -> None:
    right = funds.set_account

    def set_account(machine: Machine, command: AccountCommand) -> None:
        right(machine, command)
        for order in machine.orders.values():
            order.group = machine.stamps_of(order.account).group

    patch.setattr(funds, "set_account", set_account)


@pytest.mark.parametrize("name", plant.parameters())
def test_a_planted_bug_is_found(
    make_fast: EngineFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plant[name](monkeypatch)
    assert find_difference(make_fast, ALL_OPTIONS, QUICK_SEEDS, QUICK_COMMANDS) is not None


def test_a_difference_is_reported_and_shrunk(
    make_fast: EngineFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_new_order_goes_to_the_front_of_its_level(monkeypatch)
    difference = find_difference(make_fast, ALL_OPTIONS, QUICK_SEEDS, QUICK_COMMANDS)
    assert difference is not None
    smallest = shrink(difference, make_fast)
    # An instrument, two makers at one price, and a taker; stops need two orders that trigger them.
    assert 4 <= len(smallest.steps) <= 6
    report = full_report(difference, make_fast)
    for part in ("seed 0", "naive:", "other:", "shrunk:", "stream:", "add_instrument("):
        assert part in report
