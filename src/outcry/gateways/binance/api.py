"""The spot API as an ASGI application: finds the route, charges, checks, answers."""

from collections.abc import Mapping
from time import time_ns
from typing import TYPE_CHECKING, Final

import msgspec

from outcry.errors import CommandRejected, OutcryError
from outcry.gateways.binance import errors
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.parameters import require_known
from outcry.gateways.binance.route import Route, Security
from outcry.gateways.binance.security import authenticate
from outcry.gateways.body import BodyTooLongError, read_body
from outcry.gateways.limits import Charge, OrderLimit, Refusal
from outcry.gateways.logs import REQUEST_ID, is_debugging, log_request
from outcry.gateways.respond import Headers, respond
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from outcry.settings import ServeSettings

OK: Final = 200
_PREFIXES: Final = ("/api/v3/", "/sapi/", "/fapi/", "/dapi/")
_OTHER: Final = "other"
"""What paths that are none are counted as."""

_JSON: Final = (b"content-type", b"application/json;charset=UTF-8")
_encode = msgspec.json.Encoder().encode


class Api:
    """The spot API of a venue.

    Args:
        venue: What it serves.
        routes: What answers, by method and path.
    """

    def __init__(self, venue: Venue, routes: Mapping[tuple[str, str], Route]) -> None:
        self._venue: Final = venue
        self._routes: Final = routes
        self._paths: Final = frozenset(path for _, path in routes)

    def has(self, path: str) -> bool:
        """Return whether a path is one of this API, or would be: then it says so in its words."""
        return path in self._paths or path.startswith(_PREFIXES)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        headers: Headers = [_JSON]
        status, body, since_ns = OK, b"", time_ns()
        try:
            body = await self._answer(scope, receive, headers, since_ns)
        except ApiError as error:
            status, body = error.status, _body_of(error, headers)
        await respond(send, status, headers, body)
        path = scope["path"]
        self._venue.meter.answered(scope["method"], path if path in self._paths else _OTHER, status)
        if is_debugging():
            log_request(scope["method"], scope["path"], status, time_ns() - since_ns)

    async def _answer(
        self, scope: "Scope", receive: "Receive", headers: Headers, now_ns: int
    ) -> bytes:
        venue = self._venue
        request_id = venue.next_request_id()
        REQUEST_ID.set(request_id)
        headers.append((b"x-request-id", b"%032x" % request_id))
        address = _address(scope)
        route = self._routes.get((scope["method"], scope["path"]))
        try:
            if route is None:
                raise self._no_route(scope)
            body = await self._read_body(scope, receive)
            call = _call_of(scope, body, now_ns, request_id)
            weight = route.weight if isinstance(route.weight, int) else route.weight(call)
        except ApiError:
            self._charge(address, 1, now_ns, headers)
            raise
        self._charge(address, weight, now_ns, headers)
        return await self._serve(route, call, headers)

    async def _read_body(self, scope: "Scope", receive: "Receive") -> bytes:
        settings = self._venue.settings
        if len(scope["query_string"]) > settings.query_bytes_max:
            raise ApiError(
                -1101,
                f"The query string is longer than {settings.query_bytes_max} bytes.",
                errors.URI_TOO_LONG,
            )
        try:
            return await read_body(scope, receive, settings.body_bytes_max)
        except BodyTooLongError:
            raise ApiError(
                -1101,
                f"The body is longer than {settings.body_bytes_max} bytes.",
                errors.PAYLOAD_TOO_LARGE,
            ) from None

    async def _serve(self, route: Route, call: Call, headers: Headers) -> bytes:
        venue = self._venue
        if route.security is Security.NONE:
            require_known(call.parameters, route.parameters)
        else:
            authenticate(venue.keys, call, route.security)
            require_known(call.parameters, route.signed_parameters)
        if route.orders:
            self._charge_orders(call, route.orders, headers)
        try:
            told = await venue.answering.answer(route.handler, venue, call)
        except (ApiError, OutcryError) as error:
            if route.orders:
                self._give_back(call, route.orders, headers)
                if isinstance(error, CommandRejected):
                    venue.meter.rejected(error.reason)
            raise _told_of(error) from error
        if route.orders:
            venue.meter.accepted(route.orders, time_ns() - call.received_ns)
        return told if isinstance(told, bytes) else _encode(told)

    def _no_route(self, scope: "Scope") -> ApiError:
        method, path = scope["method"], scope["path"]
        status = errors.METHOD_NOT_ALLOWED if path in self._paths else errors.NOT_FOUND
        return ApiError(-5000, f"Path {path}, Method {method} is invalid", status)

    def _charge(self, address: str, weight: int, now_ns: int, headers: Headers) -> None:
        charge = self._venue.weights.charge(address, weight, now_ns // NS_PER_MS)
        used = b"%d" % charge.used_weight
        headers.append((b"x-mbx-used-weight", used))
        headers.append((b"x-mbx-used-weight-1m", used))
        if charge.refusal is not None:
            raise too_much(charge, self._venue.settings)

    def _charge_orders(self, call: Call, orders: int, headers: Headers) -> None:
        counts = self._venue.order_counts
        charge = counts.charge(call.account, orders, call.received_ns // NS_PER_MS)
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
        headers.append((b"x-mbx-order-count-10s", b"%d" % charge.used_10s))
        headers.append((b"x-mbx-order-count-1d", b"%d" % charge.used_1d))

    def _give_back(self, call: Call, orders: int, headers: Headers) -> None:
        """Count orders that were refused as not sent; only accepted ones tell their counts."""
        now_ms = call.received_ns // NS_PER_MS
        self._venue.order_counts.give_back(call.account, orders, now_ms)
        headers[:] = [each for each in headers if not each[0].startswith(b"x-mbx-order-count")]


def _address(scope: "Scope") -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _call_of(scope: "Scope", body: bytes, now_ns: int, request_id: int) -> Call:
    api_key = None
    for name, value in scope["headers"]:
        if name == b"x-mbx-apikey":
            api_key = value.decode("latin-1")
    return Call(
        scope["method"],
        scope["path"],
        scope["query_string"],
        body,
        api_key=api_key,
        address=_address(scope),
        received_ns=now_ns,
        request_id=request_id,
    )


def _told_of(error: ApiError | OutcryError) -> ApiError:
    return error if isinstance(error, ApiError) else errors.of_exchange(error)


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


def _body_of(error: ApiError, headers: Headers) -> bytes:
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % error.retry_after_s))
    told: dict[str, object] = {"code": error.code, "msg": error.text}
    if error.data is not None:
        told["data"] = error.data
    return _encode(told)
