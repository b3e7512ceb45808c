"""Numbers that are none, or far too long, in every place of every route where one belongs.

Goal: each is refused as what it is, in words, and at once: no digit is worked on that was not
looked at first. Method: the table of routes names their parameters; each that holds a number is
given each wrong one, in a request that is proper otherwise, signed, and within bounds wide enough
for a million digits.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from outcry import Settings
from outcry.gateways.binance import ROUTES
from outcry.gateways.binance.route import SIGNED
from tests.gateways.desk import ROOMY, Client, Desk, Reply, signed
from tests.gateways.serving import BOT, make_venue

DIGITS: Final = 1_000_000
BOUND_S: Final = 0.25
"""What a request of a million digits may take in the middle of all, in seconds."""

NUMBERS: Final = (
    *("price", "Price", "quantity", "Quantity", "Qty", "limit", "orderId", "OrderId", "fromId"),
    *("orderListId", "startTime", "endTime", "railingDelta", "trategyId", "trategyType"),
    *("recvWindow", "timestamp"),
)
"""How the names of numbers end."""

PLACES: Final = [
    (method, path, name)
    for (method, path), route in sorted(ROUTES.items())
    for name in sorted(route.parameters if route.scope is None else route.signed_parameters)
    if name.endswith(NUMBERS) and not name.endswith("lientOrderId") and path.startswith("/api/")
]
NONE: Final = (
    *("NaN", "-Infinity", "1e999999", "-1", " 1", "0x10", "1_0", "1,0", ".", "", "null", "1\x00"),
    *("0..0", "\u0663.\u0665"),
)
HUGE: Final = (
    *("9" * 20, "9" * 21, str(1 << 63), str(1 << 64), str(1 << 128)),
    "0." + "0" * 30 + "1",
)
LONG: Final = ("0." + "0" * (DIGITS - 3) + "1", "-" + "1" * DIGITS, "1e" + "9" * DIGITS)

LIMIT: Final = {"side": "BUY", "quantity": "0.01", "price": "50000", "timeInForce": "GTC"}
ABOVE: Final = {"aboveType": "STOP_LOSS_LIMIT", "abovePrice": "71000", "aboveStopPrice": "70000"}
ABOVE_GTC: Final = ABOVE | {"aboveTimeInForce": "GTC"}
BELOW: Final = {"belowType": "LIMIT_MAKER", "belowPrice": "50000"}
WORKING: Final = {
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "50000",
    "workingQuantity": "0.01",
    "workingTimeInForce": "GTC",
}
PENDING: Final = {"pendingSide": "SELL", "pendingQuantity": "0.01"}
PROPER: Final[Mapping[str, Mapping[str, str]]] = {
    "/api/v3/order": LIMIT | {"type": "LIMIT"},
    "/api/v3/order/test": LIMIT | {"type": "LIMIT"},
    "/api/v3/order/cancelReplace": LIMIT
    | {"type": "LIMIT", "cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": "999999"},
    "/api/v3/order/amend/keepPriority": {"orderId": "999999", "newQty": "0.001"},
    "/api/v3/orderList/oco": {"side": "BUY", "quantity": "0.01"} | ABOVE_GTC | BELOW,
    "/api/v3/orderList/oto": WORKING | PENDING | {"pendingType": "MARKET"},
    "/api/v3/orderList/otoco": WORKING
    | PENDING
    | {"pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "70000"}
    | {"pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "40000"},
    "/api/v3/klines": {"interval": "1m"},
    "/api/v3/uiKlines": {"interval": "1m"},
}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Return a client of a venue that takes long queries."""
    directory: Path = tmp_path_factory.mktemp("venue")
    make_venue(directory)
    bounds = {"query_bytes_max": 1 << 20, "body_bytes_max": 1 << 22}
    settings = Settings(serve=ROOMY.serve.model_copy(update=bounds))
    with Desk(directory, settings) as desk:
        yield desk.client(BOT)


def asked(client: Client, place: tuple[str, str, str], text: str) -> Reply:
    """Return what is answered to a request that has this text in a place."""
    method, path, name = place
    route = ROUTES[method, path]
    said: dict[str, object] = dict(PROPER.get(path, {}) if method in {"POST", "PUT", "GET"} else {})
    said = {each: value for each, value in said.items() if each in route.parameters}
    if "symbol" in route.parameters:
        said["symbol"] = "BTCUSDT"
    said[name] = text
    if route.scope is not None:
        return client(method, path, **said)
    return client.desk.ask(method, path, signed(client.key, said).rpartition(b"&signature=")[0])


def require_refused(reply: Reply, place: tuple[str, str, str], text: str) -> None:
    assert reply.status != 200, (place, text[:40], reply)
    status, code, words = reply.error
    assert status == 400, (place, text[:40], reply)
    assert code not in {-1000, -1022}, (place, text[:40], reply)
    assert len(words) < 300, (place, text[:40])


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_what_is_no_number_is_refused(wide: Client, place: tuple[str, str, str]) -> None:
    for text in NONE:
        if text or place[2] not in SIGNED:
            require_refused(asked(wide, place, text), place, text)


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_a_number_that_is_huge_breaks_nothing(wide: Client, place: tuple[str, str, str]) -> None:
    for text in HUGE:
        reply = asked(wide, place, text)
        if reply.status != 200:
            require_refused(reply, place, text)


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_a_million_digits_are_refused_at_once(wide: Client, place: tuple[str, str, str]) -> None:
    require_refused_at_once(wide, place, "9" * DIGITS)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=" ".join)
@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:4])
def test_a_million_other_digits_are_refused_at_once(
    wide: Client, place: tuple[str, str, str], text: str
) -> None:
    require_refused_at_once(wide, place, text)


def require_refused_at_once(client: Client, place: tuple[str, str, str], text: str) -> None:
    since = time.process_time()
    require_refused(asked(client, place, text), place, text)
    assert time.process_time() - since < BOUND_S
