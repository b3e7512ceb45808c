"""The spot API in the OpenAPI document: its parameters, security and replies."""

import inspect
from typing import Any, Final, get_args, get_origin, get_type_hints

from msgspec import Struct

from outcry.gateways.binance import ROUTES
from outcry.gateways.binance.new_order import OrderResult
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.words import ORDER_TYPES, RESPONSE_TYPES, SELF_TRADES
from outcry.gateways.market import INTERVALS
from outcry.gateways.plain.openapi_replies import REPLIES

Schemas = dict[str, Any]

SPOT_TAG: Final = "spot API"
SPOT_SCHEMES: Final = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-MBX-APIKEY"},
    "signature": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": (
            "Of the query string and then the body, without `signature`: HMAC-SHA256 in"
            " hexadecimal digits, or Ed25519 or RSA in base64. The query has a `timestamp`, too."
        ),
    },
}

_TEMPLATE: Final = "#/components/schemas/{name}"
_DECIMAL: Final = {"type": "string", "pattern": r"^([0-9]{1,20})(\.[0-9]{1,20})?$"}
_WHOLE: Final = {"type": "integer", "minimum": 0, "maximum": (1 << 64) - 1}
_TIME: Final = {"type": "integer", "minimum": 0, "description": "Milliseconds since 1970 UTC."}
_CLIENT_ID: Final = {"type": "string", "pattern": "^[.A-Z:/a-z0-9_-]{1,36}$"}
_SYMBOL: Final = {"type": "string", "minLength": 1, "maxLength": 24}
_TEXT: Final = {"type": "string"}
_BIPS: Final = {"type": "integer", "minimum": 1, "maximum": 2_000}


def _words(*words: str) -> Schemas:
    return {"type": "string", "enum": list(words)}


_SIDE: Final = _words("BUY", "SELL")
_TIME_IN_FORCE: Final = _words("GTC", "IOC", "FOK")

# What ends a name tells its kind, as in `aboveStopPrice`; the longest end that fits counts.
_ENDINGS: Final[tuple[tuple[str, Schemas], ...]] = (
    ("clientorderid", _CLIENT_ID),
    ("orderid", _WHOLE),
    ("orderlistid", _WHOLE),
    ("fromid", _WHOLE),
    ("allocationid", _WHOLE),
    ("strategyid", _WHOLE),
    ("strategytype", {"type": "integer", "minimum": 1_000_000}),
    ("trailingdelta", _BIPS),
    ("price", _DECIMAL),
    ("qty", _DECIMAL),
    ("quantity", _DECIMAL),
    ("timeinforce", _TIME_IN_FORCE),
    ("side", _SIDE),
    ("type", _words(*ORDER_TYPES)),
    ("time", _TIME),
)
_NAMED: Final[dict[str, Schemas]] = {
    "symbol": _SYMBOL,
    "symbols": {"type": "string", "description": 'A JSON array, as `["BTCUSDT"]`.'},
    "symbolStatus": _words("TRADING", "HALT", "BREAK"),
    "permissions": _TEXT,
    "showPermissionSets": _words("true", "false"),
    "omitZeroBalances": _words("true", "false"),
    "computeCommissionRates": _words("true", "false"),
    "interval": _words(*INTERVALS),
    "windowSize": {"type": "string", "description": "`1m` to `59m`, `1h` to `23h`, `1d` to `7d`."},
    "timeZone": {"type": "string", "description": "From `-12:00` to `14:00`."},
    "limit": {"type": "integer", "minimum": 1, "description": "More than the most is the most."},
    "newOrderRespType": _words(*RESPONSE_TYPES),
    "selfTradePreventionMode": _words(*SELF_TRADES),
    "cancelReplaceMode": _words("STOP_ON_FAILURE", "ALLOW_FAILURE"),
    "orderRateLimitExceededMode": _words("DO_NOTHING", "CANCEL_ONLY"),
    "cancelRestrictions": _words("ONLY_NEW", "ONLY_PARTIALLY_FILLED"),
    "timestamp": _TIME,
    "recvWindow": {"type": "number", "minimum": 0, "maximum": 60_000},
}
_NAMED_BY_PATH: Final[dict[str, dict[str, Schemas]]] = {
    "/api/v3/ticker": {"type": _words("FULL", "MINI")},
    "/api/v3/ticker/24hr": {"type": _words("FULL", "MINI")},
    "/api/v3/ticker/tradingDay": {"type": _words("FULL", "MINI")},
}

_ORDER: Final = frozenset(("symbol", "side", "type"))
_SYMBOL_ONLY: Final = frozenset(("symbol",))
_NOTHING: Final = frozenset[str]()
_REQUIRED: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("GET", "/api/v3/exchangeInfo"): _NOTHING,
    ("GET", "/api/v3/executionRules"): _NOTHING,
    ("GET", "/api/v3/historicalBlockTrades"): frozenset(("symbol", "fromId")),
    ("GET", "/api/v3/ticker"): _NOTHING,
    ("GET", "/api/v3/ticker/tradingDay"): _NOTHING,
    ("GET", "/api/v3/ticker/24hr"): _NOTHING,
    ("GET", "/api/v3/ticker/price"): _NOTHING,
    ("GET", "/api/v3/ticker/bookTicker"): _NOTHING,
    ("GET", "/api/v3/openOrders"): _NOTHING,
    ("GET", "/api/v3/klines"): frozenset(("symbol", "interval")),
    ("GET", "/api/v3/uiKlines"): frozenset(("symbol", "interval")),
    ("POST", "/api/v3/order"): _ORDER,
    ("POST", "/api/v3/order/test"): _ORDER,
    ("POST", "/api/v3/order/cancelReplace"): _ORDER | {"cancelReplaceMode"},
    ("PUT", "/api/v3/order/amend/keepPriority"): frozenset(("symbol", "newQty")),
    ("POST", "/api/v3/order/oco"): frozenset(("symbol", "side", "quantity", "price")),
    ("POST", "/api/v3/orderList/oco"): frozenset(
        ("symbol", "side", "quantity", "aboveType", "belowType")
    ),
    ("POST", "/api/v3/orderList/oto"): frozenset(
        (
            *("symbol", "workingType", "workingSide", "workingQuantity"),
            *("pendingType", "pendingSide", "pendingQuantity"),
        )
    ),
    ("POST", "/api/v3/orderList/otoco"): frozenset(
        (
            *("symbol", "workingType", "workingSide", "workingQuantity", "pendingSide"),
            *("pendingQuantity", "pendingAboveType", "pendingBelowType"),
        )
    ),
}


_SIGNED: Final[Schemas] = {"apiKey": [], "signature": []}
_MAY_BE_SIGNED: Final = frozenset(
    (("GET", "/sapi/v1/capital/config/getall"), ("GET", "/sapi/v1/asset/tradeFee"))
)
"""What has something to tell only to those who sign."""


def spot_types() -> list[type[Struct]]:
    """Return the types that the routes answer with, where they have one."""
    # Its bytes come from the core.
    found: dict[type[Struct], None] = {OrderResult: None}
    for route in ROUTES.values():
        struct, _ = _struct_of(route)
        if struct is not None:
            found[struct] = None
    return list(found)


def spot_paths() -> Schemas:
    """Return the paths of the spot API and what can be done there."""
    paths: Schemas = {}
    for (method, path), route in ROUTES.items():
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, route)
    return paths


def _operation(method: str, path: str, route: Route) -> Schemas:
    summary = (inspect.getdoc(route.handler) or "").partition("\n")[0]
    weight = f"weight {route.weight}" if isinstance(route.weight, int) else "weight by parameters"
    words = [part.replace("-", "_") for part in path.split("/") if part]
    operation: Schemas = {
        "operationId": "_".join([method.lower(), *words]),
        "tags": [SPOT_TAG],
        "summary": summary.rstrip("."),
        "description": f"{summary} Costs {weight}.",
        "parameters": _parameters(method, path, route),
        "responses": {
            "200": {
                "description": "Done.",
                "content": {"application/json": {"schema": _reply(method, path, route)}},
            },
            "4XX": {"description": "Refused.", "content": _ERROR},
            "503": {"description": "Not available now; ask again later.", "content": _ERROR},
        },
    }
    if (method, path) in _MAY_BE_SIGNED:
        operation["security"] = [{}, _SIGNED]
    if route.scope is not None:
        operation["security"] = [_SIGNED]
        operation["description"] += f" The key needs the scope `{route.scope.names[0]}`."
    if not operation["parameters"]:
        del operation["parameters"]
    return operation


_ERROR: Final[Schemas] = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {
                "code": {"type": "integer", "maximum": -1},
                "msg": {"type": "string"},
                "data": {},
            },
            "required": ["code", "msg"],
            "additionalProperties": False,
        }
    }
}


def _parameters(method: str, path: str, route: Route) -> list[Schemas]:
    names = set(route.parameters)
    required = _REQUIRED.get((method, path), _SYMBOL_ONLY) & names
    if route.scope is not None:
        names |= {"timestamp", "recvWindow"}
        required |= {"timestamp"}
    else:
        names -= {"signature"}
    if not path.startswith("/api/"):
        required = _NOTHING
    ordered = sorted(names, key=lambda name: (name not in required, name != "symbol", name))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": parameter_schema(path, name),
        }
        for name in ordered
    ]


def parameter_schema(path: str, name: str) -> Schemas:
    """Return the schema of a parameter of the spot API; beside it any text will do.

    Raises:
        LookupError: Nothing is known of such a name.
    """
    found = _NAMED_BY_PATH.get(path, {}).get(name) or _NAMED.get(name)
    if found is not None:
        return found
    if not path.startswith("/api/"):
        return _TEXT
    lower = name.lower()
    for ending, schema in _ENDINGS:
        if lower.endswith(ending):
            return schema
    raise LookupError(f"{name}: this parameter has no schema yet")


def _struct_of(route: Route) -> tuple[type[Struct] | None, bool]:
    """Return the type that a route answers with, and whether as a list."""
    reply = get_type_hints(route.handler).get("return")
    is_list = get_origin(reply) is list
    only = get_args(reply)[0] if is_list else reply
    is_struct = isinstance(only, type) and issubclass(only, Struct)
    return (only if is_struct else None), is_list


def _reply(method: str, path: str, route: Route) -> Schemas:
    struct, is_list = _struct_of(route)
    if struct is None:
        return REPLIES[method, path]
    schema = {"$ref": _TEMPLATE.format(name=struct.__name__)}
    return {"type": "array", "items": schema} if is_list else schema
