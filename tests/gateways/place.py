"""A small application behind real sockets in this process, whose requests wait for the test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import uvicorn
import uvloop
from uvicorn.server import ServerState

from outcry.gateways.binance import Api
from outcry.gateways.connection import BoundedProtocol, protocol_of
from outcry.gateways.connections import Connections

PATIENCE_S = 120
_NO_API = SimpleNamespace(plain_paths={})


def bounds(**changed: Any) -> Connections:  # noqa: ANN401 - figures
    figures = {
        "connections_max": 100,
        "per_address_max": 100,
        "header_bytes_max": 4_096,
        "body_bytes_max": 8_192,
        "request_timeout_s": 10.0,
        "idle_timeout_s": 75.0,
    }
    return Connections(**(figures | changed))


class Place:
    """A server of two paths: what waits until it is let go, and what does not.

    Attributes:
        connections: Its connections.
        api: Is handed its requests on the short way; by default there are none.
        protocols: What serves each of them, in the order in which they came.
        begun: The paths that were begun.
        left: How many requests were told that their client is gone.
        go: Lets those go that wait.
    """

    def __init__(self, connections: Connections, api: object = _NO_API) -> None:
        self.connections = connections
        self.api = cast("Api", api)
        self.protocols: list[BoundedProtocol] = []
        self.begun: list[str] = []
        self.clients: list[Client] = []
        self.left = 0
        self.go = asyncio.Event()
        self._address: tuple[str, int] = ("", 0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer with the path."""
        path = scope["path"]
        self.begun.append(path)
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        else:
            self.left += 1
            return
        if path == "/slow":
            await self.go.wait()
        told = path.encode() + body
        headers = [(b"content-length", b"%d" % len(told))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve on a free port."""
        config = uvicorn.Config(self, ws="none", lifespan="off", log_config=None)
        kind = protocol_of(self.connections, self.api)

        def made() -> BoundedProtocol:
            self.protocols.append(kind(config, ServerState(), {}))
            return self.protocols[-1]

        loop = asyncio.get_running_loop()
        server = await loop.create_server(made, "127.0.0.1", 0)
        self._address = server.sockets[0].getsockname()
        try:
            yield
        finally:
            self.go.set()
            server.close()
            for client in self.clients:
                client.writer.transport.abort()
            for protocol in self.protocols:
                protocol.transport.abort()
            await until(lambda: not self.connections)

    async def connect(self, data: bytes = b"", source: str = "127.0.0.1") -> "Client":
        """Connect, and send something."""
        end = socket.socket()
        end.setblocking(False)
        end.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(end, self._address)
        self.clients.append(Client(*await asyncio.open_connection(sock=end)))
        self.clients[-1].writer.write(data)
        return self.clients[-1]


class Client:
    """One end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def told(self) -> bytes:
        """Return the body of the next answer; of one that is none, its status."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        body = await self.reader.readexactly(int(head.split(b"content-length: ")[1].split()[0]))
        status = head.split(b" ", 2)[1]
        return body if status == b"200" else status

    async def rest(self) -> bytes:
        """Return all up to the end of the connection."""
        return await self.reader.read()


async def until(holds: Any) -> None:  # noqa: ANN401 - anything to call
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0)


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await work

    uvloop.run(bounded())
