"""Requests at work: how many at a time, and for how long each."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from outcry.errors import OutcryError, Overloaded

P = ParamSpec("P")
T = TypeVar("T")

SWEEPS: Final = 8
"""How often within the time of an answer late ones are looked for."""


class AnswerLate(OutcryError):  # noqa: N818 - named as the errors of the exchange are
    """The exchange did not answer in time; whether it did what was asked is unknown.

    Attributes:
        timeout_s: How long was waited, in seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(timeout_s)
        self.timeout_s = timeout_s

    def __str__(self) -> str:
        return f"no answer within {self.timeout_s:g} s; whether it was done is to be asked"


class Answering:
    """Bounds the requests at work, in number and in time.

    One task looks for the late ones, so a request pays for two entries of a dict and no timer.
    """

    __slots__ = ("_late", "_requests_max", "_since", "_timeout_s")

    def __init__(self, requests_max: int, timeout_s: float) -> None:
        self._requests_max: Final = requests_max
        self._timeout_s: Final = timeout_s
        # By age, the oldest first.
        self._since: Final[dict[asyncio.Task[object], float]] = {}
        self._late: Final[set[asyncio.Task[object]]] = set()

    def __len__(self) -> int:
        return len(self._since)

    async def answer(
        self, work: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Return what comes of a request's work.

        Raises:
            Overloaded: There are as many at work as there may be; this one was not begun.
            AnswerLate: It took too long and was given up.
        """
        task = asyncio.current_task()
        assert task is not None, "a request is answered within a task"
        if len(self._since) >= self._requests_max:
            raise Overloaded("number of requests at work", self._requests_max)
        self._since[task] = task.get_loop().time()
        try:
            return await work(*arguments, **named)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise AnswerLate(self._timeout_s) from None
        finally:
            del self._since[task]
            self._late.discard(task)

    async def sweep(self) -> None:
        """Give up what takes too long, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._timeout_s / SWEEPS)
            self.give_up_late(loop.time())

    def give_up_late(self, now: float) -> None:
        """Give up what began longer ago than an answer may take."""
        late = []
        for task, since in self._since.items():
            if now - since < self._timeout_s:
                break
            late.append(task)
        for task in late:
            if task not in self._late:
                self._late.add(task)
                task.cancel()
