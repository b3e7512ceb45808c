"""A venue in this process, asked through its ASGI application without a socket."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

from outcry import Settings
from outcry.gateways.app import application
from outcry.gateways.binance import ROUTES, Api
from outcry.gateways.connections import Connections
from outcry.gateways.keys import NewKey, Scope
from outcry.gateways.plain import plain_application
from outcry.gateways.serve import open_venue
from outcry.gateways.venue import Venue
from outcry.settings import ServeSettings

T = TypeVar("T")
Params = Mapping[str, object]

MUCH = 4_000_000_000
ROOMY = Settings(
    serve=ServeSettings(
        request_weight_max=MUCH,
        raw_requests_max=MUCH,
        orders_10s_max=MUCH,
        orders_1d_max=MUCH,
        history_timeout_ms=120_000,
    )
)
"""Settings whose limits no test reaches."""


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        status: The HTTP status.
        headers: The headers, by name in lower case.
        raw: The body.
    """

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:  # noqa: ANN401 - what JSON says
        """Return the body as what its JSON says."""
        return json.loads(self.raw)

    @property
    def error(self) -> tuple[int, int, str]:
        """Return status, code and text of an error."""
        body = self.body
        assert body.keys() >= {"code", "msg"}, body
        return self.status, body["code"], body["msg"]


class Desk:
    """A venue that answers calls one after another.

    Attributes:
        venue: The venue.
    """

    def __init__(self, directory: Path, settings: Settings = ROOMY) -> None:
        self._directory = directory
        self._settings = settings
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.venue: Venue

    def __enter__(self) -> Self:
        entered = self._stack.enter_async_context(open_venue(self._directory, self._settings))
        self.venue = self.run(entered)
        plain = plain_application(self.venue, Connections.of(self._settings.serve))
        self._app = application(Api(self.venue, ROUTES), plain)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run(self._stack.aclose())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the venue's loop."""
        return self._runner.run(work)

    def ask(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Reply:
        """Send one request as its bytes are."""
        return self.run(self.asked(method, path, query, body, headers=headers, address=address))

    async def asked(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Reply:
        """Send one request, from within the loop."""
        fields = {**(headers or {})}
        if body:
            fields.setdefault("content-length", str(len(body)))
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
            "client": (address, 40_000),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - as ASGI has it
            sent.append(message)

        await self._app(scope, receive, send)
        start, rest = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        assert found["content-length"] == str(len(rest["body"]))
        return Reply(start["status"], found, rest["body"])

    def get(self, path: str, /, **parameters: object) -> Reply:
        """Ask something that needs no key."""
        return self.ask("GET", f"/api/v3/{path}", urlencode(parameters).encode())

    def client(
        self, account: int, *scopes: str, networks: tuple[str, ...] = (), address: str = "127.0.0.1"
    ) -> "Client":
        """Return a client of an account with a new key; it may read and trade by default."""
        scope = Scope.of(*(scopes or ("read", "trade")))
        return Client(self, self.venue.keys.create(account, scope, networks), address)


@dataclass(frozen=True)
class Client:
    """Signs what it asks.

    Attributes:
        desk: Where it asks.
        key: Its key.
        address: Where it asks from.
    """

    desk: Desk
    key: NewKey
    address: str = "127.0.0.1"

    def __call__(self, method: str, path: str, /, **parameters: object) -> Reply:
        """Ask a route below `/api/v3`."""
        return self.desk.run(self.asked(method, path, **parameters))

    async def asked(self, method: str, path: str, /, **parameters: object) -> Reply:
        """Ask a route, from within the loop."""
        said = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000} | parameters
        query = signed(self.key, said)
        where = path if path.startswith("/") else f"/api/v3/{path}"
        headers = {"X-MBX-APIKEY": self.key.api_key}
        return await self.desk.asked(method, where, query, headers=headers, address=self.address)


def signed(key: NewKey, parameters: Params) -> bytes:
    """Return a query string with its signature."""
    query = urlencode(parameters, quote_via=quote).encode()
    return query + b"&signature=" + signature(key, query)


def signature(key: NewKey, payload: bytes) -> bytes:
    """Return the signature of some bytes."""
    assert key.secret is not None
    return hmac.new(key.secret.encode(), payload, hashlib.sha256).hexdigest().encode()


@contextmanager
def desk_of(directory: Path, settings: Settings = ROOMY) -> Iterator[Desk]:
    """Open the venue of a directory."""
    with Desk(directory, settings) as desk:
        yield desk
