"""Goal: `/readyz` says what is not at work while it is not, and that all is again afterwards.

Method: a venue with its real history process, which is ended and stopped; its keys are taken away
and brought back; its exchange is closed.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outcry import Settings
from outcry.gateways.projector import Projector
from outcry.settings import ServeSettings
from tests.gateways.desk import Desk
from tests.gateways.serving import BOT, make_venue

WAIT_S = 120
SETTINGS = Settings(serve=ServeSettings(history_timeout_ms=300, request_weight_max=4_000_000_000))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("readiness")
    make_venue(made)
    return made


@pytest.fixture(scope="module")
def opened(directory: Path) -> Iterator[Desk]:
    with Desk(directory, SETTINGS) as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Desk:
    """Return the venue once all is at work."""
    until(opened, lambda problems: not problems)
    return opened


def test_a_failed_sync_is_named(desk: Desk) -> None:
    def halt() -> tuple[str, str]:
        return "sync_failed", "fdatasync: Input/output error"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(desk.venue.exchange), "halt", property(lambda _: halt()))
        assert problems_of(desk) == {"exchange": "stopped: sync_failed"}
        told = desk.ask("GET", "/status").body
        assert told["halted"] == "sync_failed: fdatasync: Input/output error"


def problems_of(desk: Desk) -> dict[str, str]:
    """Return what is not at work, and why; the answer's status must fit to it."""
    answer = desk.ask("GET", "/readyz")
    told = answer.body
    found = {each["name"]: each["detail"] for each in told["checks"] if not each["ready"]}
    assert [each["name"] for each in told["checks"]] == ["exchange", "keys", "history"]
    assert all(each["ready"] == (not each["detail"]) for each in told["checks"])
    assert (answer.status, told["ready"]) == ((503, False) if found else (200, True))
    assert told["notes"] == []
    status = desk.ask("GET", "/status").body
    assert status["clock_behind_ms"] == 0
    assert status["ready"] == (not status["problems"])
    return found


def until(desk: Desk, condition: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """Ask until the problems are as is wanted."""
    deadline_s = time.monotonic() + WAIT_S
    while not condition(found := problems_of(desk)):
        assert time.monotonic() < deadline_s, found
        time.sleep(0.005)  # tidy-ok: polled, with a bound
    return found


def process_of(projector: Projector) -> int:
    assert projector._process is not None
    return projector._process.pid


def test_a_history_that_ended_is_named_until_it_is_back(desk: Desk) -> None:
    before = process_of(desk.venue.projector)
    os.kill(before, signal.SIGKILL)
    found = until(desk, lambda problems: "history" in problems)
    assert found["history"].startswith("its process ended")
    until(desk, lambda problems: not problems)
    assert process_of(desk.venue.projector) != before


def test_a_history_that_does_not_follow_is_named_until_it_does(desk: Desk) -> None:
    process = process_of(desk.venue.projector)
    os.kill(process, signal.SIGSTOP)
    try:
        body = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        placed = desk.client(BOT)("POST", "order", **body, price="50000", quantity="0.1")
        assert placed.status == 200
        found = until(desk, lambda problems: "history" in problems)
        applied, delivered = desk.venue.history.applied_sequence, placed.body["orderId"]
        assert found == {
            "history": f"lags, has {applied} of {applied + 1} commands, for more than 0.3 s"
        }
        assert delivered
    finally:
        os.kill(process, signal.SIGCONT)
    until(desk, lambda problems: not problems)


def test_a_silent_history_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(desk.venue.history), "silent_s", 10.5)
    assert problems_of(desk) == {"history": "its process was only just started"}
    monkeypatch.setattr(type(desk.venue.projector), "age_s", 10.5)
    assert problems_of(desk) == {"history": "its process was not heard of for 10 s"}
    monkeypatch.undo()
    until(desk, lambda problems: not problems)


def test_what_begins_and_what_has_ended_is_named(
    tmp_path: Path,
) -> None:
    make_venue(tmp_path)
    with Desk(tmp_path, SETTINGS) as desk:
        found = problems_of(desk)
        assert found["history"]
        until(desk, lambda problems: not problems)
        assert desk.venue.history.applied_sequence > 80
        desk.venue.opened.close()
        found = until(desk, lambda problems: "exchange" in problems)
        assert found["exchange"].startswith("stopped: closed")


def test_keys_that_cannot_be_read_are_named_until_they_can(desk: Desk, directory: Path) -> None:
    file, away = directory / "keys.db", directory / "away.db"
    file.rename(away)
    found = until(desk, lambda problems: "keys" in problems)
    assert found == {"keys": "cannot be read: No such file or directory"}
    away.rename(file)
    until(desk, lambda problems: not problems)
    data = bytearray(file.read_bytes())
    file.write_bytes(b"x" * len(data))
    found = until(desk, lambda problems: "keys" in problems)
    assert found["keys"].startswith("keys.db: ")
    assert str(directory) not in found["keys"]
    file.write_bytes(data)
    until(desk, lambda problems: not problems)
