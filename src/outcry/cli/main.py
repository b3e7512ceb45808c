"""The command `outcry`: its sub-commands, one a file, and how errors end it.

An error of the input or of the system is one line on stderr and exit code 2; what the engine
refuses is one line and exit code 3.
"""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from outcry.errors import CommandRejected, OutcryError, RequestRepeated

BAD_INPUT: Final = 2
REFUSED: Final = 3

# Where each command stands: only what is asked for is imported, so that it starts at once.
_COMMANDS: Final = {
    **{name: name for name in ("init", "run", "serve", "status")},
    **dict.fromkeys(("deposit", "withdraw", "settle", "transfer", "balances"), "funds"),
    **dict.fromkeys(("place", "cancel", "orders"), "orders"),
    **{name: name for name in ("book", "events", "candles", "orderflow", "profile")},
    **{name: name for name in ("gaps", "zones", "replay", "simulate", "bench")},
}
_GROUPS: Final = {
    **{name: ("listings", name) for name in ("assets", "instruments", "accounts")},
    **{name: (name, "app") for name in ("keys", "config", "journal")},
}
"""Commands with commands of their own: by name the module and what it calls them."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"outcry {version('outcry')}")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """An exchange and market-data platform: run one, trade on it, replay, measure."""


def _app(arguments: Sequence[str]) -> typer.Typer:
    """Return the command with the sub-command that is asked for, or with all of them."""
    app = typer.Typer(
        name="outcry",
        help="An exchange and market-data platform: run one, trade on it, replay, measure.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    asked = next((each for each in arguments if not each.startswith("-")), None)
    is_known = asked in _COMMANDS or asked in _GROUPS
    for name, module in _COMMANDS.items():
        if name == asked or not is_known:
            app.command()(getattr(import_module(f"outcry.cli.{module}"), name))
    for name, (module, group) in _GROUPS.items():
        if name == asked or not is_known:
            app.add_typer(getattr(import_module(f"outcry.cli.{module}"), group))
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with these arguments, by default those of the process.

    Raises:
        SystemExit: Always: 0 for success, 2 for bad input, 3 for what the engine refused.
    """
    # A terminal without our characters shows a mark in place of each.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    # The hook is given six arguments, of which one is told.
    warnings.showwarning = _warn  # type: ignore[assignment]
    try:
        _app(sys.argv[1:] if arguments is None else arguments)(args=arguments, prog_name="outcry")
    except (CommandRejected, RequestRepeated) as error:
        _leave(str(error), REFUSED)
    except OutcryError as error:
        _leave(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _leave(f"{place}{error.strerror or error}")


def _warn(message: Warning | str, *_where: object) -> None:
    sys.stderr.write(f"outcry: warning: {message}\n")


def _leave(message: str, code: int = BAD_INPUT) -> None:
    sys.stderr.write(f"outcry: {message}\n")
    sys.exit(code)
