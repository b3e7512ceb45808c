"""Candles beside a venue's klines: what is equal, and what differs."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
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


# The fields of a row of Kraken's OHLC: time in seconds, four prices, vwap, volume, count.
KRAKEN_FIELDS: Final = {"open": 1, "high": 2, "low": 3, "close": 4, "volume": 6, "trades": 7}


def read_klines(path: Path) -> pl.DataFrame:
    """Return klines as `open_time_ns` and value fields in text: Binance's CSV or Kraken's OHLC.

    A CSV may be compressed; Kraken's is the answer of its API, in JSON.

    Raises:
        InvalidValue: The file is neither.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        is_document = file.read(1) == b"{"
    return _kraken_rows(path) if is_document else _binance_rows(path)


def _binance_rows(path: Path) -> pl.DataFrame:
    wrong = InvalidValue("check", str(path), "must be klines: twelve columns, or Kraken's OHLC")
    try:
        rows = pl.read_csv(path, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError:
        raise wrong from None
    if rows.width <= max(FIELDS.values()):
        raise wrong
    # A head, where there is one, is no number.
    names = rows.columns
    rows = rows.filter(pl.col(names[0]).str.contains(r"^\d+$"))
    time = pl.col(names[0]).cast(pl.Int64)
    scaled = pl.when(time >= _MICROSECONDS_FROM).then(time * 1_000).otherwise(time * 1_000_000)
    fields = [pl.col(names[place]).alias(name) for name, place in FIELDS.items()]
    return rows.select(scaled.alias("open_time_ns"), *fields)


def _kraken_rows(path: Path) -> pl.DataFrame:
    wrong = InvalidValue("check", str(path), "must be the answer of Kraken's OHLC")
    try:
        answer = msgspec.json.Decoder(float_hook=str).decode(path.read_bytes())
    except (ValueError, RecursionError):
        raise wrong from None
    result = answer.get("result", answer)
    found = [rows for rows in result.values() if isinstance(rows, list)] if result else []
    if len(found) != 1 or not all(isinstance(row, list) and len(row) > 7 for row in found[0]):  # noqa: PLR2004
        raise wrong
    columns = {name: [str(row[at]) for row in found[0]] for name, at in KRAKEN_FIELDS.items()}
    times = [int(row[0]) * 10**9 for row in found[0]]
    return pl.DataFrame({"open_time_ns": times, **columns})


def compare_klines(candles: pl.DataFrame, klines: pl.DataFrame) -> Comparison:
    """Compare candles with the klines of the same open times.

    A candle is compared where trades around it show that it is whole: the first and the last are
    not, unless they are equal, as the recording may begin or end within them.

    Raises:
        InvalidValue: They are of another interval.
    """
    result = Comparison()
    by_time = {row["open_time_ns"]: row for row in klines.iter_rows(named=True)}
    names = [name for name in FIELDS if name in klines.columns]
    _same_step(candles, klines)
    rows = candles.with_columns(pl.col("open_time").dt.epoch("ns")).sort("open_time").to_dicts()
    for place, row in enumerate(rows):
        kline = by_time.get(row["open_time"])
        if kline is None:
            continue
        wrong = {
            name: f"{row[name]} instead of {kline[name]}"
            for name in names
            if Decimal(row[name]) != Decimal(kline[name])
        }
        if wrong and place in {0, len(rows) - 1}:
            continue
        result.compared += 1
        result.equal += not wrong
        if wrong:
            result.differences.append({"open_time_ns": str(row["open_time"]), **wrong})
    return result


def _same_step(candles: pl.DataFrame, klines: pl.DataFrame) -> None:
    """Refuse klines whose open times are nearer together or further apart than candles can be."""
    if klines.height < 2 or candles.is_empty():  # noqa: PLR2004
        return
    steps = klines["open_time_ns"].sort().diff().drop_nulls()
    own = candles["close_time"].dt.epoch("ns") + 1 - candles["open_time"].dt.epoch("ns")
    least, longest = int(steps.min()), int(own.max())  # type: ignore[arg-type]
    # Months are not all as long.
    if not int(own.min()) <= least <= longest:  # type: ignore[arg-type]
        bound = f"has klines of {least // 10**9} s, the candles have {longest // 10**9} s"
        raise InvalidValue("check", "KLINES", bound)
