"""Goal: requests on one connection keep to their order, and slow clients to their time.

Method: the protocol serves a small application over real sockets in this process; its requests
wait until the test lets them go, so every order of events can be had. Times are handed in.
"""

import asyncio

import pytest

from outcry.gateways.connection import LINGER_S
from tests.gateways.place import Place, bounds, run, until

NOW, SLOW = b"GET /now HTTP/1.1\r\n\r\n", b"GET /slow HTTP/1.1\r\n\r\n"
MALFORMED = b"BREW / HTTP/1.1\r\n\r\n"
TOLD_NOW, TOLD_SLOW = b"/now", b"/slow"
MANY = 100_000


def test_one_is_at_work_at_a_time_and_the_order_is_kept() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(NOW + SLOW + NOW + SLOW + NOW)
            assert await client.told() == TOLD_NOW
            other = await place.connect(NOW)
            assert await other.told() == TOLD_NOW
            await until(lambda: len(place.begun) == 3)
            assert place.begun == ["/now", "/slow", "/now"]
            place.go.set()
            found = [await client.told() for _ in range(4)]
            assert found == [TOLD_SLOW, TOLD_NOW, TOLD_SLOW, TOLD_NOW]

    run(work())


def test_what_is_no_request_is_told_behind_those_before() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(SLOW + NOW + MALFORMED + NOW)
            await until(lambda: place.begun)
            assert await (await place.connect(NOW)).told() == TOLD_NOW
            place.go.set()
            assert [await client.told() for _ in range(3)] == [TOLD_SLOW, TOLD_NOW, b"400"]
            assert await client.rest() == b""
            assert place.begun.count("/now") == 2

    run(work())


@pytest.mark.parametrize("before", [b"", SLOW])
def test_a_body_that_breaks_off_midway_is_answered_once(before: bytes) -> None:
    head = b"POST /now HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"

    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(before + head + (b"zz\r\n" if before else b""))
            await until(lambda: place.begun)
            if not before:
                client.writer.write(b"zz\r\n" + NOW)
            else:
                place.go.set()
                assert await client.told() == TOLD_SLOW
            assert await client.told() == b"400"
            assert await client.rest() == b""
            # One that was begun is told that it leads to nothing; one that waited never begins.
            await until(lambda: place.left == (not before))
            assert place.begun == (["/slow"] if before else ["/now"])

    run(work())


def test_who_has_said_all_is_answered() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(SLOW + NOW)
            client.writer.write_eof()
            await until(lambda: place.begun)
            place.go.set()
            assert [await client.told() for _ in range(2)] == [TOLD_SLOW, TOLD_NOW]
            assert await client.rest() == b""

    run(work())


def test_requests_behind_a_connection_that_broke_are_not_begun() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(SLOW + NOW * 5)
            await until(lambda: place.begun)
            client.writer.transport.abort()
            # Nothing is read while they wait, so it is the answer that meets the break.
            place.go.set()
            await until(lambda: not place.connections)
            assert set(place.begun) <= {"/slow", "/now"}
            body = b"POST /now HTTP/1.1\r\ncontent-length: 9\r\n\r\n"
            (await place.connect(body)).writer.close()
            await until(lambda: place.left == 1)

    run(work())


def test_what_waits_behind_a_slow_one_is_bounded() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(SLOW + NOW * MANY)
            await until(lambda: place.begun)
            waiting = place.protocols[0]
            assert await (await place.connect(NOW)).told() == TOLD_NOW
            assert len(waiting.pipeline) < 200
            assert len(waiting.flow.unread) < 1 << 19
            place.go.set()
            assert await client.told() == TOLD_SLOW
            for _ in range(10_000):
                assert await client.told() == TOLD_NOW
            assert len(waiting.pipeline) < 200
            assert len(waiting.flow.unread) < 1 << 19

    run(work())


@pytest.mark.parametrize("length", [4_096, 4_097])
def test_heads_are_as_long_as_they_may_be(length: int) -> None:
    head = b"POST /now HTTP/1.1\r\ncontent-length: 8000\r\nx: %b\r\n\r\n"
    data = head % (b"y" * (length - len(head % b""))) + b"z" * 8_000

    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            for pieces in (
                [NOW + data + NOW],
                [NOW, data, NOW],
                [NOW + data[:4_090], data[4_090:]],
            ):
                client = await place.connect()
                for piece in pieces:
                    client.writer.write(piece)
                    await client.writer.drain()
                assert await client.told() == TOLD_NOW
                expected = TOLD_NOW + b"z" * 8_000 if length == 4_096 else b"431"
                assert await client.told() == expected

    run(work())


def test_a_client_is_late_by_the_clock() -> None:
    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            idle = await place.connect(NOW)
            begun = await place.connect(NOW + NOW[:9])
            served = await place.connect(SLOW)
            assert [await each.told() for each in (idle, begun)] == [TOLD_NOW] * 2
            await until(lambda: place.begun.count("/slow") == 1)
            now = asyncio.get_running_loop().time()
            assert [each.end_if_late(now + 9.0) for each in place.protocols] == [False] * 3
            assert [each.end_if_late(now + 11.0) for each in place.protocols] == [
                False,
                True,
                False,
            ]
            assert await begun.told() == b"408"
            assert await begun.rest() == b""
            assert not place.protocols[1].end_if_late(now + LINGER_S - 1.0)
            assert [each.end_if_late(now + 76.0) for each in place.protocols] == [
                True,
                False,
                False,
            ]
            assert await idle.rest() == b""
            # Whoever waits for an answer is not late, whatever it takes.
            assert not place.protocols[2].end_if_late(now + 1_000.0)
            place.go.set()
            assert await served.told() == TOLD_SLOW

    run(work())


def test_time_in_which_nothing_is_read_does_not_count() -> None:
    body = b"POST /now HTTP/1.1\r\ncontent-length: 2\r\n\r\n{"

    async def work() -> None:
        place = Place(bounds())
        async with place.served():
            client = await place.connect(SLOW + body)
            await until(lambda: place.begun)
            now = asyncio.get_running_loop().time()
            assert not place.protocols[0].end_if_late(now + 1_000.0)
            place.go.set()
            assert await client.told() == TOLD_SLOW
            client.writer.write(b"}")
            assert await client.told() == TOLD_NOW + b"{}"

    run(work())
