"""The history removed while nobody serves, and its process stopped while somebody does."""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from outcry.gateways.keys import NewKey
from outcry.projections.history.projection import HistoryProjection
from outcry.projections.history.store import FILE as HISTORY_FILE
from outcry.settings import FILE_NAME
from tests.gateways.faults.asking import Asker
from tests.gateways.serving import START_S, Server, make_venue, served

LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
TEXT = (
    "Timeout waiting for response from backend server."
    " Send status unknown; execution status unknown."
)
TIMEOUT = (503, -1007, TEXT)
BOUND_MS = 500
SYMBOL = {"symbol": "BTCUSDT"}
PASSED: tuple[tuple[str, dict[str, str]], ...] = (
    ("allOrders", SYMBOL),
    ("myTrades", SYMBOL),
    ("trades", SYMBOL),
    ("aggTrades", SYMBOL),
    ("allOrderList", {}),
    ("openOrders", {}),
    ("klines", SYMBOL | {"interval": "1m"}),
    ("ticker/price", SYMBOL),
)
PUBLIC = {"trades", "aggTrades", "klines", "ticker/price"}


def told(server: Server, key: NewKey) -> dict[str, Any]:
    """Return what the server says of the past."""
    asker = Asker(server.address, key)
    replies = {}
    for path, said in PASSED:
        status, body = asker.get(path, said) if path in PUBLIC else asker.signed("GET", path, said)
        assert status == 200, (path, body)
        replies[path] = [row[:-1] for row in body] if path == "klines" else body
    return replies


def traded(server: Server, key: NewKey) -> None:
    asker = Asker(server.address, key)
    for price in (59_000, 60_001, 60_002):
        said = LIMIT | {"quantity": "0.7", "price": price}
        assert asker.signed("POST", "order", said)[0] == 200
    oco = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.1",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "70000",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "50000",
    }
    assert asker.signed("POST", "orderList/oco", oco)[0] == 200


@pytest.mark.slow
def test_a_history_that_was_removed_is_made_again(tmp_path: Path) -> None:
    key = make_venue(tmp_path)
    with served(tmp_path) as server:
        traded(server, key)
        before = told(server, key)
    shutil.rmtree(HistoryProjection.folder(tmp_path))
    with served(tmp_path) as server:
        after = told(server, key)
    minutes = before.pop("klines"), after.pop("klines")
    assert after == before
    traded_before, traded_after = ([row for row in rows if row[8]] for rows in minutes)
    assert traded_after == traded_before


PAGE_BYTES = 4_096


@pytest.mark.slow
def test_a_history_that_is_damaged_inside_is_made_again(tmp_path: Path) -> None:
    key = make_venue(tmp_path)
    with served(tmp_path) as server:
        for _ in range(5):
            traded(server, key)
        asker = Asker(server.address, key)
        _, before = asker.signed("GET", "allOrders", SYMBOL)
    file = HistoryProjection.folder(tmp_path) / HISTORY_FILE
    with file.open("r+b") as database:
        for page in range(8, file.stat().st_size // PAGE_BYTES):
            database.seek(page * PAGE_BYTES)
            database.write(b"\xff" * PAGE_BYTES)
    with served(tmp_path) as server:
        asker = Asker(server.address, key)
        deadline_s = time.monotonic() + 60
        while (found := asker.signed("GET", "allOrders", SYMBOL))[0] != 200:
            assert (found[0], found[1]["code"], found[1]["msg"]) == TIMEOUT
            assert time.monotonic() < deadline_s
        assert found[1] == before
        assert told(server, key)["myTrades"]


@pytest.mark.slow
def test_while_the_history_stands_still_live_reads_and_orders_go_on(tmp_path: Path) -> None:
    key = make_venue(tmp_path)
    (tmp_path / FILE_NAME).write_text(f"[serve]\nhistory_timeout_ms = {BOUND_MS}\n")
    with served(tmp_path) as server:
        asker = Asker(server.address, key)
        traded(server, key)
        wait_for_history(asker)
        # Whoever asks first makes the market data begin from the history.
        assert asker.get("ticker/price", SYMBOL)[0] == 200
        projector = history_process(server)
        os.kill(projector, signal.SIGSTOP)
        try:
            placed = LIMIT | {"quantity": "0.1", "price": 58_000, "newClientOrderId": "late"}
            status, order = asker.signed("POST", "order", placed)
            assert status == 200
            for path in ("allOrders", "myTrades"):
                since = time.monotonic()
                status, body = asker.signed("GET", path, SYMBOL)
                assert (status, body["code"], body["msg"]) == TIMEOUT
                assert BOUND_MS / 1_000 <= time.monotonic() - since < 5
            named = SYMBOL | {"orderId": order["orderId"]}
            assert asker.signed("GET", "order", named)[1]["clientOrderId"] == "late"
            assert asker.signed("GET", "account", {})[0] == 200
            assert asker.get("depth", SYMBOL)[0] == 200
            assert asker.get("ticker/price", SYMBOL)[0] == 200
            assert asker.signed("DELETE", "order", named)[1]["status"] == "CANCELED"
        finally:
            os.kill(projector, signal.SIGCONT)
        wait_for_history(asker)
        rows = asker.signed("GET", "allOrders", SYMBOL)[1]
        assert rows[-1]["clientOrderId"] == "late"
        assert rows[-1]["status"] == "CANCELED"


def wait_for_history(asker: Asker) -> None:
    """Wait until the history's process has begun and caught up."""
    until = time.monotonic() + START_S
    while asker.signed("GET", "allOrders", SYMBOL)[0] != 200:
        assert time.monotonic() < until


def history_process(server: Server) -> int:
    """Return the process that keeps the server's history."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    for child in children.read_text().split():
        if "outcry.projections.history" in Path(f"/proc/{child}/cmdline").read_text():
            return int(child)
    raise AssertionError("the server keeps no history")
