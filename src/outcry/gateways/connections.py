"""Connections within their bounds: how many, how many from one address, how slow."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Self

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from outcry.settings import ServeSettings

SWEEP_S: Final = 1.0
"""How often slow connections are looked for, in seconds."""


@dataclass(slots=True)
class Connections:
    """All connections of a server, and what they are bound by.

    Attributes:
        connections_max: Most connections.
        per_address_max: Most connections from one address.
        header_bytes_max: Most bytes of a request's line and headers.
        request_timeout_s: How long a request may take to arrive, in seconds.
        idle_timeout_s: How long a connection may be without a request, in seconds.
        refused: How many were turned away.
        timed_out: How many were closed for being slow.
    """

    connections_max: int
    per_address_max: int
    header_bytes_max: int
    request_timeout_s: float
    idle_timeout_s: float
    refused: int = 0
    timed_out: int = 0

    _open: "set[BoundedProtocol]" = field(default_factory=set)
    _by_address: "Counter[str]" = field(default_factory=Counter)

    @classmethod
    def of(cls, settings: ServeSettings) -> Self:
        """Begin without any, within the bounds of the settings."""
        return cls(
            connections_max=settings.connections_max,
            per_address_max=settings.connections_per_ip_max,
            header_bytes_max=settings.header_bytes_max,
            request_timeout_s=settings.request_timeout_ms / 1_000,
            idle_timeout_s=settings.keep_alive_ms / 1_000,
        )

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: "BoundedProtocol", address: str) -> bool:
        """Take in a connection; return whether there is room for it."""
        is_full = len(self._open) >= self.connections_max
        if is_full or self._by_address[address] >= self.per_address_max:
            self.refused += 1
            return False
        self._open.add(connection)
        self._by_address[address] += 1
        return True

    def leave(self, connection: "BoundedProtocol", address: str) -> None:
        """Forget a connection that ended; nothing happens to one that was turned away."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    async def sweep(self) -> None:
        """Close connections whose requests do not come, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = loop.time()
            for connection in tuple(self._open):
                if connection.is_late(now, self):
                    self.timed_out += 1
                    connection.transport.abort()

    def protocol(self) -> "type[HttpToolsProtocol]":
        """Return the protocol of these connections, as uvicorn takes it."""
        bounds = self

        class Bounded(BoundedProtocol):
            connections_bound = bounds

        return Bounded


class BoundedProtocol(HttpToolsProtocol):
    """HTTP on a connection that has bounds."""

    connections_bound: Connections

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(config, *arguments, **named)
        self._address = ""
        # Of the request that is under way.
        self._received_bytes = 0
        # Since when a request is on its way, or the connection waits for one; else None.
        self._request_since: float | None = None
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, or turn it away."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self.connections_bound.enter(self, self._address):
            transport.write(_REFUSAL)
            transport.close()
            return
        self._idle_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.connections_bound.leave(self, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, unless its headers are longer than they may be."""
        self._received_bytes += len(data)
        super().data_received(data)
        if self._received_bytes > self.connections_bound.header_bytes_max and self._in_headers():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request: its clock starts with its first byte."""
        self._request_since = self.loop.time()
        self._idle_since = None
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """End a request: it is here whole."""
        self._request_since = None
        self._received_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer: the next request that came meanwhile begins, else the wait for one.

        Idle connections are found by the sweep, so none has a timer of its own.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._idle_since = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def is_late(self, now: float, bounds: Connections) -> bool:
        """Return whether the client has kept the connection waiting for too long."""
        if self._request_since is not None:
            return now - self._request_since > bounds.request_timeout_s
        return self._idle_since is not None and now - self._idle_since > bounds.idle_timeout_s

    def _in_headers(self) -> bool:
        """Return whether a request is under way whose headers have not ended."""
        return self._request_since is not None and "path" not in self.scope


def _refusal(status: bytes, text: bytes) -> bytes:
    return (
        b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
        b"connection: close\r\nretry-after: 1\r\n\r\n%s" % (status, len(text), text)
    )


_REFUSAL: Final = _refusal(
    b"503 Service Unavailable", b'{"code":-1003,"msg":"Too many connections."}'
)
_TOO_LONG: Final = _refusal(
    b"431 Request Header Fields Too Large",
    b'{"code":-1101,"msg":"The headers are longer than they may be."}',
)
