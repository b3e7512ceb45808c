"""Servers that several tests of faults speak to: one with all the time, one with hardly any."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from outcry.gateways.keys import NewKey
from outcry.settings import FILE_NAME
from tests.gateways.serving import Server, make_venue, served

UNLIMITED = "".join(
    f"{name} = 4_000_000_000\n"
    for name in ("request_weight_max", "raw_requests_max", "orders_10s_max", "orders_1d_max")
)
TIGHT = {"request_timeout_ms": 1_000, "keep_alive_ms": 2_000}
"""How little patience a server has."""


@dataclass(frozen=True)
class Venue:
    """A server and a key of its bot.

    Attributes:
        server: The server.
        key: The key.
    """

    server: Server
    key: NewKey


def venue_of(factory: pytest.TempPathFactory, settings: str) -> Iterator[Venue]:
    directory = factory.mktemp("venue")
    key = make_venue(directory)
    (directory / FILE_NAME).write_text(f"[serve]\n{UNLIMITED}{settings}")
    log = directory / "log"
    with log.open("w") as file, served(directory, log=file) as server:
        yield Venue(server, key)
        assert server.process.poll() is None, "the server ended"
    # What a client does is nothing to write of.
    assert not log.read_text()


@pytest.fixture(scope="package")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """Return a server whose limits on requests are never reached."""
    patient = "request_timeout_ms = 600_000\nkeep_alive_ms = 600_000\n"
    yield from venue_of(tmp_path_factory, patient)


@pytest.fixture(scope="package")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """Return a server with little patience."""
    settings = "".join(f"{name} = {value}\n" for name, value in TIGHT.items())
    yield from venue_of(tmp_path_factory, settings)
