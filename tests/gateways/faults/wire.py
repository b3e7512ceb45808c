"""Clients that speak HTTP over sockets of their own, signed, many at a time."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from outcry.gateways.keys import NewKey
from tests.gateways.desk import Params, signed

ACKED, REFUSED = 200, 400


@dataclass
class Wire:
    """A connection that is kept alive.

    Attributes:
        address: Where to.
        key: What its requests are signed with.
    """

    address: str
    key: NewKey
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, said: Params | None = None) -> tuple[int, Any]:
        """Send a signed request and return status and body.

        Raises:
            OSError: The connection broke; asyncio.IncompleteReadError where it did midway.
        """
        stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
        query = signed(self.key, {**(said or {}), **stamp})
        target = f"{method} {path}?".encode() + query + b" HTTP/1.1\r\nhost: x\r\n"
        head = target + f"x-mbx-apikey: {self.key.api_key}\r\n\r\n".encode()
        return await self.send(head)

    async def send(self, request: bytes) -> tuple[int, Any]:
        """Send a request as its bytes are; see `ask`."""
        if self._writer is None:
            where = urlsplit(self.address)
            self._reader, self._writer = await asyncio.open_connection(where.hostname, where.port)
        assert self._reader is not None
        self._writer.write(request)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("content-length: ", 1)[1].split("\r\n", 1)[0])
        raw = await self._reader.readexactly(length)
        return int(head.split(" ", 2)[1]), json.loads(raw)

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = self._reader = None


@dataclass
class Load:
    """Orders of many connections at once, until the server is gone.

    Attributes:
        address: Where to.
        key: What the orders are signed with.
        acknowledged: The replies to accepted orders.
        cancelled: The ids of orders whose cancel was acknowledged.
    """

    address: str
    key: NewKey
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    others: list[tuple[int, Any]] = field(default_factory=list)

    async def run(self, connections: int) -> None:
        """Trade until no connection is left."""
        await asyncio.gather(*(self._trade(number) for number in range(connections)))

    async def _trade(self, number: int) -> None:
        wire = Wire(self.address, self.key)
        place = 0
        try:
            while True:
                place += 1
                await self._order(wire, number, place)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            await wire.close()

    async def _order(self, wire: Wire, number: int, place: int) -> None:
        takes = place % 3 == 0
        price = 60_001 if takes else 50_000 + (number * 97 + place) % 900
        said = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "IOC" if takes else "GTC",
            "quantity": "0.00100",
            "price": price,
        }
        status, body = await wire.ask("POST", "/api/v3/order", said)
        if status != ACKED:
            self.others.append((status, body))
            return
        self.acknowledged.append(body)
        if not takes:
            named = {"symbol": "BTCUSDT", "orderId": body["orderId"]}
            status, _ = await wire.ask("DELETE", "/api/v3/order", named)
            if status == ACKED:
                self.cancelled.add(body["orderId"])
