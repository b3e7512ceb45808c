"""Looks after the process that keeps the history."""

import asyncio
import contextlib
from pathlib import Path
from time import monotonic
from typing import Final

import structlog

from outcry.projections.history import command

_BACK_OFF_LEAST_S: Final = 0.2
_BACK_OFF_MOST_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A process that ran for so long did not fail at its start."""
_STOP_S: Final = 5.0

log = structlog.get_logger("outcry.projector")


class Projector:
    """Keeps the process of the history running beside the server.

    One that ends is started again, ever more slowly while it keeps failing.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.restarts = 0

    async def start(self) -> None:
        """Start the process and watch over it."""
        await self._spawn()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Let the process write what it has read, and end it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _spawn(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *command(self._directory), stdin=asyncio.subprocess.DEVNULL
        )

    async def _watch(self) -> None:
        back_off_s = _BACK_OFF_LEAST_S
        while True:
            assert self._process is not None
            since = monotonic()
            code = await self._process.wait()
            self.restarts += 1
            lasted_s = monotonic() - since
            back_off_s = _BACK_OFF_LEAST_S if lasted_s > _STEADY_S else back_off_s
            log.error(
                "history_ended", code=code, lasted_s=round(lasted_s, 3), again_in_s=back_off_s
            )
            await asyncio.sleep(back_off_s)
            back_off_s = min(2 * back_off_s, _BACK_OFF_MOST_S)
            await self._spawn()
