"""Goal: a served exchange ends when it is asked to, at once when asked twice, and goes on after.

Method: servers in processes of their own are sent signals, idle, and while a request that does not
come to its end keeps them; what was acknowledged is looked for behind the next start.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from outcry import Exchange, Settings
from outcry.gateways.keys import NewKey
from outcry.gateways.serve import INTERRUPTED
from outcry.projections.progress import Progress
from tests.gateways.plain.conftest import Asker
from tests.gateways.serving import START_S, STOP_S, Server, make_venue, served

SLOW_STOP = "[serve]\nstop_timeout_ms = 600000\nrequest_timeout_ms = 600000\n"


@pytest.fixture
def key(tmp_path: Path) -> NewKey:
    return make_venue(tmp_path)


def rests(server: Server, key: NewKey) -> int:
    """Place an order that rests; return its id."""
    with httpx.Client(base_url=server.address, timeout=60) as client:
        order_id = Asker(client, key).order()["order_id"]
        assert isinstance(order_id, int)
        return order_id


def history_at_work(server: Server) -> int:
    """Return the process of a server's history once it is at work."""
    until = time.monotonic() + START_S
    while httpx.get(f"{server.address}/readyz", timeout=60).status_code != HTTPStatus.OK:
        assert time.monotonic() < until
    with Progress(server.directory / "history" / "progress") as progress:
        process = progress.process
    assert process
    return process


@contextmanager
def stuck(server: Server) -> Iterator[socket.socket]:
    """Send a request that does not come to its end."""
    where = urlsplit(server.address)
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        connection.sendall(b"POST /order HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{")
        # Another request is answered, so this one has been read.
        httpx.get(f"{server.address}/healthz", timeout=60)
        yield connection


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_it_ends_in_order_and_the_next_start_goes_on(
    tmp_path: Path, key: NewKey, number: signal.Signals
) -> None:
    ids = []
    for _ in range(2):
        with served(tmp_path) as server, httpx.Client(base_url=server.address) as idle:
            assert idle.get("/healthz").status_code == 200
            ids.append(rests(server, key))
            history = history_at_work(server)
            server.process.send_signal(number)
            assert server.process.wait(STOP_S) == 0
        assert not Path("/proc", str(history)).exists()
    with Exchange.open(tmp_path, Settings()) as exchange:
        # A clean end leaves a snapshot of all, so there is nothing to replay.
        assert (exchange.recovery.replayed_commands, exchange.recovery.notes) == (0, [])
        assert [exchange.order(order_id).account for order_id in ids] == [1, 1]


def test_a_second_signal_ends_it_at_once(tmp_path: Path, key: NewKey) -> None:
    (tmp_path / "outcry.toml").write_text(SLOW_STOP)
    with served(tmp_path) as server:
        order_id = rests(server, key)
        with stuck(server):
            server.process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                # It waits for the request that has begun.
                server.process.wait(1)
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(STOP_S) == INTERRUPTED
    with Exchange.open(tmp_path, Settings()) as exchange:
        assert exchange.order(order_id).account == 1


def test_a_request_that_does_not_end_is_given_up_in_time(tmp_path: Path, key: NewKey) -> None:
    (tmp_path / "outcry.toml").write_text(
        SLOW_STOP.replace("stop_timeout_ms = 600000", "stop_timeout_ms = 1")
    )
    with served(tmp_path) as server, stuck(server):
        rests(server, key)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(STOP_S) == 0


def test_an_address_in_use_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "outcry", "serve", str(tmp_path / "new"), "--port"]
        done = subprocess.run(
            [*command, str(port)], capture_output=True, text=True, check=False, timeout=60
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"127.0.0.1:{port}" in done.stderr
    assert not (tmp_path / "new").exists()
