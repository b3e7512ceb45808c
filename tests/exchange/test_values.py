"""Goal: a decimal becomes exactly the integer it says, or is refused by field and bound.

Method: a table of both, and for any number of units the way there and back.
"""

from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import Engine, InvalidValue
from outcry._native import to_decimal, to_increment, to_units
from outcry.exchange.values import to_whole

MOST = (1 << 63) - 1


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("60000.00", 6_000_000),
        ("60000", 6_000_000),
        ("+60000.0000", 6_000_000),
        ("6E+4", 6_000_000),
        ("6e4", 6_000_000),
        ("600000e-1", 6_000_000),
        (".01", 1),
        ("1.", 100),
        ("00000000000000000000000000000000000000000000000000.01", 1),
        ("0.010000000000000000000000000000000000000000000000000000", 1),
        (60000, 6_000_000),
        (Decimal("60000.00"), 6_000_000),
        (Decimal("6E+4"), 6_000_000),
        ("92233720368547758.07", MOST),
    ],
)
def test_exact_values_are_taken(value: str | int | Decimal, units: int) -> None:
    assert to_units("price", value, 1, 2, MOST) == units


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        ("60000.001", "must be a multiple of 0.01"),
        ("1e-3", "must be a multiple of 0.01"),
        ("0." + "1" * 50, "must be a multiple of 0.01"),
        ("0", "must be above 0"),
        ("0.00", "must be above 0"),
        ("-0", "must be above 0"),
        ("-1", "must be above 0"),
        (-1, "must be above 0"),
        (Decimal(-1), "must be above 0"),
        ("nan", "is not finite"),
        ("-NaN", "is not finite"),
        ("Infinity", "is not finite"),
        ("-inf", "is not finite"),
        (Decimal("NaN"), "is not finite"),
        (Decimal("Infinity"), "is not finite"),
        ("92233720368547758.08", "must be at most 92233720368547758.07"),
        ("1e30", "must be at most 92233720368547758.07"),
        ("9" * 60, "must be at most 92233720368547758.07"),
        ("1e999999999", "must be at most 92233720368547758.07"),
        ("1e99999999999", "must be at most 92233720368547758.07"),
        ("", "is no decimal number"),
        (".", "is no decimal number"),
        ("e5", "is no decimal number"),
        ("1e", "is no decimal number"),
        ("1e+-2", "is no decimal number"),
        ("1.2.3", "is no decimal number"),
        ("1,5", "is no decimal number"),
        ("1_000", "is no decimal number"),
        (" 1", "is no decimal number"),
        ("1 ", "is no decimal number"),
        ("0x10", "is no decimal number"),
        ("--1", "is no decimal number"),
        ("\u0661", "is no decimal number"),
        ("1\x00", "is no decimal number"),
        ("\ud800", "is no decimal number"),
        (0.5, "is of type float: give a str, an int or a decimal.Decimal"),
        (float("nan"), "is of type float: give a str, an int or a decimal.Decimal"),
        (True, "is of type bool: give a str, an int or a decimal.Decimal"),
        (None, "is of type NoneType: give a str, an int or a decimal.Decimal"),
        (np.float64(1), "is of type float64: give a str, an int or a decimal.Decimal"),
        (b"1", "is of type bytes: give a str, an int or a decimal.Decimal"),
        pytest.param(10**5000, "must be written in at most 128 bytes", id="huge"),
        ("1" * 200, "must be written in at most 128 bytes"),
    ],
)
def test_anything_else_is_refused_by_field_and_bound(value: object, bound: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        to_units("price", value, 1, 2, MOST)
    assert caught.value.field == "price"
    assert caught.value.bound == bound
    assert str(caught.value).startswith("price: ")
    assert str(caught.value).endswith(bound)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("value", "mantissa", "decimals", "units"),
    [("0.015", 5, 3, 3), ("250", 25, 0, 10), ("0.000000000000000001", 1, 18, 1)],
)
def test_steps_need_not_be_powers_of_ten(
    value: str, mantissa: int, decimals: int, units: int
) -> None:
    assert to_units("price", value, mantissa, decimals, MOST) == units


def test_a_value_between_odd_steps_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"price: 0\.012 must be a multiple of 0\.005"):
        to_units("price", "0.012", 5, 3, MOST)


@given(
    units=st.integers(1, (1 << 64) - 1),
    mantissa=st.integers(1, 10**6),
    decimals=st.integers(0, 18),
)
def test_there_and_back(units: int, mantissa: int, decimals: int) -> None:
    value = to_decimal(units, mantissa, decimals)
    with localcontext() as context:
        context.prec = 60
        assert value == Decimal(units) * mantissa / 10**decimals
    for form in (value, str(value), format(value, "E")):
        assert to_units("quantity", form, mantissa, decimals, 1 << 100) == units


@given(st.text(max_size=12) | st.from_regex(r"[-+]?[0-9]{0,9}\.?[0-9]{0,9}(e[-+]?[0-9]{1,3})?"))
def test_text_is_taken_as_decimal_takes_it_or_refused(text: str) -> None:
    units, error = None, None
    try:
        units = to_units("price", text, 1, 8, 1 << 100)
    except InvalidValue as caught:
        error = caught
    if units is None:
        assert error is not None
        assert error.field == "price"
    else:
        with localcontext() as context:
            context.prec = 60
            assert Decimal(text) * 10**8 == units


def test_decimals_do_not_depend_on_the_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert str(to_decimal(123_456_789, 1, 2)) == "1234567.89"


@pytest.mark.parametrize(
    ("value", "increment"),
    [("0.01", (1, 2)), ("0.0050", (5, 3)), ("25", (25, 0)), ("1e-18", (1, 18)), (100, (100, 0))],
)
def test_an_increment_is_a_mantissa_and_decimals(
    value: str | int, increment: tuple[int, int]
) -> None:
    assert to_increment("tick", value) == increment


@pytest.mark.parametrize(
    "value", ["0", "-1", "1e-19", "1e20", "nan", 0.01, "", pytest.param(10**5000, id="huge")]
)
def test_no_other_increment_is_taken(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^tick: "):
        to_increment("tick", value)


def test_numpy_integers_are_integers_everywhere() -> None:
    engine: Any = Engine()
    two, price = np.int64(2), np.uint16(200)
    x = engine.add_instrument("X", base="A", quote="B", tick=two, lot=np.uint8(1), time_ns=two)
    engine.set_account(two, group=two)
    order = engine.place(
        x, side=np.int8(1), price=price, quantity=two, account=two, request_id=two, time_ns=two
    )
    assert engine.order(np.uint64(order.order_id)).price == 200
    assert engine.depth(x, np.int32(1)).bids[0].quantity == 2
    engine.place(x, side="sell", price=price, quantity=1)
    trailing = {"type": "stop", "trigger": "fall", "trail_ppm": np.int32(500_000)}
    engine.set_reference(x, price)
    stop = engine.place(x, side="sell", quantity=two, **trailing)
    assert engine.order(stop.order_id).stop == 100
    assert engine.mass_cancel(account=two, time_ns=two) == (order.order_id,)


@pytest.mark.parametrize("value", [np.float64(2), np.bool_(True), True, 2.0, "2", None], ids=repr)
def test_nothing_else_is_an_integer(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^levels: .* must be an int from 0 to 9$"):
        to_whole("levels", value, 9)  # type: ignore[arg-type]
