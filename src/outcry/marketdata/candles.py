"""Candles from trades, in integers throughout.

A candle's bucket is [k, k + interval) with k = ⌊time / interval⌋ · interval, in UTC, and its label
is k, the open time. Within it trades stand in the order of (time, trade id), never of time alone:
the open is the price of the least key, the close that of the greatest, whatever order the rows come
in. Sums are 128 bits wide, so the value of a bucket is exact. A bucket without a trade has no row.

Candles of a finer interval, or parts of one bucket made from separate pieces of a stream, roll up
to the same rows that all their trades would have made at once.
"""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

import polars as pl

MINUTE_NS: Final = 60_000_000_000
DAY_NS: Final = 1_440 * MINUTE_NS

TRADE_SCHEMA: Final = pl.Schema(
    {
        "instrument": pl.UInt32,
        "trade_id": pl.UInt64,
        "time_ns": pl.Int64,
        "price_ticks": pl.Int64,
        "quantity_lots": pl.UInt64,
        "is_buy": pl.Boolean,
    }
)
"""A trade: `time_ns` since 1970 UTC; `is_buy` when the aggressor bought."""

CANDLE_SCHEMA: Final = pl.Schema(
    {
        "instrument": pl.UInt32,
        "open_time_ns": pl.Int64,
        "open_ticks": pl.Int64,
        "high_ticks": pl.Int64,
        "low_ticks": pl.Int64,
        "close_ticks": pl.Int64,
        "volume_lots": pl.Int128,
        "quote_volume": pl.Int128,
        "buy_volume_lots": pl.Int128,
        "buy_quote_volume": pl.Int128,
        "trades": pl.UInt64,
        "first_time_ns": pl.Int64,
        "first_trade_id": pl.UInt64,
        "last_time_ns": pl.Int64,
        "last_trade_id": pl.UInt64,
    }
)
"""A candle: quote volumes are in ticks times lots; the buy volumes are those of buying aggressors.

The key of the first and of the last trade say which part's open and close count in a roll-up. What
sellers took is the volume less the buyers'.
"""

_PRICES: Final = ["open_ticks", "high_ticks", "low_ticks", "close_ticks"]
_BUCKET: Final = ["instrument", "open_time_ns"]
_FIRST: Final = ["first_time_ns", "first_trade_id"]
_LAST: Final = ["last_time_ns", "last_trade_id"]
_SUMS: Final = [
    "volume_lots",
    "quote_volume",
    "buy_volume_lots",
    "buy_quote_volume",
    "trades",
]


def candles_of_trades(trades: pl.DataFrame, interval_ns: int = MINUTE_NS) -> pl.DataFrame:
    """Return the candles of trades that have the columns of `TRADE_SCHEMA`, in any order.

    >>> trades = pl.DataFrame(
    ...     [(1, 1, 5, 100, 2, True), (1, 2, 59, 101, 3, False)], TRADE_SCHEMA, orient="row"
    ... )
    >>> candle = candles_of_trades(trades, interval_ns=60).row(0, named=True)
    >>> candle["open_ticks"], candle["close_ticks"], candle["quote_volume"]
    (100, 101, 503)

    Raises:
        ValueError: When the interval does not divide a day.
    """
    quantity = pl.col("quantity_lots").cast(pl.Int128)
    value = pl.col("price_ticks").cast(pl.Int128) * quantity
    zero = pl.lit(0, pl.Int128)
    each = trades.select(
        "instrument",
        pl.col("time_ns").alias("open_time_ns"),
        *(
            pl.col("price_ticks").alias(f"{name}_ticks")
            for name in ("open", "high", "low", "close")
        ),
        quantity.alias("volume_lots"),
        value.alias("quote_volume"),
        pl.when("is_buy").then(quantity).otherwise(zero).alias("buy_volume_lots"),
        pl.when("is_buy").then(value).otherwise(zero).alias("buy_quote_volume"),
        pl.lit(1, pl.UInt64).alias("trades"),
        pl.col("time_ns").alias("first_time_ns"),
        pl.col("trade_id").alias("first_trade_id"),
        pl.col("time_ns").alias("last_time_ns"),
        pl.col("trade_id").alias("last_trade_id"),
    )
    # A trade is a candle of its own instant, so there is one way to put trades together.
    return roll_up(each, interval_ns)


def roll_up(candles: pl.DataFrame, interval_ns: int) -> pl.DataFrame:
    """Return the candles of a longer interval, or of the same from parts, by instrument and time.

    Raises:
        ValueError: When the interval does not divide a day.
    """
    if interval_ns < 1 or DAY_NS % interval_ns:
        raise ValueError(f"interval_ns: {interval_ns} does not divide a day ({DAY_NS})")
    open_time = pl.col("open_time_ns")
    by_first, by_last = pl.struct(_FIRST), pl.struct(_LAST)
    return (
        candles.with_columns(open_time - open_time % interval_ns)
        .group_by(_BUCKET)
        .agg(
            pl.col("open_ticks", *_FIRST).sort_by(by_first).first(),
            pl.col("high_ticks").max(),
            pl.col("low_ticks").min(),
            pl.col("close_ticks", *_LAST).sort_by(by_last).last(),
            pl.col(_SUMS).sum(),
        )
        .select(CANDLE_SCHEMA.names())
        .cast(CANDLE_SCHEMA)
        .sort(_BUCKET)
    )


def mark_closed(candles: pl.DataFrame, interval_ns: int, now_ns: int) -> pl.DataFrame:
    """Return the candles with a column `closed`: no trade at `now_ns` or later belongs to them."""
    # The interval is taken from the one time, not added to all: near 2^63 a sum would wrap.
    return candles.with_columns((pl.col("open_time_ns") <= now_ns - interval_ns).alias("closed"))


def fill_gaps(candles: pl.DataFrame, interval_ns: int) -> pl.DataFrame:
    """Return the candles with a row for each bucket without a trade between two that have some.

    Such a row has the close before it as all four prices, nothing as its volumes, and the keys of
    the last trade before it. Nothing is filled before the first trade or behind the last.
    """
    open_time = pl.col("open_time_ns")
    spans = candles.group_by("instrument", maintain_order=True).agg(
        open_time.min().alias("first"), open_time.max().alias("last")
    )
    if spans.is_empty():
        return candles
    grids = [
        pl.select(
            pl.lit(instrument, pl.UInt32).alias("instrument"),
            pl.int_range(first, last + 1, interval_ns).alias("open_time_ns"),
        )
        for instrument, first, last in spans.iter_rows()
    ]
    close, sums = pl.col("close_ticks"), pl.col(_SUMS)
    firsts_of_gaps = [
        pl.col(first).fill_null(pl.col(last)) for first, last in zip(_FIRST, _LAST, strict=True)
    ]
    return (
        pl.concat(grids)
        .join(candles, on=_BUCKET, how="left", maintain_order="left")
        .with_columns(close.forward_fill(), pl.col(_LAST).forward_fill(), sums.fill_null(0))
        .with_columns(pl.col(_PRICES).fill_null(close), *firsts_of_gaps)
        .select(CANDLE_SCHEMA.names())
        .sort(_BUCKET)
    )


def vwap(quote_volume: int, volume_lots: int, tick: Decimal) -> Decimal | None:
    """Return the volume-weighted mean price, None without volume.

    The quotient is taken of the exact sums and rounded once, to the nearest at eight decimals more
    than the tick has.

    >>> vwap(503, 5, Decimal("0.01"))
    Decimal('1.0060000000')
    """
    if volume_lots == 0:
        return None
    decimals = -int(tick.as_tuple().exponent) + 8
    with localcontext() as context:
        # 128 bits are 39 digits; twice that holds every product here.
        context.prec = 96
        mean = Decimal(quote_volume) * tick / Decimal(volume_lots)
        return mean.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
