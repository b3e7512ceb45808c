"""Goal: numbers are told exactly, with eight places or more, and fees as the engine takes them.

Method: Hypothesis says numbers of instruments with any steps and reads them back; fees are compared
with integers, and with what an exchange really charged.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import Engine
from outcry.exchange import Instrument
from outcry.gateways.figures import PLACES, Figures, format_of
from outcry.protocol import Side

DECIMALS = st.integers(0, 18)
RATES = st.integers(1, 1_000_000)


def instrument_of(tick_decimals: int, lot_decimals: int) -> Instrument:
    """Return an instrument of these steps, in assets fine enough for both."""
    return Engine().add_instrument(
        "PAIR",
        base="BASE",
        quote="QUOTE",
        tick=Decimal(1).scaleb(-tick_decimals),
        lot=Decimal(1).scaleb(-lot_decimals),
        base_decimals=lot_decimals,
        quote_decimals=min(24, tick_decimals + lot_decimals),
    )


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 10**12), st.integers(1, 10**12))
def test_what_is_said_reads_back_as_it_was(
    tick_decimals: int, lot_decimals: int, ticks: int, lots: int
) -> None:
    instrument = instrument_of(tick_decimals, lot_decimals)
    figures = Figures(instrument)
    price, quantity = instrument.price(ticks), instrument.quantity(lots)
    value = instrument.value(ticks * lots)
    for number, text, decimals in (
        (price, figures.price(price), tick_decimals),
        (quantity, figures.quantity(quantity), lot_decimals),
        (value, figures.amount(value), instrument.quote_decimals),
    ):
        assert Decimal(text) == number
        assert len(text.partition(".")[2]) == max(PLACES, decimals)
        assert "E" not in text


@given(st.integers(1, 10**12), st.integers(1, 10**12), RATES, st.sampled_from(list(Side)))
def test_a_fee_is_rounded_down_to_the_smallest_unit(
    ticks: int, lots: int, rate_ppm: int, side: Side
) -> None:
    instrument = instrument_of(2, 5)
    text, asset = Figures(instrument).commission(
        side, instrument.price(ticks), instrument.quantity(lots), rate_ppm
    )
    # A buyer receives lots of 1e-5, a seller ticks times lots of 1e-7.
    received, decimals = (lots, 5) if side is Side.BUY else (ticks * lots, 7)
    assert asset == ("BASE" if side is Side.BUY else "QUOTE")
    assert Decimal(text) == Decimal(received * rate_ppm // 1_000_000).scaleb(-decimals)


@pytest.mark.parametrize("rate_ppm", [0, -1, -1_000_000])
def test_a_rebate_is_no_fee(rate_ppm: int) -> None:
    figures = Figures(instrument_of(2, 5))
    told = figures.commission(Side.SELL, Decimal(100), Decimal(1), rate_ppm)
    assert told == ("0.00000000", "QUOTE")


@pytest.mark.parametrize("rate_ppm", [1, 100, 999, 123_457])
@pytest.mark.parametrize("side", list(Side))
def test_fees_are_those_that_the_engine_takes(rate_ppm: int, side: Side) -> None:
    engine = Engine(money=True)
    for name, decimals in (("BTC", 8), ("USDT", 6)):
        engine.add_asset(name, decimals)
    pair = engine.add_instrument("BTCUSDT", base="BTC", quote="USDT", tick="0.01", lot="0.0001")
    for account in (1, 2):
        engine.set_account(account, taker_rate_ppm=rate_ppm)
        for number, asset in enumerate(("BTC", "USDT")):
            engine.deposit(account, asset, "1000000", source=(account, number + 1))
    price, quantity = Decimal("60000.01"), Decimal("0.3333")
    other = Side.SELL if side is Side.BUY else Side.BUY
    engine.place(pair, side=other, price=price, quantity=quantity, account=1)
    engine.place(pair, side=side, price=price, quantity=quantity, account=2)
    fee, asset = Figures(pair).commission(side, price, quantity, rate_ppm)
    taken = engine.balances(4_294_967_295)[asset].available
    assert Decimal(fee) == taken


@given(DECIMALS)
def test_formats_have_eight_places_or_all(decimals: int) -> None:
    assert format(Decimal(0), format_of(decimals)) == f"0.{'0' * max(8, decimals)}"
