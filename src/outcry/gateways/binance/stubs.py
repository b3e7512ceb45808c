"""Answers for paths beside the spot API, which clients ask for before they trade."""

from typing import Final

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.route import Route
from outcry.gateways.venue import Venue

# Whatever the client says: nobody has margin, futures or a wallet of other networks here.
_ANY: Final = frozenset(("timestamp", "recvWindow", "signature", "symbol"))


async def nothing(_venue: Venue, _call: Call) -> bytes:
    """Tell that there is none."""
    return b"[]"


async def system_status(venue: Venue, _call: Call) -> dict[str, object]:
    """Tell whether orders are taken at all."""
    if venue.exchange.halt is None:
        return {"status": 0, "msg": "normal"}
    return {"status": 1, "msg": "system maintenance"}


async def no_symbols(_venue: Venue, _call: Call) -> bytes:
    """Tell that nothing is traded there."""
    return b'{"timezone":"UTC","rateLimits":[],"exchangeFilters":[],"symbols":[]}'


ROUTES: Final = {
    ("GET", "/sapi/v1/system/status"): Route(system_status, _ANY),
    ("GET", "/sapi/v1/capital/config/getall"): Route(nothing, _ANY),
    ("GET", "/sapi/v1/margin/allPairs"): Route(nothing, _ANY),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Route(nothing, _ANY),
    ("GET", "/sapi/v1/asset/tradeFee"): Route(nothing, _ANY),
    ("GET", "/fapi/v1/exchangeInfo"): Route(no_symbols, _ANY),
    ("GET", "/dapi/v1/exchangeInfo"): Route(no_symbols, _ANY),
}
