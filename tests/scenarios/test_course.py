"""The course of a command: sequence, time, what is due, whose queue is worked, and the bound.

Method: work_max of one or two units, so that each unit shows in the events.
"""

import pytest

from outcry.reference.codes import EventKind, Kind
from outcry.reference.events import EVENT
from tests.scenarios.commands import (
    BUY,
    FOK,
    GTD,
    IOC,
    RISE,
    SELL,
    admin,
    advance_time,
    amount,
    buy,
    cancel,
    instrument,
    market,
    replace,
    sell,
    set_account,
    set_reference,
    stop,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.events import split
from tests.scenarios.market import Market

NO_COMMAND = bytes(32)


def gtd(lots: int, expire_ns: int = 10) -> bytes:
    """A buy at 90 that expires."""
    return buy(90, lots, time_in_force=GTD, expire_ns=expire_ns)


def test_every_record_takes_a_sequence_and_time_never_goes_back(engine: Market) -> None:
    engine.send(advance_time(50), NO_COMMAND, advance_time(20), buy(1, 1, version=9, time_ns=70))
    assert engine.engine.sequence == 5
    assert engine.engine.time_ns == 70


def test_due_orders_expire_by_expiry_then_order_id(engine: Market) -> None:
    engine.send(gtd(1, 30), gtd(2, 20), gtd(3, 30), gtd(4, 10), gtd(5, 31))
    engine.play(
        (advance_time(9), "accepted"),
        (
            advance_time(30),
            "expired #4 4",
            "expired #2 2",
            "expired #1 1",
            "expired #3 3",
            "accepted",
        ),
    )


def test_what_is_due_comes_before_a_rejected_command_too(engine: Market) -> None:
    engine.send(gtd(1))
    engine.play((buy(1, 0, time_ns=10), "expired #1 1", "rejected invalid_quantity"))


def test_one_bound_counts_expiries_and_queued_orders(open_market: Opener) -> None:
    engine = open_market(work_max=2)
    engine.send(*[stop(BUY, lots, RISE, 100, 1) for lots in (1, 2, 3, 4, 5, 6)])
    engine.send(gtd(7), gtd(8), gtd(9), sell(100, 1, 8))
    assert engine.send(buy(100, 1, 9))[-2:] == [
        "cancelled #1 1 no_liquidity",
        "cancelled #2 2 no_liquidity",
    ]
    engine.play(
        (advance_time(10), "expired #7 7", "expired #8 8", "accepted"),
        (advance_time(10), "expired #9 9", "cancelled #3 3 no_liquidity", "accepted"),
        # What a command does itself takes no unit.
        (
            cancel(6),
            "cancelled #4 4 no_liquidity",
            "cancelled #5 5 no_liquidity",
            "cancelled #6 6 requested",
        ),
    )


def test_due_work_is_told(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(gtd(1, 30), stop(BUY, 1, RISE, 100), stop(BUY, 2, RISE, 100), sell(100, 1, 8))
    assert not engine.engine.has_due_work(29)
    assert engine.engine.has_due_work(30)
    engine.send(buy(100, 1, 9))
    assert engine.engine.has_due_work(0)
    engine.send(advance_time(1))
    assert not engine.engine.has_due_work(0)


def two_queues(open_market: Opener) -> Market:
    """A market in which each of two instruments has two queued orders left."""
    engine = open_market(instrument(1), instrument(2, symbol="OTHER"), work_max=1)
    for number in (1, 2):
        stops = [stop(BUY, lots, RISE, 100, 1, instrument=number) for lots in (1, 2, 3)]
        engine.send(*stops, sell(100, 1, 8, instrument=number), buy(100, 1, 9, instrument=number))
    return engine


def test_a_command_works_the_queue_of_its_instrument(open_market: Opener) -> None:
    engine = two_queues(open_market)
    engine.play(
        (buy(1, 1, instrument=2), "cancelled #7 2 no_liquidity", "accepted #11"),
        # Rejected or not, and whatever is wrong with it.
        (buy(1, 0, instrument=2), "cancelled #8 3 no_liquidity", "rejected invalid_quantity"),
        (set_reference(5, 2), "accepted"),
        (buy(1, 1, instrument=3), "rejected unknown_instrument"),
    )


def test_a_command_that_names_no_instrument_works_every_queue_by_number(
    open_market: Opener,
) -> None:
    engine = two_queues(open_market)
    engine.play(
        (set_account(7), "cancelled #2 2 no_liquidity", "accepted"),
        (NO_COMMAND, "cancelled #3 3 no_liquidity", "rejected malformed"),
        (buy(1, 1, instrument=0), "cancelled #7 2 no_liquidity", "rejected invalid_instrument"),
        (advance_time(0), "cancelled #8 3 no_liquidity", "accepted"),
    )


def test_a_cancel_without_an_instrument_works_the_queue_of_its_order(open_market: Opener) -> None:
    engine = two_queues(open_market)
    engine.send(buy(5, 1, 6, instrument=2, client_id="a"))
    engine.play(
        (cancel(77, account=6, instrument=0), "rejected unknown_order #77"),
        # Not even of an order of another account.
        (cancel(11, account=5, instrument=0), "rejected unknown_order #11"),
        (
            replace(0, 6, 1, account=6, instrument=0, client_id="a"),
            "cancelled #8 3 no_liquidity",
            "replaced #11",
        ),
        (advance_time(0), "cancelled #2 2 no_liquidity", "accepted"),
        (cancel(3, instrument=0), "cancelled #3 3 no_liquidity", "rejected unknown_order #3"),
        (cancel(11, account=6, instrument=0), "cancelled #11 1 requested"),
    )


def due_and_live(open_market: Opener) -> Market:
    """A market where bids 1 and 2 at 90 become due at 10, one of which a command can expire."""
    engine = open_market(instrument(1), work_max=1)
    engine.send(gtd(1, 9), gtd(2), buy(80, 5, 3))
    return engine


def test_a_match_expires_the_due_order_that_it_meets(open_market: Opener) -> None:
    engine = due_and_live(open_market)
    engine.play(
        (
            sell(80, 5, 2, time_ns=10),
            "expired #1 1",
            "accepted #4",
            "expired #2 2",
            "traded #3 5@80 sells maker_filled taker_filled",
        ),
    )


def test_no_walk_counts_a_due_order(open_market: Opener) -> None:
    engine = due_and_live(open_market)
    engine.play(
        (
            sell(80, 6, 2, time_ns=10, time_in_force=FOK),
            "expired #1 1",
            "accepted #4",
            "cancelled #4 6 fill_or_kill",
        ),
    )


def test_no_best_price_counts_a_due_order(open_market: Opener) -> None:
    engine = due_and_live(open_market)
    engine.send(gtd(7))
    engine.play(
        # Post-only asks what counts; what is due and in the way expires when it is met.
        (
            sell(85, 1, 2, time_ns=10, post_only=True),
            "expired #1 1",
            "accepted #5",
            "expired #2 2",
            "expired #4 7",
        ),
    )
    assert engine.levels(SELL) == [(85, 1, 1)]


def test_a_market_order_takes_no_reference_from_a_due_order(open_market: Opener) -> None:
    engine = open_market(instrument(1, market_band_ppm=100_000), work_max=1)
    engine.send(gtd(1, 9), gtd(2), buy(50, 5, 3))
    engine.play(
        # The reference is 50, and the worst price 45.
        (
            market(SELL, 5, 2, time_ns=10),
            "expired #1 1",
            "accepted #4",
            "expired #2 2",
            "traded #3 5@50 sells maker_filled taker_filled",
        ),
    )


def test_no_amount_order_ends_at_a_due_order(open_market: Opener) -> None:
    engine = due_and_live(open_market)
    engine.play(
        # 85 cover no lot at 90, where nothing counts, but one at 80.
        (
            amount(SELL, 85, 2, time_ns=10),
            "expired #1 1",
            "accepted #4",
            "expired #2 2",
            "traded #3 1@80 sells",
            "cancelled #4 0 amount_remainder",
        ),
    )


def test_no_name_finds_a_due_order(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(gtd(1, 9), gtd(2, 10), gtd(3, 11))
    engine.send(buy(90, 4, time_in_force=GTD, expire_ns=12, client_id="a"))
    engine.play(
        (cancel(4, time_ns=12), "expired #1 1", "rejected unknown_order #4"),
        (buy(90, 5, client_id="a"), "expired #2 2", "accepted #5"),
        (cancel(0, client_id="a"), "expired #3 3", "cancelled #5 5 requested"),
        (cancel(0, client_id="a"), "expired #4 4", "rejected unknown_order"),
    )


def test_a_pass_record_names_the_taker_of_a_queued_orders_trades(engine: Market) -> None:
    engine.send(stop(BUY, 2, RISE, 100, 1), sell(100, 1, 8), sell(101, 1, 8))
    records = [EVENT.unpack(record) for record in split(engine.raw(buy(100, 1, 9)))]
    accepted, first, triggered, named, second, ended = records
    assert [record[0] for record in records] == [
        EventKind.ACCEPTED,
        EventKind.TRADED,
        EventKind.TRIGGERED,
        EventKind.PASS,
        EventKind.TRADED,
        EventKind.CANCELLED,
    ]
    # Trade ids count from 1; `accepted` and `pass` say the next one.
    assert accepted[5:] == (4, 1)
    assert named[4:] == (5, 1, 2)
    assert {record[4] for record in (accepted, triggered, named, ended)} == {5}
    assert (first[4], second[4]) == (100, 101)


def test_advance_time_with_an_instrument_is_refused(engine: Market) -> None:
    engine.play((admin(Kind.ADVANCE_TIME, 1, time_ns=5), "rejected invalid_instrument"))
    assert engine.engine.time_ns == 5


def instruments_said(engine: Market, record: bytes) -> list[int]:
    """The instrument field of each event of a command."""
    return [EVENT.unpack(event)[3] for event in split(engine.raw(record))]


def test_an_event_says_the_instrument_of_its_order_a_refusal_that_of_its_command(
    engine: Market,
) -> None:
    engine.send(buy(90, 1, 1))
    assert instruments_said(engine, replace(1, 0, 1, instrument=0)) == [0]
    assert instruments_said(engine, replace(1, 91, 1, instrument=0)) == [1]
    assert instruments_said(engine, cancel(1, instrument=7)) == [7]
    assert instruments_said(engine, cancel(1, instrument=0)) == [1]
    assert instruments_said(engine, set_account(1)) == [0]
    assert instruments_said(engine, NO_COMMAND) == [0]


@pytest.mark.parametrize(
    "kind",
    [
        Kind.ADD_ASSET,
        Kind.SET_ACCOUNT,
        Kind.DEPOSIT,
        Kind.WITHDRAW,
        Kind.TRANSFER,
        Kind.SETTLE_WITHDRAWAL,
    ],
)
def test_assets_accounts_and_funds_name_no_instrument(engine: Market, kind: int) -> None:
    record = bytes([kind, 1, 0, 0, 1]) + bytes(59)
    assert instruments_said(engine, record) == [0]


def test_ioc_that_meets_only_due_orders_ends_for_itself(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    engine.send(gtd(1), gtd(2))
    engine.play(
        (
            sell(90, 4, 2, time_ns=10, time_in_force=IOC),
            "expired #1 1",
            "accepted #3",
            "expired #2 2",
            "cancelled #3 4 immediate_or_cancel",
        ),
    )
