"""Goal: an instrument is what was said of it, or is refused for what is wrong.

Method: good and bad definitions in tables; each refusal names field and bound and leaves no trace.
"""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import outcry
from outcry import (
    Engine,
    Filters,
    InstrumentRejected,
    InvalidValue,
    RejectReason,
    UnknownSymbol,
)
from outcry.protocol import rows_of

BTC: dict[str, Any] = {"base": "BTC", "quote": "USDT", "tick": "0.01", "lot": "0.00001"}


def test_an_instrument_is_what_was_said() -> None:
    engine = Engine()
    filters = Filters(
        price_min="1.00",
        price_max="100000",
        quantity_min="0.001",
        quantity_max="500",
        notional_min="10",
        notional_max="9000000.5",
        band_ppm=100_000,
        market_band_ppm=50_000,
        iceberg_parts_max=10,
        account_orders_max=200,
        orders_max=1000,
        account_stops_max=5,
        stops_max=50,
    )
    btc = engine.add_instrument("BTCUSDT", **BTC, filters=filters)
    assert (btc.number, btc.symbol, btc.base, btc.quote) == (1, "BTCUSDT", "BTC", "USDT")
    assert (btc.tick, btc.lot) == (Decimal("0.01"), Decimal("0.00001"))
    for name in Filters.__slots__:
        said, stands = getattr(filters, name), getattr(btc.filters, name)
        assert Decimal(said) == Decimal(stands), name
    assert engine.instrument("BTCUSDT") == btc
    assert engine.instruments() == (btc,)


def test_notional_bounds_may_pass_64_bits() -> None:
    most = str((1 << 90) + 1)
    filters = Filters(notional_max=most)
    made = Engine().add_instrument(
        "X", base="A", quote="B", tick="1", lot="1", quote_decimals=0, filters=filters
    )
    assert made.filters.notional_max == Decimal(most)


@pytest.mark.parametrize("decimals", [0, 2, 8, 18])
def test_default_bounds_are_exact_for_any_decimals(decimals: int) -> None:
    made = Engine().add_instrument(
        "X",
        base="A",
        quote="B",
        tick="1",
        lot="1",
        base_decimals=decimals,
        quote_decimals=decimals,
    )
    assert made.filters.price_min == made.filters.quantity_min == 1
    assert made.ticks("60000") == 60_000


def test_instruments_are_numbered_and_share_assets() -> None:
    engine = Engine()
    first = engine.add_instrument("BTCUSDT", **BTC)
    second = engine.add_instrument("ETHUSDT", **BTC | {"base": "ETH"})
    third = engine.add_instrument("ETHBTC", **BTC | {"base": "ETH", "quote": "BTC"})
    assert [made.number for made in (first, second, third)] == [1, 2, 3]
    assert engine.instruments() == (first, second, third)
    assert third.base == second.base


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tick": 0.01}, "tick"),
        ({"tick": "0"}, "tick"),
        ({"tick": "-0.01"}, "tick"),
        ({"tick": "nan"}, "tick"),
        ({"tick": "1e-19"}, "tick"),
        ({"lot": "inf"}, "lot"),
        ({"lot": 1e-5}, "lot"),
        ({"base_decimals": 25}, "base_decimals"),
        ({"quote_decimals": -1}, "quote_decimals"),
        ({"time_ns": -1}, "time_ns"),
        ({"filters": Filters(price_min="0")}, "price_min"),
        ({"filters": Filters(price_max="0.001")}, "price_max"),
        ({"filters": Filters(quantity_min=0.1)}, "quantity_min"),  # type: ignore[arg-type]
        ({"filters": Filters(quantity_max="nan")}, "quantity_max"),
        ({"filters": Filters(notional_min="0.000000001")}, "notional_min"),
        ({"filters": Filters(notional_max=str(1 << 101))}, "notional_max"),
        ({"filters": Filters(band_ppm=-1)}, "band_ppm"),
        ({"filters": Filters(orders_max=1 << 32)}, "orders_max"),
        ({"filters": Filters(iceberg_parts_max=2.5)}, "iceberg_parts_max"),  # type: ignore[arg-type]
    ],
)
def test_a_value_that_cannot_be_taken_is_named(change: dict[str, Any], field: str) -> None:
    engine = Engine()
    before = engine.state_hash()
    with pytest.raises(InvalidValue) as caught:
        engine.add_instrument("BTCUSDT", **BTC | change)
    assert caught.value.field == field
    assert engine.state_hash() == before


@pytest.mark.parametrize("symbol", ["", "A B", "x" * 25, "ÄÖ", "A\n"])
def test_a_symbol_that_cannot_be_taken_is_named(symbol: str) -> None:
    with pytest.raises(InvalidValue, match=r"^symbol: .* must be 1 to 24 printable ASCII"):
        Engine().add_instrument(symbol, **BTC)


@pytest.mark.parametrize(
    ("change", "reason", "bound"),
    [
        ({"quote_decimals": 6}, RejectReason.INEXACT_VALUE, "whole in the quote asset's"),
        ({"base_decimals": 4}, RejectReason.INEXACT_LOT, "whole in the base asset's"),
        (
            {"filters": Filters(price_max="40000000000000000", quantity_max="90000000000")},
            RejectReason.VALUE_TOO_LARGE,
            "2^100",
        ),
        ({"quote": "BTC"}, RejectReason.INVALID_INSTRUMENT, "base and quote must differ"),
        ({"filters": Filters(band_ppm=1_000_001)}, RejectReason.INVALID_FILTER, "1000000 ppm"),
        (
            {"filters": Filters(price_min="2", price_max="1")},
            RejectReason.INVALID_FILTER,
            "a minimum must not pass",
        ),
    ],
)
def test_numbers_that_cannot_stand_are_rejected(
    change: dict[str, Any], reason: RejectReason, bound: str
) -> None:
    engine = Engine()
    with pytest.raises(InstrumentRejected) as caught:
        engine.add_instrument("BTCUSDT", **BTC | change)
    assert caught.value.reason is reason
    assert caught.value.field == reason.field
    assert bound in str(caught.value)
    assert engine.instruments() == ()
    with pytest.raises(UnknownSymbol):
        engine.instrument("BTCUSDT")
    assert engine.add_instrument("BTCUSDT", **BTC).number == 1


def test_a_symbol_is_taken_once() -> None:
    engine = Engine()
    engine.add_instrument("BTCUSDT", **BTC)
    with pytest.raises(InvalidValue, match="must not be an instrument already"):
        engine.add_instrument("BTCUSDT", **BTC)
    assert engine.sequence == 1


def test_an_update_is_seen_at_once_by_old_handles_too() -> None:
    engine = Engine()
    old = engine.add_instrument("BTCUSDT", **BTC)
    new = engine.update_instrument(old, tick="0.1", lot="0.001")
    assert (new.tick, engine.instrument("BTCUSDT").tick) == (Decimal("0.1"), Decimal("0.1"))
    engine.place(old, side="buy", price="100.1", quantity="1")
    assert engine.depth(old).bids[0].price == Decimal("100.1")
    with pytest.raises(InvalidValue, match=r"price: 100\.01 must be a multiple of 0\.1"):
        engine.place(old, side="buy", price="100.01", quantity="1")


def test_steps_are_locked_while_orders_are_open() -> None:
    engine = Engine()
    btc = engine.add_instrument("BTCUSDT", **BTC)
    engine.place(btc, side="buy", price="100", quantity="1")
    with pytest.raises(InstrumentRejected, match="increments_locked, must stay as they are"):
        engine.update_instrument(btc, tick="0.1", lot="0.001")
    assert engine.instrument("BTCUSDT") == btc


def test_a_batch_may_add_and_update_instruments() -> None:
    maker = Engine()
    maker.add_instrument("OTHER", **BTC)
    engine = Engine()
    engine.add_instrument("BTCUSDT", **BTC)
    records = rows_of(maker._native.instruments(), outcry.INSTRUMENT).copy()
    limits = np.zeros(1, outcry.INSTRUMENT_LIMITS)
    limits["kind"], limits["version"] = outcry.CommandKind.INSTRUMENT_LIMITS, 1
    records["kind"] = outcry.CommandKind.ADD_INSTRUMENT
    records["instrument"] = limits["instrument"] = 7
    engine.apply(records.tobytes() + limits.tobytes())
    assert engine.instrument("OTHER").number == 7
    records["kind"] = outcry.CommandKind.UPDATE_INSTRUMENT
    records["tick_mantissa"] = 5
    records["quantity_max_lots"] = 1000
    engine.apply(records.tobytes() + limits.tobytes())
    assert engine.instrument("OTHER").tick == Decimal("0.05")
    assert engine.add_instrument("NEXT", **BTC | {"base": "NEW"}).number == 8


def defining(symbol: str, *numbers: int) -> bytes:
    """Return commands that define instruments of one symbol."""
    maker = Engine()
    maker.add_instrument(symbol, **BTC)
    records = rows_of(maker._native.instruments(), outcry.INSTRUMENT).copy()
    limits = np.zeros(1, outcry.INSTRUMENT_LIMITS)
    limits["kind"], limits["version"] = outcry.CommandKind.INSTRUMENT_LIMITS, 1
    defined = b""
    for number in numbers:
        records["instrument"] = limits["instrument"] = number
        defined += records.tobytes() + limits.tobytes()
    return defined


def test_a_symbol_that_a_batch_gave_twice_names_neither() -> None:
    engine = Engine()
    engine.apply(defining("X", 3, 8))
    for act in (
        lambda: engine.instrument("X"),
        lambda: engine.place("X", side="buy", price="1", quantity="1"),
        lambda: engine.cancel("X", 1),
    ):
        with pytest.raises(InvalidValue, match="symbol: 'X' is the symbol of instruments 3 and 8"):
            act()
    with pytest.raises(InvalidValue, match="must not be an instrument already"):
        engine.add_instrument("X", **BTC)
    assert [made.number for made in engine.instruments()] == [3, 8]
    assert engine.add_instrument("Y", **BTC).number == 9


def test_a_symbol_that_was_found_may_be_taken_again_by_a_batch() -> None:
    engine = Engine()
    engine.add_instrument("X", **BTC)
    engine.place("X", side="buy", price="1", quantity="1")
    engine.apply(defining("X", 5))
    with pytest.raises(InvalidValue, match="instruments 1 and 5, so it names neither"):
        engine.place("X", side="buy", price="1", quantity="1")


def test_many_instruments_are_added_in_one_pass_over_them(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    reads = 0
    whole = engine._registry._read_symbols

    def counted() -> None:
        nonlocal reads
        reads += 1
        whole()

    monkeypatch.setattr(type(engine._registry), "_read_symbols", lambda _: counted())
    for number in range(1, 301):
        assert engine.add_instrument(f"X{number}", **BTC).number == number
    assert reads == 1


def test_an_iceberg_has_at_most_a_hundred_parts_unless_it_is_said() -> None:
    engine = Engine()
    usual = engine.add_instrument("X", **BTC)
    free = engine.add_instrument("Y", **BTC, filters=Filters(iceberg_parts_max=0))
    assert (usual.filters.iceberg_parts_max, free.filters.iceberg_parts_max) == (100, 0)
    order: dict[str, Any] = {"side": "buy", "price": "1", "quantity": "101", "display": "1"}
    with pytest.raises(
        outcry.OrderRejected, match="display: too_many_iceberg_parts, the bound is 100"
    ):
        engine.place("X", **order)
    assert engine.place("Y", **order).order_id == 1
