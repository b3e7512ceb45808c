"""Goal: the short way of a request to the spot API answers as the long one, and keeps to its turn.

Method: an API that notes what it is handed stands beside an application that notes the rest, behind
real sockets; then a real server answers the same requests on both ways.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from outcry.gateways.binance import Request
from tests.gateways.place import Place, bounds, run, until
from tests.gateways.serving import make_venue, served

GET = b"GET /api/v3/time?a=1&b=%25 HTTP/1.1\r\nX-MBX-APIKEY: k\r\n\r\n"
POST = b"POST /api/v3/time HTTP/1.1\r\nContent-Length: 3\r\n\r\nc=2"
NOW = b"GET /now HTTP/1.1\r\n\r\n"


class Spot:
    """An API of one path, whose answers wait for the test.

    Attributes:
        asked: What it was handed: the request and its body.
        waiting: Whom to tell each answer, the oldest first.
    """

    def __init__(self) -> None:
        self.plain_paths = {b"/api/v3/time": "/api/v3/time"}
        self.asked: list[tuple[Request, bytes | None]] = []
        self.waiting: list[Any] = []

    def begin(self, request: Request, body: bytes | None, tell: object) -> None:
        self.asked.append((request, body))
        self.waiting.append(tell)

    def answer(self, body: bytes = b"{}") -> None:
        self.waiting.pop(0)(200, [b"a: b\r\n"], body)


def test_a_plain_request_is_handed_over_whole() -> None:
    async def work() -> None:
        spot = Spot()
        place = Place(bounds(), spot)
        async with place.served():
            client = await place.connect(GET)
            await until(lambda: spot.waiting)
            spot.answer(b"one")
            assert await client.reader.readuntil(b"one") == (
                b"HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 3\r\n\r\none"
            )
            client.writer.write(POST[:-2])
            await asyncio.sleep(0)
            assert not spot.waiting
            client.writer.write(POST[-2:])
            await until(lambda: spot.waiting)
            spot.answer()
            assert await client.told() == b"{}"
            (first, nothing), (second, body) = spot.asked
            assert (first.method, first.path, first.query) == ("GET", "/api/v3/time", b"a=1&b=%25")
            assert (first.headers, first.address) == ([(b"x-mbx-apikey", b"k")], "127.0.0.1")
            assert (nothing, second.method, second.query, body) == (b"", "POST", b"", b"c=2")
            assert place.begun == []

    run(work())


LONG = {
    "an older version": b"GET /api/v3/time HTTP/1.0\r\n\r\n",
    "another path": NOW,
    "an encoded path": b"GET /api/v3/%74ime HTTP/1.1\r\n\r\n",
    "a whole address": b"GET http://here/api/v3/time HTTP/1.1\r\n\r\n",
    "a fragment": b"GET /api/v3/time?a#b HTTP/1.1\r\n\r\n",
    "another method": b"HEAD /api/v3/time HTTP/1.1\r\n\r\n",
    "an unknown length": (
        b"POST /api/v3/time HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a long body": b"POST /api/v3/time HTTP/1.1\r\ncontent-length: 2000\r\n\r\n" + b"a" * 2_000,
    "a body that waits": (
        b"POST /api/v3/time HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\na"
    ),
    "another protocol": (
        b"GET /api/v3/time HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
    ),
}


@pytest.mark.parametrize("data", LONG.values(), ids=LONG)
def test_what_is_not_plain_takes_the_long_way(data: bytes) -> None:
    async def work() -> None:
        spot = Spot()
        place = Place(bounds(), spot)
        async with place.served():
            await place.connect(data)
            await until(lambda: place.begun)
            assert spot.asked == []

    run(work())


def test_answers_keep_the_order_of_their_requests() -> None:
    async def work() -> None:
        spot = Spot()
        place = Place(bounds(), spot)
        async with place.served():
            client = await place.connect(GET + NOW + GET + GET)
            await until(lambda: spot.waiting)
            other = await place.connect(NOW)
            assert await other.told() == b"/now"
            # What stands behind a request at work waits, whatever its way.
            assert place.begun == ["/now"]
            spot.answer(b"first")
            assert await client.told() == b"first"
            assert await client.told() == b"/now"
            assert await client.told() == await client.told() == b"/api/v3/time"
            assert len(spot.asked) == 1

    run(work())


def test_nobody_is_told_who_left() -> None:
    async def work() -> None:
        spot = Spot()
        place = Place(bounds(), spot)
        async with place.served():
            client = await place.connect(GET)
            await until(lambda: spot.waiting)
            client.writer.transport.abort()
            spot.answer()
            await until(lambda: not place.connections)
            assert await (await place.connect(NOW)).told() == b"/now"

    run(work())


def test_a_connection_ends_behind_its_last_request() -> None:
    async def work() -> None:
        spot = Spot()
        place = Place(bounds(), spot)
        async with place.served():
            last = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
            client = await place.connect(last + GET)
            await until(lambda: spot.waiting)
            spot.answer(b"bye")
            told = await client.rest()
            assert told.endswith(b"connection: close\r\ncontent-length: 3\r\n\r\nbye")
            assert len(spot.asked) == 1

    run(work())


TARGETS = (
    "/api/v3/ticker/price",
    "/api/v3/depth?symbol=BTCUSDT",
    "/api/v3/depth?symbol=NONE",
    "/api/v1/depth?symbol=BTCUSDT",
    "/api/v1/account?timestamp=1",
    "//api/v3/depth?symbol=BTCUSDT",
    "/api/v3/account?timestamp=1",
    "/api/v3/order/nothing",
)


def test_both_ways_answer_alike(tmp_path: Path) -> None:
    make_venue(tmp_path)

    async def work() -> None:
        with served(tmp_path) as server:
            host, port = server.address.removeprefix("http://").split(":")
            for target in TARGETS:
                head = f"GET {target} HTTP/1.1\r\n"
                short = await told_by(host, int(port), head)
                long = await told_by(host, int(port), f"{head}expect: 100-continue\r\n")
                assert len(short) > 5
                assert short == long

    run(work())


def test_a_head_is_told_without_its_body(tmp_path: Path) -> None:
    make_venue(tmp_path)

    async def work() -> None:
        with served(tmp_path) as server:
            host, port = server.address.removeprefix("http://").split(":")
            told = await told_by(host, int(port), "GET /api/v3/ping HTTP/1.1\r\n")
            head = await told_by(host, int(port), "HEAD /api/v3/ping HTTP/1.1\r\n")
            assert b"content-length: 2" in head
            assert sorted([*head, b"{}"])[1:] == told

    run(work())


async def told_by(host: str, port: int, head: str) -> list[bytes]:
    """Return the lines of an answer but for those that no two answers share."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"{head}host: here\r\nconnection: close\r\n\r\n".encode())
    lines = (await reader.read()).split(b"\r\n")
    writer.close()
    own = (b"x-request-id", b"date", b"x-mbx-used-weight")
    return sorted(line for line in lines if not line.startswith(own))
