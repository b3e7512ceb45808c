"""Identity: order ids, trade ids, update numbers, client order ids and request ids.

Method: what is counted is read from raw records, or from the state that the hash covers.
"""

from outcry.reference.codes import Kind, SelfTrade
from outcry.reference.events import EVENT
from tests.scenarios.commands import (
    BUY,
    GTD,
    HALTED,
    RISE,
    advance_time,
    amount,
    buy,
    cancel,
    instrument,
    mass_cancel,
    replace,
    sell,
    set_account,
    set_reference,
    set_state,
    stop,
    update_instrument,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.market import Market


def test_order_ids_begin_at_the_shard_and_count_what_is_accepted(open_market: Opener) -> None:
    engine = open_market(shard=3)
    first = 3 * 2**44 + 1
    engine.play(
        (buy(1, 0), "rejected invalid_quantity"),
        (buy(1, 1), f"accepted #{first}"),
        (buy(10**7, 1), "rejected price_above_maximum 1000000"),
        (
            sell(1, 1, time_in_force=3),
            f"accepted #{first + 1}",
            f"traded #{first} 1@1 sells maker_filled taker_filled",
        ),
        (
            buy(1, 1, time_in_force=3),
            f"accepted #{first + 2}",
            f"cancelled #{first + 2} 1 fill_or_kill",
        ),
        (buy(1, 1), f"accepted #{first + 3}"),
    )


def test_trade_ids_count_per_instrument(open_market: Opener) -> None:
    engine = open_market(instrument(1), instrument(2, symbol="OTHER"))
    for number in (1, 2, 2):
        engine.send(sell(100, 1, 8, instrument=number), buy(100, 1, 9, instrument=number))

    def next_trade_id(number: int) -> int:
        return int(EVENT.unpack(engine.raw(buy(1, 1, instrument=number)))[6])

    assert next_trade_id(1) == 2
    assert next_trade_id(2) == 3
    assert int(EVENT.unpack(engine.raw(replace(8, 1, 1, instrument=2)))[6]) in {0, 3}


def test_the_update_number_counts_commands_that_touch_what_is_shown(engine: Market) -> None:
    """Once for each command, whatever the net; Market compares the number by the state hash."""
    steps: list[tuple[bytes, int]] = [
        (sell(100, 5, display=2), 1),
        (sell(101, 5, 3), 1),
        (stop(BUY, 1, RISE, 500), 0),
        (set_reference(100), 0),
        (replace(1, 100, 4, account=2), 0),
        (replace(2, 101, 5, account=3), 0),
        (replace(2, 101, 6, account=3), 1),
        (buy(100, 1, 1), 1),
        (buy(99, 1, 1, time_in_force=2), 0),
        (buy(101, 7, 1, time_in_force=3), 1),
        (buy(101, 1, 3, self_trade=SelfTrade.DECREMENT), 1),
        (buy(101, 1, 3), 0),
        (cancel(2, account=3), 1),
        (cancel(3), 0),
        (buy(90, 1, time_in_force=GTD, expire_ns=10), 1),
        (advance_time(10), 1),
    ]
    number = 0
    for record, count in steps:
        assert not engine.send(record)[0].startswith("rejected")
        number += count
        assert engine.update_number() == number


def test_a_client_order_id_is_unique_among_an_accounts_open_orders(open_market: Opener) -> None:
    engine = open_market(instrument(1), instrument(2, symbol="OTHER"))
    engine.play(
        (buy(90, 1, client_id="a"), "accepted #1"),
        (buy(90, 1, client_id="a", instrument=2), "rejected duplicate_client_order_id"),
        (stop(BUY, 1, RISE, 100, client_id="a"), "rejected duplicate_client_order_id"),
        (amount(BUY, 5, client_id="a"), "rejected duplicate_client_order_id"),
        (buy(90, 1, 2, client_id="a"), "accepted #2"),
        (buy(90, 1, client_id="A"), "accepted #3"),
        (replace(0, 91, 1, client_id="a"), "replaced #1"),
        (cancel(0, client_id="a", instrument=2), "rejected unknown_order"),
        (cancel(0, client_id="a", instrument=0), "cancelled #1 1 requested"),
        (cancel(0, client_id="a"), "rejected unknown_order"),
        (buy(90, 1, client_id="a"), "accepted #4"),
        (
            sell(90, 2, 7),
            "accepted #5",
            "traded #2 1@90 sells maker_filled",
            "traded #3 1@90 sells maker_filled taker_filled",
        ),
        (buy(90, 1, 2, client_id="a"), "accepted #6"),
    )


def test_a_request_is_answered_once(engine: Market) -> None:
    engine.play(
        (buy(90, 1, request_id=5), "accepted #1"),
        (buy(90, 1, request_id=5), "duplicate_request accepted #1 of 2"),
        (cancel(1, request_id=5), "duplicate_request accepted #1 of 2"),
        (buy(90, 1, 2, request_id=5), "accepted #2"),
        (buy(90, 1, request_id=5 << 64), "accepted #3"),
        (buy(10**7, 1, request_id=6), "rejected price_above_maximum 1000000"),
        (buy(90, 1, request_id=6), "duplicate_request price_above_maximum #0 of 7"),
        (cancel(1, request_id=7), "cancelled #1 1 requested"),
        (cancel(1, request_id=7), "duplicate_request accepted #1 of 9"),
        (replace(3, 91, 1, request_id=8), "replaced #3"),
        (replace(3, 92, 1, request_id=8), "duplicate_request accepted #3 of 11"),
        (replace(99, 92, 1, request_id=9), "rejected unknown_order #99"),
        (replace(3, 92, 1, request_id=9), "duplicate_request unknown_order #0 of 13"),
    )


def test_refusals_of_shape_are_not_remembered(engine: Market) -> None:
    engine.play(
        (buy(90, 0, request_id=5), "rejected invalid_quantity"),
        (buy(90, 1, request_id=5), "accepted #1"),
        (buy(90, 0, request_id=5), "rejected invalid_quantity"),
        (set_account(1, 2, state=2, request_id=6), "rejected not_supported"),
        (set_account(1, 2, request_id=6), "accepted"),
        # What does not fit the order is no matter of shape.
        (replace(1, 0, 5, request_id=7), "rejected invalid_price #1"),
        (replace(1, 90, 5, request_id=7), "duplicate_request invalid_price #0 of 7"),
        (set_state(2, request_id=8), "rejected invalid_state"),
        (set_state(HALTED, request_id=8), "duplicate_request invalid_state #0 of 9"),
    )


def test_the_oldest_request_of_an_account_is_forgotten_first(open_market: Opener) -> None:
    engine = open_market(remembered_requests=2)
    engine.play(
        (buy(90, 1, request_id=1), "accepted #1"),
        (buy(90, 1, request_id=2), "accepted #2"),
        # A duplicate is not remembered again.
        (buy(90, 1, request_id=1), "duplicate_request accepted #1 of 2"),
        (buy(90, 1, 2, request_id=9), "accepted #3"),
        (buy(90, 1, request_id=3), "accepted #4"),
        (buy(90, 1, request_id=2), "duplicate_request accepted #2 of 3"),
        (buy(90, 1, request_id=1), "accepted #5"),
        (buy(90, 1, request_id=2), "accepted #6"),
    )


def test_no_request_is_remembered_where_none_may_be(open_market: Opener) -> None:
    engine = open_market(remembered_requests=0)
    engine.play(
        (buy(90, 1, request_id=1), "accepted #1"), (buy(90, 1, request_id=1), "accepted #2")
    )


def test_commands_without_an_account_remember_under_none(engine: Market) -> None:
    engine.play(
        (set_reference(100, request_id=1), "accepted"),
        (mass_cancel(request_id=1), "duplicate_request accepted #0 of 2"),
        (advance_time(1, request_id=1), "duplicate_request accepted #0 of 2"),
        (update_instrument(1, request_id=1), "duplicate_request accepted #0 of 2"),
        (advance_time(1, request_id=1, account=4), "accepted"),
        (set_account(4, request_id=1), "duplicate_request accepted #0 of 6"),
        (mass_cancel(account=4, request_id=1), "duplicate_request accepted #0 of 6"),
    )


def test_a_duplicate_still_does_what_is_due(engine: Market) -> None:
    engine.play(
        (buy(90, 1, time_in_force=GTD, expire_ns=10, request_id=1), "accepted #1"),
        (
            buy(90, 1, time_ns=10, request_id=1),
            "expired #1 1",
            "duplicate_request accepted #1 of 2",
        ),
    )


def test_kinds_are_numbered_as_the_size_says(engine: Market) -> None:
    assert len(buy(1, 1)) == 32 << (Kind.NEW >> 6)
    assert len(buy(1, 1, client_id="a")) == 32 << (Kind.NEW_EXTENDED >> 6)
    assert engine.send(buy(1, 1, client_id="a")) == ["accepted #1"]
