"""Goal: a clock that is behind the exchange's time is told of, and keeps nothing from its work.

Method: the module's clock is set by hand; a venue in this process is asked with the clock set back
behind its last command, and with it where it was.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from outcry.gateways import clock as module
from outcry.gateways.clock import NOTED_MS, ClockWatch, behind_ms, clock_note
from outcry.gateways.times import NS_PER_MS
from tests.gateways.desk import Desk
from tests.gateways.serving import make_venue

NOW_NS = 1_800_000_000_000_000_000
HOUR_MS = 3_600_000
WAIT_S = 120


class Clock:
    """The clock of the module, and what is logged of it.

    Attributes:
        now_ns: What it says.
        logged: The events, each with what it says beside.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now_ns = NOW_NS
        self.logged: list[tuple[str, dict[str, Any]]] = []
        patch.setattr(module, "time_ns", lambda: self.now_ns)
        patch.setattr(module, "log", SimpleNamespace(warning=self._write, info=self._write))

    def _write(self, event: str, **said: object) -> None:
        self.logged.append((event, said))

    @property
    def events(self) -> list[str]:
        """What was logged, by name."""
        return [event for event, _ in self.logged]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def until(desk: Desk, condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s
        desk.run(asyncio.sleep(0.01))


@pytest.mark.usefixtures("clock")
def test_it_is_behind_by_whole_milliseconds() -> None:
    table = {-HOUR_MS: 0, 0: 0, 1: 1, NOTED_MS: NOTED_MS, HOUR_MS: HOUR_MS}
    assert {each: behind_ms(NOW_NS + each * NS_PER_MS) for each in table} == table
    noted = {each for each in table if clock_note(NOW_NS + each * NS_PER_MS) is not None}
    assert noted == {HOUR_MS}


def test_it_is_logged_once_and_once_more_when_it_is_over(clock: Clock) -> None:
    watch = ClockWatch()
    last_ns = NOW_NS + HOUR_MS * NS_PER_MS
    for look in range(10):
        watch.look(last_ns, float(look))
    note = f"the clock is {HOUR_MS} ms behind the exchange's time, which stands still meanwhile"
    assert clock.logged == [("clock_behind", {"problem": note, "behind_ms": HOUR_MS})]
    clock.now_ns = last_ns
    for look in range(10):
        watch.look(last_ns, 10.0 + look)
    assert clock.events == ["clock_behind", "clock_caught_up"]


def test_one_that_goes_back_and_forth_is_logged_once_a_minute(clock: Clock) -> None:
    watch = ClockWatch()
    for look in range(181):
        clock.now_ns = NOW_NS + (look % 2) * HOUR_MS * NS_PER_MS
        watch.look(NOW_NS + HOUR_MS * NS_PER_MS, float(look))
    assert clock.events == ["clock_behind", "clock_caught_up"] * 3 + ["clock_behind"]


def test_a_venue_tells_of_it_and_stays_ready(clock: Clock, tmp_path: Path) -> None:
    make_venue(tmp_path)
    with Desk(tmp_path) as desk:
        clock.now_ns = desk.venue.exchange.status().time_ns - HOUR_MS * NS_PER_MS
        told = desk.ask("GET", "/readyz").body
        checks = {each["name"]: each["ready"] for each in told["checks"]}
        assert checks["exchange"]
        assert [note.split(" behind")[0] for note in told["notes"]] == [
            f"the clock is {HOUR_MS} ms"
        ]
        assert desk.ask("GET", "/status").body["clock_behind_ms"] == HOUR_MS
        text = desk.ask("GET", "/metrics").raw.decode()
        assert "outcry_clock_behind_seconds 3600.0\n" in text
        until(desk, lambda: clock.events == ["clock_behind"])
        clock.now_ns += HOUR_MS * NS_PER_MS
        assert desk.ask("GET", "/readyz").body["notes"] == []
        until(desk, lambda: clock.events == ["clock_behind", "clock_caught_up"])
