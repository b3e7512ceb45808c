"""Which cores a server's threads run on."""

import os
from contextlib import suppress
from pathlib import Path
from threading import get_native_id
from typing import Final

_THREADS: Final = Path("/proc/self/task")


def spare_core(*processes: int) -> None:
    """Keep other threads of this process, and other processes, off one core, where there are more.

    The calling thread may go on using all of them. So an event loop has a core that no other thread
    of its program takes from it, and keeps what the core's caches hold. Threads that begin later
    are not bound, nor are those that began as it was called.

    Args:
        processes: The other processes, each by its number.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) == 1:
        return
    others = cores - {min(cores)}
    own = get_native_id()
    threads = (int(thread.name) for thread in _THREADS.iterdir())
    for number in (*processes, *(each for each in threads if each != own)):
        # One that has ended meanwhile needs no core.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(number, others)
