"""The accounts of an engine: assets, what accounts may do, money in, out and across."""

from outcry.exchange.funds import Asset, Balance, Source, Withdrawal
from outcry.exchange.sending import Sending
from outcry.exchange.values import Number
from outcry.protocol import AccountState


class Accounts(Sending):
    """The half of an engine that knows accounts."""

    __slots__ = ()

    def add_asset(self, name: str, decimals: int, *, time_ns: int = 0) -> Asset:
        """Add an asset.

        Args:
            name: Its name, 1 to 16 printable ASCII characters.
            decimals: Decimals of its smallest unit, at most 24.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it, as an asset that is there already.

        >>> from outcry import Engine
        >>> Engine(money=True).add_asset("BTC", 8)
        Asset(number=1, name='BTC', decimals=8)
        """
        return self._do(self._requests.add_asset(name, decimals), time_ns)

    def set_account(
        self,
        account: int,
        *,
        state: AccountState | str = AccountState.ACTIVE,
        maker_rate_ppm: int = 0,
        taker_rate_ppm: int = 0,
        group: int | None = None,
        time_ns: int = 0,
    ) -> None:
        """Make an account, or state it anew: what it may do, its fees, its trade group.

        An order keeps the fees and the group that its account had when it came in.

        Args:
            account: The account, from 1.
            state: `active`, `cancel_only` or `frozen`.
            maker_rate_ppm: What it pays as a maker, in parts per million of what it receives;
                below 0 for what it is given back out of the taker's fee.
            taker_rate_ppm: What it pays as a taker.
            group: The group that self-trade prevention goes by; None for the account alone.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it; without money it knows groups alone.

        >>> from outcry import Engine
        >>> Engine().set_account(7, group=1)
        >>> Engine(money=True).set_account(7, maker_rate_ppm=-100, taker_rate_ppm=1_000)
        """
        request = self._requests.set_account(
            account,
            state=state,
            maker_rate_ppm=maker_rate_ppm,
            taker_rate_ppm=taker_rate_ppm,
            group=group,
        )
        self._do(request, time_ns)

    def deposit(
        self,
        account: int,
        asset: Asset | str,
        amount: Number,
        *,
        source: Source,
        time_ns: int = 0,
    ) -> Balance:
        """Pay money in from outside; return what the account has of the asset then.

        Args:
            account: The account that is paid.
            asset: The asset.
            amount: How much of it.
            source: Where it comes from, and the source's rising number: what has come once does
                not come again.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            AccountRejected: The engine refused it.
            RequestRepeated: The source's number was seen before.

        >>> from outcry import Engine
        >>> engine = Engine(money=True)
        >>> btc = engine.add_asset("BTC", 8)
        >>> engine.set_account(7)
        >>> engine.deposit(7, btc, "1.5", source=(1, 1))
        Balance(available=Decimal('1.50000000'), held=Decimal('0E-8'))
        """
        return self._do(self._requests.deposit(account, asset, amount, source=source), time_ns)

    def withdraw(
        self,
        account: int,
        asset: Asset | str,
        amount: Number,
        *,
        request_id: int = 0,
        time_ns: int = 0,
    ) -> Withdrawal:
        """Hold money that is to leave, until `settle_withdrawal` says that it did or did not.

        Args:
            account: Whose money it is.
            asset: The asset.
            amount: How much of it.
            request_id: A 128-bit number under which the account asks once only; 0 for none.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            InsufficientBalance: The account has less available.
            AccountRejected: The engine refused it, as of a frozen account.
            RequestRepeated: The account used the request id before.

        >>> from outcry import Engine
        >>> engine = Engine(money=True)
        >>> btc = engine.add_asset("BTC", 2)
        >>> engine.set_account(7)
        >>> _ = engine.deposit(7, btc, "1.5", source=(1, 1))
        >>> withdrawal = engine.withdraw(7, btc, "0.5")
        >>> engine.balances(7)
        {'BTC': Balance(available=Decimal('1.00'), held=Decimal('0.50'))}
        >>> engine.settle_withdrawal(withdrawal, posted=True, source=(1, 2))
        >>> engine.balances(7)
        {'BTC': Balance(available=Decimal('1.00'), held=Decimal('0.00'))}
        """
        request = self._requests.withdraw(account, asset, amount, request_id=request_id)
        return self._do(request, time_ns)

    def settle_withdrawal(
        self, withdrawal: Withdrawal | int, *, posted: bool, source: Source, time_ns: int = 0
    ) -> None:
        """End a withdrawal: its money left, or stays and is available again.

        Args:
            withdrawal: The withdrawal, or its sequence.
            posted: Whether the money left.
            source: Who says so, and the source's rising number.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            AccountRejected: The engine refused it, as a withdrawal that is not pending.
            RequestRepeated: The source's number was seen before.
        """
        request = self._requests.settle_withdrawal(withdrawal, posted=posted, source=source)
        self._do(request, time_ns)

    def transfer(
        self,
        payer: int,
        payee: int,
        asset: Asset | str,
        amount: Number,
        *,
        source: Source,
        time_ns: int = 0,
    ) -> Balance:
        """Move money from one account to another; return what the payer has of it then.

        Args:
            payer: The account that pays.
            payee: The account that is paid.
            asset: The asset.
            amount: How much of it.
            source: Who asks for it, and the source's rising number.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownAsset: There is no such asset.
            InsufficientBalance: The payer has less available.
            AccountRejected: The engine refused it.
            RequestRepeated: The source's number was seen before.
        """
        request = self._requests.transfer(payer, payee, asset, amount, source=source)
        return self._do(request, time_ns)
