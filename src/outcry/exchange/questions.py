"""What can be read of an open exchange: live state, through the ring, as durable as any reply."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from outcry.errors import UnknownOrder, rejection
from outcry.exchange.catalogue import Catalogue
from outcry.exchange.funds import Account, Asset, Balance, Withdrawal
from outcry.exchange.instrument import Instrument
from outcry.exchange.lists import Leg, OrderList
from outcry.exchange.order_records import new_amount_order, new_order
from outcry.exchange.orders import Order, QueuePosition
from outcry.exchange.refusals import of_order
from outcry.exchange.registry import Registry
from outcry.exchange.values import U32_MAX, Number
from outcry.exchange.views import (
    read_accounts,
    read_balances,
    read_lists,
    read_orders,
    read_withdrawals,
)
from outcry.protocol import CommandKind, RejectReason, SelfTrade, Side, TradingState

if TYPE_CHECKING:
    from outcry._native import Records
    from outcry.exchange.catalogue import Listed

T = TypeVar("T")

ORDERS_MOST = 10_000
"""So many open orders are read at once unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A read that is not yet sent.

    Attributes:
        what: What is read, as `_native.Caller.read` names it.
        arguments: Of which.
        decode: Reads what was asked for from what comes back.
    """

    what: str
    arguments: tuple[object, ...]
    decode: Callable[..., T]

    def as_told(self) -> "Question[Records]":
        """Return the same question, whose answer is the core's rows; `decode` reads them later."""
        return Question(self.what, self.arguments, _as_told)


class Questions:
    """Makes questions from what people say.

    Each method raises `InvalidValue` for a value that cannot be taken and `UnknownSymbol` for a
    symbol that no instrument has.
    """

    __slots__ = ("_catalogue", "_registry")

    def __init__(self, registry: Registry, catalogue: Catalogue) -> None:
        self._registry = registry
        self._catalogue = catalogue

    def open_orders(
        self,
        *,
        account: int = 0,
        instrument: Instrument | str | None = None,
        most: int = ORDERS_MOST,
    ) -> Question[tuple[Order, ...]]:
        """Return open orders, by id.

        Args:
            account: Whose; 0 for everyone's, which walks all open orders.
            instrument: Of what; None for all.
            most: How many at most, those with the lowest ids.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        number = 0 if instrument is None else self._registry.find(instrument).number
        return Question("orders", (account, number, most), self._orders)

    def order(self, order_id: int) -> Question[Order]:
        """Return an open order.

        Raises:
            InvalidValue: `order_id` is no int from 0 to 2^64 - 1.
            UnknownOrder: No open order has that id.
        """
        return Question("order", (order_id,), lambda records: self._one(records, order_id))

    def client_order(self, account: int, client_order_id: str) -> Question[Order]:
        """Return an open order by its client's name for it.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownOrder: No open order of the account has that name.
        """
        return Question("client_order", (account, client_order_id), self._one)

    def open_lists(
        self,
        *,
        account: int = 0,
        instrument: Instrument | str | None = None,
        most: int = ORDERS_MOST,
    ) -> Question[tuple[OrderList, ...]]:
        """Return the lists that live, by id.

        Args:
            account: Whose; 0 for everyone's, which walks all lists.
            instrument: Of what; None for all.
            most: How many at most, those with the lowest ids.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        number = 0 if instrument is None else self._registry.find(instrument).number
        return Question("lists", (account, number, most), self._lists)

    def order_list(self, list_id: int) -> Question[OrderList | None]:
        """Return a list while it lives, None for another.

        Raises:
            InvalidValue: `list_id` is no int from 0 to 2^64 - 1.
        """

        def decode(records: "Records") -> OrderList | None:
            found = self._lists(records)
            return found[0] if found else None

        return Question("list", (list_id,), decode)

    def queue_position(
        self, instrument: Instrument | str, order_id: int
    ) -> Question[QueuePosition | None]:
        """Return what stands before an order at its level, None while it does not rest.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        found = self._registry.find(instrument)

        def decode(ahead: tuple[int, int] | None) -> QueuePosition | None:
            return None if ahead is None else QueuePosition(ahead[0], found.quantity(ahead[1]))

        return Question("queue_position", (order_id,), decode)

    def balances(self, account: int) -> Question[dict[str, Balance]]:
        """Return what an account has, by the assets' names; what is nothing is left out.

        Account 0 stands for everything outside, with its sign turned; account 2^32 - 1 has the
        fees.

        Raises:
            InvalidValue: `account` is no int from 0 to 2^32 - 1.
        """
        return Question("balances", (account,), self._balances)

    def withdrawals(self) -> Question[tuple[Withdrawal, ...]]:
        """Return the withdrawals that are neither posted nor void, by sequence."""
        return Question(
            "withdrawals", (), lambda records: read_withdrawals(self._registry, records)
        )

    def accounts(
        self, *, from_account: int = 0, most: int = U32_MAX
    ) -> Question[tuple[Account, ...]]:
        """Return accounts, by number; none without money.

        Args:
            from_account: Those from this number on.
            most: How many at most, those with the lowest numbers.

        Raises:
            InvalidValue: A value cannot be taken.
        """
        return Question("accounts", (from_account, most), read_accounts)

    def account(self, account: int) -> Question[Account | None]:
        """Return an account; None for an unknown one, and without money.

        Raises:
            InvalidValue: `account` is no int from 0 to 2^32 - 1.
        """
        return Question("account", (account,), _first_account)

    def assets(self) -> Question[tuple[Asset, ...]]:
        """Return all assets, by number."""
        return Question("assets", (), self._assets)

    def instruments(self) -> Question[tuple[Instrument, ...]]:
        """Return all instruments, by number."""
        return Question("instruments", (), self._instruments)

    def state(self, instrument: Instrument | str) -> Question[TradingState]:
        """Return what an instrument lets its orders do.

        Raises:
            InvalidValue: It is neither an instrument nor a symbol.
            UnknownSymbol: There is no such instrument.
        """
        symbol = self._registry.find(instrument).symbol

        def decode(listed: "list[Listed]") -> TradingState:
            self._instruments(listed)
            return self._registry.state(symbol)

        return Question("instruments", (), decode)

    def check_order(
        self, instrument: Instrument | str, order: Leg, *, account: int = 1
    ) -> Question[None]:
        """Check an order without placing it: all but whether its account can pay for it.

        Args:
            instrument: What to trade.
            order: The order, as one of a list is said.
            account: Whose it would be.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            OrderRejected: The engine would refuse the order as it stands now.
        """
        found = self._registry.find(instrument)
        record = new_order(CommandKind.NEW_EXTENDED, found, account, order)
        return Question("new_order", (record,), lambda refusal: _checked(refusal, found))

    def check_amount_order(
        self,
        instrument: Instrument | str,
        *,
        side: Side | str,
        amount: Number,
        account: int = 1,
        self_trade: SelfTrade | str = "cancel_taker",
        client_order_id: str | None = None,
    ) -> Question[None]:
        """Check a market order by an amount without placing it, as `check_order`.

        Args:
            instrument: What to trade.
            side: `buy` or `sell`.
            amount: How much of the quote asset to spend or raise.
            account: Whose it would be.
            self_trade: What would happen where it meets one of its own trade group.
            client_order_id: The client's own name.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            OrderRejected: The engine would refuse the order as it stands now.
        """
        found = self._registry.find(instrument)
        record = new_amount_order(
            found, account, side, amount, self_trade=self_trade, client_order_id=client_order_id
        )
        return Question("new_order", (record,), lambda refusal: _checked(refusal, found))

    def state_hash(self) -> Question[bytes]:
        """Return the SHA-256 of the whole state; walks all of it, while every order waits."""
        return Question("state_hash", (), bytes)

    def _orders(self, records: "Records") -> tuple[Order, ...]:
        return read_orders(self._registry, records)

    def _lists(self, records: "Records") -> tuple[OrderList, ...]:
        return read_lists(self._registry, records)

    def _one(self, records: "Records", order_id: int = 0) -> Order:
        found = self._orders(records)
        if not found:
            raise UnknownOrder(RejectReason.UNKNOWN_ORDER, 0, order_id, 0)
        return found[0]

    def _balances(self, records: "Records") -> dict[str, Balance]:
        return read_balances(self._registry, records)

    def _assets(self, records: "Records") -> tuple[Asset, ...]:
        self._catalogue.load_assets(records)
        self._registry.forget()
        return self._registry.assets()

    def _instruments(self, listed: "list[Listed]") -> tuple[Instrument, ...]:
        self._catalogue.load_instruments(listed)
        self._registry.forget()
        return self._registry.all()


def _as_told(records: "Records") -> "Records":
    return records


def _checked(refusal: tuple[int, int] | None, instrument: Instrument) -> None:
    if refusal is not None:
        reason, bound = refusal
        error = rejection(CommandKind.NEW, reason, bound, 0, 0)
        raise of_order(error, instrument, 0, (0, 0, 0))


def _first_account(records: "Records") -> Account | None:
    found = read_accounts(records)
    return found[0] if found else None
