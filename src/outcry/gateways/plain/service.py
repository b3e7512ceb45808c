"""Plain routes for those who watch over the server, and for those who read about it."""

import os
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from msgspec import Struct

from outcry.gateways.clock import behind_ms, clock_note
from outcry.gateways.connections import Connections
from outcry.gateways.metrics import Exposition
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.problem import NOT_FOUND, UNAVAILABLE, ProblemError
from outcry.gateways.plain.route import PlainRoute, Raw

_TAG: Final = "service"
_PAGE_TAG: Final = "documentation"
_PACKAGE: Final = "flask_swagger_ui"
_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_START_FILE: Final = "start.js"
_ASSETS: Final = frozenset(("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"))
PAGE_FILES: Final = _ASSETS | {_START_FILE}
"""The files of the page."""

_PAGE: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Outcry: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = b"""SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  persistAuthorization: true,
});
"""
PAGE_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
}


class Alive(Struct):
    """The process answers.

    Attributes:
        status: `ok`.
    """

    status: Literal["ok"] = "ok"


class Check(Struct):
    """A part that requests need.

    Attributes:
        name: The part.
        ready: Whether it is at work.
        detail: What is wrong with it, empty for nothing.
    """

    name: str
    ready: bool
    detail: str


class Readiness(Struct):
    """Whether requests can be answered.

    Attributes:
        ready: Whether all parts are at work.
        checks: The parts.
        notes: What keeps nothing from its work and should be looked at, as a clock that is behind.
    """

    ready: bool
    checks: list[Check]
    notes: list[str]


class ServiceStatus(Struct, kw_only=True):
    """How the server and its exchange are doing.

    Attributes:
        process_id: The server's process.
        ready: Whether all parts that requests need are at work.
        problems: What keeps the others from it.
        halted: Why the exchange stopped and what exactly went wrong, null while it runs.
        clock_behind_ms: How far the clock is behind the exchange's time, in milliseconds.
        exchange: Its sequences, rings, syncs and snapshots.
        history_applied_sequence: The last command in the history.
        history_lag_commands: Commands that it has yet to apply.
        connections: Open connections.
        requests_at_work: Requests that are being answered.
        requests: Requests answered since the start.
        orders_accepted: Orders that came by REST and were accepted.
        orders_rejected: Those that were refused.
    """

    process_id: int
    ready: bool
    problems: list[str]
    halted: str | None
    clock_behind_ms: int
    exchange: dict[str, int | str | bool | None]
    history_applied_sequence: int
    history_lag_commands: int
    connections: int
    requests_at_work: int
    requests: int
    orders_accepted: int
    orders_rejected: int


class Service:
    """The routes of one server.

    Args:
        connections: Its connections.
        document: Returns the OpenAPI document as JSON.
    """

    def __init__(self, connections: Connections, document: Callable[[], bytes]) -> None:
        self._connections: Final = connections
        self._document: Final = document
        self._exposition: Exposition | None = None

    async def healthz(self, _call: PlainCall) -> Alive:
        """Answer: the process is alive."""
        return Alive()

    async def readyz(self, call: PlainCall) -> Readiness:
        """Tell whether requests can be answered: with status 503 where they cannot."""
        checks = [
            Check(part.name, not part.problem, part.problem)
            for part in call.venue.readiness.parts()
        ]
        is_ready = all(check.ready for check in checks)
        if not is_ready:
            call.status = UNAVAILABLE
        status = call.venue.status()
        note = None if status is None else clock_note(status.time_ns)
        return Readiness(is_ready, checks, [] if note is None else [note])

    async def metrics(self, call: PlainCall) -> Raw:
        """Tell Prometheus how the server is doing."""
        if self._exposition is None:
            self._exposition = Exposition(call.venue, self._connections)
        return Raw(*self._exposition.text())

    async def status(self, call: PlainCall) -> ServiceStatus:
        """Tell how the server and its exchange are doing."""
        venue = call.venue
        halt, status = venue.exchange.halt, venue.status()
        meter, history = venue.meter, venue.history
        told: dict[str, Any] = {} if status is None else asdict(status)
        problems = [
            f"{part.name}: {part.problem}" for part in venue.readiness.parts() if part.problem
        ]
        return ServiceStatus(
            process_id=os.getpid(),
            ready=not problems,
            problems=problems,
            halted=None if halt is None else ": ".join(halt),
            clock_behind_ms=0 if status is None else behind_ms(status.time_ns),
            exchange=told,
            history_applied_sequence=history.applied_sequence,
            history_lag_commands=history.lag(venue.readiness.delivered_sequence()),
            connections=len(self._connections),
            requests_at_work=len(venue.answering),
            requests=sum(meter.requests.values()),
            orders_accepted=meter.orders_accepted,
            orders_rejected=sum(meter.rejects.values()),
        )

    async def openapi(self, _call: PlainCall) -> Raw:
        """Tell all routes as an OpenAPI 3.1 document."""
        return Raw(self._document(), "application/json")

    async def page(self, call: PlainCall) -> Raw:
        """Show all routes on a page on which they can be tried."""
        call.answer_headers.update(PAGE_HEADERS)
        return Raw(_PAGE, "text/html; charset=utf-8")

    async def asset(self, call: PlainCall) -> Raw:
        """Tell a file of the page."""
        name = call.path["file"]
        call.answer_headers.update(PAGE_HEADERS)
        if name == _START_FILE:
            return Raw(_START, "text/javascript")
        if name not in _ASSETS:
            raise ProblemError(NOT_FOUND, "unknown_file", "The page has no such file.")
        call.answer_headers["cache-control"] = "public, max-age=86400"
        return Raw(_asset(name), _MEDIA_TYPES[Path(name).suffix])

    def routes(self) -> tuple[PlainRoute, ...]:
        """Return the routes."""
        return (
            PlainRoute("GET", "/healthz", self.healthz, Alive, _TAG, weight=0),
            PlainRoute(
                *("GET", "/readyz", self.readyz, Readiness, _TAG),
                weight=0,
                others=((UNAVAILABLE, "A part is not at work."),),
            ),
            PlainRoute(
                *("GET", "/metrics", self.metrics, None, _TAG),
                admin=True,
                media_type="text/plain",
            ),
            PlainRoute("GET", "/status", self.status, ServiceStatus, _TAG, admin=True),
            PlainRoute("GET", "/openapi.json", self.openapi, None, _PAGE_TAG),
            PlainRoute("GET", "/docs", self.page, None, _PAGE_TAG, media_type="text/html"),
            PlainRoute("GET", "/docs/{file}", self.asset, None, _PAGE_TAG, media_type="*/*"),
        )


def _asset(name: str) -> bytes:
    """Return a file of the page, out of the package that has it; the package is not imported."""
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ProblemError(NOT_FOUND, "unknown_file", "The page's package is not installed.")
    folder = Path(found.submodule_search_locations[0])
    return (folder / "dist" / name).read_bytes()
