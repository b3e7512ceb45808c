"""An exchange in this process that survives it: an answer stands on the disk before it is told."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, Self, TypeVar

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.errors import InvalidValue
from outcry.exchange.event_feed import frame_of_events, pieces
from outcry.exchange.local_reads import LocalReads, Parts, Recovery
from outcry.exchange.questions import Question, Questions
from outcry.exchange.request import Request
from outcry.exchange.requests import Requests
from outcry.exchange.values import shown, to_path, to_view
from outcry.protocol import EVENT, Event, read_events, rows_of
from outcry.settings import Settings

if TYPE_CHECKING:
    import polars as pl
    from _typeshed import ReadableBuffer

    from outcry.exchange.order_calls import OrderCalls

P = ParamSpec("P")
T = TypeVar("T")


def _commanding(
    make: Callable[Concatenate[Requests, P], Request[T]],
) -> "Callable[Concatenate[Exchange, P], T]":
    """Return the call that sends what `make` makes and waits for its answer."""

    def call(self: "Exchange", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._send(make(self._parts.requests, *args, **kwargs))

    update_wrapper(call, make, assigned=("__name__", "__doc__"))
    return call


def _reading(
    make: Callable[Concatenate[Questions, P], Question[T]],
) -> "Callable[Concatenate[Exchange, P], T]":
    """Return the call that asks what `make` makes and waits for its answer."""

    def call(self: "Exchange", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._ask(make(self._parts.questions, *args, **kwargs))

    update_wrapper(call, make, assigned=("__name__", "__doc__"))
    return call


class Exchange(LocalReads, _native.OrderEntry):
    """A durable exchange in this process: it holds funds, matches, settles.

    A call returns once the disk has confirmed what it says (with `durability = "sync"`), so nothing
    that was answered is lost, whatever happens to the process or the machine. Any thread may call;
    the interpreter is free while a call waits. `AsyncExchange` is the same for asyncio.

    Every call raises `InvalidValue`, `UnknownSymbol` or `UnknownAsset` for what cannot be asked
    (nothing is asked then), a `CommandRejected` where the engine refuses, `Overloaded` where a
    bound was met, and `ExchangeHalted` where the exchange stopped.

    >>> import tempfile
    >>> from outcry import Exchange
    >>> with tempfile.TemporaryDirectory() as folder, Exchange.open(folder) as exchange:
    ...     btc, usd = exchange.add_asset("BTC", 8), exchange.add_asset("USD", 2)
    ...     pair = exchange.add_instrument("BTCUSD", base="BTC", quote="USD", tick="1", lot="0.01")
    ...     exchange.set_account(7)
    ...     _ = exchange.deposit(7, usd, "1000", source=(1, 1))
    ...     order = exchange.place(pair, side="buy", price="100", quantity="2", account=7)
    ...     print(order.status, exchange.balances(7)["USD"], exchange.depth(pair).bids)
    resting Balance(available=Decimal('800.00'), held=Decimal('200.00'))
        (Level(price=Decimal('100'), quantity=Decimal('2.00'), orders=1),)
    """

    __slots__ = ("_caller", "_parts")

    def __init__(self, parts: Parts) -> None:
        """Serve an exchange that is open; `Exchange.open` opens one."""
        self._parts = parts
        settings, registry = parts.settings, parts.registry
        self._caller: Final = parts.native.caller(
            settings.client_in_flight_max, settings.client_reply_bytes_max
        )
        super().__init__(self._caller, registry.markets, registry.find, registry.explain)
        self.assets()
        self.instruments()

    @classmethod
    def open(cls, path: Path | str, settings: Settings | None = None) -> Self:
        """Open the exchange of a directory, which is made where there is none.

        Args:
            path: The directory.
            settings: How it is to run; by default what its `outcry.toml` and the environment say.

        Raises:
            InvalidValue: `path` is none, or `settings` are none.
            InvalidSetting: A setting cannot be.
            DirectoryLocked: Another process has it open.
            JournalDamaged: What was acknowledged does not read back.
            NewerFormat: A newer program wrote it.
            SettingsDiffer: It was begun with other rules.
            OpenFailed: It cannot be opened for another reason.
        """
        directory = to_path(path)
        chosen = Settings.load(directory) if settings is None else settings
        if not isinstance(chosen, Settings):
            raise InvalidValue("settings", shown(settings), "must be Settings, or None")
        native, report = _native.Exchange.open(directory, chosen)
        return cls(Parts.of(native, chosen, Recovery(**report)))

    def close(self) -> int | None:
        """Finish what was sent, sync, take a snapshot and close; return the last sequence.

        None where it was closed before.

        Raises:
            ExchangeHalted: The exchange had stopped for a failure.
        """
        return self._parts.native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    add_asset = _commanding(Requests.add_asset)
    add_instrument = _commanding(Requests.add_instrument)
    update_instrument = _commanding(Requests.update_instrument)
    set_account = _commanding(Requests.set_account)
    deposit = _commanding(Requests.deposit)
    withdraw = _commanding(Requests.withdraw)
    settle_withdrawal = _commanding(Requests.settle_withdrawal)
    transfer = _commanding(Requests.transfer)
    place_list = _commanding(Requests.place_list)
    cancel_list = _commanding(Requests.cancel_list)
    mass_cancel = _commanding(Requests.mass_cancel)
    end_session = _commanding(Requests.end_session)
    set_state = _commanding(Requests.set_state)
    set_reference = _commanding(Requests.set_reference)

    open_orders = _reading(Questions.open_orders)
    order = _reading(Questions.order)
    open_lists = _reading(Questions.open_lists)
    order_list = _reading(Questions.order_list)
    client_order = _reading(Questions.client_order)
    queue_position = _reading(Questions.queue_position)
    balances = _reading(Questions.balances)
    withdrawals = _reading(Questions.withdrawals)
    accounts = _reading(Questions.accounts)
    account = _reading(Questions.account)
    assets = _reading(Questions.assets)
    instruments = _reading(Questions.instruments)
    state = _reading(Questions.state)
    check_order = _reading(Questions.check_order)
    check_amount_order = _reading(Questions.check_amount_order)
    state_hash = _reading(Questions.state_hash)

    if TYPE_CHECKING:
        place = OrderCalls.place
        replace = OrderCalls.replace
        cancel = OrderCalls.cancel
        end_order = OrderCalls.end_order

    def apply(self, records: "ReadableBuffer | npt.NDArray[np.void]") -> npt.NDArray[np.void]:
        """Send any number of command records and return the records of all their events.

        They are on their way together, so a batch costs few syncs. The interpreter is free
        meanwhile; nobody may write into `records` until this returns. Times in the records are
        written over. What was due before a command's own answer is left out: `events` has all.

        Args:
            records: As `Engine.apply` takes them.

        Raises:
            InvalidValue: `records` is no buffer.
            MalformedRecord: The bytes end within a record, or tell no size. The records before
                that offset have been applied; their events are the exception's, as a buffer.
            EventsGap: More events came than `client_reply_bytes_max` holds. All commands were done.
            ExchangeHalted: The exchange stopped; how much was done is unknown.
        """
        view = to_view(records)
        try:
            return rows_of(self._caller.apply(view), EVENT)
        finally:
            if _native.has_definitions(view) and self.halt is None:
                self.assets()
                self.instruments()

    def events(self, from_sequence: int = 0) -> Iterator[Event]:
        """Yield all events from a sequence on, waiting for those to come, until it is closed.

        Args:
            from_sequence: The command whose events are first; 0 for those that come from now on.

        Raises:
            InvalidValue: `from_sequence` is no int from 0 to 2^64 - 1.
            EventsGone: They are no longer kept.
            EventsGap: The reader was too slow; a new call with its `first_sequence` goes on.
            ExchangeHalted: The exchange stopped for a failure.
        """
        feed = self._feed(from_sequence)
        return (event for piece in pieces(feed) for event in read_events(memoryview(piece)))

    def event_batches(self, from_sequence: int = 0) -> "Iterator[pl.DataFrame]":
        """Yield all events from a sequence on as frames, as they come; Arrow without a copy.

        Columns and raises are those of `PLACED_EVENT` and of `events`.
        """
        feed = self._feed(from_sequence)
        return (frame_of_events(piece) for piece in pieces(feed))

    def snapshot(self) -> int:
        """Have a snapshot taken now, wait for it and return the last sequence that it holds.

        Raises:
            ExchangeHalted: The exchange stopped.
        """
        return self._parts.native.snapshot()

    def _send(self, request: Request[T]) -> T:
        events = self._caller.call(request.record)
        return request.read(events, self._parts.catalogue.learn, events.time_ns)

    def _ask(self, question: Question[T]) -> T:
        _, found = self._caller.read(question.what, *question.arguments)
        return question.decode(found)
