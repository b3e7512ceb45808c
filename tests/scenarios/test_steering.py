"""Commands that touch many orders, and the states of an instrument.

Method: bounds of two or three orders, so that `more` is seen; every event written out.
"""

from typing import Any

import pytest

from outcry.reference.codes import TradingState
from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    CONTINUOUS,
    DAY,
    GTD,
    HALTED,
    RISE,
    SELL,
    advance_time,
    buy,
    cancel,
    end_session,
    instrument,
    mass_cancel,
    sell,
    set_account,
    set_reference,
    set_state,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market


def test_mass_cancel_goes_by_order_id_and_says_more(open_market: Opener) -> None:
    engine = open_market(mass_max=2)
    engine.play(
        (buy(90, 1), "accepted #1"),
        (buy(95, 2, display=1), "accepted #2"),
        (stop(BUY, 3, RISE, 100), "accepted #3"),
        (
            mass_cancel(account=1),
            "accepted more",
            "cancelled #1 1 mass_cancel",
            "cancelled #2 2 mass_cancel",
        ),
        (mass_cancel(account=1), "accepted", "cancelled #3 3 mass_cancel"),
        (mass_cancel(account=1), "accepted"),
    )


@pytest.mark.parametrize(
    ("fields", "orders"),
    [
        ({}, [1, 2, 3, 4]),
        ({"account": 1}, [1, 4]),
        ({"side": SELL}, [2, 4]),
        ({"instrument": 2}, [3, 4]),
        ({"instrument": 2, "account": 1, "side": BUY}, []),
    ],
)
def test_what_a_mass_cancel_matches(
    open_market: Opener, fields: dict[str, Any], orders: list[int]
) -> None:
    engine = open_market(instrument(1), instrument(2, symbol="ETHUSDT"))
    engine.send(
        buy(90, 1, 1),
        sell(110, 1, 2),
        buy(90, 1, 2, instrument=2),
        sell(110, 1, 1, instrument=2),
    )
    expected = [f"cancelled #{order} 1 mass_cancel" for order in orders]
    assert engine.send(mass_cancel(**fields)) == ["accepted", *expected]


def test_mass_cancel_passes_over_halted_instruments(open_market: Opener) -> None:
    engine = open_market(instrument(1), instrument(2, symbol="ETHUSDT"), mass_max=1)
    engine.send(buy(90, 1), buy(90, 1, instrument=2), set_state(HALTED))
    engine.play(
        (mass_cancel(), "accepted", "cancelled #2 1 mass_cancel"),
        (mass_cancel(instrument=1), "accepted"),
        (set_state(CANCEL_ONLY), "accepted", "state_changed cancel_only"),
        (mass_cancel(instrument=1), "accepted", "cancelled #1 1 mass_cancel"),
        (mass_cancel(instrument=3), "rejected unknown_instrument"),
    )


def test_a_due_order_is_found_by_no_mass_cancel(open_market: Opener) -> None:
    engine = open_market(work_max=1, mass_max=2)
    for lots in (1, 2, 3):
        engine.send(buy(90, lots, time_in_force=GTD, expire_ns=10))
    engine.send(buy(90, 4), buy(90, 5))
    engine.play(
        (advance_time(10), "expired #1 1", "accepted"),
        (
            mass_cancel(),
            "expired #2 2",
            "accepted",
            "cancelled #4 4 mass_cancel",
            "cancelled #5 5 mass_cancel",
        ),
        (mass_cancel(), "expired #3 3", "accepted"),
    )


def test_end_session_expires_day_orders_wherever_they_are(open_market: Opener) -> None:
    engine = open_market(mass_max=2, work_max=1)
    engine.send(
        stop(BUY, 9, RISE, 100, 1),
        stop(BUY, 1, RISE, 100, 1, time_in_force=DAY),
        stop(BUY, 2, RISE, 200, 1, time_in_force=DAY),
        buy(50, 3, time_in_force=DAY),
        buy(50, 4),
        sell(100, 1, 8),
    )
    engine.play(
        (
            buy(100, 1, 9),
            "accepted #7",
            "traded #6 1@100 maker_filled taker_filled",
            "triggered #1 @100",
            "triggered #2 @100",
            "cancelled #1 9 no_liquidity",
        ),
        # It works the queue first; in cancel_only it cannot.
        (
            set_state(CANCEL_ONLY),
            "cancelled #2 1 no_liquidity",
            "accepted",
            "state_changed cancel_only",
        ),
        (end_session(), "accepted", "expired #3 2", "expired #4 3"),
        (end_session(), "accepted"),
    )


def test_end_session_takes_queued_orders_and_says_more(open_market: Opener) -> None:
    engine = open_market(mass_max=2, work_max=1)
    engine.send(*[stop(BUY, lots, RISE, 100, 1, time_in_force=DAY) for lots in range(1, 7)])
    engine.send(sell(100, 1, 8), buy(100, 1, 9))
    engine.play(
        (
            set_state(HALTED),
            "cancelled #2 2 no_liquidity",
            "accepted",
            "state_changed halted",
        ),
        (end_session(), "accepted more", "expired #3 3", "expired #4 4"),
        (end_session(), "accepted", "expired #5 5", "expired #6 6"),
        (set_state(CONTINUOUS), "accepted", "state_changed continuous"),
    )


def test_end_session_is_of_one_instrument(open_market: Opener) -> None:
    engine = open_market(instrument(1), instrument(2, symbol="ETHUSDT"))
    engine.play(
        (buy(90, 1, time_in_force=DAY), "accepted #1"),
        (buy(90, 1, instrument=2, time_in_force=DAY), "accepted #2"),
        (end_session(2), "accepted", "expired #2 1"),
        (end_session(3), "rejected unknown_instrument"),
        (cancel(1), "cancelled #1 1 requested"),
    )


def test_what_each_state_lets_pass(engine: Market) -> None:
    engine.play(
        (buy(90, 1), "accepted #1"),
        (buy(90, 1), "accepted #2"),
        (set_state(CANCEL_ONLY), "accepted", "state_changed cancel_only"),
        (buy(90, 1), "rejected instrument_cancel_only"),
        (cancel(1), "cancelled #1 1 requested"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (buy(90, 1), "rejected instrument_halted"),
        (cancel(2), "rejected instrument_halted #2"),
        (cancel(2, instrument=0), "rejected instrument_halted #2"),
        (set_reference(100), "accepted"),
        (end_session(), "accepted"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (set_state(CONTINUOUS), "accepted", "state_changed continuous"),
        (cancel(2), "cancelled #2 1 requested"),
    )


def test_auctions_are_not_built(engine: Market) -> None:
    engine.play(
        (set_state(TradingState.AUCTION), "rejected invalid_state"),
        (set_state(TradingState.AUCTION, 9), "rejected unknown_instrument"),
        (set_state(5), "rejected invalid_state"),
        (set_state(0), "rejected invalid_state"),
    )


def test_expiry_runs_in_every_state(engine: Market) -> None:
    engine.play(
        (buy(90, 1, time_in_force=GTD, expire_ns=10), "accepted #1"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (advance_time(10), "expired #1 1", "accepted"),
    )


def test_set_reference_takes_no_price_filter(open_market: Opener) -> None:
    engine = open_market(instrument(1, price_max=100))
    engine.play(
        (set_reference(1_000), "accepted"),
        (set_reference(0), "accepted"),
        (set_reference(-1), "rejected invalid_price"),
        (set_reference(5, 9), "rejected unknown_instrument"),
    )


def test_accounts_have_groups_and_nothing_else(engine: Market) -> None:
    engine.play(
        (set_account(1, 2), "accepted"),
        (set_account(1, 2, maker_rate_ppm=1), "rejected not_supported"),
        (set_account(1, 2, taker_rate_ppm=1), "rejected not_supported"),
        (set_account(1, 2, state=2), "rejected not_supported"),
        (set_account(1, 2, state=4), "rejected invalid_state"),
        (set_account(0, 2), "rejected invalid_account"),
        (set_account(1, 2, instrument=1), "rejected invalid_instrument"),
    )
