"""The invariants: each must find the damage done to the state on purpose.

Method: a sound book, one thing in it changed behind the engine's back, then a harmless command.
"""

from collections.abc import Callable

import pytest

from outcry.reference import Order, ReferenceEngine
from outcry.reference.codes import TimeInForce
from tests.scenarios import commands as c

Damage = Callable[[ReferenceEngine], None]


def first(engine: ReferenceEngine) -> Order:
    """The order that the damage is done to."""
    return engine.machine.orders[1]


def lose_lots(engine: ReferenceEngine) -> None:
    first(engine).open_lots -= 1
    first(engine).shown_lots -= 1


def show_too_much(engine: ReferenceEngine) -> None:
    first(engine).shown_lots += 1


def show_nothing(engine: ReferenceEngine) -> None:
    first(engine).shown_lots = 0


def show_while_waiting(engine: ReferenceEngine) -> None:
    engine.machine.orders[4].shown_lots = 1


def rest_immediate(engine: ReferenceEngine) -> None:
    first(engine).time_in_force = TimeInForce.IOC


def rest_market(engine: ReferenceEngine) -> None:
    first(engine).order_type = c.MARKET


def swap_places(engine: ReferenceEngine) -> None:
    engine.machine.instruments[1].asks[101].reverse()


def cross_the_book(engine: ReferenceEngine) -> None:
    book = engine.machine.instruments[1]
    book.asks[99] = book.asks.pop(101)
    for order in book.asks[99]:
        order.price_ticks = 99


def leave_an_empty_level(engine: ReferenceEngine) -> None:
    engine.machine.instruments[1].asks[500] = []


def mistake_the_price(engine: ReferenceEngine) -> None:
    first(engine).price_ticks = 102


def forget_an_order(engine: ReferenceEngine) -> None:
    del engine.machine.orders[4]


def break_the_bound(engine: ReferenceEngine) -> None:
    engine.machine.instruments[1].waiting.append(
        Order(
            order_id=99,
            arrival=1,
            account=1,
            group=1,
            instrument=1,
            side=c.BUY,
            order_type=c.STOP,
            time_in_force=c.GTC,
            self_trade=0,
            post_only=False,
            price_ticks=0,
            quantity_lots=1,
            open_lots=1,
        )
    )
    engine.machine.orders[99] = engine.machine.instruments[1].waiting[-1]


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (lose_lots, "lots add up"),
        (show_too_much, "one slice at most"),
        (show_nothing, "what rests shows something"),
        (show_while_waiting, "what waits shows nothing"),
        (rest_immediate, "never rests"),
        (rest_market, "never rests"),
        (swap_places, "first come, first served"),
        (cross_the_book, "the book is not crossed"),
        (leave_an_empty_level, "no level is empty"),
        (mistake_the_price, "a level has one price"),
        (forget_an_order, "each open order stands in one place"),
        (break_the_bound, "open orders stay within their bound"),
    ],
)
def test_damage_is_found(damage: Damage, broken: str) -> None:
    engine = ReferenceEngine(check_invariants=True)
    engine.apply_batch(
        c.instrument(1, orders_max=4)
        + c.sell(101, 5, display=2)
        + c.sell(101, 4, 3)
        + c.buy(99, 7)
        + c.stop(c.BUY, 1, c.RISE, 200)
    )
    engine.apply(c.advance_time(1))
    damage(engine)
    with pytest.raises(AssertionError, match=broken):
        engine.apply(c.advance_time(2))


def test_a_bound_that_is_lowered_below_what_is_open_breaks_nothing() -> None:
    engine = ReferenceEngine(check_invariants=True)
    engine.apply_batch(c.instrument(1) + c.buy(5, 1) * 3)
    engine.apply_batch(c.update_instrument(1, orders_max=1) + c.cancel(1) + c.advance_time(1))
    assert len(engine.machine.orders) == 2
