"""Market profiles: where the volume, or the time, of trading was."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.columns import (
    Numbers,
    Trades,
    frame_of,
    mantissas,
    raised,
    told_as,
    trade_columns,
)
from outcry.marketdata.flow import units_of

Expansion: TypeAlias = Literal["two_row", "one_row"]
EXPANSIONS: Final = ("two_row", "one_row")
VALUE_SHARE: Final = 0.7
_PPM: Final = 1_000_000


@dataclass(frozen=True)
class Profile:
    """A profile of prices.

    Attributes:
        rows: From the lowest price to the highest, rows without trades too: `price` (lower edge),
            `volume`, `buy_volume`, `sell_volume`, `trades`; by time `price`, `periods` (how many
            touched the row), `single_print` (exactly one did).
        row_size: Height of a row.
        poc: Lower edge of the row with the most; of equals the nearest to the middle, then the
            lower. None where nothing was traded, as the next two.
        value_area_high: Lower edge of the value area's highest row.
        value_area_low: Lower edge of its lowest row.
        value_area_share: What share of all it holds.
    """

    rows: pl.DataFrame
    row_size: Decimal
    poc: Decimal | None
    value_area_high: Decimal | None
    value_area_low: Decimal | None
    value_area_share: float | None


class ProfileStream:
    """A profile by volume that grows with trades.

    >>> stream = ProfileStream("0.5")
    >>> trades = pl.DataFrame({"time_ns": [1, 2], "price": [10.2, 11.0], "quantity": [1, 3]})
    >>> stream.update(trades).poc == 11, stream.profile().rows["volume"].to_list()
    (True, [Decimal('1'), Decimal('0'), Decimal('3')])
    """

    def __init__(
        self,
        row_size: Decimal | str | int,
        expansion: Expansion = "two_row",
        value_share: float = VALUE_SHARE,
        *,
        price_scale: int | None = None,
        quantity_scale: int | None = None,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty profile.

        Args:
            row_size: Height of a row, in price: row = ⌊price / row_size⌋ on exact numbers.
            expansion: How the value area grows from the point of control: by the greater pair of
                rows (Dalton, Mind Over Markets, appendix 1) or by the greater single row. Of equals
                the upper joins; at an edge what remains is used.
            value_share: What share of all the value area is to hold.
            price_scale: Decimals of prices; by default those of the row, or 8.
            quantity_scale: Decimals of quantities; by default those of the first trades.
            numbers: As in `candles`.

        Raises:
            InvalidValue: A parameter is out of range.
        """
        if expansion not in EXPANSIONS:
            raise InvalidValue(
                "expansion", str(expansion), f"must be one of {', '.join(EXPANSIONS)}"
            )
        if not 0 < value_share <= 1:
            raise InvalidValue("value_share", str(value_share), "must be above 0 and at most 1")
        self.row_size = Decimal(row_size)
        self._price_scale = (
            price_scale if price_scale is not None else max(8, _decimals(self.row_size))
        )
        self._quantity_scale = quantity_scale
        self._two_rows = expansion == "two_row"
        self._share_ppm = round(value_share * _PPM)
        self._numbers: Numbers = numbers
        self._ladder = _native.PriceLadder(units_of("row_size", self.row_size, self._price_scale))

    def update(self, trades: Trades) -> Profile:
        """Take trades in any order; return the profile with them.

        Raises:
            InvalidValue: A column cannot be taken, or the rows would be more than four million.
        """
        self._add(self._ladder, trades)
        return self.profile()

    def peek(self, trades: Trades) -> Profile:
        """Return the profile as it would be with these trades."""
        tried = self._ladder.copy()
        self._add(tried, trades)
        return self._profile(tried)

    def profile(self) -> Profile:
        """Return the profile of all trades so far."""
        return self._profile(self._ladder)

    def _add(self, ladder: _native.PriceLadder, trades: Trades) -> None:
        columns = trade_columns(trades)
        if self._quantity_scale is None:
            self._quantity_scale = columns.quantity_scale
        prices = _at(columns.frame["price"], columns.price_scale, self._price_scale)
        quantities = _at(columns.frame["quantity"], columns.quantity_scale, self._quantity_scale)
        ladder.add(pl.DataFrame([prices, quantities, columns.frame["side"]]).rechunk())

    def _profile(self, ladder: _native.PriceLadder) -> Profile:
        table = ladder.rows(self._price_scale, self._quantity_scale or 0)
        area = ladder.value_area(self._two_rows, self._share_ppm)
        return _profile(pl.DataFrame(table), self.row_size, area, self._numbers)


def market_profile(
    trades: Trades,
    row_size: Decimal | str | int,
    expansion: Expansion = "two_row",
    value_share: float = VALUE_SHARE,
    *,
    numbers: Numbers = "decimal",
) -> Profile:
    """Return the profile of trades by volume; arguments are those of `ProfileStream`.

    Bars can be profiled by their close: give a frame with `time_ns`, the close as `price` and the
    volume as `quantity`.
    """
    columns = trade_columns(trades)
    stream = ProfileStream(
        row_size,
        expansion,
        value_share,
        price_scale=max(columns.price_scale, _decimals(Decimal(row_size))),
        quantity_scale=columns.quantity_scale,
        numbers=numbers,
    )
    return stream.update(trades)


def time_profile(
    bars: Any,  # noqa: ANN401 (anything with the Arrow PyCapsule protocol)
    row_size: Decimal | str | int,
    expansion: Expansion = "two_row",
    value_share: float = VALUE_SHARE,
    *,
    numbers: Numbers = "decimal",
) -> Profile:
    """Return the profile of bars by time: how many of them touched each row (TPO).

    Bars have `low` and `high` and are half-hours as a rule: `candles(trades, "30m")`. The other
    arguments are those of `ProfileStream`.
    """
    frame = frame_of(bars)
    found = [mantissas(frame[name], None) for name in ("low", "high")]
    own = max(_decimals(Decimal(row_size)), *(scale for _, scale in found))
    ladder = _native.PriceLadder(units_of("row_size", row_size, own))
    prices = [_at(column, scale, own) for column, scale in found]
    ladder.add_periods(pl.DataFrame(prices).rechunk())
    rows = pl.DataFrame(ladder.rows(own, 0)).select("price", pl.col("trades").alias("periods"))
    rows = rows.with_columns((pl.col("periods") == 1).alias("single_print"))
    area = ladder.value_area(expansion == "two_row", round(value_share * _PPM))
    return _profile(rows, Decimal(row_size), area, numbers)


def value_area(
    volumes: list[int], expansion: Expansion = "two_row", value_share: float = VALUE_SHARE
) -> tuple[int, int, int] | None:
    """Return the places of the point of control, the value area's low and its high, or None.

    >>> value_area([5, 12, 30, 22, 60, 40, 10, 45, 8, 3], "one_row")
    (4, 1, 6)
    >>> value_area([5, 12, 30, 22, 60, 40, 10, 45, 8, 3], "two_row")
    (4, 2, 8)
    """
    found = _native.value_area(volumes, expansion == "two_row", round(value_share * _PPM))
    return None if found is None else found[:3]


def _profile(
    rows: pl.DataFrame,
    row_size: Decimal,
    area: tuple[int, int, int, int, int] | None,
    numbers: Numbers,
) -> Profile:
    told = told_as(rows, numbers, ())
    if area is None:
        return Profile(told, row_size, None, None, None, None)
    poc, low, high, held, total = area
    edges = rows["price"]
    return Profile(told, row_size, edges[poc], edges[high], edges[low], held / total)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise InvalidValue("row_size", str(value), "must be a number")
    return max(-exponent, 0)


def _at(column: pl.Series, own: int, wanted: int) -> pl.Series:
    if own > wanted:
        raise InvalidValue(column.name, "a number", f"has more than {wanted} decimals")
    return raised(column, wanted - own).cast(pl.Int64)
