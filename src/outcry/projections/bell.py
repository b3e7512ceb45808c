"""A bell between processes: who waits rings it, who works hears it at once.

It is a named pipe beside the progress, so that a projection that nobody waits for can sleep.
"""

import contextlib
import os
import select
from pathlib import Path
from typing import Final, Self

_MANY: Final = 4_096


class Bell:
    """The end that hears: there is one, in the projection's process."""

    __slots__ = ("_descriptor",)

    def __init__(self, path: Path) -> None:
        """Open the pipe, which is made where there is none."""
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for writing as well, it never comes to an end when those who ring go.
        self._descriptor: Final = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def hear(self, timeout_s: float) -> bool:
        """Sleep until it rings, at most so long; tell whether it rang since the last time."""
        heard, _, _ = select.select([self._descriptor], [], [], timeout_s)
        if heard:
            os.read(self._descriptor, _MANY)
        return bool(heard)

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Rope:
    """An end that rings: every reader has its own."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: Path) -> None:
        """Prepare to ring; nobody need be there to hear it."""
        self._path: Final = path
        self._descriptor: int | None = None

    def ring(self) -> None:
        """Ring; where nobody hears it, what is wanted stands in the progress all the same."""
        try:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags)
            os.write(self._descriptor, b"\0")
        except BlockingIOError:
            # It has rung so often that more would say nothing.
            return
        except OSError:
            self.close()

    def close(self) -> None:
        """Let go of the pipe."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
