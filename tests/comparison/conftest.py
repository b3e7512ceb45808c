"""The engine in Rust, as the comparison makes it."""

from dataclasses import asdict

import pytest

from tests.comparison.compare import AnyEngine, EngineFactory, Options


@pytest.fixture(scope="session")
def make_fast() -> EngineFactory:
    """Return what makes a fast engine."""
    native = pytest.importorskip("outcry._native")

    def make(options: Options) -> AnyEngine:
        engine: AnyEngine = native.Engine(**asdict(options))
        return engine

    return make
