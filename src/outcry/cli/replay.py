"""`outcry replay`: a recording through the engine, then its book, tape and candles."""

from enum import StrEnum
from pathlib import Path
from time import perf_counter_ns
from typing import Annotated, Final

import typer
from rich.console import Console

from outcry.cli.json_text import JsonOption, print_json
from outcry.cli.reading import progress_bar
from outcry.cli.report import Report, json_of, report_of
from outcry.cli.screen import show
from outcry.feeds import Progress, Replay, replay_lobster, replay_log

LEVELS_MAX: Final = 1_000


class Format(StrEnum):
    """What a recording is written in."""

    LOBSTER = "lobster"
    LOG = "log"


def replay(
    recording: Annotated[
        Path, typer.Argument(help="A LOBSTER message file (csv, csv.gz) or a command log.")
    ],
    *,
    book: Annotated[
        Path | None,
        typer.Option(help="The LOBSTER order-book file whose first row is the book at the start."),
    ] = None,
    recording_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="By default lobster for .csv and .csv.gz, else log.",
            show_default=False,
        ),
    ] = None,
    levels: Annotated[
        int, typer.Option(min=1, max=LEVELS_MAX, help="Levels of each side to show.")
    ] = 10,
    symbol: Annotated[
        str | None,
        typer.Option(help="The instrument to show; by default the one with the most trades."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Replay a recorded order stream as matching, and show book, last trades and candles."""
    recording_format = recording_format or _format_of(recording)
    if book is not None and recording_format is not Format.LOBSTER:
        raise typer.BadParameter("belongs to a LOBSTER recording", param_hint="--book")
    report = _replayed(recording, book, recording_format, levels)
    if as_json:
        print_json(json_of(report))
        return
    show(report, Console(), symbol)


def _format_of(recording: Path) -> Format:
    name = recording.name.lower()
    return Format.LOBSTER if name.endswith((".csv", ".csv.gz")) else Format.LOG


def _replayed(recording: Path, book: Path | None, which: Format, levels: int) -> Report:
    """Replay with a progress bar on stderr, where somebody looks at it."""
    name = str(recording)
    with progress_bar([name]) as told_of:
        start_ns = perf_counter_ns()
        replayed = _replay(recording, book, which, told_of(name))
        elapsed_ns = perf_counter_ns() - start_ns
    return report_of(replayed, name, which, elapsed_ns, levels)


def _replay(recording: Path, book: Path | None, which: Format, told: Progress) -> Replay:
    if which is Format.LOBSTER:
        return replay_lobster(recording, book, told)
    return replay_log(recording, told)
