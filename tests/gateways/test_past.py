"""Goal: behind a halt the history tells what it has whole, and says why it does not tell the rest.

Method: a venue in this process whose history is stopped before the last commands, as it stands
where the disk had no room for their events; the exchange's halt is put there by hand.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcry import Settings
from outcry.settings import ServeSettings
from tests.gateways.desk import MUCH, Client, Desk
from tests.gateways.plain.conftest import Caller, caller_of
from tests.gateways.serving import BOT, make_venue

WAIT_S = 120
SETTINGS = Settings(serve=ServeSettings(history_timeout_ms=300, request_weight_max=MUCH))
HALT = ("disk_full", "write segment 1: No space left on device")
STOPPED = "The exchange stopped: disk_full. Nothing is acknowledged any more."
SYMBOL = {"symbol": "BTCUSDT"}
LIMIT = SYMBOL | {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1"}


class Scene:
    """A venue whose history lacks the last commands.

    Attributes:
        spot: Asks the spot API.
        plain: Asks plain routes.
        filled: An order that has ended in the history.
        placed: One that the history does not have.
    """

    def __init__(self, desk: Desk) -> None:
        self.spot: Client = desk.client(BOT)
        self.plain: Caller = caller_of(desk, BOT, "read", "trade")
        self.filled: int = self._place(60_001)
        deadline_s = time.monotonic() + WAIT_S
        while self.spot("GET", "allOrders", **SYMBOL).status != 200:
            assert time.monotonic() < deadline_s
        (process,) = processes_of(desk)
        os.kill(process, signal.SIGSTOP)
        try:
            self.placed: int = self._place(50_000)
            self.spot("DELETE", "order", **SYMBOL, orderId=self.placed)
        except BaseException:
            os.kill(process, signal.SIGCONT)
            raise
        self.process = process

    def _place(self, price: int) -> int:
        told = self.spot("POST", "order", **LIMIT, price=price)
        assert told.status == 200
        order_id: int = told.body["orderId"]
        return order_id


def processes_of(desk: Desk) -> list[int]:
    process = desk.venue.projector._process
    return [] if process is None else [process.pid]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    make_venue(tmp_path)
    with Desk(tmp_path, SETTINGS) as desk:
        made = Scene(desk)
        try:
            yield made
        finally:
            os.kill(made.process, signal.SIGCONT)


@pytest.fixture
def halted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    exchange = scene.spot.desk.venue.exchange
    monkeypatch.setattr(type(exchange), "halt", property(lambda _: HALT))
    return scene


def test_an_order_that_has_ended_is_told_without_waiting(scene: Scene) -> None:
    told = scene.spot("GET", "order", **SYMBOL, orderId=scene.filled)
    assert (told.status, told.body["status"]) == (200, "FILLED")
    told = scene.plain("GET", f"/order/{scene.filled}")
    assert (told.status, told.body["order"]["status"]) == (200, "filled")
    assert len(told.body["fills"]) == 1


def test_what_the_history_lacks_is_late_while_the_exchange_runs(scene: Scene) -> None:
    assert scene.spot("GET", "order", **SYMBOL, orderId=scene.placed).error[:2] == (503, -1007)
    assert scene.spot("GET", "allOrders", **SYMBOL).error[:2] == (503, -1007)


def test_behind_a_halt_the_reason_is_said(halted: Scene) -> None:
    told = halted.spot("GET", "order", **SYMBOL, orderId=halted.filled)
    assert (told.status, told.body["status"]) == (200, "FILLED")
    for path in ("allOrders", "myTrades"):
        assert halted.spot("GET", path, **SYMBOL).error == (503, -1016, STOPPED)
    asked = halted.spot("GET", "order", **SYMBOL, orderId=halted.placed)
    assert asked.error == (503, -1016, STOPPED)
    desk = halted.spot.desk
    assert desk.get("trades", **SYMBOL).error == (503, -1016, STOPPED)
    assert desk.get("klines", **SYMBOL, interval="1m").error == (503, -1016, STOPPED)
    told = halted.plain("GET", "/trades/BTCUSDT")
    assert (told.status, told.body["reason"]) == (503, "exchange_halted")
