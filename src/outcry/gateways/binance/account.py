"""What an account has, pays, and may still send."""

from typing import Annotated, Any, Final

from msgspec import Meta, Raw, Struct

from outcry._native import balances_text
from outcry.exchange import Account
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import not_permitted
from outcry.gateways.binance.exchange_info import filters, order_limits
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.trading import no_discount, rate_text
from outcry.gateways.binance.words import PPM_PER_BIP
from outcry.gateways.keys import Scope
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.protocol import AccountState

_TEXT: Final = {"type": "string"}
_BALANCES: Final[dict[str, Any]] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"asset": _TEXT, "free": _TEXT, "locked": _TEXT},
        "required": ["asset", "free", "locked"],
    },
}


class Rates(Struct):
    """The commission of an account, as fractions."""

    maker: str
    taker: str
    buyer: str
    seller: str


class AccountReport(Struct, rename="camel", kw_only=True):
    """An account as its owner sees it."""

    maker_commission: int
    taker_commission: int
    buyer_commission: int
    seller_commission: int
    commission_rates: Rates
    can_trade: bool
    can_withdraw: bool
    can_deposit: bool
    brokered: bool
    require_self_trade_prevention: bool
    prevent_sor: bool
    update_time: int
    account_type: str
    balances: Annotated[Raw, Meta(extra_json_schema=_BALANCES)]
    permissions: list[str]
    uid: int


async def account(venue: Venue, call: Call) -> AccountReport:
    """Tell what an account may do, pays and has."""
    leaves_out = read.truth(call.parameters, "omitZeroBalances")
    found = await account_of(venue, call)
    parts = venue.exchange.parts
    balances = await venue.exchange.ask(parts.questions.balances(call.account).as_told())
    return AccountReport(
        maker_commission=found.maker_rate_ppm // PPM_PER_BIP,
        taker_commission=found.taker_rate_ppm // PPM_PER_BIP,
        buyer_commission=0,
        seller_commission=0,
        commission_rates=_rates(found),
        can_trade=found.state is AccountState.ACTIVE,
        can_withdraw=found.state is not AccountState.FROZEN,
        can_deposit=True,
        brokered=False,
        require_self_trade_prevention=False,
        prevent_sor=False,
        update_time=venue.exchange.time_ns // call.unit_ns,
        account_type="SPOT",
        balances=Raw(balances_text(balances, parts.catalogue.assets(), leaves_out)),
        permissions=["SPOT"],
        uid=call.account,
    )


async def commission(venue: Venue, call: Call) -> dict[str, object]:
    """Tell what an account pays on a symbol."""
    instrument = read.instrument(venue, call.parameters)
    found = await account_of(venue, call)
    nothing = Rates(*(rate_text(0),) * 4)
    return {
        "symbol": instrument.symbol,
        "standardCommission": _rates(found),
        "specialCommission": nothing,
        "taxCommission": nothing,
        "discount": no_discount(instrument),
    }


async def own_filters(venue: Venue, call: Call) -> dict[str, object]:
    """Tell the filters that an account's orders of a symbol have to pass."""
    instrument = read.instrument(venue, call.parameters)
    return {
        "exchangeFilters": [],
        "symbolFilters": list(filters(instrument, venue.figures(instrument))),
        "assetFilters": [],
    }


async def order_counts(venue: Venue, call: Call) -> list[dict[str, object]]:
    """Tell how many orders the account sent in the current intervals."""
    counts = venue.order_counts.used(call.account, call.received_ns // NS_PER_MS)
    return [
        limit | {"count": count}
        for limit, count in zip(order_limits(venue.settings), counts, strict=True)
    ]


def _rates(found: Account) -> Rates:
    return Rates(
        maker=rate_text(found.maker_rate_ppm),
        taker=rate_text(found.taker_rate_ppm),
        buyer=rate_text(0),
        seller=rate_text(0),
    )


async def account_of(venue: Venue, call: Call) -> Account:
    """Return whose call it is.

    Raises:
        ApiError: The exchange has no such account.
    """
    found = await venue.exchange.account(call.account)
    if found is None:
        raise not_permitted()
    return found


ROUTES: Final = {
    ("GET", "/api/v3/account"): Route(account, frozenset(("omitZeroBalances",)), 20, Scope.READ),
    ("GET", "/api/v3/account/commission"): Route(
        commission, frozenset(("symbol",)), 20, Scope.READ
    ),
    ("GET", "/api/v3/myFilters"): Route(own_filters, frozenset(("symbol",)), 40, Scope.READ),
    ("GET", "/api/v3/rateLimit/order"): Route(order_counts, frozenset(), 40, Scope.READ),
}
