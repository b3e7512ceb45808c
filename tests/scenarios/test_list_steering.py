"""Lists and the commands that touch many orders, a state or a list: what they cancel and refuse.

Method: every event written out; account 1 has the lists, accounts 2 and 3 trade with it.
"""

from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    DAY,
    FALL,
    HALTED,
    SELL,
    buy,
    cancel_list,
    end_session,
    instrument,
    market,
    mass_cancel,
    oco,
    oto,
    replace,
    sell,
    set_state,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market
from tests.scenarios.test_lists import ENDED_OCO, open_oco, open_otoco


def test_mass_cancels_pass_over_what_a_list_has_ended(open_market: Opener) -> None:
    engine = open_market(mass_max=2)
    open_oco(engine)
    engine.play(
        (buy(50, 1), "accepted #3"),
        (mass_cancel(account=1), "accepted more", "cancelled #1 5 mass_cancel", *ENDED_OCO),
        (mass_cancel(account=1), "accepted", "cancelled #3 1 mass_cancel"),
    )


def test_a_mass_cancel_of_one_side_ends_lists_with_both(engine: Market) -> None:
    open_otoco(engine)
    engine.play(
        (
            mass_cancel(side=SELL),
            "accepted",
            "cancelled #2 5 mass_cancel",
            "cancelled #1 5 list_ended",
            "cancelled #3 5 list_ended",
            "list_changed #2 ended",
        ),
    )


def test_the_end_of_a_session_ends_lists_with_one_day_leg(engine: Market) -> None:
    legs = (buy(100, 5), sell(110, 5, 1, time_in_force=DAY))
    engine.play(
        (oto(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (
            end_session(),
            "accepted",
            "expired #2 5",
            "cancelled #1 5 list_ended",
            "list_changed #2 ended",
        ),
    )


def test_states_and_lists(engine: Market) -> None:
    open_oco(engine)
    engine.play(
        (set_state(HALTED), "accepted", "state_changed halted"),
        (cancel_list(2), "rejected instrument_halted"),
        (cancel_list(2, instrument=1), "rejected instrument_halted"),
        (mass_cancel(), "accepted"),
        (set_state(CANCEL_ONLY), "accepted", "state_changed cancel_only"),
        (
            cancel_list(2),
            "cancelled #1 5 requested",
            "cancelled #2 5 requested",
            "list_changed #2 ended",
        ),
    )


def test_cancel_list_names_one_that_is_executing(open_market: Opener) -> None:
    engine = open_market(instrument(1), instrument(2, limits_number=2, symbol="ETHUSDT"))
    legs = (sell(110, 5, 1), stop(SELL, 5, FALL, 90))
    engine.play(
        (oco(*legs), "accepted #1", "accepted #2", "list_changed #3 executing"),
        (cancel_list(9), "rejected unknown_list"),
        (cancel_list(3, account=2), "rejected unknown_list"),
        (cancel_list(3, instrument=2), "rejected unknown_list"),
        (cancel_list(3, instrument=3), "rejected unknown_instrument"),
        (cancel_list(0), "rejected invalid_order_id"),
        (cancel_list(3, account=0), "rejected invalid_account"),
        (cancel_list(1), "rejected unknown_list"),
        (
            cancel_list(3, instrument=1, request_id=4),
            "cancelled #1 5 requested",
            "cancelled #2 5 requested",
            "list_changed #3 ended",
        ),
        (cancel_list(3, instrument=1, request_id=4), "duplicate_request accepted #0 of 11"),
        (cancel_list(3, request_id=5), "rejected unknown_list"),
        (cancel_list(3, request_id=5), "duplicate_request unknown_list #0 of 13"),
    )


def test_cancel_list_works_the_queue_of_its_instrument(open_market: Opener) -> None:
    """Before its own work: what it then finds is what is left."""
    engine = open_market(work_max=1)
    engine.send(buy(90, 1, 2), stop(SELL, 1, FALL, 95, 2), stop(SELL, 1, FALL, 95, 2))
    open_later = oco(sell(110, 5, 1), stop(SELL, 5, FALL, 80))
    engine.play(
        (open_later, "accepted #4", "accepted #5", "list_changed #5 executing"),
        (
            sell(90, 1, 3),
            "accepted #6",
            "traded #1 1@90 sells maker_filled taker_filled",
            "triggered #2 @90",
            "triggered #3 @90",
            "cancelled #2 1 no_liquidity",
        ),
        (
            cancel_list(5),
            "cancelled #3 1 no_liquidity",
            "cancelled #4 5 requested",
            "cancelled #5 5 requested",
            "list_changed #5 ended",
        ),
        (market(BUY, 1, 2), "accepted #7", "cancelled #7 1 no_liquidity"),
    )


def test_legs_cannot_be_replaced(engine: Market) -> None:
    """Whatever the replace says: this is looked at before the numbers."""
    open_otoco(engine)
    for order_id in (1, 2, 3):
        engine.play(
            (replace(order_id, 100, 5), f"rejected list_member #{order_id}"),
            (replace(order_id, 0, 1, stop=1), f"rejected list_member #{order_id}"),
            (replace(order_id, 100, 0), f"rejected invalid_quantity #{order_id}"),
        )
