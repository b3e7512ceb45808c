"""`outcry serve`: the exchange over HTTP."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from outcry.gateways.serve import serve as serve_exchange
from outcry.gateways.venue import Venue
from outcry.settings import Settings

if TYPE_CHECKING:
    from outcry.cli.demo import DemoVenue

DIRECTORY: Final = Path("data")


def _demo() -> "DemoVenue":
    # The traders need what takes longer to import than a server to start.
    from outcry.cli.demo import DemoVenue  # noqa: PLC0415

    return DemoVenue()


def serve(
    directory: Annotated[
        Path, typer.Argument(help="The data directory; made if it is not there.", metavar="DIR")
    ] = DIRECTORY,
    *,
    host: Annotated[
        str | None,
        typer.Option(help="The address, instead of the settings'.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="The port, instead of the settings'.", show_default=False
        ),
    ] = None,
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            help="Whether simulated traders keep books alive; two keys are told.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve an exchange over HTTP: the Binance spot API, and plain routes.

    Ctrl-C stops cleanly, a second one at once; the next start goes on where it was.
    """
    asked = {"host": host, "port": port, "demo": demo}
    settings = Settings.load(directory)
    said = {name: value for name, value in asked.items() if value is not None}
    settings = settings.model_copy(update={"serve": settings.serve.model_copy(update=said)})
    shown = _demo() if settings.serve.demo else None

    def ready(venue: Venue, address: str) -> None:
        sequence = venue.exchange.status().sequence
        lines = [f"{directory} at sequence {sequence:,} is served at {address}"]
        if shown is not None:
            lines += shown.lines(address)
        sys.stdout.write("\n".join([*lines, ""]))
        sys.stdout.flush()

    serve_exchange(directory, settings, ready, None if shown is None else shown.prepare)
