"""Goal: a refusal speaks of what the client sent, in its names, and never of the engine's.

Method: every refusal that the engine has is told on every route; then real ones are provoked on
every route of administrators and on orders, and compared with what was sent.
"""

import re
from typing import Any

import pytest

from outcry.errors import InvalidValue, OutcryError, RequestRepeated, UnknownAsset, rejection
from outcry.exchange import Exchange
from outcry.gateways.plain.naming import Naming, sent_names
from outcry.gateways.plain.problem import of_exchange
from outcry.gateways.plain.route import PlainRoute
from outcry.protocol import CommandKind, RejectReason
from tests.gateways.desk import Desk
from tests.gateways.plain.conftest import Caller, caller_of
from tests.gateways.plain.test_access import ROUTES, name_of
from tests.gateways.serving import BOT

INTERNAL = re.compile(
    r"_mantissa|_ticks|_lots|_asset|_sequence|_ns\b|request_id|account_state|flags|stop_unit|legs"
    r"|order_type|instrument:|\d \((buy|limit|gtc|none|rise|price)\)"
)
KINDS = (CommandKind.NEW, CommandKind.ADD_INSTRUMENT, CommandKind.DEPOSIT)
COMMANDING = [route for route in ROUTES if route.method != "GET"]


@pytest.mark.parametrize("route", COMMANDING, ids=name_of)
def test_every_refusal_of_the_engine_is_told_by_names_of_the_route(route: PlainRoute) -> None:
    naming = Naming(route.names(), {})
    for kind in KINDS:
        for reason in RejectReason:
            problem = of_exchange(rejection(kind, reason, 5, 7, 9), naming)
            told = (problem.field or "").split(", ")
            assert problem.field is None or route.names().issuperset(told), reason
            text = problem.detail.replace(str(reason), "")
            assert not INTERNAL.search(f"{text} {problem.bound}"), problem.detail
            assert problem.reason == str(reason)


@pytest.mark.parametrize("route", COMMANDING, ids=name_of)
def test_repeats_and_values_are_told_by_names_of_the_route(route: PlainRoute) -> None:
    naming = Naming(route.names(), {})
    errors: list[OutcryError] = [RequestRepeated(0, first, 0) for first in (0, 12)]
    errors += [InvalidValue(field, "x", "must be y") for field in ("expire_time_ns", "withdrawal")]
    for error in (*errors, UnknownAsset("X")):
        problem = of_exchange(error, naming)
        assert problem.field is None or problem.field in route.names()
        assert not INTERNAL.search(problem.detail), problem.detail


def test_what_was_sent_is_read_of_every_part_of_a_request() -> None:
    body = b'{"tick": "1", "filters": {"price_max": "2"}, "next": null}'
    sent = sent_names({"symbol": "BTC"}, {"idempotency-key": "k", "other": "x"}, None, body)
    assert sent.keys() == {
        *("symbol", "idempotency-key", "tick", "filters", "filters.price_max", "next"),
    }
    for bad in (b"", b"[]", b"{", b"\xff", b"[" * 100_000):
        assert sent_names({}, {}, None, bad) == {}


@pytest.fixture(scope="module")
def admin(desk: Desk) -> Caller:
    caller = caller_of(desk, 9, "admin")
    for number, name in enumerate(("EUR", "XAU"), 1):
        made = caller("POST", "/admin/assets", {"name": name, "decimals": 2})
        assert made.status == 201
        caller("POST", "/admin/deposits", paid(number, asset=name))
    assert caller("POST", "/admin/instruments", PAIR).status == 201
    frozen = caller("PUT", "/admin/accounts/20", {"state": "frozen"})
    assert frozen.status == 200
    return caller


def paid(number: int, **fields: object) -> dict[str, object]:
    usual = {"account": BOT, "asset": "EUR", "amount": "100.00", "source": 5}
    return usual | {"source_number": number} | fields


def moved(number: int, **fields: object) -> dict[str, object]:
    usual = {"payer": BOT, "payee": 2, "asset": "EUR", "amount": "1", "source": 6}
    return usual | {"source_number": number} | fields


PAIR = {"symbol": "XAUEUR", "base": "XAU", "quote": "EUR", "tick": "0.01", "lot": "1"}
TERMS = {"tick": "0.01", "lot": "1"}
A, N, P = "/admin/assets", "/admin/instruments", "/admin/instruments/XAUEUR"
D, T, W = "/admin/deposits", "/admin/transfers", "/admin/accounts/1/withdrawals"
SETTLED = {"posted": True, "source": 5, "source_number": 900}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason", "field"),
    [
        ("POST", A, {"name": "EUR", "decimals": 2}, 409, "asset_exists", "name"),
        ("POST", A, {"name": "E R", "decimals": 2}, 400, "invalid_value", "name"),
        ("POST", N, PAIR, 409, "instrument_exists", "symbol"),
        ("POST", N, PAIR | {"symbol": "A", "base": "NO"}, 404, "unknown_asset", "base"),
        ("POST", N, PAIR | {"symbol": "A", "quote": "NO"}, 404, "unknown_asset", "quote"),
        (
            "POST",
            N,
            PAIR | {"symbol": "A", "base": "EUR"},
            422,
            "invalid_instrument",
            "base, quote",
        ),
        ("POST", N, PAIR | {"symbol": "A B"}, 400, "invalid_value", "symbol"),
        ("POST", N, PAIR | {"symbol": "A", "tick": "0.001"}, 422, "inexact_value", "tick, lot"),
        (
            "POST",
            N,
            PAIR | {"symbol": "A", "lot": "0.001", "tick": "10"},
            422,
            "inexact_lot",
            "lot",
        ),
        (
            *("POST", N, PAIR | {"symbol": "A", "base_decimals": 3}),
            *(422, "asset_decimals", "base_decimals, quote_decimals"),
        ),
        ("PUT", P, TERMS | {"tick": "0"}, 400, "invalid_value", "tick"),
        (
            *("PUT", P, TERMS | {"filters": {"price_max": "1.001"}}),
            *(400, "invalid_value", "filters.price_max"),
        ),
        (
            *("PUT", P, TERMS | {"filters": {"price_min": "2", "price_max": "1"}}),
            *(422, "invalid_filter", "filters"),
        ),
        (
            *("PUT", P, TERMS | {"filters": {"price_max": "1" * 16, "quantity_max": "1" * 18}}),
            *(422, "value_too_large", "filters.price_max, filters.quantity_max"),
        ),
        ("PUT", "/admin/instruments/NO", TERMS, 404, "unknown_symbol", "symbol"),
        ("PUT", f"{N}/BTCUSDT", {"tick": "0.1", "lot": "1"}, 409, "instrument_not_halted", "tick"),
        ("PUT", f"{N}/NO/state", {"state": "halted"}, 404, "unknown_symbol", "symbol"),
        ("PUT", f"{P}/reference", {"price": "1.001"}, 400, "invalid_value", "price"),
        ("POST", f"{N}/NO/end-session", None, 404, "unknown_symbol", "symbol"),
        ("GET", "/admin/accounts/7000", None, 404, "unknown_account", "account"),
        (
            *("PUT", "/admin/accounts/4294967295", {}),
            *(422, "account_reserved", "account"),
        ),
        (
            "PUT",
            "/admin/accounts/5",
            {"taker_rate_ppm": -1},
            400,
            "invalid_value",
            "taker_rate_ppm",
        ),
        ("POST", "/admin/accounts/7000/freeze", None, 404, "unknown_account", "account"),
        ("POST", D, paid(100, account=7000), 422, "unknown_account", "account"),
        ("POST", D, paid(101, asset="NO"), 404, "unknown_asset", "asset"),
        ("POST", D, paid(102, amount="0"), 400, "invalid_value", "amount"),
        ("POST", D, paid(103, amount="0.001"), 400, "invalid_value", "amount"),
        ("POST", D, paid(1), 409, "repeated", "source_number"),
        ("POST", T, moved(1, payer=7000), 422, "unknown_account", "payer"),
        ("POST", T, moved(2, payee=7000), 422, "unknown_account", "payee"),
        ("POST", T, moved(3, payer=20), 422, "account_frozen", "payer"),
        ("POST", T, moved(4, payee=BOT), 400, "invalid_value", "payee"),
        ("POST", T, moved(5, amount="999999"), 422, "insufficient_balance", "amount"),
        ("POST", T, moved(6, asset="NO"), 404, "unknown_asset", "asset"),
        ("POST", W, {"asset": "EUR", "amount": "999999"}, 422, "insufficient_balance", "amount"),
        ("POST", W, {"asset": "NO", "amount": "1"}, 404, "unknown_asset", "asset"),
        (
            *("POST", "/admin/accounts/20/withdrawals", {"asset": "EUR", "amount": "1"}),
            *(422, "account_frozen", "account"),
        ),
        (
            *("POST", "/admin/accounts/7000/withdrawals", {"asset": "EUR", "amount": "1"}),
            *(422, "unknown_account", "account"),
        ),
        (
            "POST",
            "/admin/withdrawals/1/settle",
            SETTLED,
            422,
            "unknown_withdrawal",
            "withdrawal_id",
        ),
    ],
)
def test_an_administrator_is_told_what_was_sent(
    *, admin: Caller, method: str, path: str, body: object, status: int, reason: str, field: str
) -> None:
    reply = admin(method, path, body)
    told = reply.body
    assert (reply.status, told.get("reason"), told.get("field")) == (status, reason, field)
    assert told["detail"].startswith(f"{field}: "), told["detail"]
    text = told["detail"].replace(reason, "")
    assert not INTERNAL.search(f"{text} {told.get('bound')}"), told


ORDER = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.5", "price": "50000"}
STOP = ORDER | {"type": "stop", "price": None, "stop": "70000", "trigger": "rise"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"quantity": "900"}, "quantity"),
        ({"type": "market", "price": None, "quantity": None, "amount": "9999999999"}, "amount"),
        ({"quantity": "0.00001", "price": "1"}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"price": None}, "price"),
        ({"symbol": "NO"}, "symbol"),
        ({"post_only": True, "price": "70000"}, "price"),
        ({"post_only": True, "type": "market", "price": None}, "post_only"),
        ({"time_in_force": "gtc", "type": "market", "price": None}, "time_in_force"),
        ({"time_in_force": "gtd"}, "expire_ms"),
        ({"expire_ms": 1}, "expire_ms"),
        ({"expire_ms": 253_402_300_799_999, "time_in_force": "gtd"}, "expire_ms"),
        ({"display": "0.6"}, "display"),
        ({"display": "0.00001"}, "display"),
        ({"trigger": "rise"}, "trigger"),
        ({"stop": "70000"}, "stop"),
        (STOP | {"trigger": None}, "trigger"),
        (STOP | {"trigger": "fall"}, "stop"),
        (STOP | {"stop": None}, "stop"),
        ({"client_order_id": "twice"}, "client_order_id"),
    ],
)
def test_whoever_orders_is_told_what_was_sent(
    desk: Desk, fields: dict[str, object], field: str
) -> None:
    bot = caller_of(desk, BOT, "trade")
    if "client_order_id" in fields:
        assert bot("POST", "/order", ORDER | fields).status == 201
    reply = bot("POST", "/order", {**ORDER, **fields})
    told = reply.body
    assert reply.status in (400, 404, 422)
    assert told.get("field") == field, told
    text = told["detail"].replace(told["reason"], "")
    assert not INTERNAL.search(f"{text} {told.get('bound')}"), told


def test_what_is_the_account_s_own_has_no_field(desk: Desk, admin: Caller) -> None:
    frozen = caller_of(desk, 20, "trade")
    told = frozen("POST", "/order", ORDER).body
    assert (told["reason"], told.get("field")) == ("account_frozen", None)
    assert admin("GET", "/admin/accounts/20").status == 200


def test_two_assets_at_once_are_both_added(desk: Desk, admin: Caller) -> None:
    import asyncio  # noqa: PLC0415 - the only test that asks at once

    async def both() -> list[int]:
        token = {"authorization": f"Bearer {admin.key.api_key}.{admin.key.secret}"}
        replies = await asyncio.gather(
            *(
                desk.asked(
                    "POST",
                    "/admin/assets",
                    b"",
                    b'{"name": "%s", "decimals": 2}' % name,
                    headers=token,
                )
                for name in (b"AA", b"BB", b"CC")
            )
        )
        return [reply.status for reply in replies]

    assert desk.run(both()) == [201, 201, 201]


def test_every_account_tells_its_money_and_the_fees_are_there(desk: Desk, admin: Caller) -> None:
    bot = caller_of(desk, BOT, "trade")
    assert bot("POST", "/order", ORDER | {"type": "market", "price": None}).status == 201
    found: list[dict[str, Any]] = []
    start: int | None = 1
    while start is not None:
        page = admin("GET", f"/admin/accounts?limit=2&from_account={start}").body
        assert 1 <= len(page["accounts"]) <= 2
        found += page["accounts"]
        start = page["next_from_account"]
    assert found == [admin("GET", f"/admin/accounts/{each['account']}").body for each in found]
    numbers = [each["account"] for each in found]
    assert numbers == sorted(numbers)
    assert {1, 2, 20, 4_294_967_295} <= set(numbers)
    exchange: Exchange = desk.venue.opened
    outside = exchange.balances(0)
    for name, balance in outside.items():
        amounts = [
            exchange.parts.registry.asset(name).units(text) if float(text) else 0
            for account in found
            for each in account["balances"]
            if each["asset"] == name
            for text in (each["available"], each["held"])
        ]
        owed = exchange.parts.registry.asset(name).units(-balance.available)
        assert sum(amounts) == owed, name


def test_pages_of_accounts_are_bounded(admin: Caller) -> None:
    for query in ("limit=0", "from_account=0", "from_account=x", "colour=red"):
        reply = admin("GET", f"/admin/accounts?{query}")
        assert (reply.status, reply.body["field"]) == (400, query.partition("=")[0])
