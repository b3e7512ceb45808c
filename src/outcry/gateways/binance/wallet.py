"""What clients ask of the wallet beside the spot API, as far as an exchange by itself has it."""

from decimal import Decimal
from typing import Final

from outcry.exchange import Asset, Balance
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.account import account_of
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import not_permitted
from outcry.gateways.binance.route import SIGNED, Route
from outcry.gateways.binance.security import authenticate
from outcry.gateways.binance.trading import rate_text
from outcry.gateways.figures import format_of
from outcry.gateways.keys import Scope
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.protocol import AccountState

_ZERO: Final = format(0, format_of(0))


async def coins(venue: Venue, call: Call) -> object:
    """Tell every asset and what the account has of it; without a key nothing."""
    if not _is_signed(venue, call):
        return b"[]"
    balances = await venue.exchange.balances(call.account)
    return [_coin(asset, balances.get(asset.name)) for asset in venue.assets()]


def _coin(asset: Asset, balance: Balance | None) -> dict[str, object]:
    """Return an asset as a coin of one network, its own, on which nothing comes or goes."""
    return {
        "coin": asset.name,
        "name": asset.name,
        "depositAllEnable": False,
        "withdrawAllEnable": False,
        **_amounts(asset, balance),
        "storage": _ZERO,
        "isLegalMoney": False,
        "trading": True,
        "networkList": [
            {
                "network": asset.name,
                "coin": asset.name,
                "name": asset.name,
                "isDefault": True,
                "depositEnable": False,
                "withdrawEnable": False,
                "withdrawFee": _ZERO,
                "withdrawMin": _ZERO,
                "withdrawMax": _ZERO,
                "withdrawIntegerMultiple": f"{Decimal(1).scaleb(-asset.decimals):f}",
            }
        ],
    }


def _amounts(asset: Asset, balance: Balance | None) -> dict[str, str]:
    spec = format_of(asset.decimals)
    zero = format(Decimal(0), spec)
    others = dict.fromkeys(("freeze", "withdrawing", "ipoing", "ipoable"), zero)
    if balance is None:
        return {"free": zero, "locked": zero, **others}
    free, held = format(balance.available, spec), format(balance.held, spec)
    return {"free": free, "locked": held, **others}


async def trade_fees(venue: Venue, call: Call) -> object:
    """Tell what the account pays on each symbol, or on one; without a key nothing."""
    if not _is_signed(venue, call):
        return b"[]"
    found = await account_of(venue, call)
    if "symbol" in call.parameters:
        instruments = [read.instrument(venue, call.parameters)]
    else:
        instruments = list(await venue.exchange.instruments())
    rates = {
        "makerCommission": rate_text(found.maker_rate_ppm),
        "takerCommission": rate_text(found.taker_rate_ppm),
    }
    return [{"symbol": each.symbol, **rates} for each in instruments]


async def user_assets(venue: Venue, call: Call) -> list[dict[str, str]]:
    """Tell the assets of which the account has some, or one of them."""
    wanted = call.parameters.get("asset")
    balances = await venue.exchange.balances(call.account)
    told = []
    for asset in venue.assets():
        balance = balances.get(asset.name)
        is_some = balance is not None and bool(balance.available or balance.held)
        if is_some and wanted in (None, asset.name):
            amounts = _amounts(asset, balance)
            del amounts["ipoing"]
            told.append({"asset": asset.name, **amounts, "btcValuation": "0"})
    return told


async def asset_details(venue: Venue, call: Call) -> dict[str, object]:
    """Tell that no asset is taken in or paid out over a network."""
    wanted = call.parameters.get("asset")
    closed = {
        "minWithdrawAmount": _ZERO,
        "depositStatus": False,
        "withdrawFee": _ZERO,
        "withdrawStatus": False,
    }
    return {each.name: closed for each in venue.assets() if wanted in (None, each.name)}


async def key_restrictions(venue: Venue, call: Call) -> dict[str, object]:
    """Tell what the key may do."""
    key = venue.keys.find(call.api_key or "")
    if key is None:
        raise not_permitted()
    may_trade = key.has(Scope.TRADE)
    others = (
        *("enableInternalTransfer", "enableMargin", "enableFutures", "permitsUniversalTransfer"),
        *("enableVanillaOptions", "enablePortfolioMarginTrading"),
        *("enableFixApiTrade", "enableFixReadOnly"),
    )
    return {
        "ipRestrict": bool(key.networks.texts),
        "createTime": key.created_ns // NS_PER_MS,
        "enableReading": True,
        "enableSpotAndMarginTrading": may_trade,
        "enableWithdrawals": key.has(Scope.WITHDRAW),
        **dict.fromkeys(others, False),
    }


async def account_status(venue: Venue, call: Call) -> dict[str, str]:
    """Tell whether the account may trade."""
    found = await account_of(venue, call)
    return {"data": "Normal" if found.state is AccountState.ACTIVE else "Locked"}


async def trading_status(venue: Venue, call: Call) -> dict[str, object]:
    """Tell whether the account may trade, and that nothing is planned to change that."""
    found = await account_of(venue, call)
    return {
        "data": {
            "isLocked": found.state is not AccountState.ACTIVE,
            "plannedRecoverTime": 0,
            "triggerCondition": {"GCR": 0, "IFER": 0, "UFR": 0},
            "updateTime": venue.exchange.time_ns // NS_PER_MS,
        }
    }


def _is_signed(venue: Venue, call: Call) -> bool:
    """Return whether a call is signed, as it must be if it has a key."""
    if call.api_key is None:
        return False
    authenticate(venue.keys, call, Scope.READ)
    return True


_NOTHING: Final = frozenset[str]()
_ASSET: Final = frozenset(("asset",))

ROUTES: Final = {
    ("GET", "/sapi/v1/capital/config/getall"): Route(coins, SIGNED),
    ("GET", "/sapi/v1/asset/tradeFee"): Route(trade_fees, SIGNED | {"symbol"}),
    ("GET", "/sapi/v1/asset/assetDetail"): Route(asset_details, _ASSET, 1, Scope.READ),
    ("POST", "/sapi/v3/asset/getUserAsset"): Route(
        user_assets, _ASSET | {"needBtcValuation"}, 1, Scope.READ
    ),
    ("GET", "/sapi/v1/account/apiRestrictions"): Route(key_restrictions, _NOTHING, 1, Scope.READ),
    ("GET", "/sapi/v1/account/status"): Route(account_status, _NOTHING, 1, Scope.READ),
    ("GET", "/sapi/v1/account/apiTradingStatus"): Route(trading_status, _NOTHING, 1, Scope.READ),
}
