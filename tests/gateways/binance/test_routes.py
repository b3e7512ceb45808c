"""Every route of the API against a table of what the venue's own reference says of it.

Goal: no route weighs, asks or reads anything else than clients count on. Method: the table below
was written from the reference of the REST API; the routes are compared with it, in both directions.
"""

from typing import Any

import pytest

from outcry.gateways.binance import ROUTES
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.route import Route
from outcry.gateways.keys import Scope
from tests.gateways.desk import Client, Desk

NONE, READ, TRADE = None, Scope.READ, Scope.TRADE
ORDER = (
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId"
    " strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode"
)
NAME = "symbol orderId origClientOrderId"
PAGE = "symbol startTime endTime limit"
KLINES = "symbol interval startTime endTime timeZone limit"
TICKER = "symbol symbols symbolStatus"
LIST = "symbol listClientOrderId newOrderRespType selfTradePreventionMode"
LEG = (
    "Type ClientOrderId Price StopPrice TrailingDelta TimeInForce IcebergQty StrategyId"
    " StrategyType"
)
WORKING = LEG.replace("StopPrice TrailingDelta ", "")


OLD_OCO = (
    f"{LIST} side quantity price limitClientOrderId limitIcebergQty limitStrategyId"
    " limitStrategyType stopPrice trailingDelta stopClientOrderId stopLimitPrice"
    " stopLimitTimeInForce stopIcebergQty stopStrategyId stopStrategyType"
)
CANCEL_REPLACE = (
    f"{ORDER} cancelReplaceMode cancelNewClientOrderId cancelOrigClientOrderId cancelOrderId"
    " cancelRestrictions orderRateLimitExceededMode"
)
TWO_SIDES = "workingSide workingQuantity pendingSide pendingQuantity"


def legs(**names: str) -> str:
    return " ".join(f"{prefix}{name}" for prefix, said in names.items() for name in said.split())


TABLE: dict[tuple[str, str], tuple[int | None, Scope | None, int, str]] = {
    ("GET", "ping"): (1, NONE, 0, ""),
    ("GET", "time"): (1, NONE, 0, ""),
    ("GET", "exchangeInfo"): (
        20,
        NONE,
        0,
        "symbol symbols permissions showPermissionSets symbolStatus",
    ),
    ("GET", "executionRules"): (None, NONE, 0, "symbol symbols symbolStatus"),
    ("GET", "depth"): (None, NONE, 0, "symbol limit symbolStatus"),
    ("GET", "trades"): (25, NONE, 0, "symbol limit"),
    ("GET", "historicalTrades"): (25, NONE, 0, "symbol limit fromId"),
    ("GET", "historicalBlockTrades"): (25, NONE, 0, "symbol limit fromId"),
    ("GET", "aggTrades"): (4, NONE, 0, "symbol fromId startTime endTime limit"),
    ("GET", "klines"): (2, NONE, 0, KLINES),
    ("GET", "uiKlines"): (2, NONE, 0, KLINES),
    ("GET", "avgPrice"): (2, NONE, 0, "symbol"),
    ("GET", "ticker"): (None, NONE, 0, f"{TICKER} windowSize type"),
    ("GET", "ticker/tradingDay"): (None, NONE, 0, f"{TICKER} timeZone type"),
    ("GET", "ticker/24hr"): (None, NONE, 0, f"{TICKER} type"),
    ("GET", "ticker/price"): (None, NONE, 0, TICKER),
    ("GET", "ticker/bookTicker"): (None, NONE, 0, TICKER),
    ("POST", "order"): (1, TRADE, 1, ORDER),
    ("POST", "order/test"): (None, TRADE, 0, f"{ORDER} computeCommissionRates"),
    ("GET", "order"): (4, READ, 0, NAME),
    ("DELETE", "order"): (1, TRADE, 0, f"{NAME} newClientOrderId cancelRestrictions"),
    ("DELETE", "openOrders"): (1, TRADE, 0, "symbol"),
    ("POST", "order/cancelReplace"): (
        1,
        TRADE,
        1,
        CANCEL_REPLACE,
    ),
    ("PUT", "order/amend/keepPriority"): (4, TRADE, 0, f"{NAME} newClientOrderId newQty"),
    ("POST", "order/oco"): (1, TRADE, 2, OLD_OCO),
    ("POST", "orderList/oco"): (
        1,
        TRADE,
        2,
        f"{LIST} side quantity {legs(above=LEG, below=LEG)}",
    ),
    ("POST", "orderList/oto"): (
        1,
        TRADE,
        2,
        f"{LIST} {TWO_SIDES} {legs(working=WORKING, pending=LEG)}",
    ),
    ("POST", "orderList/otoco"): (
        1,
        TRADE,
        3,
        f"{LIST} {TWO_SIDES} {legs(working=WORKING, pendingAbove=LEG, pendingBelow=LEG)}",
    ),
    ("DELETE", "orderList"): (
        1,
        TRADE,
        0,
        "symbol orderListId listClientOrderId newClientOrderId",
    ),
    ("GET", "orderList"): (4, READ, 0, "orderListId origClientOrderId"),
    ("GET", "allOrderList"): (20, READ, 0, "fromId startTime endTime limit"),
    ("GET", "openOrderList"): (6, READ, 0, ""),
    ("GET", "openOrders"): (None, READ, 0, "symbol"),
    ("GET", "allOrders"): (20, READ, 0, f"{PAGE} orderId"),
    ("GET", "myTrades"): (None, READ, 0, f"{PAGE} orderId fromId"),
    ("GET", "account"): (20, READ, 0, "omitZeroBalances"),
    ("GET", "account/commission"): (20, READ, 0, "symbol"),
    ("GET", "myFilters"): (40, READ, 0, "symbol"),
    ("GET", "myAllocations"): (20, READ, 0, f"{PAGE} orderId fromAllocationId"),
    ("GET", "rateLimit/order"): (40, READ, 0, ""),
}
OWN = {key: route for key, route in ROUTES.items() if key[1].startswith("/api/v3/")}
MANY = ",".join(f'"S{number}"' for number in range(101))
MOST = ",".join(f'"S{number}"' for number in range(100))
SOME = ",".join(f'"S{number}"' for number in range(21))

# What a call weighs by what it says.
WEIGHTS: list[tuple[str, str, dict[str, str], int]] = [
    *[
        ("GET", "depth", {"limit": limit}, weight)
        for limit, weight in (
            ("1", 5),
            ("100", 5),
            ("101", 25),
            ("500", 25),
            ("501", 50),
            ("1000", 50),
            ("1001", 250),
            ("5000", 250),
            ("9999", 250),
        )
    ],
    ("GET", "depth", {}, 5),
    ("GET", "executionRules", {}, 40),
    ("GET", "executionRules", {"symbolStatus": "TRADING"}, 40),
    ("GET", "executionRules", {"symbol": "A"}, 2),
    ("GET", "executionRules", {"symbols": '["A","B"]'}, 4),
    ("GET", "executionRules", {"symbols": f"[{SOME}]"}, 40),
    *[
        ("GET", path, said, weight)
        for path in ("ticker", "ticker/tradingDay")
        for said, weight in (
            ({"symbol": "A"}, 4),
            ({"symbols": '["A","B"]'}, 8),
            ({"symbols": f"[{SOME}]"}, 84),
            ({"symbols": f"[{MOST}]"}, 200),
        )
    ],
    ("GET", "ticker/24hr", {"symbol": "A"}, 2),
    ("GET", "ticker/24hr", {}, 80),
    ("GET", "ticker/24hr", {"symbols": '["A"]'}, 2),
    ("GET", "ticker/24hr", {"symbols": f"[{SOME}]"}, 40),
    ("GET", "ticker/24hr", {"symbols": f"[{MANY}]"}, 80),
    ("GET", "ticker/price", {"symbol": "A"}, 2),
    ("GET", "ticker/price", {"symbols": '["A"]'}, 4),
    ("GET", "ticker/price", {}, 4),
    ("GET", "ticker/bookTicker", {"symbol": "A"}, 2),
    ("GET", "ticker/bookTicker", {"symbols": '["A"]'}, 4),
    ("GET", "ticker/bookTicker", {}, 4),
    ("POST", "order/test", {}, 1),
    ("POST", "order/test", {"computeCommissionRates": "false"}, 1),
    ("POST", "order/test", {"computeCommissionRates": "true"}, 20),
    ("POST", "order/test", {"computeCommissionRates": "True"}, 20),
    ("GET", "openOrders", {"symbol": "A"}, 6),
    ("GET", "openOrders", {}, 80),
    ("GET", "myTrades", {"symbol": "A"}, 20),
    ("GET", "myTrades", {"symbol": "A", "orderId": "1"}, 5),
]


def call_of(said: dict[str, str]) -> Call:
    made = Call("GET", "", b"", b"", api_key=None, address="", received_ns=0, request_id=1)
    made.parameters = said
    return made


def weight_of(route: Route, said: dict[str, str]) -> int:
    return route.weight if isinstance(route.weight, int) else route.weight(call_of(said))


def test_the_routes_are_those_of_the_table() -> None:
    assert {(method, path.removeprefix("/api/v3/")) for method, path in OWN} == TABLE.keys()


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_a_route_is_as_the_table_says(method: str, path: str) -> None:
    weight, security, orders, parameters = TABLE[method, path]
    route = OWN[method, f"/api/v3/{path}"]
    assert route.parameters == frozenset(parameters.split())
    assert (route.scope, route.orders) == (security, orders)
    if weight is not None:
        assert route.weight == weight


@pytest.mark.parametrize(("method", "path", "said", "weight"), WEIGHTS)
def test_a_call_weighs_by_what_it_says(
    method: str, path: str, said: dict[str, str], weight: int
) -> None:
    assert weight_of(OWN[method, f"/api/v3/{path}"], said) == weight
    assert TABLE[method, path][0] is None


def test_every_weight_that_depends_is_tried() -> None:
    depending = {key for key, (weight, *_) in TABLE.items() if weight is None}
    assert {(method, path) for method, path, *_ in WEIGHTS} == depending


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_what_a_route_does_not_read_is_refused(
    desk: Desk, bot: Client, method: str, path: str
) -> None:
    said: dict[str, Any] = {"nobodyReadsThis": "1"}
    if ROUTES[method, path].scope is NONE:
        reply = desk.ask(method, path, b"nobodyReadsThis=1")
    else:
        reply = bot(method, path, **said)
    status, code, text = reply.error
    assert (status, code) == (400, -1104)
    assert text.startswith("Not all sent parameters were read; read ")


@pytest.mark.parametrize(("method", "path"), sorted(OWN))
def test_a_signed_route_asks_for_a_key(desk: Desk, method: str, path: str) -> None:
    reply = desk.ask(method, path)
    if OWN[method, path].scope is NONE:
        assert reply.status == 200 or reply.error[1] in {-1102, -1105}
    else:
        assert reply.error == (401, -2014, "API-key format invalid.")


@pytest.mark.parametrize(("method", "path"), sorted(OWN))
def test_trading_takes_a_scope(desk: Desk, method: str, path: str) -> None:
    security = OWN[method, path].scope
    if security is NONE:
        return
    reader = desk.client(1, "read")
    reply = reader(method, path)
    if security is TRADE:
        text = "Invalid API-key, IP, or permissions for action."
        assert reply.error == (401, -2015, text)
    else:
        assert reply.status != 401


@pytest.mark.parametrize(("method", "path"), sorted(OWN))
def test_what_needs_no_key_has_an_older_path(desk: Desk, method: str, path: str) -> None:
    older = path.replace("/api/v3/", "/api/v1/")
    told, before = desk.ask(method, path), desk.ask(method, older)
    if OWN[method, path].scope is NONE:
        assert (before.status, before.raw[:20]) == (told.status, told.raw[:20])
    else:
        text = f"Path {older}, Method {method} is invalid"
        assert before.error == (404, -5000, text)


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_an_address_may_end_with_a_slash(desk: Desk, method: str, path: str) -> None:
    told, again = desk.ask(method, path), desk.ask(method, f"/{path}")
    assert (again.status, again.raw[:20]) == (told.status, told.raw[:20])


@pytest.mark.parametrize(("method", "path"), sorted(OWN))
def test_pages_of_any_site_may_read_what_needs_no_key(desk: Desk, method: str, path: str) -> None:
    allowed = desk.ask(method, path).headers.get("access-control-allow-origin")
    assert allowed == ("*" if OWN[method, path].scope is NONE else None)


def test_the_weight_of_a_call_is_charged(desk: Desk, bot: Client) -> None:
    def used() -> int:
        return int(desk.get("ping").headers["x-mbx-used-weight-1m"])

    before = used()
    bot("GET", "openOrders")
    after = used()
    # A minute that turned between them begins anew.
    assert after - before == 81 or after < before
