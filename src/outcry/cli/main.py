"""The command `outcry`: its sub-commands, one a file, and how errors end it.

An error of the input or of the system is one line on stderr and exit code 2; what the engine
refuses is one line and exit code 3.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from outcry.cli.bench import bench
from outcry.cli.book import book
from outcry.cli.candles import candles
from outcry.cli.config import app as config
from outcry.cli.events import events
from outcry.cli.funds import balances, deposit, settle, transfer, withdraw
from outcry.cli.gaps import gaps
from outcry.cli.init import init
from outcry.cli.journal import app as journal
from outcry.cli.keys import app as keys
from outcry.cli.listings import accounts, assets, instruments
from outcry.cli.orderflow import orderflow
from outcry.cli.orders import cancel, orders, place
from outcry.cli.profile import profile
from outcry.cli.replay import replay
from outcry.cli.run import run
from outcry.cli.serve import serve
from outcry.cli.simulate import simulate
from outcry.cli.status import status
from outcry.cli.zones import zones
from outcry.errors import CommandRejected, OutcryError, RequestRepeated

BAD_INPUT: Final = 2
REFUSED: Final = 3

app = typer.Typer(
    name="outcry",
    help="An exchange and market-data platform: run one, trade on it, replay, measure.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_COMMANDS: Final[tuple[Callable[..., None], ...]] = (
    *(init, run, serve, status),
    *(deposit, withdraw, settle, transfer, balances),
    *(place, cancel, orders, book, events),
    *(candles, orderflow, profile, gaps, zones),
    *(replay, simulate, bench),
)
for _command in _COMMANDS:
    app.command()(_command)
for _group in (assets, instruments, accounts, keys, config, journal):
    app.add_typer(_group)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"outcry {version('outcry')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """An exchange and market-data platform: run one, trade on it, replay, measure."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with these arguments, by default those of the process.

    Raises:
        SystemExit: Always: 0 for success, 2 for bad input, 3 for what the engine refused.
    """
    # A terminal without our characters shows a mark in place of each.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(args=arguments, prog_name="outcry")
    except (CommandRejected, RequestRepeated) as error:
        _leave(str(error), REFUSED)
    except OutcryError as error:
        _leave(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _leave(f"{place}{error.strerror or error}")


def _leave(message: str, code: int = BAD_INPUT) -> None:
    sys.stderr.write(f"outcry: {message}\n")
    sys.exit(code)
