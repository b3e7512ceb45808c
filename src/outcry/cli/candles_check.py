"""Candles beside a venue's klines: what is equal, and what differs."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from outcry.errors import InvalidValue

FIELDS: Final = {
    "open": 1,
    "high": 2,
    "low": 3,
    "close": 4,
    "volume": 5,
    "quote_volume": 7,
    "trades": 8,
    "buy_volume": 9,
    "buy_quote_volume": 10,
}
"""The nine value fields of a Binance kline and their columns."""

_MICROSECONDS_FROM: Final = 10**14


@dataclass
class Comparison:
    """How candles compare: those at both, those equal in every field, and what differs."""

    compared: int = 0
    equal: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)


def read_klines(path: Path) -> pl.DataFrame:
    """Return klines of a Binance CSV, plain or compressed: `open_time_ns` and the nine fields.

    Raises:
        InvalidValue: The file has no such columns.
    """
    rows = pl.read_csv(path, has_header=False, infer_schema=False)
    if rows.width <= max(FIELDS.values()):
        raise InvalidValue("check", str(path), "must be klines: twelve columns")
    # A head, where there is one, is no number.
    names = rows.columns
    rows = rows.filter(pl.col(names[0]).str.contains(r"^\d+$"))
    time = pl.col(names[0]).cast(pl.Int64)
    scaled = pl.when(time >= _MICROSECONDS_FROM).then(time * 1_000).otherwise(time * 1_000_000)
    fields = [pl.col(names[place]).alias(name) for name, place in FIELDS.items()]
    return rows.select(scaled.alias("open_time_ns"), *fields)


def compare_klines(candles: pl.DataFrame, klines: pl.DataFrame) -> Comparison:
    """Compare candles with the klines of the same open times.

    A candle is compared where trades around it show that it is whole: the first and the last are
    not, unless they are equal, as the recording may begin or end within them.
    """
    result = Comparison()
    by_time = {row["open_time_ns"]: row for row in klines.iter_rows(named=True)}
    rows = candles.with_columns(pl.col("open_time").dt.epoch("ns")).sort("open_time").to_dicts()
    for place, row in enumerate(rows):
        kline = by_time.get(row["open_time"])
        if kline is None:
            continue
        wrong = {
            name: f"{row[name]} instead of {kline[name]}"
            for name in FIELDS
            if Decimal(row[name]) != Decimal(kline[name])
        }
        if wrong and place in {0, len(rows) - 1}:
            continue
        result.compared += 1
        result.equal += not wrong
        if wrong:
            result.differences.append({"open_time_ns": str(row["open_time"]), **wrong})
    return result
