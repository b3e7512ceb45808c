"""Goal: the history's process is there as long as the server is, and it is known when it is not.

Method: small programs take the place of the process: they end, stay, or do not let themselves be
ended; pauses are shortened, and what is logged of them is looked at.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from outcry.gateways import projector as module
from outcry.gateways.projector import Projector
from outcry.projections import Progress

WAIT_S = 120
STAYS = "import time\ntime.sleep(600)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)"
FAILS = "raise SystemExit(3)"


class Scene:
    """A projector whose process runs other programs.

    Attributes:
        programs: What is run, one after another; the last one stays.
        ended: What was logged of ends.
    """

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.programs = [STAYS]
        self.ended: list[dict[str, Any]] = []
        self.patch = patch
        self.projector = Projector(folder, spares_core=True)
        patch.setattr(module, "command", self.command)
        patch.setattr(module, "_BACK_OFF_LEAST_S", 0.01)
        patch.setattr(module, "_BACK_OFF_MOST_S", 0.08)
        patch.setattr(self.projector, "_back_off_s", 0.01)
        log = SimpleNamespace(
            error=lambda event, **said: self.ended.append({"event": event, **said})
        )
        patch.setattr(module, "log", log)

    def command(self, _folder: Path) -> list[str]:
        program = self.programs.pop(0) if len(self.programs) > 1 else self.programs[0]
        return [program] if program.startswith("/") else [sys.executable, "-c", program]

    def play(self, act: Callable[[Projector], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            await self.projector.start()
            try:
                await act(self.projector)
            finally:
                await self.projector.stop()

        asyncio.run(whole())


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    return Scene(monkeypatch, tmp_path)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.002)  # tidy-ok: polled, with a bound


def pid_of(projector: Projector) -> int:
    assert projector._process is not None
    return projector._process.pid


def cores_of(projector: Projector) -> set[int]:
    return os.sched_getaffinity(pid_of(projector))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_runs_until_it_is_stopped(scene: Scene) -> None:
    pids = []

    async def act(projector: Projector) -> None:
        assert (projector.problem, projector.restarts) == (None, 0)
        pids.append(pid_of(projector))
        assert is_alive(pids[0])

    scene.play(act)
    assert not is_alive(pids[0])
    assert scene.ended == []


def test_one_that_keeps_failing_is_tried_ever_more_slowly(scene: Scene) -> None:
    scene.programs = [FAILS]

    async def act(_projector: Projector) -> None:
        await until(lambda: len(scene.ended) >= 6)

    scene.play(act)
    pauses = [each["waited_s"] for each in scene.ended]
    assert pauses[:6] == [0.01, 0.02, 0.04, 0.08, 0.08, 0.08]
    assert {(each["event"], each["problem"]) for each in scene.ended} == {
        ("history_ended", "ended with code 3"),
    }


def test_one_that_ran_steadily_is_started_again_soon(scene: Scene) -> None:
    scene.programs = [FAILS]
    scene.patch.setattr(module, "_STEADY_S", 0.0)

    async def act(projector: Projector) -> None:
        await until(lambda: projector.restarts >= 4)

    scene.play(act)
    assert {each["waited_s"] for each in scene.ended} == {0.01}


def test_an_end_is_told_until_the_next_one_has_proved_itself(scene: Scene) -> None:
    clock_s = [100.0]
    scene.patch.setattr(module, "monotonic", lambda: clock_s[0])

    async def act(projector: Projector) -> None:
        projector._back_off_s = 0.03
        os.kill(pid_of(projector), signal.SIGKILL)
        await until(lambda: projector.restarts == 1)
        assert projector.problem == "its process ended with code -9"
        await until(
            lambda: projector._process is not None and projector._process.returncode is None
        )
        # The next pause would be 0.06 s.
        for passed_s, is_trusted in ((0.0, False), (0.059, False), (0.061, True)):
            clock_s[0] = 100 + passed_s
            assert (projector.problem is None) == is_trusted
            if not is_trusted:
                assert "only just started again" in (projector.problem or "")

    scene.play(act)


def test_one_that_keeps_ending_is_not_trusted(scene: Scene) -> None:
    scene.programs = [STAYS, FAILS]
    scene.patch.setattr(module, "monotonic", lambda: 0.0)
    seen: list[str | None] = []

    async def act(projector: Projector) -> None:
        os.kill(pid_of(projector), signal.SIGKILL)
        await until(lambda: projector.restarts >= 1)
        while projector.restarts < 5:
            seen.append(projector.problem)
            await asyncio.sleep(0.002)  # tidy-ok: the programs end by themselves

    scene.play(act)
    assert seen
    assert None not in seen


def test_one_that_cannot_be_started_is_tried_again(scene: Scene) -> None:
    scene.programs = [FAILS, "/nowhere/at/all", "/nowhere/at/all", STAYS]

    async def act(projector: Projector) -> None:
        await until(lambda: projector.restarts == 3)
        assert projector.problem is not None
        await until(lambda: projector.problem is None)

    scene.play(act)
    assert [each["problem"] for each in scene.ended] == [
        "ended with code 3",
        *("could not be started: No such file or directory",) * 2,
    ]


def test_one_that_does_not_end_is_ended(scene: Scene) -> None:
    scene.programs = [STUBBORN]
    scene.patch.setattr(module, "_STOP_S", 0.2)
    pids = []

    async def act(projector: Projector) -> None:
        pids.append(pid_of(projector))

    scene.play(act)
    assert not is_alive(pids[0])


def test_it_is_stopped_between_two_tries(scene: Scene) -> None:
    scene.programs = [FAILS, STAYS]

    async def act(projector: Projector) -> None:
        projector._back_off_s = 600.0
        await until(lambda: projector.restarts == 1)

    scene.play(act)
    assert scene.projector.restarts == 1


def test_each_process_keeps_off_the_loop_s_core(scene: Scene) -> None:
    cores = os.sched_getaffinity(0)
    spared = {min(cores)} if len(cores) > 1 else set()

    async def act(projector: Projector) -> None:
        first = pid_of(projector)
        assert cores_of(projector) == cores - spared
        os.kill(first, signal.SIGKILL)
        await until(lambda: projector.problem is None and pid_of(projector) != first)
        assert cores_of(projector) == cores - spared

    scene.play(act)


def test_without_a_spared_core_it_has_all(scene: Scene) -> None:
    scene.projector._spares_core = False

    async def act(projector: Projector) -> None:
        assert cores_of(projector) == os.sched_getaffinity(0)

    scene.play(act)


def test_a_history_that_is_gone_is_not_believed_before_its_process_runs(
    scene: Scene, tmp_path: Path
) -> None:
    with Progress(tmp_path / "history" / "progress") as progress:
        progress.begin()
        progress.applied_sequence = 12

        async def look(_projector: Projector) -> None:
            assert (progress.is_readable, progress.applied_sequence) == (False, 0)

        scene.play(look)
