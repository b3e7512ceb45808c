"""Limits of a server in a process of its own, over a socket.

Goal: what a client is refused with on the wire names the seconds to wait, and a ban ends. Method:
a server with small bounds and the shortest ban; the end of the ban is waited for.
"""

import http.client
import json
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from outcry.settings import FILE_NAME
from tests.gateways.faults.asking import Asker
from tests.gateways.serving import make_venue, served

BOUNDS = """[serve]
request_weight_max = 250
refusals_max = 2
ban_s_first = 1
orders_10s_max = 100
orders_1d_max = 2
"""
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
WAIT_S = 180
PING = "/api/v3/ping"
HEAVY = "/api/v3/depth?symbol=BTCUSDT&limit=1000"


def asked(connection: http.client.HTTPConnection, path: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of a reply."""
    connection.request("GET", path)
    reply = connection.getresponse()
    headers = {name.lower(): value for name, value in reply.getheaders()}
    return reply.status, headers, reply.read().decode()


def test_a_client_is_told_when_to_go_on(tmp_path: Path) -> None:
    key = make_venue(tmp_path)
    (tmp_path / FILE_NAME).write_text(BOUNDS)
    with served(tmp_path) as server:
        where = urlsplit(server.address)
        trader = Asker(server.address, key)
        for _ in range(2):
            assert trader.signed("POST", "order", LIMIT)[0] == 200
        status, told = trader.signed("POST", "order", LIMIT)
        text = "Too many new orders; current limit is 2 orders per 1 DAY."
        assert (status, told) == (429, {"code": -1015, "msg": text})
        connection = http.client.HTTPConnection(where.hostname or "", where.port, WAIT_S)
        with closing(connection):
            require_refusals_and_a_ban_that_ends(connection)


def require_refusals_and_a_ban_that_ends(connection: http.client.HTTPConnection) -> None:
    """Ask until that is refused, go on until that is a ban, and then until it is over."""
    until = time.monotonic() + WAIT_S
    refused = 0
    while (reply := asked(connection, HEAVY))[0] != 418:
        assert time.monotonic() < until
        status, headers, body = reply
        assert int(headers["x-mbx-used-weight-1m"]) <= 250
        if status == 429:
            refused += 1
            assert 1 <= int(headers["retry-after"]) <= 60
            assert json.loads(body)["code"] == -1003
    assert refused >= 2
    _, headers, body = reply
    assert headers["retry-after"] == "1"
    assert json.loads(body)["msg"].startswith("Way too much request weight used; IP banned until ")
    while asked(connection, PING)[0] == 418:
        assert time.monotonic() < until
