"""The best levels of books over time."""

from array import array
from typing import Final

import numpy as np
import polars as pl

from outcry.feeds.books import Best, BookState, VenueBook

QUOTE_COLUMNS: Final = ("bid", "bid_quantity", "ask", "ask_quantity", "flow")
DIGITS: Final = 38


class QuoteTape:
    """Keeps the best levels of one book wherever they change, 48 bytes each.

    A row without a level on one side has null there; one that is null on both says that the book
    could not be believed from then on.
    """

    def __init__(self) -> None:
        """Keep no quotes yet."""
        self._times: array[int] = array("q")
        self._prices: tuple[list[int | None], list[int | None]] = ([], [])
        self._quantities: tuple[list[int], list[int]] = ([], [])
        self._flows: list[int] = []
        self._last: Best | None = None
        self._scales = (0, 0)

    def __len__(self) -> int:
        return len(self._times)

    def update(self, book: VenueBook) -> None:
        """Take the best levels of a book where they are not what they were."""
        best = book.best()
        scales = (book.price_scale, book.quantity_scale)
        if scales != self._scales:
            self._raise(scales)
        elif best == self._last:
            return
        if book.time_ns is None and book.state is not BookState.LIVE:
            return
        self._last = best
        self._times.append(book.time_ns or 0)
        for prices, price in zip(self._prices, (best.bid, best.ask), strict=True):
            prices.append(price)
        both = (best.bid_quantity, best.ask_quantity)
        for quantities, quantity in zip(self._quantities, both, strict=True):
            quantities.append(quantity)
        self._flows.append(book.flow)

    def frame(self) -> pl.DataFrame:
        """Return the quotes: `time_ns`, prices and quantities as exact decimals, and the flow.

        `flow` is the order-flow imbalance (Cont, Kukanov and Stoikov) from the start to that row.
        """
        bids, asks = self._prices
        bid_quantities, ask_quantities = self._quantities
        values = (bids, bid_quantities, asks, ask_quantities, self._flows)
        columns = dict(zip(QUOTE_COLUMNS, values, strict=True))
        frame = pl.DataFrame(columns, dict.fromkeys(QUOTE_COLUMNS, pl.Int128))
        price_scale, quantity_scale = self._scales
        scaled = [
            scaled_decimals(name, price_scale if name in {"bid", "ask"} else quantity_scale)
            for name in QUOTE_COLUMNS
        ]
        times = pl.Series("time_ns", np.array(self._times, np.int64))
        return frame.select(times, *scaled)

    def _raise(self, scales: tuple[int, int]) -> None:
        price_power, power = (
            10 ** (now - before) for now, before in zip(scales, self._scales, strict=True)
        )
        for prices in self._prices:
            prices[:] = [None if price is None else price * price_power for price in prices]
        for quantities in (*self._quantities, self._flows):
            quantities[:] = [quantity * power for quantity in quantities]
        self._scales = scales


def scaled_decimals(name: str, scale: int) -> pl.Expr:
    """Return a column of integers at a scale as exact decimals.

    >>> frame = pl.DataFrame({"price": [617_500, 5]})
    >>> frame.select(scaled_decimals("price", 3))["price"].to_list()
    [Decimal('617.500'), Decimal('0.005')]
    """
    if scale == 0:
        return pl.col(name).cast(pl.Decimal(DIGITS, 0))
    # The text of an integer, with its point put in, is exact at any width.
    text = pl.col(name).abs().cast(pl.String).str.zfill(scale + 1)
    sign = pl.when(pl.col(name) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    written = pl.concat_str(sign, text.str.head(-scale), pl.lit("."), text.str.tail(scale))
    return written.cast(pl.Decimal(DIGITS, scale)).alias(name)
