"""`outcry events`: what an exchange said, from any command on."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import polars as pl
import typer

from outcry import _native
from outcry.cli.data_directory import DATA, JOURNAL, DataOption, opened
from outcry.cli.json_text import print_lines
from outcry.cli.whole_file import whole_file
from outcry.errors import OpenFailed
from outcry.exchange import Exchange
from outcry.exchange.event_feed import frame_of_events
from outcry.protocol import (
    PLACED_EVENT,
    CancelReason,
    EventKind,
    ListState,
    RejectReason,
    Side,
    TradingState,
)

SEQUENCE_MAX: Final = 2**63 - 1
_LOOK_S: Final = 0.02
_WORD: Final = 1 << 64
_MONEY: Final = ("available", "held")

Row = dict[str, object]


def events(
    *,
    first: Annotated[
        int, typer.Option("--from", min=1, max=SEQUENCE_MAX, help="First command.", metavar="SEQ")
    ] = 1,
    parquet: Annotated[
        Path | None,
        typer.Option(help="Write a Parquet file of integers.", metavar="FILE", show_default=False),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Go on with what comes, beside the process that trades."),
    ] = False,
    data: DataOption = DATA,
) -> None:
    """Print the events of all commands from one on, a line of JSON each.

    Prices are ticks, quantities lots, money smallest units.
    """
    if follow:
        if parquet is not None:
            raise typer.BadParameter("follows without an end", param_hint="--parquet")
        print_lines(readable(row) for frame in _followed(data, first) for row in _rows(frame))
        return
    with opened(data) as exchange:
        last = exchange.status().sequence
        frames = _up_to(exchange, first, last)
        if parquet is not None:
            _write(list(frames), parquet)
            return
        print_lines(readable(row) for frame in frames for row in _rows(frame))


def _rows(frame: pl.DataFrame) -> Iterator[Row]:
    return frame.iter_rows(named=True)


def _followed(data: Path, first: int) -> Iterator[pl.DataFrame]:
    """Yield events out of the log, without the directory's lock, until Ctrl-C."""
    if not (data / JOURNAL).is_dir():
        raise OpenFailed(f"{data}: holds no exchange; `outcry init {data}` makes one")
    reader = _native.EventReader(data, first)
    while True:
        piece = reader.take()
        if piece is not None:
            yield frame_of_events(piece[3])
            continue
        sys.stdout.flush()
        time.sleep(_LOOK_S)  # tidy-ok: what another process writes can only be polled


def _up_to(exchange: Exchange, first: int, last: int) -> Iterator[pl.DataFrame]:
    """Yield the events of the commands from `first` to `last`; every command says something."""
    if first > last:
        return
    for frame in exchange.event_batches(first):
        yield frame
        if frame.item(-1, "sequence") >= last:
            return


def _write(frames: list[pl.DataFrame], out: Path) -> None:
    frame = pl.concat(frames) if frames else _no_events()
    with whole_file(out) as unfinished:
        frame.write_parquet(unfinished)
    typer.echo(f"{out}: {frame.height:,} events")


def _no_events() -> pl.DataFrame:
    rows = np.zeros(0, PLACED_EVENT)
    names = [name for name in PLACED_EVENT.names or () if not name.startswith("reserved")]
    return pl.DataFrame({name: np.ascontiguousarray(rows[name]) for name in names})


def readable(row: Row) -> Row:
    """Return an event as people read it: by name, without the fields that its kind does not have.

    >>> readable({"kind": 0x2A, "sequence": 7, "place": 0, "order_id": 3, "quantity_lots": 5})
    {'event': 'expired', 'sequence': 7, 'place': 0, 'order_id': 3, 'quantity_lots': 5}
    """
    kind = EventKind(_whole(row["kind"]))
    said: Row = {"event": str(kind), "sequence": row["sequence"], "place": row["place"]}
    for name, value in row.items():
        if name in {"kind", "sequence", "place"} or name.endswith(("_low", "_high")):
            continue
        if value:
            said[name] = _named(kind, name, _whole(value))
    if kind is EventKind.BALANCE_CHANGED:
        # The account of what is outside has the number 0.
        said["account"] = row["account"]
        for name in _MONEY:
            said[name] = _whole(row[f"{name}_low"]) + _whole(row[f"{name}_high"]) * _WORD
    return said


def _named(kind: EventKind, name: str, value: int) -> object:
    match name:
        case "aggressor":
            return str(Side(value))
        case "reason":
            reasons = CancelReason if kind is EventKind.CANCELLED else RejectReason
            return str(reasons(value))
        case "refusal":
            return str(RejectReason(value))
        case "state":
            states = ListState if kind is EventKind.LIST_CHANGED else TradingState
            return str(states(value))
        case "more" | "kept_priority" | "maker_filled" | "taker_filled":
            return bool(value)
        case _:
            return value


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
