"""Trades in Parquet files, by a column map.

Columns become the text of their exact values, which the reader of CSV then checks as any other: a
Decimal as it stands, a float as its shortest text that reads back the same.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from outcry._native import TradeReader
from outcry.errors import InvalidValue
from outcry.feeds.formats import (
    TradeOptions,
    csv_reader,
    guessed_columns,
    with_columns,
    with_side_words,
)
from outcry.feeds.recording import MalformedRecording
from outcry.feeds.source import STDIN

ROWS: Final = 1 << 16


def parquet_lines(path: Path, options: TradeOptions) -> tuple[TradeReader, Iterator[bytes]]:
    """Return a reader, and the rows of the file as the lines that it takes.

    Raises:
        InvalidValue: A column is not there.
        MalformedRecording: The file comes by a pipe, or is no Parquet.
    """
    if str(path) == STDIN:
        raise MalformedRecording(path, "byte 0", "format", "Parquet is read from a file only")
    try:
        frame = pl.scan_parquet(path)
        schema = frame.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise MalformedRecording(path, "byte 0", "parquet", str(error)) from None
    names = schema.names()
    columns = {
        field: names[column] if isinstance(column, int) and column < len(names) else str(column)
        for field, column in (options.columns or guessed_columns(names)).items()
    }
    for field, column in columns.items():
        if column not in schema:
            raise InvalidValue("column", column, f"is none of {', '.join(names)} (for {field})")
    options = with_side_words(options, columns.get("side", ""))
    places = dict(zip(columns, range(len(columns)), strict=True))
    head = ",".join(columns.values()).encode()
    reader = csv_reader(head, with_columns(options, places))
    texts = [_text(column, schema[column]).alias(field) for field, column in columns.items()]
    batches = frame.select(texts).collect_batches(chunk_size=ROWS, maintain_order=True)
    return reader, _lines(path, batches)


def _text(column: str, dtype: pl.DataType) -> pl.Expr:
    values = pl.col(column)
    if isinstance(dtype, pl.Datetime):
        return values.dt.timestamp("ns").cast(pl.String)
    return values.cast(pl.String)


def _lines(path: Path, batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
    try:
        for batch in batches:
            yield batch.write_csv(include_header=False).encode()
    except pl.exceptions.PolarsError as error:
        raise MalformedRecording(path, "byte 0", "parquet", str(error)) from None
