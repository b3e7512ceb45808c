"""Order flow: what buying and selling aggressors did, trade by trade and bar by bar.

Trades are frames or what a reader gives, as for `candles`, of one instrument; batches take them in
any order. A trade whose side is not told takes that of the tick rule.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.columns import (
    Numbers,
    TradeColumns,
    Trades,
    duration_ns,
    frame_of,
    needed_column,
    require_one,
    times_ns,
    told_as,
    trade_columns,
    trades_at,
)
from outcry.marketdata.scaled import WIDE, decimals_of, exact_decimal, mantissas, raised, units_of
from outcry.marketdata.sides import SideRule

Unit: TypeAlias = Literal["base", "quote"]
"""What flow is counted in: quantities, or price times quantity."""

UNITS: Final = ("base", "quote")
SESSION: Final = "1d"
_DELTA_TIMES: Final = ("open_time",)
# Further than any price of a quote.
_BEYOND: Final = 1 << 62


def in_order(trades: Trades) -> TradeColumns:
    """Return trades in the order of (time, id), each with a side.

    Raises:
        InvalidValue: As `trade_columns`; or they are of several instruments.
    """
    columns = trade_columns(trades)
    frame = columns.frame
    require_one(frame, "symbol")
    if not _native.is_ordered(frame.select("time_ns", "trade_id").rechunk()):
        frame = frame.sort("time_ns", "trade_id")
    frame = SideRule().told(frame, columns.price_scale).rechunk()
    return TradeColumns(frame, columns.price_scale, columns.quantity_scale, columns.value_scale)


def infer_sides(trades: Trades) -> pl.DataFrame:
    """Return trades in order with every side told, and a column `inferred` where it was not.

    The tick rule: above the price before a trade was bought, below it sold, at the same price as
    the last that differed; the first of all counts as bought. Source: Lee and Ready, 1991.
    """
    columns = trade_columns(trades)
    frame = columns.frame.sort("time_ns", "trade_id")
    inferred = (frame["side"] == 0).alias("inferred")
    return SideRule().told(frame, columns.price_scale).with_columns(inferred)


def _scale(columns: TradeColumns, unit: Unit) -> int:
    if unit not in UNITS:
        raise InvalidValue("unit", str(unit), f"must be one of {', '.join(UNITS)}")
    return columns.quantity_scale + (columns.price_scale if unit == "quote" else 0)


def cvd(
    trades: Trades,
    anchor: str | None = SESSION,
    unit: Unit = "base",
    *,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return the cumulative volume delta after each trade: `time`, `trade_id`, `cvd`.

    cvd = cvd before + d · amount, with d = 1 where the aggressor bought and -1 where it sold.

    Args:
        trades: Trades of one instrument.
        anchor: The sum begins anew with each bucket of this interval, by default at 00:00 UTC;
            None lets it run from the first trade.
        unit: `base` counts quantities, `quote` price times quantity.
        numbers: As in `candles`.

    >>> trades = pl.DataFrame(
    ...     {
    ...         "time_ns": range(5),
    ...         "price": [1] * 5,
    ...         "quantity": [10, 15, 20, 5, 3],
    ...         "side": ["buy", "buy", "buy", "sell", "sell"],
    ...     }
    ... )
    >>> cvd(trades)["cvd"].to_list()[-1]
    Decimal('37')
    """
    columns = in_order(trades)
    scale = _scale(columns, unit)
    # Floats are made of integers directly: half the memory of decimals on the way.
    exact_scale = None if numbers == "float" else scale
    flow = _flow(columns.frame, unit)
    table = _native.CvdSum(anchor).update(flow, unit == "quote", exact_scale)
    sums = pl.DataFrame(table)["cvd"]
    if exact_scale is None:
        sums = sums.cast(pl.Float64) / 10.0**scale
    frame = pl.DataFrame([columns.frame["time_ns"].alias("time"), columns.frame["trade_id"], sums])
    return told_as(frame, numbers, ("time",))


def _flow(frame: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    names = ["time_ns", "trade_id", "quantity", "side", *(["price"] if unit == "quote" else [])]
    return frame.select(names).rechunk()


class CvdStream:
    """The cumulative volume delta, trade by trade, in exact decimals.

    >>> stream = CvdStream()
    >>> stream.update(1, Decimal("0.5"), "buy"), stream.peek(2, Decimal("0.2"), "sell")
    (Decimal('0.5'), Decimal('0.3'))
    """

    def __init__(self, anchor: str | None = SESSION, scale: int = 18) -> None:
        """Begin at 0; `anchor` as in `cvd`, `scale` is how many decimals an amount may have."""
        self._sum = _native.CvdSum(anchor)
        self._scale = scale

    def update(self, time_ns: int, amount: Decimal | int, side: str) -> Decimal:
        """Take a trade in its order; return the sum with it.

        Raises:
        InvalidValue: The side is neither `buy` nor `sell`, or the amount has more decimals or is
                not above 0.
        """
        return self._decimal(self._sum.update_one(time_ns, self._units(amount, side)))

    def peek(self, time_ns: int, amount: Decimal | int, side: str) -> Decimal:
        """Return the sum as it would be with this trade."""
        return self._decimal(self._sum.peek(time_ns, self._units(amount, side)))

    def _units(self, amount: Decimal | int, side: str) -> int:
        if side not in {"buy", "sell"}:
            raise InvalidValue("side", side, "must be buy or sell")
        units = units_of("amount", amount, self._scale)
        return units if side == "buy" else -units

    def _decimal(self, units: int) -> Decimal:
        return exact_decimal(units, self._scale)


def delta_bars(
    trades: Trades,
    interval: str = "1m",
    anchor: str | None = SESSION,
    unit: Unit = "base",
    *,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return each bar's delta, its extremes on the way, and the sum of deltas.

    delta = bought - sold = 2·buy_volume - volume; `min_delta` and `max_delta` are the least and the
    greatest that it was after any trade of the bar, 0 at its open; `cvd` adds the deltas up from
    the anchor on, as in `cvd`.
    """
    columns = in_order(trades)
    scale = _scale(columns, unit)
    flow = _flow(columns.frame, unit)
    bars = pl.DataFrame(_native.delta_bars(flow, interval, unit == "quote", scale)).drop("final")
    return told_as(cumulated(bars, anchor), numbers, _DELTA_TIMES)


def cumulated(bars: pl.DataFrame, anchor: str | None = SESSION) -> pl.DataFrame:
    """Return delta bars with `cvd`, the sum of their deltas from the anchor on.

    A late trade shifts all later sums: so bars are stored as `DeltaBarStream` tells them, and added
    up when they are read.

    Args:
        bars: In order, with `open_time` and `delta` as exact decimals.
        anchor: As in `cvd`.

    Raises:
        InvalidValue: The anchor is no interval, or the deltas are no decimals.
    """
    delta = bars["delta"]
    if not isinstance(delta.dtype, pl.Decimal):
        raise InvalidValue("delta", str(delta.dtype), "must be exact decimals")
    times = bars["open_time"]
    times_ns = times if times.dtype.is_integer() else times.dt.epoch("ns")
    frame = pl.DataFrame([times_ns, delta]).rechunk()
    table = _native.CvdSum(anchor).update_bars(frame, delta.dtype.scale)
    return bars.with_columns(pl.DataFrame(table)["cvd"])


class DeltaBarStream:
    """Delta bars of trades as they come.

    The extremes of a bar depend on the order of its trades, so these are kept until the horizon has
    passed the bar's end; a late trade within it makes the bar anew. `late` counts those that came
    later: their bars are final.
    """

    def __init__(
        self,
        interval: str = "1m",
        horizon: str | int | timedelta = "1m",
        unit: Unit = "base",
        *,
        price_scale: int | None = None,
        quantity_scale: int | None = None,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty stream of trades of so many decimals; by default as many as they show.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        self.late = 0
        self._unit: Unit = unit
        self._declared = price_scale, quantity_scale
        self._scales = price_scale or 0, quantity_scale or 0
        self._numbers: Numbers = numbers
        self._rule = SideRule()
        scale = _scale(TradeColumns(pl.DataFrame(), *self._scales, 0), unit)
        horizon_ns = duration_ns("horizon", horizon)
        self._bars = _native.DeltaBars(interval, horizon_ns, unit == "quote", scale)

    def update(self, trades: Trades) -> pl.DataFrame:
        """Take trades; return the bars that changed, `final` where none can change them more."""
        table, late = self._bars.update(self._columns(trades, self._rule))
        self.late += late
        return told_as(pl.DataFrame(table), self._numbers, _DELTA_TIMES)

    def peek(self, trades: Trades) -> pl.DataFrame:
        """Return what `update` would return, without taking the trades."""
        table, _ = self._bars.peek(self._columns(trades, self._rule.copy()))
        return told_as(pl.DataFrame(table), self._numbers, _DELTA_TIMES)

    def _columns(self, trades: Trades, rule: SideRule) -> pl.DataFrame:
        columns = trades_at(trades, self._declared, self._scales)
        rise = _scale(columns, self._unit) - _scale(
            TradeColumns(pl.DataFrame(), *self._scales, 0), self._unit
        )
        if rise:
            self._bars.rescale(rise)
        self._scales = columns.price_scale, columns.quantity_scale
        return _flow(rule.told(columns.frame, columns.price_scale), self._unit)


def vpin(
    trades: Trades,
    bucket_volume: Decimal | str | int,
    window: int = 50,
    *,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return the buckets of equal volume and their VPIN, null before there are `window` of them.

    VPIN = Σ|Vb - Vs| / (n · V) over the last n buckets of volume V; the trade across the end of a
    bucket is split. Source: Easley, López de Prado, O'Hara, 2012.

    Raises:
        InvalidValue: A parameter is out of range.
    """
    columns = in_order(trades)
    # A bucket may be finer than the quantities are.
    scale = max(columns.quantity_scale, decimals_of("bucket_volume", bucket_volume)[1])
    stream = VpinStream(bucket_volume, window, quantity_scale=scale, numbers=numbers)
    return stream.update(_Ordered(columns))


@dataclass(frozen=True)
class _Ordered:
    """Columns in the form in which trades come in."""

    columns: TradeColumns

    @property
    def frame(self) -> pl.DataFrame:
        return self.columns.frame

    @property
    def scales(self) -> tuple[int, int, int]:
        columns = self.columns
        return columns.price_scale, columns.quantity_scale, columns.value_scale


class VpinStream:
    """VPIN of trades as they come, in order."""

    def __init__(
        self,
        bucket_volume: Decimal | str | int,
        window: int = 50,
        *,
        quantity_scale: int = 8,
        numbers: Numbers = "decimal",
    ) -> None:
        """Begin an empty bucket; arguments as in `vpin`."""
        self._volume = units_of("bucket_volume", bucket_volume, quantity_scale)
        self._window = window
        self._scale = quantity_scale
        self._numbers: Numbers = numbers
        self._buckets = _native.VpinBuckets(self._volume, window, quantity_scale)
        self._rule = SideRule()

    def update(self, trades: Trades) -> pl.DataFrame:
        """Take trades; return the buckets that they fill."""
        return self._told(self._buckets.update(self._columns(trades, self._rule)))

    def peek(self, trades: Trades) -> pl.DataFrame:
        """Return the buckets that the trades would fill, without taking them."""
        return self._told(self._buckets.peek(self._columns(trades, self._rule.copy())))

    def _columns(self, trades: Trades, rule: SideRule) -> pl.DataFrame:
        columns = trade_columns(trades, quantity_scale=None)
        require_one(columns.frame, "symbol")
        if columns.quantity_scale > self._scale:
            raise InvalidValue("quantity", "a number", f"has more than {self._scale} decimals")
        quantities = raised(columns.frame["quantity"], self._scale - columns.quantity_scale)
        frame = rule.told(columns.frame.with_columns(quantities), columns.price_scale)
        return frame.select("time_ns", "quantity", "side").rechunk()

    def _told(self, table: _native.Table) -> pl.DataFrame:
        frame = pl.DataFrame(table)
        whole = self._volume * self._window
        sums = frame["imbalance_sum"].to_physical().cast(pl.Float64) / whole
        told = told_as(frame.drop("imbalance_sum"), self._numbers, ("open_time", "close_time"))
        return told.with_columns(sums.alias("vpin"))


def ofi(quotes: object, *, numbers: Numbers = "decimal") -> pl.DataFrame:
    """Return the order flow imbalance of best quotes, event by event, and its sum.

    e = [Pb > Pb' ? qb : Pb < Pb' ? -qb' : qb - qb'] - [Pa < Pa' ? qa : Pa > Pa' ? -qa' : qa - qa'],
    0 for the first quote. Source: Cont, Kukanov, Stoikov, 2014.

    Args:
        quotes: In order, with `time` or `time_ns`, `bid`, `bid_quantity`, `ask`, `ask_quantity`. A
            side that is null is empty, as if its price were beyond every other and nothing stood
            there; where both are, nothing is known, and the quote behind counts as the first.
        numbers: As in `candles`.

    Raises:
        InvalidValue: A column cannot be taken.
    """
    return OfiStream(numbers=numbers).update(quotes)


class OfiStream:
    """The order flow imbalance of best quotes as they come."""

    def __init__(
        self, *, quantity_scale: int = 8, price_scale: int = 8, numbers: Numbers = "decimal"
    ) -> None:
        """Make a stream of quotes of at most so many decimals."""
        self._scales = price_scale, quantity_scale
        self._numbers: Numbers = numbers
        self._sum = _native.OfiSum()
        self._total = 0

    def update(self, quotes: object) -> pl.DataFrame:
        """Take quotes; return `time`, the event `ofi` of each, and the sum `cumulative`."""
        columns = self._columns(quotes)
        events, self._sum = self._events(columns, takes=True)
        told = self._told(columns, events)
        if told.height:
            self._total = int(told["cumulative"].to_physical()[-1])
        return told_as(told, self._numbers, ("time",))

    def peek(self, quotes: object) -> pl.DataFrame:
        """Return what `update` would return, without taking the quotes."""
        columns = self._columns(quotes)
        events, _ = self._events(columns, takes=False)
        told = self._told(columns, events)
        return told_as(told, self._numbers, ("time",))

    def _events(self, columns: pl.DataFrame, *, takes: bool) -> tuple[pl.Series, _native.OfiSum]:
        """Return the event of each quote, and the sum that the next are to be given to."""
        scale, total = self._scales[1], self._sum
        parts = columns.with_columns(_part=pl.col("_restarts").cum_sum()).partition_by("_part")
        found = [pl.DataFrame(total.peek(columns.clear(), scale))["ofi"]]
        for part in parts:
            quotes = part.filter(~pl.col("_restarts")).drop("_restarts", "_part").rechunk()
            if part["_restarts"][0]:
                total = _native.OfiSum()
                found.append(pl.Series("ofi", [0]).cast(found[0].dtype))
            is_own = total is self._sum and not takes
            table = total.peek(quotes, scale) if is_own else total.update(quotes, scale)
            found.append(pl.DataFrame(table)["ofi"])
        return pl.concat(found), total

    def _told(self, columns: pl.DataFrame, events: pl.Series) -> pl.DataFrame:
        exact = events.dtype
        before = Decimal(self._total).scaleb(-self._scales[1])
        sums = (events.cum_sum().cast(exact) + pl.Series([before]).cast(exact)).alias("cumulative")
        return pl.DataFrame([columns["time_ns"].alias("time"), events, sums.cast(exact)])

    def _columns(self, quotes: object) -> pl.DataFrame:
        frame = frame_of(quotes)
        price, quantity = self._scales
        sides = {"bid": -_BEYOND, "ask": _BEYOND}
        empty = {
            side: needed_column(frame, side).is_null()
            | needed_column(frame, f"{side}_quantity").is_null()
            for side in sides
        }
        made = [times_ns(frame, "time")]
        for side, beyond in sides.items():
            for name, scale, nothing in ((side, price, beyond), (f"{side}_quantity", quantity, 0)):
                column, _ = mantissas(frame[name].filter(~empty[side]), scale)
                if column.dtype == WIDE:
                    raise InvalidValue(name, "a number", "must fit 64 bits at its scale")
                whole = pl.Series(name, [nothing], pl.Int64).new_from_index(0, frame.height)
                made.append(whole.scatter((~empty[side]).arg_true(), column))
        restarts = (empty["bid"] & empty["ask"]).alias("_restarts")
        return pl.DataFrame([*made, restarts]).rechunk()
