"""Instruments: exact values, what an update may change, and records that stand in a batch.

Method: decimals on each side of what is exact; batches with bad records among good ones.
"""

from typing import Any

import pytest

from outcry.reference.records import UnreadableBytesError
from tests.scenarios.commands import (
    BUY,
    GTD,
    IOC,
    advance_time,
    buy,
    cancel,
    instrument,
    market,
    sell,
    set_reference,
    update_instrument,
)
from tests.scenarios.conftest import Opener
from tests.scenarios.events import describe_all
from tests.scenarios.market import Market


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, "accepted"),
        # Tick 0.01 and lot 0.001 make 0.00001 of the quote asset, one of its smallest units.
        ({"quote_decimals": 4}, "rejected inexact_value"),
        ({"base_decimals": 2}, "rejected inexact_lot"),
        ({"quote_decimals": 4, "base_decimals": 2}, "rejected inexact_value"),
        ({"tick": 50, "lot": 2, "quote_decimals": 3}, "accepted"),
        ({"price_max": 1 << 62, "lots_max": 1 << 38}, "accepted"),
        ({"price_max": 1 << 62, "lots_max": (1 << 38) + 1}, "rejected value_too_large"),
        ({"price_max": 1 << 62, "lots_max": 1 << 38, "tick": 2}, "rejected value_too_large"),
        # Both are exact or refused before any is too large.
        (
            {"tick": 2**64 - 1, "lot": 2**64 - 1, "quote_decimals": 24, "base_decimals": 2},
            "rejected inexact_lot",
        ),
        ({"price_max": 1, "lots_max": 2**64 - 1, "base_decimals": 14}, "rejected value_too_large"),
        ({"price_max": 1, "lots_max": 2**64 - 1, "base_decimals": 13}, "accepted"),
        ({"tick": 2**64 - 1, "lot": 2**64 - 1, "quote_decimals": 24}, "rejected value_too_large"),
        ({"price_max": (1 << 62) + 1}, "rejected invalid_filter"),
        ({"price_min": 0}, "rejected invalid_filter"),
        ({"price_min": 9, "price_max": 8}, "rejected invalid_filter"),
        ({"lots_min": 0}, "rejected invalid_filter"),
        ({"lots_min": 9, "lots_max": 8}, "rejected invalid_filter"),
        ({"notional_min": 9, "notional_max": 8}, "rejected invalid_filter"),
        ({"notional_min": 9}, "accepted"),
        ({"band_ppm": 1_000_001}, "rejected invalid_filter"),
        ({"market_band_ppm": 1_000_001}, "rejected invalid_filter"),
        ({"tick": 0}, "rejected invalid_increment"),
        ({"lot": 0}, "rejected invalid_increment"),
        ({"tick_decimals": 19}, "rejected invalid_increment"),
        ({"lot_decimals": 19}, "rejected invalid_increment"),
        ({"base_decimals": 25}, "rejected invalid_increment"),
        ({"quote_decimals": 25}, "rejected invalid_increment"),
        ({"symbol": ""}, "rejected invalid_symbol"),
        ({"symbol": "A B"}, "rejected invalid_symbol"),
        ({"base_asset": 0}, "rejected invalid_instrument"),
        ({"base_asset": 2}, "rejected invalid_instrument"),
        ({"limits_number": 3}, "rejected invalid_instrument"),
        ({"limits_version": 2}, "rejected unsupported_version"),
        ({"limits_flags": 1}, "rejected invalid_flags"),
        ({"version": 2}, "rejected unsupported_version"),
        ({"flags": 1}, "rejected invalid_flags"),
        ({"reserved": b"\1"}, "rejected invalid_reserved"),
    ],
)
def test_what_makes_an_instrument(engine: Market, fields: dict[str, Any], answer: str) -> None:
    engine.play((instrument(2, **fields), answer))


def test_a_number_stands_for_one_instrument(engine: Market) -> None:
    engine.play(
        (instrument(1), "rejected instrument_exists"),
        (instrument(1, quote_decimals=4), "rejected instrument_exists"),
        (instrument(0), "rejected invalid_instrument"),
        (instrument(65_535), "accepted"),
        (instrument(65_536), "rejected too_many_instruments"),
        (update_instrument(2), "rejected unknown_instrument"),
    )


def test_what_an_update_may_not_change(engine: Market) -> None:
    engine.play(
        (update_instrument(1, symbol="OTHER"), "rejected instrument_fixed"),
        (update_instrument(1, base_asset=5), "rejected instrument_fixed"),
        (update_instrument(1, quote_asset=5), "rejected instrument_fixed"),
        (update_instrument(1, symbol="OTHER", quote_decimals=4), "rejected instrument_fixed"),
        (update_instrument(1, quote_decimals=4), "rejected inexact_value"),
        (buy(90, 1), "accepted #1"),
        (update_instrument(1, quote_decimals=4), "rejected inexact_value"),
        (update_instrument(1, tick=5), "rejected increments_locked"),
        (update_instrument(1, lot=5), "rejected increments_locked"),
        (update_instrument(1, base_decimals=4), "rejected increments_locked"),
        (update_instrument(1, quote_decimals=6), "rejected increments_locked"),
        (update_instrument(1, lots_max=50), "accepted"),
        (cancel(1), "cancelled #1 1 requested"),
        (update_instrument(1, tick=5), "accepted"),
    )


def test_a_change_of_tick_forgets_the_prices(engine: Market) -> None:
    engine.play(
        (sell(100, 1, 8), "accepted #1"),
        (buy(100, 1, 9), "accepted #2", "traded #1 1@100 maker_filled taker_filled"),
        (set_reference(90), "accepted"),
        (update_instrument(1, lots_max=50), "accepted"),
        (market(BUY, 1), "accepted #3", "cancelled #3 1 no_liquidity"),
        (update_instrument(1, tick=5), "accepted"),
        (market(BUY, 1), "rejected no_reference"),
    )


def test_new_filters_do_not_touch_what_is_open(engine: Market) -> None:
    engine.play(
        (sell(100, 9), "accepted #1"),
        (update_instrument(1, price_max=50, lots_max=5, orders_max=1), "accepted"),
        (buy(100, 1, time_in_force=IOC), "rejected price_above_maximum 50"),
        (update_instrument(1), "accepted"),
        (buy(100, 1, time_in_force=IOC), "accepted #2", "traded #1 1@100 taker_filled"),
    )


def test_due_orders_lock_the_increments_too(open_market: Opener) -> None:
    engine = open_market(work_max=1)
    for _ in range(3):
        engine.send(buy(90, 1, time_in_force=GTD, expire_ns=10))
    engine.play(
        (advance_time(10), "expired #1 1", "accepted"),
        (update_instrument(1, tick=5), "expired #2 1", "rejected increments_locked"),
        (update_instrument(1, tick=5), "expired #3 1", "accepted"),
    )


def test_the_same_tick_written_otherwise_is_no_change(engine: Market) -> None:
    engine.play(
        (buy(90, 1), "accepted #1"),
        (update_instrument(1, tick=10, tick_decimals=3), "accepted"),
    )


def test_a_bad_record_in_a_batch_is_refused_in_its_place(engine: Market) -> None:
    limits = instrument(2)[128:]
    batch = [buy(90, 1), bytes(32), b"\x21" + bytes(31), limits, instrument(2)[:128], buy(91, 1)]
    said = describe_all(bytes(engine.engine.apply_batch(b"".join(batch))))
    assert said == ["accepted #1", *["rejected malformed"] * 4, "accepted #2"]
    assert engine.engine.sequence == 7


def test_an_instrument_that_another_record_follows_is_no_command(engine: Market) -> None:
    head = instrument(2)[:128]
    said = describe_all(bytes(engine.engine.apply_batch(head + buy(90, 1) + head + instrument(2))))
    assert said == ["rejected malformed", "accepted #1", "rejected malformed", "accepted"]


def test_a_list_leg_alone_is_no_command(engine: Market) -> None:
    leg = b"\x86" + buy(90, 1, client_id="a")[1:]
    engine.play((leg, "rejected malformed"))


@pytest.mark.parametrize(
    ("rest", "offset", "sequence"),
    [
        (buy(1, 1)[:63], 64, 2),
        (b"\xff" + bytes(63), 64, 2),
        # The first record of an instrument is there; the command is cut off.
        (instrument(2)[:128], 64, 2),
        (instrument(2)[:191], 64, 2),
    ],
)
def test_bytes_that_cannot_be_read_stop_a_batch_at_their_offset(
    engine: Market, rest: bytes, offset: int, sequence: int
) -> None:
    with pytest.raises(ValueError, match=rf"\b{offset}\b") as caught:
        engine.engine.apply_batch(buy(90, 1) + rest)
    assert engine.engine.sequence == sequence
    if isinstance(caught.value, UnreadableBytesError):
        assert caught.value.offset == offset
