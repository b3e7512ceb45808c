"""`outcry serve`: the exchange over HTTP."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from outcry.gateways.serve import serve as serve_exchange
from outcry.gateways.venue import Venue
from outcry.settings import Settings


def serve(
    directory: Annotated[
        Path, typer.Argument(help="The data directory; made if it is not there.", metavar="DIR")
    ] = Path("data"),
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="The port, instead of the settings'.", show_default=False
        ),
    ] = None,
) -> None:
    """Serve an exchange over HTTP: the Binance spot API, and plain routes.

    Ctrl-C stops cleanly, a second one at once; the next start goes on where it was.
    """
    settings = Settings.load(directory)
    if port is not None:
        changed = settings.serve.model_copy(update={"port": port})
        settings = settings.model_copy(update={"serve": changed})

    def ready(venue: Venue, address: str) -> None:
        sequence = venue.exchange.status().sequence
        sys.stdout.write(f"{directory} at sequence {sequence:,} is served at {address}\n")
        sys.stdout.flush()

    serve_exchange(directory, settings, ready)
