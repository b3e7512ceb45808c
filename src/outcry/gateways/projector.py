"""Looks after the process that keeps the history."""

import asyncio
import contextlib
from pathlib import Path
from time import monotonic
from typing import Final

import structlog

from outcry.gateways.cores import keep_off
from outcry.projections.history import command, doubt

_BACK_OFF_LEAST_S: Final = 0.2
_BACK_OFF_MOST_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A process that ran for so long did not fail at its start."""
_STOP_S: Final = 5.0

log = structlog.get_logger("outcry.projector")


class Projector:
    """Keeps the process of the history running beside the server.

    One that ends is started again, ever more slowly while it keeps failing.

    Attributes:
        restarts: How often it ended, or could not be started, unasked.
    """

    def __init__(self, directory: Path, *, spares_core: bool) -> None:
        """Look after the history of a directory.

        Args:
            directory: The exchange's directory.
            spares_core: Whether the process keeps off the event loop's core.
        """
        self._directory = directory
        self._spares_core = spares_core
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._since_s = 0.0
        self._back_off_s = _BACK_OFF_LEAST_S
        self._failure = ""
        self.restarts = 0

    async def start(self) -> None:
        """Start the process and watch over it.

        Raises:
            OSError: It cannot be started.
        """
        doubt(self._directory)
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

    @property
    def age_s(self) -> float:
        """How long ago its process was started, in seconds."""
        return monotonic() - self._since_s

    @property
    def problem(self) -> str | None:
        """Why the process is not at work, None while it is.

        One that failed is trusted again once it has run for as long as would be waited before the
        next try: an instant the first time, ever longer for one that keeps failing.
        """
        if self._process is None or self._process.returncode is not None:
            return f"its process {self._failure or 'ended just now'}"
        if self._failure and monotonic() - self._since_s < self._back_off_s:
            return f"its process {self._failure}, and was only just started again"
        return None

    async def _spawn(self) -> None:
        self._process = None
        self._process = await asyncio.create_subprocess_exec(
            *command(self._directory), stdin=asyncio.subprocess.DEVNULL
        )
        self._since_s = monotonic()
        if self._spares_core:
            keep_off(self._process.pid)

    async def _watch(self) -> None:
        while True:
            if self._process is not None:
                code = await self._process.wait()
                self._failure = f"ended with code {code}"
                if monotonic() - self._since_s > _STEADY_S:
                    self._back_off_s = _BACK_OFF_LEAST_S
            self.restarts += 1
            again_in_s = self._back_off_s
            await asyncio.sleep(again_in_s)
            # Who stops a server may stop all its processes: that is no failure, and told by now.
            log.error("history_ended", problem=self._failure, waited_s=again_in_s)
            self._back_off_s = min(2 * again_in_s, _BACK_OFF_MOST_S)
            try:
                await self._spawn()
            except OSError as error:
                self._failure = f"could not be started: {error.strerror}"
