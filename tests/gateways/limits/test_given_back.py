"""Orders that trade do not count: the first fill of each takes back what the documents say.

Method: a venue in this process, by its own clock; the count of the day is read, which no test
outlives but at midnight UTC. Fills of resting orders come by the events of the exchange, a little
later: they are waited for.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateways.desk import Client, Desk
from tests.gateways.serving import BOT, MAKER, make_venue

WAIT_S = 180
LIMIT: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.02",
    "price": "60000",
}
MARKET: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "MARKET",
    "quantity": "0.01",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the venue."""
    directory: Path = tmp_path_factory.mktemp("given-back")
    make_venue(directory)
    with Desk(directory) as opened:
        yield opened


def sent(client: Client) -> int:
    """Return how many orders of the account count today."""
    day = client("GET", "rateLimit/order").body[-1]
    assert day["interval"] == "DAY"
    count: int = day["count"]
    return count


def wait_for(client: Client, count: int) -> None:
    """Wait until so many orders count, with the venue at work meanwhile."""
    until = time.monotonic() + WAIT_S
    while sent(client) != count:
        assert time.monotonic() < until, (sent(client), count)


def test_who_trades_on_entry_can_go_on_for_ever(desk: Desk) -> None:
    taker = desk.client(BOT)
    before = sent(taker)
    for _ in range(5):
        assert taker("POST", "order", **MARKET).body["status"] == "FILLED"
    body = b'{"symbol":"BTCUSDT","side":"buy","type":"market","quantity":"0.01"}'
    headers = {"authorization": f"Bearer {taker.key.api_key}.{taker.key.secret}"}
    assert desk.ask("POST", "/order", b"", body, headers=headers).body["fills"]
    assert sent(taker) == before


def test_the_first_fill_of_a_resting_order_is_worth_five(desk: Desk) -> None:
    resting, taker = desk.client(BOT), desk.client(MAKER)
    before = sent(resting)
    orders = [resting("POST", "order", **LIMIT) for _ in range(8)]
    assert all(each.body["status"] == "NEW" for each in orders)
    assert sent(resting) == before + 8
    taken = taker("POST", "order", **MARKET)
    assert taken.body["fills"][0]["price"] == "60000.00000000"
    wait_for(resting, before + 3)
    # The second fill of the same order gives nothing, the first of the next one five, not below 0.
    assert taker("POST", "order", **MARKET).status == 200
    assert taker("POST", "order", **MARKET).status == 200
    wait_for(resting, max(0, before + 3 - 5))
    assert resting("DELETE", "openOrders", symbol="BTCUSDT").status == 200
    assert sent(resting) == max(0, before + 3 - 5)
