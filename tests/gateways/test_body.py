"""Goal: a body is read whole, within its bound, or not at all. Method: ASGI messages by hand."""

import asyncio
from typing import Any

import pytest

from outcry.gateways.body import BodyTooLongError, DisconnectedError, read_body

MOST = 10
GONE = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def read(*messages: dict[str, Any], **headers: str) -> tuple[bytes, int]:
    """Return the body, and how many messages were left."""
    left = list(messages)
    fields = [(name.replace("_", "-").encode(), each.encode()) for name, each in headers.items()]

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    body = asyncio.run(read_body({"type": "http", "headers": fields}, receive, MOST))
    return body, len(left)


def test_nothing_is_waited_for_where_there_is_no_body() -> None:
    assert read(part(b"x"), host="x") == (b"", 1)
    assert read(part(b"x"), content_length="0") == (b"", 1)


def test_parts_are_joined_up_to_the_bound() -> None:
    assert read(part(b"12345"), part(b"67890", more=False), content_length="10") == (
        b"1234567890",
        0,
    )
    chunks = [part(bytes([48 + place])) for place in range(MOST)]
    assert read(*chunks, part(b"", more=False), transfer_encoding="chunked") == (b"0123456789", 0)


def test_what_says_that_it_is_too_long_is_not_read() -> None:
    with pytest.raises(BodyTooLongError):
        read(content_length="11")


def test_what_becomes_too_long_is_not_read_on() -> None:
    with pytest.raises(BodyTooLongError):
        read(part(b"123456"), part(b"12345"), transfer_encoding="chunked")


@pytest.mark.parametrize("before", [(), (part(b"1234"),)])
def test_a_client_that_is_gone_has_no_body(before: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(DisconnectedError):
        read(*before, GONE, content_length="5")
