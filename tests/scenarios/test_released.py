"""Released orders in the queue: their order, their turn, its unit of work, and what comes before.

Method: every event written out; account 1 has the lists, accounts 2 and 3 trade with it.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    CONTINUOUS,
    DAY,
    FALL,
    GTD,
    RISE,
    SELL,
    advance_time,
    buy,
    cancel,
    cancel_list,
    end_session,
    mass_cancel,
    oto,
    otoco,
    sell,
    set_state,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market
from tests.scenarios.test_pending import ABOVE, BELOW, OTO_ACCEPTED, open_oto, open_otoco


def test_releases_join_the_queue_by_fills_and_before_stops(engine: Market) -> None:
    """The maker's before the taker's of one trade; a stop that the pass meets stands behind."""
    engine.send(
        oto(sell(101, 1, 2), sell(120, 3, 2), account=2),
        oto(sell(100, 1, 3), sell(120, 4, 3), account=3),
        stop(BUY, 9, RISE, 100, 4, price=125),
    )
    engine.play(
        (
            oto(buy(101, 2), sell(120, 5, 1)),
            "accepted #6",
            "accepted #7",
            "list_changed #5 executing",
            "pass #6",
            "traded #3 1@100 maker_filled",
            "traded #1 1@101 maker_filled taker_filled",
            "triggered #5 @100",
            "entered #4 4",
            "entered #2 3",
            "entered #7 5",
            "pass #5",
            "traded #4 4@120 maker_filled",
            "list_changed #3 done",
            "traded #2 3@120 maker_filled",
            "list_changed #2 done",
            "traded #7 2@120 taker_filled",
            "list_changed #5 done",
        ),
    )


def test_what_enters_may_release_others(engine: Market) -> None:
    """They join the back of the same queue."""
    engine.play(
        (oto(buy(100, 5), sell(105, 5, 1)), *OTO_ACCEPTED),
        (
            oto(buy(105, 5, 2), sell(107, 5, 2), account=2),
            "accepted #3",
            "accepted #4",
            "list_changed #3 executing",
        ),
        (
            sell(100, 10, 3),
            "accepted #5",
            "traded #3 5@105 sells maker_filled",
            "traded #1 5@100 sells maker_filled taker_filled",
            "entered #4 5",
            "entered #2 5",
        ),
        (
            oto(buy(105, 5, 3), buy(107, 5, 3), account=3),
            "accepted #6",
            "accepted #7",
            "list_changed #5 executing",
            "pass #6",
            "traded #2 5@105 maker_filled taker_filled",
            "list_changed #2 done",
            "entered #7 5",
            "pass #7",
            "traded #4 5@107 maker_filled taker_filled",
            "list_changed #3 done",
            "list_changed #5 done",
        ),
    )


def test_one_turn_is_one_unit_of_work(open_market: Opener) -> None:
    """A pair's too; who has not had its turn is still pending."""
    engine = open_market(work_max=1)
    open_otoco(engine)
    engine.play(
        (
            oto(buy(100, 5), sell(111, 5, 1)),
            "accepted #4",
            "accepted #5",
            "list_changed #3 executing",
        ),
        (
            sell(100, 10, 3),
            "accepted #6",
            "traded #1 5@100 sells maker_filled",
            "traded #4 5@100 sells maker_filled taker_filled",
            "entered #2 5",
            "entered #3 5",
        ),
        (advance_time(1), "entered #5 5", "accepted"),
    )


def open_queued(open_market: Opener, pending: bytes) -> Market:
    """Return a market that only lets cancel, with #6 of list 4 released, its turn not come."""
    engine = open_market(work_max=1)
    for later in (sell(110, 5, 1), sell(110, 5, 1), pending):
        engine.send(oto(buy(100, 5), later))
    assert engine.send(sell(100, 15, 3))[-1] == "entered #2 5"
    engine.play(
        (set_state(CANCEL_ONLY), "entered #4 5", "accepted", "state_changed cancel_only"),
        (advance_time(1), "accepted"),
    )
    return engine


@pytest.mark.parametrize(
    ("pending", "record", "events"),
    [
        (ABOVE, cancel(6), ["cancelled #6 5 requested", "list_changed #4 ended"]),
        (ABOVE, cancel_list(4), ["cancelled #6 5 requested", "list_changed #4 ended"]),
        (
            sell(110, 5, 1, time_in_force=DAY),
            end_session(),
            ["accepted", "expired #6 5", "list_changed #4 ended"],
        ),
        (
            sell(110, 5, 1, time_in_force=GTD, expire_ns=9),
            advance_time(9),
            ["expired #6 5", "list_changed #4 ended", "accepted"],
        ),
        (
            ABOVE,
            mass_cancel(account=1),
            [
                "accepted",
                "cancelled #2 5 mass_cancel",
                "list_changed #2 ended",
                "cancelled #4 5 mass_cancel",
                "list_changed #3 ended",
                "cancelled #6 5 mass_cancel",
                "list_changed #4 ended",
            ],
        ),
        (ABOVE, set_state(CONTINUOUS), ["accepted", "state_changed continuous", "entered #6 5"]),
    ],
)
def test_what_is_released_waits_for_its_turn(
    open_market: Opener, pending: bytes, record: bytes, events: list[str]
) -> None:
    """In continuous trading only; until then it ends like any open order."""
    engine = open_queued(open_market, pending)
    assert engine.send(record) == events


def test_a_pair_in_the_queue_leaves_it_together(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    for _ in range(2):
        engine.send(otoco(buy(100, 5), ABOVE, BELOW))
    engine.send(otoco(buy(100, 5), ABOVE, stop(SELL, 5, FALL, 95)))
    engine.send(sell(100, 15, 3))
    engine.play(
        (
            cancel(9),
            "entered #5 5",
            "entered #6 5",
            "cancelled #9 5 requested",
            "cancelled #8 5 list_ended",
            "list_changed #4 ended",
        ),
        (advance_time(1), "accepted"),
    )


def test_what_is_due_when_it_is_released_expires(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(buy(50, 1, 2, time_in_force=GTD, expire_ns=9))
    engine.play(
        (
            oto(buy(100, 5), sell(110, 5, 1, time_in_force=GTD, expire_ns=9)),
            "accepted #2",
            "accepted #3",
            "list_changed #3 executing",
        ),
        (
            sell(100, 5, 3, time_ns=9),
            "expired #1 1",
            "accepted #4",
            "traded #2 5@100 sells maker_filled taker_filled",
        ),
        (advance_time(9), "expired #3 5", "list_changed #3 ended", "accepted"),
    )


def test_what_is_due_while_it_is_pending_ends_the_list(engine: Market) -> None:
    open_oto(engine, sell(110, 5, 1, time_in_force=GTD, expire_ns=9))
    engine.play(
        (
            sell(100, 5, 3, time_ns=9),
            "expired #2 5",
            "cancelled #1 5 list_ended",
            "list_changed #2 ended",
            "accepted #3",
        ),
    )


@pytest.mark.parametrize(
    ("record", "events"),
    [
        (cancel(1), ["cancelled #1 5 requested", "cancelled #2 5 list_ended"]),
        (cancel(2), ["cancelled #2 5 requested", "cancelled #1 5 list_ended"]),
        (cancel_list(2), ["cancelled #1 5 requested", "cancelled #2 5 requested"]),
        (
            mass_cancel(account=1),
            ["accepted", "cancelled #1 5 mass_cancel", "cancelled #2 5 list_ended"],
        ),
        (
            sell(100, 9, 1, self_trade=SelfTrade.CANCEL_BOTH),
            [
                "accepted #3",
                "cancelled #1 5 self_trade",
                "cancelled #2 5 list_ended",
                "list_changed #2 ended",
                "cancelled #3 9 self_trade",
            ],
        ),
        (
            sell(100, 5, 1, self_trade=SelfTrade.DECREMENT),
            [
                "accepted #3",
                "prevented #1 5",
                "cancelled #1 0 self_trade",
                "cancelled #2 5 list_ended",
                "list_changed #2 ended",
                "cancelled #3 0 self_trade",
            ],
        ),
    ],
)
def test_how_the_first_stage_ends(engine: Market, record: bytes, events: list[str]) -> None:
    open_oto(engine, sell(110, 5, 1))
    ended = "list_changed #2 ended"
    assert engine.send(record) == (events if ended in events else [*events, ended])


def test_a_working_order_cancelled_after_trades_releases_nothing(engine: Market) -> None:
    open_otoco(engine)
    engine.play(
        (sell(100, 4, 3), "accepted #4", "traded #1 4@100 sells taker_filled"),
        (
            cancel(1),
            "cancelled #1 1 requested",
            "cancelled #2 5 list_ended",
            "cancelled #3 5 list_ended",
            "list_changed #2 ended",
        ),
    )
