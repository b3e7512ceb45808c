"""Tickers of a window that the caller chooses: the last so long, or the day of a time zone."""

import re
from time import time_ns
from typing import Final

from outcry.exchange import Instrument
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import illegal, neither
from outcry.gateways.binance.klines import zone_shift_ms
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.tickers import (
    TICKER,
    changes,
    counts,
    each_symbol,
    prices,
    quiet,
    wants_mini,
)
from outcry.gateways.market import Candle
from outcry.gateways.market.buckets import DAY_MS, HOUR_MS, MINUTE_MS, open_ms
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue

SYMBOLS_MAX: Final = 100
_SYMBOL_WEIGHT: Final = 4
_WEIGHT_MAX: Final = 200
_WINDOW: Final = r"^([1-9]|[1-5][0-9])m$|^([1-9]|1[0-9]|2[0-3])h$|^[1-7]d$"
_is_window = re.compile(_WINDOW.replace("$", r"\Z"), re.ASCII).match
_UNITS_MS: Final = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


async def rolling(venue: Venue, call: Call) -> object:
    """Tell what happened in the last minutes, hours or days; the first minute is a whole one."""
    said = call.parameters
    length_ms = window_ms(said.get("windowSize", "1d"))
    now_ns = time_ns()
    start_ms = open_ms("1m", now_ns // NS_PER_MS - length_ms)
    return await _told(venue, call, start_ms, now_ns)


async def trading_day(venue: Venue, call: Call) -> object:
    """Tell what happened today, which begins at midnight of a time zone."""
    shift_ms = zone_shift_ms(call.parameters)
    start_ms = open_ms("1d", time_ns() // NS_PER_MS + shift_ms) - shift_ms
    return await _told(venue, call, start_ms, (start_ms + DAY_MS) * NS_PER_MS - call.unit_ns)


async def _told(venue: Venue, call: Call, start_ms: int, close_ns: int) -> object:
    """Return the tickers of a window, which ends at `close_ns`, its last unit of time."""
    said = call.parameters
    if "symbol" not in said and "symbols" not in said:
        raise neither("symbol", "symbols")
    is_mini = wants_mini(call)
    times: dict[str, object] = {
        "openTime": start_ms * NS_PER_MS // call.unit_ns,
        "closeTime": close_ns // call.unit_ns,
    }

    async def told(instrument: Instrument) -> dict[str, object]:
        window = await _window(venue, instrument, start_ms, close_ns // NS_PER_MS + 1)
        figures = venue.figures(instrument)
        changed = {} if is_mini else changes(figures, window)
        return {
            "symbol": instrument.symbol,
            **changed,
            **prices(figures, window),
            **times,
            **counts(window),
        }

    return await each_symbol(venue, call, told, SYMBOLS_MAX)


async def _window(
    venue: Venue, instrument: Instrument, start_ms: int, stop_ms: int
) -> Candle | None:
    """Return all that was traded in `[start_ms, stop_ms)`; None before the first trade of all."""
    whole: Candle | None = None
    for minute in await venue.markets.minutes(instrument, start_ms, stop_ms):
        whole = minute if whole is None else whole.then(minute)
    if whole is not None:
        return whole
    board = await venue.markets.board(instrument, 0)
    return None if board.last is None else quiet(start_ms, board.last.price)


def window_ms(text: str) -> int:
    """Return how long a window is, in milliseconds.

    Raises:
        ApiError: It is none that can be asked for.

    >>> window_ms("59m"), window_ms("23h"), window_ms("7d")
    (3540000, 82800000, 604800000)
    """
    if not _is_window(text):
        raise illegal("windowSize", _WINDOW)
    return int(text[:-1]) * _UNITS_MS[text[-1]]


def _weight(call: Call) -> int:
    listed = read.names(call.parameters, "symbols", SYMBOLS_MAX)
    return min(_WEIGHT_MAX, _SYMBOL_WEIGHT * max(1, len(listed or ())))


ROUTES: Final = {
    ("GET", "/api/v3/ticker"): Route(rolling, TICKER | {"windowSize", "type"}, _weight),
    ("GET", "/api/v3/ticker/tradingDay"): Route(
        trading_day, TICKER | {"timeZone", "type"}, _weight
    ),
}
