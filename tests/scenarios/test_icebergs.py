"""Icebergs: what they show, where the next slice stands, and what a replace takes first.

Method: levels read after each step; every event written out.
"""

from tests.scenarios.commands import BUY, DAY, SELL, buy, replace, sell
from tests.scenarios.market import Market


def test_the_next_slice_shows_at_the_back(engine: Market) -> None:
    engine.play(
        (sell(100, 5, display=2), "accepted #1"),
        (sell(100, 3, 3), "accepted #2"),
    )
    assert engine.levels(SELL) == [(100, 5, 2)]
    engine.play(
        (
            buy(100, 3),
            "accepted #3",
            "traded #1 2@100",
            "slice_shown #1 2",
            "traded #2 1@100 taker_filled",
        ),
        (
            buy(100, 4),
            "accepted #4",
            "traded #2 2@100 maker_filled",
            "traded #1 2@100 taker_filled",
            "slice_shown #1 1",
        ),
        (buy(100, 1), "accepted #5", "traded #1 1@100 maker_filled taker_filled"),
    )
    assert engine.levels(SELL) == []


def test_a_slice_that_is_taken_in_part_keeps_its_place(engine: Market) -> None:
    engine.play(
        (sell(100, 9, display=3), "accepted #1"),
        (sell(100, 1, 3), "accepted #2"),
        (buy(100, 1), "accepted #3", "traded #1 1@100 taker_filled"),
        (buy(100, 1), "accepted #4", "traded #1 1@100 taker_filled"),
    )
    assert engine.levels(SELL) == [(100, 2, 2)]


def test_a_taker_may_go_round_several_slices(engine: Market) -> None:
    engine.play(
        (sell(100, 5, display=2), "accepted #1"),
        (
            buy(100, 6, display=4),
            "accepted #2",
            "traded #1 2@100",
            "slice_shown #1 2",
            "traded #1 2@100",
            "slice_shown #1 1",
            "traded #1 1@100 maker_filled",
        ),
    )
    assert engine.levels(BUY) == [(100, 1, 1)]


def test_the_rest_of_an_aggressive_iceberg_shows_one_slice(engine: Market) -> None:
    engine.play(
        (sell(100, 2), "accepted #1"),
        (buy(100, 9, display=3, time_in_force=DAY), "accepted #2", "traded #1 2@100 maker_filled"),
    )
    assert engine.levels(BUY) == [(100, 3, 1)]


def test_a_fall_takes_hidden_lots_first(engine: Market) -> None:
    engine.play((sell(100, 10, display=4), "accepted #1"), (sell(100, 1, 3), "accepted #2"))
    before = engine.update_number()
    engine.play((replace(1, 100, 5, account=2), "replaced #1 kept"))
    assert engine.levels(SELL) == [(100, 5, 2)]
    assert engine.update_number() == before
    engine.play(
        (replace(1, 100, 3, account=2), "replaced #1 kept"),
    )
    assert engine.levels(SELL) == [(100, 4, 2)]
    assert engine.update_number() == before + 1
    engine.play((buy(100, 1), "accepted #3", "traded #1 1@100 taker_filled"))


def test_display_above_the_quantity_binds_on_entry_only(engine: Market) -> None:
    engine.play(
        (sell(100, 3, display=4), "rejected invalid_display"),
        (sell(100, 4, display=4), "accepted #1"),
        (replace(1, 101, 2, account=2), "replaced #1"),
        (replace(1, 101, 20, account=2), "replaced #1"),
    )
    assert engine.levels(SELL) == [(101, 4, 1)]
