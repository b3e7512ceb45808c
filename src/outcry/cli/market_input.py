"""What the commands of market data share: trades in, tables and files out."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outcry.cli.figures import grouped
from outcry.cli.whole_file import whole_file

IntervalOption = Annotated[str, typer.Option(help="Of the candles, 1s to 1M.")]
SymbolOption = Annotated[
    str | None, typer.Option(help="Which instrument; by default the one with the most trades.")
]
PngOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a picture.")]
ParquetOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the rows.")]
ROWS_SHOWN = 20
# What a narrow terminal goes without, in this order.
SPARED = (
    *("vwap", "tests", "closed", "max_delta", "min_delta", "trades", "imbalance"),
    *("stacked", "strength", "filled_time", "broken_time", "volume", "high", "low"),
)
# A table rounds what has more; JSON and Parquet have all.
DECIMALS_SHOWN = 8


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows with times as nanoseconds."""
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    plain = frame.with_columns(pl.col(times).dt.epoch("ns")).rename(
        {name: f"{name}_ns" for name in times}
    )
    return list(plain.iter_rows(named=True))


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame into a file that is whole or not there."""
    with whole_file(path) as unfinished:
        frame.write_parquet(unfinished)


def show_table(console: Console, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Print the last rows of some columns, of as many as there is room for."""
    shown = frame.select(columns).tail(ROWS_SHOWN)
    cells = {name: [_cell(value) for value in _trimmed(shown[name])] for name in columns}
    heads = {name: _head(name) for name in columns}
    widths = {
        name: 3 + max(len(heads[name]), *(len(cell) for cell in each), 0)
        for name, each in cells.items()
    }
    # Behind those that can be spared go the last ones; two are always there.
    for name in (*SPARED, *reversed(columns[2:])):
        if sum(widths.values()) > console.width - 2:
            widths.pop(name, None)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), header_style="dim")
    for name in widths:
        table.add_column(heads[name], justify="right", no_wrap=True)
    for row in zip(*(cells[name] for name in widths), strict=True):
        table.add_row(*row)
    console.print(table)
    if frame.height > ROWS_SHOWN:
        console.print(Text(f"the last {ROWS_SHOWN} of {frame.height:,}", "dim"))


def _head(column: str) -> str:
    return column.removesuffix("_time").replace("_imbalance", " imb.").replace("_", " ")


def _trimmed(column: pl.Series) -> list[object]:
    """Return values with no more decimals than needed or shown; means with six digits."""
    values: list[object] = column.to_list()
    if not isinstance(column.dtype, pl.Decimal):
        return values
    numbers = [value for value in values if isinstance(value, Decimal)]
    exponents = [value.normalize().as_tuple().exponent for value in numbers if value]
    needed = max((-each for each in exponents if isinstance(each, int)), default=0)
    least = 2 if column.name == "vwap" else DECIMALS_SHOWN
    places = Decimal(1).scaleb(-max(min(needed, _decimals_shown(numbers, least)), 0))
    return [v.quantize(places) if isinstance(v, Decimal) else v for v in values]


def _decimals_shown(numbers: Sequence[Decimal], least: int) -> int:
    """Return how many decimals a table has room for: enough for six digits of the greatest."""
    greatest = max((abs(each) for each in numbers), default=Decimal(0))
    return max(least, 6 - greatest.adjusted() - 1) if greatest else least


def with_needed_decimals(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose decimals have no more places than any of their column needs."""
    trimmed = [
        pl.Series(name, _trimmed(frame[name]))
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Decimal) and frame.height
    ]
    return frame.with_columns(trimmed)


def _cell(value: object) -> Text:
    if value is None:
        return Text("·", "dim")
    if isinstance(value, Decimal):
        return Text(grouped(value))
    if isinstance(value, datetime):
        return Text(f"{value:%m-%d %H:%M:%S}", "dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no", "green" if value else "red")
    if isinstance(value, float):
        return Text(f"{value:,.3f}")
    return Text(f"{value:,}" if isinstance(value, int) else str(value))
