"""Numbers of every form become the integers that they say, or are refused; never another number."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.errors import InvalidValue
from outcry.marketdata import candles
from outcry.marketdata.scaled import exact_decimal, mantissas

WIDE = pl.Decimal(38, 18)


def exact(values: list[object], scale: int | None = None, dtype: object = None) -> list[Decimal]:
    """Return the numbers as they were understood."""
    units, own = mantissas(pl.Series("price", values, dtype), scale)  # type: ignore[arg-type]
    return [exact_decimal(int(each), own) for each in units.to_list()]


@pytest.mark.parametrize(
    "texts",
    [
        ["4.5115767058272E-4"],
        ["1", "4.5115767058272E-4"],
        ["1.5", "1e-3", "+2E2", "-.5", "7."],
        ["100000000000000000000.00000001"],
        ["1.000000000000000001", "0.100"],
        ["0e99", "12"],
    ],
)
def test_text_is_the_number_that_it_says(texts: list[str]) -> None:
    assert exact(list(texts)) == [Decimal(text) for text in texts]


@given(st.lists(st.decimals(-(10**9), 10**9, places=7), min_size=1))
def test_text_with_exponents_is_exact(numbers: list[Decimal]) -> None:
    assert exact([f"{number:e}" for number in numbers]) == numbers


@pytest.mark.parametrize("text", ["", "1e", "1,5", "0x10", "nan", "inf", "1e99", "1" * 39, "1e-99"])
def test_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="price"):
        mantissas(pl.Series("price", ["1", text]), None)


def test_a_declared_scale_holds_for_every_form() -> None:
    for values, dtype in (
        (["1.50"], None),
        ([Decimal("1.5")], WIDE),
        ([1.5], None),
        ([0.1 + 0.2, 1.2], None),
    ):
        wanted = [Decimal(str(round(float(each), 1))) for each in values]
        assert exact(list(values), 1, dtype) == wanted
    for over, dtype in ((["1.55"], None), ([Decimal("1.55")], WIDE), ([1.55], None)):
        with pytest.raises(InvalidValue, match="more than 1 decimals"):
            exact(list(over), 1, dtype)


@pytest.mark.parametrize("scale", ["x", -1, 31, 1.5, True])
def test_a_wrong_scale_is_refused(scale: object) -> None:
    with pytest.raises(InvalidValue, match="price_scale"):
        exact([1], scale)  # type: ignore[arg-type]


def test_zeros_that_a_database_adds_do_not_count() -> None:
    for places in (18, 20):
        dtype = pl.Decimal(38, places)
        assert mantissas(pl.Series([Decimal("1.5")], dtype=dtype), None)[1] == 8
    made = mantissas(pl.Series(["1.000000000000", "0.123456789"]), None)
    assert (made[0].to_list(), made[1]) == ([10**9, 123_456_789], 9)
    trades = {
        "time_ns": [0, 1],
        "price": pl.Series([Decimal("1.5"), Decimal("61837.63")], dtype=WIDE),
        "quantity": pl.Series([Decimal("1.25"), Decimal("0.00001")], dtype=WIDE),
    }
    row = candles(pl.DataFrame(trades)).row(0, named=True)
    assert (row["open"], row["close"]) == (Decimal("1.5"), Decimal("61837.63"))
    assert row["quote_volume"] == Decimal("1.875") + Decimal("0.6183763")


def test_floats_are_the_decimals_that_they_were_written_as() -> None:
    assert exact([1e22, 1.5]) == [Decimal("1e22"), Decimal("1.5")]
    assert exact([0.1, 61837.63]) == [Decimal("0.1"), Decimal("61837.63")]
    assert exact([0.1], None, pl.Float32) == [Decimal("0.1")]
    with pytest.raises(InvalidValue, match="price"):
        exact([1e300])


def test_what_passes_128_bits_is_refused() -> None:
    with pytest.raises(InvalidValue, match="price: a number of 39 digits"):
        exact([10**20], 18)
