"""What can be asked of an exchange: for each its record, and what the answer to it means.

An engine, an open exchange and its asyncio form ask the same things; they differ in how an answer
comes back.
"""

import re
from decimal import Decimal
from functools import partial

import numpy as np
import numpy.typing as npt

from outcry._native import to_choice
from outcry.errors import InvalidValue
from outcry.exchange import commands
from outcry.exchange.answers import Answer
from outcry.exchange.funds import Asset, Balance, Source, Withdrawal
from outcry.exchange.instrument import Filters, Identity, Instrument, Terms
from outcry.exchange.list_requests import ListRequests
from outcry.exchange.refusals import of_money
from outcry.exchange.registry import Registry
from outcry.exchange.request import Request
from outcry.exchange.values import Number, shown, to_whole
from outcry.protocol import (
    AccountState,
    CancelReason,
    CommandKind,
    EventKind,
    Side,
    TradingState,
)

_ASSET_NAME = re.compile("[!-~]{1,16}")
_DECIMALS_MAX = 24
_DECIMALS_USUAL = 8


class Requests(ListRequests):
    """Makes requests from what people say.

    Each method raises `InvalidValue` for a value that cannot be taken, `UnknownSymbol` and
    `UnknownAsset` for names that nobody has; and when it is sent, a `CommandRejected` where the
    engine refuses.
    """

    __slots__ = ()

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add_asset(self, name: str, decimals: int) -> Request[Asset]:
        """Add an asset.

        Args:
            name: Its name, 1 to 16 printable ASCII characters.
            decimals: Decimals of its smallest unit, at most 24.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it, as an asset that is there already.
        """
        number = max((asset.number for asset in self._registry.assets()), default=0) + 1
        asset = Asset(number, _asset_name(name), to_whole("decimals", decimals, _DECIMALS_MAX))
        record = commands.add_asset(asset).tobytes()
        return Request(record, lambda _: self._registry.keep_asset(asset))

    def add_instrument(
        self,
        symbol: str,
        *,
        base: str,
        quote: str,
        tick: Number,
        lot: Number,
        base_decimals: int | None = None,
        quote_decimals: int | None = None,
        filters: Filters | None = None,
    ) -> Request[Instrument]:
        """Add an instrument; it starts in continuous trading.

        Args:
            symbol: Its name, 1 to 24 printable ASCII characters.
            base: The asset that is bought and sold.
            quote: The asset that it is paid in.
            tick: The step of prices.
            lot: The step of quantities.
            base_decimals: Decimals of the base asset's smallest unit, of which a lot must be a
                whole number; by default the asset's, without money 8.
            quote_decimals: Decimals of the quote asset's smallest unit, of which tick times lot
                must be a whole number; by default the asset's, without money 8.
            filters: The bounds of its orders.

        Raises:
            InvalidValue: A value cannot be taken, as a symbol that is taken.
            UnknownAsset: With money: there is no such asset.
            InstrumentRejected: The engine refused it, as one whose numbers cannot be exact.
        """
        number = self._registry.require_new(symbol)
        base_asset, base_units = self._asset("base", base, base_decimals)
        quote_asset, quote_units = self._asset("quote", quote, quote_decimals)
        identity = Identity(
            number=number,
            symbol=symbol,
            base_asset=base_asset.number,
            quote_asset=quote_asset.number,
        )
        terms = Terms(
            tick=tick,
            lot=lot,
            base_decimals=base_units,
            quote_decimals=quote_units,
            filters=_filters(filters),
        )
        record = terms.command(CommandKind.ADD_INSTRUMENT, identity)
        return Request(record, lambda _: self._registry.keep(symbol, number))

    def update_instrument(
        self,
        instrument: Instrument | str,
        *,
        tick: Number,
        lot: Number,
        base_decimals: int | None = None,
        quote_decimals: int | None = None,
        filters: Filters | None = None,
    ) -> Request[Instrument]:
        """State an instrument anew, all but its symbol and assets; return it as it stands then.

        Decimals stay as they are unless they are said.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            InstrumentRejected: The engine refused it, as a new tick while orders are open.
        """
        found = self._registry.find(instrument)
        definition = self._registry.definition(found)
        identity = Identity(
            number=found.number,
            symbol=found.symbol,
            base_asset=int(definition["base_asset"]),
            quote_asset=int(definition["quote_asset"]),
        )
        terms = Terms(
            tick=tick,
            lot=lot,
            base_decimals=found.base_decimals if base_decimals is None else base_decimals,
            quote_decimals=found.quote_decimals if quote_decimals is None else quote_decimals,
            filters=_filters(filters),
        )
        record = terms.command(CommandKind.UPDATE_INSTRUMENT, identity)
        return Request(record, lambda _: self._registry.keep(found.symbol, found.number))

    def set_account(
        self,
        account: int,
        *,
        state: AccountState | str = AccountState.ACTIVE,
        maker_rate_ppm: int = 0,
        taker_rate_ppm: int = 0,
        group: int | None = None,
    ) -> Request[None]:
        """Make an account, or state it anew: what it may do, its fees, its trade group.

        An order keeps the fees and the group that its account had when it came in.

        Args:
            account: The account, from 1.
            state: `active`, `cancel_only` or `frozen`.
            maker_rate_ppm: What it pays as a maker, in parts per million of what it receives;
                below 0 for what it is given back out of the taker's fee.
            taker_rate_ppm: What it pays as a taker.
            group: The group that self-trade prevention goes by; None for the account alone.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it; without money it knows groups alone.
        """
        record = commands.set_account(
            account=account,
            state=to_choice("account_state", state),
            maker_rate_ppm=maker_rate_ppm,
            taker_rate_ppm=taker_rate_ppm,
            group=0 if group is None else group,
        )
        return Request(record.tobytes(), _nothing)

    def deposit(
        self, account: int, asset: Asset | str, amount: Number, *, source: Source
    ) -> Request[Balance]:
        """Pay money in from outside; return what the account has of the asset then.

        Args:
            account: The account that is paid.
            asset: The asset.
            amount: How much of it.
            source: Where it comes from, and the source's rising number: what has come once does
                not come again.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            AccountRejected: The engine refused it.
            RequestRepeated: The source's number was seen before.
        """
        found = self._registry.asset(asset)
        record = commands.deposit(account, found.number, found.units(amount), source)
        return self._payment(record, account, found)

    def withdraw(
        self, account: int, asset: Asset | str, amount: Number, *, request_id: int = 0
    ) -> Request[Withdrawal]:
        """Hold money that is to leave, until `settle_withdrawal` says that it did or did not.

        Args:
            account: Whose money it is.
            asset: The asset.
            amount: How much of it.
            request_id: A 128-bit number under which the account asks once only; 0 for none.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            InsufficientBalance: The account has less available.
            AccountRejected: The engine refused it, as of a frozen account.
            RequestRepeated: The account used the request id before.
        """
        found = self._registry.asset(asset)
        units = found.units(amount)
        record = commands.withdraw(account, found.number, units, request_id)

        def read(answer: Answer) -> Withdrawal:
            return Withdrawal(answer.sequence, account, found.name, found.amount(units))

        explain = partial(of_money, asset=found, needed=found.amount(units))
        return Request(record.tobytes(), read, explain)

    def settle_withdrawal(
        self, withdrawal: Withdrawal | int, *, posted: bool, source: Source
    ) -> Request[None]:
        """End a withdrawal: its money left, or stays and is available again.

        Args:
            withdrawal: The withdrawal, or its sequence.
            posted: Whether the money left.
            source: Who says so, and the source's rising number.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it, as a withdrawal that is not pending.
            RequestRepeated: The source's number was seen before.
        """
        sequence = withdrawal.sequence if isinstance(withdrawal, Withdrawal) else withdrawal
        record = commands.settle_withdrawal(sequence, posted=posted, source=source)
        return Request(record.tobytes(), _nothing)

    def transfer(
        self, payer: int, payee: int, asset: Asset | str, amount: Number, *, source: Source
    ) -> Request[Balance]:
        """Move money from one account to another; return what the payer has of it then.

        Args:
            payer: The account that pays.
            payee: The account that is paid.
            asset: The asset.
            amount: How much of it.
            source: Who asks for it, and the source's rising number.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            InsufficientBalance: The payer has less available.
            AccountRejected: The engine refused it.
            RequestRepeated: The source's number was seen before.
        """
        found = self._registry.asset(asset)
        units = found.units(amount)
        record = commands.transfer(payer, payee, found.number, units, source)
        return self._payment(record, payer, found, found.amount(units))

    def mass_cancel(
        self,
        *,
        account: int = 0,
        instrument: Instrument | str | None = None,
        side: Side | str | None = None,
    ) -> Request[tuple[int, ...]]:
        """Cancel every open order that matches; return their ids, rising.

        Args:
            account: Whose orders; 0 for everyone's.
            instrument: Of what; None for all, but for halted ones.
            side: Of which side; None for both.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        record = commands.mass_cancel(
            account=account,
            instrument=0 if instrument is None else self._registry.find(instrument).number,
            side=0 if side is None else to_choice("side", side),
        )
        reason = CancelReason.MASS_CANCEL
        return Request(record.tobytes(), lambda answer: answer.ended(EventKind.CANCELLED, reason))

    def end_session(self, instrument: Instrument | str) -> Request[tuple[int, ...]]:
        """Let the DAY orders of an instrument expire; return their ids, rising.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        number = self._registry.find(instrument).number
        record = commands.admin(CommandKind.END_SESSION, instrument=number)
        return Request(record.tobytes(), lambda answer: answer.ended(EventKind.EXPIRED, 0))

    def set_state(self, instrument: Instrument | str, state: TradingState | str) -> Request[None]:
        """Set what an instrument lets its orders do: `continuous`, `cancel_only` or `halted`.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            InstrumentRejected: The engine does not enter that state.
        """
        number = self._registry.find(instrument).number
        wanted = to_choice("state", state)
        record = commands.admin(CommandKind.SET_STATE, instrument=number, state=wanted)
        return Request(record.tobytes(), _nothing)

    def set_reference(self, instrument: Instrument | str, price: Number | None) -> Request[None]:
        """Set the price that bands and market orders go by; None leaves it to the last trade.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
        """
        found = self._registry.find(instrument)
        ticks = 0 if price is None else found.ticks(price)
        kind = CommandKind.SET_REFERENCE
        record = commands.admin(kind, instrument=found.number, price_ticks=ticks)
        return Request(record.tobytes(), _nothing)

    def _asset(self, field: str, name: str, decimals: int | None) -> tuple[Asset, int]:
        """Return an asset, and the decimals that an instrument says of it."""
        if self._registry.has_money:
            asset = self._registry.asset(name, field)
            return asset, asset.decimals if decimals is None else decimals
        usual = _DECIMALS_USUAL if decimals is None else decimals
        units = to_whole(f"{field}_decimals", usual, _DECIMALS_MAX)
        return self._registry.name_asset(name, units, field), units

    def _payment(
        self,
        record: npt.NDArray[np.void],
        account: int,
        asset: Asset,
        needed: Decimal | None = None,
    ) -> Request[Balance]:
        explain = partial(of_money, asset=asset, needed=needed)
        return Request(record.tobytes(), lambda answer: answer.balance(account, asset), explain)


def _nothing(_: Answer) -> None:
    """Read nothing from the answer: that it is no refusal says all."""


def _filters(filters: Filters | None) -> Filters:
    if filters is None:
        return Filters()
    if isinstance(filters, Filters):
        return filters
    raise InvalidValue("filters", shown(filters), "must be Filters, or None for the defaults")


def _asset_name(name: object) -> str:
    if isinstance(name, str) and _ASSET_NAME.fullmatch(name):
        return name
    bound = "must be 1 to 16 printable ASCII characters without blanks"
    raise InvalidValue("name", shown(name), bound)
