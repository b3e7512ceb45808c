"""A request's way through the API: charged, checked, put to work, answered."""

from collections.abc import Callable
from time import time_ns
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
from msgspec import Struct

from outcry.errors import CommandRejected, OutcryError
from outcry.gateways.binance import errors
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.parameters import require_known
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.security import authenticate
from outcry.gateways.binance.words import unit_of
from outcry.gateways.limits import Charge, OrderLimit, Refusal
from outcry.gateways.logs import REQUEST_ID, is_debugging, log, log_request
from outcry.gateways.respond import JSON, Lines
from outcry.gateways.times import NS_PER_MS

if TYPE_CHECKING:
    from outcry.gateways.venue import Venue
    from outcry.settings import ServeSettings

_OK: Final = 200
_FOR_ANY_PAGE: Final = b"access-control-allow-origin: *\r\n"
"""Lets the pages of any site read what needs no key."""

_encode = msgspec.json.Encoder().encode


class Request(Struct, frozen=True, gc=False):
    """A request as it came.

    Attributes:
        method: Its method.
        path: Where it went.
        query: The query string.
        headers: Its headers, their names in lower case.
        address: The client's address.
    """

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    address: str


Tell: TypeAlias = Callable[[int, Lines, bytes], object]
"""Is told a reply: the HTTP status, the headers but for the body's length, the body as JSON."""


class Answer:
    """What is known of a request until its reply is told: it listens to the request's work.

    Args:
        venue: What is served.
        request: The request.
        name: What its path is counted as.
        tell: Is told the reply.
    """

    __slots__ = (
        "_account",
        "_lines",
        "_name",
        "_now_ns",
        "_orders",
        "_request",
        "_request_id",
        "_tell",
        "_venue",
    )

    def __init__(self, venue: "Venue", request: Request, name: str, tell: Tell) -> None:
        self._venue: Final = venue
        self._request: Final = request
        self._name: Final = name
        self._tell: Final = tell
        self._now_ns: Final = time_ns()
        self._request_id: Final = venue.next_request_id()
        self._lines: Final[Lines] = [JSON, b"x-request-id: %032x\r\n" % self._request_id]
        # The orders that were counted, and whose they are.
        self._orders = 0
        self._account = 0
        REQUEST_ID.set(self._request_id)

    def admit(self, route: Route, body: bytes | None) -> Call:
        """Charge the address, then check who asks and what is said.

        Args:
            route: What will answer.
            body: The body; None where it is longer than it may be.

        Raises:
            ApiError: The request is refused.
        """
        try:
            call = self._read(body)
            weight = route.weight if isinstance(route.weight, int) else route.weight(call)
        except ApiError:
            self.charge(1)
            raise
        self.charge(weight)
        if route.scope is None:
            self._lines.append(_FOR_ANY_PAGE)
            require_known(call.parameters, route.parameters)
            return call
        authenticate(self._venue.keys, call, route.scope)
        require_known(call.parameters, route.signed_parameters)
        if route.orders:
            try:
                self._charge_orders(call.account, route.orders)
            except ApiError as full:
                # Who replaces an order may want the old one gone all the same.
                if call.parameters.get("orderRateLimitExceededMode") != "CANCEL_ONLY":
                    raise
                call.order_limit = full
        return call

    def charge(self, weight: int) -> None:
        """Charge the address for a request of this weight.

        Raises:
            ApiError: It asked for too much.
        """
        venue = self._venue
        charge = venue.weights.charge(self._request.address, weight, self._now_ns // NS_PER_MS)
        used = charge.used_weight
        self._lines.append(b"x-mbx-used-weight: %d\r\n" % used)
        self._lines.append(b"x-mbx-used-weight-1m: %d\r\n" % used)
        if charge.refusal is not None:
            raise too_much(charge, venue.settings)

    def set_result(self, told: object) -> None:
        """Reply with what the handler returned."""
        if self._orders:
            self._venue.meter.accepted(self._orders, time_ns() - self._now_ns)
        self._reply(_OK, told if isinstance(told, bytes) else _encode(told))

    def set_exception(self, error: BaseException) -> None:
        """Reply with an error; count orders that were refused as not sent."""
        if self._orders and not (isinstance(error, ApiError) and error.counts_orders):
            self._give_back()
            if isinstance(error, CommandRejected):
                self._venue.meter.rejected(error.reason)
        if isinstance(error, OutcryError):
            error = errors.of_exchange(error)
        elif not isinstance(error, ApiError):
            log.error("request_failed", path=self._request.path, exc_info=error)
            error = ApiError(*errors.UNEXPECTED)
        if error.retry_after_s is not None:
            self._lines.append(b"retry-after: %d\r\n" % error.retry_after_s)
        told: dict[str, object] = {"code": error.code, "msg": error.text}
        if error.data is not None:
            told["data"] = error.data
        self._reply(error.status, _encode(told))

    def _reply(self, status: int, body: bytes) -> None:
        method = self._request.method
        self._venue.meter.answered(method, self._name, status)
        self._tell(status, self._lines, body)
        if is_debugging():
            log_request(method, self._request.path, status, time_ns() - self._now_ns)

    def _read(self, body: bytes | None) -> Call:
        request, settings = self._request, self._venue.settings
        if len(request.query) > settings.query_bytes_max:
            raise ApiError(
                -1101,
                f"The query string is longer than {settings.query_bytes_max} bytes.",
                errors.URI_TOO_LONG,
            )
        if body is None:
            raise ApiError(
                -1101,
                f"The body is longer than {settings.body_bytes_max} bytes.",
                errors.PAYLOAD_TOO_LARGE,
            )
        api_key, unit_ns = None, NS_PER_MS
        for name, value in request.headers:
            if name == b"x-mbx-apikey":
                api_key = value.decode("latin-1")
            elif name == b"x-mbx-time-unit":
                unit_ns = unit_of(value)
        call = Call(
            request.method,
            request.path,
            request.query,
            body,
            api_key=api_key,
            address=request.address,
            received_ns=self._now_ns,
            request_id=self._request_id,
        )
        call.unit_ns = unit_ns
        return call

    def _charge_orders(self, account: int, orders: int) -> None:
        counts = self._venue.order_counts
        charge = counts.charge(account, orders, self._now_ns // NS_PER_MS)
        if charge.full is not None:
            limit, interval = (
                (counts.ten_seconds_max, "10 SECOND")
                if charge.full is OrderLimit.TEN_SECONDS
                else (counts.day_max, "1 DAY")
            )
            raise ApiError(
                -1015,
                f"Too many new orders; current limit is {limit} orders per {interval}.",
                errors.TOO_MANY_REQUESTS,
                retry_after_s=charge.retry_after_s,
            )
        self._orders, self._account = orders, account
        self._lines.append(b"x-mbx-order-count-10s: %d\r\n" % charge.used_10s)
        self._lines.append(b"x-mbx-order-count-1d: %d\r\n" % charge.used_1d)

    def _give_back(self) -> None:
        """Count orders that were refused as not sent; only accepted ones tell their counts."""
        counts, now_ms = self._venue.order_counts, self._now_ns // NS_PER_MS
        counts.give_back(self._account, self._orders, now_ms)
        self._lines[:] = [line for line in self._lines if not line.startswith(b"x-mbx-order-count")]


def too_much(charge: Charge, settings: "ServeSettings") -> ApiError:
    """Return the error of an address that asked for too much."""
    status = errors.TOO_MANY_REQUESTS
    match charge.refusal:
        case Refusal.BANNED:
            status = errors.TEAPOT
            text = f"Way too much request weight used; IP banned until {charge.retry_ms}."
        case Refusal.RAW:
            limit = settings.raw_requests_max
            text = f"Too many requests; current limit is {limit} requests per 5 MINUTE."
        case _:
            limit = settings.request_weight_max
            text = (
                "Too much request weight used; current limit is"
                f" {limit} request weight per 1 MINUTE."
            )
    return ApiError(-1003, text, status, retry_after_s=charge.retry_after_s)
