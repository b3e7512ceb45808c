"""`outcry init`: a data directory with its settings and an empty exchange."""

from pathlib import Path
from typing import Annotated

import typer

from outcry import _native
from outcry.cli.data_directory import DATA, JOURNAL
from outcry.errors import InvalidValue
from outcry.exchange import Exchange
from outcry.settings import FILE_NAME, Settings, settings_text


def init(
    directory: Annotated[
        Path, typer.Argument(help="The data directory to make.", metavar="DIR")
    ] = DATA,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add the assets, instruments and accounts of the demo.")
    ] = False,
) -> None:
    """Make a data directory: its settings, commented, and an empty exchange."""
    if (directory / JOURNAL).exists():
        raise InvalidValue("DIR", str(directory), "holds an exchange already")
    settings = Settings.load(directory)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / FILE_NAME
    if not file.exists():
        file.write_text(settings_text(settings), encoding="utf-8")
    with Exchange.open(directory, settings) as exchange:
        if demo:
            exchange.apply(_native.Traders.setup())
    typer.echo(f"{directory}: an exchange, durability {settings.durability}; settings in {file}")
