"""Requests that went wrong on their way: never a 5xx, and the server goes on.

Goal: no bytes bring the server out of step. Method: proper requests of all kinds are cut, doubled,
exchanged, spoilt and sent in pieces, by a seed; then the client says that it is through, and what
comes back must be whole answers, one behind the other, up to the connection's end. Each seed is
named where it fails. Ends when the cases are through.
"""

import json
import random
import time
from collections import Counter

import pytest

from outcry.gateways.keys import NewKey
from tests.gateways.desk import signed
from tests.gateways.faults.conftest import Venue
from tests.gateways.faults.raw import PING, Raw, asked, chunked, post, signed_request

QUICK, LONG = 300, 25_000
LATE = {(503, -1007), (503, -1008)}
"""What may be said beside what the client did wrong: the history can be behind."""

Chance = random.Random
SPOILS = [
    *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"\xc3\x28", b" ", b"\t", b":", b"%", b"&", b"="),
    *(b"\r\n\r\n", b"HTTP/1.1", b"HTTP/1.0", b"0\r\n\r\n", b"-1", b"9" * 40, b"NaN", b"1e999999"),
    *(b"content-length: 3\r\n", b"transfer-encoding: chunked\r\n", b"expect: 100-continue\r\n"),
    *(b"connection: close\r\n", b"connection: upgrade\r\nupgrade: h2c\r\n", b"x: y\r\n" * 50),
    *(b"POST /order HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n", b"a" * 3_000, b"{" * 300, b"%ff"),
]


def proper(key: NewKey, chance: Chance) -> bytes:
    """Return a request as it should be."""
    order = {
        "symbol": chance.choice(["BTCUSDT", "ETHUSDT"]),
        "side": chance.choice(["BUY", "SELL"]),
        "type": chance.choice(["LIMIT", "MARKET", "LIMIT_MAKER"]),
        "timeInForce": "IOC",
        "quantity": "0.01",
        "price": chance.choice(["50000", "3000.00", "60001"]),
    }
    stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
    api_key, form = f"x-mbx-apikey: {key.api_key}", signed(key, {**order, **stamp})
    bearer = f"authorization: Bearer {key.api_key}.{key.secret}"
    plain = b'{"symbol": "BTCUSDT", "side": "buy", "quantity": "0.5", "price": "50000"}'
    field = b"\r\n" + api_key.encode() + b"\r\n"
    halves = form[: len(form) // 2], form[len(form) // 2 :]
    path = chance.choice(["depth", "trades", "klines", "ticker/24hr", "exchangeInfo", "avgPrice"])
    requests = [
        PING,
        signed_request(key, "POST", "order", order),
        signed_request(key, "DELETE", "openOrders", {"symbol": "BTCUSDT"}),
        signed_request(key, chance.choice(["GET", "HEAD"]), "account", {}),
        signed_request(key, "GET", "allOrders", {"symbol": "BTCUSDT", "limit": 3}),
        post("/api/v3/order", form, api_key),
        post("/api/v3/order", form, api_key, "expect: 100-continue"),
        post("/api/v3/order", form, api_key, "connection: upgrade", "upgrade: h2c"),
        post("/api/v3/openOrders", form, api_key, method="DELETE"),
        chunked("/api/v3/order", *halves).replace(b"\r\n", field, 1),
        post("/order", plain, bearer, "content-type: application/json"),
        f"GET /api/v3/{path}?symbol=BTCUSDT HTTP/1.1\r\nhost: x\r\n\r\n".encode(),
        b"GET /book/BTCUSDT?levels=5 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /api/v3/time HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    ]
    return chance.choice(requests)


def spoilt(data: bytes, chance: Chance) -> bytes:
    """Return bytes with something wrong in them."""
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.choice([1, 1, 1, 4, 30, 500]))
    match chance.randrange(7):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:end] + data[start:]
        case 2:
            return (
                data[:start] + bytes(chance.randrange(256) for _ in range(end - start)) + data[end:]
            )
        case 3 | 4:
            return data[:start] + chance.choice(SPOILS) + data[start:]
        case 5:
            return data[:start] + chance.choice(SPOILS) + data[end:]
        case _:
            return data[:start]


def case_of(seed: int, key: NewKey) -> list[bytes]:
    """Return what a client sends, in pieces."""
    chance = random.Random(seed)
    requests = [proper(key, chance) for _ in range(chance.choice([1, 1, 2, 3, 6]))]
    place = chance.randrange(len(requests))
    for _ in range(chance.choice([0, 1, 1, 1, 2, 4])):
        requests[place] = spoilt(requests[place], chance)
    data = b"".join(requests)
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice([0, 0, 1, 3])))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def answers(address: str, pieces: list[bytes]) -> bytes:
    """Return all that comes back."""
    with Raw(address) as raw:
        for piece in pieces:
            raw.send(piece)
        try:
            raw.end()
        except OSError:
            # The server ended first.
            assert raw.socket.fileno() >= 0
        came = b""
        try:
            while more := raw.socket.recv(1 << 16):
                came += more
        except ConnectionResetError:
            return came
        return came


def require_fair(came: bytes) -> list[int]:
    """Require that these are whole answers of a server that does well; return their statuses."""
    statuses = []
    while came:
        head, end, came = came.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        version, said, _ = first.split(" ", 2)
        assert (version, end) == ("HTTP/1.1", b"\r\n\r\n")
        status, fields = int(said), dict(line.split(": ", 1) for line in lines)
        assert len(fields) == len(lines), head
        statuses.append(status)
        if status == 100:
            continue
        length = int(fields["content-length"])
        if not came or came.startswith(b"HTTP/1.1 "):
            # It was asked for the head alone.
            continue
        body, came = came[:length], came[length:]
        assert len(body) == length
        told = json.loads(body)
        if status >= 400:
            assert status < 500 or (status, told["code"]) in LATE, body
            assert fields["content-type"].startswith("application/")
            assert told["msg"] if "code" in told else told["detail"]
    return statuses


def run(venue: Venue, seeds: range) -> None:
    address, seen = venue.server.address, Counter[int]()
    with Raw(address) as steady:
        for seed in seeds:
            pieces = case_of(seed, venue.key)
            try:
                seen.update(require_fair(answers(address, pieces)))
            except Exception as error:
                raise AssertionError(f"seed {seed}: {pieces}") from error
            if not seed % 50:
                assert steady.send(PING).reply().status == 200
    assert {200, 400, 401, 404} <= seen.keys(), seen
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert asked(address, signed_request(venue.key, "POST", "order", order)).status == 200


def test_spoilt_requests(roomy: Venue) -> None:
    run(roomy, range(QUICK))


@pytest.mark.slow
def test_spoilt_requests_in_the_long_run(roomy: Venue) -> None:
    run(roomy, range(QUICK, QUICK + LONG))
