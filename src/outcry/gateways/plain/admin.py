"""Plain routes of administrators: assets, instruments, accounts, money."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from outcry._native import to_increment
from outcry.errors import AccountRejected, UnknownSymbol
from outcry.exchange import FEE_ACCOUNT, Filters, Instrument
from outcry.gateways.keys import Scope
from outcry.gateways.plain.accounts import (
    AccountView,
    BalanceView,
    NewWithdrawal,
    Withdrawals,
    WithdrawalView,
    account_view,
    view_of_account,
    withdrawal_view,
)
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.fields import (
    AccountNumber,
    AccountStateWord,
    AssetName,
    Count,
    Number,
    Ppm,
    Rows,
    Source,
    SourceNumber,
    StateWord,
    Symbol,
)
from outcry.gateways.plain.market_data import InstrumentView, view_of_instrument
from outcry.gateways.plain.orders import CancelledOrders
from outcry.gateways.plain.problem import CONFLICT, ProblemError, invalid
from outcry.gateways.plain.route import CREATED, OK, NoParameters, PlainRoute
from outcry.gateways.venue import Venue
from outcry.protocol import AccountState, RejectReason, TradingState

_ACCOUNT_MAX: Final = 4_294_967_295
_TAG: Final = "administration"
_USUAL_ROWS: Final = 100

Decimals = Annotated[int, Meta(ge=0, le=24)]


class AssetView(Struct, forbid_unknown_fields=True, frozen=True):
    """An asset.

    Attributes:
        name: Its name: printable ASCII without blanks.
        decimals: Decimals of its smallest unit.
    """

    name: AssetName
    decimals: Decimals


class NewFilters(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The bounds of an instrument's orders; what is left out is as wide as can be.

    Attributes:
        price_min: Lowest price.
        price_max: Highest price.
        quantity_min: Smallest quantity.
        quantity_max: Greatest quantity.
        notional_min: Least price times quantity, in the quote asset.
        notional_max: Greatest price times quantity.
        band_ppm: Prices stay within so many parts per million of the reference price.
        market_band_ppm: Market orders trade within so many parts per million of it.
        iceberg_parts_max: Most parts of an iceberg.
        account_orders_max: Most open orders of one account.
        orders_max: Most open orders.
        account_stops_max: Most waiting stops of one account.
        stops_max: Most waiting stops.
    """

    price_min: Number | None = None
    price_max: Number | None = None
    quantity_min: Number | None = None
    quantity_max: Number | None = None
    notional_min: Number | None = None
    notional_max: Number | None = None
    band_ppm: Count = 0
    market_band_ppm: Count = 0
    iceberg_parts_max: Count = 100
    account_orders_max: Count = 0
    orders_max: Count = 0
    account_stops_max: Count = 0
    stops_max: Count = 0

    def filters(self) -> Filters:
        """Return the same as the exchange takes it."""
        return Filters(**{name: getattr(self, name) for name in self.__struct_fields__})


class InstrumentTerms(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What of an instrument can be changed.

    Attributes:
        tick: The step of prices.
        lot: The step of quantities.
        base_decimals: Decimals of the base asset's smallest unit; by default as they are.
        quote_decimals: Decimals of the quote asset's smallest unit; by default as they are.
        filters: The bounds of its orders.
    """

    tick: Number
    lot: Number
    base_decimals: Decimals | None = None
    quote_decimals: Decimals | None = None
    filters: NewFilters = NewFilters()


class NewInstrument(InstrumentTerms, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An instrument to add.

    Attributes:
        symbol: Its name: printable ASCII without blanks.
        base: The asset that is bought and sold.
        quote: The asset that it is paid in.
    """

    symbol: Symbol
    base: AssetName
    quote: AssetName


class NewState(Struct, forbid_unknown_fields=True, frozen=True):
    """What an instrument is to let its orders do.

    Attributes:
        state: Trade, be cancelled only, or nothing.
    """

    state: StateWord


class NewReference(Struct, forbid_unknown_fields=True, frozen=True):
    """The price that bands and market orders go by.

    Attributes:
        price: The price; null leaves it to the last trade.
    """

    price: Number | None


class AccountTerms(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What an account may do and pays.

    Attributes:
        state: What it may do.
        maker_rate_ppm: What it pays as a maker, in parts per million of what it receives; below 0
            for what it is given back out of the taker's fee.
        taker_rate_ppm: What it pays as a taker.
        group: The group that self-trade prevention goes by; null for the account alone.
    """

    state: AccountStateWord = "active"
    maker_rate_ppm: Ppm = 0
    taker_rate_ppm: Ppm = 0
    group: AccountNumber | None = None


class AccountsQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """Which accounts to tell.

    Attributes:
        from_account: Those from this number on.
        limit: Most rows.
    """

    from_account: AccountNumber = 1
    limit: Rows = _USUAL_ROWS


class Accounts(Struct):
    """Accounts by number.

    Attributes:
        accounts: The accounts.
        next_from_account: The `from_account` of the next page, null where this one is the last.
    """

    accounts: list[AccountView]
    next_from_account: int | None


class Deposit(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Money that came from outside.

    Attributes:
        account: Who is paid.
        asset: The asset.
        amount: How much of it.
        source: Who says so.
        source_number: The source's rising number: what has come once does not come again.
    """

    account: AccountNumber
    asset: AssetName
    amount: Number
    source: Source
    source_number: SourceNumber


class Transfer(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Money to move between accounts.

    Attributes:
        payer: Who pays.
        payee: Who is paid.
        asset: The asset.
        amount: How much of it.
        source: Who says so.
        source_number: The source's rising number.
    """

    payer: AccountNumber
    payee: AccountNumber
    asset: AssetName
    amount: Number
    source: Source
    source_number: SourceNumber


class Settlement(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a withdrawal ended.

    Attributes:
        posted: Whether the money left; else it is available again.
        source: Who says so.
        source_number: The source's rising number.
    """

    posted: bool
    source: Source
    source_number: SourceNumber


class Done(Struct):
    """What was asked for is done.

    Attributes:
        done: True.
    """

    done: bool = True


async def add_asset(call: PlainCall) -> AssetView:
    """Add an asset; 409 where there is one of that name."""
    body = call.read(AssetView)
    async with call.venue.defining:
        asset = await call.venue.exchange.add_asset(body.name, body.decimals)
    return AssetView(asset.name, asset.decimals)


async def add_instrument(call: PlainCall) -> InstrumentView:
    """Add an instrument, in continuous trading; 409 where there is one of that symbol."""
    body = call.read(NewInstrument)
    async with call.venue.defining:
        _require_new(call.venue, body.symbol)
        made = await call.venue.exchange.add_instrument(
            body.symbol,
            base=body.base,
            quote=body.quote,
            tick=body.tick,
            lot=body.lot,
            base_decimals=body.base_decimals,
            quote_decimals=body.quote_decimals,
            filters=body.filters.filters(),
        )
    return await _told(call, made)


def _require_new(venue: Venue, symbol: str) -> None:
    try:
        venue.instrument(symbol)
    except UnknownSymbol:
        return
    detail = f"symbol: {symbol} is an instrument already"
    raise ProblemError(CONFLICT, "instrument_exists", detail, field="symbol")


async def update_instrument(call: PlainCall) -> InstrumentView:
    """State an instrument anew, all but its symbol and assets; a new tick or lot while halted."""
    body = call.read(InstrumentTerms)
    await _require_steps_free(call, body)
    made = await call.venue.exchange.update_instrument(
        call.path["symbol"],
        tick=body.tick,
        lot=body.lot,
        base_decimals=body.base_decimals,
        quote_decimals=body.quote_decimals,
        filters=body.filters.filters(),
    )
    return await _told(call, made)


async def _require_steps_free(call: PlainCall, body: InstrumentTerms) -> None:
    """Refuse a new tick or lot while orders may be on their way that were read by the old one."""
    exchange = call.venue.exchange
    instrument = call.venue.instrument(call.path["symbol"])
    for field, stands, wanted in (
        ("tick", instrument.tick, body.tick),
        ("lot", instrument.lot, body.lot),
    ):
        if to_increment(field, wanted) == to_increment(field, stands):
            continue
        if await exchange.state(instrument) is not TradingState.HALTED:
            detail = f"{field}: is changed while the instrument is halted only"
            raise ProblemError(CONFLICT, "instrument_not_halted", detail, field=field)


async def set_state(call: PlainCall) -> InstrumentView:
    """Set what an instrument lets its orders do."""
    body = call.read(NewState)
    await call.venue.exchange.set_state(call.path["symbol"], body.state)
    return await _told(call, call.venue.instrument(call.path["symbol"]))


async def set_reference(call: PlainCall) -> Done:
    """Set the price that bands and market orders go by."""
    body = call.read(NewReference)
    await call.venue.exchange.set_reference(call.path["symbol"], body.price)
    return Done()


async def end_session(call: PlainCall) -> CancelledOrders:
    """Let the DAY orders of an instrument expire; tell their ids."""
    return CancelledOrders(list(await call.venue.exchange.end_session(call.path["symbol"])))


async def _told(call: PlainCall, instrument: Instrument) -> InstrumentView:
    for each in await call.venue.exchange.instruments():
        if each.number == instrument.number:
            return view_of_instrument(call.venue, each)
    return view_of_instrument(call.venue, instrument)


def _account(call: PlainCall) -> int:
    number = call.number("account", _ACCOUNT_MAX)
    if not number:
        raise invalid("account", "must be above 0", f"1 to {_ACCOUNT_MAX}")
    return number


async def accounts(call: PlainCall) -> Accounts:
    """Tell accounts and what they have, the account of the fees as well; each as it stands then."""
    asked = call.parameters(AccountsQuery)
    exchange = call.venue.exchange
    limit = min(asked.limit, call.venue.settings.page_rows_max)
    found = list(await exchange.accounts(from_account=asked.from_account, most=limit + 1))
    if len(found) <= limit and (fees := await exchange.account(FEE_ACCOUNT)) is not None:
        found.append(fees)
    page, rest = found[:limit], found[limit:]
    views = [view_of_account(each, await exchange.balances(each.number)) for each in page]
    return Accounts(views, rest[0].number if rest else None)


async def account(call: PlainCall) -> AccountView:
    """Tell an account and what it has."""
    return await account_view(call.venue, _account(call))


async def set_account(call: PlainCall) -> AccountView:
    """Make an account, or state it anew; its open orders keep the rates that they came with."""
    number = _account(call)
    body = call.read(AccountTerms)
    await call.venue.exchange.set_account(
        number,
        state=body.state,
        maker_rate_ppm=body.maker_rate_ppm,
        taker_rate_ppm=body.taker_rate_ppm,
        group=body.group,
    )
    call.venue.forget_rates(number)
    return await account_view(call.venue, number)


async def freeze(call: PlainCall) -> AccountView:
    """Freeze an account: it can place, withdraw and transfer nothing; its rates stay."""
    number = _account(call)
    stands = await account_view(call.venue, number)
    await call.venue.exchange.set_account(
        number,
        state=AccountState.FROZEN,
        maker_rate_ppm=stands.maker_rate_ppm,
        taker_rate_ppm=stands.taker_rate_ppm,
        group=stands.group,
    )
    call.venue.forget_rates(number)
    return await account_view(call.venue, number)


async def cancel_orders(call: PlainCall) -> CancelledOrders:
    """Cancel all open orders of an account; tell their ids."""
    number = _account(call)
    return CancelledOrders(list(await call.venue.exchange.mass_cancel(account=number)))


async def deposit(call: PlainCall) -> BalanceView:
    """Pay money in from outside; tell what the account has of the asset then."""
    body = call.read(Deposit)
    balance = await call.venue.exchange.deposit(
        body.account, body.asset, body.amount, source=(body.source, body.source_number)
    )
    return BalanceView(body.asset, f"{balance.available:f}", f"{balance.held:f}")


async def transfer(call: PlainCall) -> BalanceView:
    """Move money between accounts; tell what the payer has of the asset then."""
    body = call.read(Transfer)
    if body.payee == body.payer:
        raise invalid("payee", "must not be the payer", "must not be the payer")
    exchange = call.venue.exchange
    try:
        balance = await exchange.transfer(
            *(body.payer, body.payee, body.asset, body.amount),
            source=(body.source, body.source_number),
        )
    except AccountRejected as error:
        is_unknown = error.reason is RejectReason.UNKNOWN_ACCOUNT
        if is_unknown and await exchange.account(body.payer) is not None:
            raise error.told("payee", None) from None
        raise
    return BalanceView(body.asset, f"{balance.available:f}", f"{balance.held:f}")


async def withdraw(call: PlainCall) -> WithdrawalView:
    """Hold money of an account that is to leave, until it is settled."""
    number = _account(call)
    body = call.read(NewWithdrawal)
    made = await call.venue.exchange.withdraw(
        number, body.asset, body.amount, request_id=call.request_id
    )
    return withdrawal_view(made)


async def withdrawals(call: PlainCall) -> Withdrawals:
    """Tell all withdrawals that are not settled."""
    found = await call.venue.exchange.withdrawals()
    return Withdrawals([withdrawal_view(each) for each in found])


async def settle(call: PlainCall) -> Done:
    """End a withdrawal: its money left, or stays and is available again."""
    number = call.number("withdrawal_id")
    body = call.read(Settlement)
    await call.venue.exchange.settle_withdrawal(
        number, posted=body.posted, source=(body.source, body.source_number)
    )
    return Done()


def _route(
    method: str,
    path: str,
    handler: object,
    reply: type[Struct],
    body: type[Struct] | None = None,
    *,
    query: type[Struct] = NoParameters,
    is_new: bool = False,
) -> PlainRoute:
    return PlainRoute(
        *(method, f"/admin{path}", handler, reply, _TAG),  # type: ignore[arg-type]
        query=query,
        body=body,
        scope=Scope.ADMIN,
        admin=True,
        status=CREATED if is_new else OK,
    )


ROUTES: Final = (
    _route("POST", "/assets", add_asset, AssetView, AssetView, is_new=True),
    _route("POST", "/instruments", add_instrument, InstrumentView, NewInstrument, is_new=True),
    _route("PUT", "/instruments/{symbol}/state", set_state, InstrumentView, NewState),
    _route("PUT", "/instruments/{symbol}/reference", set_reference, Done, NewReference),
    _route("POST", "/instruments/{symbol}/end-session", end_session, CancelledOrders),
    _route("PUT", "/instruments/{symbol}", update_instrument, InstrumentView, InstrumentTerms),
    _route("GET", "/accounts", accounts, Accounts, query=AccountsQuery),
    _route("GET", "/accounts/{account}", account, AccountView),
    _route("PUT", "/accounts/{account}", set_account, AccountView, AccountTerms),
    _route("POST", "/accounts/{account}/freeze", freeze, AccountView),
    _route("DELETE", "/accounts/{account}/orders", cancel_orders, CancelledOrders),
    _route(
        *("POST", "/accounts/{account}/withdrawals", withdraw, WithdrawalView, NewWithdrawal),
        is_new=True,
    ),
    _route("POST", "/deposits", deposit, BalanceView, Deposit, is_new=True),
    _route("POST", "/transfers", transfer, BalanceView, Transfer, is_new=True),
    _route("GET", "/withdrawals", withdrawals, Withdrawals),
    _route("POST", "/withdrawals/{withdrawal_id}/settle", settle, Done, Settlement),
)
