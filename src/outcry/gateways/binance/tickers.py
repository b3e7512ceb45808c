"""Tickers: the last price, the best levels, and what happened in 24 hours."""

from collections.abc import Awaitable, Callable
from decimal import Context, Decimal
from time import time_ns
from typing import Final

from outcry.exchange import Instrument
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.exchange_info import SYMBOLS_MAX
from outcry.gateways.binance.symbol_status import require_status, statuses_of, wanted_status
from outcry.gateways.figures import Figures
from outcry.gateways.market import Board, Candle
from outcry.gateways.market.buckets import DAY_MS
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue

TICKER: Final = frozenset(("symbol", "symbols", "symbolStatus"))
_TYPES: Final = ("FULL", "MINI")
_EXACT: Final = Context(prec=100)
_HUNDRED: Final = Decimal(100)
_NO_TRADE: Final = -1


async def ticker_24h(venue: Venue, call: Call) -> object:
    """Tell what happened in the last 24 hours."""
    is_mini = wants_mini(call)
    now_ns = time_ns()

    async def told(instrument: Instrument) -> dict[str, object]:
        board = await venue.markets.board(instrument, now_ns // NS_PER_MS)
        return _day(venue, instrument, board, now_ns, call.unit_ns, is_mini=is_mini)

    return await each_symbol(venue, call, told)


def wants_mini(call: Call) -> bool:
    """Return whether a ticker is asked for without what follows from its other numbers.

    Raises:
        ApiError: Its type is none that there is.
    """
    word = call.parameters.get("type", "FULL")
    if word not in _TYPES:
        raise ApiError(-1139, "Invalid ticker type.")
    return word == "MINI"


async def price_ticker(venue: Venue, call: Call) -> object:
    """Tell the last price."""
    now_ms = time_ns() // NS_PER_MS

    async def told(instrument: Instrument) -> dict[str, object]:
        board = await venue.markets.board(instrument, now_ms)
        figures = venue.figures(instrument)
        price = figures.zero if board.last is None else figures.price(board.last.price)
        return {"symbol": instrument.symbol, "price": price}

    return await each_symbol(venue, call, told)


async def book_ticker(venue: Venue, call: Call) -> object:
    """Tell the best levels of both sides."""

    async def told(instrument: Instrument) -> dict[str, object]:
        return {"symbol": instrument.symbol, **_best(venue, instrument)}

    return await each_symbol(venue, call, told)


def weight_of_symbols(one: int, *steps: tuple[int | None, int]) -> Callable[[Call], int]:
    """Return what weighs a call by its number of symbols.

    Args:
        one: What a single symbol weighs, said as such.
        steps: Up to how many of a list, and what that weighs; None stands for all symbols.
    """

    def weight(call: Call) -> int:
        if "symbol" in call.parameters:
            return one
        listed = read.names(call.parameters, "symbols", SYMBOLS_MAX)
        for most, each in steps:
            if most is None or (listed is not None and len(listed) <= most):
                return each
        return steps[-1][1]

    return weight


async def each_symbol(
    venue: Venue,
    call: Call,
    told: Callable[[Instrument], Awaitable[dict[str, object]]],
    most: int = SYMBOLS_MAX,
) -> object:
    """Return what is told of the symbol that is asked for, or of several as a list.

    Raises:
        ApiError: One is none, has not the status that is asked for, or there are more than `most`.
    """
    said = call.parameters
    symbols = read.names(said, "symbols", most)
    if "symbol" in said:
        if symbols is not None:
            raise ApiError(-1128, "Combination of optional parameters invalid.")
        instrument = read.instrument(venue, said)
        await require_status(venue, call, instrument)
        return await told(instrument)
    if symbols is not None:
        instruments = read.instruments(venue, symbols)
    else:
        instruments = list(await venue.exchange.instruments())
    wanted = wanted_status(call)
    if wanted is not None:
        statuses = await statuses_of(venue)
        instruments = [each for each in instruments if statuses[each.symbol] == wanted]
    return [await told(each) for each in instruments]


def _best(venue: Venue, instrument: Instrument) -> dict[str, object]:
    figures = venue.figures(instrument)
    bid, ask = venue.exchange.best(instrument)
    zero = figures.zero
    return {
        "bidPrice": zero if bid is None else figures.price(bid.price),
        "bidQty": zero if bid is None else figures.quantity(bid.quantity),
        "askPrice": zero if ask is None else figures.price(ask.price),
        "askQty": zero if ask is None else figures.quantity(ask.quantity),
    }


def _day(
    venue: Venue,
    instrument: Instrument,
    board: Board,
    now_ns: int,
    unit_ns: int,
    *,
    is_mini: bool,
) -> dict[str, object]:
    figures = venue.figures(instrument)
    now_ms = now_ns // NS_PER_MS
    day = board.day(now_ms)
    times: dict[str, object] = {
        "openTime": (now_ns - DAY_MS * NS_PER_MS) // unit_ns,
        "closeTime": now_ns // unit_ns,
    }
    if day is None and board.last is not None:
        # Nothing traded in 24 hours: the prices are those of the last trade before.
        day = quiet(now_ms, board.last.price)
    figures_of_day, ids = prices(figures, day), counts(day)
    if is_mini:
        return {"symbol": instrument.symbol, **figures_of_day, **times, **ids}
    before = board.close_before(now_ms - DAY_MS)
    if before is None and day is not None:
        before = day.open
    return {
        "symbol": instrument.symbol,
        **changes(figures, day),
        "prevClosePrice": figures.zero if before is None else figures.price(before),
        **figures_of_day,
        "lastQty": figures.zero if board.last is None else figures.quantity(board.last.quantity),
        **_best(venue, instrument),
        **times,
        **ids,
    }


def quiet(start_ms: int, price: Decimal) -> Candle:
    """Return a window without a trade, all its prices those of the last trade before it."""
    nothing = Decimal(0)
    return Candle(
        start_ms, price, price, price, price, nothing, nothing, 0, nothing, nothing, -1, -1
    )


def prices(figures: Figures, window: Candle | None) -> dict[str, str]:
    """Return prices and volumes of a window, all 0 before the first trade of all."""
    if window is None:
        names = ("openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume")
        return dict.fromkeys(names, figures.zero)
    return {
        "openPrice": figures.price(window.open),
        "highPrice": figures.price(window.high),
        "lowPrice": figures.price(window.low),
        "lastPrice": figures.price(window.close),
        "volume": figures.quantity(window.volume),
        "quoteVolume": figures.amount(window.quote_volume),
    }


def counts(window: Candle | None) -> dict[str, object]:
    """Return which trades a window has, and how many."""
    return {
        "firstId": _NO_TRADE if window is None else window.first_id,
        "lastId": _NO_TRADE if window is None else window.last_id,
        "count": 0 if window is None else window.trades,
    }


def changes(figures: Figures, window: Candle | None) -> dict[str, object]:
    """Return how the price changed over a window, and its mean by volume."""
    if window is None:
        return {
            "priceChange": figures.zero,
            "priceChangePercent": "0.000",
            "weightedAvgPrice": figures.zero,
        }
    change = window.close - window.open
    traded = window.volume
    mean = _EXACT.divide(window.quote_volume, traded) if traded else window.close
    return {
        "priceChange": figures.price(change),
        "priceChangePercent": f"{change / window.open * _HUNDRED:.3f}",
        "weightedAvgPrice": figures.price(mean),
    }
