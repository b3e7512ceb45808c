"""Goal: what a server begins leaves one core to its event loop.

Method: threads and processes are begun within and behind the block, and say where they may run.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from outcry.gateways.cores import core_spared
from tests.gateways.serving import make_venue, served

PROGRAM = "import os; print(len(os.sched_getaffinity(0)))"


def of_a_thread() -> set[int]:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(os.sched_getaffinity, 0).result()


def of_a_process() -> int:
    told = subprocess.run([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, check=True)
    return int(told.stdout)


@pytest.fixture
def cores() -> set[int]:
    found = os.sched_getaffinity(0)
    if len(found) < 2:
        pytest.skip("one core cannot be shared out")
    return found


def test_what_begins_within_keeps_off_one_core(cores: set[int]) -> None:
    with core_spared():
        assert of_a_thread() == cores - {min(cores)}
        assert of_a_process() == len(cores) - 1
    assert os.sched_getaffinity(0) == of_a_thread() == cores


def test_a_failure_within_leaves_nothing_behind(cores: set[int]) -> None:
    with pytest.raises(ZeroDivisionError), core_spared():
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == cores


def test_one_core_is_for_all(cores: set[int]) -> None:
    one = {max(cores)}
    os.sched_setaffinity(0, one)
    try:
        with core_spared():
            assert of_a_thread() == one
    finally:
        os.sched_setaffinity(0, cores)


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
