"""Goal: whoever reads the events of an exchange gets all of them, in order, from where it asks.

Method: what was read, at once and later, waited for and awaited, as objects and as frames, is
compared with what an engine says to the same commands; a reader that stops is told of its gap.
"""

import asyncio
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

import outcry
from outcry import AsyncExchange, Engine, Event, EventsGap, Exchange, Settings

FAST = Settings(durability="none", segment_bytes=1 << 20, snapshot_interval_ms=0, money=False)


def orders(count: int) -> npt.NDArray[np.void]:
    return outcry.limit_orders(
        instrument=1,
        account=1,
        side=np.resize([1, 2], count),
        price_ticks=10,
        quantity_lots=1,
        self_trade=outcry.SelfTrade.NONE,
    )


def fill(venue: Exchange | Engine, count: int) -> list[Event]:
    """Trade on a venue and return what it said."""
    if not venue.instruments():
        venue.add_instrument("X", base="A", quote="B", tick="1", lot="1")
    return list(outcry.read_events(venue.apply(orders(count))))


def read_until(exchange: Exchange, first: int, last: int) -> list[Event]:
    """Return the events from one command to another, behind which one more is."""
    found = []
    for event in exchange.events(first):
        if event.sequence > last:
            break
        found.append(event)
    return found


def test_events_are_an_engines_from_any_sequence(tmp_path: Path) -> None:
    said = fill(Engine(), 600)
    with Exchange.open(tmp_path, FAST) as exchange:
        assert fill(exchange, 600) == said
        last = exchange.status().sequence
        exchange.set_reference("X", 10)
        assert read_until(exchange, 2, last) == said
    with Exchange.open(tmp_path, FAST) as exchange:
        for first in (2, 300, last):
            found = read_until(exchange, first, last)
            assert found == [event for event in said if event.sequence >= first]


def test_frames_have_the_columns_of_placed_events(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange:
        fill(exchange, 20)
    # Those that are read from the log end where the exchange is closed.
    with Exchange.open(tmp_path, FAST) as exchange:
        batches = exchange.event_batches(1)
        found = [next(batches)]
        while found[-1]["sequence"].max() != 21:
            found.append(next(batches))
        threading.Timer(0.05, exchange.close).start()
        assert list(batches) == []
    frame = pl.concat(found)
    trades = frame.filter(pl.col("kind") == outcry.EventKind.TRADED)
    assert trades["trade_id"].to_list() == list(range(1, 11))
    assert trades["price_ticks"].unique().to_list() == [10]
    assert trades["taker_order_id"].to_list() == list(range(2, 21, 2))
    assert hasattr(frame, "__arrow_c_stream__")


def test_live_events_wake_whoever_awaits_them(tmp_path: Path) -> None:
    async def read(exchange: AsyncExchange, first: int, count: int) -> list[Event]:
        found: list[Event] = []
        async for event in exchange.events(first):
            found.append(event)
            if len(found) == count:
                break
        return found

    async def main() -> None:
        async with await AsyncExchange.open(tmp_path, FAST) as exchange:
            await exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")
            from_now = exchange.events()
            readers = [asyncio.create_task(read(exchange, first, 150)) for first in (0, 2)]
            await asyncio.sleep(0)
            said: list[Event] = []
            for _ in range(10):
                said += outcry.read_events(await exchange.apply(orders(10)))
            async with asyncio.timeout(20):
                for found in await asyncio.gather(*readers):
                    assert found == said
                assert [await anext(from_now) for _ in said] == said
                assert await read(exchange, 2, 150) == said
                frames = exchange.event_batches(2)
                assert (await anext(frames))["sequence"][0] == 2

    asyncio.run(main())


def test_readers_end_where_the_exchange_is_closed(tmp_path: Path) -> None:
    async def main() -> None:
        exchange = await AsyncExchange.open(tmp_path, FAST)
        await exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")

        async def count() -> int:
            return len([event async for event in exchange.events(1)])

        reader = asyncio.create_task(count())
        await exchange.apply(orders(100))
        await exchange.close()
        assert await reader == 151

    asyncio.run(main())


def test_a_reader_that_stops_is_told_of_its_gap_and_goes_on(tmp_path: Path) -> None:
    settings = FAST.model_copy(update={"feed_bytes_max": 1 << 16})
    with Exchange.open(tmp_path, settings) as exchange:
        fill(exchange, 2)
        slow = exchange.events()
        first = exchange.apply(orders(2))
        assert next(slow).sequence == exchange.status().sequence - 1
        for _ in range(40):
            exchange.apply(orders(1_000))
        last = exchange.status().sequence
        with pytest.raises(EventsGap) as caught:
            for _ in slow:
                pass
        gap = caught.value
        assert len(first) == 3
        assert 5 < gap.first_sequence <= gap.last_sequence <= last
        exchange.set_reference("X", 10)
        again = read_until(exchange, gap.first_sequence, last)
        assert [event.sequence for event in again if isinstance(event, outcry.Accepted)] == list(
            range(gap.first_sequence, last + 1)
        )


def test_events_that_never_were_are_waited_for(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange:
        fill(exchange, 2)
        threading.Timer(0.05, lambda: fill(exchange, 4)).start()
        assert next(exchange.events(exchange.status().sequence + 2)).sequence == 5
