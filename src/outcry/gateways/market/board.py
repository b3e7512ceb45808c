"""What is known of one instrument's trading: its last trade, its minutes, its charts."""

from collections import deque
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from outcry._native import to_decimal
from outcry.exchange import Instrument
from outcry.gateways.figures import Figures
from outcry.gateways.market.buckets import DAY_MS, MINUTE_MS, SECOND_MS
from outcry.gateways.market.candle import Candle
from outcry.gateways.market.chart import Chart
from outcry.gateways.times import NS_PER_MS
from outcry.protocol import Side

if TYPE_CHECKING:
    import polars as pl

GRACE_MS: Final = 2_000
"""How long after its end a minute may still get trades that were on their way, in milliseconds."""

MINUTES_MAX: Final = DAY_MS // MINUTE_MS + 1
SECONDS_MAX: Final = 1_000
_EXACT: Final = Context(prec=100)
_FINEST: Final = ("1s", "1m")

Increment: TypeAlias = tuple[int, int]
"""A step as a mantissa and its decimals."""


class LastTrade(NamedTuple):
    """The newest trade."""

    trade_id: int
    price: Decimal
    quantity: Decimal
    time_ms: int


class TradeColumns(NamedTuple):
    """Trades by columns, at one tick and lot.

    Attributes:
        times_ns: When, in nanoseconds since 1970 UTC.
        trade_ids: Their numbers on the instrument.
        price_ticks: The prices.
        quantity_lots: The quantities.
        sides: 1 where a buyer was the aggressor, -1 for a seller.
    """

    times_ns: npt.NDArray[np.int64]
    trade_ids: npt.NDArray[np.int64]
    price_ticks: npt.NDArray[np.int64]
    quantity_lots: npt.NDArray[np.int64]
    sides: npt.NDArray[np.int8]


class ScaledTrades(NamedTuple):
    """Trades as integers, as the candles take them.

    Attributes:
        frame: The columns.
        scales: The decimals of prices, quantities and values.
    """

    frame: "pl.DataFrame"
    scales: tuple[int, int, int]


class Board:
    """The market data of one instrument, of which every trade is shown once.

    Attributes:
        figures: How its numbers are said.
        last: Its newest trade, None before the first.
        charts: Its charts, by interval.
        minutes: The finished minutes of about a day, those without a trade left out.
        seconds: The newest finished seconds.
        forming_minute: The minute of the newest trade, None while there is none.
        forming_second: The second of the newest trade.
    """

    def __init__(self, instrument: Instrument, figures: Figures, minutes: list[Candle]) -> None:
        """Begin with the minutes that are finished, in the order of time."""
        self.figures = figures
        self.last: LastTrade | None = None
        self.charts: dict[str, Chart] = {}
        self.minutes: deque[Candle] = deque(minutes, maxlen=MINUTES_MAX)
        self.seconds: deque[Candle] = deque(maxlen=SECONDS_MAX)
        self.forming_minute: Candle | None = None
        self.forming_second: Candle | None = None
        self._last_id = minutes[-1].last_id if minutes else 0
        self._instrument = instrument
        # Its imports take longer than all else that a server starts with.
        from outcry.marketdata import CandleStream  # noqa: PLC0415

        self._stream = CandleStream(_FINEST, by=(), horizon=0, threads=1)

    def take(self, rows: npt.NDArray[np.void], times_ns: npt.NDArray[np.int64]) -> None:
        """Take trades, rows of dtype `PLACED_EVENT`, in the order of their ids.

        Those that were shown before are passed over.
        """
        is_new = rows["trade_id"] > self._last_id
        if is_new.any():
            columns = TradeColumns(
                times_ns[is_new],
                rows["trade_id"][is_new].astype(np.int64),
                rows["price_ticks"][is_new],
                rows["quantity_lots"][is_new].astype(np.int64),
                np.where(rows["aggressor"][is_new] == Side.BUY, 1, -1).astype(np.int8),
            )
            instrument = self._instrument
            self.take_columns(columns, instrument.tick_increment, instrument.lot_increment)

    def take_columns(
        self, trades: TradeColumns, tick_increment: Increment, lot_increment: Increment
    ) -> None:
        """Take trades that were not shown before, in the order of their ids.

        Args:
            trades: The trades.
            tick_increment: What a tick was when they traded, which may have changed since.
            lot_increment: What a lot was.
        """
        import polars as pl  # noqa: PLC0415 - as above

        self._last_id = int(trades.trade_ids[-1])
        self.last = LastTrade(
            self._last_id,
            to_decimal(int(trades.price_ticks[-1]), *tick_increment),
            to_decimal(int(trades.quantity_lots[-1]), *lot_increment),
            int(trades.times_ns[-1]) // NS_PER_MS,
        )
        tick, tick_decimals = tick_increment
        lot, lot_decimals = lot_increment
        frame = pl.DataFrame(
            {
                "time_ns": trades.times_ns,
                "trade_id": trades.trade_ids,
                "price": trades.price_ticks * tick,
                "quantity": trades.quantity_lots * lot,
                "side": trades.sides,
            }
        )
        scales = (tick_decimals, lot_decimals, tick_decimals + lot_decimals)
        for row in self._stream.update(ScaledTrades(frame, scales)).iter_rows(named=True):
            self._take_candle(row["interval"], _candle_of(row), is_closed=row["closed"])

    def settle(self, now_ms: int) -> None:
        """Finish what ended so long ago that no trade of it can still be on its way."""
        settled_ms = now_ms - GRACE_MS
        minute, second = self.forming_minute, self.forming_second
        if second is not None and second.open_ms + SECOND_MS <= settled_ms:
            self._finish_second(second)
        if minute is not None and minute.open_ms + MINUTE_MS <= settled_ms:
            self._finish_minute(minute)
        for chart in self.charts.values():
            chart.settle(settled_ms)

    def forming(self, interval: str) -> Candle | None:
        """Return what a chart has not been given yet."""
        return self.forming_second if interval == "1s" else self.forming_minute

    def day(self, now_ms: int) -> Candle | None:
        """Return all that was traded in the 24 hours before a time, None without a trade."""
        return self.since(now_ms - DAY_MS)

    def since(self, start_ms: int) -> Candle | None:
        """Return all that was traded from the minute of a time on, None without a trade."""
        found = None
        parts = [*self.minutes, self.forming_minute]
        for part in parts:
            if part is not None and part.open_ms + MINUTE_MS > start_ms:
                found = part if found is None else found.then(part)
        return found

    def close_before(self, start_ms: int) -> Decimal | None:
        """Return the price of the last trade before the minute of a time, None without one."""
        found = None
        for part in self.minutes:
            if part.open_ms + MINUTE_MS <= start_ms:
                found = part.close
        return found

    def average(self, now_ms: int, minutes: int) -> Decimal | None:
        """Return the mean price of the last minutes by volume; the last price where none traded."""
        found = self.since(now_ms - minutes * MINUTE_MS)
        if found is None or not found.volume:
            return None if self.last is None else self.last.price
        return _EXACT.divide(found.quote_volume, found.volume)

    def _take_candle(self, interval: str, candle: Candle, *, is_closed: bool) -> None:
        if interval == "1s":
            if is_closed:
                self._finish_second(candle)
            else:
                self.forming_second = candle
        elif is_closed:
            self._finish_minute(candle)
        else:
            self.forming_minute = candle

    def _finish_second(self, candle: Candle) -> None:
        if self.seconds and self.seconds[-1].open_ms >= candle.open_ms:
            return
        self.seconds.append(candle)
        self.forming_second = None
        if "1s" in self.charts:
            self.charts["1s"].take(candle)

    def _finish_minute(self, candle: Candle) -> None:
        if self.minutes and self.minutes[-1].open_ms >= candle.open_ms:
            return
        self.minutes.append(candle)
        self.forming_minute = None
        for interval, chart in self.charts.items():
            if interval != "1s":
                chart.take(candle)


def _candle_of(row: dict[str, Any]) -> Candle:
    return Candle(
        open_ms=int(row["open_time"].timestamp() * 1_000),
        open=row["open"],
        high=row["high"],
        low=row["low"],
        close=row["close"],
        volume=row["volume"],
        quote_volume=row["quote_volume"],
        trades=row["trades"],
        buy_volume=row["buy_volume"],
        buy_quote_volume=row["buy_quote_volume"],
        first_id=row["first_id"],
        last_id=row["last_id"],
    )
