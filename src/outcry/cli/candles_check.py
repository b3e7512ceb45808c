"""Candles beside a venue's klines: what is equal, and what differs."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

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
    """How candles compare: of which open times, how many, those equal, and what differs.

    What is there only once within the times that both cover differs too, but for klines and filled
    candles without a trade.
    """

    first_ns: int = 0
    last_ns: int = 0
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
    not, unless they are equal, as the recording may begin or end within them. Within the times that
    both cover one must be there for the other, where it has a trade.

    Raises:
        InvalidValue: They are of another interval.
    """
    result = Comparison()
    by_time = {row["open_time_ns"]: row for row in klines.iter_rows(named=True)}
    names = [name for name in FIELDS if name in klines.columns]
    _same_step(candles, klines)
    times = candles.with_columns(pl.col("open_time").dt.epoch("ns"))
    rows = {row["open_time"]: row for row in times.sort("open_time").iter_rows(named=True)}
    if not rows or not by_time:
        return result
    edges = {min(rows), max(rows)}
    result.first_ns = max(min(rows), min(by_time))
    result.last_ns = min(max(rows), max(by_time))
    for time_ns in sorted({*rows, *by_time}):
        if not result.first_ns <= time_ns <= result.last_ns:
            continue
        wrong = _wrong(rows.get(time_ns), by_time.get(time_ns), names)
        if wrong is None or (wrong and time_ns in edges):
            continue
        result.compared += 1
        result.equal += not wrong
        if wrong:
            result.differences.append({"open_time_ns": str(time_ns), **wrong})
    return result


def _wrong(
    row: dict[str, Any] | None, kline: dict[str, Any] | None, names: list[str]
) -> dict[str, str] | None:
    """Return what differs; None where there is nothing to compare: only one, without a trade."""
    if row is not None and kline is not None:
        return {
            name: f"{row[name]} instead of {kline[name]}"
            for name in names
            if Decimal(row[name]) != Decimal(kline[name])
        }
    one, missing = (row, "kline") if kline is None else (kline, "candle")
    if one is None or not Decimal(one["trades"]):
        return None
    return {missing: f"missing, the other has {one['trades']} trades"}


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
