"""The newest candles of one interval, kept as the texts that the API tells."""

from collections import deque
from typing import Final

from outcry.gateways.figures import Figures
from outcry.gateways.market.buckets import back_ms, end_ms, open_ms
from outcry.gateways.market.candle import Candle

CANDLES_MAX: Final = 1_000
"""Candles that a chart keeps: as many as one page holds."""


def kline(
    candle: Candle, interval: str, figures: Figures, shift_ms: int = 0, units_per_ms: int = 1
) -> bytes:
    """Return a candle as the API tells it: twelve values, prices as texts."""
    first = candle.open_ms * units_per_ms
    last = (end_ms(interval, candle.open_ms + shift_ms) - shift_ms) * units_per_ms - 1
    price, quantity, amount = figures.price, figures.quantity, figures.amount
    text = (
        f'[{first},"{price(candle.open)}","{price(candle.high)}","{price(candle.low)}",'
        f'"{price(candle.close)}","{quantity(candle.volume)}",{last},'
        f'"{amount(candle.quote_volume)}",{candle.trades},"{quantity(candle.buy_volume)}",'
        f'"{amount(candle.buy_quote_volume)}","0"]'
    )
    return text.encode("ascii")


class Chart:
    """Candles of one instrument and interval, without a gap.

    What can still change, the newest candle, is held as numbers; what cannot, as text.
    """

    __slots__ = (
        "_current",
        "_figures",
        "_finished",
        "_interval",
        "_newest",
        "_newest_of",
        "_pages",
    )

    def __init__(self, interval: str, figures: Figures, candles: list[Candle]) -> None:
        """Begin with candles of the interval, in the order of time, the last one as it stands."""
        self._interval = interval
        self._figures = figures
        self._finished: deque[bytes] = deque(maxlen=CANDLES_MAX)
        self._pages: dict[int, bytes] = {}
        self._current: Candle | None = None
        # The texts of what is not finished, and of what they are.
        self._newest: list[bytes] = []
        self._newest_of: tuple[Candle | None, Candle | None, int] = (None, None, 0)
        for candle in candles:
            self.take(candle)

    def take(self, part: Candle) -> None:
        """Add a finished candle of the same or a finer interval."""
        start_ms = open_ms(self._interval, part.open_ms)
        if self._current is None:
            self._current = part.beginning(start_ms)
            return
        self.settle(start_ms)
        self._current = self._current.then(part)

    def settle(self, until_ms: int) -> None:
        """Say that all trades before a time are here: what ends by then is finished."""
        current, interval = self._current, self._interval
        if current is None:
            return
        following_ms = end_ms(interval, current.open_ms)
        if following_ms > until_ms:
            return
        # Of a long quiet time only as many are made as are kept.
        kept_ms = back_ms(interval, open_ms(interval, until_ms), CANDLES_MAX)
        if following_ms < kept_ms:
            current = current.quiet_after(kept_ms)
            following_ms = end_ms(interval, kept_ms)
        while following_ms <= until_ms:
            self._finished.append(kline(current, interval, self._figures))
            current = current.quiet_after(following_ms)
            following_ms = end_ms(interval, following_ms)
        self._current = current
        self._pages.clear()

    def page(self, count: int, now_ms: int, forming: Candle | None) -> bytes:
        """Return the newest candles as a JSON array, the last one that of now.

        Args:
            count: How many, at most `CANDLES_MAX`.
            now_ms: The time.
            forming: What was traded since the last candle that was taken, of a finer interval.
        """
        newest_of = (self._current, forming, open_ms(self._interval, now_ms))
        if newest_of != self._newest_of:
            self._newest, self._newest_of = self._unfinished(now_ms, forming), newest_of
        newest = self._newest
        if not newest:
            return b"[]"
        wanted = count - len(newest)
        parts = newest[-count:] if wanted <= 0 else [self._joined(wanted), *newest]
        return b"[%s]" % b",".join(part for part in parts if part)

    def _unfinished(self, now_ms: int, forming: Candle | None) -> list[bytes]:
        """Return what is not finished: the current candle, and quiet ones up to now."""
        current, interval = self._current, self._interval
        if forming is not None:
            start_ms = open_ms(interval, forming.open_ms)
            if current is None:
                current = forming.beginning(start_ms)
            elif current.open_ms == start_ms:
                current = current.then(forming)
        if current is None:
            return []
        told = [kline(current, interval, self._figures)]
        while (start_ms := end_ms(interval, current.open_ms)) <= now_ms:
            current = current.quiet_after(start_ms)
            if forming is not None and open_ms(interval, forming.open_ms) == start_ms:
                current = current.then(forming)
            told.append(kline(current, interval, self._figures))
        return told

    def _joined(self, count: int) -> bytes:
        page = self._pages.get(count)
        if page is None:
            finished = self._finished
            skipped = max(0, len(finished) - count)
            page = b",".join(text for place, text in enumerate(finished) if place >= skipped)
            if len(self._pages) >= _PAGES_MAX:
                self._pages.clear()
            self._pages[count] = page
        return page


_PAGES_MAX: Final = 8
