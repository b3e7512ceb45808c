"""What is traded and within which bounds, as the API tells it; and the clock."""

from collections.abc import Iterable
from decimal import Decimal
from time import time_ns
from typing import TYPE_CHECKING, Final

from outcry.exchange import Instrument
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import INVALID_SYMBOL, ApiError
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.symbol_status import statuses_of, wanted_status
from outcry.gateways.binance.words import (
    ORDER_TYPES,
    SELF_TRADE_USUAL,
    SELF_TRADES,
    TRAILING_BIPS_MAX,
)
from outcry.gateways.figures import PLACES, Figures
from outcry.gateways.venue import Venue

if TYPE_CHECKING:
    from outcry.settings import ServeSettings

SYMBOLS_MAX: Final = 1_000
_RULES_WEIGHT: Final = 2
_RULES_WEIGHT_MAX: Final = 40
_PPM: Final = Decimal(1_000_000)
_BAND_OPEN: Final = "1000"
"""The multiplier of a price filter that lets every price pass."""


async def ping(_venue: Venue, _call: Call) -> bytes:
    """Answer."""
    return b"{}"


async def time(_venue: Venue, call: Call) -> bytes:
    """Tell the server's clock."""
    return b'{"serverTime":%d}' % (time_ns() // call.unit_ns)


async def exchange_info(venue: Venue, call: Call) -> dict[str, object]:
    """Tell the limits of the API and every instrument, or those that are asked for."""
    wanted = wanted_status(call)
    shows_sets = read.truth(call.parameters, "showPermissionSets", usual=True)
    instruments = await _wanted(venue, call)
    statuses = await statuses_of(venue)
    told = []
    for each in instruments:
        status = statuses[each.symbol]
        if wanted in (None, status):
            symbol = _symbol(venue, each, status)
            if not shows_sets:
                symbol["permissionSets"] = []
            told.append(symbol)
    return {
        "timezone": "UTC",
        "serverTime": time_ns() // call.unit_ns,
        "rateLimits": rate_limits(venue.settings),
        "exchangeFilters": [],
        "symbols": told,
    }


def rate_limits(settings: "ServeSettings") -> list[dict[str, object]]:
    """Return the limits of requests and orders as the API tells them."""
    return [
        _limit("REQUEST_WEIGHT", "MINUTE", 1, settings.request_weight_max),
        *order_limits(settings),
        _limit("RAW_REQUESTS", "MINUTE", 5, settings.raw_requests_max),
    ]


def order_limits(settings: "ServeSettings") -> list[dict[str, object]]:
    """Return the limits of orders as the API tells them."""
    return [
        _limit("ORDERS", "SECOND", 10, settings.orders_10s_max),
        _limit("ORDERS", "DAY", 1, settings.orders_1d_max),
    ]


def _limit(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }


async def execution_rules(venue: Venue, call: Call) -> dict[str, object]:
    """Tell the rules that trades have to keep beside those of orders: no symbol has any."""
    wanted = wanted_status(call)
    instruments = await _wanted(venue, call)
    if wanted is not None:
        statuses = await statuses_of(venue)
        instruments = [each for each in instruments if statuses[each.symbol] == wanted]
    return {"symbolRules": [{"symbol": each.symbol, "rules": []} for each in instruments]}


def _rules_weight(call: Call) -> int:
    if "symbol" in call.parameters:
        return _RULES_WEIGHT
    listed = read.names(call.parameters, "symbols", SYMBOLS_MAX)
    if listed is None:
        return _RULES_WEIGHT_MAX
    return min(_RULES_WEIGHT_MAX, _RULES_WEIGHT * len(listed))


async def _wanted(venue: Venue, call: Call) -> list[Instrument]:
    said = call.parameters
    symbols = read.names(said, "symbols", SYMBOLS_MAX)
    names_some = "symbol" in said or symbols is not None
    said_of_all = "permissions" in said or "symbolStatus" in said
    if names_some and (said_of_all or ("symbol" in said and symbols is not None)):
        raise ApiError(-1128, "Combination of optional parameters invalid.")
    if "symbol" in said:
        return [read.instrument(venue, said)]
    if symbols is not None:
        return read.instruments(venue, symbols)
    permissions = said.get("permissions")
    if permissions is not None and "SPOT" not in permissions:
        raise ApiError(*INVALID_SYMBOL)
    return list(await venue.exchange.instruments())


def _symbol(venue: Venue, instrument: Instrument, status: str) -> dict[str, object]:
    figures = venue.figures(instrument)
    return {
        "symbol": instrument.symbol,
        "status": status,
        "baseAsset": instrument.base,
        "baseAssetPrecision": max(PLACES, instrument.base_decimals),
        "quoteAsset": instrument.quote,
        "quotePrecision": max(PLACES, instrument.quote_decimals),
        "quoteAssetPrecision": max(PLACES, instrument.quote_decimals),
        "baseCommissionPrecision": max(PLACES, instrument.base_decimals),
        "quoteCommissionPrecision": max(PLACES, instrument.quote_decimals),
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": list(filters(instrument, figures)),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": SELF_TRADE_USUAL,
        "allowedSelfTradePreventionModes": list(SELF_TRADES),
    }


def filters(instrument: Instrument, figures: Figures) -> Iterable[dict[str, object]]:
    """Yield the filters of an instrument; clients expect the price's first."""
    bounds = instrument.filters
    yield {
        "filterType": "PRICE_FILTER",
        "minPrice": figures.price(Decimal(bounds.price_min or 0)),
        "maxPrice": figures.price(Decimal(bounds.price_max or 0)),
        "tickSize": figures.price(instrument.tick),
    }
    lots = {
        "minQty": figures.quantity(Decimal(bounds.quantity_min or 0)),
        "maxQty": figures.quantity(Decimal(bounds.quantity_max or 0)),
        "stepSize": figures.quantity(instrument.lot),
    }
    yield {"filterType": "LOT_SIZE", **lots}
    yield {"filterType": "MARKET_LOT_SIZE", **lots}
    yield {"filterType": "ICEBERG_PARTS", "limit": bounds.iceberg_parts_max}
    yield {
        "filterType": "TRAILING_DELTA",
        "minTrailingAboveDelta": 1,
        "maxTrailingAboveDelta": TRAILING_BIPS_MAX,
        "minTrailingBelowDelta": 1,
        "maxTrailingBelowDelta": TRAILING_BIPS_MAX,
    }
    yield {
        "filterType": "PERCENT_PRICE",
        "multiplierUp": _multiplier(bounds.band_ppm, 1),
        "multiplierDown": _multiplier(bounds.band_ppm, -1),
        "avgPriceMins": 0,
    }
    yield {
        "filterType": "NOTIONAL",
        "minNotional": figures.amount(Decimal(bounds.notional_min or 0)),
        "applyMinToMarket": True,
        "maxNotional": figures.amount(Decimal(bounds.notional_max or _NOTIONAL_OPEN)),
        "applyMaxToMarket": True,
        "avgPriceMins": 0,
    }
    if bounds.account_orders_max:
        yield {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": bounds.account_orders_max}
    if bounds.account_stops_max:
        yield {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": bounds.account_stops_max}


_NOTIONAL_OPEN: Final = 10**13
"""The notional that is told of an instrument without a bound; some clients hold no greater one."""


def _multiplier(band_ppm: int, sign: int) -> str:
    if not band_ppm:
        return _BAND_OPEN if sign > 0 else "0"
    return f"{1 + sign * band_ppm / _PPM:f}"


ROUTES: Final = {
    ("GET", "/api/v3/ping"): Route(ping, frozenset(), 1),
    ("GET", "/api/v3/time"): Route(time, frozenset(), 1),
    ("GET", "/api/v3/exchangeInfo"): Route(
        exchange_info,
        frozenset(("symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus")),
        20,
    ),
    ("GET", "/api/v3/executionRules"): Route(
        execution_rules, frozenset(("symbol", "symbols", "symbolStatus")), _rules_weight
    ),
}
