"""The exchange for asyncio: the same calls, whose answers are awaited."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import update_wrapper
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Self, TypeVar

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.errors import MalformedRecord
from outcry.exchange.event_feed import events_async, frames_async
from outcry.exchange.local_reads import LocalReads
from outcry.exchange.opened import Exchange
from outcry.exchange.questions import Question, Questions
from outcry.exchange.request import Request
from outcry.exchange.requests import Requests
from outcry.exchange.values import to_view
from outcry.protocol import EVENT, Event, rows_of

if TYPE_CHECKING:
    import polars as pl
    from _typeshed import ReadableBuffer

    from outcry.exchange.order_calls import OrderCalls
    from outcry.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

# A submission of so many bytes has at most as many commands as the core takes at once.
_SUBMISSION_BYTES: Final = 64 * 1_024


def _commanding(
    make: Callable[Concatenate[Requests, P], Request[T]],
) -> "Callable[Concatenate[AsyncExchange, P], Awaitable[T]]":
    """Return the call that sends what `make` makes; its answer is awaited."""

    def call(self: "AsyncExchange", /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        return self._send(make(self._parts.requests, *args, **kwargs))

    update_wrapper(call, make, assigned=("__name__", "__doc__"))
    return call


def _reading(
    make: Callable[Concatenate[Questions, P], Question[T]],
) -> "Callable[Concatenate[AsyncExchange, P], Awaitable[T]]":
    """Return the call that asks what `make` makes; its answer is awaited."""

    def call(self: "AsyncExchange", /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        return self.ask(make(self._parts.questions, *args, **kwargs))

    update_wrapper(call, make, assigned=("__name__", "__doc__"))
    return call


if TYPE_CHECKING:

    def _awaited(
        call: Callable[Concatenate[Any, P], T],
    ) -> Callable[Concatenate[Any, P], Awaitable[T]]:
        """Return the same call as the core does it here."""


class AsyncExchange(LocalReads, _native.OrderEntry):
    """A durable exchange in this process, for one event loop.

    What `Exchange` says of its calls holds for the same ones here; each returns a future. Answers
    come in batches, by one wake-up of the loop each, in the order of the calls. A call that is
    given up, as by a timeout, is carried out all the same.

    >>> import asyncio, tempfile
    >>> from outcry import AsyncExchange
    >>> async def trade() -> None:
    ...     with tempfile.TemporaryDirectory() as folder:
    ...         async with await AsyncExchange.open(folder) as exchange:
    ...             await exchange.add_asset("BTC", 8)
    ...             await exchange.add_asset("USD", 2)
    ...             await exchange.add_instrument(
    ...                 "BTCUSD", base="BTC", quote="USD", tick="1", lot="0.01"
    ...             )
    ...             await exchange.set_account(7)
    ...             await exchange.deposit(7, "USD", "1000", source=(1, 1))
    ...             orders = [
    ...                 exchange.place("BTCUSD", side="buy", price=price, quantity="1", account=7)
    ...                 for price in (100, 200, 300)
    ...             ]
    ...             print([placed.order_id for placed in await asyncio.gather(*orders)])
    >>> asyncio.run(trade())
    [1, 2, 3]
    """

    __slots__ = ("_exchange", "_is_owner", "_loop", "_parts", "_tasks")

    def __init__(self, exchange: Exchange) -> None:
        """Serve an open exchange to the running event loop; closing this leaves it open.

        Raises:
            RuntimeError: No event loop is running.
            Overloaded: There are as many clients as there may be.
        """
        self._exchange: Final = exchange
        self._is_owner = False
        parts = self._parts = exchange.parts
        self._loop: Final = asyncio.get_running_loop()
        settings, registry = parts.settings, parts.registry
        self._tasks: Final = parts.native.tasks(
            settings.client_in_flight_max,
            settings.client_reply_bytes_max,
            self._loop.create_future,
            self._loop.call_soon,
        )
        super().__init__(self._tasks, registry.markets, registry.find, registry.explain)
        self._loop.add_reader(self._tasks.fileno(), self._tasks.drain)

    @classmethod
    async def open(cls, path: Path | str, settings: "Settings | None" = None) -> Self:
        """Open the exchange of a directory as `Exchange.open`, with the loop free meanwhile."""
        opened = cls(await asyncio.to_thread(Exchange.open, path, settings))
        opened._is_owner = True
        return opened

    async def close(self) -> None:
        """Wait for what was sent; where this opened the exchange, close it as `Exchange.close`.

        Raises:
            ExchangeHalted: The exchange had stopped for a failure.
        """
        try:
            if self._is_owner:
                await asyncio.to_thread(self._exchange.close)
            elif self.halt is None:
                # Answers come in the order of the questions.
                await self.account(0)
        finally:
            self._tasks.drain()
            self._loop.remove_reader(self._tasks.fileno())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

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
        place = _awaited(OrderCalls.place)
        replace = _awaited(OrderCalls.replace)
        cancel = _awaited(OrderCalls.cancel)
        end_order = _awaited(OrderCalls.end_order)

    async def apply(self, records: "ReadableBuffer | npt.NDArray[np.void]") -> npt.NDArray[np.void]:
        """Send any number of command records as `Exchange.apply`, with the loop free meanwhile."""
        view = to_view(records)
        if view.nbytes > _SUBMISSION_BYTES or _native.has_definitions(view):
            return await asyncio.to_thread(self._exchange.apply, records)
        if view.nbytes == 0:
            return np.zeros(0, EVENT)
        try:
            return await self._tasks.send(view, lambda events: rows_of(events, EVENT))
        except MalformedRecord:
            # Nothing of it was done. The other way does what stands before the offset.
            return await asyncio.to_thread(self._exchange.apply, records)

    def events(self, from_sequence: int = 0) -> AsyncIterator[Event]:
        """Yield all events from a sequence on as `Exchange.events`, the loop free meanwhile."""
        return events_async(self._feed(from_sequence))

    def event_batches(self, from_sequence: int = 0) -> "AsyncIterator[pl.DataFrame]":
        """Yield all events from a sequence on as frames, as `Exchange.event_batches`."""
        return frames_async(self._feed(from_sequence))

    async def snapshot(self) -> int:
        """Have a snapshot taken now, wait for it and return the last sequence that it holds.

        Raises:
            ExchangeHalted: The exchange stopped.
        """
        return await asyncio.to_thread(self._parts.native.snapshot)

    def ask(self, question: Question[T]) -> Awaitable[T]:
        """Ask what `parts.questions` made."""
        return self._tasks.ask(question.decode, question.what, *question.arguments)

    def _send(self, request: Request[T]) -> Awaitable[T]:
        def decode(events: _native.Records) -> T:
            return request.read(events, self._parts.catalogue.learn, events.time_ns)

        return self._tasks.send(request.record, decode)
