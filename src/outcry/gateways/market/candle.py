"""A candle in decimals, and what is made of several.

The core rolls up columns of integers at one scale, in days of UTC: the minutes of the history come
in whatever steps stood then, and clients ask in zones of their own, so they are joined here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from outcry.gateways.market.buckets import open_ms

_EXACT: Final = Context(prec=100)
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Candle:
    """What was traded in an interval.

    Attributes:
        open_ms: Where it begins, in milliseconds since 1970 UTC.
        open: The first price.
        high: The greatest price.
        low: The least price.
        close: The last price.
        volume: What was traded, in the base asset.
        quote_volume: What it came to, in the quote asset.
        trades: How many trades.
        buy_volume: What buying aggressors took.
        buy_quote_volume: What that came to.
        first_id: The first trade, -1 without one.
        last_id: The last trade, -1 without one.
    """

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    buy_volume: Decimal
    buy_quote_volume: Decimal
    first_id: int
    last_id: int

    def then(self, later: "Candle") -> "Candle":
        """Return both as one, which begins where this does."""
        if not later.trades:
            return self
        if not self.trades:
            return later.beginning(self.open_ms)
        add = _EXACT.add
        return Candle(
            self.open_ms,
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            add(self.volume, later.volume),
            add(self.quote_volume, later.quote_volume),
            self.trades + later.trades,
            add(self.buy_volume, later.buy_volume),
            add(self.buy_quote_volume, later.buy_quote_volume),
            self.first_id,
            later.last_id,
        )

    def beginning(self, start_ms: int) -> "Candle":
        """Return the same in an interval that begins elsewhere."""
        return Candle(
            start_ms,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.quote_volume,
            self.trades,
            self.buy_volume,
            self.buy_quote_volume,
            self.first_id,
            self.last_id,
        )

    def quiet_after(self, start_ms: int) -> "Candle":
        """Return the candle of a later interval without a trade: all its prices this close."""
        price = self.close
        return Candle(
            start_ms,
            price,
            price,
            price,
            price,
            _NOTHING,
            _NOTHING,
            0,
            _NOTHING,
            _NOTHING,
            -1,
            -1,
        )


def rolled_up(parts: Iterable[Candle], interval: str, shift_ms: int = 0) -> list[Candle]:
    """Return candles of a longer interval, made of finer ones in the order of time.

    Args:
        parts: The finer candles.
        interval: The longer interval.
        shift_ms: How far the days of the caller begin before those of UTC.
    """
    made: list[Candle] = []
    for part in parts:
        start_ms = open_ms(interval, part.open_ms + shift_ms) - shift_ms
        if made and made[-1].open_ms == start_ms:
            made[-1] = made[-1].then(part)
        else:
            made.append(part.beginning(start_ms))
    return made
