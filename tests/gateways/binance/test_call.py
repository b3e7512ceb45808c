"""Calls: what their parameters are, and what bytes their signatures are about."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.binance.call import PARAMETERS_MAX, Call, read_form
from outcry.gateways.binance.errors import ApiError


def call_of(query: bytes = b"", body: bytes = b"") -> Call:
    return Call(
        "POST",
        "/api/v3/order",
        query,
        body,
        api_key=None,
        address="127.0.0.1",
        received_ns=0,
        request_id=1,
    )


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (b"", b""),
        (b"a=1", b"a=1"),
        (b"signature=00", b""),
        (b"a=1&signature=00", b"a=1"),
        (b"signature=00&a=1", b"a=1"),
        (b"a=1&signature=00&b=2", b"a=1&b=2"),
        (b"resignature=00&a=1", b"resignature=00&a=1"),
        (b"resignature=1&signature=00", b"resignature=1"),
        (b"a=signature=1&signature=00&b=2", b"a=signature=1&b=2"),
    ],
)
def test_signature_is_left_out_wherever_it_stands(raw: bytes, left: bytes) -> None:
    assert read_form(raw)[1] == left


def test_query_and_body_are_signed_as_they_came_one_behind_the_other() -> None:
    call = call_of(b"symbol=A%20B&z=1", b"quantity=1&signature=ff")
    assert call.signed_bytes == b"symbol=A%20B&z=1quantity=1"
    assert call.signed_bytes_decoded() == b"symbol=A B&z=1quantity=1"


def test_query_counts_where_the_body_says_the_same() -> None:
    call = call_of(b"symbol=BTCUSDT&limit=5", b"symbol=ETHUSDT&side=BUY")
    assert call.parameters == {"symbol": "BTCUSDT", "limit": "5", "side": "BUY"}


def test_values_are_percent_decoded() -> None:
    read, _ = read_form(b"symbols=%5B%22A%22%5D&name=a+b&%C3%A4=%C3%B6")
    assert read == {"symbols": '["A"]', "name": "a b", "ä": "ö"}


def test_empty_fields_are_passed_over_and_empty_values_kept() -> None:
    raw = b"&a=&&b&c=x=y&"
    assert read_form(raw) == ({"a": "", "b": "", "c": "x=y"}, raw)


@pytest.mark.parametrize(
    ("raw", "code", "text"),
    [
        (b"a=1&a=1", -1101, "Duplicate values for a parameter detected."),
        (b"a=1&%61=2", -1101, "Duplicate values for a parameter detected."),
        (b"a=\xff", -1100, "Illegal characters found in a parameter."),
        (b"a=%ff", -1100, "Illegal characters found in a parameter."),
        (b"a=%c3", -1100, "Illegal characters found in a parameter."),
        (b"a=%", -1100, "Illegal characters found in a parameter."),
        (b"a=%4", -1100, "Illegal characters found in a parameter."),
        (b"a=1&%zz=2", -1100, "Illegal characters found in a parameter."),
        (b"a=%%41", -1100, "Illegal characters found in a parameter."),
        (
            b"&".join(b"p%d=1" % number for number in range(PARAMETERS_MAX + 1)),
            -1101,
            "Too many parameters sent for this endpoint.",
        ),
    ],
)
def test_what_is_no_form_is_refused(raw: bytes, code: int, text: str) -> None:
    with pytest.raises(ApiError) as raised:
        read_form(raw)
    assert (raised.value.status, raised.value.code, raised.value.text) == (400, code, text)


def test_as_many_parameters_as_there_may_be_are_read() -> None:
    raw = b"&".join(b"p%d=%d" % (number, number) for number in range(PARAMETERS_MAX))
    assert len(read_form(raw)[0]) == PARAMETERS_MAX


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=PARAMETERS_MAX))
def test_what_a_client_encodes_is_read_as_it_was(fields: dict[str, str]) -> None:
    raw = urlencode(fields).encode()
    read, signed = read_form(raw)
    assert read == fields
    kept = [field for field in raw.split(b"&") if not field.startswith(b"signature=")]
    assert signed == b"&".join(kept)


@given(st.binary(max_size=300) | st.text("ab=&%+0fF\x80").map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    # Anything else than a refusal fails the test.
    with suppress(ApiError):
        read, _ = read_form(raw)
        assert read_form(urlencode(read).encode())[0] == read
