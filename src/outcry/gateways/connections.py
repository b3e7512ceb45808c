"""Connections within their bounds: how many, how many from one address, how slow, how much."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from outcry.settings import ServeSettings

SWEEP_S: Final = 1.0
"""How often slow connections are looked for, in seconds."""


class Connection(Protocol):
    """A connection, as far as its bounds look at one."""

    def end_if_late(self, now: float) -> bool:
        """End the connection if its client has kept it waiting; return whether it was so."""
        ...


@dataclass(slots=True)
class Connections:
    """All connections of a server, and what they are bound by.

    Attributes:
        connections_max: Most connections.
        per_address_max: Most connections from one address.
        header_bytes_max: Most bytes of a request's line and headers.
        body_bytes_max: Most bytes of a request's body.
        request_timeout_s: How long a request may take to arrive, and its answer to be taken on, in
            seconds.
        idle_timeout_s: How long a connection may be without a request, in seconds.
        refused: How many were turned away.
        timed_out: How many were closed for being slow.
    """

    connections_max: int
    per_address_max: int
    header_bytes_max: int
    body_bytes_max: int
    request_timeout_s: float
    idle_timeout_s: float
    refused: int = 0
    timed_out: int = 0

    _open: "set[Connection]" = field(default_factory=set)
    _by_address: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, settings: ServeSettings) -> Self:
        """Begin without any, within the bounds of the settings."""
        return cls(
            connections_max=settings.connections_max,
            per_address_max=settings.connections_per_ip_max,
            header_bytes_max=settings.header_bytes_max,
            body_bytes_max=settings.body_bytes_max,
            request_timeout_s=settings.request_timeout_ms / 1_000,
            idle_timeout_s=settings.keep_alive_ms / 1_000,
        )

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection, address: str) -> bool:
        """Take in a connection; return whether there is room for it."""
        is_full = len(self._open) >= self.connections_max
        if is_full or self._by_address[address] >= self.per_address_max:
            self.refused += 1
            return False
        self._open.add(connection)
        self._by_address[address] += 1
        return True

    def leave(self, connection: Connection, address: str) -> None:
        """Forget a connection that ended; nothing happens to one that was turned away."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    async def sweep(self) -> None:
        """End connections whose clients keep them waiting, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = loop.time()
            for connection in tuple(self._open):
                self.timed_out += connection.end_if_late(now)
