"""Which cores a server's threads run on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def core_spared() -> Iterator[None]:
    """Keep the threads and processes that begin in this block off one core, where there are more.

    The thread that runs the block may use all of them behind it. So an event loop has a core that
    no other thread of its program takes from it, and keeps what the core's caches hold.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, cores - {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
