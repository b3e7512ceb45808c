"""The replay of a LOBSTER recording as matching: executions are orders that the engine matches.

New orders, cancels and deletes are given to the engine as they are. A recorded execution becomes an
order of the other side, immediate or cancel, of its size at its price: the engine chooses whom it
trades with, and its choice is compared with the recorded one. docs/replay.md gives the rules and
says why a recording cannot be followed in every row.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from outcry.exchange import Engine, Instrument
from outcry.feeds.lobster import (
    PRICE_DECIMALS,
    BookLevel,
    BookRow,
    Message,
    MessageType,
    read_books,
    read_messages,
)
from outcry.feeds.recording import FieldError, MalformedRecording, Progress
from outcry.feeds.replay import Replay
from outcry.protocol import (
    ADMIN,
    ORDER,
    VERSION,
    CommandKind,
    EventKind,
    OrderType,
    Side,
    TimeInForce,
    TradingState,
)

# The recording names no accounts: one rests, one takes.
RESTING_ACCOUNT: Final = 1
TAKING_ACCOUNT: Final = 2
SEEDED: Final = 0
BATCH_MAX: Final = 4_096


class Outcome(StrEnum):
    """What became of a recorded execution."""

    FIRST = "first"
    """The engine traded with the recorded order: it stood first by price and time."""
    PUBLISHED_LATE = "published_late"
    """Another stood first, and is younger by its id: the recorded one was published behind it."""
    PASSED_OVER = "passed_over"
    """An older one stood first, and the venue passed over it."""
    BETTER_PRICE = "better_price"
    """The book had a better price than the recorded one."""
    SHORT = "short"
    """The book had less than the recorded size at that price or better."""


@dataclass(slots=True)
class Resting:
    """An order in the book: its id in the recording and in the engine, its shares so far."""

    recorded_id: int
    order_id: int
    side: Side
    price: int
    total: int
    open: int


class Fill(NamedTuple):
    """One trade of a recorded execution: with which order of the engine, at what, how much."""

    order_id: int
    price: int
    size: int


class _Row(NamedTuple):
    """What differs between the plain orders, cancels and replaces of a replay."""

    kind: CommandKind
    time_ns: int
    account: int
    side: int = 0
    order_type: int = 0
    time_in_force: int = 0
    price_ticks: int = 0
    quantity_lots: int = 0
    order_id: int = 0


class LobsterReplay(Replay):
    """An engine that follows the messages of one LOBSTER recording.

    Attributes:
        instrument: The instrument: its tick is the recording's 0.0001 dollars, its lot a share.
        messages: How many messages of each type were taken.
        executions: What became of the executions against orders that were seen to arrive.
        seeded_executions: The same of those against orders of the first book.
        unpublished: Messages that name an order which is neither open nor part of the first book.
        unrecorded_trades: Trades of the engine that the recording has not.
    """

    def __init__(self, book: BookRow | None = None) -> None:
        """Make an engine whose book is that of `book`, one order for each level and side."""
        super().__init__(Engine())
        self.instrument: Instrument = self.engine.add_instrument(
            "LOBSTER",
            base="SHARES",
            quote="USD",
            tick="0.0001",
            lot="1",
            base_decimals=0,
            quote_decimals=PRICE_DECIMALS,
        )
        self.messages: Counter[MessageType] = Counter()
        self.executions: Counter[Outcome] = Counter()
        self.seeded_executions: Counter[Outcome] = Counter()
        self.unpublished = 0
        self.unrecorded_trades = 0
        self._state = TradingState.CONTINUOUS
        self._orders: dict[int, Resting] = {}
        self._seeds: dict[tuple[Side, int], Resting] = {}
        self._by_order_id: dict[int, Resting] = {}
        self._rows: list[_Row] = []
        self._next_order_id = 1
        for side, levels in self._sides(book):
            for level in levels:
                resting = Resting(SEEDED, 0, side, level.price, level.size, level.size)
                self._seeds[side, level.price] = resting
                self._rest(resting, time_ns=0)
        self.flush()

    @staticmethod
    def _sides(book: BookRow | None) -> list[tuple[Side, tuple[BookLevel, ...]]]:
        return [] if book is None else [(Side.BUY, book.bids), (Side.SELL, book.asks)]

    def take(self, message: Message) -> None:
        """Take the next message; its commands reach the engine by the next `flush` at the latest.

        Raises:
            FieldError: When it enters an order that is open already.
        """
        self.messages[message.type] += 1
        # Who executes or shrinks an order shows that the halt is over, whatever was published.
        works = message.type in (MessageType.PARTIAL_CANCEL, MessageType.EXECUTION)
        if works and self._state is not TradingState.CONTINUOUS:
            self._set_state(TradingState.CONTINUOUS, message.time_ns)
        match message.type:
            case MessageType.NEW:
                self._enter(message)
            case MessageType.PARTIAL_CANCEL | MessageType.DELETE:
                self._cancel(message)
            case MessageType.EXECUTION:
                self._execute(message)
            case MessageType.HALT:
                self._change_state(message)
            case MessageType.HIDDEN_EXECUTION | MessageType.CROSS:
                pass  # Neither touches an order of the visible book.
        if len(self._rows) >= BATCH_MAX:
            self.flush()

    def flush(self) -> None:
        """Give the engine all commands that wait."""
        self._trade(taker_order_id=0)

    def _enter(self, message: Message) -> None:
        if message.order_id in self._orders:
            raise FieldError("order_id", f"{message.order_id} is open already")
        side = Side.BUY if message.side > 0 else Side.SELL
        resting = Resting(message.order_id, 0, side, message.price, message.size, message.size)
        if self._state is TradingState.CONTINUOUS:
            self._orders[message.order_id] = resting
        self._rest(resting, message.time_ns)

    def _cancel(self, message: Message) -> None:
        resting = self._named(message)
        if resting is None:
            self.unpublished += 1
            return
        is_whole = message.type is MessageType.DELETE and resting.recorded_id != SEEDED
        if is_whole or message.size >= resting.open:
            self._leave(resting, message.time_ns)
            self._forget(resting)
            return
        resting.open -= message.size
        resting.total -= message.size
        self._rows.append(
            _Row(
                CommandKind.REPLACE,
                message.time_ns,
                RESTING_ACCOUNT,
                price_ticks=resting.price,
                quantity_lots=resting.total,
                order_id=resting.order_id,
            )
        )

    def _execute(self, message: Message) -> None:
        resting = self._named(message)
        if resting is None:
            self.unpublished += 1
            return
        side = Side.SELL if resting.side is Side.BUY else Side.BUY
        order_id = self._new(message.time_ns, TAKING_ACCOUNT, side, message.price, message.size)
        fills = self._trade(order_id)
        outcome = _outcome(message, resting, fills, self._by_order_id)
        is_seeded = resting.recorded_id == SEEDED
        (self.seeded_executions if is_seeded else self.executions)[outcome] += 1
        if outcome is Outcome.FIRST:
            self._reduce(resting, message.size)
        else:
            self._restore(message, resting, fills)

    def _change_state(self, message: Message) -> None:
        """Let only cancels pass in a halt, and everything once quoting resumes."""
        halts = message.price < 0
        state = TradingState.CANCEL_ONLY if halts else TradingState.CONTINUOUS
        self._set_state(state, message.time_ns)

    def _set_state(self, state: TradingState, time_ns: int) -> None:
        self.flush()
        self._state = state
        record = np.zeros(1, ADMIN)
        record["kind"], record["version"] = CommandKind.SET_STATE, VERSION
        record["instrument"], record["state"] = self.instrument.number, self._state
        record["time_ns"] = time_ns
        self.apply(record.data, record["kind"], record["time_ns"].astype(np.int64))

    def _named(self, message: Message) -> Resting | None:
        """Return the order that a message names: if it is not open, the seeded one of its price."""
        resting = self._orders.get(message.order_id)
        side = Side.BUY if message.side > 0 else Side.SELL
        return resting or self._seeds.get((side, message.price))

    def _rest(self, resting: Resting, time_ns: int) -> None:
        """Enter what is open of an order as a new one of the engine."""
        resting.total = resting.open
        resting.order_id = self._new(
            time_ns, RESTING_ACCOUNT, resting.side, resting.price, resting.open
        )
        self._by_order_id[resting.order_id] = resting

    def _new(self, time_ns: int, account: int, side: Side, price: int, size: int) -> int:
        """Queue a new order and return the id that the engine will give it."""
        takes = account == TAKING_ACCOUNT
        self._rows.append(
            _Row(
                CommandKind.NEW,
                time_ns,
                account,
                side,
                OrderType.LIMIT,
                TimeInForce.IOC if takes else TimeInForce.GTC,
                price,
                size,
            )
        )
        order_id = self._next_order_id
        # A refused order takes no id: nothing is refused while trading is continuous.
        self._next_order_id += self._state is TradingState.CONTINUOUS
        return order_id

    def _leave(self, resting: Resting, time_ns: int) -> None:
        """Queue the cancel of an order."""
        order_id = resting.order_id
        self._rows.append(_Row(CommandKind.CANCEL, time_ns, RESTING_ACCOUNT, order_id=order_id))

    def _forget(self, resting: Resting) -> None:
        """Strike an order off, as it is no longer open; one struck off already stays so."""
        self._by_order_id.pop(resting.order_id, None)
        place = (resting.side, resting.price)
        if self._seeds.get(place) is resting:
            del self._seeds[place]
        if self._orders.get(resting.recorded_id) is resting:
            del self._orders[resting.recorded_id]

    def _reduce(self, resting: Resting, size: int) -> None:
        """Take off what traded."""
        resting.open -= size
        if resting.open <= 0:
            self._forget(resting)

    def _trade(self, taker_order_id: int) -> list[Fill]:
        """Give the engine all commands that wait and return what this order of them traded.

        Other trades come of a book that the recording does not show whole: they are counted, and
        their orders follow the engine.
        """
        if not self._rows:
            return []
        records = np.zeros(len(self._rows), ORDER)
        for name, column in zip(_Row._fields, zip(*self._rows, strict=True), strict=True):
            records[name] = column
        records["version"] = VERSION
        records["instrument"] = self.instrument.number
        self._rows = []
        placed = self.apply(records.data, records["kind"], records["time_ns"].astype(np.int64))
        fills = []
        for trade in placed[placed["kind"] == EventKind.TRADED]:
            fill = Fill(*trade[["order_id", "price_ticks", "quantity_lots"]].item())
            if trade["taker_order_id"] == taker_order_id:
                fills.append(fill)
                continue
            self.unrecorded_trades += 1
            for order_id in (fill.order_id, int(trade["taker_order_id"])):
                # A later message of the same batch may have struck the order off already.
                if (resting := self._by_order_id.get(order_id)) is not None:
                    self._reduce(resting, fill.size)
        return fills

    def _restore(self, message: Message, executed: Resting, fills: list[Fill]) -> None:
        """Bring the levels that traded back to what the recording says stands there.

        The orders of these levels leave and enter again in the order of their arrival, so one
        contradiction does not bring others about.
        """
        prices = {message.price, *(fill.price for fill in fills)}
        standing = [
            resting
            for resting in (*self._seeds.values(), *self._orders.values())
            if resting.side is executed.side and resting.price in prices
        ]
        in_engine = {resting.order_id: resting.open for resting in standing}
        for fill in fills:
            if fill.order_id in in_engine:
                in_engine[fill.order_id] -= fill.size
        for resting in standing:
            if in_engine[resting.order_id] > 0:
                self._leave(resting, message.time_ns)
        self._reduce(executed, message.size)
        for resting in standing:
            self._by_order_id.pop(resting.order_id, None)
            if resting.open > 0:
                self._rest(resting, message.time_ns)


def _outcome(
    message: Message, executed: Resting, fills: list[Fill], by_order_id: dict[int, Resting]
) -> Outcome:
    """Say how what the engine traded compares with the recorded execution."""
    if fills == [Fill(executed.order_id, message.price, message.size)]:
        return Outcome.FIRST
    if any(fill.price != message.price for fill in fills):
        return Outcome.BETTER_PRICE
    if sum(fill.size for fill in fills) < message.size:
        return Outcome.SHORT
    # Ids rise through the day: a younger one that stands before an older was published first.
    first = by_order_id.get(fills[0].order_id)
    is_younger = first is not None and first.recorded_id > executed.recorded_id
    return Outcome.PUBLISHED_LATE if is_younger else Outcome.PASSED_OVER


def replay_lobster(
    path: Path, book_path: Path | None = None, progress: Progress | None = None
) -> LobsterReplay:
    """Replay a message file, its book made by the first row of the order-book file.

    That row is the book behind the first message, which is therefore not replayed. Without an
    order-book file the book is empty at first and every message is replayed.

    Raises:
        MalformedRecording: At the first row of either file that is wrong.
        OSError: When a file cannot be read.
    """
    book = None if book_path is None else next(read_books(book_path))
    replay = LobsterReplay(book)
    for message in read_messages(path, progress):
        if book is not None and message.line == 1:
            continue
        try:
            replay.take(message)
        except FieldError as error:
            place = f"line {message.line}"
            raise MalformedRecording(path, place, error.field, error.problem) from None
    replay.flush()
    return replay
