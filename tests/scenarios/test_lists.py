"""Lists at work: how each leg ends, what that does to the others, and in which order it is said.

Method: every event written out; account 1 has the lists, accounts 2 and 3 trade with it.
"""

from typing import Any

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    CONTINUOUS,
    DAY,
    FALL,
    FOK,
    GTC,
    GTD,
    IOC,
    RISE,
    SELL,
    TRAIL_PPM,
    advance_time,
    buy,
    cancel,
    cancel_list,
    end_session,
    mass_cancel,
    oco,
    otoco,
    replace,
    sell,
    set_account,
    set_state,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market

ENDED_OCO = ("cancelled #2 5 list_ended", "list_changed #2 ended")


def open_oco(engine: Market, time_in_force: int = GTC) -> None:
    """Let account 1 sell 5 lots at 110, or at 90 when the market falls there: list 2."""
    limit = sell(110, 5, 1, time_in_force=time_in_force)
    legs = (limit, stop(SELL, 5, FALL, 90, time_in_force=time_in_force))
    engine.play((oco(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"))


def open_otoco(engine: Market) -> None:
    """Let account 1 buy 5 lots at 100, then sell them at 110 or, falling, at 90: list 2."""
    legs = (buy(100, 5), sell(110, 5, 1), stop(SELL, 5, FALL, 90, price=80))
    engine.play(
        (otoco(*legs), "accepted #1", "accepted #2", "accepted #3", "list_changed #2 executing")
    )


def test_one_lot_traded_cancels_the_other(engine: Market) -> None:
    open_oco(engine)
    engine.play(
        (
            buy(110, 2, 2),
            "accepted #3",
            "traded #1 2@110 taker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
        ),
        (buy(110, 1, 2), "accepted #4", "traded #1 1@110 taker_filled"),
        # What is left is an order as any other.
        (cancel_list(2), "rejected unknown_list"),
        (replace(1, 111, 4), "replaced #1"),
        (cancel(1), "cancelled #1 1 requested"),
    )


def test_a_leg_filled_at_once_cancels_the_other(engine: Market) -> None:
    open_oco(engine)
    engine.play(
        (
            buy(110, 7, 2),
            "accepted #3",
            "traded #1 5@110 maker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
        ),
    )


def test_what_is_triggered_cancels_the_other(engine: Market) -> None:
    """The cancel comes at once, before the stop's turn in the queue."""
    open_oco(engine)
    engine.play(
        (buy(90, 3, 2), "accepted #3"),
        (
            sell(90, 1, 3),
            "accepted #4",
            "traded #3 1@90 sells taker_filled",
            "triggered #2 @90",
            "cancelled #1 5 sibling",
            "list_changed #2 done",
            "pass #2",
            "traded #3 2@90 sells maker_filled",
            "cancelled #2 3 no_liquidity",
        ),
        (cancel_list(2), "rejected unknown_list"),
    )


def test_a_triggered_leg_in_the_queue_has_no_list(engine: Market) -> None:
    legs = (sell(110, 5, 1), stop(SELL, 5, FALL, 90, price=85))
    engine.play((oco(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"))
    engine.send(buy(90, 1, 2), set_state(CANCEL_ONLY), set_state(CONTINUOUS))
    engine.play(
        (
            sell(90, 1, 3),
            "accepted #4",
            "traded #3 1@90 sells maker_filled taker_filled",
            "triggered #2 @90",
            "cancelled #1 5 sibling",
            "list_changed #2 done",
        ),
        (replace(2, 86, 5), "replaced #2"),
        (cancel(2), "cancelled #2 5 requested"),
    )


def test_a_leg_that_triggers_in_its_own_pass_is_said_behind_it(engine: Market) -> None:
    """Stops are tested when the pass is over: the limit leg of another list trades first."""
    open_oco(engine)
    legs = (stop(BUY, 2, RISE, 110, 3, price=112), buy(80, 2, 3))
    engine.play(
        (oco(*legs, account=3), "accepted #3", "accepted #4", "list_changed #3 executing"),
        (
            buy(110, 2, 2),
            "accepted #5",
            "traded #1 2@110 taker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
            "triggered #3 @110",
            "cancelled #4 2 sibling",
            "list_changed #3 done",
            "pass #3",
            "traded #1 2@110 taker_filled",
        ),
    )


def test_two_stops_of_one_list_are_not_both_met(engine: Market) -> None:
    """One trade meets both where the rising one trails to it: the falling one is cancelled."""
    engine.send(sell(100, 1), buy(100, 1, 3))
    rising = stop(BUY, 5, RISE, 10_000, stop_unit=TRAIL_PPM)
    falling = stop(BUY, 5, FALL, 60, price=70)
    engine.play(
        (oco(falling, rising), "accepted #3", "accepted #4", "list_changed #4 executing"),
        (sell(50, 1), "accepted #5"),
        (
            buy(50, 1, 3),
            "accepted #6",
            "traded #5 1@50 maker_filled taker_filled",
            "triggered #4 @50",
            "cancelled #3 5 sibling",
            "list_changed #4 done",
            "cancelled #4 5 no_liquidity",
        ),
    )


@pytest.mark.parametrize(
    ("record", "events"),
    [
        (cancel(1), ("cancelled #1 5 requested", *ENDED_OCO)),
        (
            cancel(2),
            ("cancelled #2 5 requested", "cancelled #1 5 list_ended", "list_changed #2 ended"),
        ),
        (
            cancel_list(2),
            ("cancelled #1 5 requested", "cancelled #2 5 requested", "list_changed #2 ended"),
        ),
        (mass_cancel(account=1), ("accepted", "cancelled #1 5 mass_cancel", *ENDED_OCO)),
        (end_session(), ("accepted", "expired #1 5", *ENDED_OCO)),
        (
            buy(110, 5, 1, self_trade=SelfTrade.CANCEL_MAKER, time_in_force=IOC),
            (
                "accepted #3",
                "cancelled #1 5 self_trade",
                *ENDED_OCO,
                "cancelled #3 5 immediate_or_cancel",
            ),
        ),
        (
            buy(110, 5, 1, self_trade=SelfTrade.CANCEL_BOTH),
            (
                "accepted #3",
                "cancelled #1 5 self_trade",
                *ENDED_OCO,
                "cancelled #3 5 self_trade",
            ),
        ),
        (
            buy(110, 5, 1, self_trade=SelfTrade.DECREMENT),
            (
                "accepted #3",
                "prevented #1 5",
                "cancelled #1 0 self_trade",
                *ENDED_OCO,
                "cancelled #3 0 self_trade",
            ),
        ),
        (
            buy(110, 5, 1, self_trade=SelfTrade.NONE),
            (
                "accepted #3",
                "traded #1 5@110 maker_filled taker_filled",
                "cancelled #2 5 sibling",
                "list_changed #2 done",
            ),
        ),
        (buy(110, 5, 1), ("accepted #3", "cancelled #3 5 self_trade")),
    ],
)
def test_how_a_leg_ends(engine: Market, record: bytes, events: tuple[str, ...]) -> None:
    open_oco(engine, time_in_force=DAY)
    engine.play((record, *events))


def test_lots_kept_from_trading_are_no_trade(engine: Market) -> None:
    """The sibling keeps its own, and the list goes on."""
    open_oco(engine)
    engine.play(
        (
            buy(110, 3, 1, self_trade=SelfTrade.DECREMENT),
            "accepted #3",
            "prevented #1 3",
            "cancelled #3 0 self_trade",
        ),
        (
            buy(110, 1, 2),
            "accepted #4",
            "traded #1 1@110 taker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
        ),
    )


def test_a_leg_that_expires_ends_the_list(engine: Market) -> None:
    legs = (
        sell(110, 5, 1, time_in_force=GTD, expire_ns=10),
        stop(SELL, 5, FALL, 90, time_in_force=GTD, expire_ns=9),
    )
    engine.play(
        (oco(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (
            advance_time(9),
            "expired #2 5",
            "cancelled #1 5 list_ended",
            "list_changed #2 ended",
            "accepted",
        ),
    )


def test_a_due_sibling_is_cancelled_like_any(open_market: Opener) -> None:
    """Both are due; only the first is expired, and takes one unit of work."""
    engine = open_market(work_max=2)
    both: dict[str, Any] = {"time_in_force": GTD, "expire_ns": 9}
    engine.play(
        (
            oco(sell(110, 5, 1, **both), stop(SELL, 5, FALL, 90, **both)),
            "accepted #1",
            "accepted #2",
            "list_changed #2 executing",
        ),
        (buy(50, 1, 2, time_in_force=GTD, expire_ns=9), "accepted #3"),
        (buy(50, 1, 2, time_in_force=GTD, expire_ns=9), "accepted #4"),
        (advance_time(9), "expired #1 5", *ENDED_OCO, "expired #3 1", "accepted"),
        (advance_time(9), "expired #4 1", "accepted"),
    )


def test_a_due_leg_that_a_trade_meets_ends_the_list(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    late: dict[str, Any] = {"time_in_force": GTD, "expire_ns": 9}
    engine.play(
        (buy(50, 1, 2, **late), "accepted #1"),
        (
            oco(sell(110, 5, 1, **late), stop(SELL, 5, FALL, 90)),
            "accepted #2",
            "accepted #3",
            "list_changed #3 executing",
        ),
        (
            buy(110, 1, 2, time_ns=9),
            "expired #1 1",
            "accepted #4",
            "expired #2 5",
            "cancelled #3 5 list_ended",
            "list_changed #3 ended",
        ),
    )


def test_a_due_stop_that_is_met_ends_the_list(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    late: dict[str, Any] = {"time_in_force": GTD, "expire_ns": 9}
    engine.play(
        (buy(50, 1, 2, **late), "accepted #1"),
        (
            oco(sell(110, 5, 1), stop(SELL, 5, FALL, 90, **late)),
            "accepted #2",
            "accepted #3",
            "list_changed #3 executing",
        ),
        (buy(90, 1, 2), "accepted #4"),
        (
            sell(90, 1, 3, time_ns=9),
            "expired #1 1",
            "accepted #5",
            "traded #4 1@90 sells maker_filled taker_filled",
            "expired #3 5",
            "cancelled #2 5 list_ended",
            "list_changed #3 ended",
        ),
    )


def test_an_iceberg_leg_shows_its_slice_behind_the_list(engine: Market) -> None:
    legs = (sell(110, 5, 1, display=2), stop(SELL, 5, FALL, 90))
    engine.play(
        (oco(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (
            buy(110, 2, 2),
            "accepted #3",
            "traded #1 2@110 taker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
            "slice_shown #1 2",
        ),
    )


def test_a_trade_between_two_lists_says_the_makers_first(engine: Market) -> None:
    open_oco(engine)
    legs = (buy(110, 5, 2), stop(BUY, 5, RISE, 130, 2))
    engine.play(
        (
            oco(*legs, account=2),
            "accepted #3",
            "accepted #4",
            "list_changed #3 executing",
            "pass #3",
            "traded #1 5@110 maker_filled taker_filled",
            "cancelled #2 5 sibling",
            "list_changed #2 done",
            "cancelled #4 5 sibling",
            "list_changed #3 done",
        ),
    )


def test_legs_are_accepted_before_any_trades(engine: Market) -> None:
    """The stop, which stands first, waits; the limit trades and cancels it."""
    engine.send(buy(111, 2, 2), buy(110, 2, 2))
    legs = (stop(SELL, 5, FALL, 90), sell(110, 5, 1))
    engine.play(
        (
            oco(*legs),
            "accepted #3",
            "accepted #4",
            "list_changed #4 executing",
            "pass #4",
            "traded #1 2@111 sells maker_filled",
            "cancelled #3 5 sibling",
            "list_changed #4 done",
            "traded #2 2@110 sells maker_filled",
        ),
        (cancel(4), "cancelled #4 1 requested"),
    )


def test_a_leg_whose_list_is_over_does_not_enter(engine: Market) -> None:
    engine.send(buy(110, 2, 2))
    engine.play(
        (
            oco(sell(110, 5, 1), stop(SELL, 5, FALL, 90)),
            "accepted #2",
            "accepted #3",
            "list_changed #3 executing",
            "pass #2",
            "traded #1 2@110 sells maker_filled",
            "cancelled #3 5 sibling",
            "list_changed #3 done",
        ),
        (
            oco(sell(120, 5, 1, time_in_force=IOC), stop(SELL, 5, FALL, 90)),
            "accepted #4",
            "accepted #5",
            "list_changed #4 executing",
            "cancelled #4 5 immediate_or_cancel",
            "cancelled #5 5 list_ended",
            "list_changed #4 ended",
        ),
    )


@pytest.mark.parametrize(
    ("lots", "events"),
    [
        (
            5,
            (
                "pass #2",
                "traded #1 5@110 sells maker_filled taker_filled",
                "cancelled #3 5 sibling",
                "list_changed #3 done",
            ),
        ),
        (
            4,
            (
                "cancelled #2 5 fill_or_kill",
                "cancelled #3 5 list_ended",
                "list_changed #3 ended",
            ),
        ),
    ],
)
def test_a_leg_may_be_fill_or_kill(engine: Market, lots: int, events: tuple[str, ...]) -> None:
    engine.send(buy(110, lots, 2))
    said = engine.send(oco(sell(110, 5, 1, time_in_force=FOK), stop(SELL, 5, FALL, 90)))
    assert said == ["accepted #2", "accepted #3", "list_changed #3 executing", *events]


@pytest.mark.parametrize(
    ("mode", "events"),
    [
        (
            SelfTrade.CANCEL_TAKER,
            ("cancelled #2 5 self_trade", "cancelled #3 5 list_ended", "list_changed #3 ended"),
        ),
        (
            SelfTrade.CANCEL_BOTH,
            (
                "cancelled #1 2 self_trade",
                "cancelled #2 5 self_trade",
                "cancelled #3 5 list_ended",
                "list_changed #3 ended",
            ),
        ),
        (SelfTrade.CANCEL_MAKER, ("cancelled #1 2 self_trade",)),
        (
            SelfTrade.DECREMENT,
            ("pass #2", "prevented #1 2", "cancelled #1 0 self_trade"),
        ),
        (
            SelfTrade.NONE,
            (
                "pass #2",
                "traded #1 2@110 sells maker_filled",
                "cancelled #3 5 sibling",
                "list_changed #3 done",
            ),
        ),
    ],
)
def test_a_leg_meets_its_own_group_on_entry(
    engine: Market, mode: SelfTrade, events: tuple[str, ...]
) -> None:
    engine.send(buy(110, 2, 1))
    said = engine.send(oco(sell(110, 5, 1, self_trade=mode), stop(SELL, 5, FALL, 90)))
    assert said == ["accepted #2", "accepted #3", "list_changed #3 executing", *events]


def test_the_stamps_of_a_list_are_those_of_its_entry(engine: Market) -> None:
    """A pending order has the group that its account had when the list came."""
    open_otoco(engine)
    engine.play(
        (set_account(1, 2), "accepted"),
        (
            sell(100, 5, 3),
            "accepted #4",
            "traded #1 5@100 sells maker_filled taker_filled",
            "entered #2 5",
            "entered #3 5",
        ),
        (
            buy(110, 1, 2),
            "accepted #5",
            "traded #2 1@110 taker_filled",
            "cancelled #3 5 sibling",
            "list_changed #2 done",
        ),
    )
