"""Sides of trades whose source does not say them, from piece to piece."""

from typing import Self

import polars as pl

from outcry import _native
from outcry.marketdata.scaled import raised


class SideRule:
    """The tick rule over the pieces of one instrument, whatever decimals their prices have.

    Above the price before a trade was bought, below it sold, at the same price as the last that
    differed; the first of all counts as bought. Source: Lee and Ready, 1991.
    """

    def __init__(self, rule: _native.TickRule | None = None, scale: int = 0) -> None:
        """Begin without a trade, or where a rule of the core is, with prices of this scale."""
        self._rule = rule or _native.TickRule()
        self._scale = scale

    def copy(self) -> Self:
        """Return a copy, to try trades on."""
        return type(self)(self._rule.copy(), self._scale)

    def told(self, frame: pl.DataFrame, price_scale: int) -> pl.DataFrame:
        """Return the next trades, in the order of arrival, with every side told.

        Args:
            frame: With `price` and `side`, 0 where the source does not say it.
            price_scale: Decimals of its prices.
        """
        if frame.is_empty():
            return frame
        if price_scale > self._scale:
            self._rule.rescale(price_scale - self._scale)
            self._scale = price_scale
        is_told = not (frame["side"] == 0).any()
        # Where all are told, what the rule remembers is the last of them.
        looked_at = frame.tail(1) if is_told else frame
        price = raised(looked_at["price"], self._scale - price_scale)
        sides = self._rule.update(pl.DataFrame([price, looked_at["side"]]).rechunk())
        return frame if is_told else frame.with_columns(pl.DataFrame(sides)["side"])
