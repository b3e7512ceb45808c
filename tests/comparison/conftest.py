"""The engine in Rust, as the comparison makes it."""

import pytest

from tests.comparison.compare import AnyEngine, EngineFactory, Options


@pytest.fixture(scope="session")
def make_fast() -> EngineFactory:
    """Return what makes a fast engine."""
    native = pytest.importorskip("outcry._native")

    def make(options: Options) -> AnyEngine:
        engine: AnyEngine = native.Engine(
            shard=options.shard,
            work_max=options.work_max,
            mass_max=options.mass_max,
            remembered_requests=options.remembered_requests,
            check_invariants=options.check_invariants,
        )
        return engine

    return make
