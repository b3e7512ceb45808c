"""Goal: who waits for a sequence is told as soon as it is applied, and told when it is late.

Method: the progress is moved by hand, in the same process.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcry.errors import ProjectionLagging
from outcry.projections.bell import Rope
from outcry.projections.progress import Progress
from outcry.projections.waiting import Waiting


@pytest.fixture
def progress(tmp_path: Path) -> Iterator[Progress]:
    """The progress of a projection that has applied nothing."""
    with Progress(tmp_path / "progress") as made:
        yield made


@pytest.fixture
def rope(tmp_path: Path) -> Rope:
    """A rope whose bell nobody hears."""
    return Rope(tmp_path / "bell")


def test_who_waits_is_told_in_turn(progress: Progress, rope: Rope) -> None:
    async def wait() -> None:
        waiting = Waiting(progress, rope, "history")
        waiters = {
            sequence: asyncio.create_task(waiting.wait(sequence, 10)) for sequence in (30, 10, 20)
        }
        for applied in (10, 20, 30):
            await asyncio.wait_for(_said(progress, applied, 30), 10)
            progress.applied_sequence = applied
            await asyncio.wait_for(waiters[applied], 10)
            late = [each for sequence, each in waiters.items() if sequence > applied]
            assert not any(each.done() for each in late)

    asyncio.run(wait())


async def _said(progress: Progress, applied: int, wanted: int) -> None:
    while progress.wanted_sequence < wanted or progress.applied_sequence >= applied:
        await asyncio.sleep(0)


def test_what_is_applied_is_not_waited_for(progress: Progress, rope: Rope) -> None:
    progress.applied_sequence = 5
    asyncio.run(Waiting(progress, rope, "history").wait(5, 0))
    assert progress.wanted_sequence == 0


def test_a_bound_is_kept(progress: Progress, rope: Rope) -> None:
    async def wait() -> None:
        progress.applied_sequence = 3
        with pytest.raises(ProjectionLagging) as caught:
            await Waiting(progress, rope, "history").wait(4, 0.01)
        said = caught.value
        assert (said.projection, said.wanted, said.applied) == ("history", 4, 3)

    asyncio.run(wait())


def test_many_wait_for_one(progress: Progress, rope: Rope) -> None:
    async def wait() -> None:
        waiting = Waiting(progress, rope, "history")
        waiters = [asyncio.create_task(waiting.wait(7, 10)) for _ in range(500)]
        await asyncio.wait_for(_said(progress, 7, 7), 10)
        progress.applied_sequence = 7
        await asyncio.wait_for(asyncio.gather(*waiters), 10)
        waiting.close()

    asyncio.run(wait())
