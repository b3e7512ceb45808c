"""Waiting in an event loop until a projection has applied a sequence."""

import asyncio
import heapq
from itertools import count
from typing import Final

from outcry.errors import ProjectionLagging
from outcry.projections.bell import Rope
from outcry.projections.progress import Progress

_LOOK_S: Final = 0.001
_REST_S: Final = 0.005
_LOOKS: Final = 100
"""So often it looks again soon; who then still waits is looked for less often."""


class Waiting:
    """Those who wait for a projection, looked after by one task while there are any."""

    def __init__(self, progress: Progress, rope: Rope, name: str) -> None:
        """Wait for the projection of this name by its progress, and ring for it."""
        self._progress: Final = progress
        self._rope: Final = rope
        self._name: Final = name
        self._waiters: Final[list[tuple[int, int, asyncio.Future[None]]]] = []
        self._numbers: Final = count()
        self._task: asyncio.Task[None] | None = None

    async def wait(self, sequence: int, timeout_s: float) -> None:
        """Wait until a sequence is applied.

        Raises:
            ProjectionLagging: It took longer.
        """
        if self._progress.applied_sequence >= sequence:
            return
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        heapq.heappush(self._waiters, (sequence, next(self._numbers), future))
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        late = loop.call_later(timeout_s, self._give_up, future, sequence)
        try:
            await future
        finally:
            late.cancel()

    def close(self) -> None:
        """End all waiting."""
        self._rope.close()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for _, _, future in self._waiters:
            future.cancel()
        self._waiters.clear()

    def _give_up(self, future: "asyncio.Future[None]", sequence: int) -> None:
        if not future.done():
            applied = self._progress.applied_sequence
            future.set_exception(ProjectionLagging(self._name, sequence, applied))

    async def _look(self) -> None:
        looks = 0
        while self._waiters:
            if self._progress.want(max(sequence for sequence, _, _ in self._waiters)):
                self._rope.ring()
            pause_s = _LOOK_S if looks < _LOOKS else _REST_S
            await asyncio.sleep(pause_s)  # tidy-ok: another process writes what is polled
            looks += 1
            applied = self._progress.applied_sequence
            while self._waiters and (self._waiters[0][0] <= applied or self._waiters[0][2].done()):
                _, _, future = heapq.heappop(self._waiters)
                looks = 0
                if not future.done():
                    future.set_result(None)
        self._task = None
