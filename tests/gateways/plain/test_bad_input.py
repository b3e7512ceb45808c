"""Goal: whatever a client sends, it is told what was wrong, and the server stays.

Method: bodies, queries and paths that are none, too long or too deep go to every route that takes
them; each is answered 4xx by a problem document, as random ones are.
"""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.gateways.plain.problem import MEDIA_TYPE
from outcry.gateways.plain.route import PlainRoute
from tests.gateways.plain.conftest import Asker
from tests.gateways.plain.test_access import ROUTES, name_of, path_of

WITH_BODY = [route for route in ROUTES if route.body is not None]
READS = [route for route in ROUTES if route.method == "GET" and "{file}" not in route.path]


def asker_of(scope: str, bot: Asker, withdrawer: Asker, admin: Asker) -> Asker:
    return {"withdraw": withdrawer, "admin": admin}.get(scope, bot)


@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b'{"symbol": NaN}',
        b'{"symbol": "\xff"}',
        b"\xff\xfe\x00",
        b'{"amount": 1' + b"0" * 60_000 + b"}",
        b'{"amount": "1' + b"0" * 60_000 + b'"}',
        b'{"unknown": ' + b"[" * 30_000,
        b'{"symbol": ' + b'{"a":' * 10_000,
        b"symbol=BTCUSDT&side=buy",
        b'{"colour": "red"}',
    ],
    ids=lambda body: repr(body[:16]),
)
def test_a_body_that_is_none(
    route: PlainRoute, body: bytes, bot: Asker, withdrawer: Asker, admin: Asker
) -> None:
    assert route.scope is not None
    asker = asker_of(route.scope.names[0], bot, withdrawer, admin)
    assert asker.key is not None
    headers = {"authorization": f"Bearer {asker.key.api_key}.{asker.key.secret}"}
    answer = asker.client.request(route.method, path_of(route), headers=headers, content=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == MEDIA_TYPE
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, told["reason"]


def test_what_is_too_long(bot: Asker) -> None:
    body = b'{"symbol":"' + b"x" * 70_000 + b'"}'
    assert problem(bot.client.post("/order", content=body)) == (413, "body_too_long")
    query = "x=" + "y" * 17_000
    assert problem(bot.client.get(f"/instruments?{query}")) == (414, "query_too_long")
    assert bot.client.get(f"/book/{'x' * 9_000}").status_code == 404


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/book/BTCUSDT?levels=0", (400, "invalid_value")),
        ("/book/BTCUSDT?levels=-1", (400, "invalid_value")),
        ("/book/BTCUSDT?levels=1.5", (400, "invalid_value")),
        ("/book/BTCUSDT?levels=" + "9" * 5_000, (400, "invalid_value")),
        ("/book/BTCUSDT?levels=1&levels=2", (400, "invalid_query")),
        ("/book/BTCUSDT?colour=red", (400, "invalid_value")),
        ("/book/BTCUSDT?levels=%ff", (400, "invalid_query")),
        ("/book/%ff", (404, "unknown_symbol")),
        ("/book/%00", (404, "unknown_symbol")),
        ("/book/", (404, "unknown_symbol")),
        ("/healthz?x=1", (400, "invalid_value")),
        ("/candles/BTCUSDT?interval=2m", (400, "invalid_value")),
        ("/trades/BTCUSDT?from_id=18446744073709551616", (400, "invalid_value")),
        ("/nowhere", (404, "unknown_route")),
        ("//", (404, "unknown_route")),
        ("/docs/x", (404, "unknown_file")),
    ],
)
def test_a_path_or_query_that_is_none(nobody: Asker, path: str, expected: tuple[int, str]) -> None:
    assert problem(nobody.ask("GET", path)) == expected


@pytest.mark.parametrize("order_id", ["x", "-1", "1.0", "9" * 30, "9" * 9_000, "%D9%A1", "0x10"])
def test_an_order_id_that_is_none(bot: Asker, order_id: str) -> None:
    for method in ("GET", "DELETE"):
        assert problem(bot.ask(method, f"/order/{order_id}")) == (400, "invalid_value")


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "PUT"])
def test_a_method_that_no_route_has(nobody: Asker, method: str) -> None:
    assert problem(nobody.ask(method, "/order")) == (405, "method")


@pytest.mark.parametrize("route", READS, ids=name_of)
def test_a_head_has_no_body(nobody: Asker, route: PlainRoute) -> None:
    answer = nobody.client.head(path_of(route))
    assert answer.content == b""
    assert answer.status_code in (200, 401, 503)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=50),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(["buy", "sell", "limit", "market", "stop", "stop_limit", "gtc", "ioc", "gtd"]),
    st.sampled_from(["1", "0.5", "60000", "50000.01", "0", "BTCUSDT", "rise", "decrement"]),
)
FIELDS = [
    *("symbol", "side", "type", "quantity", "price", "amount", "time_in_force", "post_only"),
    *("self_trade", "display", "stop", "trigger", "trail", "trail_ppm", "expire_ms"),
    "client_order_id",
]


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8))
def test_no_order_breaks_the_server(bot: Asker, fields: dict[str, object]) -> None:
    body = {"symbol": "BTCUSDT", "side": "sell", "quantity": "0.5", "price": "90000"} | fields
    content = json.dumps(body).encode()
    assert bot.key is not None
    headers = {"authorization": f"Bearer {bot.key.api_key}.{bot.key.secret}"}
    answer = bot.client.post("/order", content=content, headers=headers)
    assert answer.status_code in (201, 400, 404, 422), (body, answer.text)


QUERIES = st.dictionaries(
    st.sampled_from(["from", "to", "limit", "interval", "fill", "unit", "from_id", "row_size"]),
    st.one_of(
        st.integers(-10, 10**14).map(str),
        st.sampled_from(["1m", "1s", "1M", "true", "base", "0.5", "2026-01-01", "", "1d"]),
        st.text(max_size=20),
    ),
    max_size=4,
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=QUERIES, name=st.sampled_from(["candles", "orderflow", "profile", "trades", "book"]))
def test_no_question_breaks_the_server(nobody: Asker, query: dict[str, str], name: str) -> None:
    answer = nobody.client.get(f"/{name}/BTCUSDT", params=query)
    assert answer.status_code in (200, 400), (name, query, answer.text)
