"""What the commands on a data directory share: which one, how it is opened, how rows are shown."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outcry.cli.chart import DIM
from outcry.cli.json_text import print_json
from outcry.errors import OpenFailed
from outcry.exchange import Exchange

Row = dict[str, object]

JOURNAL: Final = "journal"
UNCUT_COLUMNS: Final = 400

DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="OUTCRY_DATA", help="The data directory.", metavar="DIR"),
]
DATA: Final = Path("data")


@contextmanager
def opened(directory: Path) -> Iterator[Exchange]:
    """Open the exchange of a directory that holds one.

    Raises:
        OpenFailed: There is none, or it cannot be opened.
    """
    if not (directory / JOURNAL).is_dir():
        raise OpenFailed(f"{directory}: holds no exchange; `outcry init {directory}` makes one")
    with Exchange.open(directory) as exchange:
        yield exchange


def show_rows(rows: Sequence[Row], columns: Iterable[str], *, as_json: bool) -> None:
    """Print rows as a table with these columns, or as a list in JSON."""
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=DIM)
    names = list(columns)
    for name in names:
        is_number = all(isinstance(row.get(name), int | Decimal) for row in rows)
        table.add_column(name, justify="right" if is_number and rows else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_shown(row.get(name))) for name in names))
    _console().print(table)


def show_row(row: Row, *, as_json: bool) -> None:
    """Print one row, a line for each of its values, or as an object in JSON."""
    if as_json:
        print_json(row)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style=DIM, no_wrap=True)
    table.add_column()
    for name, value in row.items():
        table.add_row(name, Text(_shown(value)))
    _console().print(table)


def _console() -> Console:
    """Return the output; where it is no terminal nothing is cut to a width."""
    console = Console()
    return console if console.is_terminal else Console(width=UNCUT_COLUMNS)


def row_of(value: object) -> Row:
    """Return the fields of a dataclass or named tuple as a row."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    raise TypeError(f"{type(value).__name__} has no named fields")


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, IntEnum):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return ", ".join(_shown(each) for each in value)
    return str(value)
