"""`outcry config`: show and check the settings of a data directory, without opening it."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from outcry.cli.data_directory import DATA
from outcry.cli.json_text import JsonOption, print_json
from outcry.settings import FILE_NAME, Settings, origins, settings_text, toml, unused_variables

_BAD_INPUT: Final = 2
# Variables that name no setting.
_OTHER_VARIABLES: Final = ("OUTCRY_DATA", "OUTCRY_KEYS_MASTER")

app = typer.Typer(
    name="config", help="Show or check the settings of a data directory.", no_args_is_help=True
)

Directory = Annotated[Path, typer.Argument(help="The data directory.", metavar="DIR")]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="A file that counts instead.", metavar="FILE", show_default=False
    ),
]


@app.command()
def show(
    directory: Directory = DATA,
    *,
    config: FileOption = None,
    annotated: Annotated[
        bool,
        typer.Option("--annotated", help="Print a settings file that says what each key means."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print every key with its value and where that was said: a file, a variable or the default."""
    if annotated:
        typer.echo(settings_text(Settings.load(directory, config)), nl=False)
        return
    found = origins(directory, config)
    if as_json:
        told = {each.key: {"value": each.value, "source": each.source} for each in found}
        print_json(told)
        return
    section = ""
    for origin in found:
        head, _, name = origin.key.rpartition(".")
        if head != section:
            typer.echo(f"\n[{head}]")
            section = head
        typer.echo(f"{name} = {toml(origin.value)}  # {origin.source}")


@app.command()
def check(directory: Directory = DATA, *, config: FileOption = None) -> None:
    """Say what is wrong with the settings: each key, where it was said, and what binds it.

    Ends with 0 when all is well, and with 2 when a key is unknown or its value cannot be.
    """
    for variable in unused_variables(_OTHER_VARIABLES):
        typer.echo(f"outcry: {variable}: overrides no setting", err=True)
    problems = Settings.problems(directory, config)
    for problem in problems:
        typer.echo(f"outcry: {problem}", err=True)
    if problems:
        sys.exit(_BAD_INPUT)
    path = directory / FILE_NAME if config is None else config
    place = str(path) if path.exists() else f"{path}: not there, the defaults count"
    typer.echo(f"{place}: good")
