"""Goal: awaited calls come back each with its own answer, whatever becomes of those who wait.

Method: many calls in flight on one loop; cancelled waiters, full rings, closing and halting with
calls outstanding. A full disk is played by the process's limit on file sizes.
"""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import outcry
from outcry import AsyncExchange, Exchange, ExchangeHalted, Overloaded, Settings

FAST = Settings(durability="none", segment_bytes=1 << 20, snapshot_interval_ms=0, money=False)


async def furnish(exchange: AsyncExchange) -> None:
    await exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")


def test_every_waiter_gets_its_own_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with await AsyncExchange.open(tmp_path, FAST) as exchange:
            await furnish(exchange)
            placed = await asyncio.gather(
                *(exchange.place("X", side="buy", price=1, quantity=n + 1) for n in range(2_000))
            )
            assert [one.open_quantity for one in placed] == list(range(1, 2_001))
            assert [one.order_id for one in placed] == list(range(1, 2_001))
            mixed = await asyncio.gather(
                exchange.cancel("X", 3),
                exchange.place("X", side="buy", price=1, quantity=0),
                exchange.order(5),
                exchange.place("X", side="sell", price=1, quantity=1, account=2),
                exchange.cancel("X", 3),
                return_exceptions=True,
            )
            kinds = [type(one).__name__ for one in mixed]
            assert kinds == ["Decimal", "InvalidValue", "Order", "Placement", "UnknownOrder"]

    # What cannot be asked is raised by the call itself, before there is anything to wait for.
    with pytest.raises(outcry.InvalidValue, match="quantity: 0 must be above 0"):
        asyncio.run(main())


def test_a_waiter_that_gave_up_changes_nothing_for_others(tmp_path: Path) -> None:
    async def main() -> None:
        async with await AsyncExchange.open(tmp_path, FAST) as exchange:
            await furnish(exchange)
            futures = [exchange.place("X", side="buy", price=1, quantity=1) for _ in range(100)]
            for future in futures[::2]:
                assert isinstance(future, asyncio.Future)
                future.cancel()
            rest = await asyncio.gather(*futures[1::2])
            assert [one.order_id for one in rest] == list(range(2, 101, 2))
            assert len(await exchange.open_orders()) == 100

    asyncio.run(main())


def test_a_bound_on_what_is_in_flight_is_named(tmp_path: Path) -> None:
    async def main() -> None:
        settings = FAST.model_copy(update={"client_in_flight_max": 4})
        async with await AsyncExchange.open(tmp_path, settings) as exchange:
            await furnish(exchange)
            placed = [exchange.place("X", side="buy", price=1, quantity=1) for _ in range(4)]
            with pytest.raises(Overloaded, match="in flight is full, its bound is 4") as caught:
                exchange.place("X", side="buy", price=1, quantity=1)
            assert caught.value.bound == 4
            await asyncio.gather(*placed)
            assert (await exchange.place("X", side="buy", price=1, quantity=1)).order_id == 5

    asyncio.run(main())


def test_closing_answers_all_who_wait(tmp_path: Path) -> None:
    async def main() -> None:
        exchange = await AsyncExchange.open(tmp_path, FAST)
        await furnish(exchange)
        futures = [exchange.place("X", side="buy", price=1, quantity=1) for _ in range(500)]
        await exchange.close()
        assert [(await one).order_id for one in futures] == list(range(1, 501))
        with pytest.raises(ExchangeHalted, match="closed"):
            await exchange.place("X", side="buy", price=1, quantity=1)
        await exchange.close()

    asyncio.run(main())
    with Exchange.open(tmp_path, FAST) as exchange:
        assert len(exchange.open_orders()) == 500


def test_two_loops_and_threads_share_one_exchange(tmp_path: Path) -> None:
    async def trade(exchange: Exchange, count: int) -> list[int]:
        async with AsyncExchange(exchange) as own:
            placed = [own.place("X", side="buy", price=1, quantity=1) for _ in range(count)]
            return [(await one).order_id for one in placed]

    with Exchange.open(tmp_path, FAST) as exchange:
        exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.extend(asyncio.run(trade(exchange, 300))))
        thread.start()
        own = asyncio.run(trade(exchange, 300))
        thread.join()
        assert sorted(found + own) == list(range(1, 601))
        assert exchange.place("X", side="buy", price=1, quantity=1).order_id == 601


def test_large_batches_leave_the_loop_free(tmp_path: Path) -> None:
    async def main() -> None:
        async with await AsyncExchange.open(tmp_path, FAST) as exchange:
            await furnish(exchange)
            orders = outcry.limit_orders(
                instrument=1, account=1, side=1, price_ticks=1, quantity_lots=[1] * 20_000
            )
            batch = asyncio.ensure_future(exchange.apply(orders))
            answered = 0
            while not batch.done():
                await exchange.account(1)
                answered += 1
            assert len(await batch) == 20_000
            assert answered > 0

    asyncio.run(main())


# Opens an exchange, lets its files grow no more, and tells how those fare who wait and who come.
FULL = """
import asyncio, json, resource, sys
import outcry

async def main():
    settings = outcry.Settings(segment_bytes=1 << 20, money=False, snapshot_interval_ms=0)
    exchange = await outcry.AsyncExchange.open(sys.argv[1], settings)
    await exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")
    first = await exchange.place("X", side="buy", price=1, quantity=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (256, resource.RLIM_INFINITY))
    async def place():
        return await exchange.place("X", side="buy", price=1, quantity=1)
    told = await asyncio.gather(*(place() for _ in range(100)), return_exceptions=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    reasons = {(type(one).__name__, getattr(one, "reason", "")) for one in told}
    later = []
    for act in (lambda: exchange.place("X", side="buy", price=1, quantity=1), exchange.status,
                lambda: exchange.balances(1), exchange.close):
        try:
            later.append(str(await act()))
        except outcry.ExchangeHalted as halt:
            later.append(halt.reason)
        except TypeError:
            later.append("status")
    print(json.dumps([first.order_id, sorted(reasons), later, exchange.halt]))

asyncio.run(main())
"""


def test_a_halt_reaches_all_who_wait_and_all_who_come(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path], check=True, capture_output=True, text=True
    )
    first, reasons, later, halt = json.loads(told.stdout)
    assert first == 1
    assert reasons == [["ExchangeHalted", "file_size_limit"]]
    # Reads are answered from what is durable.
    assert later == ["file_size_limit", "status", "{}", "file_size_limit"]
    assert halt[0] == "file_size_limit"
    settings = Settings(segment_bytes=1 << 20, money=False)
    with Exchange.open(tmp_path, settings) as exchange:
        assert exchange.order(1).order_id == 1
        # What was in flight is there or not, from the first on.
        found = [order.order_id for order in exchange.open_orders()]
        assert found == list(range(1, len(found) + 1))
