"""The command `outcry`: its sub-commands, one a file, and how errors end it.

An error of the input or of the system is one line on stderr and exit code 2.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Final

import typer

from outcry.cli.bench import bench
from outcry.cli.journal import app as journal
from outcry.cli.replay import replay
from outcry.cli.run import run
from outcry.cli.simulate import simulate
from outcry.errors import OutcryError

BAD_INPUT: Final = 2

app = typer.Typer(
    name="outcry",
    help="The matching core of an exchange and market-data platform: replay, simulate, measure.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(replay)
app.command()(simulate)
app.command()(bench)
app.add_typer(journal)


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
    """The matching core of an exchange and market-data platform: replay, simulate, measure."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with these arguments, by default those of the process.

    Raises:
        SystemExit: Always: 0 for success, 2 for bad input.
    """
    try:
        app(args=arguments, prog_name="outcry")
    except OutcryError as error:
        _leave(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _leave(f"{place}{error.strerror or error}")


def _leave(message: str) -> None:
    sys.stderr.write(f"outcry: {message}\n")
    sys.exit(BAD_INPUT)
