"""Answers for paths beside the spot API, which clients ask for before and while they trade.

Nobody has margin, futures or a wallet of other networks here: nothing ever came or went there.
"""

from typing import Final

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.route import SIGNED, Handler, Route
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue


def always(reply: bytes) -> Handler:
    """Return what answers every call so."""

    async def told(_venue: Venue, _call: Call) -> bytes:
        """Tell that there is none."""
        return reply

    return told


async def system_status(venue: Venue, _call: Call) -> dict[str, object]:
    """Tell whether orders are taken at all."""
    if venue.exchange.halt is None:
        return {"status": 0, "msg": "normal"}
    return {"status": 1, "msg": "system maintenance"}


NOTHING: Final = always(b"[]")
_NO_SYMBOLS: Final = always(b'{"timezone":"UTC","rateLimits":[],"exchangeFilters":[],"symbols":[]}')
_NO_ROWS: Final = always(b'{"total":0,"rows":[]}')
_NO_DUST: Final = always(b'{"total":0,"userAssetDribblets":[]}')
_NO_SNAPSHOTS: Final = always(b'{"code":200,"msg":"","snapshotVos":[]}')
_NO_FIAT: Final = always(
    b'{"code":"000000","message":"success","data":[],"total":0,"success":true}'
)
_NO_PRODUCTS: Final = always(
    b'{"vipLevel":0,"isMarginEnabled":false,"isFutureEnabled":false,"isOptionsEnabled":false,'
    b'"isPortfolioMarginRetailEnabled":false}'
)
_NO_DISCOUNT: Final = always(b'{"spotBNBBurn":false,"interestBNBBurn":false}')

# Whatever the client says: some sign what needs no key.
_ANY: Final = SIGNED | {"symbol"}


def _own(handler: Handler, parameters: str) -> Route:
    """Return the route of what only the account's own keys may ask."""
    return Route(handler, frozenset(parameters.split()), 1, Scope.READ)


_TIMES: Final = "startTime endTime"
_FIAT: Final = "transactionType beginTime endTime page rows"

ROUTES: Final = {
    ("GET", "/sapi/v1/system/status"): Route(system_status, _ANY),
    ("GET", "/sapi/v1/margin/allPairs"): Route(NOTHING, _ANY),
    ("GET", "/sapi/v1/margin/allAssets"): Route(NOTHING, _ANY | {"asset"}),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Route(NOTHING, _ANY),
    ("GET", "/sapi/v1/spot/delist-schedule"): Route(NOTHING, _ANY),
    ("GET", "/sapi/v1/spot/open-symbol-list"): Route(NOTHING, _ANY),
    ("GET", "/sapi/v1/capital/deposit/hisrec"): _own(
        NOTHING, f"includeSource coin status {_TIMES} offset limit txId"
    ),
    ("GET", "/sapi/v1/capital/deposit/address/list"): _own(NOTHING, "coin network"),
    ("GET", "/sapi/v1/capital/withdraw/history"): _own(
        NOTHING, f"coin withdrawOrderId status offset limit idList {_TIMES}"
    ),
    ("GET", "/sapi/v1/capital/withdraw/address/list"): _own(NOTHING, ""),
    ("POST", "/sapi/v1/asset/get-funding-asset"): _own(NOTHING, "asset needBtcValuation"),
    ("GET", "/sapi/v1/asset/transfer"): _own(
        _NO_ROWS, f"type {_TIMES} current size fromSymbol toSymbol"
    ),
    ("GET", "/sapi/v1/asset/assetDividend"): _own(_NO_ROWS, f"asset {_TIMES} limit"),
    ("GET", "/sapi/v1/asset/dribblet"): _own(_NO_DUST, f"accountType {_TIMES}"),
    ("GET", "/sapi/v1/account/info"): _own(_NO_PRODUCTS, ""),
    ("GET", "/sapi/v1/bnbBurn"): _own(_NO_DISCOUNT, ""),
    ("GET", "/sapi/v1/accountSnapshot"): _own(_NO_SNAPSHOTS, f"type {_TIMES} limit"),
    ("GET", "/sapi/v1/fiat/orders"): _own(_NO_FIAT, _FIAT),
    ("GET", "/sapi/v1/fiat/payments"): _own(_NO_FIAT, _FIAT),
    ("GET", "/fapi/v1/exchangeInfo"): Route(_NO_SYMBOLS, _ANY),
    ("GET", "/dapi/v1/exchangeInfo"): Route(_NO_SYMBOLS, _ANY),
}
