"""How far a projection is, seen from other processes: a few words in a file that both map.

A reader looks without asking anybody, and says what it waits for, so that the projection commits
at once rather than when its time has come. Each word is read and written whole.
"""

import mmap
import os
import time
from pathlib import Path
from typing import Final, Self

_BYTES: Final = 64
_MAGIC: Final = int.from_bytes(b"OUTCRYPP", "little")
_WORD_MAX: Final = (1 << 64) - 1
_MAKING: Final = 1 << 63
"""Stands in the count of stores while one is made anew."""


class _Word:
    """A word of the mapping, by its place."""

    __slots__ = ("_place",)

    def __init__(self, place: int) -> None:
        self._place = place

    def __get__(self, progress: "Progress", _owner: type) -> int:
        return progress.words[self._place]

    def __set__(self, progress: "Progress", value: int) -> None:
        progress.words[self._place] = value & _WORD_MAX


class Progress:
    """The words of one projection.

    Attributes:
        applied_sequence: The last command in its store, as readers see it.
        wanted_sequence: The greatest that a reader waits for.
        store: Counts the stores that it began; a reader opens anew what it holds of an older one.
        first_sequence: The first command in its store.
        applied_time_ns: Engine time behind the last one.
        beat_ns: When it last said that it runs, by the machine's monotonic clock.
        process: The number of its process.
    """

    __slots__ = ("_map", "_path", "words")

    def __init__(self, path: Path) -> None:
        """Map the file, which is made where there is none."""
        self._path: Final = path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if os.fstat(descriptor).st_size < _BYTES:
                # A mapped page that a full disk has no room for would end the process.
                os.posix_fallocate(descriptor, 0, _BYTES)
            self._map: Final = mmap.mmap(descriptor, _BYTES)
        finally:
            os.close(descriptor)
        self.words: Final = memoryview(self._map).cast("Q")
        self.words[0] = _MAGIC

    applied_sequence = _Word(1)
    wanted_sequence = _Word(2)
    store = _Word(3)
    first_sequence = _Word(4)
    applied_time_ns = _Word(5)
    beat_ns = _Word(6)
    process = _Word(7)

    def begin_anew(self) -> None:
        """Say, before the store is removed, that it has nothing until it is published again."""
        self.store |= _MAKING
        self.applied_sequence = 0

    def begin(self) -> None:
        """Count a store that was begun, or gone on with."""
        self.store = (self.store & ~_MAKING) + 1

    @property
    def is_readable(self) -> bool:
        """Whether there is a store, and it is not being made anew."""
        return 0 < self.store < _MAKING

    def want(self, sequence: int) -> bool:
        """Say that somebody waits for a sequence; tell whether that is news."""
        if self.wanted_sequence >= sequence:
            return False
        self.wanted_sequence = sequence
        return True

    def beat(self) -> None:
        """Say that the projection runs."""
        self.beat_ns = time.monotonic_ns()

    @property
    def silent_s(self) -> float:
        """For how long nothing was heard of it; infinite before it ever ran."""
        return (time.monotonic_ns() - self.beat_ns) / 1e9 if self.beat_ns else float("inf")

    def close(self) -> None:
        """Give the mapping back."""
        self.words.release()
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
