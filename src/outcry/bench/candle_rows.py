"""The rows of candles, profiles and order flow, with what a Polars user would write beside them.

Trades are made by a seed: one day, prices that wander, quantities spread evenly. A run counts only
when what it made adds up to what the trades do.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from outcry import _native
from outcry.bench.figure import Figure, PeerFigure, Row
from outcry.bench.python_rows import rate, timed_ns
from outcry.errors import UnverifiedFigure

INTERVALS: Final = ["1m", "5m", "15m", "30m", "1h", "4h", "1d"]
DAY_NS: Final = 86_400 * 10**9
MINUTE_NS: Final = 60 * 10**9
START_NS: Final = 1_723_075_200 * 10**9
TRADES: Final = 10_000_000
DAY_TRADES: Final = 1_000_000
SYMBOLS: Final = 1_000
SEED: Final = 7
LATE_EVERY: Final = 100
LATE_NS: Final = 5 * MINUTE_NS
FOREVER_NS: Final = (1 << 63) - 1
ROW_TICKS: Final = 100
MEAN_NS: Final = 1_000_000
UNIT: Final = "M trades/s"
TIME_UNIT: Final = "ms"

Measure = Callable[[Path, int, int], Row]


def _trades(count: int, symbols: int = 1, *, late: bool = False) -> pl.DataFrame:
    chance = np.random.default_rng(SEED)
    times = START_NS + np.sort(chance.integers(0, DAY_NS, count))
    if late:
        times[::LATE_EVERY] -= LATE_NS
    return pl.DataFrame(
        {
            "group": chance.integers(0, symbols, count).astype(np.uint32),
            "time_ns": times,
            "trade_id": np.arange(count),
            "price": 6_000_000 + np.cumsum(chance.integers(-10, 11, count)),
            "quantity": chance.integers(1, 10**8, count),
            "side": np.where(chance.random(count) < 1 / 2, 1, -1).astype(np.int8),
        }
    ).rechunk()


def _check(row: str, found: int, expected: int) -> None:
    if found != expected:
        raise UnverifiedFigure(row, f"it came to {found}, expected is {expected}")


def _batch(row: str, *, late: bool) -> Measure:
    def measure(_folder: Path, runs: int, count: int) -> Row:
        trades = _trades(count or TRADES, late=late).drop("group")

        def run() -> float:
            made: list[_native.Table] = []

            def work() -> None:
                candles = _native.CandleSet(INTERVALS, FOREVER_NS, 0, (2, 8, 10))
                candles.add(trades, 2)
                made.append(candles.take())

            took_ns = timed_ns(work)
            total = pl.DataFrame(made[0])["trades"].sum()
            _check(row, int(total), trades.height * len(INTERVALS))
            return rate(trades.height, took_ns)

        order = "1 % of them five minutes late" if late else "sorted"
        setting = (
            f"{trades.height} trades of one day in columns, {order}, to seven intervals, every "
            "field, as a table; the check of the order is inside; 2 threads"
        )
        figure = Figure(row, UNIT, tuple(run() for _ in range(runs)), setting)
        narrow, wide = "64-bit sums", "128-bit sums"
        peers = [_peer(("polars", pl.__version__), trades, runs, _polars_candles, narrow)]
        if find_spec("duckdb") is not None:
            named = ("duckdb", import_module("duckdb").__version__)
            peers.append(_peer(named, trades, runs, _duckdb_candles, wide))
        return Row(figure, tuple(peers))

    return measure


def _peer(
    named: tuple[str, str],
    trades: pl.DataFrame,
    runs: int,
    work: Callable[[pl.DataFrame], object],
    sums: str,
) -> PeerFigure:
    name, version = named
    values = [rate(trades.height, timed_ns(lambda: work(trades))) for _ in range(runs)]
    setting = f"1m by group, the rest rolled up from it; {sums}; all threads"
    return PeerFigure(version, Figure(name, UNIT, tuple(values), setting))


def _polars_candles(trades: pl.DataFrame) -> list[pl.DataFrame]:
    """Make minutes of the trades, and the longer intervals of the minutes."""
    quantity, price = pl.col("quantity"), pl.col("price")
    value, is_buy = price * quantity, pl.col("side") > 0
    if not trades["time_ns"].is_sorted():
        trades = trades.sort("time_ns", "trade_id")
    minutes = (
        trades.lazy()
        # Told that they are sorted, the buckets are found twice as fast.
        .with_columns((pl.col("time_ns") // MINUTE_NS).alias("bucket"))
        .with_columns(pl.col("bucket").set_sorted())
        .group_by("bucket", maintain_order=True)
        .agg(
            price.first().alias("open"),
            price.max().alias("high"),
            price.min().alias("low"),
            price.last().alias("close"),
            quantity.sum().alias("volume"),
            value.sum().alias("quote_volume"),
            (quantity * is_buy).sum().alias("buy_volume"),
            (value * is_buy).sum().alias("buy_quote_volume"),
            pl.len().alias("trades"),
            pl.col("trade_id").first().alias("first_id"),
            pl.col("trade_id").last().alias("last_id"),
        )
        .collect()
    )
    sums = ["volume", "quote_volume", "buy_volume", "buy_quote_volume", "trades"]
    rolled = [
        minutes.group_by(pl.col("bucket") // width, maintain_order=True).agg(
            pl.col("open", "first_id").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close", "last_id").last(),
            pl.col(sums).sum(),
        )
        for width in (5, 15, 30, 60, 240, 1_440)
    ]
    return [minutes, *rolled]


def _duckdb_candles(trades: pl.DataFrame) -> list[object]:
    """Make the same of the columns as arrays, by SQL."""
    # Where times are sorted the ids order the trades, which is more than twice as fast.
    key = "trade_id" if trades["time_ns"].is_sorted() else "(time_ns, trade_id)"
    connection = import_module("duckdb").connect()
    connection.register("trades", {name: trades[name].to_numpy() for name in trades.columns})
    connection.execute(
        f"""create temp table minutes as select time_ns // {MINUTE_NS} as bucket,
        arg_min(price, {key}) as open, max(price) as high, min(price) as low,
        arg_max(price, {key}) as close, sum(quantity) as volume,
        sum(price::hugeint * quantity) as quote_volume,
        sum(quantity) filter (side > 0) as buy_volume,
        sum(price::hugeint * quantity) filter (side > 0) as buy_quote_volume, count(*) as trades,
        min(trade_id) as first_id, max(trade_id) as last_id from trades group by 1"""
    )
    query = """select bucket // {0} as bucket, arg_min(open, bucket), max(high), min(low),
        arg_max(close, bucket), sum(volume), sum(quote_volume), sum(buy_volume),
        sum(buy_quote_volume), sum(trades), min(first_id), max(last_id) from minutes group by 1"""
    widths = (1, 5, 15, 30, 60, 240, 1_440)
    made = [connection.execute(query.format(width)).fetchall() for width in widths]
    connection.close()
    return made


def _stream(row: str, symbols: int) -> Measure:
    def measure(_folder: Path, runs: int, count: int) -> Row:
        trades = _trades(count or TRADES, symbols)
        found = set[tuple[int, int]]()

        def run() -> float:
            took_ns = timed_ns(lambda: found.add(_native.stream_candles(trades, INTERVALS)))
            _check(row, len(found), 1)
            # Each trade is in one candle of each interval, ended or forming.
            _check(row, next(iter(found))[1], trades.height * len(INTERVALS))
            return rate(trades.height, took_ns)

        setting = (
            f"{trades.height} trades of one day over {symbols} symbols, one at a time inside the "
            f"core; after each all {len(INTERVALS)} candles of its symbol are read, every field, "
            "and those that it ended; 1 thread"
        )
        return Row(Figure(row, UNIT, tuple(run() for _ in range(runs)), setting))

    return measure


def _day(
    row: str, ours: Callable[[pl.DataFrame], object], theirs: Callable[[pl.DataFrame], object]
) -> Measure:
    def measure(_folder: Path, runs: int, count: int) -> Row:
        trades = _trades(count or DAY_TRADES).drop("group")
        setting = f"{trades.height} trades of one day, sorted, in columns of integers; 1 thread"
        values = [timed_ns(lambda: ours(trades)) / MEAN_NS for _ in range(runs)]
        beside = [timed_ns(lambda: theirs(trades)) / MEAN_NS for _ in range(runs)]
        peer = Figure("polars", TIME_UNIT, tuple(beside), "the expression; all threads")
        figure = Figure(row, TIME_UNIT, tuple(values), setting)
        return Row(figure, (PeerFigure(pl.__version__, peer),))

    return measure


def _profile(trades: pl.DataFrame) -> object:
    ladder = _native.PriceLadder(ROW_TICKS)
    ladder.add(trades)
    return ladder.rows(2, 8), ladder.value_area(True, 700_000)


def _polars_profile(trades: pl.DataFrame) -> object:
    rows = trades.group_by(pl.col("price") // ROW_TICKS).agg(
        pl.col("quantity").sum(), pl.col("quantity").filter(pl.col("side") > 0).sum().alias("buy")
    )
    return rows.sort("price")


def _cvd(trades: pl.DataFrame) -> object:
    return pl.DataFrame(_native.CvdSum("1d").update(trades, False, None))


def _polars_cvd(trades: pl.DataFrame) -> object:
    signed = pl.col("quantity") * pl.col("side")
    return trades.select(signed.cum_sum().over(pl.col("time_ns") // DAY_NS))


def _footprint(trades: pl.DataFrame) -> object:
    return _native.footprint_rows(trades, "1m", (ROW_TICKS, 3_000, 1, 3), (2, 8))


def _polars_footprint(trades: pl.DataFrame) -> object:
    quantity, is_buy = pl.col("quantity"), pl.col("side") > 0
    keys = [pl.col("time_ns") // MINUTE_NS, pl.col("price") // ROW_TICKS]
    rows = trades.group_by(keys).agg(
        quantity.filter(is_buy).sum().alias("buy"), quantity.filter(~is_buy).sum().alias("sell")
    )
    below, above = pl.col("sell").shift(1).over("time_ns"), pl.col("buy").shift(-1).over("time_ns")
    return rows.sort("time_ns", "price").with_columns(
        (pl.col("buy") >= 3 * below).alias("buy_imbalance"),
        (pl.col("sell") >= 3 * above).alias("sell_imbalance"),
    )


ROWS: Final[dict[str, Measure]] = {
    "candles/batch7": _batch("candles/batch7", late=False),
    "candles/batch7_late": _batch("candles/batch7_late", late=True),
    "candles/stream": _stream("candles/stream", 1),
    "candles/stream_1000": _stream("candles/stream_1000", SYMBOLS),
    "profile/day": _day("profile/day", _profile, _polars_profile),
    "cvd/day": _day("cvd/day", _cvd, _polars_cvd),
    "footprint/day": _day("footprint/day", _footprint, _polars_footprint),
}
"""By name, what measures a row: in a folder, so many runs, a count that cuts it short or 0."""
