"""An instrument whose trades are made up, behind the real fold: years of them in no time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from outcry import Engine
from outcry.gateways.figures import Figures
from outcry.gateways.market import Markets
from outcry.projections.history import CandleRow, TradeRow
from outcry.projections.history.rows import Steps
from outcry.protocol import Side

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
NS_PER_MS = 1_000_000
STEPS = Steps(1, 1, "BTCUSDT", 1, 2, 1, 2, 1, 5, 8, 8)
BTC = Engine().add_instrument("BTCUSDT", base="BTC", quote="USDT", tick="0.01", lot="0.00001")
FIGURES = Figures(BTC)


@dataclass(frozen=True)
class Made:
    """A trade that was made up."""

    time_ms: int
    ticks: int
    lots: int
    is_buy: bool

    @property
    def price(self) -> Decimal:
        """Its price."""
        return Decimal(self.ticks).scaleb(-2)

    @property
    def quantity(self) -> Decimal:
        """Its quantity."""
        return Decimal(self.lots).scaleb(-5)


class Past:
    """Answers as the history of these trades would; the last minute may be finished or not."""

    def __init__(self, trades: list[Made], *, is_finished: bool = False) -> None:
        self.trades_made = trades
        self.forming = 0 if is_finished else 1

    async def wait(self, sequence: int, timeout_s: float) -> None:
        """Have all, always."""

    async def trades(
        self,
        instrument: int,
        *,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[TradeRow]:
        """Return trades by the rules of a page."""
        del instrument
        rows = [
            TradeRow(
                STEPS,
                number + 1,
                made.ticks,
                made.lots,
                made.time_ms * NS_PER_MS,
                Side.BUY if made.is_buy else Side.SELL,
                number + 1,
            )
            for number, made in enumerate(self.trades_made)
        ]
        rows = [
            row
            for row in rows
            if (from_id is None or row.trade_id >= from_id)
            and (start_ns is None or row.time_ns >= start_ns)
            and (end_ns is None or row.time_ns <= end_ns)
        ]
        return rows[-limit:] if from_id is None and start_ns is None else rows[:limit]

    async def candles(
        self,
        instrument: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[CandleRow]:
        """Return finished minutes by the rules of a page."""
        del instrument
        minutes: dict[int, list[tuple[int, Made]]] = {}
        for number, made in enumerate(self.trades_made):
            opens = made.time_ms // MINUTE_MS * MINUTE_MS
            minutes.setdefault(opens, []).append((number + 1, made))
        rows = [
            _minute(opens, minutes[opens])
            for opens in sorted(minutes)[: len(minutes) - self.forming]
            if (start_ns is None or opens * NS_PER_MS >= start_ns)
            and (end_ns is None or opens * NS_PER_MS <= end_ns)
        ]
        return rows[-limit:] if start_ns is None else rows[:limit]


def _minute(opens: int, trades: list[tuple[int, Made]]) -> CandleRow:
    made = [each for _, each in trades]
    return CandleRow(
        steps=STEPS,
        open_time_ns=opens * NS_PER_MS,
        open_ticks=made[0].ticks,
        high_ticks=max(each.ticks for each in made),
        low_ticks=min(each.ticks for each in made),
        close_ticks=made[-1].ticks,
        volume_lots=sum(each.lots for each in made),
        value=sum(each.ticks * each.lots for each in made),
        buy_volume_lots=sum(each.lots for each in made if each.is_buy),
        buy_value=sum(each.ticks * each.lots for each in made if each.is_buy),
        trades=len(made),
        first_trade_id=trades[0][0],
        first_time_ns=made[0].time_ms * NS_PER_MS,
        last_trade_id=trades[-1][0],
        last_time_ns=made[-1].time_ms * NS_PER_MS,
    )


def markets_of(trades: list[Made], *, is_finished: bool = False) -> Markets:
    """Return the markets of a venue with this past, to which nothing is added."""
    feed = SimpleNamespace(take=lambda _wait: None)
    native = SimpleNamespace(feed=lambda *_: feed, delivered_sequence=lambda: 0)
    parts = SimpleNamespace(native=native, settings=SimpleNamespace(feed_bytes_max=1 << 20))
    exchange: Any = SimpleNamespace(parts=parts)
    return Markets(
        exchange,
        cast("Any", Past(trades, is_finished=is_finished)),
        lambda _instrument: FIGURES,
        60.0,
    )


LENGTHS = {
    "1s": timedelta(seconds=1),
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}


def opening(interval: str, time_ms: int, shift_ms: int = 0) -> int:
    """Return where the candle of a time begins, by the calendar."""
    local = EPOCH + timedelta(milliseconds=time_ms + shift_ms)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval == "1M":
        start = day.replace(day=1)
    elif interval == "1w":
        start = day - timedelta(days=local.weekday())
    else:
        length = LENGTHS[interval]
        start = EPOCH + (local - EPOCH) // length * length
    return (start - EPOCH) // timedelta(milliseconds=1) - shift_ms


def following(interval: str, opens_ms: int, shift_ms: int = 0) -> int:
    """Return where the next candle begins, by the calendar."""
    local = EPOCH + timedelta(milliseconds=opens_ms + shift_ms)
    if interval == "1M":
        start = (local.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        start = local + (timedelta(days=7) if interval == "1w" else LENGTHS[interval])
    return (start - EPOCH) // timedelta(milliseconds=1) - shift_ms


def klines_of(
    trades: list[Made], interval: str, first_ms: int, last_ms: int, shift_ms: int = 0
) -> list[list[object]]:
    """Return the candles that open in `[first_ms, last_ms]`, counted trade by trade.

    None stands before the first trade; one without a trade has the price of the last trade before.
    """
    told: list[list[object]] = []
    if not trades:
        return told
    opens = opening(interval, trades[0].time_ms, shift_ms)
    price, place = Decimal(0), 0
    while opens <= last_ms:
        ends = following(interval, opens, shift_ms)
        inside = []
        while place < len(trades) and trades[place].time_ms < ends:
            inside.append(trades[place])
            place += 1
        if opens >= first_ms:
            told.append(_kline(opens, ends, inside, price))
        price = inside[-1].price if inside else price
        opens = ends
    return told


def _kline(opens: int, ends: int, inside: list[Made], before: Decimal) -> list[object]:
    prices = [each.price for each in inside] or [before]
    buys = [each for each in inside if each.is_buy]
    return [
        opens,
        _text(prices[0]),
        _text(max(prices)),
        _text(min(prices)),
        _text(prices[-1]),
        _text(sum((each.quantity for each in inside), Decimal(0))),
        ends - 1,
        _text(sum((each.price * each.quantity for each in inside), Decimal(0))),
        len(inside),
        _text(sum((each.quantity for each in buys), Decimal(0))),
        _text(sum((each.price * each.quantity for each in buys), Decimal(0))),
        "0",
    ]


def _text(number: Decimal) -> str:
    return f"{number:.8f}"
