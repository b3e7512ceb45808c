"""Plain routes of market data that everybody may see: books, trades, candles, instruments."""

from collections.abc import Iterable
from time import time_ns
from typing import Any, Final

from msgspec import Struct

from outcry.exchange import Depth, Instrument, Level
from outcry.gateways.market import Candle, rolled_up
from outcry.gateways.market.buckets import LENGTHS_MS, MINUTE_MS, back_ms, end_ms, open_ms
from outcry.gateways.plain.call import PlainCall, time_ms
from outcry.gateways.plain.fields import Interval, Rows, SideWord, Time, TradeId, word
from outcry.gateways.plain.problem import invalid
from outcry.gateways.plain.route import PlainRoute
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import TradeRow

MINUTES_MAX: Final = 1_000_000
"""Minutes that the candles of one page are made of at most; longer intervals come in fewer rows."""

_MINUTES_A_WEIGHT: Final = 10_000
_SECONDS_A_PAGE: Final = 1_000
_LEVELS_USUAL: Final = 20
_ROWS_USUAL: Final = 100


class BookQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """How much of a book to tell.

    Attributes:
        levels: Most levels of each side; more than `depth_levels_max` is that many.
    """

    levels: Rows = _LEVELS_USUAL


class LevelView(Struct):
    """A level of a book.

    Attributes:
        price: The price.
        quantity: What is shown there.
        orders: How many orders show it.
    """

    price: str
    quantity: str
    orders: int


class Book(Struct, kw_only=True):
    """A book, best levels first.

    Attributes:
        symbol: The instrument.
        update_number: The number of its last update, without gaps.
        last_price: The price of the last trade, null before the first.
        bids: What buyers offer.
        asks: What sellers offer.
    """

    symbol: str
    update_number: int
    last_price: str | None
    bids: list[LevelView]
    asks: list[LevelView]


class TradesQuery(Struct, forbid_unknown_fields=True, frozen=True, rename={"from_": "from"}):
    """Which trades to tell.

    Attributes:
        from_id: Those from this id on.
        from_: Those of this time or later.
        to: Those of this time or earlier.
        limit: Most rows.
    """

    from_id: TradeId | None = None
    from_: Time | None = None
    to: Time | None = None
    limit: Rows = _ROWS_USUAL


class TradeView(Struct, kw_only=True):
    """A trade.

    Attributes:
        trade_id: Its number on its instrument.
        price: The price.
        quantity: The quantity.
        value: Price times quantity, in the quote asset.
        aggressor: The side of the order that took.
        time_ms: When, in milliseconds since 1970 UTC.
    """

    trade_id: int
    price: str
    quantity: str
    value: str
    aggressor: SideWord
    time_ms: int


class Trades(Struct):
    """Trades of an instrument by rising id.

    Attributes:
        symbol: The instrument.
        trades: The trades.
        next_from_id: The `from_id` of the next page, null where this one is the last.
    """

    symbol: str
    trades: list[TradeView]
    next_from_id: int | None


class CandlesQuery(Struct, forbid_unknown_fields=True, frozen=True, rename={"from_": "from"}):
    """Which candles to tell.

    Attributes:
        interval: How long each is; weeks begin on Mondays, all by UTC.
        from_: Those that open at this time or later; by default the newest.
        to: Those that open at this time or earlier; by default now.
        fill: Whether intervals without a trade are told, too, at the price before them.
        limit: Most rows.
    """

    interval: Interval = "1m"
    from_: Time | None = None
    to: Time | None = None
    fill: bool = False
    limit: Rows = _ROWS_USUAL


class CandleView(Struct, kw_only=True):
    """What was traded in an interval.

    Attributes:
        open_time_ms: Where it begins, in milliseconds since 1970 UTC.
        close_time_ms: Where the next one begins.
        open: The first price.
        high: The greatest price.
        low: The least price.
        close: The last price.
        volume: What was traded, in the base asset.
        quote_volume: What it came to, in the quote asset.
        buy_volume: What buying aggressors took of the volume.
        buy_quote_volume: What that came to.
        trades: How many trades.
        closed: Whether its time is over.
    """

    open_time_ms: int
    close_time_ms: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    quote_volume: str
    buy_volume: str
    buy_quote_volume: str
    trades: int
    closed: bool


class Candles(Struct):
    """Candles by time.

    Attributes:
        symbol: The instrument.
        interval: How long each is.
        candles: The candles.
        next_from_ms: The `from` of the next page, null where this one reaches to `to`.
    """

    symbol: str
    interval: Interval
    candles: list[CandleView]
    next_from_ms: int | None


async def book(call: PlainCall) -> Book:
    """Tell the best levels of a book, as it is on the disk now."""
    venue = call.venue
    instrument = venue.instrument(call.path["symbol"])
    levels = min(call.parameters(BookQuery).levels, venue.settings.depth_levels_max)
    depth: Depth = venue.exchange.depth(instrument, levels)
    last = venue.exchange.last_trade(instrument)
    return Book(
        symbol=instrument.symbol,
        update_number=depth.update_number,
        last_price=None if last is None else f"{last:f}",
        bids=_levels(depth.bids),
        asks=_levels(depth.asks),
    )


def _levels(levels: Iterable[Level]) -> list[LevelView]:
    return [LevelView(f"{each.price:f}", f"{each.quantity:f}", each.orders) for each in levels]


def times_of(from_: str | None, to: str | None) -> tuple[int | None, int | None]:
    """Return the times that a query names, both inclusive, in milliseconds since 1970 UTC.

    Raises:
        ProblemError: They are no times, or the wrong way round.
    """
    start_ms, end_ms = time_ms("from", from_), time_ms("to", to)
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise invalid("to", "must not be before `from`", "from")
    return start_ms, end_ms


async def trades(call: PlainCall) -> Trades:
    """Tell trades: the newest, or with `from_id` or `from` the first from there on."""
    asked = call.parameters(TradesQuery)
    venue = call.venue
    instrument = venue.instrument(call.path["symbol"])
    limit = min(asked.limit, venue.settings.page_rows_max)
    start_ms, end_ms = times_of(asked.from_, asked.to)
    history = await venue.caught_up()
    rows = await history.trades(
        instrument.number,
        from_id=asked.from_id,
        start_ns=None if start_ms is None else start_ms * NS_PER_MS,
        end_ns=None if end_ms is None else (end_ms + 1) * NS_PER_MS - 1,
        limit=limit,
    )
    is_full = len(rows) == limit and (asked.from_id is not None or start_ms is not None)
    next_id = rows[-1].trade_id + 1 if is_full else None
    return Trades(instrument.symbol, [_trade(row) for row in rows], next_id)


def _trade(row: TradeRow) -> TradeView:
    steps = row.steps
    return TradeView(
        trade_id=row.trade_id,
        price=f"{steps.price(row.price_ticks):f}",
        quantity=f"{steps.quantity(row.quantity_lots):f}",
        value=f"{steps.value(row.value):f}",
        aggressor=word(row.aggressor),
        time_ms=row.time_ns // NS_PER_MS,
    )


async def candles(call: PlainCall) -> Candles:
    """Tell candles: the newest, or the first from a time on.

    A page is made of at most a million minutes, so that of long intervals it has fewer rows:
    694 days, 99 weeks, 23 months. Of seconds it has what 50,000 trades fill.
    """
    asked = call.parameters(CandlesQuery)
    venue = call.venue
    instrument = venue.instrument(call.path["symbol"])
    start_ms, until_ms = times_of(asked.from_, asked.to)
    now_ms = time_ns() // NS_PER_MS
    until_ms = now_ms if until_ms is None else min(until_ms, now_ms)
    limit = _rows_of(asked, venue.settings.page_rows_max)
    earliest_ms = await venue.markets.earliest_ms(instrument, asked.interval)
    if earliest_ms is None:
        return Candles(instrument.symbol, asked.interval, [], None)
    first_ms, stop_ms = _span(asked.interval, (start_ms, until_ms), limit, earliest_ms)
    if stop_ms <= first_ms:
        return Candles(instrument.symbol, asked.interval, [], None)
    parts, _, stop_ms = await venue.markets.parts(instrument, asked.interval, first_ms, stop_ms)
    found = rolled_up(parts, asked.interval)
    if asked.fill:
        found = _filled(found, asked.interval, first_ms, stop_ms)
    told = [
        _candle(each, asked.interval, instrument, now_ms)
        for each in found
        if first_ms <= each.open_ms < stop_ms
    ]
    next_ms = stop_ms if start_ms is not None and stop_ms <= until_ms else None
    return Candles(instrument.symbol, asked.interval, told, next_ms)


def _rows_of(asked: CandlesQuery, most: int) -> int:
    minutes = max(1, LENGTHS_MS[asked.interval] // MINUTE_MS)
    return max(1, min(asked.limit, most, MINUTES_MAX // minutes))


def _span(
    interval: str, times_ms: tuple[int | None, int], limit: int, earliest_ms: int
) -> tuple[int, int]:
    """Return where the first candle of a page begins, and where its last one ends."""
    start_ms, until_ms = times_ms
    last_ms = open_ms(interval, until_ms)
    if start_ms is None:
        first_ms = back_ms(interval, last_ms, limit - 1)
    else:
        first_ms = open_ms(interval, start_ms)
        if first_ms < start_ms:
            first_ms = end_ms(interval, first_ms)
    first_ms = max(first_ms, open_ms(interval, earliest_ms))
    stop_ms = first_ms
    for _ in range(limit):
        if stop_ms > last_ms:
            break
        stop_ms = end_ms(interval, stop_ms)
    return first_ms, stop_ms


def _filled(found: list[Candle], interval: str, first_ms: int, stop_ms: int) -> list[Candle]:
    known = {each.open_ms: each for each in found}
    before = [each for each in found if each.open_ms < first_ms]
    last = before[-1] if before else None
    told: list[Candle] = []
    at_ms = first_ms
    while at_ms < stop_ms:
        last = known.get(at_ms) or (None if last is None else last.quiet_after(at_ms))
        if last is not None:
            told.append(last)
        at_ms = end_ms(interval, at_ms)
    return told


def _candle(candle: Candle, interval: str, instrument: Instrument, now_ms: int) -> CandleView:
    stop_ms = end_ms(interval, candle.open_ms)
    price = f".{_decimals(instrument)}f"
    base, quote = f".{instrument.base_decimals}f", f".{instrument.quote_decimals}f"
    return CandleView(
        open_time_ms=candle.open_ms,
        close_time_ms=stop_ms,
        open=format(candle.open, price),
        high=format(candle.high, price),
        low=format(candle.low, price),
        close=format(candle.close, price),
        volume=format(candle.volume, base),
        quote_volume=format(candle.quote_volume, quote),
        buy_volume=format(candle.buy_volume, base),
        buy_quote_volume=format(candle.buy_quote_volume, quote),
        trades=candle.trades,
        closed=stop_ms <= now_ms,
    )


def _decimals(instrument: Instrument) -> int:
    return instrument.tick_increment[1]


def _candle_weight(call: PlainCall) -> int:
    """Return what a page of candles weighs: by the minutes that it may be made of."""
    asked = call.parameters(CandlesQuery)
    if asked.interval == "1s":
        return 2 + min(asked.limit, _SECONDS_A_PAGE) // 100
    minutes = LENGTHS_MS[asked.interval] // MINUTE_MS
    return 2 + min(asked.limit * minutes, MINUTES_MAX) // _MINUTES_A_WEIGHT


class FiltersView(Struct, kw_only=True):
    """The bounds of an instrument's orders; null and 0 stand for none.

    Attributes:
        price_min: Lowest price.
        price_max: Highest price.
        quantity_min: Smallest quantity.
        quantity_max: Greatest quantity.
        notional_min: Least price times quantity, in the quote asset.
        notional_max: Greatest price times quantity.
        band_ppm: Prices stay within so many parts per million of the reference price.
        market_band_ppm: Market orders trade within so many parts per million of it.
        iceberg_parts_max: Most parts of an iceberg.
        account_orders_max: Most open orders of one account.
        orders_max: Most open orders.
        account_stops_max: Most waiting stops of one account.
        stops_max: Most waiting stops.
    """

    price_min: str | None
    price_max: str | None
    quantity_min: str | None
    quantity_max: str | None
    notional_min: str | None
    notional_max: str | None
    band_ppm: int
    market_band_ppm: int
    iceberg_parts_max: int
    account_orders_max: int
    orders_max: int
    account_stops_max: int
    stops_max: int


class InstrumentView(Struct, kw_only=True):
    """An instrument.

    Attributes:
        symbol: Its name.
        base: The asset that is bought and sold.
        quote: The asset that it is paid in.
        state: What it lets its orders do.
        tick: The step of prices.
        lot: The step of quantities.
        base_decimals: Decimals of the base asset's smallest unit.
        quote_decimals: Decimals of the quote asset's smallest unit.
        filters: The bounds of its orders.
    """

    symbol: str
    base: str
    quote: str
    state: str
    tick: str
    lot: str
    base_decimals: int
    quote_decimals: int
    filters: FiltersView


class Instruments(Struct):
    """All instruments.

    Attributes:
        instruments: In the order in which they were added.
    """

    instruments: list[InstrumentView]


def view_of_instrument(venue: Venue, instrument: Instrument) -> InstrumentView:
    """Return how an instrument that was just read is told."""
    state = venue.exchange.parts.registry.state(instrument)
    filters = instrument.filters
    texts: dict[str, Any] = {
        name: None if getattr(filters, name) is None else f"{getattr(filters, name):f}"
        for name in FiltersView.__struct_fields__
        if name.rpartition("_")[0] in ("price", "quantity", "notional")
    }
    counts = {
        name: getattr(filters, name) for name in FiltersView.__struct_fields__ if name not in texts
    }
    return InstrumentView(
        symbol=instrument.symbol,
        base=instrument.base,
        quote=instrument.quote,
        state=str(state),
        tick=f"{instrument.tick:f}",
        lot=f"{instrument.lot:f}",
        base_decimals=instrument.base_decimals,
        quote_decimals=instrument.quote_decimals,
        filters=FiltersView(**texts, **counts),
    )


async def instruments(call: PlainCall) -> Instruments:
    """Tell what is traded, in which steps and within which bounds."""
    found = await call.venue.exchange.instruments()
    return Instruments([view_of_instrument(call.venue, each) for each in found])


ROUTES: Final = (
    PlainRoute("GET", "/book/{symbol}", book, Book, "market data", query=BookQuery, weight=5),
    PlainRoute(
        "GET", "/trades/{symbol}", trades, Trades, "market data", query=TradesQuery, weight=10
    ),
    PlainRoute(
        *("GET", "/candles/{symbol}", candles, Candles, "market data"),
        query=CandlesQuery,
        weight=_candle_weight,
    ),
    PlainRoute("GET", "/instruments", instruments, Instruments, "market data", weight=10),
)
