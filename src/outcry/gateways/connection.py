"""One connection: requests read no faster than they are answered, late clients and last words."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import httptools
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from outcry.gateways.binance import Api
from outcry.gateways.connections import Connections
from outcry.gateways.direct import DirectProtocol
from outcry.gateways.respond import JSON, written

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

Fields: TypeAlias = list[tuple[bytes, bytes]]

LINGER_S: Final = 2.0
"""How long a connection that was told its last is still read, in seconds.

Were it closed with something unread, the system might take back what it was told.
"""

_PIECE: Final = 2_048
# What is read is parsed in pieces of so many bytes, as far as it can be answered next: requests
# that were parsed take far more memory than their bytes.

_NOTHING: Final = memoryview(b"")
_BODY_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding"))


def protocol_of(connections: Connections, spot: Api) -> "type[BoundedProtocol]":
    """Return the protocol of a server's connections, as uvicorn takes it.

    Args:
        connections: All of them, and what they are bound by.
        spot: Is handed its requests on the short way.
    """

    class Bounded(BoundedProtocol):
        connections_bound = connections
        api = spot

    return Bounded


class BoundedProtocol(DirectProtocol):
    """HTTP on a connection that has bounds.

    Requests are answered in the order in which they came. One that cannot be read is answered
    behind them, and is the connection's last.
    """

    connections_bound: Connections
    flow: "_Flow"

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(config, *arguments, **named)
        self._address = ""
        # The request that ASGI answers, while others wait behind it.
        self._running: RequestResponseCycle | None = None
        # Since when a request is on its way, or the connection waits for one; else None.
        self._request_since: float | None = None
        self._idle_since: float | None = None
        # Where in that request the client is, and how many bytes ago it went on there.
        self._is_in_head = False
        self._is_in_chunks = False
        self._part_bytes = 0
        # Whether the parser is at work, and whether something was answered meanwhile.
        self._is_parsing = False
        self._has_answered = False
        # Whether the parser is being told where it is, which is nothing that came.
        self._is_priming = False
        # What is left to say once all requests before are answered; then nothing more is read.
        self._last_words: bytes | None = None
        self._is_over = False
        self._over_since: float | None = None
        self._is_at_end = False
        # How much of what was written the client has not taken, and since when it takes no more.
        self._unsent_bytes = 0
        self._unsent_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, or turn it away."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        self._address = self.client[0] if self.client else ""
        if not self.connections_bound.enter(self, self._address):
            self._is_over = True
            transport.write(_last(503, -1003, "Too many connections.", [], b"retry-after: 1\r\n"))
            transport.close()
            return
        self._idle_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.connections_bound.leave(self, self._address)
        self._is_over = True
        self.pipeline.clear()
        if self._running is not None:
            # Nobody is left to answer to.
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, as far as it can be answered next."""
        if self._is_over:
            return
        if len(data) <= _PIECE and not self.flow.unread:
            self._feed(data)
            return
        self.flow.unread = memoryview(bytes(self.flow.unread) + data)
        self._read_on()

    def eof_received(self) -> bool:  # type: ignore[override]
        """End the connection; requests that are here whole are answered before."""
        self._is_at_end = self._request_since is None and self._is_at_work() and not self._is_over
        return self._is_at_end

    def on_message_begin(self) -> None:
        """Begin a request: its clock starts with its first byte."""
        if self._is_priming:
            return
        self._request_since = self.loop.time()
        self._idle_since = None
        self._is_in_head = True
        self._is_in_chunks = False
        self._part_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer a request, unless its headers are longer than they may be."""
        if self._is_priming:
            return
        if self.transport.is_closing():
            raise _ClosedError
        most = self.connections_bound.header_bytes_max
        # What is told here came in the pieces that were counted and in this one and the first.
        if self._part_bytes + 2 * _PIECE > most and self._head_bytes() > most:
            raise _TooLongError
        super().on_headers_complete()
        self._is_in_head = False
        # Fields behind a body in chunks are no headers.
        self.headers = []

    def on_chunk_header(self) -> None:
        """Begin a chunk of a body."""
        self._is_in_chunks = True
        self._part_bytes = 0

    def on_message_complete(self) -> None:
        """End a request: it is here whole."""
        self._request_since = None
        self._is_in_chunks = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer: the next request that came meanwhile begins, else the wait for one.

        Idle connections are found by the sweep, so none has a timer of its own.
        """
        self.server_state.total_requests += 1
        self._has_answered = True
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._is_over:
            self._end()
            return
        if self.flow.unread and not self._is_parsing:
            # The rest of the request that was begun, or the next one.
            self._read_on()
        if self.cycle.response_complete:
            self._idle_since = self.loop.time()
            if self._is_at_end:
                self.transport.close()
        self._resume_reading()

    def end_if_late(self, now: float) -> bool:
        """End the connection if its client has kept it waiting; return whether it was so."""
        if self._is_stuck(now):
            self.transport.abort()
            return True
        if self.transport.is_closing():
            return False
        if self._over_since is not None:
            if now - self._over_since > LINGER_S:
                self.transport.abort()
            return False
        return self._end_if_waiting(now)

    def _end_if_waiting(self, now: float) -> bool:
        """End the connection if a request, or the rest of one, has not come for too long."""
        bounds = self.connections_bound
        if self._request_since is not None:
            timeout_s = bounds.request_timeout_s
            is_late = not self.flow.read_paused and now - self._request_since > timeout_s
            if is_late:
                self._refuse(408, -1100, f"The request did not arrive within {timeout_s:g} s.")
            return is_late
        is_late = self._idle_since is not None and now - self._idle_since > bounds.idle_timeout_s
        if is_late:
            self.transport.close()
        return is_late

    def _is_at_work(self) -> bool:
        """Return whether a request that came has not been answered."""
        newest = cast("RequestResponseCycle | None", self.cycle)
        return newest is not None and not newest.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _is_stuck(self, now: float) -> bool:
        """Return whether the client has not taken anything of what was written for too long."""
        unsent_bytes = self.transport.get_write_buffer_size()
        if not unsent_bytes or unsent_bytes != self._unsent_bytes:
            self._unsent_bytes = unsent_bytes
            self._unsent_since = now
            return False
        return now - self._unsent_since > self.connections_bound.request_timeout_s

    def _read_on(self) -> None:
        """Parse what waits, until there is a request to answer behind the one at work."""
        flow = self.flow
        while flow.unread and not self.pipeline and not self._is_over:
            piece, flow.unread = flow.unread[:_PIECE], flow.unread[_PIECE:]
            self._has_answered = False
            self._feed(piece)
            if self._has_answered and flow.unread:
                # Others are to have their turn, too.
                flow.pause_reading()
                self.loop.call_soon(self._read_on)
                return
        self._resume_reading()

    def _resume_reading(self) -> None:
        """Read on, where nothing waits of what was read."""
        if self.flow.read_paused:
            self.flow.resume_reading()
            # While nothing was read, it was not the client who kept the request waiting.
            if self._request_since is not None:
                self._request_since = self.loop.time()

    def _feed(self, data: bytes | memoryview) -> None:
        self._is_parsing = True
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._is_parsing = False
            self._stumble(error, data)
            return
        self._is_parsing = False
        if self._is_in_head or self._is_in_chunks:
            self._part_bytes += len(data)
            self._bound_part()

    def _stumble(self, error: Exception, data: bytes | memoryview) -> None:
        """Go on, or end, where the parser did not take what it was given."""
        if self.transport.is_closing():
            self._is_over = True
        elif isinstance(error, httptools.HttpParserUpgrade):
            self._pass_over_upgrade(data[error.args[0] :])
        elif isinstance(error.__context__, _TooLongError):
            self._refuse_long_head()
        elif isinstance(error, httptools.HttpParserCallbackError):
            self._refuse(400, -1100, "Malformed HTTP request: Invalid target.")
        else:
            self._refuse(400, -1100, f"Malformed HTTP request: {error}.")

    def _bound_part(self) -> None:
        """Refuse a head that does not end, and what is neither end of a chunk nor the next one."""
        bounds = self.connections_bound
        most = bounds.header_bytes_max + (0 if self._is_in_head else bounds.body_bytes_max)
        # The first piece can begin with what belongs to something else.
        if self._part_bytes > most + _PIECE:
            self._refuse_long_head()

    def _head_bytes(self) -> int:
        """Return how long the line and the headers of the request are that is being read."""
        line_bytes = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1\r\n")
        return line_bytes + sum(len(name) + len(value) + 4 for name, value in self.headers) + 2

    def _pass_over_upgrade(self, rest: bytes | memoryview) -> None:
        """Answer a request as if it did not ask for another protocol, which it may not insist on.

        The parser has gone past the body of such a request; a new one is told what kind of body it
        is to go on with.
        """
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        framing = [field for field in self.cycle.scope["headers"] if field[0] in _BODY_FRAMING]
        if framing:
            self._request_since = self.loop.time()
            self.cycle.more_body = True
            self.cycle.message_event.clear()
            self._is_priming = True
            lines = b"".join(b"%b: %b\r\n" % field for field in framing)
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % lines)
            self._is_priming = False
        if rest:
            self._feed(rest)

    def _refuse_long_head(self) -> None:
        most = self.connections_bound.header_bytes_max
        self._refuse(431, -1101, f"The request's line and headers are longer than {most} bytes.")

    def _refuse(self, status: int, code: int, text: str) -> None:
        """Take nothing more; answer the request that is on its way, once those before it are."""
        self._is_over = True
        self.flow.unread = _NOTHING
        self._last_words = _last(status, code, text, self.server_state.default_headers)
        is_at_work = self._is_at_work()
        if self._request_since is not None and not self._is_in_head:
            is_at_work = self._give_up(self.cycle)
        if not is_at_work:
            self._end()

    def _give_up(self, cycle: RequestResponseCycle) -> bool:
        """Let go of a request that has come in part; return whether something is still at work."""
        if cycle.response_started:
            # It has its answer already.
            self._last_words = None
            return not cycle.response_complete
        cycle.disconnected = True
        cycle.message_event.set()
        if self.pipeline and self.pipeline[0][0] is cycle:
            # The one before it is at work.
            self.pipeline.popleft()
            return True
        return False

    def _end(self) -> None:
        """Say what is left to say, and close the connection once the client has heard it."""
        self._request_since = self._idle_since = None
        self._over_since = self.loop.time()
        if self._last_words is not None:
            self.transport.write(self._last_words)
        self.transport.write_eof()
        self.flow.resume_reading()


class _ClosedError(Exception):
    """The request before was the connection's last."""


class _TooLongError(Exception):
    """A request's line and headers are longer than they may be."""


class _Flow(FlowControl):
    """Reads on only where nothing waits of what was read."""

    def __init__(
        self,
        transport: asyncio.Transport,
        pipeline: "deque[tuple[RequestResponseCycle, ASGI3Application]]",
    ) -> None:
        super().__init__(transport)
        self.unread = _NOTHING
        self._pipeline = pipeline

    def resume_reading(self) -> None:
        if not self.unread and not self._pipeline:
            super().resume_reading()


def _last(status: int, code: int, text: str, server_headers: Fields, *lines: bytes) -> bytes:
    """Return an answer in the words of the spot API, behind which the connection ends."""
    body = msgspec.json.encode({"code": code, "msg": text})
    return written(status, server_headers, [*lines, JSON], body, is_last=True)
