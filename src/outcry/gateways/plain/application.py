"""All routes but the spot API's, as one Starlette application."""

from collections.abc import Callable
from time import time_ns
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outcry.errors import CommandRejected, OutcryError
from outcry.gateways.binance.answer import too_much
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.body import BodyTooLongError, DisconnectedError, read_body
from outcry.gateways.connections import Connections
from outcry.gateways.keys import Networks
from outcry.gateways.limits import OrderLimit
from outcry.gateways.logs import REQUEST_ID, is_debugging, log, log_request
from outcry.gateways.plain import accounts, admin, flow, market_data, orders
from outcry.gateways.plain.access import authenticate, require_network
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.naming import Naming, sent_names
from outcry.gateways.plain.problem import (
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    ProblemError,
    of_api,
    of_exchange,
)
from outcry.gateways.plain.route import PlainRoute, Raw
from outcry.gateways.plain.service import Service
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from outcry.gateways.limits import OrderCharge
    from outcry.settings import ServeSettings

_encode: Final = msgspec.json.Encoder().encode
_DEFECT: Final = 500
_NO_ROUTE: Final = "other"


def plain_application(venue: Venue, connections: Connections) -> Starlette:
    """Return the application of a venue.

    Args:
        venue: What it serves.
        connections: The server's connections, which its figures tell of.
    """
    made: list[bytes] = []

    def document() -> bytes:
        if not made:
            from outcry.gateways.plain.openapi import (  # noqa: PLC0415 - few ask, and it takes long
                document_of,
            )

            made.append(_encode(document_of(routes)))
        return made[0]

    routes = plain_routes(Service(connections, document))
    answers = _Answers(venue)

    async def no_route(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else NOT_FOUND
        return await answers.no_route(request, status)

    return Starlette(
        routes=[
            Route(_pattern(route.path), _endpoint(answers, route), methods=[route.method])
            for route in routes
        ],
        exception_handlers={NOT_FOUND: no_route, METHOD_NOT_ALLOWED: no_route},
    )


def plain_routes(service: Service) -> tuple[PlainRoute, ...]:
    """Return every plain route; where two fit a path, the first answers."""
    return (
        *orders.routes(),
        *market_data.ROUTES,
        *flow.ROUTES,
        *accounts.routes(),
        *admin.ROUTES,
        *service.routes(),
    )


def _pattern(path: str) -> str:
    """Return a path as Starlette takes it: a symbol may have slashes in it."""
    return path.replace("{symbol}", "{symbol:path}")


def _endpoint(answers: "_Answers", route: PlainRoute) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        return await answers.answer(request, route)

    return endpoint


class _Answers:
    """Answers requests to the routes of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue: Final = venue
        networks = venue.settings.admin_networks
        self._admin_networks: Final = Networks(networks) if networks else None

    async def no_route(self, request: Request, status: int) -> Response:
        """Answer a request that no route fits; it is charged as any other."""
        call = self._call(request)
        method, path = call.method, request.scope["path"][:200]
        if status == METHOD_NOT_ALLOWED:
            problem = ProblemError(status, "method", f"{path} has no method {method}.")
        else:
            problem = ProblemError(NOT_FOUND, "unknown_route", f"There is no route {path}.")
        try:
            self._charge(call, 1)
        except ProblemError as refusal:
            problem = refusal
        return self._finish(call, _NO_ROUTE, _told(call, problem))

    async def answer(self, request: Request, route: PlainRoute) -> Response:
        """Answer a request to a route."""
        call = self._call(request)
        try:
            told = await self._told(call, route, request)
            response = _response(call, route, told)
        except DisconnectedError:
            # Nobody is left to answer to.
            return Response(status_code=NOT_FOUND)
        except ProblemError as problem:
            response = _told(call, problem)
        except Exception:  # noqa: BLE001 - whatever it is, the client is answered
            log.exception("defect", method=route.method, route=route.path)
            defect = ProblemError(_DEFECT, "defect", "The server has a defect; it was logged.")
            response = _told(call, defect)
        return self._finish(call, route.path, response)

    def _call(self, request: Request) -> PlainCall:
        scope = request.scope
        client = scope.get("client")
        call = PlainCall(
            self._venue,
            method=scope["method"],
            path=scope.get("path_params", {}),
            query=scope["query_string"],
            headers={
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            },
            address=client[0] if client else "",
            received_ns=time_ns(),
        )
        REQUEST_ID.set(call.request_id)
        return call

    async def _told(self, call: PlainCall, route: PlainRoute, request: Request) -> object:
        try:
            is_limited = self._is_limited(call, route)
            try:
                call.body = await self._read_body(call, request)
                call.parameters(route.query)
                weight = route.weight if isinstance(route.weight, int) else route.weight(call)
            except ProblemError:
                if is_limited:
                    self._charge(call, 1)
                raise
            if is_limited:
                self._charge(call, weight)
            if route.admin:
                require_network(self._admin_networks, call)
            if route.scope is not None:
                authenticate(call, route.scope)
            if route.orders:
                self._charge_orders(call, route.orders)
            return await self._handled(call, route)
        except (ApiError, OutcryError) as error:
            if isinstance(error, ApiError):
                raise of_api(error) from error
            sent = sent_names(call.path, call.headers, call.asked, call.body)
            raise of_exchange(error, Naming(route.names(), sent)) from error

    def _is_limited(self, call: PlainCall, route: PlainRoute) -> bool:
        """Return whether a call counts for its address: probes and administrators' calls do not.

        Whoever looks after a server must reach it, whatever else came from the same address.
        """
        if route.admin:
            return self._admin_networks is None or not self._admin_networks.hold(call.address)
        return route.weight != 0

    async def _handled(self, call: PlainCall, route: PlainRoute) -> object:
        venue = self._venue
        try:
            told = await venue.answering.answer(route.handler, call)
        except (ProblemError, OutcryError) as error:
            if route.orders:
                venue.order_counts.give_back(
                    call.account, route.orders, call.received_ns // NS_PER_MS
                )
                if isinstance(error, CommandRejected):
                    venue.meter.rejected(error.reason)
            raise
        if route.orders and call.status is None:
            venue.meter.accepted(route.orders, time_ns() - call.received_ns)
        return told

    async def _read_body(self, call: PlainCall, request: Request) -> bytes:
        settings: ServeSettings = self._venue.settings
        if len(call.query) > settings.query_bytes_max:
            bound = f"at most {settings.query_bytes_max} bytes"
            detail = f"The query string must be {bound}."
            raise ProblemError(414, "query_too_long", detail, bound=bound)
        try:
            return await read_body(request.scope, request.receive, settings.body_bytes_max)
        except BodyTooLongError:
            bound = f"at most {settings.body_bytes_max} bytes"
            detail = f"The body must be {bound}."
            raise ProblemError(413, "body_too_long", detail, bound=bound) from None

    def _charge(self, call: PlainCall, weight: int) -> None:
        charge = self._venue.weights.charge(call.address, weight, call.received_ns // NS_PER_MS)
        call.answer_headers["x-mbx-used-weight-1m"] = str(charge.used_weight)
        if charge.refusal is not None:
            raise of_api(too_much(charge, self._venue.settings))

    def _charge_orders(self, call: PlainCall, orders: int) -> None:
        counts = self._venue.order_counts
        charge: OrderCharge = counts.charge(call.account, orders, call.received_ns // NS_PER_MS)
        if charge.full is None:
            return
        most, interval = (
            (counts.ten_seconds_max, "10 seconds")
            if charge.full is OrderLimit.TEN_SECONDS
            else (counts.day_max, "day")
        )
        raise ProblemError(
            429,
            "too_many_orders",
            f"The account may send {most} orders that do not trade in a {interval}.",
            bound=f"at most {most} in a {interval}",
            headers={"retry-after": str(charge.retry_after_s)},
        )

    def _finish(self, call: PlainCall, path: str, response: Response) -> Response:
        response.headers["x-request-id"] = f"{call.request_id:032x}"
        self._venue.meter.answered(call.method, path, response.status_code)
        if is_debugging():
            duration_ns = time_ns() - call.received_ns
            log_request(call.method, path, response.status_code, duration_ns)
        return response


def _response(call: PlainCall, route: PlainRoute, told: object) -> Response:
    status = route.status if call.status is None else call.status
    if isinstance(told, Raw):
        body, media_type = told.body, told.media_type
    else:
        body, media_type = _encode(told), "application/json"
    return Response(body, status, call.answer_headers, media_type)


def _told(call: PlainCall, problem: ProblemError) -> Response:
    document = _encode(problem.document(f"{call.request_id:032x}"))
    headers = {**call.answer_headers, **problem.headers}
    return Response(document, problem.status, headers, MEDIA_TYPE)
