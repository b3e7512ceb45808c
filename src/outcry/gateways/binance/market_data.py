"""Depth, trades, candles and tickers as the API tells them."""

from time import time_ns
from typing import Final

from msgspec import Struct

from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.klines import klines
from outcry.gateways.binance.queries import USUAL_ROWS, time_range
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.symbol_status import require_status
from outcry.gateways.binance.tickers import (
    TICKER,
    book_ticker,
    price_ticker,
    ticker_24h,
    weight_of_symbols,
)
from outcry.gateways.figures import format_of
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import AggregateTradeRow, TradeRow
from outcry.protocol import Side

LEVELS_USUAL: Final = 100
LEVELS_MAX: Final = 5_000
AVERAGE_MINUTES: Final = 5
_DEPTH_WEIGHTS: Final = ((100, 5), (500, 25), (1_000, 50))
_DEPTH_WEIGHT_MOST: Final = 250


class TradeReport(Struct, rename="camel", kw_only=True):
    """A trade as everybody sees it."""

    id: int
    price: str
    qty: str
    quote_qty: str
    time: int
    is_buyer_maker: bool
    is_best_match: bool


async def depth(venue: Venue, call: Call) -> bytes:
    """Tell the best levels of a book."""
    instrument = read.instrument(venue, call.parameters)
    if "symbolStatus" in call.parameters:
        await require_status(venue, call, instrument)
    levels = read.page_size(call.parameters, LEVELS_USUAL, venue.settings.depth_levels_max)
    return venue.depth_json(instrument, levels)


def _depth_weight(call: Call) -> int:
    levels = read.page_size(call.parameters, LEVELS_USUAL, LEVELS_MAX)
    for most, weight in _DEPTH_WEIGHTS:
        if levels <= most:
            return weight
    return _DEPTH_WEIGHT_MOST


async def trades(venue: Venue, call: Call) -> list[TradeReport]:
    """Tell the newest trades, or those from an id on."""
    instrument = read.instrument(venue, call.parameters)
    from_id = read.whole_or_none(call.parameters, "fromId")
    limit = read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    history = await venue.caught_up()
    rows = await history.trades(instrument.number, from_id=from_id, limit=limit)
    return [_trade(row, call.unit_ns) for row in rows]


def _trade(row: TradeRow, unit_ns: int) -> TradeReport:
    steps = row.steps
    return TradeReport(
        id=row.trade_id,
        price=format(steps.price(row.price_ticks), format_of(steps.tick_decimals)),
        qty=format(steps.quantity(row.quantity_lots), format_of(steps.base_decimals)),
        quote_qty=format(steps.value(row.value), format_of(steps.quote_decimals)),
        time=row.time_ns // unit_ns,
        is_buyer_maker=row.aggressor is Side.SELL,
        is_best_match=True,
    )


async def block_trades(venue: Venue, call: Call) -> list[TradeReport]:
    """Tell trades that were agreed on outside the book: nobody can."""
    read.instrument(venue, call.parameters)
    read.whole(call.parameters, "fromId")
    read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    return []


async def aggregate_trades(venue: Venue, call: Call) -> list[dict[str, object]]:
    """Tell trades of one taker order at one price as one."""
    instrument = read.instrument(venue, call.parameters)
    from_id = read.whole_or_none(call.parameters, "fromId")
    start_ns, end_ns = time_range(call, None)
    limit = read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    history = await venue.caught_up()
    rows = await history.aggregate_trades(
        instrument.number, from_id=from_id, start_ns=start_ns, end_ns=end_ns, limit=limit
    )
    return [_aggregate(row, call.unit_ns) for row in rows]


def _aggregate(row: AggregateTradeRow, unit_ns: int) -> dict[str, object]:
    steps = row.steps
    return {
        "a": row.aggregate_id,
        "p": format(steps.price(row.price_ticks), format_of(steps.tick_decimals)),
        "q": format(steps.quantity(row.quantity_lots), format_of(steps.base_decimals)),
        "f": row.first_trade_id,
        "l": row.last_trade_id,
        "T": row.time_ns // unit_ns,
        "m": row.aggressor is Side.SELL,
        "M": True,
    }


async def average_price(venue: Venue, call: Call) -> dict[str, object]:
    """Tell the mean price of the last minutes."""
    instrument = read.instrument(venue, call.parameters)
    now_ns = time_ns()
    now_ms = now_ns // NS_PER_MS
    board = await venue.markets.board(instrument, now_ms)
    figures = venue.figures(instrument)
    price = board.average(now_ms, AVERAGE_MINUTES)
    return {
        "mins": AVERAGE_MINUTES,
        "price": figures.zero if price is None else figures.price(price),
        "closeTime": (now_ns if board.last is None else board.last.time_ms * NS_PER_MS)
        // call.unit_ns,
    }


_SYMBOL: Final = frozenset(("symbol",))
_PAGE: Final = frozenset(("symbol", "fromId", "limit"))

ROUTES: Final = {
    ("GET", "/api/v3/depth"): Route(depth, _SYMBOL | {"limit", "symbolStatus"}, _depth_weight),
    ("GET", "/api/v3/trades"): Route(trades, _SYMBOL | {"limit"}, 25),
    ("GET", "/api/v3/historicalTrades"): Route(trades, _PAGE, 25),
    ("GET", "/api/v3/historicalBlockTrades"): Route(block_trades, _PAGE, 25),
    ("GET", "/api/v3/aggTrades"): Route(aggregate_trades, _PAGE | {"startTime", "endTime"}, 4),
    ("GET", "/api/v3/klines"): Route(
        klines, _SYMBOL | {"interval", "startTime", "endTime", "timeZone", "limit"}, 2
    ),
    ("GET", "/api/v3/uiKlines"): Route(
        klines, _SYMBOL | {"interval", "startTime", "endTime", "timeZone", "limit"}, 2
    ),
    ("GET", "/api/v3/avgPrice"): Route(average_price, _SYMBOL, 2),
    ("GET", "/api/v3/ticker/24hr"): Route(
        ticker_24h, TICKER | {"type"}, weight_of_symbols(2, (20, 2), (100, 40), (None, 80))
    ),
    ("GET", "/api/v3/ticker/price"): Route(price_ticker, TICKER, weight_of_symbols(2, (None, 4))),
    ("GET", "/api/v3/ticker/bookTicker"): Route(
        book_ticker, TICKER, weight_of_symbols(2, (None, 4))
    ),
}
