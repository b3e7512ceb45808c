"""Filters: each on both sides of its bound, the bound in the answer, and their order.

Method: an instrument with one filter, an order that just passes and one that just does not.
"""

from typing import Any

import pytest

from tests.scenarios.commands import (
    BUY,
    FALL,
    GTD,
    RISE,
    SELL,
    advance_time,
    amount,
    buy,
    cancel,
    instrument,
    market,
    sell,
    set_reference,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market


@pytest.mark.parametrize(
    ("filters", "passes", "fails", "reason"),
    [
        ({"price_min": 50}, buy(50, 1), buy(49, 1), "price_below_minimum 50"),
        ({"price_max": 50}, buy(50, 1), buy(51, 1), "price_above_maximum 50"),
        ({"lots_min": 5}, buy(50, 5), buy(50, 4), "quantity_below_minimum 5"),
        ({"lots_max": 5}, buy(50, 5), buy(50, 6), "quantity_above_maximum 5"),
        ({"notional_min": 100}, buy(50, 2), buy(99, 1), "notional_below_minimum 100"),
        ({"notional_max": 100}, buy(50, 2), buy(101, 1), "notional_above_maximum 100"),
        (
            {
                "notional_min": (3 << 64) + 9,
                "notional_max": 4 << 64,
                "price_max": 1 << 62,
                "lots_max": 64,
            },
            buy(1 << 62, 13),
            buy(1 << 62, 11),
            "notional_below_minimum 9",
        ),
        (
            {"parts_max": 3},
            buy(50, 9, display=3),
            buy(50, 10, display=3),
            "too_many_iceberg_parts 3",
        ),
        (
            {"price_min": 50},
            stop(BUY, 1, RISE, 50),
            stop(BUY, 1, RISE, 49),
            "price_below_minimum 50",
        ),
        (
            {"price_max": 50},
            stop(BUY, 1, RISE, 50),
            stop(BUY, 1, RISE, 51),
            "price_above_maximum 50",
        ),
        (
            {"notional_max": 100},
            stop(BUY, 2, RISE, 50),
            stop(BUY, 2, RISE, 51),
            "notional_above_maximum 100",
        ),
        (
            # The notional of a stop-limit is that of its limit.
            {"notional_max": 100},
            stop(BUY, 2, RISE, 70, price=50),
            stop(BUY, 2, RISE, 30, price=51),
            "notional_above_maximum 100",
        ),
    ],
)
def test_an_order_on_each_side_of_a_bound(
    open_market: Opener, filters: dict[str, Any], passes: bytes, fails: bytes, reason: str
) -> None:
    engine = open_market(instrument(1, **filters))
    engine.play((fails, f"rejected {reason}"), (passes, "accepted #1"))


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        # 333 less and plus 10 %: 299.7 rounded up, 366.3 rounded down.
        (buy(299, 1), "rejected price_below_band 300"),
        (buy(300, 1), "accepted #1"),
        (sell(366, 1), "accepted #1"),
        (sell(367, 1), "rejected price_above_band 366"),
        (stop(BUY, 1, RISE, 367, price=333), "rejected price_above_band 366"),
        (stop(BUY, 1, FALL, 299), "rejected price_below_band 300"),
        (stop(BUY, 1, FALL, 300, price=366), "accepted #1"),
    ],
)
def test_the_band_around_the_reference(open_market: Opener, order: bytes, answer: str) -> None:
    engine = open_market(instrument(1, band_ppm=100_000))
    engine.play((set_reference(333), "accepted"), (order, answer))


def test_the_band_binds_only_while_there_is_a_reference(open_market: Opener) -> None:
    engine = open_market(instrument(1, band_ppm=100_000))
    engine.play(
        (buy(5, 1), "accepted #1"),
        # The best opposite price is no reference for limit orders.
        (sell(100, 1, 8), "accepted #2"),
        (buy(6, 1), "accepted #3"),
        (buy(100, 1, 9), "accepted #4", "traded #2 1@100 maker_filled taker_filled"),
        # Now there is a last trade; the price that was set goes before it.
        (buy(7, 1), "rejected price_below_band 90"),
        (set_reference(7), "accepted"),
        (buy(7, 1), "accepted #5"),
        (set_reference(0), "accepted"),
        (buy(7, 1), "rejected price_below_band 90"),
    )


def test_a_market_order_is_measured_at_the_reference(open_market: Opener) -> None:
    engine = open_market(instrument(1, notional_min=200, notional_max=400, band_ppm=1, lots_max=4))
    engine.play(
        (set_reference(100), "accepted"),
        (market(BUY, 1), "rejected notional_below_minimum 200"),
        # Neither the price filter nor the band looks at the worst price that it carries.
        (market(BUY, 2, price=1), "accepted #1", "cancelled #1 2 no_liquidity"),
        (market(BUY, 5), "rejected quantity_above_maximum 4"),
        (set_reference(101), "accepted"),
        (market(BUY, 4), "rejected notional_above_maximum 400"),
    )


def test_an_amount_order_is_measured_by_its_amount_and_skips_quantity(open_market: Opener) -> None:
    engine = open_market(instrument(1, notional_min=200, notional_max=400, lots_min=5, lots_max=6))
    engine.play(
        (amount(BUY, 300), "rejected no_reference"),
        (set_reference(100), "accepted"),
        (amount(BUY, 199), "rejected notional_below_minimum 200"),
        (amount(BUY, 401), "rejected notional_above_maximum 400"),
        (amount(BUY, 400), "accepted #1", "cancelled #1 0 no_liquidity"),
    )


def test_open_orders_are_counted_for_account_and_instrument(open_market: Opener) -> None:
    engine = open_market(
        instrument(1, account_orders_max=2, orders_max=3), instrument(2, symbol="OTHER")
    )
    engine.play(
        (buy(50, 1, 1, instrument=2), "accepted #1"),
        (buy(50, 1, 1), "accepted #2"),
        # A waiting stop counts as an open order too.
        (stop(BUY, 1, RISE, 100, 1), "accepted #3"),
        (buy(50, 1, 1), "rejected too_many_account_orders 2"),
        (market(BUY, 1, 1), "rejected no_reference"),
        (buy(50, 1, 2), "accepted #4"),
        (buy(50, 1, 2), "rejected too_many_orders 3"),
        (cancel(2), "cancelled #2 1 requested"),
        (buy(50, 1, 2), "accepted #5"),
    )


def test_waiting_stops_are_counted_for_account_and_instrument(open_market: Opener) -> None:
    engine = open_market(instrument(1, account_stops_max=2, stops_max=3))
    engine.play(
        (stop(BUY, 1, RISE, 100, 1), "accepted #1"),
        (stop(BUY, 1, RISE, 100, 1, price=60), "accepted #2"),
        (stop(BUY, 1, RISE, 100, 1), "rejected too_many_account_stops 2"),
        (buy(50, 1, 1), "accepted #3"),
        (stop(BUY, 1, RISE, 100, 2), "accepted #4"),
        (stop(BUY, 1, RISE, 100, 2), "rejected too_many_stops 3"),
    )


def test_due_orders_are_not_counted(open_market: Opener) -> None:
    engine = open_market(instrument(1, orders_max=2), work_max=1)
    engine.play(
        (buy(50, 1, time_in_force=GTD, expire_ns=10), "accepted #1"),
        (buy(50, 2, time_in_force=GTD, expire_ns=10), "accepted #2"),
        (buy(50, 1), "rejected too_many_orders 2"),
        (buy(50, 3, time_ns=10), "expired #1 1", "accepted #3"),
    )
    engine = open_market(instrument(1, orders_max=2), work_max=1)
    for _ in range(2):
        engine.send(buy(50, 2, time_in_force=GTD, expire_ns=10))
    engine.play(
        (advance_time(10), "expired #1 2", "accepted"),
        (buy(50, 3), "expired #2 2", "accepted #3"),
    )


def test_the_order_of_the_filters(open_market: Opener) -> None:
    """An order that breaks all filters is answered by the first; mended, by the next."""
    engine = open_market(
        instrument(
            1,
            price_min=100,
            price_max=200,
            band_ppm=100_000,
            lots_min=5,
            notional_min=1_500,
            notional_max=2_000,
            parts_max=2,
            account_orders_max=1,
            orders_max=1,
            account_stops_max=1,
            stops_max=1,
        )
    )
    engine.play((set_reference(150), "accepted"), (stop(SELL, 10, FALL, 150, 1), "accepted #1"))

    def answer(price: int, stop_ticks: int, lots: int, display: int, account: int) -> str:
        said = engine.send(stop(BUY, lots, RISE, stop_ticks, account, price=price, display=display))
        return said[0].removeprefix("rejected ")

    assert answer(99, 99, 4, 1, 1) == "price_below_minimum 100"
    assert answer(201, 99, 4, 1, 1) == "price_above_maximum 200"
    assert answer(134, 99, 4, 1, 1) == "price_below_band 135"
    assert answer(166, 99, 4, 1, 1) == "price_above_band 165"
    assert answer(150, 99, 4, 1, 1) == "price_below_minimum 100"
    assert answer(150, 201, 4, 1, 1) == "price_above_maximum 200"
    assert answer(150, 134, 4, 1, 1) == "price_below_band 135"
    assert answer(150, 166, 4, 1, 1) == "price_above_band 165"
    assert answer(150, 150, 4, 1, 1) == "quantity_below_minimum 5"
    assert answer(150, 150, 9, 1, 1) == "notional_below_minimum 1500"
    assert answer(150, 150, 14, 1, 1) == "notional_above_maximum 2000"
    assert answer(150, 150, 12, 1, 1) == "too_many_iceberg_parts 2"
    assert answer(150, 150, 12, 6, 1) == "too_many_account_orders 1"
    assert answer(150, 150, 12, 6, 2) == "too_many_orders 1"


def test_a_wide_instrument_takes_the_lowest_and_a_high_price(engine: Market) -> None:
    engine.play((buy(1, 1), "accepted #1"), (sell(1_000_000, 1), "accepted #2"))
    assert engine.levels(BUY) == [(1, 1, 1)]
    assert engine.levels(SELL) == [(1_000_000, 1, 1)]
