"""The one frame of trades: what batches of any scale and width come to when they are joined.

Goal: no digit is lost between the text and the frame. Method: batches that raise each other's
scales and widths, and every text against Python's Decimal.
"""

from decimal import Decimal, localcontext
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import InvalidValue
from outcry.feeds import TRADES_SCHEMA, TradeOptions, Trades, join_trades, open_trades

NAMED = TradeOptions(columns={"time": 0, "price": 1, "quantity": 2})


def read(folder: Path, text: str, options: TradeOptions = NAMED) -> Trades:
    path = folder / "trades.csv"
    path.write_text(text, encoding="utf-8")
    with open_trades(path, format="csv", options=options) as reader:
        return join_trades(list(reader))


def decimals(trades: Trades, name: str) -> list[Decimal]:
    scale = {"price": trades.price_scale, "quantity": trades.quantity_scale}[name]
    with localcontext() as context:
        context.prec = 60
        return [Decimal(units).scaleb(-scale) for units in trades.frame[name].to_list()]


def test_no_trades_have_every_column() -> None:
    assert Trades.empty().frame.schema == TRADES_SCHEMA
    assert join_trades([]).frame.schema == TRADES_SCHEMA


def test_what_a_source_does_not_say_is_null(tmp_path: Path) -> None:
    trades = read(tmp_path, "1723161255342,1.5,2\n")
    assert trades.frame.schema == TRADES_SCHEMA
    row = trades.frame.row(0, named=True)
    assert (row["symbol"], row["account"], row["value"], row["side"]) == (None, None, None, 0)
    assert row["trade_id"] == 1


def test_64_bits_widen_where_they_must(tmp_path: Path) -> None:
    trades = read(tmp_path, "1,9223372036854775807,1\n2,0.5,99999999999999999999\n")
    assert trades.frame.schema["price"] == trades.frame.schema["quantity"] == pl.Int128
    assert decimals(trades, "price") == [Decimal(2**63 - 1), Decimal("0.5")]
    assert decimals(trades, "quantity") == [Decimal(1), Decimal(99999999999999999999)]


def test_batches_are_joined_at_the_greatest_scales(tmp_path: Path) -> None:
    coarse = read(tmp_path, "1,1.5,2\n")
    fine = read(tmp_path, "1,0.0000000001,2.25\n2,900000000000,1\n")
    both = join_trades([coarse, fine])
    assert both.scales == (10, 2, 0)
    assert both.frame.schema["price"] == pl.Int128
    expected = [Decimal("1.5"), Decimal("1e-10"), Decimal(900000000000)]
    assert decimals(both, "price") == expected


def test_scales_rise_only(tmp_path: Path) -> None:
    trades = read(tmp_path, "1,1.5,2\n")
    assert trades.at_scales(3, 0, 0).frame["price"].to_list() == [1500]
    with pytest.raises(InvalidValue, match=r"^price_scale: 0 must be at least 1"):
        trades.at_scales(0, 0, 0)
    with pytest.raises(InvalidValue, match="must leave 128 bits"):
        trades.at_scales(39, 0, 0)


@given(
    st.lists(
        st.tuples(
            st.decimals(Decimal("1e-17"), Decimal("1e15"), allow_nan=False, places=17),
            st.integers(1, 10**20),
            st.sampled_from(["plain", "exponent", "short"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_no_text_loses_a_digit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Decimal, int, str]]
) -> None:
    ways = {
        "plain": lambda value: format(value, "f"),
        "exponent": lambda value: format(value, "E"),
        "short": lambda value: format(value, "f").rstrip("0").rstrip("."),
    }
    text = "".join(
        f"{at},{ways[way](price)},{lots}\n" for at, (price, lots, way) in enumerate(rows)
    )
    trades = read(tmp_path_factory.mktemp("trades"), text)
    assert decimals(trades, "price") == [price for price, _, _ in rows]
    assert decimals(trades, "quantity") == [Decimal(lots) for _, lots, _ in rows]
