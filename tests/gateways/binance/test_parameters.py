"""Parameters: each is what it must be, or refused by the API's code and text."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import Engine
from outcry.exchange import Instrument
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.errors import ApiError

NUMBER = r"'^([0-9]{1,20})(\.[0-9]{1,20})?$'"
WHOLE = r"'^[0-9]{1,20}$'"
CLIENT_ID = r"'^[\.A-Z\:/a-z0-9_-]{1,36}$'"
ILLEGAL = "Illegal characters found in parameter '{}'; legal range is {}."

FINE_NUMBER = "0.000000000000000003"


def instrument(tick: str, lot: str, decimals: int) -> Instrument:
    return Engine().add_instrument(
        "BTCUSDT",
        base="BTC",
        quote="USDT",
        tick=tick,
        lot=lot,
        base_decimals=decimals,
        quote_decimals=decimals,
    )


COARSE = instrument("0.01", "0.00001", 8)
FINE = instrument("0.000000000000000001", "1", 18)


def refusal(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ApiError) as raised:
        ask()
    assert raised.value.status == 400
    return raised.value.code, raised.value.text


@given(st.decimals("0.00000001", "99999999999", places=8))
def test_decimals_of_eight_places_are_read_exactly(number: Decimal) -> None:
    assert read.decimal({"price": f"{number:f}"}, "price", COARSE) == number


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-1", "+1", "1e5", "1E-3", ".5", "1.", "1_000", "0x10", " 1", "1 ", "1\n"],
)
def test_what_is_no_plain_number_is_illegal(text: str) -> None:
    told = (-1100, ILLEGAL.format("price", NUMBER))
    assert refusal(lambda: read.decimal({"price": text}, "price", COARSE)) == told


@pytest.mark.parametrize("text", ["١٢", "\uff19", "²", "1" * 21, "1." + "1" * 21, "1" * 1_000_000])
def test_other_digits_and_too_many_are_illegal(text: str) -> None:
    told = (-1100, ILLEGAL.format("quantity", NUMBER))
    assert refusal(lambda: read.decimal({"quantity": text}, "quantity", COARSE)) == told


def test_decimals_beyond_eight_places_are_too_precise_unless_they_say_nothing() -> None:
    told = (-1111, "Parameter 'price' has too much precision.")
    assert refusal(lambda: read.decimal({"price": "0.000000001"}, "price", COARSE)) == told
    assert read.decimal({"price": "1.50000000000000000000"}, "price", COARSE) == Decimal("1.5")


def test_nothing_and_zero_are_no_price() -> None:
    mandatory = "Mandatory parameter 'price' was not sent, was empty/null, or malformed."
    assert refusal(lambda: read.decimal({}, "price", COARSE)) == (-1102, mandatory)
    assert refusal(lambda: read.decimal({"price": ""}, "price", COARSE)) == (-1102, mandatory)
    assert refusal(lambda: read.decimal({"price": "0.000"}, "price", COARSE)) == (
        -1013,
        "Invalid price.",
    )


@pytest.mark.parametrize("text", ["-1", "1.0", "1e3", "x", "9" * 21, "٣", "1\n"])
def test_what_is_no_whole_number_is_illegal(text: str) -> None:
    told = (-1100, ILLEGAL.format("orderId", WHOLE))
    assert refusal(lambda: read.whole_or_none({"orderId": text}, "orderId")) == told


def test_whole_numbers_have_a_bound() -> None:
    most = (1 << 64) - 1
    assert read.whole({"orderId": str(most)}, "orderId") == most
    told = (-1130, "Data sent for parameter 'orderId' is not valid.")
    assert refusal(lambda: read.whole({"orderId": str(most + 1)}, "orderId")) == told
    assert refusal(lambda: read.whole({"orderId": "8"}, "orderId", 7)) == told
    told = (-1105, "Parameter 'orderId' was empty.")
    assert refusal(lambda: read.whole_or_none({"orderId": ""}, "orderId")) == told
    mandatory = "Mandatory parameter 'orderId' was not sent, was empty/null, or malformed."
    assert refusal(lambda: read.whole({}, "orderId")) == (-1102, mandatory)


def test_pages_are_cut_to_the_greatest() -> None:
    assert read.page_size({}, 500, 1_000) == 500
    assert read.page_size({"limit": "7"}, 500, 1_000) == 7
    assert read.page_size({"limit": "100000"}, 500, 1_000) == 1_000
    told = (-1130, "Data sent for parameter 'limit' is not valid.")
    assert refusal(lambda: read.page_size({"limit": "0"}, 500, 1_000)) == told


@pytest.mark.parametrize("text", ["x" * 37, "a b", "ä", "a\n", "a;b", "a'", "\x00"])
def test_other_client_order_ids_are_illegal(text: str) -> None:
    told = (-1100, ILLEGAL.format("newClientOrderId", CLIENT_ID))
    said = {"newClientOrderId": text}
    assert refusal(lambda: read.client_id_or_none(said, "newClientOrderId")) == told


def test_an_empty_client_order_id_is_named() -> None:
    told = (-1105, "Parameter 'newClientOrderId' was empty.")
    said = {"newClientOrderId": ""}
    assert refusal(lambda: read.client_id_or_none(said, "newClientOrderId")) == told


def test_client_order_ids_of_every_legal_character_are_read() -> None:
    for text in ("x" * 36, "aZ09._-:/", "-"):
        assert read.client_id_or_none({"name": text}, "name") == text
    assert read.client_id_or_none({}, "name") is None


def test_choices_and_truths_are_of_their_sets() -> None:
    assert read.choice_or_none({"type": "A"}, "type", {"A": 1}) == 1
    assert read.choice_or_none({}, "type", {"A": 1}) is None
    told = (-1130, "Data sent for parameter 'type' is not valid.")
    assert refusal(lambda: read.choice_or_none({"type": "a"}, "type", {"A": 1})) == told
    assert [read.truth({"x": text}, "x") for text in ("true", "false")] == [True, False]
    assert [read.truth({"x": text}, "x") for text in ("True", "False")] == [True, False]
    assert [read.truth({}, "x"), read.truth({}, "x", usual=True)] == [False, True]
    assert refusal(lambda: read.truth({"x": "TRUE"}, "x"))[0] == -1130


@pytest.mark.parametrize("text", ["", "A", '"A"', "{}", "[1]", "[null]", '["A"', "[" * 5_000])
def test_what_is_no_list_of_names_is_illegal(text: str) -> None:
    code, told = refusal(lambda: read.names({"symbols": text}, "symbols", 3))
    assert code == -1100
    assert told.startswith("Illegal characters found in parameter 'symbols'; legal range is ")


def test_lists_of_names_are_bounded_and_name_each_once() -> None:
    assert read.names({}, "symbols", 3) is None
    assert read.names({"symbols": '["A","B"]'}, "symbols", 3) == ["A", "B"]
    told = (-1151, "Symbol is present multiple times in the list.")
    assert refusal(lambda: read.names({"symbols": '["A","A"]'}, "symbols", 3)) == told
    told = (-1101, "Too many values sent for parameter 'symbols', at most 1.")
    assert refusal(lambda: read.names({"symbols": '["A","B"]'}, "symbols", 1)) == told


def test_parameters_that_nobody_reads_are_counted() -> None:
    read.require_known({"a": "1"}, frozenset("ab"))
    told = "Not all sent parameters were read; read '1' parameter(s) but was sent '3'."
    said = {"a": "1", "x": "2", "y": "3"}
    assert refusal(lambda: read.require_known(said, frozenset("ab"))) == (-1104, told)


def test_numbers_may_be_as_fine_as_their_instrument() -> None:
    assert read.decimal({"price": FINE_NUMBER}, "price", FINE) == Decimal(FINE_NUMBER)
    told = (-1111, "Parameter 'price' has too much precision.")
    assert refusal(lambda: read.decimal({"price": FINE_NUMBER + "1"}, "price", FINE)) == told
    assert refusal(lambda: read.decimal({"price": FINE_NUMBER}, "price", COARSE)) == told
