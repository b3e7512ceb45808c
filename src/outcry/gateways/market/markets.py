"""The market data of all instruments: folds the trades of the exchange as they become durable."""

import asyncio
import contextlib
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import structlog

from outcry.errors import EventsGap, ExchangeHalted
from outcry.exchange import AsyncExchange, Instrument
from outcry.gateways.figures import Figures
from outcry.gateways.market.board import MINUTES_MAX, Board, LastTrade, TradeColumns
from outcry.gateways.market.buckets import LENGTHS_MS, MINUTE_MS, back_ms, end_ms, open_ms
from outcry.gateways.market.candle import Candle, rolled_up
from outcry.gateways.market.chart import CANDLES_MAX, Chart
from outcry.gateways.past import caught_up
from outcry.gateways.times import NS_PER_MS
from outcry.projections.history import CandleRow, History, TradeRow
from outcry.protocol import EventKind, Side, place_events

if TYPE_CHECKING:
    from outcry._native import Feed, Records

    # Its first sequence, its time in nanoseconds since 1970 UTC, its events.
    Piece = tuple[int, int, Records]

DRAIN_S: Final = 0.25
"""How often trades are folded when nobody asks, in seconds."""

_BATCH_BYTES: Final = 1 << 20
_PAGE: Final = 1_000

SECOND_TRADES_MAX: Final = 50_000
"""Trades that one page of seconds is made of; a page of busier seconds ends early."""

log = structlog.get_logger("outcry.market")


class Parts(NamedTuple):
    """What candles are made of.

    Attributes:
        candles: The finer candles, in the order of time.
        start_ms: From which time on none of them is missing, in milliseconds since 1970 UTC.
        stop_ms: Up to which time none of them is missing.
    """

    candles: list[Candle]
    start_ms: int
    stop_ms: int


class Traded(NamedTuple):
    """Trades of an instrument that became durable: rows of `PLACED_EVENT`, and their times."""

    rows: npt.NDArray[np.void]
    times_ns: npt.NDArray[np.int64]


class Listener(Protocol):
    """Hears the events of the exchange as they are folded."""

    def hear(self, rows: npt.NDArray[np.void], /) -> None:
        """Hear placed events, each once, in their order."""
        ...

    def settle(self) -> None:
        """Is told now and then, also while nothing happens."""
        ...


class Markets:
    """Tape, candles and tickers.

    Whoever reads folds first what came, so an answer has every trade that was durable then. Boards
    begin from the history: at the start, and where the feed had a gap.
    """

    def __init__(
        self,
        exchange: AsyncExchange,
        history: History,
        figures: Callable[[Instrument], Figures],
        history_timeout_s: float,
        listener: Listener | None = None,
    ) -> None:
        """Fold what an exchange trades.

        Args:
            exchange: The exchange.
            history: What was before this process.
            figures: Says an instrument's numbers.
            history_timeout_s: How long is waited for the history to catch up, in seconds.
            listener: Hears what is folded.
        """
        self._exchange: Final = exchange
        self._history: Final = history
        self._figures: Final = figures
        self._history_timeout_s: Final = history_timeout_s
        self._listener: Final = listener
        self._boards: dict[int, tuple[Instrument, Board]] = {}
        self._loading: dict[int, asyncio.Lock] = {}
        # What traded since a board that is not yet there began to be read.
        self._unshown: dict[int, list[Traded]] = {}
        self._gaps = 0
        self._feed = self._new_feed()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Fold from now on, also while nobody asks."""
        self._task = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        """End the folding."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def board(self, instrument: Instrument, now_ms: int) -> Board:
        """Return the market data of an instrument, with all that is durable.

        Raises:
            ProjectionLagging: The history, from which it begins, does not catch up.
        """
        self._drain()
        known = self._boards.get(instrument.number)
        if known is None or not _is_same(known[0], instrument):
            known = await self._load(instrument)
        known[1].settle(now_ms)
        return known[1]

    async def chart(
        self, instrument: Instrument, interval: str, now_ms: int
    ) -> tuple[Board, Chart]:
        """Return the newest candles of an interval, and the board that they are of."""
        board = await self.board(instrument, now_ms)
        chart = board.charts.get(interval)
        while chart is None:
            made = await self._new_chart(instrument, board, interval, now_ms)
            board = await self.board(instrument, now_ms)
            # Trades that came meanwhile are shown to charts that the board knows only.
            chart = board.charts.get(interval)
            if chart is None and made is not None and made[0] is board:
                chart = board.charts[interval] = made[1]
                board.settle(now_ms)
        return board, chart

    async def earliest_ms(self, instrument: Instrument, interval: str) -> int | None:
        """Return a time in the first candle of an interval, None where nothing was traded."""
        board = await self.board(instrument, 0)
        if interval == "1s":
            # Only the first trade itself tells its second.
            await self._caught_up()
            trades = await self._history.trades(instrument.number, from_id=1, limit=1)
            return trades[0].time_ns // NS_PER_MS if trades else None
        if len(board.minutes) == MINUTES_MAX:
            rows = await self._history.candles(instrument.number, start_ns=0, limit=1)
            return rows[0].open_time_ns // NS_PER_MS
        first = board.minutes[0] if board.minutes else board.forming_minute
        return None if first is None else first.open_ms

    async def parts(
        self,
        instrument: Instrument,
        interval: str,
        start_ms: int,
        stop_ms: int,
        *,
        wants_newest: bool = False,
    ) -> Parts:
        """Return what candles of an interval in `[start_ms, stop_ms)` are made of.

        Before them comes one candle more where there is one, for the price at which they begin.
        Seconds are made of so many trades at most: the first ones, or where `wants_newest` the
        last.
        """
        if interval == "1s":
            seconds = self._last_seconds if wants_newest else self._seconds
            return await seconds(instrument, start_ms, stop_ms)
        found = await self.minutes(instrument, start_ms, stop_ms)
        before = await self._last_before(instrument, start_ms)
        return Parts(found if before is None else [before, *found], start_ms, stop_ms)

    async def minutes(self, instrument: Instrument, start_ms: int, stop_ms: int) -> list[Candle]:
        """Return the candles of the minutes in `[start_ms, stop_ms)`, quiet ones left out.

        Out of the history as far as it has finished them, and then out of memory.
        """
        board = await self.board(instrument, 0)
        found: list[Candle] = []
        # A board that is not full holds all minutes that there ever were.
        if len(board.minutes) == MINUTES_MAX and start_ms < board.minutes[0].open_ms:
            found = await self._read_minutes(instrument, start_ms, stop_ms)
            board = await self.board(instrument, 0)
        recent = [*board.minutes]
        if board.forming_minute is not None:
            recent.append(board.forming_minute)
        last_ms = found[-1].open_ms if found else -1
        found += [each for each in recent if max(start_ms, last_ms + 1) <= each.open_ms < stop_ms]
        return found

    async def _last_before(self, instrument: Instrument, start_ms: int) -> Candle | None:
        board = await self.board(instrument, 0)
        forming = board.forming_minute
        if forming is not None and forming.open_ms < start_ms:
            return forming
        older = [each for each in board.minutes if each.open_ms < start_ms]
        if older:
            return older[-1]
        if len(board.minutes) < MINUTES_MAX:
            return None
        rows = await self._history.candles(
            instrument.number, end_ns=start_ms * NS_PER_MS - 1, limit=1
        )
        return candle_of(rows[-1]) if rows else None

    async def _seconds(self, instrument: Instrument, start_ms: int, stop_ms: int) -> Parts:
        """Return seconds made of the trades in the history, at most `SECOND_TRADES_MAX` of them."""
        await self._caught_up()
        before = await self._history.trades(
            instrument.number, end_ns=start_ms * NS_PER_MS - 1, limit=1
        )
        rows: list[TradeRow] = [*before]
        start_ns, end_ns = start_ms * NS_PER_MS, stop_ms * NS_PER_MS - 1
        from_id = None
        while len(rows) < SECOND_TRADES_MAX:
            page = await self._history.trades(
                instrument.number, from_id=from_id, start_ns=start_ns, end_ns=end_ns, limit=_PAGE
            )
            rows += page
            if len(page) < _PAGE:
                return Parts(seconds_of(rows), start_ms, stop_ms)
            from_id = page[-1].trade_id + 1
        # The last second may have more trades than were read.
        whole = seconds_of(rows)
        return Parts(whole[:-1], start_ms, whole[-1].open_ms)

    async def _last_seconds(self, instrument: Instrument, start_ms: int, stop_ms: int) -> Parts:
        """Return seconds as `_seconds`, but read from the end backwards."""
        await self._caught_up()
        rows = await self._history.trades(
            instrument.number, end_ns=stop_ms * NS_PER_MS - 1, limit=_PAGE
        )
        start_ns = start_ms * NS_PER_MS
        while rows and rows[0].time_ns >= start_ns and rows[0].trade_id > 1:
            if len(rows) >= SECOND_TRADES_MAX:
                # The first second may have more trades than were read.
                whole = seconds_of(rows)
                return Parts(whole, end_ms("1s", whole[0].open_ms), stop_ms)
            # Ids count the trades of an instrument without a gap.
            first_id = rows[0].trade_id
            count = min(_PAGE, first_id - 1)
            page = await self._history.trades(
                instrument.number, from_id=first_id - count, limit=count
            )
            older = [row for row in page if row.trade_id < first_id]
            if not older:
                break
            rows = older + rows
        return Parts(seconds_of(rows), start_ms, stop_ms)

    async def _caught_up(self) -> None:
        """Wait until the history has what is durable now."""
        await caught_up(self._exchange, self._history, self._history_timeout_s)

    async def _load(self, instrument: Instrument) -> tuple[Instrument, Board]:
        # Whoever waits for the lock has waited for the history all the while.
        await self._caught_up()
        lock = self._loading.setdefault(instrument.number, asyncio.Lock())
        async with lock:
            known = self._boards.get(instrument.number)
            while known is None or not _is_same(known[0], instrument):
                known = await self._read_board(instrument)
            return known

    async def _read_board(self, instrument: Instrument) -> tuple[Instrument, Board] | None:
        """Make a board out of the history; None where the feed had a gap meanwhile."""
        self._drain()
        unshown = self._unshown[instrument.number] = []
        gaps = self._gaps
        try:
            await self._caught_up()
            rows = await self._history.candles(instrument.number, limit=_PAGE)
            if len(rows) == _PAGE:
                older = await self._history.candles(
                    instrument.number, end_ns=rows[0].open_time_ns - 1, limit=_PAGE
                )
                rows = older + rows
            minutes = rolled_up((candle_of(row) for row in rows), "1m")
            board = Board(instrument, self._figures(instrument), minutes[-MINUTES_MAX:])
            await self._show_rest(instrument, board, minutes[-1].last_id if minutes else 0)
        finally:
            del self._unshown[instrument.number]
        if gaps != self._gaps:
            return None
        for trades in unshown:
            board.take(*trades)
        known = self._boards[instrument.number] = (instrument, board)
        return known

    async def _show_rest(self, instrument: Instrument, board: Board, last_id: int) -> None:
        """Show a board the trades behind its finished minutes, or what traded last in these."""
        for row in await self._history.trades(instrument.number, from_id=last_id, limit=1):
            steps = row.steps
            price, quantity = steps.price(row.price_ticks), steps.quantity(row.quantity_lots)
            board.last = LastTrade(row.trade_id, price, quantity, row.time_ns // NS_PER_MS)
        while rows := await self._history.trades(
            instrument.number, from_id=last_id + 1, limit=_PAGE
        ):
            last_id = rows[-1].trade_id
            for steps, run in groupby(rows, lambda row: row.steps):
                tick = steps.tick_mantissa, steps.tick_decimals
                lot = steps.lot_mantissa, steps.lot_decimals
                board.take_columns(_columns_of(list(run)), tick, lot)

    async def _new_chart(
        self, instrument: Instrument, board: Board, interval: str, now_ms: int
    ) -> tuple[Board, Chart] | None:
        """Return a chart with the board that it goes on from, None where that changed meanwhile."""
        start_ms = back_ms(interval, open_ms(interval, now_ms), CANDLES_MAX)
        if interval == "1s":
            candles = await self._newest_seconds(instrument, board, start_ms)
        else:
            finished = [each.open_ms for each in board.minutes]
            before = await self._last_before(instrument, start_ms)
            minutes = await self.minutes(instrument, max(0, start_ms), now_ms + MINUTE_MS)
            if [each.open_ms for each in board.minutes] != finished:
                # A minute ended while the history was read: the next try has it in its place.
                return None
            forming = board.forming_minute
            if forming is not None and minutes and minutes[-1].open_ms == forming.open_ms:
                minutes.pop()
            candles = rolled_up(minutes, interval)
            if before is not None:
                candles.insert(0, before.quiet_after(start_ms))
        return board, Chart(interval, self._figures(instrument), candles)

    async def _newest_seconds(
        self, instrument: Instrument, board: Board, start_ms: int
    ) -> list[Candle]:
        """Return the finished seconds from a time on: those of before the board's out of the past.

        Where the past has more trades than are read, they begin with the board.
        """
        first = board.seconds[0] if board.seconds else board.forming_second
        older: list[Candle] = []
        if first is not None and first.open_ms > start_ms:
            found, _, until_ms = await self._seconds(instrument, start_ms, first.open_ms)
            if until_ms == first.open_ms:
                older = [
                    each if each.open_ms >= start_ms else each.quiet_after(start_ms)
                    for each in found
                ]
        return [*older, *board.seconds]

    async def _read_minutes(
        self, instrument: Instrument, start_ms: int, stop_ms: int
    ) -> list[Candle]:
        found: list[CandleRow] = []
        start_ns, end_ns = start_ms * NS_PER_MS, stop_ms * NS_PER_MS - 1
        while start_ns <= end_ns:
            rows = await self._history.candles(
                instrument.number, start_ns=start_ns, end_ns=end_ns, limit=_PAGE
            )
            found += rows
            if len(rows) < _PAGE:
                break
            start_ns = rows[-1].open_time_ns + 1
        return rolled_up((candle_of(row) for row in found), "1m")

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(DRAIN_S)
            self._drain()
            if self._listener is not None:
                self._listener.settle()

    def _new_feed(self) -> "Feed":
        parts = self._exchange.parts
        return parts.native.feed(0, parts.settings.feed_bytes_max)

    def _drain(self) -> None:
        """Fold all that became durable; of a stopped exchange nothing more comes."""
        end: Exception | None = None
        while end is None:
            pieces, end = self._pieces()
            if not pieces:
                break
            self._fold(pieces)
        if isinstance(end, EventsGap):
            log.warning("market_feed_gap", first=end.first_sequence, last=end.last_sequence)
            self._boards.clear()
            self._gaps += 1
            with contextlib.suppress(ExchangeHalted):
                self._feed = self._new_feed()

    def _pieces(self) -> "tuple[list[Piece], EventsGap | ExchangeHalted | None]":
        """Return what came, a piece for each time, and why nothing more follows."""
        found: list[Piece] = []
        size = 0
        try:
            while size < _BATCH_BYTES and (piece := self._feed.take(0)) is not None:
                first_sequence, _, time_ns, records = piece
                found.append((first_sequence, time_ns, records))
                size += memoryview(records).nbytes
        except (EventsGap, ExchangeHalted) as end:
            return found, end
        return found, None

    def _fold(self, pieces: "list[Piece]") -> None:
        rows = place_events(b"".join(memoryview(records) for _, _, records in pieces))
        if self._listener is not None:
            self._listener.hear(rows)
        trades = rows[rows["kind"] == EventKind.TRADED]
        if not trades.size:
            return
        firsts = np.array([first for first, _, _ in pieces], np.uint64)
        times = np.array([time_ns for _, time_ns, _ in pieces], np.int64)
        times_ns = times[np.searchsorted(firsts, trades["sequence"], "right") - 1]
        for number in np.unique(trades["instrument"]).tolist():
            is_own = trades["instrument"] == number
            own = Traded(trades[is_own], times_ns[is_own])
            if number in self._unshown:
                self._unshown[number].append(own)
            if number in self._boards:
                self._boards[number][1].take(*own)


def _is_same(known: Instrument, instrument: Instrument) -> bool:
    """Return whether an instrument is as it was; one that was read again is another object."""
    return known is instrument or known == instrument


INTERVALS: Final = tuple(LENGTHS_MS)
"""Every interval that can be asked for."""


def candle_of(row: CandleRow) -> Candle:
    """Return a minute of the history in decimals."""
    steps = row.steps
    return Candle(
        open_ms=row.open_time_ns // NS_PER_MS,
        open=steps.price(row.open_ticks),
        high=steps.price(row.high_ticks),
        low=steps.price(row.low_ticks),
        close=steps.price(row.close_ticks),
        volume=steps.quantity(row.volume_lots),
        quote_volume=steps.value(row.value),
        trades=row.trades,
        buy_volume=steps.quantity(row.buy_volume_lots),
        buy_quote_volume=steps.value(row.buy_value),
        first_id=row.first_trade_id,
        last_id=row.last_trade_id,
    )


def seconds_of(rows: list[TradeRow]) -> list[Candle]:
    """Return the seconds of trades in the order of time."""
    made: list[Candle] = []
    nothing = Decimal(0)
    for row in rows:
        steps = row.steps
        price, quantity = steps.price(row.price_ticks), steps.quantity(row.quantity_lots)
        value, is_buy = steps.value(row.value), row.aggressor is Side.BUY
        made.append(
            Candle(
                row.time_ns // NS_PER_MS,
                price,
                price,
                price,
                price,
                quantity,
                value,
                1,
                quantity if is_buy else nothing,
                value if is_buy else nothing,
                row.trade_id,
                row.trade_id,
            )
        )
    return rolled_up(made, "1s")


def _columns_of(rows: list[TradeRow]) -> TradeColumns:
    times = np.array([row.time_ns for row in rows], np.int64)
    ids = np.array([row.trade_id for row in rows], np.int64)
    ticks = np.array([row.price_ticks for row in rows], np.int64)
    lots = np.array([row.quantity_lots for row in rows], np.int64)
    sides = np.array([1 if row.aggressor is Side.BUY else -1 for row in rows], np.int8)
    return TradeColumns(times, ids, ticks, lots, sides)
