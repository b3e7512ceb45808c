"""Whether requests can be answered: the parts that they need, and what is wrong with each."""

import asyncio
import contextlib
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

from outcry.errors import DirectoryLocked, ExchangeHalted, KeysDamaged
from outcry.exchange import AsyncExchange
from outcry.gateways.clock import ClockWatch
from outcry.gateways.keys import KeyStore
from outcry.gateways.lateness import Lateness
from outcry.gateways.projector import Projector
from outcry.projections.history import History

SILENT_S: Final = 10.0
"""A history that was not heard of for so long is not at work."""

_LOOK_S: Final = 0.25
_SELDOM_LOOKS: Final = 4
"""So many looks pass before keys and clock are looked at again: about a second."""


class Part(NamedTuple):
    """A part that requests need.

    Attributes:
        name: The part.
        problem: What keeps it from its work, empty for nothing.
    """

    name: str
    problem: str


class Readiness:
    """Watches the parts of a venue."""

    def __init__(
        self,
        exchange: AsyncExchange,
        keys: KeyStore,
        history: History,
        projector: Projector,
        late_s: float,
    ) -> None:
        """Watch these parts.

        Args:
            exchange: Answers orders.
            keys: Say who may ask.
            history: Answers for what is past.
            projector: Keeps the history's process running.
            late_s: For how long the history may lack what is durable, in seconds.
        """
        self._exchange: Final = exchange
        self._keys: Final = keys
        self._history: Final = history
        self._projector: Final = projector
        self._late_s: Final = late_s
        self._clock: Final = ClockWatch()
        self._restarts = 0
        self._delivered = 0
        self._lateness: Final = Lateness(self.delivered_sequence, lambda: history.applied_sequence)

    async def watch(self) -> None:
        """Look again and again, for ever."""
        looks = 0
        while True:
            self._look()
            if looks % _SELDOM_LOOKS == 0:
                self._keys.refresh()
                self._look_at_clock()
            looks += 1
            await asyncio.sleep(_LOOK_S)

    def delivered_sequence(self) -> int:
        """Return the last command that was answered; of a closed exchange the last one known."""
        with contextlib.suppress(ExchangeHalted):
            self._delivered = self._exchange.parts.native.delivered_sequence()
        return self._delivered

    def parts(self) -> list[Part]:
        """Return every part with its problem."""
        return [
            Part("exchange", self._exchange_problem()),
            Part("keys", _keys_problem(self._keys.problem)),
            Part("history", self._history_problem()),
        ]

    def _look(self) -> float:
        if self._projector.restarts != self._restarts:
            self._restarts = self._projector.restarts
            self._lateness.begin_anew()
        return self._lateness.look(monotonic())

    def _look_at_clock(self) -> None:
        # A closed exchange has no time.
        with contextlib.suppress(ExchangeHalted):
            self._clock.look(self._exchange.time_ns, monotonic())

    def _exchange_problem(self) -> str:
        halt = self._exchange.halt
        # What exactly went wrong may name files, which is nothing for everyone.
        if halt is not None:
            return f"stopped: {halt[0]}"
        return "the disk is nearly full" if self._exchange.status().is_disk_short else ""

    def _history_problem(self) -> str:
        history, late_s = self._history, self._look()
        if self._projector.problem is not None:
            return self._projector.problem
        if history.silent_s > SILENT_S:
            if self._projector.age_s <= SILENT_S:
                return "its process was only just started"
            return f"its process was not heard of for {SILENT_S:g} s"
        far = f"{history.applied_sequence} of {self.delivered_sequence()} commands"
        if self._lateness.is_behind:
            return f"catches up, has {far}"
        if late_s > self._late_s:
            return f"lags, has {far}, for more than {self._late_s:g} s"
        return ""


def _keys_problem(problem: Exception | None) -> str:
    """Say why no key can be found, without the folder that they are in."""
    if problem is None:
        return ""
    if isinstance(problem, KeysDamaged):
        return f"{Path(problem.file).name}: {problem.problem}"
    if isinstance(problem, DirectoryLocked):
        return "cannot be read while another process changes them"
    return f"cannot be read: {getattr(problem, 'strerror', None) or type(problem).__name__}"
