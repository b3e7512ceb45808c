"""Pending orders: when they are released, what is asked of them when they enter, and their turn.

Method: every event written out; account 1 has the lists, accounts 2 and 3 trade with it.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BUY,
    FALL,
    FOK,
    IOC,
    RISE,
    SELL,
    TRAIL_PPM,
    TRAIL_TICKS,
    buy,
    cancel,
    cancel_list,
    instrument,
    market,
    oto,
    otoco,
    sell,
    set_reference,
    stop,
    update_instrument,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market

OTO_ACCEPTED = ("accepted #1", "accepted #2", "list_changed #2 executing")
OTOCO_ACCEPTED = ("accepted #1", "accepted #2", "accepted #3", "list_changed #2 executing")
FILL = "traded #1 5@100 sells maker_filled taker_filled"
ABOVE, BELOW = sell(110, 5, 1), stop(SELL, 5, FALL, 90)


def open_oto(engine: Market, pending: bytes) -> None:
    """Let account 1 buy 5 lots at 100, and then what is pending: list 2."""
    engine.play((oto(buy(100, 5), pending), *OTO_ACCEPTED))


def open_otoco(engine: Market, first: bytes = ABOVE, second: bytes = BELOW) -> None:
    """Let account 1 buy 5 lots at 100, then two orders: list 2."""
    engine.play((otoco(buy(100, 5), first, second), *OTOCO_ACCEPTED))


def fill(engine: Market) -> list[str]:
    """Let account 3 fill the working order; return what is said behind the trade."""
    answer, trade, *others = engine.send(sell(100, 5, 3))
    assert answer.startswith("accepted")
    assert trade == FILL
    return others


def test_the_last_lot_releases_what_is_pending(engine: Market) -> None:
    """Its quantity is its own, and until then nobody meets it."""
    open_oto(engine, sell(110, 7, 1))
    engine.play(
        (sell(100, 4, 3), "accepted #3", "traded #1 4@100 sells taker_filled"),
        (buy(110, 9, 2, time_in_force=IOC), "accepted #4", "cancelled #4 9 immediate_or_cancel"),
        (
            sell(100, 1, 3),
            "accepted #5",
            "traded #1 1@100 sells maker_filled taker_filled",
            "entered #2 7",
        ),
        (
            buy(110, 1, 2),
            "accepted #6",
            "traded #2 1@110 taker_filled",
            "list_changed #2 done",
        ),
        (cancel(2), "cancelled #2 6 requested"),
    )


def test_a_pair_enters_in_one_turn(engine: Market) -> None:
    open_otoco(engine)
    assert fill(engine) == ["entered #2 5", "entered #3 5"]
    engine.play(
        (
            buy(110, 2, 2),
            "accepted #5",
            "traded #2 2@110 taker_filled",
            "cancelled #3 5 sibling",
            "list_changed #2 done",
        ),
    )


def test_a_pair_goes_on_as_an_oco(engine: Market) -> None:
    open_otoco(engine)
    fill(engine)
    engine.play(
        (buy(90, 1, 2), "accepted #5"),
        (
            sell(90, 1, 3),
            "accepted #6",
            "traded #5 1@90 sells maker_filled taker_filled",
            "triggered #3 @90",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
            "cancelled #3 5 no_liquidity",
        ),
    )


def test_a_working_taker_releases_on_entry(engine: Market) -> None:
    engine.send(sell(99, 5, 3))
    engine.play(
        (
            oto(buy(100, 5), sell(110, 5, 1)),
            "accepted #2",
            "accepted #3",
            "list_changed #3 executing",
            "pass #2",
            "traded #1 5@99 maker_filled taker_filled",
            "entered #3 5",
        ),
    )


def test_what_is_released_may_trade_at_once(engine: Market) -> None:
    """All in the command of the fill: the pass of each is announced."""
    engine.send(buy(110, 2, 2))
    open_sell = oto(sell(120, 5, 1), sell(110, 3, 1))
    engine.play(
        (open_sell, "accepted #2", "accepted #3", "list_changed #3 executing"),
        (
            buy(120, 5, 2),
            "accepted #4",
            "traded #2 5@120 maker_filled taker_filled",
            "entered #3 3",
            "pass #3",
            "traded #1 2@110 sells maker_filled",
            "list_changed #3 done",
        ),
    )


@pytest.mark.parametrize(
    ("pending", "events"),
    [
        (
            market(SELL, 5),
            [
                "entered #2 5",
                "pass #2",
                "traded #3 2@95 sells maker_filled",
                "list_changed #2 done",
                "cancelled #2 3 no_liquidity",
            ],
        ),
        (
            market(SELL, 5, price=96),
            ["entered #2 5", "cancelled #2 5 no_liquidity", "list_changed #2 ended"],
        ),
        (
            market(SELL, 5, time_in_force=FOK),
            ["entered #2 5", "cancelled #2 5 fill_or_kill", "list_changed #2 ended"],
        ),
        (
            market(SELL, 2, time_in_force=FOK),
            [
                "entered #2 2",
                "pass #2",
                "traded #3 2@95 sells maker_filled taker_filled",
                "list_changed #2 done",
            ],
        ),
        (
            sell(96, 5, 1, time_in_force=IOC),
            ["entered #2 5", "cancelled #2 5 immediate_or_cancel", "list_changed #2 ended"],
        ),
        (
            sell(95, 5, 1, time_in_force=IOC),
            [
                "entered #2 5",
                "pass #2",
                "traded #3 2@95 sells maker_filled",
                "list_changed #2 done",
                "cancelled #2 3 immediate_or_cancel",
            ],
        ),
        (
            sell(95, 5, 1, time_in_force=FOK),
            ["entered #2 5", "cancelled #2 5 fill_or_kill", "list_changed #2 ended"],
        ),
        (sell(96, 5, 1, post_only=True), ["entered #2 5"]),
        (
            sell(95, 5, 1, post_only=True),
            ["cancelled #2 5 refused would_take", "list_changed #2 ended"],
        ),
        (stop(SELL, 5, FALL, 99), ["entered #2 5"]),
        (
            stop(SELL, 5, FALL, 100),
            ["cancelled #2 5 refused would_trigger", "list_changed #2 ended"],
        ),
        (stop(SELL, 5, FALL, 1, stop_unit=TRAIL_TICKS), ["entered #2 5"]),
        (
            stop(SELL, 5, FALL, 1, stop_unit=TRAIL_PPM),
            ["cancelled #2 5 refused would_trigger", "list_changed #2 ended"],
        ),
        (
            stop(SELL, 5, FALL, 100, stop_unit=TRAIL_TICKS),
            ["cancelled #2 5 refused price_below_minimum", "list_changed #2 ended"],
        ),
        (
            stop(SELL, 5, FALL, 100, stop_unit=TRAIL_TICKS, price=90),
            ["cancelled #2 5 refused price_below_minimum", "list_changed #2 ended"],
        ),
    ],
)
def test_how_it_enters(engine: Market, pending: bytes, events: list[str]) -> None:
    open_oto(engine, pending)
    engine.send(buy(95, 2, 2))
    assert fill(engine) == events


@pytest.mark.parametrize(
    ("first", "second", "events"),
    [
        # Each check of both, then the next check.
        (
            sell(95, 5, 1, post_only=True),
            BELOW,
            ["cancelled #2 5 refused would_take", "cancelled #3 5 list_ended"],
        ),
        (
            ABOVE,
            stop(SELL, 5, FALL, 100),
            ["cancelled #3 5 refused would_trigger", "cancelled #2 5 list_ended"],
        ),
        (
            sell(95, 5, 1, post_only=True),
            stop(SELL, 5, FALL, 100, stop_unit=TRAIL_TICKS),
            ["cancelled #3 5 refused price_below_minimum", "cancelled #2 5 list_ended"],
        ),
        # The first is cancelled by its list before the second has entered.
        (
            sell(110, 5, 1, time_in_force=IOC),
            BELOW,
            [
                "entered #2 5",
                "entered #3 5",
                "cancelled #2 5 immediate_or_cancel",
                "cancelled #3 5 list_ended",
            ],
        ),
    ],
)
def test_a_pair_of_which_one_ends_on_entry(
    engine: Market, first: bytes, second: bytes, events: list[str]
) -> None:
    open_otoco(engine, first, second)
    engine.send(buy(95, 2, 2))
    assert fill(engine) == [*events, "list_changed #2 ended"]


@pytest.mark.parametrize("stop_first", [False, True])
def test_a_pair_of_which_one_trades_on_entry(engine: Market, stop_first: bool) -> None:
    limit, falling = sell(95, 5, 1), stop(SELL, 5, FALL, 90)
    open_otoco(engine, *((falling, limit) if stop_first else (limit, falling)))
    engine.send(buy(95, 2, 2))
    trades, other = (3, 2) if stop_first else (2, 3)
    assert fill(engine) == [
        "entered #2 5",
        "entered #3 5",
        f"pass #{trades}",
        "traded #4 2@95 sells maker_filled",
        f"cancelled #{other} 5 sibling",
        "list_changed #2 done",
    ]


def test_it_stands_behind_those_who_came_before_it_entered(engine: Market) -> None:
    open_oto(engine, sell(110, 5, 1))
    engine.send(sell(110, 1, 3))
    fill(engine)
    engine.send(sell(110, 1, 3))
    engine.play(
        (
            buy(110, 7, 2),
            "accepted #6",
            "traded #3 1@110 maker_filled",
            "traded #2 5@110 maker_filled",
            "list_changed #2 done",
            "traded #5 1@110 maker_filled taker_filled",
        ),
    )


def test_what_was_kept_from_trading_does_not_hold_up_the_release(engine: Market) -> None:
    """The last open lot must trade; lots that were prevented before are no longer open."""
    open_oto(engine, sell(110, 5, 1))
    engine.play(
        (
            sell(100, 4, 1, self_trade=SelfTrade.DECREMENT),
            "accepted #3",
            "prevented #1 4",
            "cancelled #3 0 self_trade",
        ),
        (
            sell(100, 1, 3),
            "accepted #4",
            "traded #1 1@100 sells maker_filled taker_filled",
            "entered #2 5",
        ),
    )


@pytest.mark.parametrize(
    ("working", "events"),
    [
        (
            buy(100, 5, time_in_force=IOC),
            ["pass #2", "traded #1 3@99 maker_filled", "cancelled #2 2 immediate_or_cancel"],
        ),
        (buy(100, 5, time_in_force=FOK), ["cancelled #2 5 fill_or_kill"]),
        (buy(98, 5, time_in_force=IOC), ["cancelled #2 5 immediate_or_cancel"]),
    ],
)
def test_a_working_order_that_does_not_rest_must_be_filled(
    engine: Market, working: bytes, events: list[str]
) -> None:
    engine.send(sell(99, 3, 3))
    said = engine.send(oto(working, sell(110, 5, 1)))
    head = ["accepted #2", "accepted #3", "list_changed #3 executing"]
    assert said == [*head, *events, "cancelled #3 5 list_ended", "list_changed #3 ended"]


@pytest.mark.parametrize("time_in_force", [IOC, FOK])
def test_a_working_order_filled_at_once_releases(engine: Market, time_in_force: int) -> None:
    engine.send(sell(99, 5, 3))
    said = engine.send(oto(buy(100, 5, time_in_force=time_in_force), sell(110, 5, 1)))
    assert said[3:] == [
        "pass #2",
        "traded #1 5@99 maker_filled taker_filled",
        "entered #3 5",
    ]


def test_filters_that_were_passed_are_not_looked_at_again(engine: Market) -> None:
    open_otoco(engine)
    engine.send(update_instrument(1, price_max=105, notional_max=510))
    assert fill(engine) == ["entered #2 5", "entered #3 5"]


@pytest.mark.parametrize(
    ("limits", "reference", "pending", "refused"),
    [
        ({"notional_min": 450}, 0, market(SELL, 5), ""),
        ({"notional_min": 450}, 0, market(SELL, 4), "notional_below_minimum"),
        ({"notional_min": 450}, 80, market(SELL, 5), "notional_below_minimum"),
        ({"notional_max": 500}, 101, market(SELL, 5), "notional_above_maximum"),
        (
            {"notional_max": 500},
            0,
            stop(BUY, 5, RISE, 1, stop_unit=TRAIL_TICKS),
            "notional_above_maximum",
        ),
        ({"notional_max": 500}, 0, stop(BUY, 5, RISE, 1, stop_unit=TRAIL_TICKS, price=100), ""),
        (
            {"band_ppm": 50_000},
            0,
            stop(BUY, 5, RISE, 6, stop_unit=TRAIL_TICKS, price=105),
            "price_above_band",
        ),
        (
            {"price_max": 105},
            0,
            stop(BUY, 5, RISE, 6, stop_unit=TRAIL_TICKS),
            "price_above_maximum",
        ),
    ],
)
def test_filters_that_need_a_price_are_looked_at_on_entry(
    open_market: Opener, limits: dict[str, int], reference: int, pending: bytes, refused: str
) -> None:
    engine = open_market(instrument(1, **limits))
    open_oto(engine, pending)
    engine.send(set_reference(reference))
    answer = fill(engine)[0]
    assert answer.endswith(f"refused {refused}") if refused else answer.startswith("entered")


def test_a_trailing_stop_follows_from_its_entry_on(engine: Market) -> None:
    """What traded while it was pending is nothing to it."""
    open_oto(engine, stop(SELL, 5, FALL, 10, stop_unit=TRAIL_TICKS))
    engine.send(sell(150, 1, 3), buy(150, 1, 2))
    assert fill(engine) == ["entered #2 5"]
    engine.send(buy(104, 1, 2), sell(104, 1, 3), buy(95, 1, 2), sell(95, 1, 3))
    engine.play(
        (buy(94, 1, 2), "accepted #10"),
        (
            sell(94, 1, 3),
            "accepted #11",
            "traded #10 1@94 sells maker_filled taker_filled",
            "triggered #2 @94",
            "list_changed #2 done",
            "cancelled #2 5 no_liquidity",
        ),
    )


def test_a_stop_takes_its_band_on_entry(open_market: Opener) -> None:
    """Not from the time of the list, nor from later: it sells at 81 or better."""
    engine = open_market(instrument(1, market_band_ppm=500_000))
    open_oto(engine, stop(SELL, 5, FALL, 90))
    engine.send(update_instrument(1, market_band_ppm=100_000))
    fill(engine)
    engine.send(update_instrument(1, market_band_ppm=0), buy(90, 1, 2), buy(80, 9, 2))
    engine.play(
        (
            sell(90, 1, 3),
            "accepted #6",
            "traded #4 1@90 sells maker_filled taker_filled",
            "triggered #2 @90",
            "list_changed #2 done",
            "cancelled #2 5 no_liquidity",
        ),
    )


def test_it_meets_its_own_group_when_it_enters(engine: Market) -> None:
    open_oto(engine, sell(95, 5, 1, self_trade=SelfTrade.CANCEL_TAKER))
    engine.send(buy(96, 2, 1))
    assert fill(engine) == [
        "entered #2 5",
        "cancelled #2 5 self_trade",
        "list_changed #2 ended",
    ]


def test_an_iceberg_and_a_buy_may_be_pending(engine: Market) -> None:
    """What waits for a sell may buy, and shows no more than it says."""
    engine.play(
        (oto(sell(100, 5, 1), buy(90, 5, 1, display=2)), *OTO_ACCEPTED),
        (
            buy(100, 5, 2),
            "accepted #3",
            "traded #1 5@100 maker_filled taker_filled",
            "entered #2 5",
        ),
        (
            sell(90, 2, 3),
            "accepted #4",
            "traded #2 2@90 sells taker_filled",
            "list_changed #2 done",
            "slice_shown #2 2",
        ),
    )
    assert [tuple(level) for level in engine.levels(BUY)] == [(90, 2, 1)]


def test_pending_orders_lock_the_increments(engine: Market) -> None:
    open_oto(engine, sell(110, 5, 1))
    engine.play(
        (update_instrument(1, tick=2), "rejected increments_locked"),
        (
            cancel_list(2),
            "cancelled #1 5 requested",
            "cancelled #2 5 requested",
            "list_changed #2 ended",
        ),
        (update_instrument(1, tick=2), "accepted"),
    )


def test_a_list_without_a_working_order_is_cancelled_by_what_is_open(engine: Market) -> None:
    open_otoco(engine)
    fill(engine)
    engine.play(
        (
            cancel_list(2),
            "cancelled #2 5 requested",
            "cancelled #3 5 requested",
            "list_changed #2 ended",
        ),
    )
