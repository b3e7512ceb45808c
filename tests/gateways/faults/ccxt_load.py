"""A few ccxt clients that trade until their server is gone, and look for what it told them.

Usage: python ccxt_load.py KEY SECRET FILE, in ccxt's own environment. Reads lines `trade ADDRESS`
and `check ADDRESS`. While they trade, each acknowledged reply is a line of FILE before anything
else is sent, and a line on stdout; `broken` ends that. What came of a check is a line of JSON.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ccxt
import ccxt.async_support

SYMBOL = "BTC/USDT"
CLIENTS = 4
AMOUNT = 0.001
PAGE = 1_000
TRIES = 200
FIELDS = ("clientOrderId", "price", "amount", "side", "type", "filled", "cost")

Order = dict[str, Any]
# The client's classes are not typed.
Exchange = Any


@dataclass
class Record:
    """What was acknowledged, and what was asked for.

    Attributes:
        path: The file of it.
        orders: The orders, by id.
        asked: Those whose cancel was sent.
        cancelled: Those whose cancel was acknowledged.
        checked: The orders of earlier rounds.
    """

    path: Path
    orders: dict[str, Order] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    checked: set[str] = field(default_factory=set)

    def write(self, kind: str, told: object) -> None:
        """Keep a line."""
        with self.path.open("a") as file:
            file.write(json.dumps([kind, told]) + "\n")

    def read(self) -> None:
        """Read the file anew: what is looked for is what stands there."""
        self.orders, self.asked, self.cancelled = {}, set(), set()
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for line in lines:
            kind, told = json.loads(line)
            if kind == "order":
                self.orders[told["id"]] = told
            else:
                {"asked": self.asked, "cancelled": self.cancelled}[kind].add(told)


def exchanges(key: str, secret: str) -> list[Exchange]:
    """Return clients, as many as trade at once."""
    return [
        ccxt.async_support.binance(
            {
                "apiKey": key,
                "secret": secret,
                "enableRateLimit": False,
                "options": {
                    "fetchMarkets": {"types": ["spot"]},
                    "fetchCurrencies": False,
                    "fetchMargins": False,
                    "recvWindow": 60_000,
                },
            }
        )
        for _ in range(CLIENTS)
    ]


def lead_to(exchange: Exchange, address: str) -> None:
    """Let a client ask elsewhere."""
    exchange.urls["api"] |= {
        "public": f"{address}/api/v3",
        "private": f"{address}/api/v3",
        "v1": f"{address}/api/v1",
        "sapi": f"{address}/sapi/v1",
    }


async def trade(exchange: Exchange, number: int, record: Record) -> None:
    """Place and cancel until the server is gone."""
    place = 0
    try:
        while True:
            place += 1
            price = 50_000 + 100 * number + place % 100
            resting = await created(exchange, record, "limit", "buy", price)
            await created(exchange, record, "market", "buy" if place % 2 else "sell")
            if place % 4:
                record.write("asked", resting["id"])
                await exchange.cancel_order(resting["id"], SYMBOL)
                record.write("cancelled", resting["id"])
                sys.stdout.write("cancelled\n")
                sys.stdout.flush()
    except ccxt.NetworkError:
        return


async def created(exchange: Exchange, record: Record, *said: object) -> Order:
    """Place an order, and keep what is told of it."""
    kind, side, *price = said
    told: Order = await exchange.create_order(SYMBOL, kind, side, AMOUNT, *price)
    record.write("order", told)
    sys.stdout.write("order\n")
    sys.stdout.flush()
    return told


async def answered(ask: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - as ccxt tells it
    """Ask again while the history catches up."""
    for _ in range(TRIES):
        try:
            return await ask()
        except ccxt.NetworkError:
            continue
    return await ask()


async def check(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Look for all that was acknowledged; then leave no order open."""
    record.read()
    faults: list[object] = []
    new = [order for name, order in record.orders.items() if name not in record.checked]
    for told in new:
        name = told["id"]
        kept = await answered(lambda name=name: exchange.fetch_order(name, SYMBOL))  # type: ignore[misc]
        faults += faults_of(told, kept, record)
    fills = await my_trades(exchange)
    for told in record.orders.values():
        faults += faults_of_fills(told, fills)
    standing = {each["id"] for each in await answered(lambda: exchange.fetch_open_orders(SYMBOL))}
    must_stand = {
        name
        for name, told in record.orders.items()
        if told["status"] == "open" and name not in record.asked
    }
    faults += [["not open any more", name] for name in sorted(must_stand - standing)]
    faults += [["still open", name] for name in sorted(record.cancelled & standing)]
    if standing:
        for each in await exchange.cancel_all_orders(SYMBOL):
            record.write("asked", each["id"])
            record.write("cancelled", each["id"])
    record.checked |= record.orders.keys()
    return {
        "faults": faults,
        "orders": len(new),
        "fills": sum(len(each["trades"]) for each in new),
        "cancelled": len(record.cancelled),
    }


def faults_of(told: Order, kept: Order, record: Record) -> list[object]:
    """Compare an order with what was told of it."""
    faults: list[object] = [
        [name, told["id"], told[name], kept[name]] for name in FIELDS if told[name] != kept[name]
    ]
    name = told["id"]
    allowed = {told["status"]}
    if name in record.cancelled:
        allowed = {"canceled"}
    elif name in record.asked:
        allowed = {told["status"], "canceled"}
    if kept["status"] not in allowed:
        faults.append(["status", name, told["status"], kept["status"]])
    return faults


def faults_of_fills(told: Order, fills: dict[str, Order]) -> list[object]:
    """Compare the fills of an order with the account's trades."""
    faults: list[object] = []
    for fill in told["trades"]:
        kept = fills.get(fill["id"])
        if kept is None or kept["order"] != told["id"]:
            faults.append(["no such fill", told["id"], fill["id"]])
            continue
        faults += [
            [name, fill["id"], fill[name], kept[name]]
            for name in ("price", "amount", "cost", "fee")
            if kept[name] != fill[name]
        ]
    return faults


async def my_trades(exchange: Exchange) -> dict[str, Order]:
    """Return all trades of the account, by id."""
    found: dict[str, Order] = {}
    following = 0
    while True:
        page = await answered(
            lambda start=following: exchange.fetch_my_trades(  # type: ignore[misc]
                SYMBOL, limit=PAGE, params={"fromId": start}
            )
        )
        found |= {each["id"]: each for each in page}
        if len(page) < PAGE:
            return found
        following = 1 + max(int(each["id"]) for each in page)


async def main(key: str, secret: str, path: str) -> None:
    """Do what is asked for, until there is nothing more."""
    clients = exchanges(key, secret)
    record = Record(Path(path))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted, address = line.split()
        for exchange in clients:
            lead_to(exchange, address)
        if wanted == "check":
            sys.stdout.write(json.dumps(await check(clients[0], record)) + "\n")
        else:
            await asyncio.gather(
                *(trade(exchange, number, record) for number, exchange in enumerate(clients))
            )
            sys.stdout.write("broken\n")
        sys.stdout.flush()
    for exchange in clients:
        await exchange.close()


asyncio.run(main(*sys.argv[1:]))
