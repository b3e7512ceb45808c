"""A disk that fills up under a server that is loaded.

Goal: orders are refused with a clear 503, what was acknowledged stays, reads go on. Method: the
exchange stands on a small disk; a file takes most of it, and connections that place and cancel
signed orders take the rest. With a reserve the server goes on once there is room; without one the
exchange halts, and is opened again. In the end every acknowledged order is in the history, and the
history is what a fold of the journal gives.
"""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from outcry.gateways.keys import KeyStore, NewKey, Scope
from outcry.settings import FILE_NAME
from tests.gateways.faults.asking import Asker
from tests.gateways.faults.test_history import wait_for_history
from tests.gateways.faults.test_kill import ROOM, require_all_there
from tests.gateways.faults.wire import ACKED, Load, Wire
from tests.gateways.serving import BOT, Server, make_venue, served
from tests.projections.history.folding import everything, fold
from tests.projections.history.recount import Recount
from tests.projections.history.streams import all_events
from tests.projections.history.test_fold import assert_equal

MIB = 1 << 20
DISK_BYTES = 96 * MIB
RESERVE_BYTES = 24 * MIB
LEFT_BYTES = 6 * MIB
CONNECTIONS = 8
REFUSALS = 5
LOAD_S = 120
UNAVAILABLE = 503
NEARLY_FULL = {
    "code": -1016,
    "msg": "The disk is nearly full: nothing new is taken until there is room again.",
}
SYMBOL = {"symbol": "BTCUSDT"}
ORDER = SYMBOL | {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.001",
    "price": "40000",
}
LIVE = ("account", "openOrders", "depth", "exchangeInfo", "ticker/bookTicker")
PAST = ("trades", "aggTrades", "klines", "ticker/price", "ticker/24hr", "allOrders", "myTrades")
SIGNED = {"account", "openOrders", "order", "allOrders", "myTrades"}
LACKING = {(UNAVAILABLE, -1016), (UNAVAILABLE, -1008)}
DISK_FAULTS = {"disk_full", "short_write", "segment_failed", "write_failed"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk that is mounted for one test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs")
    mounted = subprocess.run(["mount", *options, folder], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass
class Filling(Load):
    """Orders and cancels of many connections, until each was refused a few times.

    Attributes:
        refused: What was answered but 200, with the request.
    """

    refused: list[tuple[str, int, Any]] = field(default_factory=list)

    async def _order(self, wire: Wire, number: int, place: int) -> None:
        before = len(self.others)
        await super()._order(wire, number, place)
        self.refused += [("POST", *each) for each in self.others[before:]]
        if len(self.others) >= CONNECTIONS * REFUSALS:
            raise ConnectionAbortedError


def venue_on(disk: Path, reserve_bytes: int) -> tuple[Path, NewKey]:
    """Make an exchange on a disk, and take most of what is left."""
    directory = disk / "data"
    directory.mkdir()
    lines = f"segment_bytes = {MIB}\ndisk_reserve_bytes = {reserve_bytes}\n" + ROOM
    (directory / FILE_NAME).write_text(lines + "history_timeout_ms = 1000\n")
    return directory, make_venue(directory)


def fill(disk: Path, left_bytes: int) -> Path:
    """Make a file that leaves so much of a disk."""
    file = disk / "other"
    stat = os.statvfs(disk)
    with file.open("wb") as opened:
        os.posix_fallocate(opened.fileno(), 0, stat.f_bavail * stat.f_frsize - left_bytes)
    return file


def loaded(server: Server, key: NewKey) -> Filling:
    """Trade until the disk stops it."""
    filling = Filling(server.address, key)
    asyncio.run(asyncio.wait_for(filling.run(CONNECTIONS), LOAD_S))
    assert filling.acknowledged
    return filling


def replies(asker: Asker, paths: tuple[str, ...]) -> dict[str, tuple[int, Any]]:
    """Return what is answered on each path."""
    told = {}
    for path in paths:
        said = {} if path in {"account", "exchangeInfo"} else SYMBOL
        if path == "klines":
            said = SYMBOL | {"interval": "1m"}
        told[path] = asker.signed("GET", path, said) if path in SIGNED else asker.get(path, said)
    return told


def plain(server: Server, method: str, path: str, key: NewKey | None = None) -> tuple[int, bytes]:
    """Ask a plain route, with the key as a bearer token."""
    where = urlsplit(server.address)
    connection = HTTPConnection(where.hostname or "", where.port, 30)
    headers = {} if key is None else {"authorization": f"Bearer {key.api_key}.{key.secret}"}
    body = None
    if method == "POST":
        headers["content-type"] = "application/json"
        body = b'{"symbol": "BTCUSDT", "side": "buy", "quantity": "0.001", "price": "40000"}'
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def require_live_reads(server: Server, key: NewKey, asker: Asker, filling: Filling) -> None:
    """Reads of live state are answered, and an acknowledged order that is open is in them."""
    live = replies(asker, LIVE)
    assert {path: status for path, (status, _) in live.items()} == dict.fromkeys(LIVE, ACKED)
    open_ids = {row["orderId"] for row in live["openOrders"][1]}
    resting = [row["orderId"] for row in filling.acknowledged if row["status"] == "NEW"]
    assert set(resting) - filling.cancelled <= open_ids
    for order_id in open_ids:
        status, told = asker.signed("GET", "order", SYMBOL | {"orderId": order_id})
        assert (status, told["status"]) == (ACKED, "NEW")
    for path in ("/book/BTCUSDT", "/healthz"):
        assert plain(server, "GET", path)[0] == ACKED
    assert plain(server, "GET", "/accounts/me", key)[0] == ACKED


def require_all_kept(directory: Path, key: NewKey, filling: Filling) -> None:
    """What was acknowledged is there, and the history is what the journal says."""
    with served(directory) as server:
        asyncio.run(require_all_there(server, key, filling))
    fold(directory)
    assert_equal(everything(directory), Recount.of(directory, all_events(directory)))


def until_answered(asker: Asker, said: dict[str, str]) -> dict[str, Any]:
    """Place an order as soon as the server takes one."""
    until = time.monotonic() + LOAD_S
    while True:
        status, body = asker.signed("POST", "order", said)
        if status == ACKED:
            told: dict[str, Any] = body
            return told
        assert (status, body) == (UNAVAILABLE, NEARLY_FULL)
        assert time.monotonic() < until, body


@pytest.mark.slow
def test_with_a_reserve_orders_are_refused_until_there_is_room(disk: Path) -> None:
    directory, key = venue_on(disk, RESERVE_BYTES)
    with KeyStore(directory) as keys:
        admin = keys.create(BOT, Scope.of("admin"))
    with served(directory) as server:
        asker = Asker(server.address, key)
        wait_for_history(asker)
        other = fill(disk, RESERVE_BYTES + LEFT_BYTES)
        filling = loaded(server, key)
        for method, status, body in filling.refused:
            assert (status, body) == (UNAVAILABLE, NEARLY_FULL), method
        require_live_reads(server, key, asker, filling)
        told = replies(asker, PAST)
        assert {path: status for path, (status, _) in told.items()} == dict.fromkeys(PAST, ACKED)
        status, body = plain(server, "POST", "/order", key)
        assert (status, b"disk_nearly_full" in body) == (UNAVAILABLE, True), body
        resting = asker.signed("GET", "openOrders", SYMBOL)[1]
        named = SYMBOL | {"orderId": resting[0]["orderId"]}
        assert asker.signed("DELETE", "order", named) == (UNAVAILABLE, NEARLY_FULL)
        status, body = plain(server, "DELETE", f"/admin/accounts/{BOT}/orders", admin)
        assert (status, b"disk_nearly_full" in body) == (UNAVAILABLE, True), body
        status, body = plain(server, "GET", "/readyz")
        assert (status, b"the disk is nearly full" in body) == (UNAVAILABLE, True), body
        other.unlink()
        filling.acknowledged.append(until_answered(asker, ORDER))
        assert plain(server, "GET", "/readyz")[0] == ACKED
    require_all_kept(directory, key, filling)


@pytest.mark.slow
@pytest.mark.parametrize("left_bytes", [LEFT_BYTES, MIB // 2])
def test_a_halted_exchange_tells_what_it_has(disk: Path, left_bytes: int) -> None:
    directory, key = venue_on(disk, 0)
    with KeyStore(directory) as keys:
        admin = keys.create(BOT, Scope.of("admin"))
    with served(directory) as server:
        asker = Asker(server.address, key)
        wait_for_history(asker)
        replies(asker, PAST)
        other = fill(disk, left_bytes)
        filling = loaded(server, key)
        reasons = set()
        for method, status, body in filling.refused:
            assert (status, body["code"]) == (UNAVAILABLE, -1016), (method, body)
            reasons.add(body["msg"].removeprefix("The exchange stopped: ").split(".")[0])
        assert len(reasons) == 1
        assert reasons <= DISK_FAULTS
        require_live_reads(server, key, asker, filling)
        for path, (status, body) in replies(asker, PAST).items():
            assert status == ACKED or (status, body["code"]) in LACKING, (path, status, body)
        status, body = asker.signed("POST", "order", ORDER)
        assert (status, body["code"]) == (UNAVAILABLE, -1016)
        (reason,) = reasons
        status, raw = plain(server, "GET", "/readyz")
        assert (status, f"stopped: {reason}".encode() in raw) == (UNAVAILABLE, True), raw
        status, raw = plain(server, "GET", "/status", admin)
        told = json.loads(raw)
        assert (status, told["halted"].split(":")[0]) == (ACKED, reason)
        assert told["exchange"]["durable_sequence"] == told["exchange"]["sequence"]
        other.unlink()
    require_all_kept(directory, key, filling)
