"""The spot API: finds the route of a request and has it answered."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from outcry.gateways.binance import errors
from outcry.gateways.binance.answer import Answer, Request, Tell
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.route import Route
from outcry.gateways.body import BodyTooLongError, read_body
from outcry.gateways.respond import Lines, respond
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_PREFIXES: Final = ("/api/", "/sapi/", "/fapi/", "/dapi/")
_PATHS: Final = "/api/v3/"
_OLDER_PATHS: Final = "/api/v1/"
"""Where some clients still ask what needs no key."""
_OTHER: Final = "other"
"""What paths that are none are counted as."""


class Api:
    """The spot API of a venue.

    Args:
        venue: What it serves.
        routes: What answers, by method and path.

    Attributes:
        plain_paths: Its paths by what stands for them over the wire.
    """

    def __init__(self, venue: Venue, routes: Mapping[tuple[str, str], Route]) -> None:
        self._venue: Final = venue
        self._routes: Final = routes
        self._paths: Final = frozenset(path for _, path in routes)
        self._names: Final = _names_of(routes)
        self.plain_paths: Final = {name.encode(): path for name, path in self._names.items()}

    def has(self, path: str) -> bool:
        """Return whether a path is one of this API, or would be: then it says so in its words."""
        return path in self._names or path.startswith(_PREFIXES)

    def begin(self, request: Request, body: bytes | None, tell: Tell) -> None:
        """Begin to answer a request.

        Args:
            request: The request.
            body: Its body; None where that is longer than it may be.
            tell: Is told the reply, once, perhaps before this returns.
        """
        path = request.path
        name = path if path in self._paths else _OTHER
        answer = Answer(self._venue, request, name, tell)
        route = self._routes.get((request.method, path))
        try:
            if route is None:
                self._refuse(request, answer)
            call = answer.admit(route, body)
            self._venue.answering.begin(answer, route.handler, self._venue, call)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is answered
            answer.set_exception(error)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request, as ASGI has it."""
        client = scope.get("client")
        method: str = scope["method"]
        path: str = scope["path"]
        request = Request(
            # Whoever answers leaves the body out.
            "GET" if method == "HEAD" else method,
            self._names.get(path, path),
            scope["query_string"],
            scope["headers"],
            client[0] if client else "",
        )
        body: bytes | None = None
        with suppress(BodyTooLongError):
            body = await read_body(scope, receive, self._venue.settings.body_bytes_max)
        told: asyncio.Future[tuple[int, Lines, bytes]] = asyncio.get_running_loop().create_future()

        def tell(*reply: *tuple[int, Lines, bytes]) -> None:
            # Who waited is gone where the server was told to end at once.
            if not told.done():
                told.set_result(reply)

        self.begin(request, body, tell)
        await respond(send, *await told)

    def _refuse(self, request: Request, answer: Answer) -> NoReturn:
        """Refuse a request that no route fits; it is charged as any other."""
        answer.charge(1)
        method, path = request.method, request.path
        status = errors.METHOD_NOT_ALLOWED if path in self._paths else errors.NOT_FOUND
        raise ApiError(-5000, f"Path {path}, Method {method} is invalid", status)


def _names_of(routes: Mapping[tuple[str, str], Route]) -> dict[str, str]:
    """Return the path of each route by what it may be called over the wire."""
    names = {path: path for _, path in routes}
    for (_, path), route in routes.items():
        if route.scope is None and path.startswith(_PATHS):
            names[path.replace(_PATHS, _OLDER_PATHS)] = path
    # Whoever ends the address of the server with a slash sends two.
    return names | {f"/{name}": path for name, path in names.items()}
