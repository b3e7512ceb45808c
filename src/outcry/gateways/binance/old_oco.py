"""The order list of two as it was said before there were other lists; many clients still do."""

from typing import Final

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.order_lists import COMMON, place_list
from outcry.gateways.binance.route import Route
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue
from outcry.protocol import ListType

_BOTH: Final = {"side": "side", "quantity": "quantity"}
# Nobody says the types: they follow from the rest.
_LIMIT_TYPE: Final = "limitType"
_STOP_TYPE: Final = "stopType"
_STOP: Final = {
    _STOP_TYPE: "type",
    "stopClientOrderId": "newClientOrderId",
    "stopPrice": "stopPrice",
    "trailingDelta": "trailingDelta",
    "stopLimitPrice": "price",
    "stopLimitTimeInForce": "timeInForce",
    "stopIcebergQty": "icebergQty",
    "stopStrategyId": "strategyId",
    "stopStrategyType": "strategyType",
    **_BOTH,
}
_LIMIT: Final = {
    _LIMIT_TYPE: "type",
    "limitClientOrderId": "newClientOrderId",
    "price": "price",
    "limitIcebergQty": "icebergQty",
    "limitStrategyId": "strategyId",
    "limitStrategyType": "strategyType",
    **_BOTH,
}
PARAMETERS: Final = (COMMON | _STOP.keys() | _LIMIT.keys()) - {_LIMIT_TYPE, _STOP_TYPE}


async def oco(venue: Venue, call: Call) -> dict[str, object]:
    """Place a stop and a limit order of which one cancels the other."""
    has_limit = "stopLimitPrice" in call.parameters
    types = {
        _LIMIT_TYPE: "LIMIT_MAKER",
        _STOP_TYPE: "STOP_LOSS_LIMIT" if has_limit else "STOP_LOSS",
    }
    said = call.parameters | types
    return await place_list(venue, call, ListType.OCO, said, (_STOP, _LIMIT))


ROUTES: Final = {
    ("POST", "/api/v3/order/oco"): Route(oco, PARAMETERS, 1, Scope.TRADE, orders=2),
}
