"""Footprints: what was bought and sold in each row of prices of each bar, and where one overweighs.

A row at p is a buy imbalance where bought(p) ≥ ratio · sold(one row below), a sell imbalance where
sold(p) ≥ ratio · bought(one row above), each with at least the minimum; where nothing stands
across, the minimum alone counts. Volumes are compared, not counts of trades.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.columns import Numbers, TradeColumns, Trades, duration_ns, told_as, trades_at
from outcry.marketdata.flow import in_order
from outcry.marketdata.scaled import decimals_of, raised, units_of
from outcry.marketdata.sides import SideRule

_TIMES: Final = ("open_time",)
_COLUMNS: Final = ("time_ns", "price", "quantity", "side")


@dataclass(frozen=True)
class _Rule:
    """How rows are compared, as the caller says it."""

    row_size: Decimal | str | int
    ratio: float
    minimum: Decimal | str | int | None
    stacked: int

    @property
    def decimals(self) -> tuple[int, int]:
        """The decimals that the row size and the minimum need."""
        minimum = 0 if self.minimum is None else decimals_of("minimum", self.minimum)[1]
        return decimals_of("row_size", self.row_size)[1], minimum

    def at(self, price_scale: int, quantity_scale: int) -> tuple[int, int, int, int]:
        """Return what the core takes, in units of these scales."""
        least = 1 if self.minimum is None else units_of("minimum", self.minimum, quantity_scale)
        size = units_of("row_size", self.row_size, price_scale)
        if not 0 < self.ratio < math.inf:
            raise InvalidValue("ratio", str(self.ratio), "must be above 0 and finite")
        return size, round(self.ratio * 1_000), least, self.stacked


def footprint(
    trades: Trades,
    interval: str = "1m",
    row_size: Decimal | str | int = 1,
    *,
    ratio: float = 3.0,
    minimum: Decimal | str | int | None = None,
    stacked: int = 3,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return what was bought and sold in each row of prices of each bar, from the lowest row.

    A row at p is a buy imbalance where bought(p) ≥ ratio · sold(one row below), a sell imbalance
    where sold(p) ≥ ratio · bought(one row above), each with at least `minimum`; where nothing
    stands across, the minimum alone counts. `stacked` marks those with enough neighbours alike.
    Volumes are compared, not counts of trades.

    Args:
        trades: Trades of one instrument.
        interval: Of the bars.
        row_size: Height of a row, in price.
        ratio: To three decimals.
        minimum: Least volume of an imbalance; by default any that is above 0.
        stacked: So many imbalances one above the other are stacked.
        numbers: As in `candles`.

    Raises:
        InvalidValue: A parameter is not above 0, or the rows would be too many.
    """
    how = _Rule(row_size, ratio, minimum, stacked)
    frame, scales = _at_rows(in_order(trades), how)
    table = _native.footprint_rows(frame, interval, how.at(*scales), scales)
    return told_as(pl.DataFrame(table), numbers, _TIMES)


class FootprintStream:
    """Footprints of trades as they come, late ones included.

    Of a bar its rows are kept, not its trades, until the horizon has passed its end: a bar that
    changed comes again with all its rows. `late` counts the trades that came later than that: their
    bars are final, and they are not in them.

    >>> stream = FootprintStream("1m", 10, minimum=2)
    >>> def trade(price, quantity, side):
    ...     return pl.DataFrame(
    ...         {"time_ns": [5], "price": [price], "quantity": [quantity], "side": [side]}
    ...     )
    >>> _ = stream.update(trade(1_009, 1, "sell"))
    >>> stream.peek(trade(1_010, 3, "buy")).select("price", "buy_imbalance").rows()
    [(Decimal('1000'), False), (Decimal('1010'), True)]
    >>> stream.update(trade(1_011, 2, "buy")).select("price", "buy_imbalance").rows()
    [(Decimal('1000'), False), (Decimal('1010'), False)]
    """

    def __init__(
        self,
        interval: str = "1m",
        row_size: Decimal | str | int = 1,
        *,
        ratio: float = 3.0,
        minimum: Decimal | str | int | None = None,
        stacked: int = 3,
        horizon: str | int | timedelta = "1m",
        price_scale: int | None = None,
        quantity_scale: int | None = None,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty stream; arguments that are not named here are those of `footprint`.

        Args:
            interval: Of the bars.
            row_size: Height of a row, in price.
            ratio: To three decimals.
            minimum: Least volume of an imbalance; by default any that is above 0.
            stacked: So many imbalances one above the other are stacked.
            horizon: How far behind the latest trade a bar's end may lie to be changed.
            price_scale: Decimals of prices; by default as many as trades show.
            quantity_scale: Decimals of quantities, likewise.
            numbers: As in `candles`.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        self.late = 0
        self._how = _Rule(row_size, ratio, minimum, stacked)
        self._interval = interval
        self._horizon_ns = duration_ns("horizon", horizon)
        self._declared = price_scale, quantity_scale
        self._numbers: Numbers = numbers
        self._rule = SideRule()
        price, quantity = self._how.decimals
        self._scales = max(price_scale or 0, price), max(quantity_scale or 0, quantity)
        self._bars = _native.FootprintBars(
            interval, self._horizon_ns, self._how.at(*self._scales), self._scales
        )

    def update(self, trades: Trades) -> pl.DataFrame:
        """Take trades; return the rows of the bars that changed or became final.

        Returns:
            The columns of `footprint`, and `final` where no trade can change the bar any more.

        Raises:
            InvalidValue: A column cannot be taken, or a bar would span too many rows.
        """
        table, late = self._bars.update(self._columns(trades, self._rule))
        self.late += late
        return told_as(pl.DataFrame(table), self._numbers, _TIMES)

    def peek(self, trades: Trades) -> pl.DataFrame:
        """Return what `update` would return, without taking the trades."""
        table, _ = self._bars.peek(self._columns(trades, self._rule.copy()))
        return told_as(pl.DataFrame(table), self._numbers, _TIMES)

    def _columns(self, trades: Trades, rule: SideRule) -> pl.DataFrame:
        columns = trades_at(trades, self._declared, self._scales)
        found = columns.price_scale, columns.quantity_scale
        if found != self._scales:
            price, quantity = (now - old for now, old in zip(found, self._scales, strict=True))
            self._bars.rescale(price, quantity, self._how.at(*found))
            self._scales = found
        return rule.told(columns.frame, columns.price_scale).select(_COLUMNS).rechunk()


def _at_rows(columns: TradeColumns, how: _Rule) -> tuple[pl.DataFrame, tuple[int, int]]:
    """Return trades at decimals enough for the rows and the minimum too, and these."""
    own = columns.price_scale, columns.quantity_scale
    price, quantity = (max(pair) for pair in zip(own, how.decimals, strict=True))
    frame = columns.frame.with_columns(
        raised(columns.frame["price"], price - own[0]),
        raised(columns.frame["quantity"], quantity - own[1]),
    )
    return frame.select(_COLUMNS).rechunk(), (price, quantity)
