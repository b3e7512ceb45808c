"""The exchange as a Python object: one engine, its instruments and its orders."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.exchange import commands
from outcry.exchange.accounts import Accounts
from outcry.exchange.instrument import Filters, Instrument
from outcry.exchange.list_calls import Lists
from outcry.exchange.reads import Reads
from outcry.exchange.registry import Registry
from outcry.exchange.requests import Requests
from outcry.exchange.sending import timed
from outcry.exchange.values import Number, to_flag, to_view
from outcry.protocol import (
    EVENT,
    CommandKind,
    Event,
    Side,
    TradingState,
    read_events,
    rows_of,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from outcry.exchange.orders import CancelledOrder, Placement
    from outcry.protocol import OrderType, SelfTrade, TimeInForce, Trigger


class Engine(Reads, Accounts, Lists, _native.OrderEntry):
    """A matching engine with any number of instruments, embedded in this process.

    Prices and quantities go in as str, int or Decimal and come out as Decimal; a float is refused,
    for it does not say what was meant. One thread at a time may use an engine. It reads no clock:
    time is what `time_ns` says, and never goes back.

    Every method that commands raises `InvalidValue` for a value that cannot be taken,
    `UnknownSymbol` for a symbol it does not know (the engine is not asked then, and nothing
    changes), and a `CommandRejected` where the engine refuses: that changes nothing but the
    sequence.

    >>> from outcry import Engine
    >>> engine = Engine()
    >>> btc = engine.add_instrument("BTCUSDT", base="BTC", quote="USDT", tick="0.01", lot="0.00001")
    >>> resting = engine.place(btc, side="sell", price="60000.00", quantity="0.5", account=1)
    >>> str(resting.status), resting.open_quantity
    ('resting', Decimal('0.50000'))
    >>> taken = engine.place(btc, side="buy", price="60100.00", quantity="0.2", account=2)
    >>> str(taken.status), [(fill.price, fill.quantity) for fill in taken.fills]
    ('filled', [(Decimal('60000.00'), Decimal('0.20000'))])

    Attributes:
        limit_ticks: The lean way to place a limit order, integers only and by position:
            `(instrument_number, account, side, price_ticks, quantity_lots, time_in_force=1,
            self_trade=1, flags=0, time_ns=0)`. It answers the order id alone where the order rests
            whole and nothing else happened, else `(order_id, status, open_lots, cancel_reason,
            fills)`, each fill `(trade_id, maker_order_id, taker_order_id, price_ticks,
            quantity_lots)`.
        cancel_order: The lean cancel: `(instrument_number, account, order_id, time_ns=0)`; it
            answers the lots that were open.
        replace_ticks: The lean replace: `(instrument_number, account, order_id, price_ticks,
            quantity_lots, time_ns=0)`; it answers as `limit_ticks`.

    >>> engine.limit_ticks(btc.number, 3, 1, 5_999_900, 1_000)
    3
    >>> engine.limit_ticks(btc.number, 4, 2, 5_999_900, 600)
    (4, 4, 0, 0, ((2, 3, 4, 5999900, 600),))
    >>> engine.cancel_order(btc.number, 3, 3)
    400
    """

    __slots__ = (
        "_native",
        "_registry",
        "_requests",
        "cancel_order",
        "limit_ticks",
        "replace_ticks",
    )

    def __init__(
        self,
        *,
        shard: int = 0,
        work_max: int = 1024,
        mass_max: int = 1024,
        remembered_requests: int = 128,
        money: bool = False,
        accounts_max: int = 1 << 24,
        asset_max: int = 65_535,
        withdrawals_max: int = 128,
        sources_max: int = 65_536,
        check_invariants: bool = False,
    ) -> None:
        """Make an engine without instruments.

        Args:
            shard: Order ids begin at `shard * 2^44 + 1`; below 2^19.
            work_max: Most expiries and triggered stops worked off by one command; what is left
                waits for the next, as `advance_time`.
            mass_max: Most orders that one command of a mass cancel or session's end touches.
            remembered_requests: Request ids remembered for each account.
            money: Whether accounts must have what they trade. Without it every account may trade
                everything, and there are neither assets nor fees.
            accounts_max: Most accounts.
            asset_max: Greatest asset number.
            withdrawals_max: Most pending withdrawals of one account.
            sources_max: Most sources of deposits, transfers and settled withdrawals.
            check_invariants: Assert all invariants after every command: slow, for tests.

        Raises:
            InvalidValue: A bound is out of range.
        """
        native = _native.Engine(
            shard=shard,
            work_max=work_max,
            mass_max=mass_max,
            remembered_requests=remembered_requests,
            money=to_flag("money", money),
            accounts_max=accounts_max,
            asset_max=asset_max,
            withdrawals_max=withdrawals_max,
            sources_max=sources_max,
            check_invariants=to_flag("check_invariants", check_invariants),
        )
        registry = Registry(native, has_money=money)
        super().__init__(native, registry.markets, registry.find, registry.explain)
        self._native = native
        self._registry = registry
        self._requests = Requests(registry)
        self.limit_ticks: Final = native.limit_ticks
        self.cancel_order: Final = native.cancel_order
        self.replace_ticks: Final = native.replace_ticks

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
        time_ns: int = 0,
    ) -> Instrument:
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
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken, as a symbol that is taken.
            UnknownAsset: With money: there is no such asset.
            InstrumentRejected: The engine refused it, as one whose numbers cannot be exact.

        >>> eth = Engine().add_instrument("ETHBTC", base="ETH", quote="BTC", tick="1e-6", lot="1")
        >>> eth.number, eth.tick, eth.filters.price_min
        (1, Decimal('0.000001'), Decimal('0.000001'))
        """
        request = self._requests.add_instrument(
            symbol,
            base=base,
            quote=quote,
            tick=tick,
            lot=lot,
            base_decimals=base_decimals,
            quote_decimals=quote_decimals,
            filters=filters,
        )
        return self._do(request, time_ns)

    def update_instrument(
        self,
        instrument: Instrument | str,
        *,
        tick: Number,
        lot: Number,
        base_decimals: int | None = None,
        quote_decimals: int | None = None,
        filters: Filters | None = None,
        time_ns: int = 0,
    ) -> Instrument:
        """State an instrument anew, all but its symbol and assets; return it as it stands then.

        Decimals stay as they are unless they are said.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            InstrumentRejected: The engine refused it, as a new tick while orders are open.

        >>> engine = Engine()
        >>> engine.add_instrument("ETHBTC", base="ETH", quote="BTC", tick="1e-6", lot="1").tick
        Decimal('0.000001')
        >>> engine.update_instrument("ETHBTC", tick="0.00001", lot="1").tick
        Decimal('0.00001')
        """
        request = self._requests.update_instrument(
            instrument,
            tick=tick,
            lot=lot,
            base_decimals=base_decimals,
            quote_decimals=quote_decimals,
            filters=filters,
        )
        return self._do(request, time_ns)

    if TYPE_CHECKING:
        # Done by the core in one step; `__doc__` there is held equal to what stands here.

        def place(
            self,
            instrument: Instrument | str,
            *,
            side: Side | str,
            quantity: Number | None = None,
            price: Number | None = None,
            type: OrderType | str = "limit",  # noqa: A002
            time_in_force: TimeInForce | str | None = None,
            account: int = 1,
            post_only: bool = False,
            self_trade: SelfTrade | str = "cancel_taker",
            display: Number | None = None,
            stop: Number | None = None,
            trigger: Trigger | str | None = None,
            trail: Number | None = None,
            trail_ppm: int | None = None,
            amount: Number | None = None,
            expire_time_ns: int = 0,
            client_order_id: str | None = None,
            request_id: int = 0,
            time_ns: int = 0,
        ) -> Placement:
            """Place an order and return what became of it.

            Args:
                instrument: What to trade.
                side: `buy` or `sell`.
                quantity: How much of the base asset; not with `amount`.
                price: The limit; of a market order the worst price, none for none.
                type: `limit`, `market`, `stop` or `stop_limit`.
                time_in_force: `gtc`, `ioc`, `fok`, `day` or `gtd`; by default `ioc` for a market
                    order, else `gtc`.
                account: Whose order it is, from 1.
                post_only: Refuse the order rather than let it take.
                self_trade: What happens where it meets one of its own trade group: `none`,
                    `cancel_taker`, `cancel_maker`, `cancel_both` or `decrement`.
                display: What an iceberg shows of itself.
                stop: The price that a stop waits for.
                trigger: Whether the last trade must `rise` or `fall` to the stop.
                trail: Instead of `stop`, a trailing stop's distance as a price.
                trail_ppm: Instead of `stop`, its distance in parts per million of the best trade.
                amount: Of a market order, how much of the quote asset to spend or raise.
                expire_time_ns: When a `gtd` order expires.
                client_order_id: The client's own name, unique among the account's open orders.
                request_id: A 128-bit number under which the account asks once only; 0 for none.
                time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
                    a clock.

            Raises:
                InvalidValue: A value cannot be taken.
                UnknownSymbol: There is no such instrument.
                OrderRejected: The engine refused the order.
                RequestRepeated: The account used the request id before.

            >>> from outcry import Engine
            >>> engine = Engine()
            >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
            >>> engine.place(btc, side="buy", price="100.5", quantity="2").open_quantity
            Decimal('2.00')
            >>> engine.place(btc, side="sell", quantity="3", type="market", account=2)
            Placement(order_id=2, status=<OrderStatus.CANCELLED: 5>, open_quantity=Decimal('0.00'),
                fills=(Fill(trade_id=1, price=Decimal('100.5'), quantity=Decimal('2.00'),
                maker_order_id=1, taker_order_id=2),), cancel_reason=<CancelReason.NO_LIQUIDITY: 5>,
                sequence=3, time_ns=0)
            """

        def replace(
            self,
            instrument: Instrument | str,
            order_id: int = 0,
            *,
            quantity: Number,
            price: Number | None = None,
            stop: Number | None = None,
            account: int = 1,
            client_order_id: str | None = None,
            request_id: int = 0,
            time_ns: int = 0,
        ) -> Placement:
            """Replace an open order's price, total quantity and, while it waits, its stop.

            The quantity is the new total: what is filled counts in it. An order keeps its priority
            where the price stays and the quantity does not rise.

            Args:
                instrument: What it trades.
                order_id: The order's id, or 0 where the client's names it.
                quantity: The new total quantity.
                price: The new limit; none for a stop without limit.
                stop: The new stop of a waiting stop; none keeps the one it has.
                account: Whose order it is.
                client_order_id: The client's own name for it.
                request_id: A 128-bit number under which the account asks once only; 0 for none.
                time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
                    a clock.

            Raises:
                InvalidValue: A value cannot be taken.
                UnknownSymbol: There is no such instrument.
                UnknownOrder: The account has no such open order on the instrument.
                OrderRejected: The engine refused it; the order stays as it was.
                RequestRepeated: The account used the request id before.

            >>> from outcry import Engine
            >>> engine = Engine()
            >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
            >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
            >>> engine.replace(btc, order.order_id, price="101", quantity="3").open_quantity
            Decimal('3.00')
            """

        def cancel(
            self,
            instrument: Instrument | str,
            order_id: int = 0,
            *,
            account: int = 1,
            client_order_id: str | None = None,
            request_id: int = 0,
            time_ns: int = 0,
        ) -> Decimal:
            """Cancel an open order by its id or the client's; return the quantity that was open.

            Args:
                instrument: What it trades.
                order_id: The order's id, or 0 where the client's names it.
                account: Whose order it is.
                client_order_id: The client's own name for it.
                request_id: A 128-bit number under which the account asks once only; 0 for none.
                time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
                    a clock.

            Raises:
                InvalidValue: A value cannot be taken.
                UnknownSymbol: There is no such instrument.
                UnknownOrder: The account has no such open order on the instrument.
                OrderRejected: The engine refused the cancel, as on a halted instrument.
                RequestRepeated: The account used the request id before.

            >>> from outcry import Engine
            >>> engine = Engine()
            >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
            >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
            >>> engine.cancel(btc, order.order_id)
            Decimal('2.00')
            >>> engine.cancel(btc, order.order_id)
            Traceback (most recent call last):
            outcry.errors.UnknownOrder: order_id: unknown_order: 1 is no open order here
            """

        def end_order(
            self,
            instrument: Instrument | str,
            order_id: int = 0,
            *,
            account: int = 1,
            client_order_id: str | None = None,
            request_id: int = 0,
            time_ns: int = 0,
        ) -> CancelledOrder:
            """Cancel an open order as `cancel` does, with the same arguments, and say when it was.

            >>> from outcry import Engine
            >>> engine = Engine()
            >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
            >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
            >>> engine.end_order(btc, order.order_id, time_ns=7)
            CancelledOrder(order_id=1, open_quantity=Decimal('2.00'), sequence=3, time_ns=7)
            """

    def mass_cancel(
        self,
        *,
        account: int = 0,
        instrument: Instrument | str | None = None,
        side: Side | str | None = None,
        time_ns: int = 0,
    ) -> tuple[int, ...]:
        """Cancel every open order that matches; return their ids, rising.

        Args:
            account: Whose orders; 0 for everyone's.
            instrument: Of what; None for all, but for halted ones.
            side: Of which side; None for both.
            time_ns: The time, in nanoseconds since 1970 UTC.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> for price in ("100", "101", "102"):
        ...     _ = engine.place(btc, side="buy", price=price, quantity="1")
        >>> engine.mass_cancel(account=1, side="buy")
        (1, 2, 3)
        """
        request = self._requests.mass_cancel(account=account, instrument=instrument, side=side)
        return self._do(request, time_ns)

    def end_session(self, instrument: Instrument | str, *, time_ns: int = 0) -> tuple[int, ...]:
        """Let the DAY orders of an instrument expire; return their ids, rising.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> order = engine.place(btc, side="buy", price="100", quantity="1", time_in_force="day")
        >>> engine.end_session(btc)
        (1,)
        """
        return self._do(self._requests.end_session(instrument), time_ns)

    def set_state(
        self, instrument: Instrument | str, state: TradingState | str, *, time_ns: int = 0
    ) -> None:
        """Set what an instrument lets its orders do: `continuous`, `cancel_only` or `halted`.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            InstrumentRejected: The engine does not enter that state.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> engine.set_state(btc, "halted")
        >>> engine.place(btc, side="buy", price="100", quantity="1")
        Traceback (most recent call last):
        outcry.errors.OrderRejected: instrument: instrument_halted
        """
        self._do(self._requests.set_state(instrument, state), time_ns)

    def set_reference(
        self, instrument: Instrument | str, price: Number | None, *, time_ns: int = 0
    ) -> None:
        """Set the price that bands and market orders go by; None leaves it to the last trade.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> engine.set_reference(btc, "100")
        """
        self._do(self._requests.set_reference(instrument, price), time_ns)

    def advance_time(self, time_ns: int) -> tuple[Event, ...]:
        """Let time pass, and all that is due by then happen; return its events.

        Raises:
            InvalidValue: `time_ns` is no int from 0 to 2^64 - 1.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> order = engine.place(
        ...     btc, side="buy", price="100", quantity="1", time_in_force="gtd", expire_time_ns=50
        ... )
        >>> [type(event).__name__ for event in engine.advance_time(50)]
        ['Expired', 'Accepted']
        """
        record = timed(commands.admin(CommandKind.ADVANCE_TIME).tobytes(), time_ns)
        happened: list[Event] = []
        # Each repeat ends an open order or lets a triggered stop do what it waited for, and none
        # is made meanwhile: so many repeats are enough.
        for _ in range(max(self._native.open_orders, 1)):
            self._native.command(record)
            happened += read_events(self._native.events())
            if not self._native.has_due_work(time_ns):
                return tuple(happened)
        raise AssertionError("due work is left after as many repeats as orders were open")

    def apply(self, records: "ReadableBuffer | npt.NDArray[np.void]") -> npt.NDArray[np.void]:
        """Apply command records, one after another, and return the records of their events.

        A record that the engine refuses is answered `rejected` in its place, and the others apply.
        The interpreter is free meanwhile, so other threads run; nobody may write into `records`
        until this returns.

        Args:
            records: Contiguous bytes: an array of one of the dtypes of `outcry.protocol`, or any
                buffer of records behind one another, of one size or of several.

        Returns:
            A read-only array of dtype `EVENT`. `read_events` and `place_events` tell its meaning.

        Raises:
            InvalidValue: `records` is no buffer.
            MalformedRecord: The bytes end within a record, or tell no size. The records before
                that offset have been applied; their events are the exception's, as a buffer.
            EngineBusy: Another thread is at work.

        >>> import outcry
        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> orders = outcry.limit_orders(
        ...     instrument=btc.number,
        ...     account=[1, 2, 3],
        ...     side=[1, 9, 2],
        ...     price_ticks=200,
        ...     quantity_lots=5,
        ... )
        >>> [type(event).__name__ for event in outcry.read_events(engine.apply(orders))]
        ['Accepted', 'Rejected', 'Accepted', 'Traded']
        """
        view = to_view(records)
        if _native.has_definitions(view):
            self._registry.forget()
        return rows_of(self._native.apply_batch(view), EVENT)

    def last_events(self) -> tuple[Event, ...]:
        """Return the events of the last command that was given by a method of its own.

        A command that is repeated by its method, as a large mass cancel, tells its last part.

        >>> engine = Engine()
        >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        >>> engine.last_events()
        (Accepted(sequence=1, place=0, instrument=1, order_id=0, more=False),)
        """
        return tuple(read_events(self._native.events()))


# The doctests of what the core documents itself.
__test__: Final = {
    name: getattr(Engine, name).__doc__ for name in ("place", "replace", "cancel", "end_order")
}
