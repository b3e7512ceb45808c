"""Where candles begin and end, in milliseconds since 1970 UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS
MONTH_MS_LEAST: Final = 28 * DAY_MS
"""A month has no one length; this is the shortest."""

LENGTHS_MS: Final = {
    "1s": SECOND_MS,
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": WEEK_MS,
    "1M": MONTH_MS_LEAST,
}
"""Every interval of the API, and how long its candles are (a month: at least)."""

# 1970 began on a Thursday; weeks begin on Mondays.
_MONDAY_MS: Final = 4 * DAY_MS
_YEAR_MAX: Final = 9_999
_DECEMBER: Final = 12


def open_ms(interval: str, time_ms: int) -> int:
    """Return where the candle begins that a time lies in.

    >>> open_ms("1w", 1_700_000_000_000) % DAY_MS, open_ms("1h", HOUR_MS + 1)
    (0, 3600000)
    """
    if interval == "1M":
        date = _date(time_ms)
        return _ms(datetime(date.year, date.month, 1, tzinfo=UTC))
    length_ms = LENGTHS_MS[interval]
    origin_ms = _MONDAY_MS if interval == "1w" else 0
    return (time_ms - origin_ms) // length_ms * length_ms + origin_ms


def end_ms(interval: str, start_ms: int) -> int:
    """Return where the candle ends, and the next one begins, that begins at `start_ms`.

    >>> end_ms("1M", 0) // DAY_MS
    31
    """
    if interval != "1M":
        return start_ms + LENGTHS_MS[interval]
    date = _date(start_ms)
    year, month = (date.year + 1, 1) if date.month == _DECEMBER else (date.year, date.month + 1)
    return _ms(datetime(min(year, _YEAR_MAX), month, 1, tzinfo=UTC))


def back_ms(interval: str, start_ms: int, count: int) -> int:
    """Return where the candle begins that stands `count` candles before the one at `start_ms`."""
    if interval != "1M":
        return start_ms - count * LENGTHS_MS[interval]
    date = _date(start_ms)
    months = max(0, date.year * _DECEMBER + date.month - 1 - count)
    year, month = divmod(months, _DECEMBER)
    return _ms(datetime(max(1, year), month + 1, 1, tzinfo=UTC))


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _date(time_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=time_ms)


def _ms(date: datetime) -> int:
    return (date - _EPOCH) // timedelta(milliseconds=1)
