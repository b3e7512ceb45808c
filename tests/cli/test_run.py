"""Goal: `outcry run` can be started, stopped and killed at any time, and goes on where it was.

Method: the command as a process of its own on one directory: ended by its time, by Ctrl-C and by
SIGKILL, by two of them at once; its parts by themselves with a clock that the test turns.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outcry import Exchange
from outcry.cli.run import Pace, PulseCounter, Stopping
from outcry.cli.traders import BATCH_MAX, Demo
from tests.cli.conftest import SETTINGS, SMALL, Command

RUN = (sys.executable, "-c", "from outcry.cli.main import main; main()", "run")
SEQUENCE = re.compile(r"^sequence ([\d,]+) ", re.MULTILINE)
CLOSED = re.compile(
    r"^closed at ([\d,]+): [\d,]+ orders acknowledged, [\d,]+ trades$", re.MULTILINE
)


def number(text: str) -> int:
    return int(text.replace(",", ""))


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start the command; yield it with its lines up to the first pulse."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [*RUN, str(folder), *arguments]
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            lines: list[str] = []
            while not lines or not SEQUENCE.match(lines[-1]):
                lines.append(process.stdout.readline())
                assert lines[-1], process.stderr.read()
            yield process, lines
        finally:
            process.kill()


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_it_goes_on_where_it_was(tmp_path: Path, rounds: int) -> None:
    (tmp_path / "outcry.toml").write_text(SMALL.replace("none", "sync"))
    for seed in range(1, rounds + 1):
        with running(tmp_path, "--seed", str(seed)) as (process, lines):
            assert lines[0] == f"{tmp_path}: durability sync\n"
            second = subprocess.run(
                [*RUN, str(tmp_path)], capture_output=True, text=True, check=False
            )
            assert (second.returncode, second.stdout) == (2, "")
            assert second.stderr == f"outcry: {tmp_path}: held by process {process.pid}\n"
            process.kill()
            told = number(SEQUENCE.findall("".join(lines) + process.stdout.read())[-1])  # type: ignore[union-attr]
        with running(tmp_path, "--seed", str(seed)) as (process, lines):
            assert number(re.findall(r"goes on at ([\d,]+):", lines[1])[0]) >= told
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            assert (process.returncode, err) == (0, "")
            closed = number(CLOSED.findall(out)[0])
        with Exchange.open(tmp_path) as exchange:
            assert exchange.recovery.sequence == closed
            # A clean stop leaves a snapshot of all of it.
            assert exchange.recovery.replayed_commands == 0


def test_it_ends_by_itself(command: Command, tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text(SMALL)
    before = signal.getsignal(signal.SIGINT)
    said = command("run", tmp_path, "--seconds", "1.2", "--rate", "2000")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[:2] == [f"{tmp_path}: durability none", "a new exchange"]
    assert SEQUENCE.match(lines[2])
    assert CLOSED.match(lines[-1])
    # Its signals are those of the tests again.
    assert signal.getsignal(signal.SIGINT) is before


def test_where_no_traders_are_it_ends_with_a_line(command: Command, market: Path) -> None:
    said = command("run", market, "--seconds", "1")
    assert said.code == 2
    assert said.err.startswith("outcry: account: 1150 must be there")
    assert said.err.count("\n") == 1


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_pace_spreads_what_is_due() -> None:
    clock = Clock()
    pace = Pace(1_000, clock)
    due = []
    for _ in range(10):
        clock.now += 0.01
        due.append(pace.due())
    assert sum(due) == pytest.approx(100, abs=1)
    assert max(due) <= 11


def test_a_pace_does_not_run_after_what_it_missed() -> None:
    clock = Clock()
    pace = Pace(100, clock)
    clock.now += 60
    assert pace.due() == 100
    clock.now += 0.05
    assert pace.due() <= 5


def test_a_slow_pace_lets_others_look_between() -> None:
    clock = Clock()
    assert Pace(1, clock).due() == 0


def test_no_rate_is_as_fast_as_it_goes() -> None:
    clock = Clock()
    pace = Pace(0, clock)
    assert [pace.due(), pace.due()] == [BATCH_MAX, BATCH_MAX]


def test_a_pulse_counts_by_the_second(tmp_path: Path) -> None:
    clock = Clock()
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        demo = Demo(exchange, seed=1)
        counter = PulseCounter(demo, clock)
        demo.trade(200)
        clock.now += 0.5
        assert not counter.beat()
        clock.now += 1.5
        assert counter.beat()
        assert counter.pulse.commands_per_second == demo.flow.acknowledged // 2
        clock.now += 1
        assert counter.beat()
        assert counter.pulse.commands_per_second == 0


def test_a_first_signal_asks_and_a_second_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    stopping = Stopping()
    assert not stopping.is_asked
    stopping.ask(signal.SIGINT, None)
    assert (stopping.is_asked, ended) == (True, [])
    stopping.ask(signal.SIGINT, None)
    assert ended == [130]
