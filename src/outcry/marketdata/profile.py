"""Market profiles: where the volume, or the time, of trading was."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.columns import Numbers, Trades, frame_of, told_as, trades_at
from outcry.marketdata.scaled import WIDE, decimals_of, mantissas, raised, units_of

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


class _Area:
    """How a value area is found."""

    def __init__(self, expansion: Expansion, value_share: float) -> None:
        if expansion not in EXPANSIONS:
            raise InvalidValue(
                "expansion", str(expansion), f"must be one of {', '.join(EXPANSIONS)}"
            )
        if not 0 < value_share <= 1:
            raise InvalidValue("value_share", str(value_share), "must be above 0 and at most 1")
        self._two_rows = expansion == "two_row"
        self._share_ppm = round(value_share * _PPM)

    def places(self, volumes: list[int]) -> tuple[int, int, int] | None:
        found = _native.value_area(volumes, self._two_rows, self._share_ppm)
        return None if found is None else found[:3]

    def profile(
        self, rows: pl.DataFrame, ladder: _native.PriceLadder, row_size: Decimal, numbers: Numbers
    ) -> Profile:
        told = told_as(rows, numbers, ())
        found = ladder.value_area(self._two_rows, self._share_ppm)
        if found is None:
            return Profile(told, row_size, None, None, None, None)
        poc, low, high, held, total = found
        edges = rows["price"]
        return Profile(told, row_size, edges[poc], edges[high], edges[low], held / total)


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
            price_scale: Decimals of prices; by default as many as the row and trades show.
            quantity_scale: Decimals of quantities; by default as many as trades show.
            numbers: As in `candles`.

        Raises:
            InvalidValue: A parameter is out of range.
        """
        self._area = _Area(expansion, value_share)
        price = max(price_scale or 0, decimals_of("row_size", row_size)[1])
        self.row_size = Decimal(row_size)
        self._declared = price_scale, quantity_scale
        self._numbers: Numbers = numbers
        self._scales = price, quantity_scale or 0
        self._ladder = _native.PriceLadder(units_of("row_size", row_size, price))

    def update(self, trades: Trades) -> Profile:
        """Take trades in any order; return the profile with them.

        Raises:
            InvalidValue: A column cannot be taken, or the rows would be more than four million.
        """
        self.add(trades)
        return self.profile()

    def add(self, trades: Trades) -> None:
        """Take trades in any order, without looking at the profile; raises as `update`."""
        self._scales = self._add(self._ladder, trades)

    def peek(self, trades: Trades) -> Profile:
        """Return the profile as it would be with these trades."""
        tried = self._ladder.copy()
        return self._profile(tried, self._add(tried, trades))

    def profile(self) -> Profile:
        """Return the profile of all trades so far."""
        return self._profile(self._ladder, self._scales)

    def _add(self, ladder: _native.PriceLadder, trades: Trades) -> tuple[int, int]:
        """Add trades to a ladder at this profile's scales; return those that it then has."""
        columns = trades_at(trades, self._declared, self._scales)
        found = columns.price_scale, columns.quantity_scale
        if found != self._scales:
            ladder.rescale(found[0] - self._scales[0], found[1] - self._scales[1])
        # Whoever does not say a side has not bought.
        ladder.add(columns.frame.select("price", "quantity", "side").rechunk())
        return found

    def _profile(self, ladder: _native.PriceLadder, scales: tuple[int, int]) -> Profile:
        return self._area.profile(
            pl.DataFrame(ladder.rows(*scales)), ladder, self.row_size, self._numbers
        )


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
    return ProfileStream(row_size, expansion, value_share, numbers=numbers).update(trades)


class TimeProfileStream:
    """A profile by time that grows with bars: how many of them touched each row (TPO).

    >>> stream = TimeProfileStream("0.5")
    >>> bars = pl.DataFrame({"low": [10.0, 10.5], "high": [11.0, 11.0]})
    >>> stream.update(bars).rows["periods"].to_list()
    [1, 2, 2]
    >>> stream.peek(pl.DataFrame({"low": [11.0], "high": [11.5]})).rows["periods"].to_list()
    [1, 2, 3, 1]
    >>> stream.profile().rows["single_print"].to_list()
    [True, False, False]
    """

    def __init__(
        self,
        row_size: Decimal | str | int,
        expansion: Expansion = "two_row",
        value_share: float = VALUE_SHARE,
        *,
        price_scale: int | None = None,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty profile; arguments are those of `ProfileStream`.

        Raises:
            InvalidValue: A parameter is out of range.
        """
        self._area = _Area(expansion, value_share)
        self._scale = max(price_scale or 0, decimals_of("row_size", row_size)[1])
        self.row_size = Decimal(row_size)
        self._declared = price_scale
        self._numbers: Numbers = numbers
        self._ladder = _native.PriceLadder(units_of("row_size", row_size, self._scale))

    def update(self, bars: Any) -> Profile:  # noqa: ANN401 (anything with the Arrow PyCapsule protocol)
        """Take closed bars, of which `low` and `high` are read; return the profile with them.

        Raises:
            InvalidValue: A column cannot be taken, or the rows would be more than four million.
        """
        self._scale = self._add(self._ladder, bars)
        return self.profile()

    def peek(self, bars: Any) -> Profile:  # noqa: ANN401 (as above)
        """Return the profile as it would be with these bars, such as one that still forms."""
        tried = self._ladder.copy()
        return self._profile(tried, self._add(tried, bars))

    def profile(self) -> Profile:
        """Return the profile of all bars so far."""
        return self._profile(self._ladder, self._scale)

    def _add(self, ladder: _native.PriceLadder, bars: Any) -> int:  # noqa: ANN401 (as above)
        frame = frame_of(bars)
        for name in ("low", "high"):
            if name not in frame.columns:
                raise InvalidValue(name, "no column", "must be there")
        found = [mantissas(frame[name], self._declared) for name in ("low", "high")]
        scale = max(self._scale, *(own for _, own in found))
        if scale > self._scale:
            ladder.rescale(scale - self._scale, 0)
        prices = [raised(column, scale - own) for column, own in found]
        ladder.add_periods(pl.DataFrame(prices).rechunk())
        return scale

    def _profile(self, ladder: _native.PriceLadder, scale: int) -> Profile:
        rows = pl.DataFrame(ladder.rows(scale, 0)).select(
            "price", pl.col("trades").alias("periods")
        )
        rows = rows.with_columns((pl.col("periods") == 1).alias("single_print"))
        return self._area.profile(rows, ladder, self.row_size, self._numbers)


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
    return TimeProfileStream(row_size, expansion, value_share, numbers=numbers).update(bars)


def value_area(
    volumes: list[int], expansion: Expansion = "two_row", value_share: float = VALUE_SHARE
) -> tuple[int, int, int] | None:
    """Return the places of the point of control, the value area's low and its high, or None.

    >>> value_area([5, 12, 30, 22, 60, 40, 10, 45, 8, 3], "one_row")
    (4, 1, 6)
    >>> value_area([5, 12, 30, 22, 60, 40, 10, 45, 8, 3], "two_row")
    (4, 2, 8)

    Raises:
        InvalidValue: A volume is below 0, all have more than 38 digits, or a parameter is out of
            range.
    """
    for volume in volumes:
        if type(volume) is not int or volume < 0:
            raise InvalidValue("volumes", str(volume), "must be whole numbers from 0 on")
    if sum(volumes) >= 10**WIDE.precision:
        raise InvalidValue("volumes", "more in all", f"must have {WIDE.precision} digits at most")
    return _Area(expansion, value_share).places(volumes)
