"""Paths beside the spot API: they say that there is nothing, and whether the venue is open."""

import pytest

from outcry.errors import ExchangeHalted
from outcry.gateways.binance import stubs
from tests.gateways.desk import Client, Desk

STATUS = "/sapi/v1/system/status"
PATHS = sorted(path for _, path in stubs.ROUTES if path != STATUS)
NOTHING = {"timezone": "UTC", "rateLimits": [], "exchangeFilters": [], "symbols": []}


@pytest.mark.parametrize("path", PATHS)
def test_there_is_nothing_of_other_products(desk: Desk, bot: Client, path: str) -> None:
    expected = NOTHING if path.endswith("exchangeInfo") else []
    for query in (b"", b"timestamp=1&recvWindow=5000&signature=00", b"symbol=BTCUSDT"):
        reply = desk.ask("GET", path, query)
        assert (reply.status, reply.body) == (200, expected)
    # Clients sign some of them; nobody looks at whose key it is.
    assert bot("GET", path).body == expected


def test_the_paths_are_those_that_clients_load() -> None:
    assert PATHS == [
        "/dapi/v1/exchangeInfo",
        "/fapi/v1/exchangeInfo",
        "/sapi/v1/asset/tradeFee",
        "/sapi/v1/capital/config/getall",
        "/sapi/v1/margin/allPairs",
        "/sapi/v1/margin/isolated/allPairs",
    ]
    assert {method for method, _ in stubs.ROUTES} == {"GET"}


def test_the_venue_is_open_until_it_is_halted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.ask("GET", STATUS).body == {"status": 0, "msg": "normal"}
    halt = ExchangeHalted("disk_full", "no room")
    monkeypatch.setattr(type(desk.venue.exchange), "halt", property(lambda _: halt))
    assert desk.ask("GET", STATUS).body == {"status": 1, "msg": "system maintenance"}


def test_what_is_not_there_says_so_in_the_apis_words(desk: Desk) -> None:
    assert desk.ask("POST", PATHS[0]).error[:2] == (405, -5000)
    assert desk.ask("GET", "/fapi/v1/depth").error[:2] == (404, -5000)
