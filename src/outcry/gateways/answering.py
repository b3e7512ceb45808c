"""Requests at work: how many at a time, and for how long each."""

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeVar

from outcry.errors import OutcryError, Overloaded

P = ParamSpec("P")
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

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


class Listener(Protocol[T_contra]):
    """Is told, once, what came of a request's work; futures are listeners."""

    def set_result(self, result: T_contra, /) -> object:
        """Take what the work returned."""
        ...

    def set_exception(self, exception: BaseException, /) -> object:
        """Take what the work raised."""
        ...


class _Nobody:
    """Listens no more."""

    def set_result(self, result: object, /) -> None:
        """Forget what the work returned."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Forget what the work raised."""


_ENDED: Final = object()


class Work(Generic[T]):
    """A coroutine that goes on by itself, without a task.

    It begins at once, where a task would wait for the loop's next turn, and costs a third. What it
    awaits must be futures of the running loop in the end; what needs a current task, as
    `asyncio.timeout` does, it cannot have.
    """

    __slots__ = ("_awaited", "_coroutine", "_listener", "_works")

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        listener: Listener[T],
        works: "dict[Work[Any], float]",
    ) -> None:
        """Stand ready to begin.

        Args:
            coroutine: What is done.
            listener: Is told what came of it.
            works: Has this among the works under way; it is taken out at the end.
        """
        self._coroutine: Final = coroutine
        self._listener = listener
        self._works: Final = works
        self._awaited: object = None

    def go_on(self, awaited: object = None) -> None:
        """Begin, or go on where this was what is awaited and is here."""
        if awaited is self._awaited:
            self._resume(self._coroutine.send, None)

    def give_up(self, error: BaseException) -> None:
        """Have what is awaited raise this error."""
        self._resume(self._coroutine.throw, error)

    def abandon(self) -> None:
        """Cancel it; nobody listens."""
        self._listener = _Nobody()
        self.give_up(asyncio.CancelledError())

    def _resume(self, resume: Callable[[Any], Any], value: object) -> None:
        try:
            awaited = resume(value)
        except StopIteration as end:
            self._end()
            self._listener.set_result(end.value)
        except BaseException as error:  # noqa: BLE001 - it is told, as by a task
            self._end()
            self._listener.set_exception(error)
        else:
            self._await(awaited)

    def _end(self) -> None:
        # Nothing that comes later is what is awaited.
        self._awaited = _ENDED
        del self._works[self]

    def _await(self, awaited: Any) -> None:  # noqa: ANN401 - a future, of whatever kind
        self._awaited = awaited
        if awaited is None:
            # As in `asyncio.sleep(0)`: others come first.
            asyncio.get_running_loop().call_soon(self.go_on)
        else:
            awaited.add_done_callback(self.go_on)


class Answering:
    """Bounds the requests at work, in number and in time.

    One task looks for the late ones, so a request pays for two entries of a dict and no timer.
    """

    __slots__ = ("_requests_max", "_timeout_s", "_works")

    def __init__(self, requests_max: int, timeout_s: float) -> None:
        self._requests_max: Final = requests_max
        self._timeout_s: Final = timeout_s
        # When each began, the oldest first.
        self._works: Final[dict[Work[Any], float]] = {}

    def __len__(self) -> int:
        return len(self._works)

    def begin(
        self,
        listener: Listener[T],
        work: Callable[P, Coroutine[Any, Any, T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> Work[T]:
        """Begin a request's work; whoever listens is told what comes of it, perhaps at once.

        Raises:
            Overloaded: There are as many at work as there may be; this one was not begun.
        """
        if len(self._works) >= self._requests_max:
            raise Overloaded("number of requests at work", self._requests_max)
        begun = Work(work(*arguments, **named), listener, self._works)
        self._works[begun] = monotonic()
        begun.go_on()
        return begun

    async def answer(
        self, work: Callable[P, Coroutine[Any, Any, T]], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Return what comes of a request's work.

        Raises:
            Overloaded: There are as many at work as there may be; this one was not begun.
            AnswerLate: It took too long and was given up.
        """
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        begun = self.begin(told, work, *arguments, **named)
        try:
            return await told
        except asyncio.CancelledError:
            if told.cancelled():
                begun.abandon()
            raise

    async def sweep(self) -> None:
        """Give up what takes too long, for ever."""
        while True:
            await asyncio.sleep(self._timeout_s / SWEEPS)
            self.give_up_late(monotonic())

    def give_up_late(self, now: float) -> None:
        """Give up what began longer ago than an answer may take."""
        late = []
        for work, since in self._works.items():
            if now - since < self._timeout_s:
                break
            late.append(work)
        for work in late:
            work.give_up(AnswerLate(self._timeout_s))
