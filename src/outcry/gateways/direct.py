"""The short way of a request to the spot API: off the parser, without ASGI between.

ASGI makes of a request a scope, an event, a task, two callables and a turn of the loop: as much
work as the API itself does for an order. A request that is plain (HTTP/1.1, nothing before it under
way, its length known) is handed over as it comes off the parser. Any other takes the long way; the
answers are the same.
"""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from outcry.gateways.binance import Api, Request
from outcry.gateways.respond import Lines, written

_METHODS: Final = {name.encode(): name for name in ("GET", "POST", "PUT", "DELETE")}
_BODY_BYTES_MAX: Final = 1_024
"""Longer bodies take the long way; no setting bounds bodies lower."""


class _Silent:
    """An event that nobody waits for."""

    def set(self) -> None:
        """Wake nobody."""


class DirectCycle(RequestResponseCycle):
    """A request on the short way, as far as uvicorn's protocol looks at one.

    What a cycle of ASGI has beside this is not made.
    """

    disconnected = False
    response_started = False
    response_complete = False
    more_body = True
    body: Any = b""
    message_event: Any = _Silent()

    def __init__(self, protocol: "DirectProtocol", request: Request, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self._protocol: Final = protocol
        self._request: Final = request

    def begin(self) -> None:
        """Have it answered: it is here whole."""
        self._protocol.api.begin(self._request, bytes(self.body), self._tell)

    def _tell(self, status: int, lines: Lines, body: bytes) -> None:
        protocol = self._protocol
        self.response_complete = True
        is_last = not self.keep_alive
        if not protocol.transport.is_closing():
            headers = protocol.server_state.default_headers
            protocol.transport.write(written(status, headers, lines, body, is_last=is_last))
            if is_last:
                protocol.transport.close()
        protocol.on_response_complete()


class DirectProtocol(HttpToolsProtocol):
    """HTTP on a connection; requests to the spot API take the short way where they can."""

    api: Api

    def on_message_begin(self) -> None:
        """Begin a request; what only the long way needs is made where it is taken."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Choose the way of a request whose headers are here."""
        request = self._direct()
        if request is None:
            url, headers, is_waiting = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, is_waiting
            self.headers += headers
            super().on_headers_complete()
            return
        self.cycle = DirectCycle(self, request, keep_alive=self.parser.should_keep_alive())

    def on_message_complete(self) -> None:
        """End a request: it is here whole."""
        cycle = self.cycle
        if type(cycle) is DirectCycle:
            if not cycle.response_complete:
                cycle.begin()
        else:
            super().on_message_complete()

    def _direct(self) -> Request | None:
        """Return the request where it can take the short way."""
        parser, client = self.parser, self.client
        raw_path, _, query = self.url.partition(b"?")
        path = self.api.plain_paths.get(raw_path)
        method = _METHODS.get(parser.get_method())
        if path is None or method is None or client is None or b"#" in query:
            return None
        before: RequestResponseCycle | None = self.cycle
        is_first = before is None or before.response_complete
        if not is_first or self.expect_100_continue or self.flow.write_paused:
            return None
        if parser.get_http_version() != "1.1" or parser.should_upgrade():
            return None
        for name, value in self.headers:
            if name == b"transfer-encoding" or (
                name == b"content-length" and int(value) > _BODY_BYTES_MAX
            ):
                return None
        return Request(method, path, query, self.headers, client[0])
