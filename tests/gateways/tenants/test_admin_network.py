"""Administration over sockets: this machine reaches it, another does not, whatever it claims.

Goal: by default nobody steers the exchange, or watches over it, from elsewhere. Method: a server
that listens on every address is asked through the loopback, and through an address of this machine
that others would reach it by; headers of proxies claim otherwise each time.
"""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from outcry.gateways.keys import KeyStore, NewKey, Scope
from tests.gateways.serving import BOT, make_venue, served

TIMEOUT_S = 180
HERE = "127.0.0.1"
GUARDED = ("/metrics", "/status", "/admin/accounts", "/admin/accounts/1", "/admin/withdrawals")
CLAIMS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "X-Client-IP")


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, NewKey]]:
    """Serve an exchange on every address; return the port, and an administrator's key."""
    directory: Path = tmp_path_factory.mktemp("everywhere")
    make_venue(directory)
    with KeyStore(directory) as keys:
        key = keys.create(BOT, Scope.of("read", "trade", "withdraw", "admin"))
    with served(directory, "--host", "0.0.0.0") as server:
        port = urlsplit(server.address).port
        assert port is not None
        yield port, key


def own_address() -> str:
    """Return an address of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses where it would be sent from.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its loopback")
        address: str = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no address but its loopback")
    return address


def asked(where: tuple[str, int], path: str, key: NewKey, claim: str) -> tuple[int, Any]:
    """Ask with a key, as one who claims to come from elsewhere; return status and body."""
    said = f"for={claim}" if claim else ""
    headers = {name: said if name == "Forwarded" else claim for name in CLAIMS} if claim else {}
    headers["authorization"] = f"Bearer {key.api_key}.{key.secret}"
    with closing(http.client.HTTPConnection(*where, timeout=TIMEOUT_S)) as connection:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        raw = reply.read()
        is_json = "json" in (reply.getheader("content-type") or "")
        return reply.status, json.loads(raw) if is_json else raw


@pytest.mark.parametrize("claim", ["", "203.0.113.9"])
@pytest.mark.parametrize("path", GUARDED)
def test_this_machine_reaches_it(everywhere: tuple[int, NewKey], path: str, claim: str) -> None:
    port, key = everywhere
    assert asked((HERE, port), path, key, claim)[0] == 200


@pytest.mark.parametrize("claim", ["", HERE, "::1"])
@pytest.mark.parametrize("path", GUARDED)
def test_others_do_not(everywhere: tuple[int, NewKey], path: str, claim: str) -> None:
    port, key = everywhere
    where = (own_address(), port)
    status, told = asked(where, path, key, claim)
    assert (status, told["reason"]) == (403, "network")
    # The rest of the server is theirs.
    assert asked(where, "/accounts/me", key, claim)[0] == 200
    assert asked(where, "/api/v3/ping", key, claim) == (200, {})
