"""`outcry bench`: how fast it is here, as a table and as JSON."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outcry.bench import NAMES, Plan, Report, Row, choose, measure
from outcry.cli.chart import DIM
from outcry.cli.whole_file import whole_file

RUNS: Final = 10
RUNS_MAX: Final = 1_000
FAILED: Final = 1
# A file or a pipe has no width of its own.
WIDTH: Final = 120
# As many digits as a figure of a few runs can bear.
WHOLE_FROM: Final = 100


def bench(
    rows: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help=f"Rows, or heads of rows; by default all: {', '.join(NAMES)}."
        ),
    ] = None,
    *,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures there as JSON.")
    ] = None,
    runs: Annotated[
        int,
        typer.Option(
            min=1,
            max=RUNS_MAX,
            help="Runs of each row, each with a fresh engine.",
        ),
    ] = RUNS,
    quick: Annotated[
        bool, typer.Option("--quick", help="Cut the workloads short, to see that all works.")
    ] = False,
    peers: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Where `make bench` puts the programs of the peers."),
    ] = Path("build/peers"),
    folder: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Where the durable rows write: on a real disk, in folders that they remove.",
        ),
    ] = Path(),
) -> None:
    """Measure the engine, each run verified by the hash of its reports, and peers beside it."""
    plan = Plan(choose(rows or ()), runs, quick, peers, folder)
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console = Console(width=WIDTH)
    with nullcontext() if json_file is None else whole_file(json_file) as unfinished:
        if unfinished is not None:
            # A folder that is not there is told before the measuring, not after it.
            unfinished.touch()
        # Nothing is drawn while a clock runs: a spinner would take a core from it.
        report = measure(plan, lambda name: progress.print(Text(f"measuring {name}", DIM)))
        if unfinished is not None:
            text = json.dumps(report.json(), indent=2, allow_nan=False)
            unfinished.write_text(f"{text}\n", encoding="utf-8")
    show(report, console)
    if report.failures:
        raise typer.Exit(FAILED)


def show(report: Report, console: Console) -> None:
    """Print a report: the machine, the rows, what was held fixed, what is missing."""
    machine = report.machine
    console.print(Text(f"{machine.cpu}, {machine.cores} cores, {machine.memory}; {machine.os}"))
    commit = report.commit or "unknown"
    console.print(Text(f"{machine.python}, {machine.rust}, commit {commit}", DIM))
    if report.quick:
        console.print(Text("quick: workloads cut short, the figures say nothing", "bold yellow"))
    if report.rows:
        console.print(_table(report))
        console.print(_settings(report))
    for name, problem in report.failures.items():
        console.print(Text(f"FAILED {name}: {problem}", "bold red"))
    for name, note in report.notes.items():
        console.print(Text(f"without {name}: {note}", "yellow"))


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 1), header_style=DIM)
    table.add_column("row", overflow="fold", min_width=max(map(len, NAMES)))
    for name in ("median", "min", "max"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for name in ("target", "runs", "peer", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in report.rows:
        figure, best, ratio = row.figure, row.peer, row.ratio
        table.add_row(
            figure.name,
            Text(_digits(figure.median), "bold"),
            _digits(min(figure.values)),
            _digits(max(figure.values)),
            figure.unit,
            _target(row),
            str(len(figure.values)),
            "" if best is None else f"{best.name} {_digits(best.figure.median)}",
            "" if ratio is None else f"{ratio:.1f}x",
        )
    return table


def _settings(report: Report) -> Text:
    """Say once what several rows share."""
    shared: dict[str, list[str]] = {}
    for row in report.rows:
        shared.setdefault(row.figure.setting, []).append(row.figure.name)
        for peer in row.peers:
            name = f"{peer.name} {peer.version} {_digits(peer.figure.median)}"
            label = f"{row.figure.name}, {name}"
            shared.setdefault(peer.figure.setting, []).append(label)
    text = Text()
    for setting, names in shared.items():
        text.append(f"{'; '.join(names)}\n", DIM)
        text.append(f"    {setting}\n", DIM)
    return text


def _target(row: Row) -> Text:
    target = row.target
    if target is None:
        return Text("")
    bound = f"{'≥' if target.is_least else '≤'} {_digits(target.bound)}"
    if target.is_met(row.figure.median):
        return Text(bound, "green")
    return Text(f"{bound} missed", "bold yellow")


def _digits(value: float) -> str:
    """Return three digits, or all before the point.

    >>> _digits(1234.5), _digits(27.314), _digits(1.2)
    ('1,234', '27.3', '1.20')
    """
    if value >= WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:#.3g}"
