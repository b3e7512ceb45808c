"""The rows of an open exchange that are measured from Python: awaited orders, and the first order.

Orders go the whole way: decimals in, the journal's sync, then one wake-up of the loop for many
answers.
"""

import asyncio
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Final

from outcry.bench.figure import Figure
from outcry.bench.machine import file_system
from outcry.bench.order_flow import OrderFlow, order_flow
from outcry.bench.python_rows import collector_held
from outcry.errors import UnverifiedFigure
from outcry.exchange import AsyncExchange, Instrument, Placement
from outcry.protocol import Side

ASYNCIO_PLACE: Final = "exchange/asyncio_place"
UNIT: Final = "k orders/s"
COUNT: Final = 200_000
IN_FLIGHT: Final = 256
ACCOUNTS: Final = 1_000
SYMBOL: Final = "BTCUSD"
# Enough for every order of the flow.
DEPOSIT: Final = "1000000000000"
SOURCE: Final = 1
# File systems that keep nothing: what is durable there is nowhere.
IN_MEMORY: Final = ("tmpfs", "ramfs")

Call = tuple[str, str, str, int]

# A process that opens the exchange of a folder and enters one order; it ends as a crash ends it.
FIRST_ORDER: Final = """
import os, sys
from outcry import Exchange
exchange = Exchange.open(sys.argv[1])
placed = exchange.place("SIM", side="buy", price="0.005", quantity="1", account=1)
print("accepted", placed.sequence, flush=True)
os._exit(0)
"""


def first_order_command() -> list[str]:
    """Return the command that recovers the exchange of the folder named behind it."""
    return [sys.executable, "-c", FIRST_ORDER]


def asyncio_place(folder: Path, runs: int, count: int = 0) -> Figure:
    """Measure `AsyncExchange.place`: so many coroutines, each awaiting one order after the other.

    Args:
        folder: Where the exchange of each run is made, and removed.
        runs: How often.
        count: How many orders; 0 for `COUNT`, and then the folder is to be on a disk.

    Raises:
        UnverifiedFigure: Not every order was answered once, or the folder is in memory.
    """
    kind = file_system(folder)
    if kind in IN_MEMORY and count == 0:
        problem = f"{folder} is on {kind}, which keeps nothing: name a folder on a disk"
        raise UnverifiedFigure(ASYNCIO_PLACE, problem)
    flow = order_flow()
    calls = list(islice(_calls(flow), count or COUNT))
    values, syncs = [], ""
    for _ in range(runs):
        with TemporaryDirectory(prefix="outcry-bench-", dir=folder) as made:
            value, syncs = asyncio.run(_run(Path(made), calls))
            values.append(value)
    setting = (
        f"{len(calls)} limit orders of {ACCOUNTS} accounts, prices and quantities as text, placed "
        f"by {IN_FLIGHT} coroutines of one event loop, each awaiting its answer; an answer follows "
        f"the fdatasync; {kind}; {syncs}; the follower and its snapshots beside it; the loop is "
        "asyncio's own; garbage collector held"
    )
    return Figure(ASYNCIO_PLACE, UNIT, tuple(values), setting)


def _calls(flow: OrderFlow) -> Iterator[Call]:
    """Yield side, price, quantity and account of orders, of the flow again and again."""
    columns = ("side", "price_ticks", "quantity_lots")
    rows = list(zip(*(flow.orders[name].tolist() for name in columns), strict=True))
    number = 0
    while True:
        for side, price, lots in rows:
            number += 1
            yield str(Side(side)), str(price), str(lots), 1 + number % ACCOUNTS


async def _run(folder: Path, calls: list[Call]) -> tuple[float, str]:
    """Return thousands of orders a second, and how many syncs there were."""
    async with await AsyncExchange.open(folder) as exchange:
        instrument = await _prepare(exchange)
        shared = iter(calls)
        placed: list[Placement] = []

        async def work() -> None:
            place = exchange.place
            for side, price, quantity, account in shared:
                answer = await place(
                    instrument, side=side, price=price, quantity=quantity, account=account
                )
                placed.append(answer)

        with collector_held():
            start_ns = perf_counter_ns()
            await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
            took_ns = perf_counter_ns() - start_ns
        _check(placed, len(calls))
        status = exchange.status()
    syncs = f"{status.fsyncs} fdatasyncs, p50 {status.fsync_p50_ns // 1_000} us"
    return len(calls) * 1e6 / took_ns, syncs


async def _prepare(exchange: AsyncExchange) -> Instrument:
    """Make an instrument whose ticks and lots are one, and accounts that can pay."""
    await exchange.add_asset("BTC", 0)
    await exchange.add_asset("USD", 0)
    instrument = await exchange.add_instrument(SYMBOL, base="BTC", quote="USD", tick="1", lot="1")
    for account in range(1, ACCOUNTS + 1):
        exchange.set_account(account)
    deposits = [
        exchange.deposit(account, asset, DEPOSIT, source=(SOURCE, 2 * account + place))
        for account in range(1, ACCOUNTS + 1)
        for place, asset in enumerate(("BTC", "USD"))
    ]
    await asyncio.gather(*deposits)
    return instrument


def _check(placed: list[Placement], count: int) -> None:
    """Raise `UnverifiedFigure` unless each order was answered with an id of its own."""
    answered = len({placement.order_id for placement in placed})
    if answered != count or not any(placement.fills for placement in placed):
        raise UnverifiedFigure(ASYNCIO_PLACE, f"{answered} of {count} orders were answered")
