"""The trades of the project's own command logs: the log is replayed, and what traded comes out."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from outcry.exchange import Engine, Instrument
from outcry.feeds.command_log import CommandLog
from outcry.feeds.recording import MalformedRecording, Progress
from outcry.feeds.source import STDIN
from outcry.feeds.trades import TRADES_COLUMNS, Trades
from outcry.protocol import EventKind, Side, place_events


def log_trades(path: Path, progress: Progress | None = None) -> Iterator[Trades]:
    """Yield the trades of a command log, a batch for each piece of the log.

    Raises:
        MalformedRecording: The file is no command log, damaged, or comes by a pipe.
        OSError: It cannot be read.
    """
    if str(path) == STDIN:
        raise MalformedRecording(path, "byte 0", "format", "a log is read from a file only")
    with CommandLog(path) as log:
        engine = Engine(shard=log.shard)
        time_ns = 0
        for commands in log.pieces(progress):
            first_sequence = engine.sequence + 1
            placed = place_events(engine.apply(commands.records).data)
            # Time never runs back in the engine, whatever a command states.
            times_ns = np.maximum(np.maximum.accumulate(commands.times_ns), time_ns)
            time_ns = int(times_ns[-1])
            traded = placed[placed["kind"] == EventKind.TRADED]
            places = (traded["sequence"] - np.uint64(first_sequence)).astype(np.int64)
            yield _trades(traded, times_ns[places], engine.instruments())


def _trades(
    traded: npt.NDArray[np.void], times_ns: npt.NDArray[np.int64], instruments: Sequence[Instrument]
) -> Trades:
    ticks = {each.number: _mantissa(each.tick) for each in instruments}
    lots = {each.number: _mantissa(each.lot) for each in instruments}
    price_scale = max((scale for _, scale in ticks.values()), default=0)
    quantity_scale = max((scale for _, scale in lots.values()), default=0)
    frame = pl.DataFrame(
        {
            "instrument": np.ascontiguousarray(traded["instrument"]),
            "trade_id": traded["trade_id"].astype(np.int64),
            "time_ns": times_ns,
            "price": np.ascontiguousarray(traded["price_ticks"]),
            "quantity": np.ascontiguousarray(traded["quantity_lots"]),
            "side": np.where(traded["aggressor"] == Side.BUY, 1, -1).astype(np.int8),
        }
    )
    names = pl.DataFrame(
        [
            {
                "instrument": each.number,
                "symbol": each.symbol,
                "tick": ticks[each.number][0] * 10 ** (price_scale - ticks[each.number][1]),
                "lot": lots[each.number][0] * 10 ** (quantity_scale - lots[each.number][1]),
            }
            for each in instruments
        ],
        {"instrument": pl.UInt32, "symbol": pl.String, "tick": pl.Int128, "lot": pl.Int128},
    )
    joined = frame.cast({"instrument": pl.UInt32}).join(
        names, on="instrument", how="left", maintain_order="left"
    )
    trades = joined.select(
        "symbol",
        pl.lit(None, pl.Int64).alias("account"),
        "trade_id",
        "time_ns",
        pl.col("price").cast(pl.Int128) * pl.col("tick"),
        pl.col("quantity").cast(pl.Int128) * pl.col("lot"),
        pl.lit(None, pl.Int128).alias("value"),
        "side",
    ).select(TRADES_COLUMNS)
    return Trades(_narrowed(trades), price_scale, quantity_scale, 0)


def _narrowed(trades: pl.DataFrame) -> pl.DataFrame:
    """Return prices and quantities in 64 bits where all of them fit."""
    for name in ("price", "quantity"):
        greatest = trades[name].max()
        if not isinstance(greatest, int) or greatest < 1 << 63:
            trades = trades.with_columns(pl.col(name).cast(pl.Int64))
    return trades


def _mantissa(increment: Decimal) -> tuple[int, int]:
    """Return an increment as an integer and its decimals."""
    sign, digits, exponent = increment.as_tuple()
    assert not sign
    assert isinstance(exponent, int)
    value = int("".join(map(str, digits)))
    return (value * 10**exponent, 0) if exponent > 0 else (value, -exponent)
