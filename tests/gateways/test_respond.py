"""Goal: an answer's bytes are what HTTP says. Method: answers written out, or sent by ASGI."""

import asyncio
from typing import Any

from outcry.gateways.respond import respond, written

LINES = [b"x-a: 1\r\n", b"x-b: 2\r\n"]


def test_an_answer_is_a_line_headers_and_its_body() -> None:
    answer = written(200, [(b"date", b"today")], LINES, b"{}", is_last=False)
    assert answer == (
        b"HTTP/1.1 200 OK\r\ndate: today\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 2\r\n\r\n{}"
    )


def test_the_last_answer_says_that_it_is_the_last() -> None:
    answer = written(503, [], [], b"", is_last=True)
    assert answer == (
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )


def test_elsewhere_an_answer_is_two_messages() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
        sent.append(message)

    asyncio.run(respond(send, 404, LINES, b"abc"))
    assert sent == [
        {
            "type": "http.response.start",
            "status": 404,
            "headers": [(b"x-a", b"1"), (b"x-b", b"2"), (b"content-length", b"3")],
        },
        {"type": "http.response.body", "body": b"abc"},
    ]
