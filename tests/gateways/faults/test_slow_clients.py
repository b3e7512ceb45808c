"""Clients that keep the server waiting: cut, and others undisturbed.

Goal: nobody can hold a connection, memory or the time of others by being slow. Method: clients
that send a byte at a time, half a request or none, that never read, or that only stay, meet a
server with little patience; another client asks meanwhile, and the server's memory is read from
the system. Ends when each of them is cut.
"""

import resource
import statistics
import time
from contextlib import ExitStack

import pytest

from tests.gateways.faults.conftest import TIGHT, Venue
from tests.gateways.faults.raw import (
    PATIENCE_S,
    PING,
    Raw,
    asked,
    chunked,
    post,
    resident_bytes,
    signed_request,
)

LATE = (408, -1100, "The request did not arrive within 1 s.")
TIMEOUT_S, IDLE_S = TIGHT["request_timeout_ms"] / 1_000, TIGHT["keep_alive_ms"] / 1_000
USUAL_S = 0.5
"""Half of the other client's requests are to be answered within this, in seconds."""

MB = 1 << 20
UNREAD_BYTES_MAX = 2 * MB
"""What a connection may cost whose client reads nothing, in bytes."""

IDLE_BYTES_MAX = 12_000
"""What a connection that only stays may cost, in bytes."""

NOISE_BYTES = 8 * MB
"""What a server's memory may grow by beside, as its allocator takes it in pieces, in bytes."""

RESTING = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}


class Other:
    """A client that asks as all should, and how long it waits."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._waited_s: list[float] = []

    def ask(self) -> None:
        """Ask once, over a connection of its own."""
        since = time.monotonic()
        assert asked(self._venue.server.address, PING).status == 200
        self._waited_s.append(time.monotonic() - since)

    def require_undisturbed(self) -> None:
        """Require that the usual wait was short; the machine may stop for a while."""
        assert statistics.median(self._waited_s) < USUAL_S


def figure(venue: Venue, name: str) -> float:
    """Return what the server tells Prometheus of something."""
    told = asked(venue.server.address, b"GET /metrics HTTP/1.1\r\n\r\n").raw.decode()
    return float(next(line.split()[1] for line in told.splitlines() if line.startswith(name + " ")))


def wait_until_alone(venue: Venue) -> None:
    until = time.monotonic() + PATIENCE_S
    while figure(venue, "outcry_connections") > 1:
        assert time.monotonic() < until


SLOW = [
    PING,
    PING.replace(b"ping", b"ping?" + b"x" * 300),
    post("/api/v3/order", b"x" * 300),
    post("/order", b"{" * 300),
    chunked("/api/v3/order", *[b"x"] * 100),
    PING[:-2] + b"x-y: z\r\n" * 50,
]


def test_a_byte_at_a_time_is_too_slow(tight: Venue) -> None:
    address, other = tight.server.address, Other(tight)
    wait_until_alone(tight)
    cut_before = figure(tight, "outcry_connections_timed_out_total")
    since = time.monotonic()
    with ExitStack() as stack:
        slow = [
            (stack.enter_context(Raw(address, f"127.0.0.{2 + number // 20}")), SLOW[number % 6])
            for number in range(40)
        ]
        for place in range(30):
            for raw, data in slow:
                raw.send(data[place : place + 1])
            # Well before their time is up: who sends once he is cut may lose what he was told.
            while time.monotonic() < since + TIMEOUT_S * place / 100:
                other.ask()
        for raw, _ in slow:
            assert raw.reply().error == LATE
            assert raw.is_closed()
    assert time.monotonic() - since >= TIMEOUT_S
    other.require_undisturbed()
    assert figure(tight, "outcry_connections_timed_out_total") == cut_before + len(slow)


HALVES = [
    b"G",
    PING[:-1],
    PING * 3 + PING[:-2],
    post("/api/v3/order", b"")[:-5] + b"99\r\n\r\n",
    post("/order", b"{}" * 30_000)[:-1],
    chunked("/order", b"{}")[:-1],
    chunked("/order", b"{}")[:-5],
]
WITHOUT = [b"", b"\r\n", PING, PING * 3]
REFUSED = post("/order", b"").replace(b"length: 0", b"length: 70000") + b"x" * 100


def test_what_never_comes_is_not_waited_for(tight: Venue) -> None:
    since = time.monotonic()
    with ExitStack() as stack:
        halves, without, refused = (
            [(stack.enter_context(Raw(tight.server.address)).send(each), each) for each in kind]
            for kind in (HALVES, WITHOUT, [REFUSED])
        )
        for raw, data in halves:
            for _ in range(data.count(b"ping") - 1):
                assert raw.reply().status == 200
            assert raw.reply().error == LATE
            assert raw.is_closed()
        assert time.monotonic() - since >= TIMEOUT_S
        for raw, _ in refused:
            assert raw.reply().status == 413
            # It has its answer; there is no second one.
            assert raw.is_closed()
        for raw, data in without:
            for _ in range(data.count(PING)):
                assert raw.reply().status == 200
            assert raw.is_closed()
        assert time.monotonic() - since >= IDLE_S


LONG = [
    f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    for path in ("/api/v3/exchangeInfo", "/openapi.json")
]
"""Requests whose answers are long."""


def leave_unread(venue: Venue, other: Other) -> int:
    """Have clients ask and read nothing until they are cut; return the most memory meanwhile."""
    wait_until_alone(venue)
    cut_before = figure(venue, "outcry_connections_timed_out_total")
    most = 0
    with ExitStack() as stack:
        for request in LONG:
            raw = stack.enter_context(Raw(venue.server.address, "127.0.0.2", read_bytes=4_096))
            raw.socket.settimeout(0.01)
            # What is not answered is not read, either, so there is an end to what can be sent.
            with pytest.raises(TimeoutError):
                raw.socket.sendall(request * (64 * MB // len(request)))
            other.ask()
        until = time.monotonic() + PATIENCE_S
        while figure(venue, "outcry_connections_timed_out_total") < cut_before + len(LONG):
            most = max(most, resident_bytes(venue.server.process.pid))
            other.ask()
            assert time.monotonic() < until
    return most


@pytest.mark.slow
def test_answers_that_nobody_reads(tight: Venue) -> None:
    other = Other(tight)
    # What a server takes once, at its first requests, is no cost of a client that does not read.
    for _ in range(20):
        other.ask()
        for request in LONG:
            assert asked(tight.server.address, request).status == 200
    before = resident_bytes(tight.server.process.pid)
    assert leave_unread(tight, other) - before < len(LONG) * UNREAD_BYTES_MAX + NOISE_BYTES
    other.require_undisturbed()


def connect(stack: ExitStack, venue: Venue, count: int) -> None:
    """Open connections that stay: the half of them asked once, some are within a request."""
    for number in range(count):
        raw = stack.enter_context(Raw(venue.server.address, f"127.0.0.{2 + number % 5}"))
        if number % 2:
            assert raw.send(PING).reply().status == 200
        elif number % 10 == 0:
            raw.send(PING[:20])


def trade(venue: Venue) -> None:
    """Place orders and ask as others do; look at the time it takes."""
    address, other, waited_s = venue.server.address, Other(venue), []
    for _ in range(40):
        other.ask()
        since = time.monotonic()
        order = signed_request(venue.key, "POST", "order", RESTING)
        assert asked(address, order).body["status"] == "NEW"
        waited_s.append(time.monotonic() - since)
    other.require_undisturbed()
    assert statistics.median(waited_s) < USUAL_S


def stay(venue: Venue, count: int) -> None:
    """Have so many connections stay while orders are placed; look at time and memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard > count + 200, "ulimit -Hn is too low"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    process, half = venue.server.process.pid, count // 2
    # What a server takes once, at its first orders and connections, is no cost of a connection.
    trade(venue)
    with ExitStack() as stack:
        connect(stack, venue, half)
        trade(venue)
        before = resident_bytes(process)
        connect(stack, venue, half)
        grown = resident_bytes(process) - before
        assert figure(venue, "outcry_connections") == count + 1
        trade(venue)
        assert grown < half * IDLE_BYTES_MAX + NOISE_BYTES
    cancel = signed_request(venue.key, "DELETE", "openOrders", {"symbol": "BTCUSDT"})
    assert asked(venue.server.address, cancel).status == 200
    wait_until_alone(venue)


def test_a_thousand_connections_only_stay(roomy: Venue) -> None:
    stay(roomy, 1_000)


@pytest.mark.slow
def test_ten_thousand_connections_only_stay(roomy: Venue) -> None:
    stay(roomy, 10_000)
