"""Every scenario runs on both engines."""

from collections.abc import Callable
from typing import Any

import pytest

from outcry.reference import ReferenceEngine
from tests.scenarios import commands as c
from tests.scenarios.market import Market, RawEngine

Opener = Callable[..., Market]


@pytest.fixture(params=["fast", "naive"])
def open_market(request: pytest.FixtureRequest) -> Opener:
    """Return what opens a market with instrument 1 in a new engine of either kind."""

    def open_one(*instruments: bytes, **options: Any) -> Market:
        naive = ReferenceEngine(check_invariants=True, **options)
        engine: RawEngine = naive
        if request.param == "fast":
            native = pytest.importorskip("outcry._native")
            engine = native.Engine(check_invariants=True, **options)
        market = Market(engine, naive)
        for record in instruments or (c.instrument(1),):
            assert market.send(record) == ["accepted"]
        return market

    return open_one


@pytest.fixture
def engine(open_market: Opener) -> Market:
    """Return a market with instrument 1, whose filters are wide, in an engine of either kind."""
    return open_market()
