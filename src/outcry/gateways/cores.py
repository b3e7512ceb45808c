"""Which cores a server's threads run on."""

import os
from contextlib import suppress
from pathlib import Path
from threading import get_native_id
from typing import Final

_THREADS: Final = Path("/proc/self/task")


def spare_core() -> None:
    """Keep other threads of this process off one core, where there are more.

    The calling thread may go on using all of them. So an event loop has a core that no other thread
    of its program takes from it, and keeps what the core's caches hold. Threads that begin later
    are not bound, nor are those that began as it was called.
    """
    own = get_native_id()
    for thread in _THREADS.iterdir():
        if int(thread.name) != own:
            keep_off(int(thread.name))


def keep_off(number: int) -> None:
    """Keep a thread or a young process off the core that is spared, where there are more.

    What it begins later keeps off as well.

    Args:
        number: Its number.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) == 1:
        return
    # One that has ended meanwhile needs no core.
    with suppress(ProcessLookupError):
        os.sched_setaffinity(number, cores - {min(cores)})
