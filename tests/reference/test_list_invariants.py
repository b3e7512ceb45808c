"""The invariants of lists: each must find the damage done to the state or the events on purpose.

Method: a list of each kind, one thing changed behind the engine's back, then a harmless command.
"""

from collections.abc import Callable

import pytest

from outcry.reference import Machine, Order, ReferenceEngine
from outcry.reference.codes import CancelReason, ListState
from tests.scenarios import commands as c

Damage = Callable[[ReferenceEngine], None]


def sound_engine() -> ReferenceEngine:
    """Return an engine with an OCO (#1, #2), an OTOCO (#3 to #5) and one whose pair has entered.

    That is #6, which is filled, and #7 and #8.
    """
    engine = ReferenceEngine(check_invariants=True, money=True)
    pair = (c.sell(110, 5, 1), c.stop(c.SELL, 5, c.FALL, 90))
    engine.apply_batch(
        c.add_asset(1, "BTC", 3)
        + c.add_asset(2, "USDT", 5)
        + c.instrument(1)
        + c.set_account(1)
        + c.set_account(2)
        + c.deposit(1, 1, 100, number=1)
        + c.deposit(1, 2, 10_000, number=2)
        + c.deposit(2, 1, 100, number=3)
        + c.oco(*pair)
        + c.otoco(c.buy(95, 5), *pair)
        + c.otoco(c.buy(99, 5), *pair)
        + c.sell(99, 5)
    )
    return engine


def legs(engine: ReferenceEngine, which: int) -> list[int]:
    """Return the order ids of the first, second or third list."""
    found = engine.machine.lists[sorted(engine.machine.lists)[which]]
    return [leg.order_id for leg in found.legs]


def test_the_engine_is_sound() -> None:
    engine = sound_engine()
    assert [legs(engine, which) for which in range(3)] == [[1, 2], [3, 4, 5], [6, 7, 8]]
    engine.apply(c.advance_time(1))


def forget_a_list(engine: ReferenceEngine) -> None:
    del engine.machine.lists[min(engine.machine.lists)]


def let_a_leg_go(engine: ReferenceEngine) -> None:
    order = engine.machine.orders.pop(4)
    engine.machine.take_away(order)


def let_a_pending_order_in(engine: ReferenceEngine) -> None:
    order = engine.machine.orders[4]
    engine.machine.take_away(order)
    order.pending = None
    engine.machine.rest(order)


def release_too_soon(engine: ReferenceEngine) -> None:
    order = engine.machine.orders[4]
    engine.machine.take_away(order)
    engine.machine.enqueue(order)


def rest_what_is_pending(engine: ReferenceEngine) -> None:
    order = engine.machine.orders[4]
    engine.machine.take_away(order)
    engine.machine.rest(order)


def stay_pending(engine: ReferenceEngine) -> None:
    engine.machine.orders[4].pending = None


def let_one_enter(engine: ReferenceEngine) -> None:
    order = engine.machine.orders[7]
    order.pending = engine.machine.orders[4].pending
    engine.machine.take_away(order)
    engine.machine.enqueue(order)


def trade_and_go_on(engine: ReferenceEngine) -> None:
    engine.machine.orders[1].traded_value = 1


def queue_and_go_on(engine: ReferenceEngine) -> None:
    order = engine.machine.orders[2]
    engine.machine.take_away(order)
    engine.machine.enqueue(order)


def change_sides(engine: ReferenceEngine) -> None:
    engine.machine.orders[8].side = c.BUY


def change_a_pending_quantity(engine: ReferenceEngine) -> None:
    engine.machine.orders[4].quantity_lots = engine.machine.orders[4].open_lots = 4


def take_another_list(engine: ReferenceEngine) -> None:
    engine.machine.orders[1].list_id = max(engine.machine.lists)


def empty_the_working_order(engine: ReferenceEngine) -> None:
    found = engine.machine.lists[max(engine.machine.lists)]
    found.working[0].open_lots = 1


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (forget_a_list, "events and state agree on lists"),
        (let_a_leg_go, "nobody leaves a list that goes on"),
        (let_a_pending_order_in, "they wait for the first leg"),
        (release_too_soon, "they wait for the first leg"),
        (rest_what_is_pending, "what is pending has no place"),
        (stay_pending, "what has entered is not pending"),
        (let_one_enter, "they enter together"),
        (trade_and_go_on, "a leg that trades ends its list"),
        (queue_and_go_on, "a leg that goes on has entered"),
        (change_sides, "one account and one side"),
        (change_a_pending_quantity, "it enters with its quantity"),
        (take_another_list, "a leg is of its list"),
        (empty_the_working_order, "they were released by its last lot"),
    ],
)
def test_damage_to_lists_is_found(damage: Damage, broken: str) -> None:
    engine = sound_engine()
    damage(engine)
    with pytest.raises(AssertionError, match=broken):
        engine.apply(c.end_session(9))


def test_a_sibling_that_trades_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is done without a word to the other leg."""

    def finish_list(machine: Machine, leg: Order, state: ListState, _: CancelReason) -> None:
        if leg.list_id in machine.lists:
            machine.emit_list(machine.lists.pop(leg.list_id), state)

    engine = sound_engine()
    monkeypatch.setattr(Machine, "finish_list", finish_list)
    bids = c.buy(90, 1, 2) + c.buy(80, 9, 2)
    engine.apply_batch(c.deposit(2, 2, 10_000, number=4) + c.buy(110, 1, 2) + bids)
    with pytest.raises(AssertionError, match="one leg cancels the other"):
        engine.apply(c.sell(90, 6, 2, self_trade=0))


def test_a_list_that_ends_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sound_engine()
    found = engine.machine.lists[min(engine.machine.lists)]
    right = Machine.emit_accepted

    def emit_accepted(machine: Machine, instrument: int) -> None:
        right(machine, instrument)
        for _ in range(3):
            machine.emit_list(found, ListState.ENDED)

    monkeypatch.setattr(Machine, "emit_accepted", emit_accepted)
    with pytest.raises(AssertionError, match="a list begins once and ends once"):
        engine.apply(c.advance_time(1))
