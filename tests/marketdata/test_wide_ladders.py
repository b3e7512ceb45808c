"""Profiles and footprints of numbers that 64 bits do not hold.

Goal: decimals of databases and of tokens, 18 after the point, are added up exactly whatever their
size. Method: rows counted by hand over Decimals, in one piece, in pieces of different decimals, and
by the commands.
"""

import json
from decimal import Decimal, localcontext
from pathlib import Path

import polars as pl
import pytest

from outcry.cli import main
from outcry.errors import InvalidValue
from outcry.marketdata import (
    FootprintStream,
    ProfileStream,
    TimeProfileStream,
    footprint,
    market_profile,
    time_profile,
    value_area,
)

DATABASE = pl.Decimal(38, 18)
TRADES = [
    ("100.000000000000000001", "99999.000000000000000001", "buy"),
    ("100.250000000000000000", "12345678901234567890.5", "sell"),
    ("101.400000000000000000", "12345678901234567890.5", "sell"),
    ("101.000000000000000000", "0.000000000000000017", "buy"),
    ("100.999999999999999999", "12345678901234567890.5", "buy"),
]


def frame(rows: list[tuple[str, str, str]] = TRADES) -> pl.DataFrame:
    """Return trades as a database gives them."""
    prices, quantities, sides = zip(*rows, strict=True)
    columns = {"price": prices, "quantity": quantities}
    typed = pl.DataFrame({name: pl.Series(each).cast(DATABASE) for name, each in columns.items()})
    times = pl.Series("time_ns", range(len(rows)), pl.Int64)
    return typed.with_columns(times, pl.Series("side", sides))


def by_hand(side: str) -> dict[Decimal, Decimal]:
    """Return what was traded by one side in each row of 0.5."""
    sums: dict[Decimal, Decimal] = {}
    for price, quantity, aggressor in TRADES:
        row = Decimal(price) // Decimal("0.5") * Decimal("0.5")
        with localcontext(prec=60):
            added = Decimal(quantity) if aggressor == side else Decimal(0)
            sums[row] = sums.get(row, Decimal(0)) + added
    return sums


def test_profiles_add_up_exactly() -> None:
    found = market_profile(frame(), "0.5")
    for side in ("buy", "sell"):
        assert dict(found.rows.select("price", f"{side}_volume").iter_rows()) == by_hand(side)
    assert found.rows["volume"].sum() == Decimal("37037036703703803670.500000000000000018")
    assert found.poc == found.value_area_low == Decimal(100)
    assert found.value_area_high == Decimal(101)


def test_footprints_add_up_exactly() -> None:
    rows = footprint(frame(), "1m", "0.5")
    for side in ("buy", "sell"):
        assert dict(rows.select("price", f"{side}_volume").iter_rows()) == by_hand(side)
    # Bought at 100.5 as much as sold one row below: less than three times.
    assert rows["buy_imbalance"].to_list() == [True, False, True]
    assert rows["sell_imbalance"].to_list() == [False, False, True]
    exactly = footprint(frame(), "1m", "0.5", ratio=1)
    assert exactly["buy_imbalance"].to_list() == [True, True, True]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_streams_widen_on_the_way(step: int) -> None:
    first = pl.DataFrame({"time_ns": [0], "price": [100.5], "quantity": [3], "side": ["sell"]})
    profile, bars = ProfileStream("0.5"), FootprintStream("1m", "0.5")
    pieces = [first, *(frame()[at : at + step] for at in range(0, len(TRADES), step))]
    told = pl.DataFrame()
    for piece in pieces:
        peeked = profile.peek(piece).rows, bars.peek(piece)
        told = bars.update(piece)
        assert profile.update(piece).rows.equals(peeked[0])
        assert told.equals(peeked[1])
    whole = frame([("100.5", "3", "sell"), *TRADES])
    assert profile.profile().rows.equals(market_profile(whole, "0.5").rows)
    assert told.drop("final").equals(footprint(whole, "1m", "0.5"))


def test_sums_pass_64_bits_though_no_number_does() -> None:
    half = 2**62
    rows = [("7", str(half), "buy")] * 5
    trades = frame(rows).with_columns(pl.col("quantity").cast(pl.Int64))
    stream = ProfileStream(1)
    for at in range(5):
        stream.add(trades[at : at + 1])
    for found in (stream.profile(), market_profile(trades, 1)):
        assert found.rows["buy_volume"].to_list() == [5 * half]
    assert footprint(trades)["buy_volume"].to_list() == [5 * half]


def test_profiles_by_time_take_wide_prices() -> None:
    bars = frame([("12.000000000000000001", "14.5", "buy"), ("13.0", "14", "buy")])
    bars = bars.select(pl.col("price").alias("low"), pl.col("quantity").alias("high"))
    found = time_profile(bars, "0.5")
    assert found.rows["periods"].to_list() == [1, 1, 2, 2, 2, 1]
    stream = TimeProfileStream("0.5")
    stream.update(pl.DataFrame({"low": [12.0], "high": [14.5]}))
    assert stream.update(bars[1:]).rows["periods"].to_list() == found.rows["periods"].to_list()


def test_38_digits_are_the_bound() -> None:
    most = 10**38 - 1
    assert value_area([most]) == (0, 0, 0)
    with pytest.raises(InvalidValue, match="volumes"):
        value_area([most, 1])
    nines = frame([("1", "60000000000000000000", "buy")] * 2)
    for tried in (lambda: market_profile(nines, "0.000000000000000001"), lambda: footprint(nines)):
        assert tried() is not None
    wide = frame([("1", "99999999999999999999.999999999999999999", "buy"), ("1", "1", "buy")])
    for refused in (lambda: market_profile(wide, 1), lambda: footprint(wide)):
        with pytest.raises(InvalidValue, match=r"quantity.*38 digits"):
            refused()
    with pytest.raises(InvalidValue, match="row_size"):
        footprint(frame(), "1m", "1e30")


@pytest.mark.parametrize("command", ["profile", "footprint"])
def test_commands_take_18_decimals(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trades.parquet"
    quantities = ("99999.000000000000000001", "1234567", "1234567")
    trades = frame([("100.25", quantity, "buy") for quantity in quantities])
    time = pl.col("time_ns").cast(pl.Datetime("ns", "UTC")).alias("time")
    # Prices of two decimals leave room for the values, which have those of both.
    trades.select(time, pl.col("price").cast(pl.Decimal(38, 2)), "quantity", "side").write_parquet(
        path
    )
    arguments = {
        "profile": ["profile", str(path), "--row-size", "0.5", "--json"],
        "footprint": ["orderflow", str(path), "--row-size", "0.5", "--json"],
    }
    with pytest.raises(SystemExit) as ended:
        main(arguments[command])
    assert not ended.value.code
    text = json.dumps(json.loads(capsys.readouterr().out, parse_float=str))
    assert "2569133.000000000000000001" in text
