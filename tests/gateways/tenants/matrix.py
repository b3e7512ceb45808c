"""For each route of the server: how a stranger would reach another's through it.

A route that has no line here fails the test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from outcry.gateways.binance import ROUTES
from outcry.gateways.connections import Connections
from outcry.gateways.plain.application import plain_routes
from outcry.gateways.plain.service import Service
from outcry.settings import ServeSettings
from tests.gateways.tenants.callers import Ask
from tests.gateways.tenants.estate import LIMIT, OCO, OLD_OCO, OTO, OWNER, Names

PLAIN: Final = {
    (route.method, route.path): route
    for route in plain_routes(Service(Connections.of(ServeSettings()), lambda: b"{}"))
}

Where = tuple[str, str]
"""A route: its method and path."""
Refusal = tuple[int, int | str]
"""The status of a refusal, with the code of the spot API or the reason of a plain route."""

NO_ORDER: Final = (400, -2013)
NO_OPEN_ORDER: Final = (400, -2011)
NO_LIST: Final = (400, -2018)
NO_CHANGE: Final = (400, -2022)
HALF_A_CHANGE: Final = (409, -2021)
NOT_FOUND: Final = (404, "unknown_order")
TEXTS: Final = {
    -1022: "Signature for this request is not valid.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2018: "Order list does not exist.",
    -2021: "Order cancel-replace partially failed.",
    -2022: "Order cancel-replace failed.",
}


@dataclass(frozen=True)
class Try:
    """One way to reach another's through a route.

    Attributes:
        said: The parameters.
        values: What stands in the path for each of its names.
        body: The body of a plain route.
        headers: Headers beside those of the key.
        refusal: What is told; None where it is answered with what is the asker's own.
        status: The status of such an answer.
        is_of_own: Whether a refusal tells of what the asker has.
    """

    said: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    status: int = 200
    is_of_own: bool = False

    def ask(self, where: Where) -> Ask:
        """Return the request."""
        method, path = where
        return Ask(method, path.format(**self.values), self.said, self.body, self.headers)


Line = Callable[[Names], list[Try]]
"""The ways to reach what has these names through a route."""

Said = dict[str, object]
"""Parameters."""

SYMBOL: Final[Said] = {"symbol": "BTCUSDT"}
PATH: Final = {"symbol": "BTCUSDT"}
ACCOUNT: Final = {"account": OWNER}
SOURCE: Final = {"source": 77, "source_number": 1}


def same(*tries: Try) -> Line:
    """Return a line that names nothing of anybody's."""
    return lambda _: list(tries)


def named(names: Names) -> list[Said]:
    """Return how a call can name an order."""
    by_id: Said = {"orderId": names.order_id}
    by_name: Said = {"origClientOrderId": names.client_id}
    return [SYMBOL | by_id, SYMBOL | by_name, SYMBOL | by_id | by_name]


def listed(names: Names, said: str) -> list[Said]:
    """Return how a call can name a list."""
    by_id: Said = {"orderListId": names.list_id}
    by_name: Said = {said: names.list_name}
    return [by_id, by_name, by_id | by_name]


def cancel_replace(names: Names) -> list[Try]:
    """Return the ways to cancel an order for a new one, or to place one at its expense."""
    by_id: Said = {"cancelOrderId": names.order_id}
    by_name: Said = {"cancelOrigClientOrderId": names.client_id}
    tries = []
    for name in (by_id, by_name, by_id | by_name):
        stop = LIMIT | name | {"cancelReplaceMode": "STOP_ON_FAILURE"}
        tries.append(Try(stop, refusal=NO_CHANGE))
        tries.append(
            Try(stop | {"cancelReplaceMode": "ALLOW_FAILURE"}, refusal=HALF_A_CHANGE),
        )
    return tries


def pages(names: Names) -> list[Try]:
    """Return the ways to page by an order's id."""
    return [Try(SYMBOL), Try(SYMBOL | {"orderId": names.order_id}), Try(SYMBOL | {"limit": 1_000})]


def order_test(names: Names) -> list[Try]:
    """Return the ways to try an order out under another's name."""
    own = LIMIT | {"newClientOrderId": names.client_id}
    return [Try(own), Try(own | {"computeCommissionRates": "true"})]


def plain_order(names: Names) -> list[Try]:
    """Return the ways to place an order under another's names."""
    body = {
        "symbol": "BTCUSDT",
        "side": "buy",
        "quantity": "0.013",
        "price": "51234.00",
        "client_order_id": names.client_id,
    }
    once = {"Idempotency-Key": names.once}
    other = body | {"price": "51235.00", "client_order_id": f"{names.client_id}-x"}
    return [
        Try(body=body, headers=once, status=201),
        # The first of the stranger's own was another one.
        Try(body=other, headers=once, refusal=(422, "idempotency_key_reused")),
    ]


def plain_withdrawal(names: Names) -> list[Try]:
    """Return the ways to withdraw another's money."""
    body = {"asset": "USDT", "amount": "1.5"}
    return [
        Try(body=body, headers={"Idempotency-Key": names.once}, status=201),
        Try(body=body | {"account": OWNER}, refusal=(400, "invalid_value")),
        Try(
            body=body | {"amount": "900000000"},
            refusal=(422, "insufficient_balance"),
            is_of_own=True,
        ),
    ]


SPOT_LINES: Final[dict[Where, Line]] = {
    ("GET", "/api/v3/ping"): same(Try()),
    ("GET", "/api/v3/time"): same(Try()),
    ("GET", "/api/v3/exchangeInfo"): same(Try()),
    ("GET", "/api/v3/executionRules"): same(Try(), Try(SYMBOL)),
    ("GET", "/api/v3/depth"): same(Try(SYMBOL)),
    ("GET", "/api/v3/trades"): same(Try(SYMBOL)),
    ("GET", "/api/v3/historicalTrades"): lambda n: [Try(SYMBOL | {"fromId": n.trade_id})],
    ("GET", "/api/v3/historicalBlockTrades"): lambda n: [Try(SYMBOL | {"fromId": n.trade_id})],
    ("GET", "/api/v3/aggTrades"): lambda n: [Try(SYMBOL | {"fromId": n.trade_id})],
    ("GET", "/api/v3/klines"): same(Try(SYMBOL | {"interval": "1m"})),
    ("GET", "/api/v3/uiKlines"): same(Try(SYMBOL | {"interval": "1m"})),
    ("GET", "/api/v3/avgPrice"): same(Try(SYMBOL)),
    ("GET", "/api/v3/ticker"): same(Try(SYMBOL)),
    ("GET", "/api/v3/ticker/tradingDay"): same(Try(SYMBOL)),
    ("GET", "/api/v3/ticker/24hr"): same(Try(), Try(SYMBOL)),
    ("GET", "/api/v3/ticker/price"): same(Try(), Try(SYMBOL)),
    ("GET", "/api/v3/ticker/bookTicker"): same(Try(), Try(SYMBOL)),
    ("POST", "/api/v3/order"): lambda n: [Try(LIMIT | {"newClientOrderId": n.client_id})],
    ("POST", "/api/v3/order/test"): order_test,
    ("DELETE", "/api/v3/order"): lambda n: [Try(said, refusal=NO_OPEN_ORDER) for said in named(n)],
    ("DELETE", "/api/v3/openOrders"): same(Try(SYMBOL)),
    ("POST", "/api/v3/order/cancelReplace"): cancel_replace,
    ("PUT", "/api/v3/order/amend/keepPriority"): lambda n: [
        Try(said | {"newQty": "0.001"}, refusal=NO_OPEN_ORDER) for said in named(n)
    ],
    ("POST", "/api/v3/order/oco"): lambda n: [
        Try(OLD_OCO | {"listClientOrderId": n.list_name, "limitClientOrderId": n.client_id})
    ],
    ("POST", "/api/v3/orderList/oco"): lambda n: [
        Try(OCO | {"listClientOrderId": n.list_name, "aboveClientOrderId": n.client_id})
    ],
    ("POST", "/api/v3/orderList/oto"): lambda n: [
        Try(OTO | {"listClientOrderId": n.list_name, "workingClientOrderId": n.client_id})
    ],
    ("POST", "/api/v3/orderList/otoco"): lambda n: [
        Try(
            {name: value for name, value in OTO.items() if not name.startswith("pending")}
            | {"pendingSide": "SELL", "pendingQuantity": "0.01"}
            | {"pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "64000"}
            | {"pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "50100"}
            | {"listClientOrderId": n.list_name, "workingClientOrderId": n.client_id}
        )
    ],
    ("DELETE", "/api/v3/orderList"): lambda n: [
        Try(SYMBOL | said, refusal=NO_OPEN_ORDER) for said in listed(n, "listClientOrderId")
    ],
    ("GET", "/api/v3/orderList"): lambda n: [
        Try(said, refusal=NO_LIST) for said in listed(n, "origClientOrderId")
    ],
    ("GET", "/api/v3/allOrderList"): lambda n: [Try(), Try({"fromId": n.list_id})],
    ("GET", "/api/v3/openOrderList"): same(Try()),
    ("GET", "/api/v3/order"): lambda n: [Try(said, refusal=NO_ORDER) for said in named(n)],
    ("GET", "/api/v3/openOrders"): same(Try(), Try(SYMBOL)),
    ("GET", "/api/v3/allOrders"): pages,
    ("GET", "/api/v3/myTrades"): lambda n: [
        *pages(n),
        Try(SYMBOL | {"fromId": n.trade_id}),
        Try(SYMBOL | {"fromId": n.trade_id, "orderId": n.order_id}),
    ],
    ("GET", "/api/v3/myAllocations"): lambda n: [Try(SYMBOL | {"orderId": n.order_id})],
    ("GET", "/api/v3/myFilters"): same(Try(SYMBOL)),
    ("GET", "/api/v3/account"): same(Try(), Try({"omitZeroBalances": "true"})),
    ("GET", "/api/v3/account/commission"): same(Try(SYMBOL)),
    ("GET", "/api/v3/rateLimit/order"): same(Try()),
    ("GET", "/sapi/v1/system/status"): same(Try()),
    ("GET", "/sapi/v1/capital/config/getall"): same(Try()),
    ("GET", "/sapi/v1/capital/deposit/hisrec"): same(Try()),
    ("GET", "/sapi/v1/capital/deposit/address/list"): same(Try()),
    ("GET", "/sapi/v1/capital/withdraw/history"): same(Try()),
    ("GET", "/sapi/v1/capital/withdraw/address/list"): same(Try()),
    ("GET", "/sapi/v1/margin/allPairs"): same(Try()),
    ("GET", "/sapi/v1/margin/allAssets"): same(Try()),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): same(Try()),
    ("GET", "/sapi/v1/spot/delist-schedule"): same(Try()),
    ("GET", "/sapi/v1/spot/open-symbol-list"): same(Try()),
    ("GET", "/sapi/v1/asset/tradeFee"): same(Try(), Try(SYMBOL)),
    ("GET", "/sapi/v1/asset/assetDetail"): same(Try()),
    ("GET", "/sapi/v1/asset/assetDividend"): same(Try()),
    ("GET", "/sapi/v1/asset/dribblet"): same(Try()),
    ("GET", "/sapi/v1/asset/transfer"): same(Try()),
    ("POST", "/sapi/v1/asset/get-funding-asset"): same(Try()),
    ("POST", "/sapi/v3/asset/getUserAsset"): same(Try()),
    ("GET", "/sapi/v1/account/status"): same(Try()),
    ("GET", "/sapi/v1/account/apiTradingStatus"): same(Try()),
    ("GET", "/sapi/v1/account/apiRestrictions"): same(Try()),
    ("GET", "/sapi/v1/account/info"): same(Try()),
    ("GET", "/sapi/v1/bnbBurn"): same(Try()),
    ("GET", "/sapi/v1/accountSnapshot"): same(Try()),
    ("GET", "/sapi/v1/fiat/orders"): same(Try()),
    ("GET", "/sapi/v1/fiat/payments"): same(Try()),
    ("GET", "/fapi/v1/exchangeInfo"): same(Try()),
    ("GET", "/dapi/v1/exchangeInfo"): same(Try()),
}

PLAIN_LINES: Final[dict[Where, Line]] = {
    ("POST", "/order"): plain_order,
    ("GET", "/order/{order_id}"): lambda n: [
        Try(values={"order_id": n.order_id}, refusal=NOT_FOUND)
    ],
    ("DELETE", "/order/{order_id}"): lambda n: [
        Try(values={"order_id": n.order_id}, refusal=NOT_FOUND)
    ],
    ("GET", "/orders"): lambda n: [
        Try(),
        Try({"from_id": n.order_id}),
        Try(SYMBOL | {"ended": "true"}),
        Try(SYMBOL | {"ended": "true", "from_id": n.order_id}),
    ],
    ("DELETE", "/orders"): same(Try(), Try(SYMBOL), Try(SYMBOL | {"side": "buy"})),
    ("GET", "/book/{symbol}"): same(Try(values=PATH)),
    ("GET", "/trades/{symbol}"): lambda n: [Try({"from_id": n.trade_id}, PATH)],
    ("GET", "/candles/{symbol}"): same(Try({"interval": "1m"}, PATH)),
    ("GET", "/instruments"): same(Try()),
    ("GET", "/orderflow/{symbol}"): same(Try({"interval": "1m"}, PATH)),
    ("GET", "/profile/{symbol}"): same(Try(values=PATH)),
    ("GET", "/accounts/me"): same(Try()),
    ("POST", "/accounts/me/withdrawals"): plain_withdrawal,
    ("GET", "/accounts/me/withdrawals"): same(Try()),
    ("GET", "/healthz"): same(Try()),
    ("GET", "/readyz"): same(Try()),
    ("GET", "/metrics"): same(Try()),
    ("GET", "/status"): same(Try()),
    ("GET", "/openapi.json"): same(Try()),
    ("GET", "/docs"): same(Try()),
    ("GET", "/docs/{file}"): same(Try(values={"file": "start.js"})),
}

ADMIN_LINES: Final[dict[Where, Line]] = {
    ("POST", "/admin/assets"): same(Try(body={"name": "MINE", "decimals": 8})),
    ("POST", "/admin/instruments"): same(
        Try(body={"symbol": "X", "base": "BTC", "quote": "USDT", "tick": "1", "lot": "1"})
    ),
    ("PUT", "/admin/instruments/{symbol}/state"): same(Try(values=PATH, body={"state": "halted"})),
    ("PUT", "/admin/instruments/{symbol}/reference"): same(
        Try(values=PATH, body={"price": "1.00"})
    ),
    ("POST", "/admin/instruments/{symbol}/end-session"): same(Try(values=PATH)),
    ("PUT", "/admin/instruments/{symbol}"): same(
        Try(values=PATH, body={"tick": "0.05", "lot": "1"})
    ),
    ("GET", "/admin/accounts"): same(Try()),
    ("GET", "/admin/accounts/{account}"): same(Try(values=ACCOUNT)),
    ("PUT", "/admin/accounts/{account}"): same(Try(values=ACCOUNT, body={"taker_rate_ppm": 9})),
    ("POST", "/admin/accounts/{account}/freeze"): same(Try(values=ACCOUNT)),
    ("DELETE", "/admin/accounts/{account}/orders"): same(Try(values=ACCOUNT)),
    ("POST", "/admin/accounts/{account}/withdrawals"): same(
        Try(values=ACCOUNT, body={"asset": "USDT", "amount": "1"})
    ),
    ("POST", "/admin/deposits"): same(
        Try(body={"account": OWNER, "asset": "USDT", "amount": "1"} | SOURCE)
    ),
    ("POST", "/admin/transfers"): same(
        Try(body={"payer": OWNER, "payee": 3, "asset": "USDT", "amount": "1"} | SOURCE)
    ),
    ("GET", "/admin/withdrawals"): same(Try()),
    ("POST", "/admin/withdrawals/{withdrawal_id}/settle"): lambda n: [
        Try(values={"withdrawal_id": n.withdrawal_id}, body={"posted": False} | SOURCE)
    ],
}

LINES: Final = SPOT_LINES | PLAIN_LINES | ADMIN_LINES
ROUTES_ALL: Final = frozenset(ROUTES) | frozenset(PLAIN)


def scope_of(where: Where) -> str | None:
    """Return the scope that a route asks for, None where it asks for no key."""
    scope = ROUTES[where].scope if where in ROUTES else PLAIN[where].scope
    if scope is None:
        return None
    (name,) = scope.names
    return name


def is_spot(where: Where) -> bool:
    """Return whether a route is of the spot API."""
    return where in ROUTES


def is_admin(where: Where) -> bool:
    """Return whether a route is reached from the networks of administrators only."""
    return where in PLAIN and PLAIN[where].admin
