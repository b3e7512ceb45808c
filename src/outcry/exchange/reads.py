"""What an engine tells of itself, without changing it."""

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outcry._native import Engine as Core
from outcry.errors import UnknownOrder
from outcry.exchange.depth import (
    Depth,
    Level,
    frame_of_levels,
    levels_most,
    read_level,
    read_levels,
)
from outcry.exchange.funds import Account, Asset, Balance, Withdrawal
from outcry.exchange.instrument import Instrument
from outcry.exchange.orders import Order, QueuePosition
from outcry.exchange.registry import Registry
from outcry.exchange.values import U32_MAX, to_whole
from outcry.exchange.views import read_accounts, read_balances, read_orders, read_withdrawals
from outcry.protocol import LEVEL, RejectReason, Side, TradingState, rows_of

if TYPE_CHECKING:
    import polars as pl


class Reads:
    """The reading half of an engine."""

    __slots__ = ()

    _native: Core
    _registry: Registry

    @property
    def sequence(self) -> int:
        """The sequence of the last command, 0 before the first."""
        return self._native.sequence

    @property
    def time_ns(self) -> int:
        """Engine time in nanoseconds since 1970 UTC: the greatest that a command said."""
        return self._native.time_ns

    @property
    def digest(self) -> int:
        """The rolling 64-bit digest of all events so far."""
        return self._native.digest

    @property
    def open_orders(self) -> int:
        """How many orders are open: resting, waiting or queued."""
        return self._native.open_orders

    def state_hash(self) -> bytes:
        """Return the SHA-256 of the whole state, equal on every machine for equal commands.

        >>> from outcry import Engine
        >>> Engine().state_hash() == Engine().state_hash()
        True
        """
        return self._native.state_hash()

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument as it stands.

        Raises:
            UnknownSymbol: There is none of that symbol.

        >>> from outcry import Engine
        >>> Engine().instrument("BTCUSDT")
        Traceback (most recent call last):
        outcry.errors.UnknownSymbol: symbol: 'BTCUSDT' is no instrument of this engine
        """
        return self._registry.find(symbol, "symbol")

    def instruments(self) -> tuple[Instrument, ...]:
        """Return all instruments, by number.

        >>> from outcry import Engine
        >>> Engine().instruments()
        ()
        """
        return self._registry.all()

    def state(self, instrument: Instrument | str) -> TradingState:
        """Return what an instrument lets its orders do.

        Raises:
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> str(engine.state(btc))
        'continuous'
        """
        return self._registry.state(instrument)

    def last_trade(self, instrument: Instrument | str) -> Decimal | None:
        """Return the price of the last trade, None before the first.

        Raises:
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> engine.last_trade(btc) is None
        True
        """
        current = self._registry.find(instrument)
        ticks = self._native.last_trade(current.number)
        return None if ticks is None else current.price(ticks)

    def best(self, instrument: Instrument | str) -> tuple[Level | None, Level | None]:
        """Return the best bid and the best ask, None for a side that is empty.

        Raises:
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> _ = engine.place(btc, side="buy", price="100.5", quantity="2")
        >>> engine.best(btc)
        (Level(price=Decimal('100.5'), quantity=Decimal('2.00'), orders=1), None)
        """
        current = self._registry.find(instrument)
        bid, ask = (self._native.best(current.number, side) for side in (Side.BUY, Side.SELL))
        return (
            None if bid is None else read_level(current, *bid),
            None if ask is None else read_level(current, *ask),
        )

    def depth(self, instrument: Instrument | str, levels: int = 10) -> Depth:
        """Return at most so many levels of each side, best first.

        Raises:
            InvalidValue: `levels` is no int from 0 to 2^32 - 1.
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> _ = engine.place(btc, side="buy", price="100.5", quantity="2")
        >>> engine.depth(btc)
        Depth(bids=(Level(price=Decimal('100.5'), quantity=Decimal('2.00'), orders=1),), asks=(),
            update_number=1)
        """
        current = self._registry.find(instrument)
        bids, asks = self._sides(current, to_whole("levels", levels, U32_MAX))
        return Depth(
            bids=read_levels(current, bids),
            asks=read_levels(current, asks),
            update_number=self._native.update_number(current.number),
        )

    def book_frame(
        self, instrument: Instrument | str, levels: int | None = None, *, decimals: bool = True
    ) -> "pl.DataFrame":
        """Return the book as a frame: bids from the best down, then asks from the best up.

        Args:
            instrument: Whose book.
            levels: Most levels of each side; None for all.
            decimals: Columns `price` and `quantity` as exact Decimals; else `price_ticks` and
                `quantity_lots` as integers.

        Raises:
            InvalidValue: `levels` is no int from 0 to 2^32 - 1.
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> _ = engine.place(btc, side="buy", price="100.5", quantity="2")
        >>> engine.book_frame(btc).rows()
        [('buy', 1, Decimal('100.5'), Decimal('2.00'), 1)]
        >>> engine.book_frame(btc, decimals=False).rows()
        [('buy', 1, 201, 200, 1)]
        """
        current = self._registry.find(instrument)
        sides = self._sides(current, levels_most(levels))
        return frame_of_levels(current, *sides, decimals=decimals)

    def order(self, order_id: int) -> Order:
        """Return an open order.

        Raises:
            InvalidValue: `order_id` is no int from 0 to 2^64 - 1.
            UnknownOrder: No open order has that id.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> order_id = engine.place(btc, side="buy", price="100.5", quantity="2").order_id
        >>> engine.order(order_id).price, str(engine.order(order_id).status)
        (Decimal('100.5'), 'resting')
        >>> engine.order(99)
        Traceback (most recent call last):
        outcry.errors.UnknownOrder: order_id: unknown_order: 99 is no open order here
        """
        found = read_orders(self._registry, self._native.order(order_id))
        if not found:
            raise UnknownOrder(RejectReason.UNKNOWN_ORDER, 0, order_id, self.sequence)
        return found[0]

    def orders(
        self, *, account: int = 0, instrument: Instrument | str | None = None, most: int = U32_MAX
    ) -> tuple[Order, ...]:
        """Return open orders, by id.

        Args:
            account: Whose; 0 for everyone's.
            instrument: Of what; None for all.
            most: How many at most, those with the lowest ids.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> _ = engine.place(btc, side="buy", price="100.5", quantity="2", account=7)
        >>> [order.open_quantity for order in engine.orders(account=7)]
        [Decimal('2.00')]
        """
        number = 0 if instrument is None else self._registry.find(instrument).number
        return read_orders(self._registry, self._native.account_orders(account, number, most))

    def assets(self) -> tuple[Asset, ...]:
        """Return all assets, by number."""
        return self._registry.assets()

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts, by number; none without money."""
        return read_accounts(self._native.accounts())

    def account(self, account: int) -> Account | None:
        """Return an account; None for an unknown one, and without money.

        Raises:
            InvalidValue: `account` is no int from 0 to 2^32 - 1.
        """
        found = read_accounts(self._native.account(account))
        return found[0] if found else None

    def balances(self, account: int) -> dict[str, Balance]:
        """Return what an account has, by the assets' names; what is nothing is left out.

        Account 0 stands for everything outside, with its sign turned; account 2^32 - 1 has the
        fees.

        Raises:
            InvalidValue: `account` is no int from 0 to 2^32 - 1.

        >>> from outcry import Engine
        >>> engine = Engine(money=True)
        >>> usd = engine.add_asset("USD", 2)
        >>> engine.set_account(7)
        >>> _ = engine.deposit(7, usd, "100", source=(1, 1))
        >>> engine.balances(7), engine.balances(0)
        ({'USD': Balance(available=Decimal('100.00'), held=Decimal('0.00'))},
            {'USD': Balance(available=Decimal('-100.00'), held=Decimal('0.00'))})
        """
        return read_balances(self._registry, self._native.balances(account))

    def withdrawals(self) -> tuple[Withdrawal, ...]:
        """Return the withdrawals that are neither posted nor void, by sequence."""
        return read_withdrawals(self._registry, self._native.withdrawals())

    def queue_position(self, order_id: int) -> QueuePosition | None:
        """Return what stands before an order at its level, None while it does not rest.

        Raises:
            InvalidValue: `order_id` is no int from 0 to 2^64 - 1.
            UnknownOrder: No open order has that id.

        >>> from outcry import Engine
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> _ = engine.place(btc, side="buy", price="100.5", quantity="2")
        >>> second = engine.place(btc, side="buy", price="100.5", quantity="1")
        >>> engine.queue_position(second.order_id)
        QueuePosition(orders_ahead=1, quantity_ahead=Decimal('2.00'))
        """
        order = self.order(order_id)
        ahead = self._native.queue_position(order_id)
        if ahead is None:
            return None
        return QueuePosition(ahead[0], self._registry.find(order.symbol).quantity(ahead[1]))

    def _sides(
        self, instrument: Instrument, levels: int
    ) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
        bids, asks = (
            rows_of(self._native.depth(instrument.number, side, levels), LEVEL)
            for side in (Side.BUY, Side.SELL)
        )
        return bids, asks
