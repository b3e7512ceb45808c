"""Replace: in place, or leaving and entering anew; what fits the order; what is refused.

Method: the case decides the answer and the place in the queue, which a taker then shows.
"""

import pytest

from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    DAY,
    FALL,
    FOK,
    GTC,
    HALTED,
    IOC,
    RISE,
    SELL,
    TRAIL_TICKS,
    buy,
    cancel,
    end_session,
    instrument,
    replace,
    sell,
    set_state,
    stop,
    update_instrument,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market


@pytest.mark.parametrize(
    ("price", "lots", "answer", "first"),
    [
        (100, 5, "replaced #1 kept", 1),
        (100, 3, "replaced #1 kept", 1),
        (100, 6, "replaced #1", 2),
        (101, 5, "replaced #1", 2),
    ],
)
def test_what_keeps_and_what_loses_priority(
    engine: Market, price: int, lots: int, answer: str, first: int
) -> None:
    engine.play(
        (sell(100, 5), "accepted #1"),
        (sell(100, 5, 3), "accepted #2"),
        (replace(1, price, lots, account=2), answer),
        (buy(100, 1, 9), "accepted #3", f"traded #{first} 1@100 taker_filled"),
    )


def test_the_total_counts_what_is_filled(engine: Market) -> None:
    engine.play(
        (sell(100, 5), "accepted #1"),
        (buy(100, 2), "accepted #2", "traded #1 2@100 taker_filled"),
        (replace(1, 100, 4, account=2), "replaced #1 kept"),
    )
    assert engine.levels(SELL) == [(100, 2, 1)]
    engine.play((replace(1, 100, 2, account=2), "cancelled #1 2 replaced"))


def test_a_total_that_is_done_cancels_before_the_filters(open_market: Opener) -> None:
    engine = open_market()
    engine.play(
        (sell(100, 50), "accepted #1"),
        (buy(100, 20), "accepted #2", "traded #1 20@100 taker_filled"),
        (update_instrument(1, lots_min=30, price_max=90), "accepted"),
        (replace(1, 100, 25, account=2), "rejected price_above_maximum #1 90"),
        (replace(1, 100, 20, account=2), "cancelled #1 30 replaced"),
    )


def test_a_replaced_order_may_trade(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (buy(99, 5), "accepted #2"),
        (replace(2, 100, 5), "replaced #2", "traded #1 2@100 maker_filled"),
        (sell(101, 3), "accepted #3"),
        (replace(2, 101, 5), "replaced #2", "traded #3 3@101 maker_filled taker_filled"),
        (cancel(2), "rejected unknown_order #2"),
    )


def test_a_replaced_order_triggers_stops(engine: Market) -> None:
    engine.play(
        (stop(BUY, 1, RISE, 100, 4, price=50), "accepted #1"),
        (sell(100, 2), "accepted #2"),
        (buy(99, 5), "accepted #3"),
        (replace(3, 100, 1), "replaced #3", "traded #2 1@100 taker_filled", "triggered #1 @100"),
    )


def test_a_replaced_order_obeys_its_self_trade_mode(engine: Market) -> None:
    engine.play(
        (sell(100, 2, 1), "accepted #1"),
        (buy(99, 5, 1), "accepted #2"),
        (replace(2, 100, 5), "replaced #2", "cancelled #2 5 self_trade"),
    )


def test_post_only_is_asked_when_it_enters_anew(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (buy(99, 5, post_only=True), "accepted #2"),
        (replace(2, 100, 5), "rejected would_take #2"),
        (replace(2, 98, 5), "replaced #2"),
        (replace(2, 98, 3), "replaced #2 kept"),
    )


def test_a_refused_replace_leaves_the_order_as_it_was(open_market: Opener) -> None:
    engine = open_market(instrument(1, lots_max=10, price_min=50))
    engine.play(
        (sell(100, 5), "accepted #1"),
        (replace(1, 100, 11, account=2), "rejected quantity_above_maximum #1 10"),
        (replace(1, 49, 5, account=2), "rejected price_below_minimum #1 50"),
        (buy(100, 5), "accepted #2", "traded #1 5@100 maker_filled taker_filled"),
    )


def test_filters_take_the_total(open_market: Opener) -> None:
    engine = open_market(instrument(1, lots_min=5, notional_max=1_000, parts_max=3))
    engine.play(
        (sell(100, 9, display=3), "accepted #1"),
        (
            buy(100, 6),
            "accepted #2",
            "traded #1 3@100",
            "slice_shown #1 3",
            "traded #1 3@100 taker_filled",
            "slice_shown #1 3",
        ),
        # Three lots are open, but it is the total that counts.
        (replace(1, 100, 8, account=2), "replaced #1 kept"),
        (replace(1, 100, 10, account=2), "rejected too_many_iceberg_parts #1 3"),
        (replace(1, 100, 11, account=2), "rejected notional_above_maximum #1 1000"),
    )


def test_a_count_leaves_the_order_itself_out(open_market: Opener) -> None:
    engine = open_market(
        instrument(1, account_orders_max=1, orders_max=1, account_stops_max=1, stops_max=1)
    )
    engine.play(
        (stop(BUY, 1, RISE, 100), "accepted #1"),
        (replace(1, 0, 2, stop=101), "replaced #1"),
        (buy(99, 1), "rejected too_many_account_orders 1"),
    )


def test_the_price_must_fit_the_type(engine: Market) -> None:
    engine.play(
        (buy(90, 2), "accepted #1"),
        (stop(BUY, 2, RISE, 100), "accepted #2"),
        (stop(BUY, 2, RISE, 100, price=101), "accepted #3"),
        (replace(1, 0, 1), "rejected invalid_price #1"),
        (replace(2, 100, 1), "rejected invalid_price #2"),
        (replace(3, 0, 1), "rejected invalid_price #3"),
        (replace(1, 90, 1, stop=95), "rejected invalid_stop #1"),
        (replace(2, 0, 1), "replaced #2 kept"),
        (replace(3, 102, 1), "replaced #3"),
    )


def test_a_waiting_stop_takes_a_new_stop(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (buy(100, 1), "accepted #2", "traded #1 1@100 maker_filled taker_filled"),
        (stop(BUY, 2, RISE, 105), "accepted #3"),
        (replace(3, 0, 2, stop=105), "replaced #3 kept"),
        (replace(3, 0, 2, stop=103), "replaced #3"),
        (replace(3, 0, 2, stop=100), "rejected would_trigger #3"),
        (replace(3, 0, 3), "replaced #3"),
        (sell(103, 1), "accepted #4"),
        (
            buy(103, 1),
            "accepted #5",
            "traded #4 1@103 maker_filled taker_filled",
            "triggered #3 @103",
            "cancelled #3 3 no_liquidity",
        ),
    )


def test_a_new_stop_obeys_the_filters(open_market: Opener) -> None:
    engine = open_market(instrument(1, price_max=110, notional_max=500))
    engine.play(
        (stop(BUY, 2, RISE, 105), "accepted #1"),
        (replace(1, 0, 2, stop=111), "rejected price_above_maximum #1 110"),
        (replace(1, 0, 5, stop=101), "rejected notional_above_maximum #1 500"),
    )


def test_a_trailing_stop_may_only_fall_in_quantity(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (buy(100, 1), "accepted #2", "traded #1 1@100 maker_filled taker_filled"),
        (stop(SELL, 5, FALL, 3, 1, price=90, stop_unit=TRAIL_TICKS), "accepted #3"),
        (replace(3, 90, 6), "rejected trailing_stop #3"),
        (replace(3, 91, 5), "rejected trailing_stop #3"),
        (replace(3, 0, 5), "rejected trailing_stop #3"),
        (replace(3, 90, 5, stop=97), "rejected trailing_stop #3"),
        (replace(3, 90, 4), "replaced #3 kept"),
        (replace(3, 90, 5), "rejected trailing_stop #3"),
    )


def test_a_trailing_stop_is_filtered_where_it_stands(open_market: Opener) -> None:
    engine = open_market()
    engine.play(
        (sell(100, 1), "accepted #1"),
        (buy(100, 1), "accepted #2", "traded #1 1@100 maker_filled taker_filled"),
        (stop(SELL, 5, FALL, 10, 1, stop_unit=TRAIL_TICKS), "accepted #3"),
        (update_instrument(1, price_min=91), "accepted"),
        (replace(3, 0, 4), "rejected price_below_minimum #3 91"),
        (sell(101, 1), "accepted #4"),
        (buy(101, 1), "accepted #5", "traded #4 1@101 maker_filled taker_filled"),
        (replace(3, 0, 4), "replaced #3 kept"),
    )


def test_a_triggered_stop_limit_is_replaced_as_a_limit_order(engine: Market) -> None:
    engine.play(
        (stop(BUY, 5, RISE, 100, 4, price=90), "accepted #1"),
        (sell(100, 1), "accepted #2"),
        (
            buy(100, 1),
            "accepted #3",
            "traded #2 1@100 maker_filled taker_filled",
            "triggered #1 @100",
        ),
        (replace(1, 90, 5, account=4, stop=101), "rejected invalid_stop #1"),
        (replace(1, 91, 6, account=4), "replaced #1"),
    )
    assert engine.levels(BUY) == [(91, 6, 1)]


def test_only_its_owner_replaces_an_order(engine: Market) -> None:
    engine.play(
        (buy(90, 2), "accepted #1"),
        (replace(1, 90, 1, account=2), "rejected unknown_order #1"),
        (replace(1, 90, 1, account=2, instrument=0), "rejected unknown_order #1"),
        (replace(1, 90, 1, instrument=0), "replaced #1 kept"),
    )


def test_replace_wants_continuous_trading(engine: Market) -> None:
    engine.play(
        (buy(90, 2), "accepted #1"),
        (set_state(CANCEL_ONLY), "accepted", "state_changed cancel_only"),
        (replace(1, 90, 1), "rejected instrument_cancel_only #1"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (replace(1, 90, 1), "rejected instrument_halted #1"),
    )


def test_time_in_force_stays_with_the_order(engine: Market) -> None:
    engine.play(
        (buy(90, 2, time_in_force=DAY), "accepted #1"),
        (buy(90, 2, time_in_force=GTC), "accepted #2"),
        (replace(1, 91, 2), "replaced #1"),
        (end_session(), "accepted", "expired #1 2"),
    )


@pytest.mark.parametrize("time_in_force", [IOC, FOK])
def test_a_waiting_stop_keeps_its_time_in_force_too(engine: Market, time_in_force: int) -> None:
    engine.play(
        (stop(BUY, 5, RISE, 100, price=100, time_in_force=time_in_force), "accepted #1"),
        (replace(1, 101, 5), "replaced #1"),
        (sell(100, 1), "accepted #2"),
    )
    reason = "immediate_or_cancel" if time_in_force == IOC else "fill_or_kill"
    assert engine.send(buy(100, 1, 9))[-1] == f"cancelled #1 5 {reason}"
