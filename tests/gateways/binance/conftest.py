"""One venue for each module of tests: two instruments, a maker's book, money for three accounts."""

from collections.abc import Iterator

import pytest

from outcry import Exchange
from tests.gateways.desk import Client, Desk
from tests.gateways.serving import BOT, make_venue

OTHER = 3
"""An account beside the client's and the maker's."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the venue."""
    directory = tmp_path_factory.mktemp("venue")
    make_venue(directory)
    with Exchange.open(directory) as exchange:
        exchange.set_account(OTHER, maker_rate_ppm=0, taker_rate_ppm=0)
        for number, (asset, amount) in enumerate((("BTC", "10"), ("USDT", "1000000"))):
            exchange.deposit(OTHER, asset, amount, source=(2, number + 1))
    with Desk(directory) as opened:
        yield opened


@pytest.fixture(scope="module")
def bot(desk: Desk) -> Client:
    """Return the client whose requests are looked at."""
    return desk.client(BOT)


@pytest.fixture(scope="module")
def other(desk: Desk) -> Client:
    """Return a client of somebody else."""
    return desk.client(OTHER)
