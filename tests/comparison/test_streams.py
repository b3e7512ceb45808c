"""The two engines, compared event for event over random streams of every kind of command.

Goal: a rule that the two understand differently shows here. Method: streams by seed, in engines
with wide and with narrow bounds; all event records are compared, and the hash over the whole state
every thousand commands. A difference is reported with its seed, its command and a short stream.
"""

from dataclasses import replace

import pytest

from tests.comparison.compare import (
    EngineFactory,
    Options,
    accepted_orders,
    compare_stream,
    full_report,
    naive_engine,
)
from tests.comparison.streams import StreamMaker, opening

WIDE = Options()
NARROW = Options(shard=1, work_max=1, mass_max=2, remembered_requests=3)
BETWEEN = Options(shard=524_287, work_max=3, mass_max=5, remembered_requests=1)
FORGETFUL = Options(work_max=2, mass_max=1, remembered_requests=0)
ALL_OPTIONS = (WIDE, NARROW, BETWEEN, FORGETFUL)

QUICK_SEEDS, QUICK_COMMANDS = 10, 5_000
SLOW_SEEDS, SLOW_COMMANDS = 40, 25_000


def compare(seed: int, count: int, make_fast: EngineFactory) -> None:
    options = ALL_OPTIONS[seed % len(ALL_OPTIONS)]
    difference = compare_stream(seed, count, options, make_fast)
    assert difference is None, full_report(difference, make_fast)


@pytest.mark.parametrize("seed", range(QUICK_SEEDS))
def test_engines_agree(make_fast: EngineFactory, seed: int) -> None:
    compare(seed, QUICK_COMMANDS, make_fast)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_000 + SLOW_SEEDS))
def test_engines_agree_at_length(make_fast: EngineFactory, seed: int) -> None:
    compare(seed, SLOW_COMMANDS, make_fast)


@pytest.mark.parametrize("seed", [100, 101])
def test_invariants_hold_in_both(make_fast: EngineFactory, seed: int) -> None:
    options = replace(ALL_OPTIONS[seed % 2], check_invariants=True)
    difference = compare_stream(seed, 2_500, options, make_fast)
    assert difference is None, full_report(difference, make_fast)


def test_the_budgets_are_those_that_the_project_promises() -> None:
    assert QUICK_SEEDS * QUICK_COMMANDS >= 50_000
    assert SLOW_SEEDS * SLOW_COMMANDS >= 1_000_000


def test_a_seed_makes_one_stream() -> None:
    """The same seed makes the same commands, another seed others."""

    def stream(seed: int) -> bytes:
        engine = naive_engine(WIDE)
        maker = StreamMaker(seed)
        records = [step.record for step in opening()]
        for record in records:
            engine.apply(record)
        for _ in range(300):
            step = maker.step(engine.machine)
            maker.note_orders(accepted_orders(engine.apply(step.record)[1]), len(records))
            records.append(step.record)
        return b"".join(records)

    assert stream(1) == stream(1) != stream(2)
