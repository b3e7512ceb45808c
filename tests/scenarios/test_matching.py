"""Matching: price, then time; the maker's price; what each kind of order leaves behind.

Method: small markets, every event written out.
"""

from outcry.reference.codes import Kind
from tests.scenarios.commands import (
    BUY,
    DAY,
    FOK,
    IOC,
    SELL,
    amount,
    buy,
    instrument,
    market,
    sell,
    set_reference,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market


def test_best_price_first_then_time(engine: Market) -> None:
    engine.play(
        (sell(101, 1), "accepted #1"),
        (sell(100, 2), "accepted #2"),
        (sell(100, 3, 3), "accepted #3"),
        (
            buy(101, 6),
            "accepted #4",
            "traded #2 2@100 maker_filled",
            "traded #3 3@100 maker_filled",
            "traded #1 1@101 maker_filled taker_filled",
        ),
    )


def test_a_trade_is_at_the_makers_price(engine: Market) -> None:
    engine.play(
        (buy(105, 2), "accepted #1"),
        (sell(100, 1), "accepted #2", "traded #1 1@105 sells taker_filled"),
    )


def test_the_rest_of_a_limit_order_rests_at_its_price(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (buy(101, 5), "accepted #2", "traded #1 2@100 maker_filled"),
    )
    assert engine.levels(BUY) == [(101, 3, 1)]


def test_a_partial_fill_keeps_its_place(engine: Market) -> None:
    engine.play(
        (sell(100, 5), "accepted #1"),
        (sell(100, 5, 3), "accepted #2"),
        (buy(100, 1), "accepted #3", "traded #1 1@100 taker_filled"),
        (
            buy(100, 5),
            "accepted #4",
            "traded #1 4@100 maker_filled",
            "traded #2 1@100 taker_filled",
        ),
    )


def test_ioc_never_rests(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (
            buy(100, 5, time_in_force=IOC),
            "accepted #2",
            "traded #1 2@100 maker_filled",
            "cancelled #2 3 immediate_or_cancel",
        ),
        (buy(100, 5, time_in_force=IOC), "accepted #3", "cancelled #3 5 immediate_or_cancel"),
    )


def test_fok_fills_all_or_is_cancelled_whole(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (sell(101, 2), "accepted #2"),
        (buy(100, 3, time_in_force=FOK), "accepted #3", "cancelled #3 3 fill_or_kill"),
        (
            buy(101, 3, time_in_force=FOK),
            "accepted #4",
            "traded #1 2@100 maker_filled",
            "traded #2 1@101 taker_filled",
        ),
    )


def test_market_order_trades_up_to_its_band_and_never_rests(open_market: Opener) -> None:
    engine = open_market(instrument(1, market_band_ppm=15_000))
    engine.play(
        (sell(100, 1), "accepted #1"),
        (sell(101, 1), "accepted #2"),
        (sell(102, 1), "accepted #3"),
        # No reference but the best opposite price: 100 and 1.5 % of it, rounded down: 101.
        (
            market(BUY, 9),
            "accepted #4",
            "traded #1 1@100 maker_filled",
            "traded #2 1@101 maker_filled",
            "cancelled #4 7 no_liquidity",
        ),
        (set_reference(110), "accepted"),
        (buy(108, 1), "accepted #5", "traded #3 1@102 maker_filled taker_filled"),
        (buy(108, 1), "accepted #6"),
        # 110 less 1.5 %, rounded up to a tick: 109.
        (market(SELL, 1, 2), "accepted #7", "cancelled #7 1 no_liquidity"),
        (set_reference(109), "accepted"),
        (market(SELL, 1, 2), "accepted #8", "traded #6 1@108 sells maker_filled taker_filled"),
    )


def test_market_order_without_a_band_is_bound_by_the_price_filter_alone(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (sell(999_999, 1), "accepted #2"),
        (
            market(BUY, 2),
            "accepted #3",
            "traded #1 1@100 maker_filled",
            "traded #2 1@999999 maker_filled taker_filled",
        ),
    )


def test_the_price_filter_clamps_a_market_order(open_market: Opener) -> None:
    engine = open_market(instrument(1, market_band_ppm=500_000, price_max=120, price_min=90))
    engine.play(
        (buy(95, 1), "accepted #1"),
        (buy(90, 1), "accepted #2"),
        (set_reference(10), "accepted"),
        # 10 less a half is 5, clamped to 90.
        (
            market(SELL, 3, 2),
            "accepted #3",
            "traded #1 1@95 sells maker_filled",
            "traded #2 1@90 sells maker_filled",
            "cancelled #3 1 no_liquidity",
        ),
        (sell(91, 1), "accepted #4"),
        # 10 and a half of it is 15, clamped to 90.
        (market(BUY, 1), "accepted #5", "cancelled #5 1 no_liquidity"),
    )


def test_a_market_order_may_carry_a_tighter_price(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (sell(102, 1), "accepted #2"),
        (
            market(BUY, 2, price=101),
            "accepted #3",
            "traded #1 1@100 maker_filled",
            "cancelled #3 1 no_liquidity",
        ),
        (market(BUY, 1, price=101), "accepted #4", "cancelled #4 1 no_liquidity"),
        (
            market(BUY, 1, price=102, time_in_force=FOK),
            "accepted #5",
            "traded #2 1@102 maker_filled taker_filled",
        ),
    )


def test_a_market_order_that_meets_an_empty_book_is_accepted(engine: Market) -> None:
    engine.play(
        (market(BUY, 1), "rejected no_reference"),
        (set_reference(100), "accepted"),
        (market(BUY, 1), "accepted #1", "cancelled #1 1 no_liquidity"),
        (market(BUY, 1, time_in_force=FOK), "accepted #2", "cancelled #2 1 fill_or_kill"),
    )


def test_amount_order_takes_whole_lots_at_each_level(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (sell(150, 5), "accepted #2"),
        # 200 for two lots at 100, 150 for one at 150, and 149 cover no more.
        (
            amount(BUY, 499),
            "accepted #3",
            "traded #1 2@100 maker_filled",
            "traded #2 1@150",
            "cancelled #3 0 amount_remainder",
        ),
        (amount(BUY, 300), "accepted #4", "traded #2 2@150 taker_filled"),
        (
            amount(BUY, 10_000),
            "accepted #5",
            "traded #2 2@150 maker_filled",
            "cancelled #5 0 no_liquidity",
        ),
    )


def test_amount_order_sells_until_the_amount_is_raised(engine: Market) -> None:
    engine.play(
        (buy(100, 5), "accepted #1"),
        (
            amount(SELL, 250, 2),
            "accepted #2",
            "traded #1 2@100 sells",
            "cancelled #2 0 amount_remainder",
        ),
        (amount(SELL, 99, 2), "accepted #3", "cancelled #3 0 amount_remainder"),
        (amount(SELL, 300, 2), "accepted #4", "traded #1 3@100 sells maker_filled taker_filled"),
    )


def test_amount_order_ends_for_want_of_liquidity_before_it_asks_what_it_covers(
    engine: Market,
) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (set_reference(100), "accepted"),
        (
            amount(BUY, 150),
            "accepted #2",
            "traded #1 1@100 maker_filled",
            "cancelled #2 0 no_liquidity",
        ),
    )


def test_amount_order_keeps_to_its_worst_price(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (sell(102, 1), "accepted #2"),
        (
            amount(BUY, 5_000, price=101),
            "accepted #3",
            "traded #1 1@100 maker_filled",
            "cancelled #3 0 no_liquidity",
        ),
    )


def test_value_unit_scales_an_amount(open_market: Opener) -> None:
    engine = open_market(instrument(1, tick=25))
    engine.play(
        (sell(100, 9), "accepted #1"),
        (amount(BUY, 7_499), "accepted #2", "traded #1 2@100", "cancelled #2 0 amount_remainder"),
    )


def test_post_only_never_takes(engine: Market) -> None:
    engine.play(
        (sell(100, 1), "accepted #1"),
        (buy(100, 1, post_only=True), "rejected would_take"),
        (buy(101, 1, 2, post_only=True), "rejected would_take"),
        (buy(99, 1, post_only=True), "accepted #2"),
        (sell(99, 1, post_only=True), "rejected would_take"),
        (sell(100, 1, post_only=True, time_in_force=DAY), "accepted #3"),
    )


def test_a_pass_of_a_new_order_needs_no_pass_record(engine: Market) -> None:
    engine.send(sell(100, 1))
    events = engine.raw(buy(100, 1))
    assert len(events) == 64
    assert events[0] != Kind.NEW
