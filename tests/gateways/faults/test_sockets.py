"""Bytes that are no proper request, or too many: the right answer, once, in its turn.

Goal: whatever comes over a socket is answered with the right code and text, in the order in which
it came, or cut; nothing that comes behind is taken for something else. Method: raw bytes go to a
server in a process of its own, and the bytes that come back are read strictly.
"""

import json
import random
import time
from urllib.parse import urlencode

import pytest

from tests.gateways.desk import signature, signed
from tests.gateways.faults.conftest import Venue
from tests.gateways.faults.raw import (
    PATIENCE_S,
    PING,
    Raw,
    asked,
    chunked,
    post,
    signed_request,
)

HEADER_MAX, QUERY_MAX, BODY_MAX = 32_768, 16_384, 65_536
TOO_LONG = (431, -1101, f"The request's line and headers are longer than {HEADER_MAX} bytes.")
BODY_TOO_LONG = (413, -1101, f"The body is longer than {BODY_MAX} bytes.")
QUERY_TOO_LONG = (414, -1101, f"The query string is longer than {QUERY_MAX} bytes.")
ORDER = "/api/v3/order"
TWICE = b"a=1&a=2"
SAID_TWICE = (400, -1101, "Duplicate values for a parameter detected.")
NO_KEY = (401, -2014, "API-key format invalid.")
LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
RESTING = LIMIT | {"quantity": "0.01", "price": "50000"}


def head_of(length: int, request: bytes = PING) -> bytes:
    """Return a request whose line and headers have so many bytes."""
    line, _, rest = request.partition(b"\r\n")
    filler = b"x: %b\r\n" % (b"b" * (length - len(request.partition(b"\r\n\r\n")[0]) - 9))
    return line + b"\r\n" + filler + rest


@pytest.mark.parametrize(
    "data",
    [
        head_of(HEADER_MAX + 1),
        head_of(40_000),
        head_of(4_000_000),
        head_of(40_000)[:-2],
        head_of(40_000, post("/order", b"{}")),
        b"GET /api/v3/ping HTTP/1.1\r\n" + b"a: b\r\n" * 8_000 + b"\r\n",
        b"GET /api/v3/ping?" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 40_000,
        b"GET /api/v3/ping HTTP/1.1\r\nx:" + b" " * 40_000 + b"y\r\n\r\n",
        b"GET /api/v3/ping HTTP/1.1\r\n" + b"x" * 40_000,
        chunked("/order", b"{}")[:-2] + b"x: y\r\n" * 50_000,
        chunked("/order", b"{}")[:-2] + b"x: " + b"y" * 300_000,
        chunked("/order", b"{}")[:-5] + b"2;x=" + b"y" * 300_000,
    ],
    ids=lambda data: f"{data[:12]!r}+{len(data)}",
)
def test_heads_and_what_is_like_them_are_bounded(roomy: Venue, data: bytes) -> None:
    with Raw(roomy.server.address) as raw:
        reply = raw.send(data).reply()
        assert reply.error == TOO_LONG
        assert reply.headers["connection"] == "close"
        assert raw.is_closed()


@pytest.mark.parametrize("piece", [1 << 20, 1_000, 30_000])
def test_the_bound_counts_the_head_alone(roomy: Venue, piece: int) -> None:
    body = b"{" * BODY_MAX
    long_body = head_of(HEADER_MAX, post("/order", body)) + PING
    data = head_of(HEADER_MAX) * 2 + PING * 200 + long_body
    with Raw(roomy.server.address) as raw:
        for start in range(0, len(data), piece):
            raw.send(data[start : start + piece])
        assert [raw.reply().status for _ in range(202)] == [200] * 202
        refused = raw.reply()
        assert (refused.status, refused.body["reason"]) == (401, "not_authenticated")
        assert raw.reply().status == 200
        assert raw.send(head_of(HEADER_MAX + 1)).reply().error == TOO_LONG


MALFORMED: list[tuple[bytes, str]] = [
    (b"GET / HTTP/1.1\r\nno header\r\n\r\n", "Invalid header token"),
    (b"GET / HTTP/1.1\r\n: y\r\n\r\n", "Invalid header token"),
    (b"GET / HTTP/1.1\r\nx : y\r\n\r\n", "Invalid header token"),
    (b"GET / HTTP/1.1\r\nx: a\x00b\r\n\r\n", "Invalid header value char"),
    (b"GET / HTTP/1.1\nx: y\n\n", "Expected CRLF after version"),
    (b"GET /\xff HTTP/1.1\r\n\r\n", "Invalid char in url path"),
    (b"GET /\x00 HTTP/1.1\r\n\r\n", "Invalid char in url path"),
    (b"GET /a b HTTP/1.1\r\n\r\n", "Expected HTTP/, RTSP/ or ICE/"),
    (b"GET http:// HTTP/1.1\r\n\r\n", "Invalid target"),
    (b"GET ?x=1 HTTP/1.1\r\n\r\n", "Unexpected start char in url"),
    (b"BREW / HTTP/1.1\r\n\r\n", "Invalid method encountered"),
    (b"get / HTTP/1.1\r\n\r\n", "Invalid method encountered"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01", "Invalid method encountered"),
    (b"\x00" * 64, "Invalid method encountered"),
    (b"{}\r\n\r\n", "Invalid method encountered"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Pause on PRI/Upgrade"),
    (b"GET / HTTP/3.7\r\n\r\n", "Invalid HTTP version"),
    (b"GET / HTTQ/1.1\r\n\r\n", "Expected HTTP/, RTSP/ or ICE/"),
    (b"CONNECT x:443 HTTP/1.1\r\n\r\n\x16\x03\x01", "Invalid target"),
    (post("/order", b"", "content-length: 5"), "Duplicate Content-Length"),
    (post("/order", b"", "transfer-encoding: chunked"), "Transfer-Encoding can't be present"),
    (chunked("/order").replace(b"\r\n\r\n", b"\r\ncontent-length: 5\r\n\r\n", 1), "Content-Length"),
    (post("/order", b"").replace(b"length: 0", b"length: -1"), "Invalid character in Content"),
    (post("/order", b"").replace(b"length: 0", b"length: 1e3"), "Invalid character in Content"),
    (post("/order", b"").replace(b"length: 0", b"length: " + b"9" * 30), "Content-Length overflow"),
    (post("/order", b"").replace(b"length: 0", b"length: \xb2"), "Invalid character in Content"),
    (chunked("/order").replace(b"chunked", b"gzip"), "Request has invalid `Transfer-Encoding`"),
    (chunked("/order")[:-5] + b"zz\r\n", "Invalid character in chunk size"),
    (chunked("/order")[:-5] + b"-1\r\n", "Invalid character in chunk size"),
    (chunked("/order")[:-5] + b"f" * 17 + b"\r\n", "Chunk size overflow"),
    (chunked("/order")[:-5] + b"2\r\n{}x\r\n", "Expected LF after chunk data"),
]


@pytest.mark.parametrize(("data", "why"), MALFORMED, ids=lambda each: repr(each[:40]))
def test_what_is_no_http_is_told_so_behind_what_was(roomy: Venue, data: bytes, why: str) -> None:
    for before in (0, 2):
        with Raw(roomy.server.address) as raw:
            # What comes behind is not looked at, however proper it is.
            raw.send(PING * before + data + PING)
            assert [raw.reply().status for _ in range(before)] == [200] * before
            reply = raw.reply()
            status, code, text = reply.error
            assert (status, code) == (400, -1100)
            assert text.startswith("Malformed HTTP request: ")
            assert why in text
            assert reply.headers["connection"] == "close"
            assert raw.is_closed()


def test_requests_in_one_write_are_answered_each_once_in_their_order(roomy: Venue) -> None:
    key = roomy.key
    names = [f"pipe-{number}" for number in range(40)]
    requests = [PING]
    for name in names:
        requests.append(signed_request(key, "POST", "order", RESTING | {"newClientOrderId": name}))
        # The one waits for the disk, the other for the history, the third for nothing.
        requests.append(signed_request(key, "GET", "allOrders", {"symbol": "BTCUSDT"}))
        requests.append(signed_request(key, "GET", "openOrders", {"symbol": "BTCUSDT"}))
        requests.append(b"GET /book/NOSUCH HTTP/1.1\r\n\r\n")
    requests.append(signed_request(key, "DELETE", "openOrders", {"symbol": "BTCUSDT"}))
    with Raw(roomy.server.address) as raw:
        raw.send(b"".join(requests))
        assert raw.reply().body == {}
        for place, name in enumerate(names):
            assert raw.reply().body["clientOrderId"] == name
            assert raw.reply().body[-1]["clientOrderId"] == name
            opened = [row["clientOrderId"] for row in raw.reply().body]
            assert opened[-1 - place :] == names[: place + 1]
            assert raw.reply().status == 404
        assert len(raw.reply().body) >= len(names)
        assert raw.send(PING).reply().body == {}


@pytest.mark.parametrize("last", [post(ORDER, TWICE), chunked(ORDER, TWICE)])
def test_requests_are_whole_wherever_what_comes_is_divided(roomy: Venue, last: bytes) -> None:
    waiting = signed_request(roomy.key, "GET", "allOrders", {"symbol": "BTCUSDT"})
    for length in range(2_048 - len(last), 2_049):
        first = head_of(length - len(PING), waiting)
        with Raw(roomy.server.address) as raw:
            raw.send(first + PING + last + PING)
            assert [raw.reply().status for _ in range(4)] == [200, 200, 400, 200]


def test_a_flood_of_requests_in_one_write_is_answered_whole(roomy: Venue) -> None:
    count = 6_000
    with Raw(roomy.server.address) as raw:
        raw.send(PING * count)
        assert {raw.reply().status for _ in range(count)} == {200}
        assert raw.send(PING).reply().status == 200


def test_a_client_that_will_send_no_more_is_answered(roomy: Venue) -> None:
    orders = signed_request(roomy.key, "GET", "allOrders", {"symbol": "BTCUSDT"})
    with Raw(roomy.server.address) as raw:
        raw.send(orders + PING * 300 + orders).end()
        assert [raw.reply().status for _ in range(302)] == [200] * 302
        assert raw.is_closed()
    for part in (PING[:-1], PING[:9], post("/order", b"{}")[:-1]):
        with Raw(roomy.server.address) as raw:
            assert raw.send(part).end().is_closed()


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"x"])
@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (post(ORDER, TWICE), SAID_TWICE),
        (chunked(ORDER, TWICE), SAID_TWICE),
        (post(ORDER, b""), NO_KEY),
        (PING.replace(b"GET /api/v3/ping", b"DELETE /api/v3/order"), NO_KEY),
    ],
    ids=["length", "chunks", "empty", "none"],
)
def test_another_protocol_is_not_begun(
    roomy: Venue, protocol: bytes, request_: bytes, told: tuple[int, int, str]
) -> None:
    asks = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: %b\r\n\r\n" % protocol
    upgrading = request_.replace(b"\r\n\r\n", b"\r\n" + asks, 1)
    with Raw(roomy.server.address) as raw:
        raw.send(upgrading + PING + upgrading + upgrading + PING)
        for is_upgrading in (True, False, True, True, False):
            reply = raw.reply()
            assert reply.error == told if is_upgrading else reply.status == 200
        for byte in upgrading:
            raw.send(bytes([byte]))
        assert raw.reply().error == told


def test_a_body_that_is_announced_is_asked_for(roomy: Venue) -> None:
    waiting = post(ORDER, TWICE, "expect: 100-continue")
    head, body = waiting[: -len(TWICE)], TWICE
    with Raw(roomy.server.address) as raw:
        raw.send(head)
        assert raw.reply(has_body=False).status == 100
        assert raw.send(body).reply().error == SAID_TWICE
        # Who does not wait is answered once.
        raw.send(PING + waiting + PING)
        replies = [raw.reply() for _ in range(3)]
        if replies[1].status == 100:
            replies = [replies[0], replies[2], raw.reply()]
        assert [each.status for each in replies] == [200, 400, 200]
    with Raw(roomy.server.address) as raw:
        raw.send(post(ORDER, b"", "expect: 100-continue").replace(b"length: 0", b"length: 70000"))
        assert raw.reply().error == BODY_TOO_LONG


def test_older_http_is_answered_once(roomy: Venue) -> None:
    old = PING.replace(b"1.1", b"1.0")
    for data in (old, old.replace(b"host: x", b"connection: keep-alive"), old + PING):
        with Raw(roomy.server.address) as raw:
            reply = raw.send(data).reply()
            assert (reply.status, reply.headers["connection"]) == (200, "close")
            assert raw.is_closed()


def test_nothing_is_answered_behind_a_close(roomy: Venue) -> None:
    closing = PING.replace(b"host: x", b"connection: close")
    order = signed_request(roomy.key, "POST", "order", RESTING | {"newClientOrderId": "behind"})
    with Raw(roomy.server.address) as raw:
        assert raw.send(closing + order).reply().status == 200
        assert raw.is_closed()
    named = {"symbol": "BTCUSDT", "origClientOrderId": "behind"}
    asks = signed_request(roomy.key, "GET", "order", named)
    assert asked(roomy.server.address, asks).error == (400, -2013, "Order does not exist.")


@pytest.mark.parametrize("path", [b"/api/v3/ping", b"/api/v3/time", b"/book/BTCUSDT", b"/nowhere"])
def test_other_methods_keep_the_connection_in_step(roomy: Venue, path: bytes) -> None:
    with Raw(roomy.server.address) as raw:
        for method in (b"HEAD", b"OPTIONS", b"TRACE", b"PATCH", b"PUT", b"DELETE", b"PROPFIND"):
            raw.send(b"%b %b HTTP/1.1\r\n\r\n" % (method, path) + PING)
            status = raw.reply(has_body=method != b"HEAD").status
            assert status in {200, 404, 405}, method
            assert raw.reply().body == {}
        assert raw.send(b"OPTIONS * HTTP/1.1\r\n\r\n").reply().status == 404
        assert raw.send(b"GET http://x/api/v3/ping HTTP/1.1\r\n\r\n").reply().body == {}
        assert raw.send(b"\r\n\r\n" + PING).reply().body == {}


@pytest.mark.parametrize("path", [ORDER, "/order"])
def test_bodies_that_are_too_long(roomy: Venue, path: str) -> None:
    long = b"a" * (BODY_MAX + 1)
    with Raw(roomy.server.address) as raw:
        # Nothing of it has come, and nothing need.
        raw.send(post(path, b"").replace(b"length: 0", b"length: 18446744073709551615"))
        assert raw.reply().status == 413
    for data in (
        post(path, long),
        post(path, long * 20),
        chunked(path, long),
        chunked(path, *[b"b" * 100] * 700),
        chunked(path, *[b"b"] * (BODY_MAX + 1)),
    ):
        with Raw(roomy.server.address) as raw:
            reply = raw.send(data + PING).reply()
            if path == ORDER:
                assert reply.error == BODY_TOO_LONG
            else:
                assert (reply.status, reply.body["reason"]) == (413, "body_too_long")
            assert raw.reply().body == {}
    for data in (post(path, long[1:]), chunked(path, *[b"b"] * 20_000), chunked(path, long[1:])):
        assert asked(roomy.server.address, data).status in {400, 401}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"a" * (QUERY_MAX + 1), QUERY_TOO_LONG),
        (b"symbol=BTCUSDT&limit=" + b"9" * (QUERY_MAX - 22), (400, -1100)),
        (b"symbol=BTCUSDT&limit=" + b"9" * 1_000_000, TOO_LONG),
        (b"symbol=%ff", (400, -1100)),
        (b"symbol=%c3%28", (400, -1100)),
        (b"symbol=%ed%a0%80", (400, -1100)),
        (b"symbol=%", (400, -1100)),
        (b"symbol=BTC%00USDT", (400, -1100)),
        (b"symbol=BTCUSDT&symbol=ETHUSDT", SAID_TWICE),
        (b"symbol=BTCUSDT&colour=red", (400, -1104)),
        (b"symbol=BTCUSDT&" + b"&".join(b"a%d=1" % place for place in range(64)), (400, -1101)),
    ],
    ids=lambda each: repr(each)[:40],
)
def test_queries_that_cannot_be_taken(
    roomy: Venue, query: bytes, told: tuple[int, int, str] | tuple[int, int]
) -> None:
    request = b"GET /api/v3/depth?" + query + b" HTTP/1.1\r\n\r\n"
    assert asked(roomy.server.address, request).error[: len(told)] == told


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", "x", "multipart/form-data"]
)
def test_forms_are_read_whatever_they_are_called(roomy: Venue, media_type: str) -> None:
    key, fields = roomy.key, (f"x-mbx-apikey: {roomy.key.api_key}", f"content-type: {media_type}")
    stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
    whole = signed(key, {**RESTING, **stamp})
    raw_json = json.dumps(RESTING | stamp).encode()
    with Raw(roomy.server.address) as raw:
        assert raw.send(post(f"{ORDER}/test", whole, *fields)).reply().body == {}
        # What stands in both counts as the query says it, and both are signed.
        query, body = urlencode(RESTING | {"price": 50_001}), urlencode({"price": "x", **stamp})
        sign = signature(key, (query + body).encode()).decode()
        both = post(f"{ORDER}/test?{query}", f"{body}&signature={sign}".encode(), *fields)
        assert raw.send(both).reply().body == {}
        # JSON is one field without a value, and no time is said.
        told = raw.send(post(f"{ORDER}/test", raw_json, *fields)).reply().error
        assert told[:2] == (400, -1102)
        spoilt = whole.replace(b"BUY", b"SELL")
        told = raw.send(post(f"{ORDER}/test", spoilt, *fields)).reply().error
        assert told == (400, -1022, "Signature for this request is not valid.")


def test_an_order_in_chunks_is_an_order(roomy: Venue) -> None:
    stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
    body = signed(roomy.key, {**RESTING, **stamp})
    parts = [body[start : start + 7] for start in range(0, len(body), 7)]
    field = b"\r\nx-mbx-apikey: %b\r\n" % roomy.key.api_key.encode()
    request = chunked(ORDER, *parts).replace(b"\r\n", field, 1)
    # Behind the last chunk there may be fields; they are no headers.
    request = request[:-2] + b"x-mbx-apikey: nobody\r\n\r\n"
    with Raw(roomy.server.address) as raw:
        assert raw.send(request).reply().body["status"] == "NEW"
        assert raw.send(PING).reply().body == {}


def test_what_is_said_behind_a_body_makes_no_header(roomy: Venue) -> None:
    stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
    body = signed(roomy.key, {**RESTING, **stamp})
    request = chunked(ORDER, body)[:-2] + b"x-mbx-apikey: %b\r\n\r\n" % roomy.key.api_key.encode()
    assert asked(roomy.server.address, request).error == NO_KEY


def test_orders_of_clients_that_go_away_are_there_or_not(roomy: Venue) -> None:
    key, chance = roomy.key, random.Random(6)
    address = roomy.server.address
    whole: list[str] = []
    for number in range(150):
        name = f"gone-{number}"
        request = signed_request(key, "POST", "order", RESTING | {"newClientOrderId": name})
        is_whole = chance.random() < 0.6
        raw = Raw(address).send(request[: None if is_whole else chance.randrange(len(request))])
        whole += [name] * is_whole
        chance.choice([raw.reset, raw.socket.close, raw.leave])()
    with Raw(address) as raw:
        opened = raw.send(signed_request(key, "GET", "openOrders", {"symbol": "BTCUSDT"})).reply()
        there = {row["clientOrderId"]: row for row in opened.body}
        found = {name for name in there if name.startswith("gone-")}
        assert found <= set(whole)
        for name in found:
            assert (there[name]["origQty"], there[name]["status"]) == ("0.01000000", "NEW")
        raw.send(signed_request(key, "DELETE", "openOrders", {"symbol": "BTCUSDT"}))
        assert found <= {row["origClientOrderId"] for row in raw.reply().body}
        account = raw.send(signed_request(key, "GET", "account", {})).reply().body
        assert {each["locked"] for each in account["balances"]} == {"0.00000000"}


def metrics(venue: Venue) -> set[str]:
    """Return what the server tells Prometheus, line by line."""
    told = asked(venue.server.address, b"GET /metrics HTTP/1.1\r\n\r\n").raw.decode()
    return set(told.splitlines())


def test_a_crowd_that_comes_and_breaks_off(roomy: Venue) -> None:
    chance = random.Random(7)
    order = signed_request(roomy.key, "GET", "account", {})
    with Raw(roomy.server.address) as steady:
        for number in range(1_500):
            raw = Raw(roomy.server.address)
            data = chance.choice([b"", PING, PING[:20], order, order + PING, b"\x00"])
            raw.send(data)
            raw.reset() if number % 3 else raw.socket.close()
            if not number % 100:
                assert steady.send(PING).reply().status == 200
    until = time.monotonic() + PATIENCE_S
    while not {"outcry_connections 1.0", "outcry_requests_at_work 1.0"} <= metrics(roomy):
        assert time.monotonic() < until
