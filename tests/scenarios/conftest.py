"""Every scenario runs on both engines."""

from collections.abc import Callable

import pytest

from outcry.reference import ReferenceEngine
from tests.scenarios import commands as c
from tests.scenarios.market import Exchange, Market, RawEngine

Opener = Callable[..., Market]
ExchangeOpener = Callable[..., Exchange]

ASSETS = (c.add_asset(c.BTC), c.add_asset(c.USDT, "USDT", 5))


@pytest.fixture(params=["fast", "naive"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Return which engine the scenario runs on."""
    kind: str = request.param
    return kind


def make_engines(
    kind: str, money: bool, options: dict[str, int]
) -> tuple[RawEngine, ReferenceEngine]:
    """Make an engine of either kind, and the naive one that stands beside it."""
    naive = ReferenceEngine(check_invariants=True, money=money, **options)
    if kind == "naive":
        return naive, naive
    native = pytest.importorskip("outcry._native")
    return native.Engine(check_invariants=True, money=money, **options), naive


@pytest.fixture
def open_market(engine_kind: str) -> Opener:
    """Return what opens a market with instrument 1, without accounts, in a new engine."""

    def open_one(*instruments: bytes, **options: int) -> Market:
        market = Market(*make_engines(engine_kind, money=False, options=options))
        for record in instruments or (c.instrument(1),):
            assert market.send(record) == ["accepted"]
        return market

    return open_one


@pytest.fixture
def engine(open_market: Opener) -> Market:
    """Return a market with instrument 1, whose filters are wide, in an engine of either kind."""
    return open_market()


@pytest.fixture
def open_exchange(engine_kind: str) -> ExchangeOpener:
    """Return what opens an exchange: assets BTC and USDT, instrument 1, and what else is sent."""

    def open_one(*records: bytes, **options: int) -> Exchange:
        exchange = Exchange(*make_engines(engine_kind, money=True, options=options))
        for record in (*ASSETS, *(records or (c.instrument(1),))):
            assert exchange.send(record) == ["accepted"]
        return exchange

    return open_one


@pytest.fixture
def exchange(open_exchange: ExchangeOpener) -> Exchange:
    """Return an exchange with accounts 1 to 3, each with 100 BTC units and 10,000 of USDT."""
    exchange = open_exchange()
    for account in (1, 2, 3):
        exchange.send(c.set_account(account))
        exchange.fund(account, c.BTC, 100)
        exchange.fund(account, c.USDT, 10_000)
    return exchange
