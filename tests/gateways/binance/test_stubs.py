"""Paths beside the spot API: they say that there is nothing, and whether the venue is open."""

import pytest

from outcry.errors import ExchangeHalted
from outcry.gateways.binance import stubs
from tests.gateways.desk import Client, Desk

STATUS = "/sapi/v1/system/status"
NO_SYMBOLS = {"timezone": "UTC", "rateLimits": [], "exchangeFilters": [], "symbols": []}
NO_ROWS = {"total": 0, "rows": []}
NO_FIAT = {"code": "000000", "message": "success", "data": [], "total": 0, "success": True}
PUBLIC: dict[str, object] = {
    "/dapi/v1/exchangeInfo": NO_SYMBOLS,
    "/fapi/v1/exchangeInfo": NO_SYMBOLS,
    "/sapi/v1/margin/allAssets": [],
    "/sapi/v1/margin/allPairs": [],
    "/sapi/v1/margin/isolated/allPairs": [],
    "/sapi/v1/spot/delist-schedule": [],
    "/sapi/v1/spot/open-symbol-list": [],
}
NO_PRODUCTS = {
    "vipLevel": 0,
    "isMarginEnabled": False,
    "isFutureEnabled": False,
    "isOptionsEnabled": False,
    "isPortfolioMarginRetailEnabled": False,
}
OWN: dict[tuple[str, str], object] = {
    ("GET", "/sapi/v1/account/info"): NO_PRODUCTS,
    ("GET", "/sapi/v1/bnbBurn"): {"spotBNBBurn": False, "interestBNBBurn": False},
    ("GET", "/sapi/v1/accountSnapshot"): {"code": 200, "msg": "", "snapshotVos": []},
    ("GET", "/sapi/v1/asset/assetDividend"): NO_ROWS,
    ("GET", "/sapi/v1/asset/dribblet"): {"total": 0, "userAssetDribblets": []},
    ("GET", "/sapi/v1/asset/transfer"): NO_ROWS,
    ("GET", "/sapi/v1/capital/deposit/address/list"): [],
    ("GET", "/sapi/v1/capital/deposit/hisrec"): [],
    ("GET", "/sapi/v1/capital/withdraw/address/list"): [],
    ("GET", "/sapi/v1/capital/withdraw/history"): [],
    ("GET", "/sapi/v1/fiat/orders"): NO_FIAT,
    ("GET", "/sapi/v1/fiat/payments"): NO_FIAT,
    ("POST", "/sapi/v1/asset/get-funding-asset"): [],
}


@pytest.mark.parametrize("path", PUBLIC)
def test_there_is_nothing_of_other_products(desk: Desk, bot: Client, path: str) -> None:
    for query in (b"", b"timestamp=1&recvWindow=5000&signature=00", b"symbol=BTCUSDT"):
        reply = desk.ask("GET", path, query)
        assert (reply.status, reply.body) == (200, PUBLIC[path])
    # Clients sign some of them; nobody looks at whose key it is.
    assert bot("GET", path).body == PUBLIC[path]


@pytest.mark.parametrize(("method", "path"), OWN)
def test_nothing_came_or_went(desk: Desk, bot: Client, method: str, path: str) -> None:
    reply = bot(method, path)
    assert (reply.status, reply.body) == (200, OWN[method, path])
    assert desk.ask(method, path).error == (401, -2014, "API-key format invalid.")


def test_what_clients_say_of_it_is_read(bot: Client) -> None:
    said = {"coin": "BTC", "startTime": 1, "endTime": 2, "limit": 1_000}
    assert bot("GET", "/sapi/v1/capital/deposit/hisrec", **said).body == []
    assert bot("GET", "/sapi/v1/capital/withdraw/history", **said).body == []
    assert bot("GET", "/sapi/v1/asset/transfer", type="MAIN_FUNDING", size=10).body == NO_ROWS
    assert bot("GET", "/sapi/v1/fiat/orders", transactionType=0).body == NO_FIAT


def test_the_paths_are_those_that_clients_load() -> None:
    assert {("GET", path) for path in (STATUS, *PUBLIC)} | OWN.keys() == stubs.ROUTES.keys()


def test_the_venue_is_open_until_it_is_halted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.ask("GET", STATUS).body == {"status": 0, "msg": "normal"}
    halt = ExchangeHalted("disk_full", "no room")
    monkeypatch.setattr(type(desk.venue.exchange), "halt", property(lambda _: halt))
    assert desk.ask("GET", STATUS).body == {"status": 1, "msg": "system maintenance"}


def test_what_is_not_there_says_so_in_the_apis_words(desk: Desk) -> None:
    assert desk.ask("POST", "/dapi/v1/exchangeInfo").error[:2] == (405, -5000)
    assert desk.ask("GET", "/fapi/v1/depth").error[:2] == (404, -5000)
