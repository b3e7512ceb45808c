"""`outcry journal`: verify, dump and repair the journal of a data directory."""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from outcry.cli.json_text import JsonOption, print_json, print_lines
from outcry.cli.whole_file import whole_file
from outcry.exchange.journal import (
    Audit,
    JournaledCommand,
    Repair,
    audit,
    journaled_commands,
    repair,
)

# Rows of a Parquet file that are gathered before they are written.
ROWS_AT_ONCE: Final = 65_536
SEQUENCE_MAX: Final = 2**63 - 1

app = typer.Typer(name="journal", help="Verify, dump or repair a journal.", no_args_is_help=True)

Directory = Annotated[Path, typer.Argument(help="The data directory.", metavar="DIR")]


@app.command()
def verify(directory: Directory, as_json: JsonOption = False) -> None:
    """Read everything and replay it: frames, snapshots, digests. Changes nothing, takes no lock.

    Ends with 0 when all is good, 1 when something is damaged, 2 when nothing can be used.
    """
    seen = _audited(directory)
    if as_json:
        print_json(asdict(seen))
    else:
        _show_audit(seen, Console())
    raise typer.Exit(seen.exit_code)


def _audited(directory: Path) -> Audit:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("replay", total=None)
        return audit(
            directory, lambda reached, last: bar.update(task, completed=reached, total=last)
        )


def _show_audit(seen: Audit, console: Console) -> None:
    if seen.segments:
        table = Table("file", "from", "to", "frames", "bytes", "state", box=None, pad_edge=False)
        for segment in seen.segments:
            state = "sealed" if segment.is_sealed else "open"
            table.add_row(
                segment.file.name,
                f"{segment.first_sequence:,}",
                f"{segment.last_sequence:,}",
                f"{segment.frames:,}",
                f"{segment.bytes:,}",
                f"{state}, archived" if segment.is_archived else state,
            )
        console.print(table)
    for finding in seen.findings:
        console.print(
            f"{finding.file}: offset {finding.offset}: {finding.text}",
            style="red",
            markup=False,
            highlight=False,
        )
    if seen.tail is not None:
        console.print(f"unsealed tail: {seen.tail}", markup=False, highlight=False)
    reached = len(seen.reached_snapshots)
    console.print(
        f"{seen.replayed_commands:,} commands replayed from {seen.replayed_from:,} to"
        f" {seen.last_sequence:,}, {reached} of {len(seen.good_snapshots)} snapshots reached",
        highlight=False,
    )
    if seen.state_hash is not None:
        console.print(f"state {seen.state_hash.hex()}", highlight=False)
    console.print(seen.verdict, style="green" if seen.verdict == "good" else "bold red")


@app.command()
def dump(
    directory: Directory,
    *,
    first: Annotated[
        int, typer.Option("--from", min=1, max=SEQUENCE_MAX, help="First sequence.", metavar="SEQ")
    ] = 1,
    last: Annotated[
        int | None,
        typer.Option(
            "--to",
            min=1,
            max=SEQUENCE_MAX,
            help="Last sequence.",
            metavar="SEQ",
            show_default=False,
        ),
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(help="Write a Parquet file.", metavar="FILE", show_default=False)
    ] = None,
) -> None:
    """Print the commands of the journal, a line of JSON each; beside a process that writes, too."""
    commands = journaled_commands(directory, first)
    if last is not None:
        commands = itertools.takewhile(lambda command: command.sequence <= last, commands)
    if parquet is None:
        print_lines(_row(command) for command in commands)
    else:
        _write_parquet(commands, parquet)


def _row(command: JournaledCommand) -> dict[str, object]:
    return {
        "sequence": command.sequence,
        "time_ns": command.time_ns,
        "epoch": command.epoch,
        **command.row,
    }


def _write_parquet(commands: Iterable[JournaledCommand], out: Path) -> None:
    """Write one file with a column for each field that any command has.

    Which columns there are is known at the end only, so the rows are gathered in frames.
    """
    with whole_file(out) as unfinished:
        frames = [_frame(rows) for rows in _batches(commands)]
        frame = pl.concat(frames, how="diagonal_relaxed") if frames else _frame([])
        frame.write_parquet(unfinished)
    typer.echo(f"{out}: {frame.height:,} commands")


def _batches(commands: Iterable[JournaledCommand]) -> Iterator[list[dict[str, object]]]:
    rest = iter(commands)
    while batch := list(itertools.islice(rest, ROWS_AT_ONCE)):
        yield [_row(command) for command in batch]


_HEAD: Final = {"sequence": pl.UInt64, "time_ns": pl.UInt64, "epoch": pl.UInt32, "kind": pl.String}


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Make a frame of rows: numbers as 64-bit integers, what is wider or nested as text."""
    names = dict.fromkeys(itertools.chain(_HEAD, *rows))
    columns = {name: _column(name, [row.get(name) for row in rows]) for name in names}
    return pl.DataFrame(columns)


def _column(name: str, values: list[object]) -> pl.Series:
    if name in _HEAD:
        return pl.Series(name, values, _HEAD[name])
    if all(value is None or _is_word(value) for value in values):
        return pl.Series(name, values, pl.Int64)
    texts = [None if value is None else _text(value) for value in values]
    return pl.Series(name, texts, pl.String)


def _is_word(value: object) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@app.command(name="repair")
def order_repair(
    directory: Directory,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Cut a damaged journal at the first damage: what stands behind it is lost.

    An exchange never does this by itself. What is cut is kept under `quarantine/`, and a new epoch
    begins.
    """
    seen = _audited(directory)
    console = Console()
    _show_audit(seen, console)
    if not yes:
        typer.confirm("Cut the journal at the first damage?", abort=True)
    _show_repair(repair(directory), console)


def _show_repair(done: Repair, console: Console) -> None:
    lines = [
        f"damage: {done.damage}",
        f"left: commands up to {done.last_sequence:,}; epoch {done.epoch} begins",
        f"taken out: {done.lost_bytes:,} bytes",
    ]
    if done.lost is not None:
        first, last = done.lost
        lines.append(f"lost: commands {first:,} to {last:,}")
    if done.removed_snapshots:
        removed = ", ".join(f"{sequence:,}" for sequence in done.removed_snapshots)
        lines.append(f"snapshots removed: {removed}")
    lines += [f"kept aside: {file}" for file in done.quarantined]
    for line in lines:
        console.print(line, markup=False, highlight=False)
