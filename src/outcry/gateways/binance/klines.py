"""Candles as the API pages them."""

import re
from time import time_ns
from typing import Final

from outcry.exchange import Instrument
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError, illegal
from outcry.gateways.binance.queries import USUAL_ROWS
from outcry.gateways.market import INTERVALS, Candle, kline, rolled_up
from outcry.gateways.market.buckets import MINUTE_MS, back_ms, end_ms, open_ms
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue

_ZONE: Final = r"^([+-]?)(\d{1,2})(?::(\d{2}))?$"
_zone = re.compile(r"([+-]?)(\d{1,2})(?::(\d{2}))?", re.ASCII).fullmatch
_ZONE_LEAST_MS: Final = -12 * 60 * MINUTE_MS
_ZONE_MOST_MS: Final = 14 * 60 * MINUTE_MS
_MINUTES_AN_HOUR: Final = 60


async def klines(venue: Venue, call: Call) -> bytes:
    """Tell candles: the newest, or those between two times."""
    said = call.parameters
    instrument = read.instrument(venue, said)
    interval = read.text(said, "interval")
    if interval not in INTERVALS:
        raise ApiError(-1120, "Invalid interval.")
    limit = read.page_size(said, USUAL_ROWS, venue.settings.page_rows_max)
    start = read.time_or_none(said, "startTime")
    end = read.time_or_none(said, "endTime")
    shift_ms = zone_shift_ms(said)
    now_ms = time_ns() // NS_PER_MS
    units_per_ms = NS_PER_MS // call.unit_ns
    if start is None and end is None and not shift_ms and units_per_ms == 1:
        board, chart = await venue.markets.chart(instrument, interval, now_ms)
        return chart.page(limit, now_ms, board.forming(interval))
    # The first candle begins at the start or later.
    start_ms = None if start is None else -(-start.first_ns // NS_PER_MS)
    until_ms = now_ms if end is None else min(end.last_ns // NS_PER_MS, now_ms)
    window = _Window(interval, shift_ms, limit)
    candles = await _candles(venue, instrument, window, start_ms, until_ms)
    figures = venue.figures(instrument)
    texts = (kline(each, interval, figures, shift_ms, units_per_ms) for each in candles)
    return b"[%s]" % b",".join(texts)


class _Window:
    """Which candles a page may have.

    Attributes:
        interval: Their interval.
        shift_ms: How far the caller's days begin before those of UTC.
        limit: How many.
    """

    def __init__(self, interval: str, shift_ms: int, limit: int) -> None:
        self.interval = interval
        self.shift_ms = shift_ms
        self.limit = limit

    def open_ms(self, time_ms: int) -> int:
        """Return where the candle of a time begins."""
        return open_ms(self.interval, time_ms + self.shift_ms) - self.shift_ms

    def end_ms(self, start_ms: int) -> int:
        """Return where the candle ends that begins at `start_ms`."""
        return end_ms(self.interval, start_ms + self.shift_ms) - self.shift_ms

    def back_ms(self, start_ms: int, count: int) -> int:
        """Return where the candle begins so many candles earlier."""
        return back_ms(self.interval, start_ms + self.shift_ms, count) - self.shift_ms


async def _candles(
    venue: Venue, instrument: Instrument, window: _Window, start_ms: int | None, until_ms: int
) -> list[Candle]:
    """Return the candles that begin in `[start_ms, until_ms]`, without a gap, at most a page.

    Without a start they are the last ones. None stands before the first trade.
    """
    if start_ms is not None and start_ms > until_ms:
        return []
    last_ms = window.open_ms(until_ms)
    if start_ms is None:
        first_ms = window.back_ms(last_ms, window.limit - 1)
    else:
        first_ms = window.open_ms(start_ms)
        if first_ms < start_ms:
            first_ms = window.end_ms(first_ms)
    earliest_ms = await venue.markets.earliest_ms(instrument, window.interval)
    if earliest_ms is None:
        return []
    first_ms = max(first_ms, window.open_ms(earliest_ms))
    stop_ms = first_ms
    for _ in range(window.limit):
        if stop_ms > last_ms:
            break
        stop_ms = window.end_ms(stop_ms)
    if stop_ms <= first_ms:
        return []
    parts = await venue.markets.parts(
        instrument, window.interval, first_ms, stop_ms, wants_newest=start_ms is None
    )
    found = rolled_up(parts.candles, window.interval, window.shift_ms)
    known_ms = min(parts.stop_ms, window.end_ms(last_ms))
    return _without_gaps(found, window, parts.start_ms, known_ms)


def _without_gaps(
    found: list[Candle], window: _Window, first_ms: int, stop_ms: int
) -> list[Candle]:
    """Return a candle for each interval in `[first_ms, stop_ms)` behind the first trade."""
    known = {each.open_ms: each for each in found}
    before = [each for each in found if each.open_ms < first_ms]
    last = before[-1] if before else None
    told: list[Candle] = []
    start_ms = first_ms
    while start_ms < stop_ms:
        last = known.get(start_ms) or (None if last is None else last.quiet_after(start_ms))
        if last is not None:
            told.append(last)
        start_ms = window.end_ms(start_ms)
    return told


def zone_shift_ms(said: read.Parameters) -> int:
    """Return how far the caller's time zone is ahead of UTC, in milliseconds.

    Raises:
        ApiError: It is none, or beyond -12:00 to +14:00.

    >>> [zone_shift_ms({"timeZone": zone}) for zone in ("-1:00", "05:45", "8")]
    [-3600000, 20700000, 28800000]
    """
    found = _zone(said.get("timeZone", "0"))
    if found is None:
        raise illegal("timeZone", _ZONE)
    sign, hours, minutes = found.groups()
    whole = int(hours) * _MINUTES_AN_HOUR + int(minutes or 0)
    shift_ms = (-whole if sign == "-" else whole) * MINUTE_MS
    if not _ZONE_LEAST_MS <= shift_ms <= _ZONE_MOST_MS or int(minutes or 0) >= _MINUTES_AN_HOUR:
        raise illegal("timeZone", _ZONE)
    return shift_ms
