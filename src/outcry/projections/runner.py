"""Keeping a projection up: reading on, committing in batches, saying how far it is.

Whoever waits for a sequence says so in the projection's progress, and it commits at once what is
there; while nobody waits it gathers, which costs the store less for each command.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final, Generic, TypeVar

from outcry import _native
from outcry.projections.base import Projection
from outcry.projections.bell import Bell
from outcry.projections.progress import Progress

POLL_S: Final = 0.001
"""How often it looks for more while somebody waits."""
LOOK_S: Final = 0.01
"""How often it looks for more while nobody does."""
GATHER_S: Final = 0.2
"""How long folded commands wait for a commit that nobody asked for."""
AWAITED_S: Final = 0.004
"""How long while somebody waits for more than is there."""
WANTED_S: Final = 1.0
"""How long a sequence that does not come is hurried for."""
COMMANDS_MAX: Final = 5_000
"""So many are committed at once, and a block of events more."""
SETTLE_S: Final = 5.0
SETTLE_BYTES: Final = 64 << 20
"""When the store is synced: after so long, or behind so many bytes."""
LOCK_S: Final = 10.0
"""How long it waits for one before it that is still ending."""
PARENT_S: Final = 0.2
"""How often it looks whether its parent is still there."""
STOP_S: Final = 3.0
"""How long it goes on behind being told to stop, where more and more comes."""
NICE: Final = 5

P = TypeVar("P", bound=Projection)


class Runner(Generic[P]):
    """Follows a data directory with a projection until it is told to stop."""

    def __init__(
        self, data_directory: Path, name: str, open_projection: Callable[[], P | None]
    ) -> None:
        """Prepare to run what `open_projection` opens; it returns None while there is no past."""
        self._name: Final = name
        self._open: Final = open_projection
        self._progress: Final = Progress(data_directory / name / "progress")
        self._bell: Final = Bell(data_directory / name / "bell")
        self._register: Final = _native.ProjectionRegister(data_directory, name)
        self._stopped_s: float | None = None
        self._wanted = 0
        self._wanted_s = 0.0
        self._committed_s = 0.0
        self._settled_s = 0.0

    def stop(self) -> None:
        """Let `run` end behind what is there."""
        if self._stopped_s is None:
            self._stopped_s = time.monotonic()

    @property
    def stops(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped_s is not None

    def run(self, is_orphan: Callable[[], bool]) -> None:
        """Follow until told to stop, or until this process is an orphan."""
        while (projection := self._open()) is None:
            if self.stops or is_orphan():
                return
            self._progress.beat()
            self._bell.hear(LOOK_S)
        try:
            self._begin(projection)
            self._follow(projection, is_orphan)
            self._settle(projection)
        finally:
            projection.close()
            self._progress.close()
            self._bell.close()

    def _begin(self, projection: P) -> None:
        progress = self._progress
        progress.begin()
        progress.first_sequence = projection.first_sequence
        progress.process = os.getpid()
        progress.wanted_sequence = 0
        self._register.register(projection.applied_sequence)
        self._publish(projection)
        self._settled_s = self._committed_s = time.monotonic()

    def _follow(self, projection: P, is_orphan: Callable[[], bool]) -> None:
        looked_s = 0.0
        while True:
            worked = projection.advance(COMMANDS_MAX)
            now_s = time.monotonic()
            self._progress.beat()
            if self._is_due(projection, now_s):
                projection.commit()
                self._committed_s = now_s
                self._publish(projection)
            if self._is_unsettled(projection, now_s):
                self._settle(projection)
            if now_s - looked_s >= PARENT_S:
                looked_s = now_s
                if is_orphan():
                    self.stop()
            if self._ends(worked, now_s):
                return
            if not (worked and self._is_busy(projection)):
                self._bell.hear(POLL_S if self._is_awaited(projection) else LOOK_S)

    def _ends(self, worked: bool, now_s: float) -> bool:
        """Whether it was told to stop, and has what was there or took its time."""
        if self._stopped_s is None:
            return False
        return not worked or now_s - self._stopped_s >= STOP_S

    def _is_unsettled(self, projection: P, now_s: float) -> bool:
        waited_s = now_s - self._settled_s
        return waited_s >= SETTLE_S or projection.unsettled_bytes() >= SETTLE_BYTES

    def _is_due(self, projection: P, now_s: float) -> bool:
        applied = projection.applied_sequence
        gathered = projection.folded_sequence - applied
        if gathered == 0:
            return False
        waited_s = now_s - self._committed_s
        if self._is_awaited(projection) and gathered < COMMANDS_MAX:
            # What others wait for may stand before the greatest that is wanted.
            is_there = projection.folded_sequence >= self._progress.wanted_sequence
            return is_there or waited_s >= AWAITED_S
        return waited_s >= GATHER_S or gathered >= COMMANDS_MAX or self.stops

    def _is_awaited(self, projection: P) -> bool:
        """Whether somebody waits, and not in vain for what may never come."""
        wanted = self._progress.wanted_sequence
        if wanted <= projection.applied_sequence:
            return False
        now_s = time.monotonic()
        if wanted != self._wanted:
            self._wanted, self._wanted_s = wanted, now_s
        return now_s - self._wanted_s < WANTED_S

    def _is_busy(self, projection: P) -> bool:
        """Whether so much was there that more may be, and it should not rest in between."""
        return projection.folded_sequence == projection.applied_sequence or self.stops

    def _publish(self, projection: P) -> None:
        self._progress.applied_time_ns = projection.folded_time_ns
        self._progress.applied_sequence = projection.applied_sequence

    def _settle(self, projection: P) -> None:
        """Sync the store, and only then let go of what it needed."""
        if projection.folded_sequence > projection.applied_sequence:
            projection.commit()
            self._publish(projection)
        if projection.settle():
            self._register.advance(projection.applied_sequence)
        self._settled_s = time.monotonic()


def run(
    data_directory: Path,
    name: str,
    open_projection: Callable[[], P | None],
    parent: int | None,
) -> None:
    """Run a projection as a process of its own, until SIGTERM or until its parent is gone.

    A Ctrl-C reaches every process of a terminal; the one that trades ends this one behind itself.
    """
    os.nice(NICE)
    runner = Runner(data_directory, name, open_projection)

    def stop(_number: int, _frame: FrameType | None) -> None:
        runner.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lock = _locked(data_directory / name / "lock")
    try:
        runner.run(lambda: parent is not None and os.getppid() != parent)
    finally:
        os.close(lock)


def _locked(path: Path) -> int:
    """Lock a file against other writers of the store; return its descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline_s = time.monotonic() + LOCK_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline_s:
                sys.exit(f"{path}: another process keeps this projection up")
            time.sleep(POLL_S)  # tidy-ok: a lock can be waited for without a bound only
        else:
            return descriptor
