"""The replies of the spot API that are made without a type of their own, as schemas."""

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
TRUTH: Final[Schema] = {"type": "boolean"}
NUMBER: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]+$"}


def ref(name: str) -> Schema:
    """Return a schema that stands among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def rows(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def record(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """Return the schema of an object that has these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def members(kind: Schema, *names: str) -> dict[str, Schema]:
    """Return members of one kind."""
    return dict.fromkeys(names, kind)


_ANY: Final[Schema] = {"type": "object"}
_EMPTY: Final = record()
_NO_ROWS: Final[Schema] = {"type": "array", "maxItems": 0}
_LIMIT: Final = record(rateLimitType=TEXT, interval=TEXT, intervalNum=WHOLE, limit=WHOLE)
_KLINE: Final[Schema] = {
    "type": "array",
    "description": (
        "Open time, open, high, low, close, volume, close time, quote volume, trades, taker buy"
        " volume, taker buy quote volume, unused."
    ),
    "prefixItems": [
        *(WHOLE, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER),
        *(WHOLE, NUMBER, WHOLE, NUMBER, NUMBER, TEXT),
    ],
    "minItems": 12,
    "maxItems": 12,
}
_LEVEL: Final[Schema] = {
    "type": "array",
    "description": "Price, quantity.",
    "prefixItems": [NUMBER, NUMBER],
    "minItems": 2,
    "maxItems": 2,
}
_BOOK_TICKER: Final = members(NUMBER, "bidPrice", "bidQty", "askPrice", "askQty")
_DAY: Final = record(
    (
        *("priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice"),
        *("lastQty", *_BOOK_TICKER),
    ),
    symbol=TEXT,
    **members(NUMBER, "priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice"),
    **members(NUMBER, "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume"),
    lastQty=NUMBER,
    **_BOOK_TICKER,
    **members(WHOLE, "openTime", "closeTime", "firstId", "lastId", "count"),
)
_WINDOW: Final = record(
    ("priceChange", "priceChangePercent", "weightedAvgPrice"),
    symbol=TEXT,
    **members(NUMBER, "priceChange", "priceChangePercent", "weightedAvgPrice"),
    **members(NUMBER, "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume"),
    **members(WHOLE, "openTime", "closeTime", "firstId", "lastId", "count"),
)
_LIST_MEMBERS: Final[dict[str, Schema]] = {
    "orderListId": WHOLE,
    "contingencyType": {"type": "string", "enum": ["OCO", "OTO"]},
    "listStatusType": {"type": "string", "enum": ["EXEC_STARTED", "ALL_DONE", "RESPONSE"]},
    "listOrderStatus": {"type": "string", "enum": ["EXECUTING", "ALL_DONE", "REJECT"]},
    "listClientOrderId": TEXT,
    "transactionTime": WHOLE,
    "symbol": TEXT,
    "orders": rows(record(symbol=TEXT, orderId=WHOLE, clientOrderId=TEXT)),
}
_LIST: Final = record(**_LIST_MEMBERS)
_PLACED_LIST: Final = record(**_LIST_MEMBERS, orderReports=rows(ref("OrderResult")))
_CANCELLED_LIST: Final = record(**_LIST_MEMBERS, orderReports=rows(ref("CancelReport")))
_RATES: Final = record(("buyer", "seller"), **members(NUMBER, "maker", "taker", "buyer", "seller"))
_DISCOUNT: Final = record(
    enabledForAccount=TRUTH, enabledForSymbol=TRUTH, discountAsset=TEXT, discount=NUMBER
)

_WALLET: Final = members(NUMBER, "free", "locked", "freeze", "withdrawing", "ipoing", "ipoable")
_COIN: Final = record(
    **members(TEXT, "coin", "name"),
    **members(TRUTH, "depositAllEnable", "withdrawAllEnable", "isLegalMoney", "trading"),
    **_WALLET,
    storage=NUMBER,
    networkList=rows(
        record(
            **members(TEXT, "network", "coin", "name", "withdrawIntegerMultiple"),
            **members(TRUTH, "isDefault", "depositEnable", "withdrawEnable"),
            **members(NUMBER, "withdrawFee", "withdrawMin", "withdrawMax"),
        )
    ),
)
_DETAIL: Final = record(
    **members(NUMBER, "minWithdrawAmount", "withdrawFee"),
    **members(TRUTH, "depositStatus", "withdrawStatus"),
)
_NO_FIAT: Final = record(
    **members(TEXT, "code", "message"), data=_NO_ROWS, total=WHOLE, success=TRUTH
)


def _one_or_all(schema: Schema) -> Schema:
    return {"oneOf": [schema, rows(schema)], "description": "A list unless one symbol is named."}


REPLIES: Final[dict[tuple[str, str], Schema]] = {
    ("GET", "/api/v3/ping"): _EMPTY,
    ("GET", "/api/v3/time"): record(serverTime=WHOLE),
    ("GET", "/api/v3/exchangeInfo"): record(
        timezone=TEXT,
        serverTime=WHOLE,
        rateLimits=rows(_LIMIT),
        exchangeFilters=_NO_ROWS,
        symbols=rows(_ANY),
    ),
    ("GET", "/api/v3/executionRules"): record(symbolRules=rows(_ANY)),
    ("GET", "/api/v3/depth"): record(lastUpdateId=WHOLE, bids=rows(_LEVEL), asks=rows(_LEVEL)),
    ("GET", "/api/v3/aggTrades"): rows(
        record(a=WHOLE, p=NUMBER, q=NUMBER, f=WHOLE, l=WHOLE, T=WHOLE, m=TRUTH, M=TRUTH)
    ),
    ("GET", "/api/v3/klines"): rows(_KLINE),
    ("GET", "/api/v3/uiKlines"): rows(_KLINE),
    ("GET", "/api/v3/avgPrice"): record(mins=WHOLE, price=NUMBER, closeTime=WHOLE),
    ("GET", "/api/v3/ticker"): _one_or_all(_WINDOW),
    ("GET", "/api/v3/ticker/tradingDay"): _one_or_all(_WINDOW),
    ("GET", "/api/v3/ticker/24hr"): _one_or_all(_DAY),
    ("GET", "/api/v3/ticker/price"): _one_or_all(record(symbol=TEXT, price=NUMBER)),
    ("GET", "/api/v3/ticker/bookTicker"): _one_or_all(record(symbol=TEXT, **_BOOK_TICKER)),
    ("POST", "/api/v3/order"): ref("OrderResult"),
    ("POST", "/api/v3/order/test"): record(
        (
            *("standardCommissionForOrder", "specialCommissionForOrder"),
            *("taxCommissionForOrder", "discount"),
        ),
        standardCommissionForOrder=_RATES,
        specialCommissionForOrder=_RATES,
        taxCommissionForOrder=_RATES,
        discount=_DISCOUNT,
    ),
    ("POST", "/api/v3/order/cancelReplace"): record(
        cancelResult=TEXT,
        newOrderResult=TEXT,
        cancelResponse=ref("CancelReport"),
        newOrderResponse=ref("OrderResult"),
    ),
    ("PUT", "/api/v3/order/amend/keepPriority"): record(
        transactTime=WHOLE, executionId=WHOLE, amendedOrder=_ANY
    ),
    ("POST", "/api/v3/order/oco"): _PLACED_LIST,
    ("POST", "/api/v3/orderList/oco"): _PLACED_LIST,
    ("POST", "/api/v3/orderList/oto"): _PLACED_LIST,
    ("POST", "/api/v3/orderList/otoco"): _PLACED_LIST,
    ("DELETE", "/api/v3/orderList"): _CANCELLED_LIST,
    ("GET", "/api/v3/openOrders"): rows(ref("OrderReport")),
    ("DELETE", "/api/v3/openOrders"): rows({"anyOf": [ref("CancelReport"), _CANCELLED_LIST]}),
    ("GET", "/api/v3/orderList"): _LIST,
    ("GET", "/api/v3/allOrderList"): rows(_LIST),
    ("GET", "/api/v3/openOrderList"): rows(_LIST),
    ("GET", "/api/v3/account/commission"): record(
        symbol=TEXT,
        standardCommission=ref("Rates"),
        specialCommission=ref("Rates"),
        taxCommission=ref("Rates"),
        discount=_DISCOUNT,
    ),
    ("GET", "/api/v3/myFilters"): record(
        exchangeFilters=_NO_ROWS, symbolFilters=rows(_ANY), assetFilters=_NO_ROWS
    ),
    ("GET", "/api/v3/myAllocations"): _NO_ROWS,
    ("GET", "/api/v3/rateLimit/order"): rows(
        record(rateLimitType=TEXT, interval=TEXT, intervalNum=WHOLE, limit=WHOLE, count=WHOLE)
    ),
    ("GET", "/sapi/v1/system/status"): record(status=WHOLE, msg=TEXT),
    ("GET", "/sapi/v1/capital/config/getall"): rows(_COIN),
    ("GET", "/sapi/v1/asset/tradeFee"): rows(
        record(symbol=TEXT, makerCommission=NUMBER, takerCommission=NUMBER)
    ),
    ("GET", "/sapi/v1/asset/assetDetail"): {"type": "object", "additionalProperties": _DETAIL},
    ("POST", "/sapi/v3/asset/getUserAsset"): rows(
        record(
            asset=TEXT,
            **members(NUMBER, "free", "locked", "freeze", "withdrawing", "ipoable"),
            btcValuation=TEXT,
        )
    ),
    ("GET", "/sapi/v1/account/apiRestrictions"): record(
        createTime=WHOLE,
        **members(TRUTH, "ipRestrict", "enableReading", "enableSpotAndMarginTrading"),
        **members(TRUTH, "enableWithdrawals", "enableInternalTransfer", "enableMargin"),
        **members(TRUTH, "enableFutures", "permitsUniversalTransfer", "enableVanillaOptions"),
        **members(TRUTH, "enablePortfolioMarginTrading", "enableFixApiTrade"),
        enableFixReadOnly=TRUTH,
    ),
    ("GET", "/sapi/v1/account/status"): record(
        data={"type": "string", "enum": ["Normal", "Locked"]}
    ),
    ("GET", "/sapi/v1/account/apiTradingStatus"): record(
        data=record(
            isLocked=TRUTH,
            plannedRecoverTime=WHOLE,
            triggerCondition=record(**members(WHOLE, "GCR", "IFER", "UFR")),
            updateTime=WHOLE,
        )
    ),
    ("GET", "/sapi/v1/margin/allPairs"): _NO_ROWS,
    ("GET", "/sapi/v1/margin/allAssets"): _NO_ROWS,
    ("GET", "/sapi/v1/margin/isolated/allPairs"): _NO_ROWS,
    ("GET", "/sapi/v1/spot/delist-schedule"): _NO_ROWS,
    ("GET", "/sapi/v1/spot/open-symbol-list"): _NO_ROWS,
    ("GET", "/sapi/v1/capital/deposit/hisrec"): _NO_ROWS,
    ("GET", "/sapi/v1/capital/deposit/address/list"): _NO_ROWS,
    ("GET", "/sapi/v1/capital/withdraw/history"): _NO_ROWS,
    ("GET", "/sapi/v1/capital/withdraw/address/list"): _NO_ROWS,
    ("POST", "/sapi/v1/asset/get-funding-asset"): _NO_ROWS,
    ("GET", "/sapi/v1/asset/transfer"): record(total=WHOLE, rows=_NO_ROWS),
    ("GET", "/sapi/v1/asset/assetDividend"): record(total=WHOLE, rows=_NO_ROWS),
    ("GET", "/sapi/v1/asset/dribblet"): record(total=WHOLE, userAssetDribblets=_NO_ROWS),
    ("GET", "/sapi/v1/account/info"): record(
        vipLevel=WHOLE,
        **members(TRUTH, "isMarginEnabled", "isFutureEnabled", "isOptionsEnabled"),
        isPortfolioMarginRetailEnabled=TRUTH,
    ),
    ("GET", "/sapi/v1/bnbBurn"): record(**members(TRUTH, "spotBNBBurn", "interestBNBBurn")),
    ("GET", "/sapi/v1/accountSnapshot"): record(code=WHOLE, msg=TEXT, snapshotVos=_NO_ROWS),
    ("GET", "/sapi/v1/fiat/orders"): _NO_FIAT,
    ("GET", "/sapi/v1/fiat/payments"): _NO_FIAT,
    ("GET", "/fapi/v1/exchangeInfo"): record(
        timezone=TEXT, rateLimits=_NO_ROWS, exchangeFilters=_NO_ROWS, symbols=_NO_ROWS
    ),
    ("GET", "/dapi/v1/exchangeInfo"): record(
        timezone=TEXT, rateLimits=_NO_ROWS, exchangeFilters=_NO_ROWS, symbols=_NO_ROWS
    ),
}
