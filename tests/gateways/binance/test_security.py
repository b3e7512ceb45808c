"""Security: which calls may be made, and what the others are told, in which order."""

import base64
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outcry.gateways.binance import ROUTES
from outcry.gateways.keys import Scope
from tests.gateways.desk import Client, Desk, Reply, signature, signed
from tests.gateways.serving import BOT

FORMAT = (401, -2014, "API-key format invalid.")
KEY = (401, -2015, "Invalid API-key, IP, or permissions for action.")
AHEAD = (400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
OUTSIDE = (400, -1021, "Timestamp for this request is outside of the recvWindow.")
SIGNATURE = (400, -1022, "Signature for this request is not valid.")
ACCOUNT = "/api/v3/account"
KEYED = sorted(where for where, route in ROUTES.items() if route.scope is not None)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def missing(name: str) -> tuple[int, int, str]:
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    return 400, -1102, text


def account(desk: Desk, query: bytes, api_key: str) -> Reply:
    return desk.ask("GET", ACCOUNT, query, headers={"X-MBX-APIKEY": api_key})


@pytest.mark.parametrize("where", KEYED, ids=" ".join)
def test_every_keyed_route_asks_for_a_key_first(desk: Desk, where: tuple[str, str]) -> None:
    assert desk.ask(*where, b"nonsense=1").error == FORMAT
    unknown = {"X-MBX-APIKEY": "x" * 64}
    assert desk.ask(*where, b"nonsense=1", headers=unknown).error == KEY


@pytest.mark.parametrize("where", KEYED, ids=" ".join)
def test_every_keyed_route_asks_for_time_then_signature(
    desk: Desk, bot: Client, where: tuple[str, str]
) -> None:
    headers = {"X-MBX-APIKEY": bot.key.api_key}

    def told(query: str) -> tuple[int, int, str]:
        return desk.ask(*where, query.encode(), headers=headers).error

    wrong = "&signature=" + "0" * 64
    assert told("nonsense=1") == missing("timestamp")
    assert told("timestamp=1" + wrong) == OUTSIDE
    assert told(f"timestamp={now_ms() + 60_000}" + wrong) == AHEAD
    assert told(f"timestamp={now_ms()}") == missing("signature")
    assert told(f"timestamp={now_ms()}&nonsense=1" + wrong) == SIGNATURE


def test_what_is_signed_is_then_read(bot: Client) -> None:
    status, code, text = bot("GET", "account", nonsense=1).error
    assert (status, code) == (400, -1104)
    assert text == "Not all sent parameters were read; read '3' parameter(s) but was sent '4'."


@pytest.mark.parametrize("key", ["", " ", "abc", "a" * 63, "a" * 65, "a" * 63 + "-", "é" * 64])
def test_what_cannot_be_a_key_is_none(desk: Desk, key: str) -> None:
    assert account(desk, b"", key).error == FORMAT
    assert account(desk, b"", "a" * 64).error == KEY


def test_scopes_are_asked_for(desk: Desk) -> None:
    reader, trader = desk.client(BOT, "read"), desk.client(BOT, "trade")
    assert reader("GET", "account").status == 200
    assert reader("DELETE", "openOrders", symbol="ETHUSDT").error == KEY
    assert trader("GET", "account").error == KEY
    assert trader("DELETE", "openOrders", symbol="ETHUSDT").error[1] == -2011


def test_keys_are_of_their_networks(desk: Desk) -> None:
    there = desk.client(BOT, networks=("10.0.0.0/8",), address="10.1.2.3")
    assert there("GET", "account").status == 200
    elsewhere = Client(desk, there.key, "11.1.2.3")
    assert elsewhere("GET", "account").error == KEY


def test_revoked_keys_are_refused_at_once(desk: Desk) -> None:
    client = desk.client(BOT)
    assert client("GET", "account").status == 200
    desk.venue.keys.revoke(client.key.api_key)
    assert client("GET", "account").error == KEY


@pytest.mark.parametrize(
    ("ago_ms", "window_ms", "told"),
    [
        (0, None, None),
        (4_000, None, None),
        (6_000, None, OUTSIDE),
        (6_000, 60_000, None),
        (61_000, 60_000, OUTSIDE),
        (300, 200, OUTSIDE),
        (-500, None, None),
        (-1_500, 60_000, AHEAD),
    ],
)
def test_the_window(
    bot: Client, ago_ms: int, window_ms: int | None, told: tuple[int, int, str] | None
) -> None:
    said: dict[str, object] = {"timestamp": now_ms() - ago_ms}
    if window_ms is not None:
        said["recvWindow"] = window_ms
    reply = account(bot.desk, signed(bot.key, said), bot.key.api_key)
    assert (reply.status, None) == (200, told) if told is None else reply.error == told


def test_windows_are_numbers_of_a_minute_at_most(bot: Client) -> None:
    told = (400, -1131, "recvWindow must be less than 60000.")
    assert bot("GET", "account", recvWindow=60_001).error == told
    assert bot("GET", "account", recvWindow="60000.000").status == 200
    for text in ("x", "-1", "1e3", "1.2345"):
        assert bot("GET", "account", recvWindow=text).error[:2] == (400, -1100)
    for text in ("x", "-1", "1.5", "9" * 5_000):
        assert bot("GET", "account", timestamp=text).error[:2] == (400, -1100)
    assert bot("GET", "account", timestamp="9" * 20).error == AHEAD
    assert bot("GET", "account", timestamp="").error == missing("timestamp")


def test_timestamps_may_count_microseconds(bot: Client) -> None:
    assert bot("GET", "account", timestamp=time.time_ns() // 1_000).status == 200
    late = time.time_ns() // 1_000 - 61_000_000
    assert bot("GET", "account", timestamp=late).error == OUTSIDE


def test_hexadecimal_digits_of_either_case(bot: Client) -> None:
    query = f"timestamp={now_ms()}".encode()
    for told in (signature(bot.key, query), signature(bot.key, query).upper()):
        reply = account(bot.desk, query + b"&signature=" + told, bot.key.api_key)
        assert reply.status == 200


@pytest.mark.parametrize("wrong", ["", "0", "zz" * 32, "0" * 63, "0" * 65, "ä" * 64, "0" * 9_000])
def test_signatures_that_are_none(bot: Client, wrong: str) -> None:
    query = f"timestamp={now_ms()}&signature={quote(wrong)}".encode()
    reply = account(bot.desk, query, bot.key.api_key)
    assert reply.error == (SIGNATURE if wrong else missing("signature"))


def test_another_payload_key_or_part_of_it_is_not_signed(desk: Desk, bot: Client) -> None:
    query = f"timestamp={now_ms()}&omitZeroBalances=true".encode()
    told = b"&signature=" + signature(bot.key, query)
    assert account(desk, query + told, bot.key.api_key).status == 200
    assert (
        account(desk, query.replace(b"true", b"false") + told, bot.key.api_key).error == SIGNATURE
    )
    assert account(desk, query + b"&" + told, bot.key.api_key).error == SIGNATURE
    other = desk.client(BOT)
    assert account(desk, query + told, other.key.api_key).error == SIGNATURE


def test_query_and_body_are_signed_together_and_apart(desk: Desk, bot: Client) -> None:
    headers = {"X-MBX-APIKEY": bot.key.api_key, "content-type": "application/json"}
    fields = b"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"
    stamp = f"timestamp={now_ms()}".encode()

    def told(query: bytes, body: bytes) -> Reply:
        return desk.ask("POST", "/api/v3/order/test", query, body, headers=headers)

    mark = b"&signature=" + signature(bot.key, fields + b"&" + stamp)
    assert told(b"", fields + b"&" + stamp + mark).body == {}
    assert told(fields + b"&" + stamp + mark, b"").body == {}
    mark = b"&signature=" + signature(bot.key, stamp + fields)
    assert told(stamp, fields + mark).body == {}
    mark = b"&signature=" + signature(bot.key, fields + stamp)
    assert told(stamp, fields + mark).error == SIGNATURE


def test_deletes_may_say_all_in_the_body(desk: Desk, bot: Client) -> None:
    body = signed(bot.key, {"symbol": "BTCUSDT", "orderId": 1, "timestamp": now_ms()})
    headers = {"X-MBX-APIKEY": bot.key.api_key}
    reply = desk.ask("DELETE", "/api/v3/order", b"", body, headers=headers)
    assert reply.error == (400, -2011, "Unknown order sent.")


def test_what_was_signed_before_it_was_encoded_is_taken(desk: Desk, bot: Client) -> None:
    name = "a:b/c"
    stamp = f"&timestamp={now_ms()}"
    plain = f"symbol=BTCUSDT&origClientOrderId={name}{stamp}"
    sent = f"symbol=BTCUSDT&origClientOrderId={quote(name, safe='')}{stamp}"
    query = sent.encode() + b"&signature=" + signature(bot.key, plain.encode())
    headers = {"X-MBX-APIKEY": bot.key.api_key}
    reply = desk.ask("GET", "/api/v3/order", query, headers=headers)
    assert reply.error == (400, -2013, "Order does not exist.")


def ed25519() -> tuple[bytes, Callable[[bytes], bytes]]:
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem, private.sign


def rsa() -> tuple[bytes, Callable[[bytes], bytes]]:
    private = generate_private_key(65_537, 2_048)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem, lambda payload: private.sign(payload, PKCS1v15(), SHA256())


@pytest.mark.parametrize("make", [ed25519, rsa], ids=["ed25519", "rsa"])
def test_keys_of_which_only_the_public_part_is_known(
    desk: Desk, make: Callable[[], tuple[bytes, Callable[[bytes], bytes]]]
) -> None:
    pem, sign = make()
    kind = make.__name__
    key = desk.venue.keys.create(BOT, Scope.READ, kind=kind, public_key=pem)
    assert key.secret is None
    query = f"timestamp={now_ms()}".encode()
    mark = quote(base64.b64encode(sign(query)), safe="").encode()
    assert account(desk, query + b"&signature=" + mark, key.api_key).status == 200
    other = quote(base64.b64encode(sign(query + b"0")), safe="").encode()
    assert account(desk, query + b"&signature=" + other, key.api_key).error == SIGNATURE
    for wrong in (b"0" * 64, b"A", b"%00", b"A" * 5_000):
        reply = account(desk, query + b"&signature=" + wrong, key.api_key)
        assert reply.error == SIGNATURE
