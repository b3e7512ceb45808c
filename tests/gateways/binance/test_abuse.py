"""Whatever a client says, the answer is its fault or 503: never another 5xx.

Goal: no request gets past the checks to something that fails. Method: Hypothesis makes requests of
every route with parameters that are nearly right, and signs them, so that they reach the exchange;
raw bytes test what lies before. Ends when the examples of the profile are through.
"""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.gateways.binance import ROUTES
from outcry.gateways.binance.words import ORDER_TYPES
from tests.gateways.desk import Client, Desk, Reply

U64 = (1 << 64) - 1
TIMES = (0, 1, 999, 1_700_000_000_000, 253_402_300_799_999, (1 << 63) // 10**6, 1 << 63, U64)
NUMBERS = st.one_of(
    st.sampled_from(
        ["0", "1", "-1", "1e5", "NaN", "Infinity", "-0", "1.", ".1", "0.00000001", "00001", "1_0"]
    ),
    st.sampled_from([str(number) for number in TIMES]),
    st.sampled_from(
        ["9" * 20, "9" * 21, "9" * 5_000, "0." + "0" * 19 + "1", "99999999999.99999999"]
    ),
    st.integers(0, 3_000).map(str),
    st.decimals("0.00001", "70000", places=5).map(str),
)
WORDS: dict[str, st.SearchStrategy[str]] = {
    "symbol": st.sampled_from(["BTCUSDT", "ETHUSDT", "btcusdt", "NOSUCH", ""]),
    "symbols": st.sampled_from(
        ['["BTCUSDT"]', '["BTCUSDT","ETHUSDT"]', "[]", "[1]", "[" * 9_000, '["A","A"]', '"A"', "{}"]
    ),
    "side": st.sampled_from(["BUY", "SELL", "buy"]),
    "type": st.sampled_from([*ORDER_TYPES, "FULL", "MINI", "STOP"]),
    "interval": st.sampled_from(["1s", "1m", "3m", "1h", "8h", "1d", "3d", "1w", "1M", "2M"]),
    "timeZone": st.sampled_from(["0", "8", "-12:00", "14:00", "+14", "5:45", "99", "-", "1:99"]),
    "timeInForce": st.sampled_from(["GTC", "IOC", "FOK", "GTX", "DAY"]),
    "selfTradePreventionMode": st.sampled_from(["NONE", "EXPIRE_TAKER", "DECREMENT", "TRANSFER"]),
    "newOrderRespType": st.sampled_from(["ACK", "RESULT", "FULL", "full"]),
    "cancelReplaceMode": st.sampled_from(["STOP_ON_FAILURE", "ALLOW_FAILURE"]),
    "cancelRestrictions": st.sampled_from(["ONLY_NEW", "ONLY_PARTIALLY_FILLED", "NONE"]),
}
IDS = st.sampled_from(["a", "a-b_c.d:e/f", "", "x" * 36, "x" * 37, "ä", "a b", "\x00", "'; --"])
TEXTS = st.one_of(IDS, NUMBERS, st.text(max_size=20))
ENDINGS = {"Type": "type", "Side": "side", "TimeInForce": "timeInForce"}


def strategy_of(name: str) -> st.SearchStrategy[str]:
    """Return what a parameter may be said to be: mostly what it is meant to be."""
    for ending, same in ENDINGS.items():
        if name.endswith(ending):
            return WORDS[same]
    if name in WORDS:
        return WORDS[name]
    if name.lower().endswith("clientorderid"):
        return IDS
    return st.one_of(NUMBERS, NUMBERS, TEXTS)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """Return a method, a path and parameters."""
    method, path = draw(st.sampled_from(sorted(ROUTES)))
    route = ROUTES[method, path]
    names = sorted(route.parameters)
    chosen = set(draw(st.lists(st.sampled_from(names), max_size=len(names)))) if names else set()
    wanted = {"symbol", "side", "type", "quantity", "interval", "cancelReplaceMode"} & set(names)
    chosen |= {name for name in wanted if draw(st.integers(0, 9))}
    said = {name: draw(strategy_of(name)) for name in sorted(chosen)}
    if not draw(st.integers(0, 19)):
        said[draw(st.text(min_size=1, max_size=8))] = draw(TEXTS)
    return method, path, said


def require_fair(reply: Reply, asked: object) -> None:
    assert reply.status < 500, (asked, reply)
    if reply.status >= 400:
        code, text = reply.body["code"], reply.body["msg"]
        assert code != -1000, (asked, reply)
        assert text, (asked, reply)


FUZZ = settings(
    max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@FUZZ
@given(requests())
def test_no_signed_request_fails_inside(
    bot: Client, asked: tuple[str, str, dict[str, str]]
) -> None:
    method, path, said = asked
    require_fair(bot(method, path, **said), asked)


@pytest.mark.slow
@settings(FUZZ, max_examples=20_000)
@given(requests())
def test_no_signed_request_fails_inside_in_the_long_run(
    bot: Client, asked: tuple[str, str, dict[str, str]]
) -> None:
    method, path, said = asked
    require_fair(bot(method, path, **said), asked)


@FUZZ
@given(
    st.tuples(
        st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "BREW"]),
        st.sampled_from(sorted({path for _, path in ROUTES})),
    ),
    st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: quote(text).encode())),
    st.binary(max_size=60),
    st.one_of(st.none(), st.text(st.characters(codec="latin-1"), max_size=80)),
)
def test_no_bytes_fail_inside(
    desk: Desk, route: tuple[str, str], query: bytes, body: bytes, api_key: str | None
) -> None:
    headers: dict[str, Any] = {} if api_key is None else {"X-MBX-APIKEY": api_key}
    reply = desk.ask(*route, query, body, headers=headers)
    require_fair(reply, (route, query, body))
