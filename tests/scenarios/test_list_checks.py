"""What a list must look like, and its checks in their order, each over all legs before the next.

Method: lists that break two rules at once; the one that is looked at first answers.
"""

import pytest

from outcry.reference.codes import ListType, SelfTrade
from tests.scenarios.commands import (
    BUY,
    CANCEL_ONLY,
    CONTINUOUS,
    DAY,
    FALL,
    FOK,
    GTD,
    HALTED,
    IOC,
    RISE,
    SELL,
    TRAIL_PPM,
    TRAIL_TICKS,
    USDT,
    Field,
    advance_time,
    as_leg,
    buy,
    cancel,
    instrument,
    market,
    oco,
    order_list,
    oto,
    otoco,
    replace,
    sell,
    set_account,
    set_reference,
    set_state,
    stop,
)
from tests.scenarios.conftest import ExchangeOpener, Opener
from tests.scenarios.market import Exchange, Market

SELL_LIMIT = sell(110, 5, 1)
SELL_STOP = stop(SELL, 5, FALL, 90)
BUY_LIMIT = buy(90, 5)
BUY_STOP = stop(BUY, 5, RISE, 110)
RESERVED_OFFSET = 126


@pytest.mark.parametrize(
    "legs",
    [
        (SELL_LIMIT, SELL_STOP),
        (SELL_STOP, SELL_LIMIT),
        (BUY_LIMIT, BUY_STOP),
        (BUY_STOP, BUY_LIMIT),
        (sell(110, 5, 1, post_only=True), stop(SELL, 5, FALL, 90, price=80)),
        (sell(110, 5, 1, display=2), stop(SELL, 5, FALL, 109)),
        # Two stops, one on each side; the rising one may be of either kind.
        (stop(SELL, 5, RISE, 110), stop(SELL, 5, FALL, 90)),
        (stop(BUY, 5, FALL, 90, price=95), stop(BUY, 5, RISE, 110, price=120)),
        (stop(BUY, 5, FALL, 90), stop(BUY, 5, RISE, 91)),
        # A stop-limit's place is its stop: its limit may be anywhere.
        (SELL_LIMIT, stop(SELL, 5, FALL, 90, price=150)),
        # The legs may differ in all but account, side and quantity.
        (
            sell(110, 5, 1, time_in_force=DAY, self_trade=SelfTrade.NONE),
            stop(SELL, 5, FALL, 90, time_in_force=GTD, expire_ns=9, client_id="b"),
        ),
    ],
)
def test_what_makes_an_oco(engine: Market, legs: tuple[bytes, bytes]) -> None:
    engine.play(
        (oco(*legs), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (
            cancel(1),
            "cancelled #1 5 requested",
            "cancelled #2 5 list_ended",
            "list_changed #2 ended",
        ),
    )


@pytest.mark.parametrize(
    "legs",
    [
        (SELL_LIMIT, sell(120, 5, 1)),
        (SELL_LIMIT, stop(SELL, 5, RISE, 120)),
        (SELL_LIMIT, stop(SELL, 5, RISE, 90)),
        (BUY_LIMIT, stop(BUY, 5, FALL, 80)),
        (SELL_LIMIT, market(SELL, 5)),
        (market(SELL, 5), market(SELL, 5)),
        (SELL_LIMIT, BUY_STOP),
        (SELL_LIMIT, BUY_LIMIT),
        (SELL_LIMIT, stop(SELL, 4, FALL, 90)),
        (BUY_LIMIT, stop(BUY, 6, RISE, 110)),
        (stop(SELL, 5, FALL, 90), stop(SELL, 5, FALL, 80)),
        (stop(SELL, 5, RISE, 110), stop(SELL, 5, RISE, 120)),
        (stop(SELL, 5, RISE, 110), stop(BUY, 5, FALL, 90)),
        # On the wrong side of each other, or at one price.
        (SELL_LIMIT, stop(SELL, 5, FALL, 110)),
        (BUY_LIMIT, stop(BUY, 5, RISE, 90)),
        (stop(SELL, 5, RISE, 90), stop(SELL, 5, FALL, 90)),
        (stop(SELL, 5, RISE, 90), stop(SELL, 5, FALL, 110)),
    ],
)
def test_what_makes_no_oco(engine: Market, legs: tuple[bytes, bytes]) -> None:
    engine.play((oco(*legs), "rejected invalid_list"))
    engine.play((otoco(BUY_LIMIT, *legs), "rejected invalid_list"))


def test_a_trailing_stop_is_a_leg_wherever_it_stands(engine: Market) -> None:
    """It says a distance, which is compared with no price."""
    engine.play(
        (oco(SELL_LIMIT, stop(SELL, 5, FALL, 3, stop_unit=TRAIL_TICKS)), "rejected no_reference"),
    )
    engine.send(sell(100, 1), buy(100, 1, 3))
    engine.play(
        (
            oco(SELL_LIMIT, stop(SELL, 5, FALL, 30_000, stop_unit=TRAIL_PPM)),
            "accepted #3",
            "accepted #4",
            "list_changed #5 executing",
        ),
        (oco(SELL_LIMIT, stop(SELL, 5, RISE, 3, stop_unit=TRAIL_TICKS)), "rejected invalid_list"),
    )


@pytest.mark.parametrize(
    "pending",
    [
        buy(50, 9),
        sell(150, 1, 1),
        market(SELL, 3),
        market(BUY, 3, time_in_force=FOK),
        SELL_STOP,
        stop(BUY, 1, FALL, 3, stop_unit=TRAIL_TICKS),
        sell(150, 9, 1, display=2, post_only=True),
    ],
)
@pytest.mark.parametrize(
    "working", [BUY_LIMIT, SELL_LIMIT, buy(90, 5, post_only=True), buy(90, 5, display=2)]
)
def test_what_makes_an_oto(engine: Market, working: bytes, pending: bytes) -> None:
    engine.play(
        (oto(working, pending), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (
            otoco(working, SELL_LIMIT, SELL_STOP),
            "accepted #3",
            "accepted #4",
            "accepted #5",
            "list_changed #3 executing",
        ),
    )


@pytest.mark.parametrize(
    "working", [market(BUY, 5), BUY_STOP, stop(BUY, 5, RISE, 110, price=120), SELL_STOP]
)
def test_only_a_limit_order_works_first(engine: Market, working: bytes) -> None:
    engine.play(
        (oto(working, SELL_LIMIT), "rejected invalid_list"),
        (otoco(working, SELL_LIMIT, SELL_STOP), "rejected invalid_list"),
    )


@pytest.mark.parametrize(
    ("list_type", "fields", "reason"),
    [
        (ListType.OCO, {"version": 2, "flags": 1}, "unsupported_version"),
        (ListType.OCO, {"flags": 1, "instrument": 0}, "invalid_flags"),
        (ListType.OCO, {"instrument": 0, "account": 0}, "invalid_instrument"),
        (4, {"account": 0}, "invalid_account"),
        (0, {"client_id": "a b"}, "invalid_list"),
        (4, {}, "invalid_list"),
        (ListType.OTOCO, {}, "invalid_list"),
        (ListType.OCO, {"client_id": "a b", "reserved": b"\1"}, "invalid_client_order_id"),
        (ListType.OCO, {"reserved": b"\1"}, "invalid_reserved"),
        (ListType.OCO, {"reserved_tail": bytes(51) + b"\1"}, "invalid_reserved"),
        (ListType.OCO, {"account": 2}, "invalid_account"),
        (ListType.OCO, {"instrument": 2}, "invalid_instrument"),
    ],
)
def test_the_shape_of_the_head(
    engine: Market, list_type: int, fields: dict[str, Field], reason: str
) -> None:
    record = order_list(list_type, SELL_LIMIT, SELL_STOP, **fields)
    engine.play((record, f"rejected {reason}"))


def test_each_leg_has_the_shape_of_a_new_order_of_the_list(engine: Market) -> None:
    damaged = bytearray(as_leg(SELL_STOP))
    damaged[RESERVED_OFFSET] = 1
    engine.play(
        (oco(sell(110, 0, 1), stop(SELL, 5, FALL, 0)), "rejected invalid_quantity"),
        (oco(SELL_LIMIT, stop(SELL, 5, FALL, 0)), "rejected invalid_stop"),
        (oco(SELL_LIMIT, bytes(damaged)), "rejected invalid_reserved"),
        (oco(SELL_LIMIT, stop(SELL, 5, FALL, 90, instrument=2)), "rejected invalid_instrument"),
        (oco(SELL_LIMIT, stop(SELL, 5, FALL, 90, account=2)), "rejected invalid_account"),
        (oco(SELL_LIMIT, stop(SELL, 5, FALL, 90, request_id=1)), "rejected invalid_reserved"),
        (oto(BUY_LIMIT, sell(110, 5, 1, order_id=7)), "rejected invalid_order_id"),
        (oto(buy(90, 5, time_in_force=IOC, display=1), SELL_LIMIT), "rejected invalid_display"),
        # The first leg's faults come before the second's, the form behind both.
        (oco(sell(110, 5, 2), sell(110, 0, 1)), "rejected invalid_account"),
        (oco(SELL_LIMIT, sell(110, 5, 2)), "rejected invalid_account"),
    )


def test_the_time_of_a_leg_is_not_looked_at(engine: Market) -> None:
    engine.play(
        (
            oto(buy(90, 5, time_ns=50), sell(110, 5, 1, time_ns=90), time_ns=7),
            "accepted #1",
            "accepted #2",
            "list_changed #2 executing",
        )
    )
    assert engine.engine.time_ns == 7


def test_a_leg_that_has_no_future_is_refused_behind_the_form(engine: Market) -> None:
    late = stop(SELL, 5, FALL, 90, time_in_force=GTD, expire_ns=5)
    engine.play(
        (advance_time(5), "accepted"),
        (oco(SELL_LIMIT, late), "rejected invalid_expiry"),
        (oto(BUY_LIMIT, late), "rejected invalid_expiry"),
        (oco(BUY_LIMIT, late), "rejected invalid_list"),
        (oco(SELL_LIMIT, late, time_ns=6), "rejected invalid_expiry"),
    )


def test_a_list_needs_a_market_that_is_continuous(engine: Market) -> None:
    record = oto(BUY_LIMIT, SELL_LIMIT)
    engine.play(
        (
            oco(sell(110, 5, 1, instrument=9), stop(SELL, 5, FALL, 90, instrument=9), instrument=9),
            "rejected unknown_instrument",
        ),
        (set_state(CANCEL_ONLY), "accepted", "state_changed cancel_only"),
        (record, "rejected instrument_cancel_only"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (record, "rejected instrument_halted"),
        (set_state(CONTINUOUS), "accepted", "state_changed continuous"),
        (record, "accepted #1", "accepted #2", "list_changed #8 executing"),
    )


def test_client_order_ids_of_legs_differ(engine: Market) -> None:
    engine.play(
        (
            oto(buy(90, 5, client_id="a"), sell(110, 5, 1, client_id="a")),
            "rejected duplicate_client_order_id",
        ),
        (
            oto(buy(90, 5, client_id="a"), sell(110, 5, 1, client_id="b")),
            "accepted #1",
            "accepted #2",
            "list_changed #3 executing",
        ),
        (buy(80, 1, client_id="b"), "rejected duplicate_client_order_id"),
        (
            otoco(
                BUY_LIMIT, sell(110, 5, 1, client_id="c"), stop(SELL, 5, FALL, 90, client_id="b")
            ),
            "rejected duplicate_client_order_id",
        ),
        (
            cancel(client_id="b"),
            "cancelled #2 5 requested",
            "cancelled #1 5 list_ended",
            "list_changed #3 ended",
        ),
        (buy(80, 1, client_id="a"), "accepted #3"),
        (buy(80, 1, client_id="b"), "accepted #4"),
    )


def test_the_name_of_a_list_is_not_kept(engine: Market) -> None:
    for first in (1, 3):
        record = oto(BUY_LIMIT, SELL_LIMIT, client_id="mine")
        lines = engine.send(record)
        assert lines[:2] == [f"accepted #{first}", f"accepted #{first + 1}"]


@pytest.mark.parametrize(
    ("limits", "record", "answer"),
    [
        # Of one leg all filters, then of the next.
        ({"price_max": 100, "lots_max": 4}, oco(BUY_LIMIT, BUY_STOP), "quantity_above_maximum 4"),
        ({"price_max": 100}, oco(BUY_LIMIT, BUY_STOP), "price_above_maximum 100"),
        ({"price_max": 100}, oto(BUY_LIMIT, BUY_STOP), "price_above_maximum 100"),
        ({"price_max": 100}, oto(BUY_LIMIT, SELL_LIMIT), "price_above_maximum 100"),
        ({"lots_max": 4}, oto(buy(90, 4), market(SELL, 5)), "quantity_above_maximum 4"),
        ({"notional_min": 500}, oco(SELL_LIMIT, SELL_STOP), "notional_below_minimum 500"),
        ({"notional_max": 540}, oto(BUY_LIMIT, BUY_STOP), "notional_above_maximum 540"),
        ({"notional_max": 540}, oto(BUY_LIMIT, SELL_LIMIT), "notional_above_maximum 540"),
        ({"parts_max": 2}, oto(BUY_LIMIT, sell(110, 5, 1, display=2)), "too_many_iceberg_parts 2"),
        ({"account_orders_max": 1}, oto(BUY_LIMIT, SELL_LIMIT), "too_many_account_orders 1"),
        ({"orders_max": 2}, otoco(BUY_LIMIT, SELL_LIMIT, SELL_STOP), "too_many_orders 2"),
        ({"account_stops_max": 1}, oto(BUY_LIMIT, SELL_STOP), ""),
        (
            {"account_stops_max": 1},
            oco(stop(SELL, 5, FALL, 90), stop(SELL, 5, RISE, 110)),
            "too_many_account_stops 1",
        ),
        (
            {"stops_max": 1},
            otoco(BUY_LIMIT, stop(SELL, 5, FALL, 90), stop(SELL, 5, RISE, 110)),
            "too_many_stops 1",
        ),
    ],
)
def test_filters_look_at_each_leg(
    open_market: Opener, limits: dict[str, int], record: bytes, answer: str
) -> None:
    engine = open_market(instrument(1, **limits))
    said = engine.send(record)
    assert said[0] == (f"rejected {answer}" if answer else "accepted #1")


def test_bands_bind_pending_orders_too(open_market: Opener) -> None:
    engine = open_market(instrument(1, band_ppm=100_000))
    engine.play(
        (set_reference(100), "accepted"),
        (oto(BUY_LIMIT, sell(111, 5, 1)), "rejected price_above_band 110"),
        (oto(BUY_LIMIT, stop(SELL, 5, FALL, 89)), "rejected price_below_band 90"),
        (
            oto(BUY_LIMIT, stop(SELL, 5, FALL, 90)),
            "accepted #1",
            "accepted #2",
            "list_changed #5 executing",
        ),
    )


def test_a_pending_stop_counts_as_a_waiting_one_until_it_is_gone(open_market: Opener) -> None:
    engine = open_market(instrument(1, stops_max=1))
    engine.play(
        (oto(buy(90, 5), SELL_STOP), "accepted #1", "accepted #2", "list_changed #2 executing"),
        (stop(SELL, 1, FALL, 50, 3), "rejected too_many_stops 1"),
        (oto(buy(90, 5), SELL_STOP), "rejected too_many_stops 1"),
        (replace(1, 89, 5), "rejected list_member #1"),
        (
            cancel(1),
            "cancelled #1 5 requested",
            "cancelled #2 5 list_ended",
            "list_changed #2 ended",
        ),
        (stop(SELL, 1, FALL, 50, 3), "accepted #3"),
    )


def test_what_is_looked_at_first(open_exchange: ExchangeOpener) -> None:
    """Client ids, references, filters, the market, the balance: all legs before the next check."""
    exchange = open_exchange(
        instrument(1, lots_max=50, price_max=200), set_account(1), set_account(2), set_account(3)
    )
    exchange.fund(1, USDT, 1_000)
    exchange.fund(2, USDT, 10_000)
    exchange.fund(3, 1, 100)
    high_stop = stop(BUY, 60, RISE, 300)
    trailing = stop(BUY, 60, RISE, 5, stop_unit=TRAIL_TICKS)
    exchange.play(
        (buy(1, 1, client_id="a"), "accepted #1"),
        (
            oco(buy(90, 60), stop(BUY, 60, RISE, 5, stop_unit=TRAIL_TICKS, client_id="a")),
            "rejected duplicate_client_order_id",
        ),
        (oco(buy(90, 60), trailing), "rejected no_reference"),
        (oco(buy(90, 60), high_stop), "rejected quantity_above_maximum 50"),
        (sell(100, 1, 3), "accepted #2"),
        (buy(100, 1, 2), "accepted #3", "traded #2 1@100 maker_filled taker_filled"),
        (sell(105, 1, 3), "accepted #4"),
        # The first leg would take, but the second has a filter against it, then is met already.
        (
            oco(buy(105, 50, post_only=True), stop(BUY, 50, RISE, 300)),
            "rejected price_above_maximum 200",
        ),
        (oco(stop(BUY, 50, RISE, 100), buy(96, 50)), "rejected would_trigger"),
        (oco(buy(105, 50, post_only=True), stop(BUY, 50, RISE, 106)), "rejected would_take"),
        (oco(buy(90, 50), stop(BUY, 50, RISE, 106)), "rejected insufficient_balance 999"),
    )


def test_a_pending_order_is_not_asked_what_it_would_do_now(engine: Market) -> None:
    """It needs no reference, may stand across the market, and its stop may be met."""
    engine.send(sell(100, 1), buy(100, 1, 3), buy(99, 1, 3), sell(101, 9, 3))
    engine.play(
        (
            otoco(buy(80, 5), sell(90, 5, 1, post_only=True), stop(SELL, 5, FALL, 85)),
            "accepted #5",
            "accepted #6",
            "accepted #7",
            "list_changed #6 executing",
        ),
        (
            oto(buy(80, 5), stop(SELL, 5, FALL, 150)),
            "accepted #8",
            "accepted #9",
            "list_changed #7 executing",
        ),
    )


def test_account_checks_are_those_of_a_new_order(exchange: Exchange) -> None:
    record = oto(BUY_LIMIT, SELL_LIMIT)
    strangers = [buy(90, 5, 9), sell(110, 5, 9)]
    exchange.play(
        (order_list(ListType.OTO, *strangers, account=9), "rejected unknown_account"),
        (set_account(1, state=2), "accepted"),
        (record, "rejected account_cancel_only"),
        (set_account(1, state=3), "accepted"),
        (record, "rejected account_frozen"),
        (set_account(1), "accepted"),
        (
            record,
            "accepted #1",
            "accepted #2",
            f"list_changed #{exchange.engine.sequence + 7} executing",
        ),
    )


def test_request_ids(engine: Market) -> None:
    record = oco(SELL_LIMIT, SELL_STOP, request_id=7)
    refused = oco(SELL_LIMIT, BUY_STOP, request_id=8)
    dear = oco(sell(110, 5, 1, client_id="a"), stop(SELL, 5, FALL, 90, client_id="a"), request_id=9)
    engine.play(
        (record, "accepted #1", "accepted #2", "list_changed #2 executing"),
        (record, "duplicate_request accepted #1 of 2"),
        (refused, "rejected invalid_list"),
        (refused, "rejected invalid_list"),
        (dear, "rejected duplicate_client_order_id"),
        (dear, "duplicate_request duplicate_client_order_id #0 of 6"),
        (
            cancel(1),
            "cancelled #1 5 requested",
            "cancelled #2 5 list_ended",
            "list_changed #2 ended",
        ),
        (record, "duplicate_request accepted #1 of 2"),
        (buy(90, 1), "accepted #3"),
    )
