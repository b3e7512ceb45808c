"""Candles from trades, in integers throughout, of many intervals and groups in one pass.

A candle's bucket is [k, k + interval) in UTC and its label is k, the open time. Within it trades
stand in the order of (time, trade id), never of time alone: the open is the price of the least key,
the close that of the greatest, whatever order the rows come in. Sums are 128 bits wide. A bucket
without a trade has no row. docs/formats.md states every field.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, TypeAlias

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.columns import (
    Numbers,
    ScaledTrades,
    TradeColumns,
    Trades,
    duration_ns,
    frame_of,
    told_as,
    trade_columns,
)
from outcry.marketdata.scaled import mantissas, raised
from outcry.marketdata.sides import SideRule

Duration: TypeAlias = str | int | timedelta
"""A text as `1m`, nanoseconds, or a timedelta."""

FOREVER_NS: Final = (1 << 63) - 1
THREADS: Final = 2
_TIMES: Final = ("open_time", "close_time", "first_time", "last_time")
_PRICES: Final = ("open", "high", "low", "close")
_VOLUMES: Final = ("volume", "buy_volume")
_VALUES: Final = ("quote_volume", "buy_quote_volume")
_KEYS: Final = ("symbol", "account")
_SEEN: Final = {"group": pl.UInt32, "price": pl.Int128, "side": pl.Int8, "scale": pl.Int32}


def candles(
    trades: Trades,
    intervals: str | Sequence[str] = "1m",
    *,
    by: str | Sequence[str] | None = None,
    numbers: Numbers = "decimal",
    price_scale: int | None = None,
    quantity_scale: int | None = None,
    threads: int = THREADS,
) -> pl.DataFrame:
    """Return the candles of trades in any order, by group, interval and time.

    Args:
        trades: A frame or what a reader gives; see `outcry.marketdata.Trades`.
        intervals: One or several of `1s` to `1M`: a count and s, m, h, d, w (from Monday) or M.
        by: Columns to group by. By default those of `symbol` and `account` that are there; of what
            a reader gives, those that hold anything.
        numbers: `decimal` (exact), `float` or `integer` (of the decimals' scale).
        price_scale: Decimals of prices; found where not declared.
        quantity_scale: Decimals of quantities; found where not declared.
        threads: How many reduce large inputs.

    Returns:
        The group's columns, `interval`, `open_time`, `close_time`, `open`, `high`, `low`, `close`,
        `volume`, `quote_volume` (Σ price·quantity, or the values that the source gave),
        `buy_volume` and `buy_quote_volume` (of buying aggressors), `trades`, `vwap`
        (quote_volume / volume, rounded once, null without volume), `first_time`, `first_id`,
        `last_time`, `last_id`, `closed` (a trade at or behind its end was seen) and `revision`.

    Raises:
        InvalidValue: An argument or a column cannot be taken.

    >>> trades = pl.DataFrame(
    ...     {
    ...         "time_ns": [5, 59],
    ...         "price": ["1.00", "1.01"],
    ...         "quantity": [2, 3],
    ...         "side": ["buy", "sell"],
    ...     }
    ... )
    >>> candles(trades, "1s").select("open", "close", "quote_volume", "buy_volume", "vwap").row(0)
    (Decimal('1.00'), Decimal('1.01'), Decimal('5.03'), Decimal('2'), Decimal('1.0060000000'))
    """
    stream = CandleStream(
        intervals,
        by=by,
        horizon=FOREVER_NS,
        numbers=numbers,
        price_scale=price_scale,
        quantity_scale=quantity_scale,
        threads=threads,
    )
    return stream.of_all(trades)


class CandleStream:
    """Candles of trades that come in pieces, late ones included.

    A late trade revises every candle that it belongs to as long as the candle's end lies within
    `horizon` of its group's latest trade; so a group holds at most `horizon / interval + 2` candles
    of each interval. Behind the horizon it comes out as a correction: a row with `correction` true,
    to be merged by `roll_up` into the candle that whoever stores the history has.

    >>> stream = CandleStream("1m")
    >>> minute = 60_000_000_000
    >>> def trade(time_ns, price):
    ...     return pl.DataFrame({"time_ns": [time_ns], "price": [price], "quantity": [1]})
    >>> _ = stream.update(trade(5, 10))
    >>> stream.peek(trade(6, 12))["high"].to_list(), stream.forming()["high"].to_list()
    ([Decimal('12')], [Decimal('10')])
    >>> stream.update(trade(minute, 11)).select("close", "closed").rows()
    [(Decimal('10'), True), (Decimal('11'), False)]
    >>> stream.update(trade(7, 15)).select("close", "closed", "revision").rows()
    [(Decimal('15'), True, 1)]
    """

    def __init__(
        self,
        intervals: str | Sequence[str] = "1m",
        *,
        by: str | Sequence[str] | None = None,
        horizon: Duration = "1h",
        grace: Duration = 0,
        numbers: Numbers = "decimal",
        price_scale: int | None = None,
        quantity_scale: int | None = None,
        threads: int = THREADS,
    ) -> None:
        """Make an empty stream; arguments that are not named here are those of `candles`.

        `horizon` is how far behind a group's latest trade a candle's end may lie to be revised,
        `grace` how long behind its end a candle stays open.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        self.intervals = (intervals,) if isinstance(intervals, str) else tuple(intervals)
        self._by = (by,) if isinstance(by, str) else by if by is None else tuple(by)
        self._numbers: Numbers = numbers
        self._declared = {"price_scale": price_scale, "quantity_scale": quantity_scale}
        if type(threads) is not int or threads < 1:
            raise InvalidValue("threads", str(threads), "must be a whole number from 1 on")
        if len(set(self._by or ())) < len(self._by or ()):
            raise InvalidValue("by", ", ".join(self._by or ()), "must be columns once each")
        self._threads = threads
        self._groups: dict[tuple[object, ...], int] = {}
        self._key_types: dict[str, pl.DataType] = {}
        self._set = _native.CandleSet(
            list(self.intervals),
            duration_ns("horizon", horizon),
            duration_ns("grace", grace),
            (0, 0, 0),
        )
        self._rules: dict[int, SideRule] = {}
        # The last trade of each group since its rule was asked, where none needed it.
        self._seen = pl.DataFrame(schema=_SEEN)

    def update(self, trades: Trades) -> pl.DataFrame:
        """Take trades; return the candles that changed or closed, and corrections.

        A trade whose side is not told takes the one of the tick rule, in the order of arrival.

        Raises:
            InvalidValue: A column cannot be taken.
        """
        self._add(self._set, trades)
        return self._told(self._set.take())

    def of_all(self, trades: Trades) -> pl.DataFrame:
        """Take all trades there are at once; return their candles, as `candles` does."""
        self._add(self._set, trades, remembers=False)
        return self._told(self._set.take()).drop("correction")

    def peek(self, trades: Trades) -> pl.DataFrame:
        """Return the forming candles as they would be with these trades, which are not taken."""
        rules, seen = self._rules, self._seen
        tried, self._rules = self._set.copy(), {key: rule.copy() for key, rule in rules.items()}
        try:
            self._add(tried, trades)
        finally:
            self._rules, self._seen = rules, seen
        return self._told(tried.forming())

    def advance(self, now_ns: int) -> pl.DataFrame:
        """Say that it is `now_ns` at least; return what closes by it."""
        self._set.advance(now_ns)
        return self._told(self._set.take())

    def forming(self) -> pl.DataFrame:
        """Return the forming candle of each group and interval."""
        return self._told(self._set.forming())

    def candles(self) -> pl.DataFrame:
        """Return every candle that is held, the forming ones as well."""
        return self._told(self._set.held()).drop("correction")

    def _add(self, target: _native.CandleSet, trades: Trades, *, remembers: bool = True) -> None:
        columns = trade_columns(trades, **self._declared)
        keys = self._keys(columns.frame, is_read=isinstance(trades, ScaledTrades))
        frame = columns.frame.with_columns(self._codes(columns.frame, keys))
        scales = self._meet_scales(target, columns)
        frame = self._at_scales(frame, columns, scales)
        # A stream that is not fed again need not remember sides that are told.
        if remembers or (frame["side"] == 0).any():
            frame = self._with_sides(frame, scales[0])
        wanted = ["group", "trade_id", "time_ns", "price", "quantity", "value", "side"]
        held = [name for name in wanted if name in frame.columns]
        target.add(frame.select(held).rechunk(), self._threads)

    def _keys(self, frame: pl.DataFrame, *, is_read: bool) -> tuple[str, ...]:
        """Return the columns to group by, settled by the first trades."""
        if self._by is None and (frame.height or not is_read):
            # What a reader gives has every column, whatever its source knows.
            self._by = tuple(
                name
                for name in _KEYS
                if name in frame.columns and not (is_read and frame[name].is_null().all())
            )
        keys = tuple(self._by or ())
        for name in keys:
            if name not in frame.columns:
                raise InvalidValue("by", name, f"must be one of {', '.join(frame.columns)}")
            self._key_types.setdefault(name, frame.schema[name])
        return keys

    def _codes(self, frame: pl.DataFrame, keys: tuple[str, ...]) -> list[pl.Series | pl.Expr]:
        """Return the column of group numbers; none where there is but one group."""
        if not keys:
            self._groups.setdefault((), 0)
            return []
        unique = frame.select(keys).unique(maintain_order=True)
        codes = [self._groups.setdefault(row, len(self._groups)) for row in unique.iter_rows()]
        if len(codes) <= 1:
            code = pl.lit(codes[0] if codes else 0, pl.UInt32)
            return [code.alias("group")]
        known = unique.with_columns(pl.Series("group", codes, pl.UInt32))
        joined = frame.select(keys).join(
            known, on=list(keys), how="left", nulls_equal=True, maintain_order="left"
        )
        return [joined["group"]]

    @staticmethod
    def _meet_scales(target: _native.CandleSet, columns: TradeColumns) -> tuple[int, int, int]:
        """Raise the set to the scales of the trades where theirs are greater; return its own."""
        now = target.scales
        price = max(now[0], columns.price_scale)
        quantity = max(now[1], columns.quantity_scale)
        scales = (price, quantity, max(now[2], columns.value_scale, price + quantity))
        if scales != now:
            target.rescale(*scales)
        return scales

    @staticmethod
    def _at_scales(
        frame: pl.DataFrame, columns: TradeColumns, scales: tuple[int, int, int]
    ) -> pl.DataFrame:
        price, quantity, value = scales
        made = [
            raised(frame["price"], price - columns.price_scale),
            raised(frame["quantity"], quantity - columns.quantity_scale),
        ]
        if "value" in frame.columns:
            made.append(raised(frame["value"], value - columns.value_scale))
        elif value > price + quantity:
            product = made[0].cast(pl.Int128) * made[1].cast(pl.Int128)
            made.append(raised(product.alias("value"), value - price - quantity))
        return frame.with_columns(made)

    def _with_sides(self, frame: pl.DataFrame, price_scale: int) -> pl.DataFrame:
        """Infer the sides that are not told, for each group by its own trades."""
        if "group" not in frame.columns:
            return self._rule(0).told(frame, price_scale)
        if not (frame["side"] == 0).any():
            last = frame.select("group", pl.col("price").cast(pl.Int128), "side")
            last = last.unique("group", keep="last").with_columns(scale=price_scale)
            self._seen = pl.concat([self._seen, last]).unique("group", keep="last")
            return frame
        for (code, scale), seen in self._seen.partition_by("group", "scale", as_dict=True).items():
            self._rule(code).told(seen, scale)
        self._seen = self._seen.clear()
        parts = frame.with_row_index("_row").partition_by("group", as_dict=True)
        told = [self._rule(code).told(part, price_scale) for (code,), part in parts.items()]
        return pl.concat(told).sort("_row").drop("_row")

    def _rule(self, code: int) -> SideRule:
        return self._rules.setdefault(code, SideRule())

    def _told(self, table: _native.Table) -> pl.DataFrame:
        frame = pl.DataFrame(table)
        keys = tuple(self._by or ())
        names = {
            name: pl.Series(
                name, [row[place] for row in self._groups], self._key_types.get(name, pl.String())
            )
            for place, name in enumerate(keys)
        }
        grouped = [column.gather(frame["group"]) for column in names.values()]
        labels = pl.Series("interval", self.intervals, pl.String).gather(frame["interval"])
        told = told_as(frame.drop("group", "interval"), self._numbers, _TIMES)
        return pl.DataFrame([*grouped, labels, *told.get_columns()])


def roll_up(
    parts: object, intervals: str | Sequence[str], *, numbers: Numbers = "decimal"
) -> pl.DataFrame:
    """Return candles of longer intervals made of candles, or whole candles made of parts.

    Sums are added, open and close taken by the keys of the first and last trade; a mean of means is
    never taken. Parts of one candle, and corrections, become that candle. A candle of the source
    that was filled into a gap counts as none.

    Args:
        parts: Candles of one interval, as `candles` returns them.
        intervals: What to make of them, each made of whole candles of the source's interval.
        numbers: As in `candles`.

    Raises:
        InvalidValue: An interval is not made of whole candles, or a column cannot be taken.
    """
    wanted = (intervals,) if isinstance(intervals, str) else tuple(intervals)
    frame = frame_of(parts)
    own = _interval_of(frame) or wanted[0]
    columns, keys, scales = _candle_columns(frame)
    table = _native.roll_up_candles(columns, own, list(wanted), scales)
    return _candles_told(table, keys, wanted, numbers)


def fill_gaps(parts: object, *, numbers: Numbers = "decimal") -> pl.DataFrame:
    """Return candles of one interval with a row for each bucket without a trade between two.

    Such a row has the close before it as all four prices, nothing as its volumes, no vwap, and the
    keys of the last trade before it, and is closed; those that were there come out as they are.
    Nothing is filled before the first trade or behind the last.

    Raises:
        InvalidValue: There are several intervals, or more than 50 million rows would come.
    """
    frame = frame_of(parts)
    own = _interval_of(frame)
    if own is None:
        return frame
    columns, keys, scales = _candle_columns(frame)
    return _candles_told(_native.fill_candles(columns, own, scales), keys, (own,), numbers)


def _interval_of(frame: pl.DataFrame) -> str | None:
    found = frame["interval"].unique().to_list()
    if len(found) > 1:
        raise InvalidValue("interval", ", ".join(sorted(found)), "must be one: filter them")
    return str(found[0]) if found else None


def _candle_columns(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, tuple[int, int, int]]:
    """Return candles as integers with group numbers, the groups' names, and the scales."""
    keys = frame.columns[: frame.columns.index("interval")]
    names = frame.select(keys).unique(maintain_order=True) if keys else pl.DataFrame()
    codes = pl.Series("group", [0], pl.UInt32).new_from_index(0, frame.height)
    if keys:
        numbered = names.with_row_index("group")
        joined = frame.select(keys).join(
            numbered, on=keys, how="left", nulls_equal=True, maintain_order="left"
        )
        codes = joined["group"].cast(pl.UInt32)
    made, scales = [codes], []
    for group in (_PRICES, _VOLUMES, _VALUES):
        found = [mantissas(frame[name], None) for name in group]
        scale = max(own for _, own in found)
        made += [raised(column, scale - own) for column, own in found]
        scales.append(scale)
    times = [frame[name].dt.epoch("ns") for name in ("open_time", "first_time", "last_time")]
    counts = [frame[name].cast(pl.Int64) for name in ("first_id", "last_id", "trades")]
    columns = pl.DataFrame([*made, *times, *counts])
    # Candles of another's store may lack what only says how they came to be.
    closed = frame["closed"] if "closed" in frame.columns else pl.lit(True).alias("closed")
    revision = pl.lit(0).alias("revision")
    if "revision" in frame.columns:
        revision = pl.lit(frame["revision"]).alias("revision")
    columns = columns.with_columns(closed, revision.cast(pl.UInt32)).rechunk()
    return columns, names, (scales[0], scales[1], scales[2])


def _candles_told(
    table: _native.Table, keys: pl.DataFrame, intervals: Sequence[str], numbers: Numbers
) -> pl.DataFrame:
    frame = pl.DataFrame(table)
    grouped = [column.gather(frame["group"]) for column in keys.get_columns()]
    labels = pl.Series("interval", intervals, pl.String).gather(frame["interval"])
    told = told_as(frame.drop("group", "interval", "correction"), numbers, _TIMES)
    return pl.DataFrame([*grouped, labels, *told.get_columns()])
