"""Stops: which trades meet them, in which order they take their turn, and what they then do.

Method: two accounts trade at chosen prices while others wait; every event written out.
"""

import pytest

from outcry.reference.codes import EventKind
from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    CONTINUOUS,
    DAY,
    FALL,
    FOK,
    GTD,
    IOC,
    RISE,
    SELL,
    TRAIL_PPM,
    TRAIL_TICKS,
    advance_time,
    buy,
    cancel,
    instrument,
    replace,
    sell,
    set_reference,
    set_state,
    stop,
    update_instrument,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.events import split
from tests.scenarios.market import Market


def trade_at(engine: Market, price: int) -> list[str]:
    """Let accounts 8 and 9 trade one lot at a price; return what the taker's command says."""
    engine.send(sell(price, 1, 8))
    return engine.send(buy(price, 1, 9))


@pytest.mark.parametrize(
    ("where", "price", "is_met"),
    [
        ((RISE, 102), 101, False),
        ((RISE, 102), 102, True),
        ((RISE, 102), 103, True),
        ((FALL, 98), 99, False),
        ((FALL, 98), 98, True),
        ((FALL, 98), 97, True),
    ],
)
@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_trade_at_the_stop_or_beyond_meets_it(
    engine: Market, side: int, where: tuple[int, int], price: int, is_met: bool
) -> None:
    engine.play((stop(side, 4, *where, 3), "accepted #1"))
    said = trade_at(engine, price)
    assert said[2:] == ([f"triggered #1 @{price}", "cancelled #1 4 no_liquidity"] if is_met else [])


@pytest.mark.parametrize(
    ("trigger", "stop_ticks", "answer"),
    [
        (RISE, 101, "accepted #3"),
        (RISE, 100, "rejected would_trigger"),
        (RISE, 99, "rejected would_trigger"),
        (FALL, 99, "accepted #3"),
        (FALL, 100, "rejected would_trigger"),
        (FALL, 101, "rejected would_trigger"),
    ],
)
def test_a_stop_that_the_last_trade_meets_is_refused(
    engine: Market, trigger: int, stop_ticks: int, answer: str
) -> None:
    trade_at(engine, 100)
    engine.play((stop(BUY, 1, trigger, stop_ticks), answer))


def test_the_reference_price_meets_no_stop(engine: Market) -> None:
    engine.play(
        (set_reference(100), "accepted"),
        (stop(BUY, 1, RISE, 90), "accepted #1"),
    )


def test_stops_cascade(engine: Market) -> None:
    engine.play(
        (buy(99, 1, 3), "accepted #1"),
        (buy(98, 2, 3), "accepted #2"),
        (buy(97, 5, 3), "accepted #3"),
        (stop(SELL, 2, FALL, 99, 4), "accepted #4"),
        (stop(SELL, 1, FALL, 98, 5), "accepted #5"),
        (
            sell(99, 1, 6),
            "accepted #6",
            "traded #1 1@99 sells maker_filled taker_filled",
            "triggered #4 @99",
            "pass #4",
            "traded #2 2@98 sells maker_filled taker_filled",
            "triggered #5 @98",
            "pass #5",
            "traded #3 1@97 sells taker_filled",
        ),
    )


def test_the_queue_is_rising_stops_then_falling_ones_then_by_arrival(engine: Market) -> None:
    engine.play(
        (stop(BUY, 1, FALL, 101, 1), "accepted #1"),
        (stop(BUY, 1, RISE, 99, 2), "accepted #2"),
        (stop(BUY, 1, FALL, 102, 3), "accepted #3"),
        (stop(BUY, 1, RISE, 98, 4), "accepted #4"),
        (stop(BUY, 1, RISE, 98, 5), "accepted #5"),
        (replace(4, 0, 2, account=4), "replaced #4"),
    )
    said = trade_at(engine, 100)
    assert [line for line in said if line.startswith("triggered")] == [
        "triggered #5 @100",
        "triggered #4 @100",
        "triggered #2 @100",
        "triggered #3 @100",
        "triggered #1 @100",
    ]
    assert [line for line in said if line.startswith("cancelled")] == [
        f"cancelled #{order} {lots} no_liquidity"
        for order, lots in [(5, 1), (4, 2), (2, 1), (3, 1), (1, 1)]
    ]


def test_stops_are_tested_at_the_first_price_of_a_pass_then_at_the_last(engine: Market) -> None:
    engine.play(
        (stop(BUY, 1, RISE, 103, 1, price=1), "accepted #1"),
        (stop(BUY, 1, RISE, 101, 1, price=2), "accepted #2"),
        (stop(BUY, 1, FALL, 101, 1, price=3), "accepted #3"),
        (sell(101, 1, 8), "accepted #4"),
        (sell(102, 1, 8), "accepted #5"),
        (sell(103, 1, 8), "accepted #6"),
        (
            buy(103, 3, 9),
            "accepted #7",
            "traded #4 1@101 maker_filled",
            "traded #5 1@102 maker_filled",
            "traded #6 1@103 maker_filled taker_filled",
            "triggered #2 @101",
            "triggered #3 @101",
            "triggered #1 @103",
        ),
    )
    assert engine.levels(BUY) == [(3, 1, 1), (2, 1, 1), (1, 1, 1)]


def test_the_takers_own_end_comes_before_the_stops(engine: Market) -> None:
    engine.play(
        (stop(BUY, 1, RISE, 100, 1, price=50), "accepted #1"),
        (sell(100, 1, 8), "accepted #2"),
        (
            buy(100, 3, 9, time_in_force=IOC),
            "accepted #3",
            "traded #2 1@100 maker_filled",
            "cancelled #3 2 immediate_or_cancel",
            "triggered #1 @100",
        ),
    )


def test_a_stop_without_limit_has_the_band_and_clamp_of_its_entry(open_market: Opener) -> None:
    engine = open_market(instrument(1, market_band_ppm=20_000))
    engine.play(
        (stop(BUY, 5, RISE, 100, 1), "accepted #1"),
        (update_instrument(1, market_band_ppm=100_000), "accepted"),
        (sell(102, 1, 3), "accepted #2"),
        (sell(103, 1, 3), "accepted #3"),
    )
    # 2 % around the stop, wherever the trade was.
    engine.play(
        (sell(101, 1, 3), "accepted #4"),
        (
            buy(101, 1, 9),
            "accepted #5",
            "traded #4 1@101 maker_filled taker_filled",
            "triggered #1 @101",
            "pass #1",
            "traded #2 1@102 maker_filled",
            "cancelled #1 4 no_liquidity",
        ),
    )


def test_a_replaced_stop_takes_band_and_clamp_anew(open_market: Opener) -> None:
    engine = open_market(instrument(1, market_band_ppm=20_000))
    engine.play(
        (stop(BUY, 5, RISE, 100, 1), "accepted #1"),
        (update_instrument(1, market_band_ppm=0, price_max=103), "accepted"),
        (replace(1, 0, 6), "replaced #1"),
        (sell(103, 9, 3), "accepted #2"),
        (sell(101, 1, 3), "accepted #3"),
        (
            buy(101, 1, 9),
            "accepted #4",
            "traded #3 1@101 maker_filled taker_filled",
            "triggered #1 @101",
            "pass #1",
            "traded #2 6@103 taker_filled",
        ),
    )


def test_a_stop_limit_enters_as_a_limit_order(engine: Market) -> None:
    engine.play((stop(BUY, 5, RISE, 100, 1, price=102, display=2), "accepted #1"))
    engine.send(sell(101, 1, 3), sell(103, 1, 3))
    said = trade_at(engine, 100)
    assert said[2:] == ["triggered #1 @100", "pass #1", "traded #2 1@101 maker_filled"]
    assert engine.levels(BUY) == [(102, 2, 1)]
    engine.play((replace(1, 102, 4), "replaced #1 kept"))


def test_a_triggered_order_that_trades_nothing_writes_no_pass_record(engine: Market) -> None:
    engine.send(stop(BUY, 5, RISE, 100, 1, price=90), sell(100, 1, 8))
    records = split(engine.raw(buy(100, 1, 9)))
    assert [record[0] for record in records] == [
        EventKind.ACCEPTED,
        EventKind.TRADED,
        EventKind.TRIGGERED,
    ]
    assert engine.levels(BUY) == [(90, 5, 1)]


def test_time_in_force_and_post_only_apply_at_the_trigger(engine: Market) -> None:
    engine.play(
        (sell(105, 1, 3), "accepted #1"),
        (stop(BUY, 5, RISE, 101, 1, price=105, time_in_force=IOC), "accepted #2"),
        (stop(BUY, 5, RISE, 102, 1, price=105, time_in_force=FOK), "accepted #3"),
        (stop(BUY, 5, RISE, 102, 1, time_in_force=FOK), "accepted #4"),
        (stop(BUY, 5, RISE, 103, 1, price=106, flags=1), "accepted #5"),
        (stop(BUY, 5, RISE, 103, 1, price=104, flags=1), "accepted #6"),
        (sell(106, 1, 3), "accepted #7"),
    )
    assert trade_at(engine, 103)[2:] == [
        "triggered #2 @103",
        "triggered #3 @103",
        "triggered #4 @103",
        "triggered #5 @103",
        "triggered #6 @103",
        "pass #2",
        "traded #1 1@105 maker_filled",
        "cancelled #2 4 immediate_or_cancel",
        "cancelled #3 5 fill_or_kill",
        "cancelled #4 5 fill_or_kill",
        "cancelled #5 5 would_take",
    ]
    assert engine.levels(BUY) == [(104, 5, 1)]


def test_nothing_else_is_checked_again_at_the_trigger(engine: Market) -> None:
    engine.play(
        (stop(BUY, 5, RISE, 100, 1, price=100), "accepted #1"),
        (sell(100, 60, 8), "accepted #2"),
        (update_instrument(1, lots_min=50, notional_min=5_000, price_min=100), "accepted"),
        (
            buy(100, 50, 9),
            "accepted #3",
            "traded #2 50@100 taker_filled",
            "triggered #1 @100",
            "pass #1",
            "traded #2 5@100 taker_filled",
        ),
    )


def test_a_trailing_stop_needs_a_last_trade(engine: Market) -> None:
    trailing = stop(SELL, 1, FALL, 3, stop_unit=TRAIL_TICKS)
    engine.play(
        (set_reference(100), "accepted"),
        (trailing, "rejected no_reference"),
    )
    trade_at(engine, 100)
    engine.play((trailing, "accepted #3"))


def test_a_falling_trailing_stop_follows_the_highest_trade(engine: Market) -> None:
    trade_at(engine, 100)
    engine.play((stop(SELL, 1, FALL, 3, 1, stop_unit=TRAIL_TICKS), "accepted #3"))
    for price in (98, 104, 103, 102):
        assert len(trade_at(engine, price)) == 2
    assert trade_at(engine, 101)[2:] == ["triggered #3 @101", "cancelled #3 1 no_liquidity"]


def test_a_rising_trailing_stop_follows_the_lowest_trade(engine: Market) -> None:
    trade_at(engine, 100)
    engine.play((stop(BUY, 1, RISE, 3, 1, stop_unit=TRAIL_TICKS), "accepted #3"))
    for price in (102, 96, 98):
        assert len(trade_at(engine, price)) == 2
    assert trade_at(engine, 99)[2:] == ["triggered #3 @99", "cancelled #3 1 no_liquidity"]


@pytest.mark.parametrize(
    ("trigger", "last", "meets", "misses"),
    [
        # 150 less 1 % is 148.5, rounded up; 150 and 1 % is 151.5, rounded down.
        (FALL, 150, 149, 150),
        (RISE, 150, 151, 150),
    ],
)
def test_parts_per_million_are_rounded_toward_the_trade(
    engine: Market, trigger: int, last: int, meets: int, misses: int
) -> None:
    trade_at(engine, last)
    engine.play((stop(BUY, 1, trigger, 10_000, 1, stop_unit=TRAIL_PPM), "accepted #3"))
    assert len(trade_at(engine, misses)) == 2
    assert trade_at(engine, meets)[2] == f"triggered #3 @{meets}"


def test_a_trailing_stop_rounded_onto_the_trade_would_trigger(engine: Market) -> None:
    trade_at(engine, 10)
    engine.play((stop(BUY, 1, FALL, 9, 1, stop_unit=TRAIL_PPM), "rejected would_trigger"))


@pytest.mark.parametrize("distance", [100, 101, 2**63 - 1])
def test_a_distance_that_reaches_zero_is_refused_by_the_price_filter(
    engine: Market, distance: int
) -> None:
    trade_at(engine, 100)
    engine.play(
        (
            stop(BUY, 1, FALL, distance, 1, stop_unit=TRAIL_TICKS),
            "rejected price_below_minimum 1",
        ),
        (stop(BUY, 1, FALL, 99, 1, stop_unit=TRAIL_TICKS), "accepted #3"),
    )


def test_the_greatest_distance_above_is_refused_by_the_price_filter(engine: Market) -> None:
    trade_at(engine, 100)
    engine.play(
        (
            stop(BUY, 1, RISE, 2**63 - 1, 1, stop_unit=TRAIL_TICKS),
            "rejected price_above_maximum 1000000",
        ),
    )


def test_the_filters_of_the_limit_price_come_before_those_of_a_trailing_stop(
    open_market: Opener,
) -> None:
    engine = open_market(instrument(1, price_max=120))
    trade_at(engine, 100)
    engine.play(
        (
            stop(BUY, 1, FALL, 500, 1, price=121, stop_unit=TRAIL_TICKS),
            "rejected price_above_maximum 120",
        ),
    )


def test_trailing_stops_move_before_stops_are_met(engine: Market) -> None:
    """At the first price the stop follows up to 107, which the last price of the pass meets."""
    trade_at(engine, 100)
    engine.play(
        (stop(BUY, 1, FALL, 3, 1, price=50, stop_unit=TRAIL_TICKS), "accepted #3"),
        (buy(110, 1, 8), "accepted #4"),
        (buy(107, 1, 8), "accepted #5"),
        (
            sell(107, 2, 9),
            "accepted #6",
            "traded #4 1@110 sells maker_filled",
            "traded #5 1@107 sells maker_filled taker_filled",
            "triggered #3 @107",
        ),
    )


def test_a_stop_that_is_due_when_met_expires(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(
        stop(BUY, 1, RISE, 50, 1, time_in_force=GTD, expire_ns=10),
        stop(BUY, 1, RISE, 100, 1, time_in_force=GTD, expire_ns=20),
        sell(100, 1, 8),
    )
    engine.play(
        (
            buy(100, 1, 9, time_ns=30),
            "expired #1 1",
            "accepted #4",
            "traded #3 1@100 maker_filled taker_filled",
            "expired #2 1",
        ),
    )


def test_a_queued_order_that_is_due_at_its_turn_expires(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(
        stop(BUY, 1, RISE, 100, 1),
        stop(BUY, 2, RISE, 100, 1, time_in_force=GTD, expire_ns=20),
        sell(100, 1, 8),
        stop(BUY, 3, RISE, 200, 1, time_in_force=GTD, expire_ns=10),
    )
    engine.play(
        (
            buy(100, 1, 9),
            "accepted #5",
            "traded #3 1@100 maker_filled taker_filled",
            "triggered #1 @100",
            "triggered #2 @100",
            "cancelled #1 1 no_liquidity",
        ),
        (advance_time(30), "expired #4 3", "accepted"),
        # Due orders come before the queue, and this one is due.
        (advance_time(30), "expired #2 2", "accepted"),
    )


def test_the_queue_rests_outside_continuous_trading(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(stop(BUY, 1, RISE, 100, 1), stop(BUY, 2, RISE, 100, 1), stop(BUY, 3, RISE, 100, 1))
    trade_at(engine, 100)
    engine.play(
        # Step 3 finishes one, then the state changes.
        (
            set_state(CANCEL_ONLY),
            "cancelled #2 2 no_liquidity",
            "accepted",
            "state_changed cancel_only",
        ),
        (advance_time(1), "accepted"),
        # Entering continuous trading works the queue.
        (
            set_state(CONTINUOUS),
            "accepted",
            "state_changed continuous",
            "cancelled #3 3 no_liquidity",
        ),
    )


def test_a_queued_order_can_be_cancelled_and_replaced(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(*[stop(BUY, lots, RISE, 100, 1, time_in_force=DAY) for lots in range(1, 7)])
    trade_at(engine, 100)
    engine.play(
        # Each command works one from the front before its own work.
        (cancel(3), "cancelled #2 2 no_liquidity", "cancelled #3 3 requested"),
        # A rise goes to the back of the queue, a fall stays.
        (replace(5, 0, 50), "cancelled #4 4 no_liquidity", "replaced #5"),
        (replace(5, 0, 40), "cancelled #6 6 no_liquidity", "replaced #5 kept"),
        (advance_time(1), "cancelled #5 40 no_liquidity", "accepted"),
    )
