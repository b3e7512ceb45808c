"""Self-trade prevention: every mode, where two of one trade group would meet.

Method: maker and taker of one account, or of two in one group; every event written out.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BUY,
    FALL,
    FOK,
    SELL,
    amount,
    buy,
    market,
    replace,
    sell,
    set_account,
    stop,
)
from tests.scenarios.market import Market

NONE, CANCEL_TAKER, CANCEL_MAKER, CANCEL_BOTH, DECREMENT = SelfTrade


@pytest.mark.parametrize(
    ("mode", "events"),
    [
        (NONE, "accepted #3; traded #1 3@100 maker_filled; traded #2 2@100 taker_filled"),
        (CANCEL_TAKER, "accepted #3; cancelled #3 5 self_trade"),
        (CANCEL_MAKER, "accepted #3; cancelled #1 3 self_trade; traded #2 5@100 taker_filled"),
        (CANCEL_BOTH, "accepted #3; cancelled #1 3 self_trade; cancelled #3 5 self_trade"),
        (
            DECREMENT,
            "accepted #3; prevented #1 3; cancelled #1 0 self_trade; traded #2 2@100 taker_filled",
        ),
    ],
)
def test_modes_of_the_taker(engine: Market, mode: int, events: str) -> None:
    engine.play(
        (sell(100, 3, 1), "accepted #1"),
        (sell(100, 9, 2), "accepted #2"),
        (buy(100, 5, 1, self_trade=mode), *events.split("; ")),
    )


def test_what_traded_before_the_two_met_stays(engine: Market) -> None:
    engine.play(
        (sell(100, 3, 2), "accepted #1"),
        (sell(100, 3, 1), "accepted #2"),
        (
            buy(100, 5, 1),
            "accepted #3",
            "traded #1 3@100 maker_filled",
            "cancelled #3 2 self_trade",
        ),
    )


def test_decrement_ends_a_taker_with_nothing_left(engine: Market) -> None:
    engine.play(
        (sell(100, 3, 1), "accepted #1"),
        (
            buy(100, 2, 1, self_trade=DECREMENT),
            "accepted #2",
            "prevented #1 2",
            "cancelled #2 0 self_trade",
        ),
        (
            buy(100, 1, 1, self_trade=DECREMENT),
            "accepted #3",
            "prevented #1 1",
            "cancelled #1 0 self_trade",
            "cancelled #3 0 self_trade",
        ),
    )


def test_decrement_goes_slice_by_slice(engine: Market) -> None:
    engine.play(
        (sell(100, 5, 1, display=2), "accepted #1"),
        (sell(100, 1, 2), "accepted #2"),
        (
            buy(100, 4, 1, self_trade=DECREMENT),
            "accepted #3",
            "prevented #1 2",
            "slice_shown #1 2",
            "traded #2 1@100 maker_filled",
            "prevented #1 1",
            "cancelled #3 0 self_trade",
        ),
    )
    assert engine.levels(SELL) == [(100, 1, 1)]


def test_prevented_lots_count_as_done(engine: Market) -> None:
    engine.play(
        (sell(100, 5, 1), "accepted #1"),
        (
            buy(100, 2, 1, self_trade=DECREMENT),
            "accepted #2",
            "prevented #1 2",
            "cancelled #2 0 self_trade",
        ),
        (replace(1, 100, 2), "cancelled #1 3 replaced"),
    )


def test_cancel_maker_cancels_an_iceberg_whole(engine: Market) -> None:
    engine.play(
        (sell(100, 50, 1, display=2), "accepted #1"),
        (buy(100, 1, 1, self_trade=CANCEL_MAKER), "accepted #2", "cancelled #1 50 self_trade"),
    )
    assert engine.levels(BUY) == [(100, 1, 1)]


def test_a_market_order_treats_decrement_as_cancel_taker(engine: Market) -> None:
    engine.play(
        (sell(100, 3, 1), "accepted #1"),
        (market(BUY, 5, 1, self_trade=DECREMENT), "accepted #2", "cancelled #2 5 self_trade"),
        (amount(BUY, 500, 1, self_trade=DECREMENT), "accepted #3", "cancelled #3 0 self_trade"),
    )


def test_a_triggered_stop_treats_decrement_as_its_type_does(engine: Market) -> None:
    engine.play(
        (buy(99, 1, 3), "accepted #1"),
        (stop(SELL, 4, FALL, 99, 1, self_trade=DECREMENT), "accepted #2"),
        (stop(SELL, 4, FALL, 99, 1, price=98, self_trade=DECREMENT), "accepted #3"),
        (buy(98, 2, 1), "accepted #4"),
        (
            sell(99, 1, 2),
            "accepted #5",
            "traded #1 1@99 sells maker_filled taker_filled",
            "triggered #2 @99",
            "triggered #3 @99",
            "cancelled #2 4 self_trade",
            "pass #3",
            "prevented #4 2",
            "cancelled #4 0 self_trade",
        ),
    )


def test_a_group_is_stamped_on_entry(engine: Market) -> None:
    engine.play(
        (set_account(1, 7), "accepted"),
        (set_account(2, 7), "accepted"),
        (sell(100, 1, 2), "accepted #1"),
        (buy(100, 1, 1), "accepted #2", "cancelled #2 1 self_trade"),
        (set_account(2, 0), "accepted"),
        # The order still has the group of its entry.
        (buy(100, 1, 1), "accepted #3", "cancelled #3 1 self_trade"),
        (replace(1, 100, 2, account=2), "replaced #1"),
        (buy(100, 1, 1), "accepted #4", "cancelled #4 1 self_trade"),
        (buy(100, 1, 2), "accepted #5", "traded #1 1@100 taker_filled"),
    )


def test_an_account_can_join_the_group_of_another_by_its_number(engine: Market) -> None:
    engine.play(
        (set_account(2, 1), "accepted"),
        (sell(100, 1, 2), "accepted #1"),
        (buy(100, 1, 1), "accepted #2", "cancelled #2 1 self_trade"),
    )


@pytest.mark.parametrize(
    ("mode", "is_filled"),
    [
        (NONE, True),
        (CANCEL_TAKER, False),
        (CANCEL_MAKER, False),
        (CANCEL_BOTH, False),
        (DECREMENT, False),
    ],
)
def test_the_walk_of_a_fok_minds_its_own_group(engine: Market, mode: int, is_filled: bool) -> None:
    engine.play((sell(100, 2, 2), "accepted #1"), (sell(100, 2, 1), "accepted #2"))
    said = engine.send(buy(100, 4, 1, time_in_force=FOK, self_trade=mode))
    assert (said[-1] == "traded #2 2@100 maker_filled taker_filled") is is_filled
    assert (said[-1] == "cancelled #3 4 fill_or_kill") is not is_filled


def test_the_walk_skips_the_own_group_under_cancel_maker(engine: Market) -> None:
    engine.play(
        (sell(100, 2, 1), "accepted #1"),
        (sell(101, 4, 2), "accepted #2"),
        (
            buy(101, 4, 1, time_in_force=FOK, self_trade=CANCEL_MAKER),
            "accepted #3",
            "cancelled #1 2 self_trade",
            "traded #2 4@101 maker_filled taker_filled",
        ),
    )


def test_the_walk_ends_between_the_slices_of_an_iceberg(engine: Market) -> None:
    engine.play(
        (sell(100, 6, 2, display=2), "accepted #1"),
        (sell(100, 1, 1), "accepted #2"),
        # After the first slice the taker would meet its own order.
        (buy(100, 3, 1, time_in_force=FOK), "accepted #3", "cancelled #3 3 fill_or_kill"),
        (
            buy(100, 2, 1, time_in_force=FOK),
            "accepted #4",
            "traded #1 2@100 taker_filled",
            "slice_shown #1 2",
        ),
        (buy(100, 1, 1, time_in_force=FOK), "accepted #5", "cancelled #5 1 fill_or_kill"),
    )
