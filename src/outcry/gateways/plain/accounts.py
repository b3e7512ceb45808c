"""Plain routes of the account that a key belongs to."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from outcry.errors import InvalidValue, Overloaded, RequestRepeated, UnknownAsset
from outcry.exchange import Account, Balance, Withdrawal
from outcry.gateways.keys import Scope
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.fields import AssetName, Number
from outcry.gateways.plain.idempotency import REPLAYED, Bodies, other_body
from outcry.gateways.plain.problem import NOT_FOUND, ProblemError
from outcry.gateways.plain.route import CREATED, OK, PlainRoute
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue


class BalanceView(Struct):
    """What an account has of an asset.

    Attributes:
        asset: The asset.
        available: Free to trade, to withdraw.
        held: Held by open orders and pending withdrawals.
    """

    asset: str
    available: str
    held: str


class AccountView(Struct, kw_only=True):
    """An account.

    Attributes:
        account: Its number.
        state: What it may do.
        maker_rate_ppm: What it pays as a maker, in parts per million of what it receives.
        taker_rate_ppm: What it pays as a taker.
        group: The group that self-trade prevention goes by.
        balances: What it has, without what is nothing.
    """

    account: int
    state: str
    maker_rate_ppm: int
    taker_rate_ppm: int
    group: int
    balances: list[BalanceView]


class OwnAccount(AccountView, kw_only=True):
    """The account of a key, and the key.

    Attributes:
        scopes: What the key may do.
        label: The key's label.
        orders_10s: Orders that did not trade, sent in these ten seconds.
        orders_1d: The same of this day of UTC.
    """

    scopes: list[str]
    label: str
    orders_10s: int
    orders_1d: int


class WithdrawalView(Struct, kw_only=True):
    """Money on its way out, which is held until it is settled.

    Attributes:
        withdrawal_id: Its id.
        account: Whose it is.
        asset: The asset.
        amount: How much.
    """

    withdrawal_id: int
    account: int
    asset: str
    amount: str


class NewWithdrawal(Struct, forbid_unknown_fields=True, frozen=True):
    """Money to withdraw.

    Attributes:
        asset: The asset.
        amount: How much of it.
    """

    asset: AssetName
    amount: Number


class Withdrawals(Struct):
    """Withdrawals that are not settled, by rising id.

    Attributes:
        withdrawals: The withdrawals.
    """

    withdrawals: list[WithdrawalView]


async def account_view(venue: Venue, number: int) -> AccountView:
    """Return how an account is told.

    Raises:
        ProblemError: There is no such account.
    """
    found = await venue.exchange.account(number)
    if found is None:
        detail = f"account: there is no account {number}"
        raise ProblemError(NOT_FOUND, "unknown_account", detail, field="account")
    return view_of_account(found, await venue.exchange.balances(number))


def view_of_account(found: Account, balances: Mapping[str, Balance]) -> AccountView:
    """Return how an account and what it has are told."""
    return AccountView(
        account=found.number,
        state=str(found.state),
        maker_rate_ppm=found.maker_rate_ppm,
        taker_rate_ppm=found.taker_rate_ppm,
        group=found.group,
        balances=[
            BalanceView(asset, f"{balance.available:f}", f"{balance.held:f}")
            for asset, balance in sorted(balances.items())
        ],
    )


def withdrawal_view(withdrawal: Withdrawal) -> WithdrawalView:
    """Return how a withdrawal is told."""
    return WithdrawalView(
        withdrawal_id=withdrawal.sequence,
        account=withdrawal.account,
        asset=withdrawal.asset,
        amount=f"{withdrawal.amount:f}",
    )


async def me(call: PlainCall) -> OwnAccount:
    """Tell what the account of the key may do, pays and has."""
    view = await account_view(call.venue, call.account)
    used = call.venue.order_counts.used(call.account, call.received_ns // NS_PER_MS)
    return OwnAccount(
        **{name: getattr(view, name) for name in AccountView.__struct_fields__},
        scopes=list(call.key.scopes.names),
        label=call.key.label,
        orders_10s=used[0],
        orders_1d=used[1],
    )


class WithdrawalRoutes:
    """The routes of withdrawals that an account asks for itself."""

    def __init__(self) -> None:
        self._bodies: Final = Bodies()

    async def withdraw(self, call: PlainCall) -> WithdrawalView:
        """Ask for a withdrawal: the money is held until an administrator settles it.

        With an `Idempotency-Key` it is held once only: a repeat is answered with the withdrawal
        while it is not settled, then with 409.
        """
        body = call.read(NewWithdrawal)
        has_key = self._bodies.take(call, "withdrawal")
        exchange = call.venue.exchange
        try:
            made = await exchange.withdraw(
                call.account, body.asset, body.amount, request_id=call.request_id
            )
        except RequestRepeated as error:
            if not has_key:
                raise
            pending = await exchange.withdrawals()
            found = [each for each in pending if each.sequence == error.first_sequence]
            if not found:
                raise
            (made,) = found
            asset = next(each for each in call.venue.assets() if each.name == made.asset)
            if (body.asset, asset.units(body.amount)) != (made.asset, asset.units(made.amount)):
                raise other_body() from None
            call.answer_headers[REPLAYED] = "true"
            call.status = OK
        except (InvalidValue, UnknownAsset, Overloaded):
            self._bodies.forget(call)
            raise
        return withdrawal_view(made)


async def withdrawals(call: PlainCall) -> Withdrawals:
    """Tell the account's withdrawals that are not settled."""
    found = await call.venue.exchange.withdrawals()
    return Withdrawals([withdrawal_view(each) for each in found if each.account == call.account])


def routes() -> tuple[PlainRoute, ...]:
    """Return the routes of the account that a key belongs to."""
    withdrawing = WithdrawalRoutes()
    return (
        PlainRoute("GET", "/accounts/me", me, OwnAccount, "account", scope=Scope.READ, weight=20),
        PlainRoute(
            *("POST", "/accounts/me/withdrawals", withdrawing.withdraw, WithdrawalView, "account"),
            body=NewWithdrawal,
            scope=Scope.WITHDRAW,
            status=CREATED,
            idempotent=True,
            others=((OK, "The withdrawal of an earlier request with the same key."),),
        ),
        PlainRoute(
            *("GET", "/accounts/me/withdrawals", withdrawals, Withdrawals, "account"),
            scope=Scope.READ,
            weight=20,
        ),
    )
