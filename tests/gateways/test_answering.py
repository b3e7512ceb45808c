"""Goal: requests at work are bounded in number and in time.

Method: work that waits for ever is given up at a time that is handed in; one more than there may
be is refused; what is cancelled for another reason stays cancelled.
"""

import asyncio
import time

import pytest

from outcry.errors import Overloaded
from outcry.gateways.answering import Answering, AnswerLate


async def for_ever() -> None:
    await asyncio.Event().wait()


async def value(number: int) -> int:
    await asyncio.sleep(0)
    return number


def test_an_answer_is_what_the_work_returns() -> None:
    async def run() -> int:
        answering = Answering(1, 1.0)
        found = await answering.answer(value, 7)
        assert len(answering) == 0
        return found

    assert asyncio.run(run()) == 7


def test_one_more_than_there_may_be_is_refused() -> None:
    async def run() -> None:
        answering = Answering(2, 60.0)
        tasks = [asyncio.create_task(answering.answer(for_ever)) for _ in range(2)]
        await asyncio.sleep(0)
        assert len(answering) == 2
        with pytest.raises(Overloaded, match="2"):
            await answering.answer(value, 1)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)
        assert await answering.answer(value, 1) == 1

    asyncio.run(run())


def test_late_work_alone_is_given_up() -> None:
    async def run() -> None:
        answering = Answering(8, 10.0)
        late = asyncio.create_task(answering.answer(for_ever))
        await asyncio.sleep(0)
        now = time.monotonic()
        answering.give_up_late(now + 9.9)
        await asyncio.sleep(0)
        assert not late.done()
        answering.give_up_late(now + 10.1)
        answering.give_up_late(now + 10.1)
        with pytest.raises(AnswerLate, match="10 s"):
            await late
        assert late.cancelling() == 0
        assert len(answering) == 0

    asyncio.run(run())


def test_the_sweep_gives_up_by_itself() -> None:
    async def run() -> None:
        answering = Answering(8, 0.02)
        sweeping = asyncio.create_task(answering.sweep())
        with pytest.raises(AnswerLate):
            await asyncio.create_task(answering.answer(for_ever))
        sweeping.cancel()

    asyncio.run(run())
