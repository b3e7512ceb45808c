"""The compiled core: thin handles that say integers only (ticks, lots, nanoseconds).

The entry of orders alone takes words and decimals. Errors are those of `outcry.errors`. Values of
closed sets go in and out as the integers of `outcry.protocol`'s enumerations.
"""

from collections.abc import Callable
from decimal import Decimal
from os import PathLike
from typing import Any, SupportsIndex, TypeAlias, final

import numpy.typing as npt
from _typeshed import ReadableBuffer

from outcry._native_exchange import *
from outcry._native_exchange import Caller, Tasks
from outcry._native_gateways import *
from outcry._native_history import *
from outcry._native_marketdata import *

# NumPy's stubs tell that an array is a buffer from Python 3.12 on only.
_Bytes: TypeAlias = ReadableBuffer | npt.NDArray[Any]
_Level: TypeAlias = tuple[int, int, int]
_Fill: TypeAlias = tuple[int, int, int, int, int]
_Answer: TypeAlias = int | tuple[int, int, int, int, tuple[_Fill, ...]]

def layouts() -> list[tuple[str, int, list[tuple[str, int, str]]]]:
    """Return each record's name, size and fields; a field is a name, an offset, a NumPy type."""

def vocabulary() -> dict[str, dict[str, int]]:
    """Return the values of every enumeration by name, the enumerations by their own."""

def reject_fields() -> dict[int, str]:
    """Return the field that each reason of a reject speaks of, by the reason's code."""

def place_events(events: _Bytes, /) -> Records:
    """Return a `PlacedRow` for each event in event records that begin with a command's first.

    Raises:
        MalformedRecord: A record is no event.
    """

def has_definitions(records: _Bytes, /) -> bool:
    """Return whether any of these command records defines an instrument or an asset."""

def workloads() -> list[tuple[str, int, int]]:
    """Return each workload's name, and the seed and count that its published figures use."""

def simulate(workload: str, seed: int, count: int, /) -> bytes:
    """Return an order flow made by seed as a command log, its head included.

    Raises:
        InvalidValue: There is no such workload, or the count is out of range.
    """

def to_units(field: str, value: object, mantissa: int, decimals: int, units_max: int, /) -> int:
    """Return how many units of `mantissa / 10^decimals` a str, int or Decimal above 0 is.

    Raises:
        InvalidValue: It is none of these, not finite, not above 0, no whole number of units, or
            above `units_max` of them.
    """

def to_choice(field: str, value: object, /) -> int:
    """Return the number of the value that a word or a member names, as `side` and `"buy"`.

    Raises:
        InvalidValue: It names none of the values that the field has.
    """

def to_decimal(units: int, mantissa: int, decimals: int, /) -> Decimal:
    """Return so many units of `mantissa / 10^decimals`, with all their decimals.

    Raises:
        InvalidValue: `units * mantissa` has more than 128 bits.
    """

def to_increment(field: str, value: object, /) -> tuple[int, int]:
    """Return a tick or lot size as mantissa and decimals.

    Raises:
        InvalidValue: It is no str, int or Decimal, not finite, not above 0, has more than 18
            decimals, or a mantissa of more than 64 bits.
    """

def bench_compiler() -> str:
    """Return the compiler that made the core, as it names itself."""

def bench_rows() -> list[str]:
    """Return the names of the benchmark's rows that are measured in the core."""

def load_http(
    port: int, requests: list[bytes], connections: int, /
) -> tuple[int, tuple[int, int, int, int], list[tuple[int, int]], list[int], int]:
    """Send requests over HTTP to a port of this machine, each connection with one on its way.

    Args:
        port: The port.
        requests: Each as it goes over the wire.
        connections: How many.

    Returns:
        Nanoseconds in all; latencies at 50, 99 and 99.9 percent and the longest, in nanoseconds;
        answers by status; the order ids in the answers; bytes of all answers.

    Raises:
        UnverifiedFigure: The network failed, or no answer came for 20 seconds.
    """

def measure(
    row: str, runs: int, count: int, folder: PathLike[str], child: list[str], /
) -> list[tuple[str, str, list[float], str]]:
    """Measure a row: for each figure its name, its unit, one value a run, what was held fixed.

    Args:
        row: One of `bench_rows`.
        runs: How often, each time with a fresh engine.
        count: Where to cut the workload short; 0 takes it whole.
        folder: Where rows that need a disk write, in folders that they remove.
        child: The program that recovers, and is timed up to its first order; it gets the folder.

    Raises:
        InvalidValue: There is no such row, or `runs` is 0.
        UnverifiedFigure: The events were not the expected ones.
    """

@final
class Records:
    """Read-only bytes that the core made; `numpy.frombuffer(records, dtype)` copies nothing."""

    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    @property
    def time_ns(self) -> int:
        """Engine time behind the commands whose events these are; 0 for other rows."""

@final
class Engine:
    """One engine. One thread at a time may use it: `EngineBusy` where another is at work."""

    def __new__(
        cls,
        *,
        shard: int = 0,
        work_max: int = 1024,
        mass_max: int = 1024,
        remembered_requests: int = 128,
        instrument_max: int = 65_535,
        orders_capacity: int = 1024,
        money: bool = False,
        accounts_max: int = 16_777_216,
        asset_max: int = 65_535,
        withdrawals_max: int = 128,
        sources_max: int = 65_536,
        check_invariants: bool = False,
    ) -> Engine:
        """Make an engine without instruments.

        Args:
            shard: Order ids begin at `shard * 2^44 + 1`; below 2^19.
            work_max: Most expiries and queued orders worked off by one command, at least 1.
            mass_max: Most orders that one mass cancel or end of session touches, at least 1.
            remembered_requests: Request ids remembered for each account.
            instrument_max: Greatest instrument number, at most 2^20.
            orders_capacity: Room made at the start for so many open orders, at most 2^26; more
                still fit.
            money: Whether accounts must have what they trade.
            accounts_max: Most accounts.
            asset_max: Greatest asset number.
            withdrawals_max: Most pending withdrawals of one account.
            sources_max: Most sources of deposits, transfers and settled withdrawals.
            check_invariants: Assert all invariants after every command: slow, for tests.

        Raises:
            InvalidValue: A bound is out of range.
        """

    @property
    def sequence(self) -> int:
        """The sequence of the last command, 0 before the first."""

    @property
    def time_ns(self) -> int:
        """Engine time in nanoseconds since 1970 UTC."""

    @property
    def digest(self) -> int:
        """The rolling 64-bit digest of all event records."""

    @property
    def open_orders(self) -> int:
        """How many orders are open: resting, waiting or queued."""

    def state_hash(self) -> bytes:
        """Return the SHA-256 of the whole state, equal on every machine for equal commands."""

    def apply_batch(self, records: _Bytes, /) -> Records:
        """Apply command records, one after another, and return the records of their events.

        The interpreter is free meanwhile; nobody may write into `records` until this returns.
        Records at an odd address are copied first.

        Raises:
            MalformedRecord: The bytes end within a record or tell no size at `offset`; the records
                before it were applied, and their events are the exception's.
            EngineBusy: Another thread is at work.
        """

    def limit_ticks(
        self,
        instrument: SupportsIndex,
        account: SupportsIndex,
        side: SupportsIndex,
        price_ticks: SupportsIndex,
        quantity_lots: SupportsIndex,
        time_in_force: SupportsIndex = 1,
        self_trade: SupportsIndex = 1,
        flags: SupportsIndex = 0,
        time_ns: SupportsIndex = 0,
        /,
    ) -> _Answer:
        """Place a limit order.

        Returns:
            The order id, where the order rests whole and nothing else happened; else `(order_id,
            status, open_lots, cancel_reason, fills)`: an `OrderStatus`, a `CancelReason` or 0,
            and the fills, each `(trade_id, maker_order_id, taker_order_id, price_ticks,
            quantity_lots)`. What the order set off for others is in `events()`.

        Raises:
            InvalidValue: An argument is no integer or does not fit its field.
            OrderRejected: The engine refused the order.
        """

    def cancel_order(
        self,
        instrument: SupportsIndex,
        account: SupportsIndex,
        order_id: SupportsIndex,
        time_ns: SupportsIndex = 0,
        request_id: SupportsIndex = 0,
        client_order_id: str | None = None,
        /,
    ) -> int:
        """Cancel an order by its id, or with id 0 the client's; return the lots that were open.

        Raises:
            InvalidValue: An argument is no integer or does not fit its field.
            UnknownOrder: The account has no such open order on the instrument.
            OrderRejected: The engine refused the cancel.
        """

    def replace_ticks(
        self,
        instrument: SupportsIndex,
        account: SupportsIndex,
        order_id: SupportsIndex,
        price_ticks: SupportsIndex,
        quantity_lots: SupportsIndex,
        time_ns: SupportsIndex = 0,
        request_id: SupportsIndex = 0,
        client_order_id: str | None = None,
        stop: SupportsIndex = 0,
        /,
    ) -> _Answer:
        """Replace price, total quantity and a waiting stop's stop; returns as `limit_ticks`.

        The order is named as in `cancel_order`.

        Raises:
            InvalidValue: An argument is no integer or does not fit its field.
            UnknownOrder: The account has no such open order on the instrument.
            OrderRejected: The engine refused the replace; the order stays as it was.
        """

    def command(self, record: _Bytes, /) -> _Answer:
        """Apply the one command in these bytes; returns as `limit_ticks`, order id 0 for none.

        Raises:
            MalformedRecord: The bytes hold no whole command.
            CommandRejected: The engine refused it; of its subclasses the one that fits.
            RequestRepeated: The request id was used before.
        """

    def events(self) -> Records:
        """Return the records of the events of the last command that was given in one call."""

    def has_due_work(self, time_ns: SupportsIndex, /) -> bool:
        """Return whether an expiry is due or a queue can run at this time."""

    def instruments(self) -> Records:
        """Return the `InstrumentRecord` of every instrument, by number."""

    def instrument(self, instrument: SupportsIndex, /) -> tuple[Records, Records, int] | None:
        """Return an instrument's record, its limits' record and its `TradingState`."""

    def last_trade(self, instrument: SupportsIndex, /) -> int | None:
        """Return the price of the last trade in ticks, None before the first."""

    def update_number(self, instrument: SupportsIndex, /) -> int:
        """Return the number of the book's last update, 0 before the first."""

    def best(self, instrument: SupportsIndex, side: SupportsIndex, /) -> _Level | None:
        """Return the best level of a side: price in ticks, shown lots, orders."""

    def depth(
        self, instrument: SupportsIndex, side: SupportsIndex, levels: SupportsIndex, /
    ) -> Records:
        """Return at most so many levels of a side, best first, as `LevelRow`."""

    def order(self, order_id: SupportsIndex, /) -> Records:
        """Return the open order of an id as `OpenOrderRow`, no row where there is none."""

    def account_orders(
        self, account: SupportsIndex, instrument: SupportsIndex, most: SupportsIndex, /
    ) -> Records:
        """Return at most so many open orders as `OpenOrderRow`, by id; 0 stands for all."""

    def order_list(self, list_id: SupportsIndex, /) -> Records:
        """Return the list of an id as `ListRow`, no row where none lives."""

    def account_lists(
        self, account: SupportsIndex, instrument: SupportsIndex, most: SupportsIndex, /
    ) -> Records:
        """Return at most so many lists that live as `ListRow`, by id; 0 stands for all."""

    def balances(self, account: SupportsIndex, /) -> Records:
        """Return what an account has as `BalanceRow`, by asset."""

    def assets(self) -> Records:
        """Return the `AssetRecord` of every asset, by number."""

    def accounts(self) -> Records:
        """Return the `AccountRecord` of every account, by number."""

    def account(self, account: SupportsIndex, /) -> Records:
        """Return the `AccountRecord` of an account, no row where there is none."""

    def withdrawals(self) -> Records:
        """Return every pending withdrawal as `WithdrawalRow`, by sequence."""

    def queue_position(self, order_id: SupportsIndex, /) -> tuple[int, int] | None:
        """Return what stands before a resting order at its level: orders and lots."""

@final
class Market:
    """An instrument's number and its units."""

    def __new__(cls, definition: _Bytes, /) -> Market:
        """Take them from an `InstrumentRecord`.

        Raises:
            MalformedRecord: The bytes are none.
        """

@final
class Traders:
    """Simulated traders with real balances, who learn from events what became of their orders."""

    def __new__(cls, seed: SupportsIndex, /) -> Traders:
        """Make traders who behave by this seed."""

    @staticmethod
    def setup() -> bytes:
        """Return assets, instruments, accounts and deposits, for an exchange that has none."""

    @staticmethod
    def accounts() -> tuple[int, int]:
        """Return the first and the last number of the traders' accounts."""

    def resume(
        self,
        time_ns: SupportsIndex,
        last_trades: list[tuple[int, int]],
        balances: list[tuple[int, int, int]],
        /,
    ) -> bytes:
        """Return commands that cancel what the traders left open in an exchange that has run.

        Args:
            time_ns: The time, in nanoseconds since 1970 UTC.
            last_trades: Instruments and the ticks of their last trades.
            balances: Accounts, assets and what is available, of the traders and the fee account.
        """

    def next_batch(self, time_ns: SupportsIndex, count: int, /) -> bytes:
        """Return the next commands, `count` of them or fewer; the time never falls."""

    def learn(self, events: _Bytes, /) -> None:
        """Hear the events of the commands, whole commands in their order, and no others'.

        Raises:
            MalformedRecord: A record is no event.
        """

    def unsent(self, count: int, /) -> None:
        """Forget the last `count` commands: they did not reach the exchange."""

    @property
    def commands(self) -> int:
        """Commands handed out."""

    @property
    def refused(self) -> int:
        """Of those answered, the refused ones."""

    @property
    def open_orders(self) -> int:
        """Open orders, as far as the traders know."""

class OrderEntry:
    """Where orders enter an engine: the base of `outcry.Engine`.

    Its methods `place`, `replace`, `cancel` and `end_order` are typed and documented there: their
    types lie above.
    """

    def __init__(
        self,
        target: Engine | Caller | Tasks,
        markets: dict[str, Market],
        find: Callable[[Any], Any],
        explain: Callable[[Any, Any, int, tuple[int, int, int]], Exception],
        /,
    ) -> None:
        """Enter orders here.

        Args:
            target: Where orders go.
            markets: The markets of instruments that are known, by symbol; `find` adds to them.
            find: Finds any other instrument, or raises what is wrong with it.
            explain: Says a refusal in decimals: the refusal, the instrument, the side or 0, and
                the price in ticks, the lots and the amount of the order, 0 for none.
        """

@final
class TradeRules:
    """How a source writes its trades: `buy`, `sell`, `time_unit`, bounds of time, scales."""

    def __new__(cls, **rules: list[str] | str | int | None) -> TradeRules: ...

@final
class TradeReader:
    """Trades being read: pieces of a text go in, or fields one trade at a time."""

    @staticmethod
    def csv(rules: TradeRules, **places: int) -> TradeReader: ...
    @staticmethod
    def json(rules: TradeRules, **keys: str) -> TradeReader: ...
    @staticmethod
    def rows_of(rules: TradeRules) -> TradeReader: ...
    def feed(self, piece: bytes) -> None: ...
    def finish(self) -> None: ...
    def add(self, number: int, line: bytes, /, *fields: str | None) -> None: ...
    def waiting(self) -> int: ...
    def take(self) -> tuple[int, *tuple[Records, ...], bytes]: ...
    def take_bad(self) -> list[tuple[int, str, str, bytes]]: ...
    def symbol_names(self) -> list[str]: ...

@final
class PriceBook:
    """Quantities by price on both sides, at scales that rise to what the texts show."""

    def __new__(cls, price_scale: int = 0, quantity_scale: int = 0, /) -> PriceBook: ...
    def apply(self, bids: list[list[str]], asks: list[list[str]]) -> None: ...
    def set_levels(self, is_bid: _Bytes, prices: _Bytes, quantities: _Bytes) -> None: ...
    def best(self) -> tuple[int | None, int, int | None, int]: ...
    def levels(self, is_bid: bool, count: int) -> list[tuple[int, int]]: ...
    def count(self, is_bid: bool) -> int: ...
    def truncate(self, levels: int) -> None: ...
    def clear(self) -> None: ...
    def stacked_checksum(self, levels: int) -> int: ...
    def interleaved_checksum(self, levels: int) -> int: ...
    def flow(self) -> int: ...
    @property
    def scales(self) -> tuple[int, int]: ...
    @property
    def is_crossed(self) -> bool: ...

@final
class ZstdReader:
    """Decompresses Zstandard frames that come in pieces."""

    def __new__(cls) -> ZstdReader: ...
    def read(self, piece: bytes, offset: int, room: int) -> tuple[bytes, int]: ...
    @property
    def is_whole(self) -> bool: ...
