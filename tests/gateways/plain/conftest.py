"""A served exchange, and those who ask it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from outcry.gateways.keys import KeyStore, NewKey, Scope
from tests.gateways.desk import Desk, Reply
from tests.gateways.serving import BOT, MAKER, Server, make_venue, served

# One address asks everything here.
SETTINGS = """
[serve]
request_weight_max = 100000000
raw_requests_max = 100000000
orders_10s_max = 100000
history_timeout_ms = 120000
"""


@dataclass(frozen=True)
class Asker:
    """Someone with a key, or without.

    Attributes:
        client: The connection.
        key: The key.
    """

    client: httpx.Client
    key: NewKey | None

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Send a request with the key as a bearer token."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            said["authorization"] = f"Bearer {self.key.api_key}.{self.key.secret}"
        if body is None:
            return self.client.request(method, path, headers=said)
        return self.client.request(method, path, headers=said, json=body)

    def order(self, **fields: object) -> dict[str, object]:
        """Place an order that rests below the book unless it is said otherwise."""
        usual = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.5", "price": "50000.00"}
        answer = self.ask("POST", "/order", usual | fields)
        assert answer.status_code == 201, answer.text
        order: dict[str, object] = answer.json()["order"]
        return order


@pytest.fixture(scope="package")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("plain") / "exchange"
    directory.mkdir()
    (directory / "outcry.toml").write_text(SETTINGS)
    make_venue(directory)
    return directory


@pytest.fixture(scope="package")
def server(venue: Path) -> Iterator[Server]:
    with served(venue) as running:
        yield running


@pytest.fixture(scope="package")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=120) as opened:
        yield opened


def key_of(directory: Path, account: int, *scopes: str) -> NewKey:
    with KeyStore(directory) as keys:
        return keys.create(account, Scope.of(*scopes))


@pytest.fixture(scope="package")
def bot(venue: Path, client: httpx.Client) -> Asker:
    return Asker(client, key_of(venue, BOT, "read", "trade"))


@pytest.fixture(scope="package")
def maker(venue: Path, client: httpx.Client) -> Asker:
    return Asker(client, key_of(venue, MAKER, "read", "trade"))


@pytest.fixture(scope="package")
def withdrawer(venue: Path, client: httpx.Client) -> Asker:
    return Asker(client, key_of(venue, BOT, "read", "withdraw"))


@pytest.fixture(scope="package")
def admin(venue: Path, client: httpx.Client) -> Asker:
    return Asker(client, key_of(venue, 9, "admin"))


@pytest.fixture(scope="package")
def nobody(client: httpx.Client) -> Asker:
    return Asker(client, None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a venue in this process."""
    directory = tmp_path_factory.mktemp("desk")
    make_venue(directory)
    with Desk(directory) as opened:
        yield opened


@dataclass(frozen=True)
class Caller:
    """Someone with a key who asks a venue in this process."""

    desk: Desk
    key: NewKey

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """Send a request with the key as a bearer token."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        said["authorization"] = f"Bearer {self.key.api_key}.{self.key.secret}"
        path, _, query = path.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        return self.desk.ask(method, path, query.encode(), sent, headers=said)


def caller_of(desk: Desk, account: int, *scopes: str) -> Caller:
    """Return one who asks for an account with a new key."""
    return Caller(desk, desk.venue.keys.create(account, Scope.of(*scopes)))
