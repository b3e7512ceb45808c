"""Goal: a route is reached with the right key alone, and nobody's order but one's own.

Method: every route is asked without a key, with keys of each other scope, and with another
account's key; signatures are made as clients of the spot API make them.
"""

import hashlib
import hmac
import time

import pytest

from outcry.gateways.connections import Connections
from outcry.gateways.keys import Networks
from outcry.gateways.plain.access import require_network
from outcry.gateways.plain.application import plain_routes
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.problem import ProblemError
from outcry.gateways.plain.route import PlainRoute
from outcry.gateways.plain.service import Service
from outcry.settings import ServeSettings
from tests.gateways.plain.conftest import Asker

ROUTES = plain_routes(Service(Connections.of(ServeSettings()), lambda: b""))
GUARDED = [route for route in ROUTES if route.scope is not None]
NAMES = {"symbol": "BTCUSDT", "order_id": "1", "account": "1", "withdrawal_id": "1", "file": "x"}


def path_of(route: PlainRoute) -> str:
    return route.path.format(**NAMES)


def name_of(route: PlainRoute) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
def test_a_guarded_route_asks_for_a_key(nobody: Asker, route: PlainRoute) -> None:
    answer = nobody.ask(route.method, path_of(route), {})
    assert (answer.status_code, answer.json()["reason"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
def test_a_key_of_another_scope_does_not_do(
    route: PlainRoute, bot: Asker, withdrawer: Asker, admin: Asker
) -> None:
    assert route.scope is not None
    (scope,) = route.scope.names
    others = [
        asker
        for asker, scopes in ((bot, "read trade"), (withdrawer, "read withdraw"), (admin, "admin"))
        if scope not in scopes
    ]
    assert others
    for other in others:
        answer = other.ask(route.method, path_of(route), {})
        assert (answer.status_code, answer.json()["bound"]) == (403, scope)


@pytest.mark.parametrize(
    "token",
    ["Bearer", "Bearer x", "Bearer x.y", "Basic eDp5", "", "Bearer " + "x" * 5_000, "Bearer ä.ö"],
)
def test_a_wrong_token_is_nobody(nobody: Asker, token: str) -> None:
    raw = {b"authorization": token.encode("latin-1")}
    answer = nobody.client.get("/accounts/me", headers=raw)
    assert answer.status_code == 401


def test_another_account_s_order_is_neither_seen_nor_cancelled(bot: Asker, maker: Asker) -> None:
    order = bot.order()
    path = f"/order/{order['order_id']}"
    for method in ("GET", "DELETE"):
        answer = maker.ask(method, path)
        assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_order")
    listed = maker.ask("GET", "/orders?limit=1000").json()["orders"]
    assert order["order_id"] not in [each["order_id"] for each in listed]
    ended = maker.ask("GET", "/orders?ended=true&symbol=BTCUSDT&limit=1000").json()["orders"]
    assert order["order_id"] not in [each["order_id"] for each in ended]
    assert bot.ask("GET", path).json()["order"]["status"] == "open"


def test_an_account_sees_its_own_balances(bot: Asker, maker: Asker) -> None:
    own, other = (asker.ask("GET", "/accounts/me").json() for asker in (bot, maker))
    assert (own["account"], other["account"]) == (1, 2)
    assert own["balances"] != other["balances"]
    assert own["scopes"] == ["read", "trade"]


class TestSigned:
    def ask(self, bot: Asker, query: str, body: bytes = b"", method: str = "GET") -> int:
        assert bot.key is not None
        assert bot.key.secret is not None
        signed = hmac.new(bot.key.secret.encode(), query.encode() + body, hashlib.sha256)
        answer = bot.client.request(
            method,
            f"/{'order' if method == 'POST' else 'accounts/me'}?{query}"
            f"&signature={signed.hexdigest()}",
            content=body or None,
            headers={"X-MBX-APIKEY": bot.key.api_key},
        )
        return answer.status_code

    def test_a_signed_call_needs_no_secret_on_its_way(self, bot: Asker) -> None:
        assert self.ask(bot, f"timestamp={time.time_ns() // 1_000_000}") == 200

    def test_the_body_is_signed_as_it_is(self, bot: Asker) -> None:
        query = f"timestamp={time.time_ns() // 1_000_000}"
        body = b'{"symbol":"BTCUSDT","side":"buy","quantity":"1","price":"5"}'
        assert self.ask(bot, query, body, "POST") == 201
        assert self.ask(bot, query, body + b"x", "POST") == 400

    @pytest.mark.parametrize("query", ["timestamp=1", "timestamp=x", "recvWindow=5000"])
    def test_it_must_be_in_time(self, bot: Asker, query: str) -> None:
        assert self.ask(bot, query) == 400

    def test_a_wrong_signature_is_refused(self, bot: Asker) -> None:
        assert bot.key is not None
        query = f"timestamp={time.time_ns() // 1_000_000}&signature={'0' * 64}"
        headers = {"X-MBX-APIKEY": bot.key.api_key}
        assert bot.client.get(f"/accounts/me?{query}", headers=headers).status_code == 401


class FromElsewhere(PlainCall):
    def __init__(self, address: str) -> None:
        self.address = address  # type: ignore[misc]


@pytest.mark.parametrize(
    ("networks", "address", "is_allowed"),
    [
        (("127.0.0.0/8", "::1"), "127.0.0.1", True),
        (("127.0.0.0/8", "::1"), "::1", True),
        (("127.0.0.0/8", "::1"), "::ffff:127.0.0.1", True),
        (("127.0.0.0/8", "::1"), "192.0.2.1", False),
        (("127.0.0.0/8", "::1"), "", False),
        ((), "127.0.0.1", False),
    ],
)
def test_administration_is_reached_from_its_networks(
    networks: tuple[str, ...], address: str, is_allowed: bool
) -> None:
    call = FromElsewhere(address)
    known = Networks(networks) if networks else None
    if is_allowed:
        require_network(known, call)
        return
    with pytest.raises(ProblemError, match="admin_networks") as raised:
        require_network(known, call)
    assert raised.value.status == 403
