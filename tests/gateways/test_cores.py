"""Goal: what a server begins leaves one core to its event loop.

Method: a thread and a process wait while the core is spared, and are looked at then; a server's are
looked at from outside.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest

from outcry.gateways.cores import keep_off, spare_core
from tests.gateways.serving import make_venue, served


@pytest.fixture
def cores() -> Iterator[set[int]]:
    found = os.sched_getaffinity(0)
    if len(found) == 1:
        pytest.skip("one core cannot be shared out")
    yield found
    os.sched_setaffinity(0, found)


@contextmanager
def a_thread() -> Iterator[int]:
    barrier = Barrier(2)
    thread = Thread(target=lambda: (barrier.wait(), barrier.wait()))
    thread.start()
    barrier.wait()
    assert thread.native_id is not None
    try:
        yield thread.native_id
    finally:
        barrier.wait()
        thread.join()


@contextmanager
def a_process() -> Iterator[int]:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def test_others_keep_off_one_core(cores: set[int]) -> None:
    with a_thread() as thread, a_process() as process, a_process() as stranger:
        spare_core()
        keep_off(process)
        others = cores - {min(cores)}
        assert os.sched_getaffinity(thread) == os.sched_getaffinity(process) == others
        assert os.sched_getaffinity(0) == os.sched_getaffinity(stranger) == cores


def test_who_has_ended_is_passed_over(cores: set[int]) -> None:
    with a_process() as ended:
        pass
    keep_off(ended)
    assert os.sched_getaffinity(0) == cores


def test_one_core_is_for_all(cores: set[int]) -> None:
    one = {max(cores)}
    os.sched_setaffinity(0, one)
    with a_thread() as thread:
        spare_core()
        keep_off(thread)
        assert os.sched_getaffinity(thread) == one


def test_a_server_s_loop_has_a_core_without_the_exchange_s_threads(
    cores: set[int], tmp_path: Path
) -> None:
    make_venue(tmp_path)
    with served(tmp_path) as server:
        process = server.process.pid
        tasks = Path(f"/proc/{process}/task")
        names = {int(task.name): (task / "comm").read_text().strip() for task in tasks.iterdir()}
        allowed = {
            name: os.sched_getaffinity(task)
            for task, name in names.items()
            if task == process or name.startswith("outcry-")
        }
    loop = allowed.pop(names[process])
    assert loop == cores
    assert {"outcry-core", "outcry-journal"} <= allowed.keys()
    assert all(each == cores - {min(cores)} for each in allowed.values())
