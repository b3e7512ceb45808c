"""One venue: an owner with an estate, and strangers with a little of their own."""

from collections.abc import Iterator
from functools import cache

import pytest

from outcry import Exchange
from tests.gateways.desk import Client, Desk
from tests.gateways.serving import make_venue
from tests.gateways.tenants.callers import ALL_SCOPES, Caller, new_proof
from tests.gateways.tenants.estate import (
    LIMIT,
    MARKET,
    OCO,
    OWNER,
    READERS,
    WRITERS,
    Estate,
    settle,
)

Strangers = dict[str, Caller]


@pytest.fixture(scope="package")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the venue, with money for all."""
    directory = tmp_path_factory.mktemp("tenants")
    make_venue(directory)
    with Exchange.open(directory) as exchange:
        number = 0
        for account in (*WRITERS.values(), *READERS.values()):
            exchange.set_account(account, maker_rate_ppm=0, taker_rate_ppm=0)
            for asset, amount in (("BTC", "10"), ("USDT", "1000000")):
                number += 1
                exchange.deposit(account, asset, amount, source=(2, number))
        for asset, amount in (("BTC", "1.23456789"), ("ETH", "2.3456789"), ("USDT", "3.456789")):
            number += 1
            exchange.deposit(OWNER, asset, amount, source=(2, number))
    with Desk(directory) as opened:
        yield opened


@pytest.fixture(scope="package")
def estate(desk: Desk) -> Estate:
    """Return what the owner has."""
    owner = desk.client(OWNER)
    return settle(desk, owner)


def strangers(desk: Desk, accounts: dict[str, int]) -> Strangers:
    """Return who asks with a key of each kind that may do everything but administer."""
    scopes = ALL_SCOPES - {"admin"}
    found = {}
    for kind, account in accounts.items():
        proof = new_proof(desk.venue.keys, account, "hmac" if kind == "bearer" else kind, scopes)
        name = f"{kind} of account {account}"
        is_bearer = kind == "bearer"
        found[kind] = proof.bearing(desk, name) if is_bearer else proof.signing(desk, name)
    return found


@pytest.fixture(scope="package")
def writers(desk: Desk) -> Strangers:
    """Return strangers who write."""
    return strangers(desk, WRITERS)


@pytest.fixture(scope="package")
def readers(desk: Desk) -> Strangers:
    """Return strangers who read; each has an open order, a trade and a list."""
    for account in READERS.values():
        client = desk.client(account)
        for path, said in (("order", LIMIT), ("order", MARKET), ("orderList/oco", OCO)):
            assert client("POST", path, **said).status == 200
    return strangers(desk, READERS)


@cache
def client_of(desk: Desk, account: int) -> Client:
    """Return a client of an account; a new key for each request would take long."""
    return desk.client(account)


def stocked(caller: Caller, account: int) -> None:
    """Leave an account with one open order, which is its own."""
    client = client_of(caller.desk, account)
    client("DELETE", "openOrders", symbol="BTCUSDT")
    assert client("POST", "order", **LIMIT).status == 200
