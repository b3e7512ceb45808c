"""Checks: the shape of each record, and which check comes first.

Method: a good record with one field changed; then orders that break two checks at once.
"""

import pytest

from outcry.reference.codes import Kind, SelfTrade
from tests.scenarios.commands import (
    BUY,
    DAY,
    FALL,
    FOK,
    GTC,
    GTD,
    HALTED,
    IOC,
    LIMIT,
    MARKET,
    RISE,
    SELL,
    STOP,
    STOP_LIMIT,
    TRAIL_PPM,
    admin,
    advance_time,
    amount,
    buy,
    cancel,
    end_session,
    instrument,
    market,
    mass_cancel,
    new,
    replace,
    sell,
    set_reference,
    set_state,
    stop,
    update_instrument,
)
from tests.scenarios.market import Market

LONG = 2**64 - 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (buy(1, 1, version=2), "unsupported_version"),
        (buy(1, 1, flags=2), "invalid_flags"),
        (buy(1, 1, instrument=0), "invalid_instrument"),
        (buy(1, 1, 0), "invalid_account"),
        (new(0, 1, 1), "invalid_side"),
        (new(3, 1, 1), "invalid_side"),
        (buy(1, 1, order_type=0), "invalid_order_type"),
        (buy(1, 1, order_type=5), "invalid_order_type"),
        (buy(1, 1, time_in_force=0), "invalid_time_in_force"),
        (buy(1, 1, time_in_force=6), "invalid_time_in_force"),
        (buy(1, 1, self_trade=5), "invalid_self_trade"),
        (buy(1, 1, order_id=7), "invalid_order_id #7"),
        (buy(0, 1), "invalid_price"),
        (buy(-1, 1), "invalid_price"),
        (buy(1, 0), "invalid_quantity"),
        (buy(1, 1, post_only=True, time_in_force=IOC), "invalid_flags"),
        (buy(1, 1, post_only=True, time_in_force=FOK), "invalid_flags"),
        (buy(1, 1, order_type=STOP_LIMIT), "invalid_order_type"),
        (buy(0, 1, order_type=STOP), "invalid_order_type"),
        (buy(1, 1, order_type=STOP), "invalid_price"),
        (buy(1, 1, time_in_force=GTD), "invalid_time_in_force"),
        (market(BUY, 1, time_in_force=GTC), "invalid_time_in_force"),
        (market(BUY, 1, time_in_force=DAY), "invalid_time_in_force"),
        (market(BUY, 1, price=-1), "invalid_price"),
        (market(BUY, 1, flags=1), "invalid_flags"),
        (market(BUY, 0), "invalid_quantity"),
    ],
)
def test_shape_of_a_plain_order(engine: Market, record: bytes, reason: str) -> None:
    engine.play((record, f"rejected {reason}"))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (buy(1, 1, stop=1), "invalid_stop"),
        (buy(1, 1, trigger=RISE), "invalid_trigger"),
        (buy(1, 1, stop_unit=TRAIL_PPM), "invalid_stop_unit"),
        (buy(1, 1, stop_unit=3), "invalid_stop_unit"),
        (stop(BUY, 1, 0, 5), "invalid_trigger"),
        (stop(BUY, 1, 3, 5), "invalid_trigger"),
        (stop(BUY, 1, RISE, 0), "invalid_stop"),
        (stop(BUY, 1, RISE, -1), "invalid_stop"),
        (stop(BUY, 1, FALL, 1_000_000, stop_unit=TRAIL_PPM), "invalid_stop"),
        (stop(BUY, 1, FALL, 5, stop_unit=3), "invalid_stop_unit"),
        (stop(BUY, 1, FALL, 5, flags=1), "invalid_flags"),
        (stop(BUY, 1, FALL, 5, price=5, flags=1, time_in_force=IOC), "invalid_flags"),
        (stop(BUY, 1, FALL, 5, price=-5), "invalid_price"),
        (stop(BUY, 2, FALL, 5, display=1), "invalid_display"),
        (market(BUY, 2, display=1), "invalid_display"),
        (buy(1, 2, display=1, time_in_force=IOC), "invalid_display"),
        (buy(1, 2, display=1, time_in_force=FOK), "invalid_display"),
        (buy(1, 2, display=3), "invalid_display"),
        (buy(1, 2, time_in_force=GTD, expire_ns=0), "invalid_expiry"),
        (buy(1, 2, expire_ns=99), "invalid_expiry"),
        (buy(1, 2, client_id="a b"), "invalid_client_order_id"),
        (buy(1, 2, client_id="a\0b"), "invalid_client_order_id"),
        (buy(1, 2, client_id="é"), "invalid_client_order_id"),
        (buy(1, 2, reserved=b"\0\1"), "invalid_reserved"),
        (amount(BUY, 5, lots=1), "invalid_quantity"),
        (amount(BUY, 5, order_type=LIMIT, price=1), "invalid_order_type"),
        (amount(BUY, 5, time_in_force=FOK), "invalid_time_in_force"),
        (amount(BUY, 0), "invalid_amount"),
        (amount(BUY, 2**100 + 1), "invalid_amount"),
        (amount(BUY, 5, client_id="\x7f"), "invalid_client_order_id"),
    ],
)
def test_shape_of_an_extended_order(engine: Market, record: bytes, reason: str) -> None:
    engine.play((record, f"rejected {reason}"))


def test_the_greatest_numbers_of_each_field_are_taken_or_filtered(engine: Market) -> None:
    engine.play(
        (buy(2**63 - 1, 1), "rejected price_above_maximum 1000000"),
        (buy(1, LONG), "rejected quantity_above_maximum 1000000"),
        (amount(BUY, 2**100), "rejected no_reference"),
        (buy(1, 1, 2**32 - 1, client_id="x" * 36), "accepted #1"),
        (buy(1, 1, time_in_force=GTD, expire_ns=LONG), "accepted #2"),
        (cancel(LONG), f"rejected unknown_order #{LONG}"),
    )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (cancel(0), "invalid_order_id"),
        (cancel(0, client_id=""), "invalid_order_id"),
        (cancel(7, client_id="a"), "invalid_order_id #7"),
        (cancel(7, version=0), "unsupported_version #7"),
        (cancel(7, flags=1), "invalid_flags #7"),
        (cancel(7, account=0), "invalid_account #7"),
        (cancel(7, side=BUY), "invalid_side #7"),
        (cancel(7, order_type=LIMIT), "invalid_order_type #7"),
        (cancel(7, time_in_force=GTC), "invalid_time_in_force #7"),
        (cancel(7, self_trade=SelfTrade.CANCEL_TAKER), "invalid_self_trade #7"),
        (cancel(7, price=1), "invalid_price #7"),
        (cancel(7, lots=1), "invalid_quantity #7"),
        (cancel(7, stop=1), "invalid_stop #7"),
        (cancel(7, display=1), "invalid_display #7"),
        (cancel(7, expire_ns=1), "invalid_expiry #7"),
        (cancel(7, trigger=1), "invalid_trigger #7"),
        (cancel(7, stop_unit=1), "invalid_stop_unit #7"),
        (cancel(7, reserved=b"\1"), "invalid_reserved #7"),
        (cancel(0, client_id=" "), "invalid_client_order_id"),
        (replace(0, 1, 1), "invalid_order_id"),
        (replace(7, -1, 1), "invalid_price #7"),
        (replace(7, 1, 0), "invalid_quantity #7"),
        (replace(7, 1, 1, stop=-1), "invalid_stop #7"),
        (replace(7, 1, 1, side=BUY), "invalid_side #7"),
    ],
)
def test_shape_of_what_names_an_order(engine: Market, record: bytes, reason: str) -> None:
    engine.play((record, f"rejected {reason}"))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (mass_cancel(side=3), "invalid_side"),
        (mass_cancel(flags=1), "invalid_flags"),
        (mass_cancel(reserved=b"\1"), "invalid_reserved"),
        (admin(Kind.SET_STATE, 0, state=1), "invalid_instrument"),
        (admin(Kind.ADVANCE_TIME, 1), "invalid_instrument"),
        (admin(Kind.END_SESSION, 1, state=1), "invalid_state"),
        (admin(Kind.END_SESSION, 1, price=1), "invalid_price"),
        (admin(Kind.END_SESSION, 1, list_id=1), "invalid_order_id"),
        (admin(Kind.END_SESSION, 1, reserved=b"\0\0\1"), "invalid_reserved"),
        (admin(Kind.CANCEL_LIST, 1, list_id=0), "invalid_order_id"),
        (admin(Kind.CANCEL_LIST, 1, list_id=1), "invalid_account"),
    ],
)
def test_shape_of_a_steering_command(engine: Market, record: bytes, reason: str) -> None:
    engine.play((record, f"rejected {reason}"))


def test_a_gtd_order_must_expire_in_the_future_of_the_engine(engine: Market) -> None:
    engine.play(
        (advance_time(10), "accepted"),
        (buy(1, 1, time_in_force=GTD, expire_ns=10), "rejected invalid_expiry"),
        (buy(1, 1, time_in_force=GTD, expire_ns=11), "accepted #1"),
        (
            buy(1, 1, time_in_force=GTD, expire_ns=11, time_ns=11),
            "expired #1 1",
            "rejected invalid_expiry",
        ),
        # The field is judged before the reserved bytes, the time behind the whole record.
        (buy(1, 1, time_in_force=GTD, expire_ns=5, reserved=b"\1"), "rejected invalid_reserved"),
    )


def test_the_order_of_the_checks(engine: Market) -> None:
    trailing = stop(SELL, 10**9, FALL, 3, 9, stop_unit=1, instrument=1, client_id="a")
    engine.play(
        (buy(90, 1, 9, client_id="a"), "accepted #1"),
        # Shape before the instrument; the instrument before its orders.
        (buy(90, 0, 9, instrument=7), "rejected invalid_quantity"),
        (buy(90, 1, 9, instrument=7, client_id="a"), "rejected unknown_instrument"),
        (cancel(1, account=9, instrument=7), "rejected unknown_instrument #1"),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (trailing, "rejected instrument_halted"),
        (cancel(5), "rejected instrument_halted #5"),
        (replace(5, 1, 1), "rejected instrument_halted #5"),
        (set_state(1), "accepted", "state_changed continuous"),
        # Client order id, then reference, then filters, then what it would do.
        (trailing, "rejected duplicate_client_order_id"),
        (cancel(1, account=9), "cancelled #1 1 requested"),
        (trailing, "rejected no_reference"),
        (sell(100, 1, 8), "accepted #2"),
        (buy(100, 1, 9), "accepted #3", "traded #2 1@100 maker_filled taker_filled"),
        (trailing, "rejected quantity_above_maximum 1000000"),
        (stop(BUY, 10**9, RISE, 100), "rejected quantity_above_maximum 1000000"),
        (stop(BUY, 1, RISE, 100), "rejected would_trigger"),
        (sell(100, 1, 8), "accepted #4"),
        (buy(100, 10**9, post_only=True), "rejected quantity_above_maximum 1000000"),
        (buy(100, 1, post_only=True), "rejected would_take"),
    )


def test_what_fits_an_order_comes_before_what_is_done_and_before_the_filters(
    engine: Market,
) -> None:
    engine.play(
        (buy(90, 5, 1), "accepted #1"),
        (sell(90, 2, 2), "accepted #2", "traded #1 2@90 sells taker_filled"),
        (replace(1, 0, 2), "rejected invalid_price #1"),
        (replace(1, 0, 10**9), "rejected invalid_price #1"),
        (replace(1, 10**9, 10**9), "rejected price_above_maximum #1 1000000"),
        (replace(1, 10**9, 2), "cancelled #1 3 replaced"),
    )


def test_a_rejected_command_changes_nothing(engine: Market) -> None:
    engine.play((buy(90, 1, client_id="a"), "accepted #1"))
    before = engine.naive.machine.orders[1]
    for record in (
        buy(91, 1, client_id="a"),
        replace(1, 0, 5),
        replace(1, 91, 10**9),
        cancel(1, account=2),
        set_reference(-1),
        update_instrument(1, tick=5),
        instrument(1),
        end_session(9),
    ):
        assert engine.send(record)[0].startswith("rejected")
    assert engine.levels(BUY) == [(90, 1, 1)]
    assert engine.naive.machine.orders == {1: before}


def test_market_is_a_type_that_no_replace_can_name(engine: Market) -> None:
    engine.play(
        (set_reference(100), "accepted"),
        (
            buy(0, 1, order_type=MARKET, time_in_force=IOC),
            "accepted #1",
            "cancelled #1 1 no_liquidity",
        ),
        (replace(1, 0, 1), "rejected unknown_order #1"),
    )
