"""Goal: what a venue keeps in memory is never older than what was answered.

Method: assets and steps are changed by every way there is, and read in between.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outcry.exchange import Asset, commands
from tests.gateways.desk import Desk
from tests.gateways.serving import make_venue


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    make_venue(tmp_path)
    with Desk(tmp_path) as opened:
        yield opened


def test_assets_are_those_of_the_engine_whoever_adds_them(desk: Desk) -> None:
    venue = desk.venue

    async def asked() -> tuple[Asset, ...]:
        return await venue.exchange.assets()

    def holds() -> int:
        assert venue.assets() == desk.run(asked())
        return len(venue.assets())

    async def add() -> None:
        await venue.exchange.add_asset("EUR", 2)

    assert holds() == 3
    desk.run(add())
    assert holds() == 4
    venue.opened.add_asset("CHF", 2)
    assert holds() == 5
    venue.opened.apply(commands.add_asset(Asset(6, "JPY", 0)))
    assert holds() == 6
    assert [asset.name for asset in venue.assets()] == ["BTC", "ETH", "USDT", "EUR", "CHF", "JPY"]


def test_assets_are_read_once_while_none_is_added(desk: Desk) -> None:
    assert desk.venue.assets() is desk.venue.assets()


def test_numbers_are_said_by_the_steps_of_now(desk: Desk) -> None:
    venue = desk.venue
    before = venue.instrument("BTCUSDT")
    figures = venue.figures(before)
    assert venue.figures(venue.instrument("BTCUSDT")) is figures
    venue.opened.mass_cancel()
    venue.opened.update_instrument("BTCUSDT", tick="0.000000001", lot="10")
    now = venue.figures(venue.instrument("BTCUSDT"))
    assert now.price(venue.instrument("BTCUSDT").tick) == "0.000000001"
    # Whoever still has the instrument of before is told its numbers as they were.
    assert venue.figures(before).price(before.tick) == "0.01000000"
