"""Limits as clients meet them: in the headers of replies, and in refusals that say when to go on.

Goal: a client that keeps to what the headers say is never refused; one that does not is told for
how long, whatever it asks and however it asks it. Method: a venue in this process whose limits go
by a clock that the test sets; each weight is what the used weight grows by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from outcry import Settings
from outcry.gateways.limits import Charge, OrderCharge, OrderCounts, RequestWeights
from outcry.projections import ProjectionLagging
from outcry.settings import ServeSettings
from tests.gateways.desk import Client, Desk, Reply
from tests.gateways.serving import BOT, MAKER, make_venue

MINUTE, TEN, DAY = 60_000, 10_000, 86_400_000
T = 20_000 * DAY
"""A time at which a day, five minutes, a minute and ten seconds begin."""
BOUNDS = ServeSettings(
    request_weight_max=1_000,
    raw_requests_max=60,
    refusals_max=3,
    ban_s_first=120,
    ban_s_max=400,
    orders_10s_max=5,
    orders_1d_max=8,
    query_bytes_max=4_096,
    body_bytes_max=4_096,
    history_timeout_ms=20_000,
)
HERE = "127.0.0.1"
USED = "x-mbx-used-weight-1m"
SYMBOL: dict[str, object] = {"symbol": "BTCUSDT"}
LIMIT: dict[str, object] = SYMBOL | {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}


@dataclass
class Clock:
    """What the limits go by, in milliseconds since 1970 UTC."""

    now_ms: int = T


class Weights(RequestWeights):
    """Weights by a clock of the test's."""

    clock: Clock

    @classmethod
    def by(cls, clock: Clock) -> Self:
        """Begin with nothing used."""
        made = cls.of(BOUNDS)
        made.clock = clock
        return made

    def charge(self, address: str, weight: int, now_ms: int) -> Charge:
        """Charge at the clock's time."""
        del now_ms
        return super().charge(address, weight, self.clock.now_ms)


class Counts(OrderCounts):
    """Counts by a clock of the test's."""

    clock: Clock

    @classmethod
    def by(cls, clock: Clock) -> Self:
        """Begin with nothing sent."""
        made = cls.of(BOUNDS)
        made.clock = clock
        return made

    def charge(self, account: int, count: int, now_ms: int) -> OrderCharge:
        """Charge at the clock's time."""
        del now_ms
        return super().charge(account, count, self.clock.now_ms)

    def give_back(self, account: int, count: int, now_ms: int) -> None:
        """Give back at the clock's time."""
        del now_ms
        super().give_back(account, count, self.clock.now_ms)

    def used(self, account: int, now_ms: int) -> tuple[int, int]:
        """Tell at the clock's time."""
        del now_ms
        return super().used(account, self.clock.now_ms)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the venue."""
    directory: Path = tmp_path_factory.mktemp("limits")
    make_venue(directory)
    with Desk(directory, Settings(serve=BOUNDS)) as desk:
        yield desk


@pytest.fixture
def clock(opened: Desk) -> Clock:
    """Return the clock of limits that begin anew."""
    clock = Clock()
    opened.venue.weights = Weights.by(clock)
    opened.venue.order_counts = Counts.by(clock)
    return clock


@pytest.fixture
def desk(opened: Desk, clock: Clock) -> Iterator[Desk]:
    """Return the venue, of which nothing was asked yet."""
    del clock
    yield opened
    opened.venue.weights = Weights.by(Clock())
    opened.client(BOT)("DELETE", "openOrders", **SYMBOL)


@pytest.fixture
def bot(desk: Desk) -> Client:
    """Return the client whose orders are counted."""
    return desk.client(BOT)


def used(reply: Reply) -> int:
    """Return the weight that a reply says was used."""
    found = reply.headers[USED]
    assert reply.headers.get("x-mbx-used-weight", found) == found
    return int(found)


def test_every_reply_says_what_was_used(desk: Desk, bot: Client) -> None:
    replies = [
        (200, desk.get("ping"), 1),
        (400, desk.get("depth", symbol="NOSUCH"), 5),
        (400, desk.get("depth", symbol="BTCUSDT", limit="x"), 1),
        (401, desk.ask("GET", "/api/v3/account"), 20),
        (404, desk.get("nothing"), 1),
        (405, desk.ask("POST", "/api/v3/ping"), 1),
        (413, desk.ask("POST", "/api/v3/order", b"", b"x" * 5_000), 1),
        (414, desk.ask("GET", "/api/v3/ping", b"x" * 5_000), 1),
        (200, bot("POST", "order", **LIMIT), 1),
        (400, bot("POST", "order", **LIMIT | {"quantity": "0.0000001"}), 1),
        (200, desk.ask("GET", "/openapi.json"), 1),
        (200, desk.ask("GET", "/book/BTCUSDT"), 5),
        (401, desk.ask("GET", "/accounts/me"), 20),
        (404, desk.ask("GET", "/nothing"), 1),
        (405, desk.ask("PUT", "/openapi.json"), 1),
        (413, desk.ask("POST", "/order", b"", b"x" * 5_000), 1),
        (414, desk.ask("GET", "/openapi.json", b"x" * 5_000), 1),
    ]
    total = 0
    for status, reply, weight in replies:
        total += weight
        assert (reply.status, used(reply)) == (status, total), reply


def test_a_reply_that_nobody_can_give_now_says_it_too(
    desk: Desk, bot: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lags(*_: object) -> None:
        raise ProjectionLagging("history", 1, 0)

    monkeypatch.setattr(type(desk.venue.history), "wait", lags)
    reply = bot("GET", "allOrders", **SYMBOL)
    assert (reply.error[:2], used(reply)) == ((503, -1007), 20)


@pytest.mark.parametrize(
    ("path", "said", "weight"),
    [
        *(("depth", SYMBOL | {"limit": levels}, 5) for levels in (1, 100)),
        *(("depth", SYMBOL | {"limit": levels}, 25) for levels in (101, 500)),
        *(("depth", SYMBOL | {"limit": levels}, 50) for levels in (501, 1_000)),
        *(("depth", SYMBOL | {"limit": levels}, 250) for levels in (1_001, 5_000, 9_000)),
        ("depth", SYMBOL, 5),
        ("ticker/price", SYMBOL, 2),
        ("ticker/price", {"symbols": '["BTCUSDT"]'}, 4),
        ("ticker/price", {"symbols": '["BTCUSDT","ETHUSDT"]'}, 4),
        ("ticker/price", {}, 4),
        ("ticker/bookTicker", SYMBOL, 2),
        ("ticker/bookTicker", {}, 4),
        ("ticker/24hr", SYMBOL, 2),
        ("ticker/24hr", {"symbols": '["BTCUSDT","ETHUSDT"]'}, 2),
        ("ticker/24hr", {}, 80),
        ("exchangeInfo", {}, 20),
        ("klines", SYMBOL | {"interval": "1m"}, 2),
        ("trades", SYMBOL, 25),
        ("aggTrades", SYMBOL, 4),
    ],
)
def test_what_a_call_of_everybody_weighs(
    desk: Desk, path: str, said: dict[str, object], weight: int
) -> None:
    reply = desk.get(path, **said)
    assert (reply.status, used(reply)) == (200, weight)


@pytest.mark.parametrize(
    ("path", "said", "weight"),
    [
        ("openOrders", SYMBOL, 6),
        ("openOrders", {}, 80),
        ("myTrades", SYMBOL, 20),
        ("myTrades", SYMBOL | {"orderId": 1}, 5),
        ("allOrders", SYMBOL, 20),
        ("account", {}, 20),
        ("rateLimit/order", {}, 40),
        ("openOrderList", {}, 6),
        ("allOrderList", {}, 20),
        ("/orders", SYMBOL, 6),
        ("/orders", {}, 6),
        ("/orders", SYMBOL | {"ended": "true"}, 20),
        ("/accounts/me", {}, 20),
    ],
)
def test_what_a_call_with_a_key_weighs(
    bot: Client, path: str, said: dict[str, object], weight: int
) -> None:
    reply = bot("GET", path, **said)
    assert (reply.status, used(reply)) == (200, weight)


def spend(desk: Desk, address: str = HERE) -> Reply:
    """Use all the weight of a minute, and ask for more; return what is told."""
    for _ in range(4):
        assert desk.ask("GET", "/api/v3/depth", ALL, address=address).status == 200
    return desk.ask("GET", "/api/v3/ping", address=address)


ALL = b"symbol=BTCUSDT&limit=5000"
TOO_HEAVY = (
    429,
    -1003,
    "Too much request weight used; current limit is 1000 request weight per 1 MINUTE.",
)


def test_who_used_its_weight_is_told_when_the_minute_ends(desk: Desk, clock: Clock) -> None:
    clock.now_ms = T + 17_500
    reply = spend(desk)
    assert reply.error == TOO_HEAVY
    assert (used(reply), reply.headers["retry-after"]) == (1_000, "43")
    clock.now_ms = T + MINUTE - 1
    plain = desk.ask("GET", "/openapi.json")
    assert (plain.status, plain.body["reason"]) == (429, "too_many_requests")
    assert (used(plain), plain.headers["retry-after"]) == (1_000, "1")
    clock.now_ms = T + MINUTE
    assert used(desk.get("ping")) == 1


def test_weight_is_an_addresss_whatever_its_keys(desk: Desk, bot: Client) -> None:
    spend(desk)
    for client in (bot, desk.client(MAKER)):
        assert client("GET", "account").error == TOO_HEAVY
    elsewhere = Client(desk, bot.key, "192.0.2.1")
    assert used(elsewhere("GET", "account")) == 20
    mapped = Client(desk, bot.key, "::ffff:192.0.2.1")
    assert used(mapped("GET", "account")) == 40


def test_a_network_of_ipv6_is_one_address(desk: Desk) -> None:
    assert spend(desk, "2001:db8:1:2::1").status == 429
    for address, status in (
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", 429),
        ("2001:db8:1:3::1", 200),
        ("2001:db8:1:1:ffff:ffff:ffff:ffff", 200),
    ):
        for path in ("/api/v3/ping", "/openapi.json"):
            assert desk.ask("GET", path, address=address).status == status


def test_requests_are_counted_whatever_they_weigh(desk: Desk, clock: Clock) -> None:
    for _ in range(60):
        assert desk.get("ping").status == 200
    clock.now_ms = T + 4 * MINUTE
    reply = desk.get("ping")
    text = "Too many requests; current limit is 60 requests per 5 MINUTE."
    assert reply.error == (429, -1003, text)
    assert (used(reply), reply.headers["retry-after"]) == (0, "60")
    clock.now_ms = T + 5 * MINUTE
    assert desk.get("ping").status == 200


def banned_after_spending(desk: Desk) -> Reply:
    """Use all the weight of a minute, and go on regardless until that is a ban."""
    assert spend(desk).status == 429
    for _ in range(2):
        assert desk.get("ping").status == 429
    return desk.get("ping")


def test_bans_lengthen_and_end(desk: Desk, clock: Clock) -> None:
    for length_s in (120, 240, 400, 400):
        clock.now_ms = -(-clock.now_ms // (5 * MINUTE)) * 5 * MINUTE
        reply = banned_after_spending(desk)
        until_ms = clock.now_ms + length_s * 1_000
        text = f"Way too much request weight used; IP banned until {until_ms}."
        assert reply.error == (418, -1003, text)
        assert reply.headers["retry-after"] == str(length_s)
        clock.now_ms = until_ms - 1_500
        for path in ("/api/v3/ping", "/openapi.json", "/nothing", "/api/v3/nothing"):
            told = desk.ask("GET", path)
            assert (told.status, told.headers["retry-after"]) == (418, "2")
        assert desk.ask("GET", "/api/v3/ping", address="192.0.2.1").status == 200
        clock.now_ms = until_ms
        assert desk.get("ping").status == 200
    clock.now_ms += 10 * MINUTE
    clock.now_ms = -(-clock.now_ms // (5 * MINUTE)) * 5 * MINUTE
    assert banned_after_spending(desk).headers["retry-after"] == "120"


def counts(reply: Reply) -> tuple[int, int]:
    """Return how many orders a reply says were sent, in ten seconds and on the day."""
    headers = reply.headers
    return int(headers["x-mbx-order-count-10s"]), int(headers["x-mbx-order-count-1d"])


def has_counts(reply: Reply) -> bool:
    """Return whether a reply tells of orders sent."""
    return any(name.startswith("x-mbx-order-count") for name in reply.headers)


TOO_MANY = (429, -1015, "Too many new orders; current limit is 5 orders per 10 SECOND.")
TOO_MANY_A_DAY = (429, -1015, "Too many new orders; current limit is 8 orders per 1 DAY.")


def test_accepted_orders_are_counted_and_refused_ones_are_not(bot: Client) -> None:
    assert counts(bot("POST", "order", **LIMIT)) == (1, 1)
    refused = bot("POST", "order", **LIMIT | {"quantity": "5000"})
    assert (refused.error[1], has_counts(refused)) == (-2010, False)
    assert not has_counts(bot("POST", "order", **LIMIT | {"price": "x"}))
    assert not has_counts(bot("POST", "order/test", **LIMIT))
    assert not has_counts(bot("GET", "openOrders", **SYMBOL))
    told = bot("POST", "order", **LIMIT)
    assert counts(told) == (2, 2)
    change = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": told.body["orderId"]}
    assert counts(bot("POST", "order/cancelReplace", **LIMIT | change)) == (3, 3)
    told = bot("GET", "rateLimit/order").body
    assert [each["count"] for each in told] == [3, 3]
    assert bot("GET", "/accounts/me").body["orders_10s"] == 3


def test_orders_are_counted_by_account(desk: Desk, bot: Client, clock: Clock) -> None:
    same = desk.client(BOT, "trade", address="192.0.2.1")
    for place in range(5):
        assert counts((bot, same)[place % 2]("POST", "order", **LIMIT)) == (place + 1, place + 1)
    clock.now_ms = T + 7_200
    for client in (bot, same):
        reply = client("POST", "order", **LIMIT)
        assert reply.error == TOO_MANY
        assert reply.headers["retry-after"] == "3"
        assert not has_counts(reply)
    assert counts(desk.client(MAKER)("POST", "order", **LIMIT)) == (1, 1)
    assert bot("GET", "openOrders", **SYMBOL).status == 200
    assert bot("DELETE", "openOrders", **SYMBOL).status == 200
    clock.now_ms = T + TEN
    assert counts(bot("POST", "order", **LIMIT)) == (1, 6)


def test_a_list_counts_as_its_orders_and_fits_whole_or_not_at_all(bot: Client) -> None:
    oco = SYMBOL | {
        "side": "SELL",
        "quantity": "0.01",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "64000",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "50100",
    }
    for sent in (2, 4):
        assert counts(bot("POST", "orderList/oco", **oco)) == (sent, sent)
    assert bot("POST", "orderList/oco", **oco).error == TOO_MANY
    assert counts(bot("POST", "order", **LIMIT)) == (5, 5)


def test_a_day_holds_its_orders(bot: Client, clock: Clock) -> None:
    for place in range(8):
        clock.now_ms = T + place * TEN
        assert counts(bot("POST", "order", **LIMIT)) == (1, place + 1)
    clock.now_ms = T + DAY - 2 * TEN
    reply = bot("POST", "order", **LIMIT)
    assert reply.error == TOO_MANY_A_DAY
    assert reply.headers["retry-after"] == "20"
    clock.now_ms = T + DAY
    assert counts(bot("POST", "order", **LIMIT)) == (1, 1)


def test_plain_orders_count_with_the_others(desk: Desk, bot: Client) -> None:
    headers = {"authorization": f"Bearer {bot.key.api_key}.{bot.key.secret}"}
    body = b'{"symbol":"BTCUSDT","side":"buy","quantity":"0.01","price":"50000"}'

    def placed() -> Reply:
        return desk.ask("POST", "/order", b"", body, headers=headers)

    for _ in range(3):
        assert placed().status == 201
    assert counts(bot("POST", "order", **LIMIT)) == (4, 4)
    assert placed().status == 201
    reply = placed()
    assert (reply.status, reply.body["reason"]) == (429, "too_many_orders")
    assert reply.headers["retry-after"] == "10"
    assert bot("POST", "order", **LIMIT).error == TOO_MANY
