"""Goal: candles and tickers have every durable trade once, whatever happens meanwhile.

Method: restarts, trades and gaps of the feed while the past is read, and changed steps happen to a
venue with its real history, whose trades are recounted one by one; quiet times to a made-up past.
"""

import asyncio
from decimal import Decimal
from pathlib import Path
from time import time_ns
from typing import Any

import pytest

from outcry.errors import EventsGap, ExchangeHalted, ProjectionLagging
from outcry.exchange import Instrument
from outcry.gateways.market import Candle
from outcry.gateways.times import NS_PER_MS
from outcry.projections.history import TradeRow
from outcry.protocol import Side
from tests.gateways.desk import Desk
from tests.gateways.market.past import BTC, Made, markets_of
from tests.gateways.serving import BOT, MAKER, make_venue

HISTORY_S = 120
START_MS = 1_717_000_000_123


@pytest.fixture
def venue(tmp_path: Path) -> Path:
    make_venue(tmp_path)
    return tmp_path


class FeedEnding:
    """A feed that ends, behind what it has."""

    def __init__(self, end: Exception, *pieces: object) -> None:
        self.pieces = [piece for piece in pieces if piece is not None]
        self.end = end

    def take(self, _timeout_ms: int) -> object:
        """Return what it has, then fail."""
        if self.pieces:
            return self.pieces.pop(0)
        raise self.end


async def trade(desk: Desk, quantity: str, side: str = "buy", symbol: str = "BTCUSDT") -> None:
    """Let the bot take something of the maker's."""
    placed = await desk.venue.exchange.place(
        symbol, side=side, type="market", quantity=quantity, account=BOT
    )
    assert placed.fills


async def recounted(desk: Desk, instrument: Instrument) -> Candle:
    """Return all trades as one candle, from the history's rows."""
    history, exchange = desk.venue.history, desk.venue.exchange
    await history.wait(exchange.parts.native.delivered_sequence(), HISTORY_S)
    rows: list[TradeRow] = await history.trades(instrument.number, from_id=1, limit=1_000)
    prices = [row.steps.price(row.price_ticks) for row in rows]
    quantities = [row.steps.quantity(row.quantity_lots) for row in rows]
    values = [price * quantity for price, quantity in zip(prices, quantities, strict=True)]
    is_buy = [row.aggressor is Side.BUY for row in rows]

    def bought(numbers: list[Decimal]) -> Decimal:
        chosen = (number for number, buys in zip(numbers, is_buy, strict=True) if buys)
        return sum(chosen, Decimal(0))

    return Candle(
        open_ms=rows[0].time_ns // NS_PER_MS // 60_000 * 60_000,
        open=prices[0],
        high=max(prices),
        low=min(prices),
        close=prices[-1],
        volume=sum(quantities, Decimal(0)),
        quote_volume=sum(values, Decimal(0)),
        trades=len(rows),
        buy_volume=bought(quantities),
        buy_quote_volume=bought(values),
        first_id=rows[0].trade_id,
        last_id=rows[-1].trade_id,
    )


async def day(desk: Desk, instrument: Instrument) -> Candle | None:
    now_ms = time_ns() // NS_PER_MS
    return (await desk.venue.markets.board(instrument, now_ms)).day(now_ms)


async def agree(desk: Desk, symbol: str = "BTCUSDT") -> Candle:
    instrument = desk.venue.instrument(symbol)
    found = await day(desk, instrument)
    assert found is not None
    assert found == await recounted(desk, instrument)
    board = await desk.venue.markets.board(instrument, 0)
    assert board.last is not None
    assert (board.last.trade_id, board.last.price) == (found.last_id, found.close)
    return found


def test_what_was_before_a_restart_and_what_comes_behind_it_are_one(venue: Path) -> None:
    async def some(desk: Desk) -> int:
        await agree(desk)
        for quantity, side in (("0.3", "buy"), ("1.7", "sell"), ("0.001", "buy")):
            await trade(desk, quantity, side)
        return (await agree(desk)).trades

    counts = []
    for _ in range(2):
        with Desk(venue) as desk:
            counts.append(desk.run(some(desk)))
    assert counts == sorted(set(counts))


def test_trades_that_come_while_the_past_is_read_are_shown(
    venue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(desk: Desk) -> None:
        history = desk.venue.history
        real = type(history).trades
        reads: list[list[TradeRow]] = []

        async def slow(self: object, *args: Any, **named: Any) -> list[TradeRow]:  # noqa: ANN401
            rows = await real(self, *args, **named)  # type: ignore[arg-type]
            if len(reads) < 2:
                reads.append(rows)
                # Somebody trades, and somebody else reads other markets meanwhile.
                await trade(desk, "0.2")
                desk.venue.markets._drain()
            return rows

        with monkeypatch.context() as patch:
            patch.setattr(type(history), "trades", slow)
            await day(desk, desk.venue.instrument("BTCUSDT"))
        assert reads
        await agree(desk)

    with Desk(venue) as desk:
        desk.run(read(desk))


def test_a_gap_of_the_feed_loses_nothing(venue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(desk: Desk) -> None:
        markets = desk.venue.markets
        await agree(desk)
        await trade(desk, "0.4")
        with monkeypatch.context() as patch:
            patch.setattr(markets, "_feed", FeedEnding(EventsGap(1, 2), markets._feed.take(0)))
            markets._drain()
        await trade(desk, "0.5")
        await agree(desk)

    with Desk(venue) as desk:
        desk.run(read(desk))


def test_a_gap_while_the_past_is_read_has_it_read_again(
    venue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(desk: Desk) -> None:
        history, markets = desk.venue.history, desk.venue.markets
        real = type(history).trades
        gaps: list[int] = []

        async def slow(self: object, *args: Any, **named: Any) -> list[TradeRow]:  # noqa: ANN401
            rows = await real(self, *args, **named)  # type: ignore[arg-type]
            if not gaps:
                await trade(desk, "0.2")
                gaps.append(1)
                with monkeypatch.context() as patch:
                    patch.setattr(
                        markets, "_feed", FeedEnding(EventsGap(1, 2), markets._feed.take(0))
                    )
                    markets._drain()
            return rows

        with monkeypatch.context() as patch:
            patch.setattr(type(history), "trades", slow)
            await day(desk, desk.venue.instrument("BTCUSDT"))
        await agree(desk)

    with Desk(venue) as desk:
        desk.run(read(desk))


def test_trades_before_a_change_of_steps_keep_their_prices(venue: Path) -> None:
    async def change(desk: Desk) -> None:
        exchange = desk.venue.exchange
        await trade(desk, "0.12345")
        before = await agree(desk)
        await exchange.mass_cancel()
        for tick, lot in (("0.5", "0.001"), ("0.0001", "0.0001")):
            await exchange.update_instrument("BTCUSDT", tick=tick, lot=lot)
            await agree(desk)
            await exchange.place(
                "BTCUSDT", side="sell", price="60000.5", quantity="2", account=MAKER
            )
            await trade(desk, "0.7")
            await agree(desk)
            await exchange.mass_cancel()
        assert (await agree(desk)).trades == before.trades + 2

    with Desk(venue) as desk:
        desk.run(change(desk))
    with Desk(venue) as desk:
        desk.run(agree(desk))


def test_a_history_that_lags_is_waited_for_as_long_as_is_set(
    venue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def lag(_self: object, sequence: int, timeout_s: float) -> None:
        waited.append(timeout_s)
        raise ProjectionLagging("history", sequence, 0)

    async def ask(desk: Desk) -> None:
        monkeypatch.setattr(type(desk.venue.history), "wait", lag)
        asked = [day(desk, desk.venue.instrument("ETHUSDT")) for _ in range(5)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(each, ProjectionLagging) for each in found)

    with Desk(venue) as desk:
        desk.run(ask(desk))
        bound_s = desk.venue.settings.history_timeout_ms / 1_000
    assert waited == [bound_s] * 5


def test_a_stopped_exchange_s_markets_are_told_as_they_stood(
    venue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Desk(venue) as desk:
        before = desk.run(agree(desk))
        end = FeedEnding(ExchangeHalted("disk_full", "No space left on device"))
        monkeypatch.setattr(desk.venue.markets, "_feed", end)
        assert desk.run(day(desk, desk.venue.instrument("BTCUSDT"))) == before
        # Those that nobody asked for before come out of the history.
        assert desk.run(day(desk, desk.venue.instrument("ETHUSDT")))
        task = desk.venue.markets._task
        desk.run(asyncio.sleep(0))
        assert task is not None
        assert not task.done()


@pytest.mark.parametrize("is_finished", [False, True])
def test_the_last_trade_is_known_however_long_ago_it_was(*, is_finished: bool) -> None:
    trades = [Made(START_MS, 100, 5, is_buy=True), Made(START_MS + 1, 200, 7, is_buy=False)]
    markets = markets_of(trades, is_finished=is_finished)
    board = asyncio.run(markets.board(BTC, START_MS + 3 * 86_400_000))
    assert board.last == (2, trades[1].price, trades[1].quantity, START_MS + 1)
    assert board.day(START_MS + 3 * 86_400_000) is None


def test_there_is_no_last_trade_before_the_first() -> None:
    assert asyncio.run(markets_of([]).board(BTC, START_MS)).last is None


def test_what_came_before_an_end_of_the_feed_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    markets = markets_of([])
    folded: list[object] = []
    monkeypatch.setattr(markets, "_fold", folded.append)
    piece = (7, 7, START_MS, b"events")
    for end in (EventsGap(8, 9), ExchangeHalted("closed", "")):
        monkeypatch.setattr(markets, "_feed", FeedEnding(end, piece))
        markets._drain()
    assert folded == [[(7, START_MS, b"events")]] * 2
