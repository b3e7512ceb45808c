"""A client that asks one thing after another."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from outcry.gateways.keys import NewKey
from tests.gateways.desk import Params, signed

TIMEOUT_S = 120


@dataclass(frozen=True)
class Asker:
    """Asks a server, each time over a connection of its own.

    Attributes:
        address: Where.
        key: What its requests are signed with.
    """

    address: str
    key: NewKey

    def get(self, path: str, said: Params) -> tuple[int, Any]:
        """Ask something that needs no key."""
        return self._ask("GET", f"/api/v3/{path}?{urlencode(said)}")

    def signed(self, method: str, path: str, said: Params) -> tuple[int, Any]:
        """Ask something signed."""
        stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
        query = signed(self.key, {**said, **stamp}).decode()
        return self._ask(method, f"/api/v3/{path}?{query}")

    def _ask(self, method: str, target: str) -> tuple[int, Any]:
        where = urlsplit(self.address)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, TIMEOUT_S)
        try:
            connection.request(method, target, headers={"X-MBX-APIKEY": self.key.api_key})
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()
