"""The two engines with money, compared event for event over random streams of every command.

Goal: a rule of money that the two understand differently shows here. Method: as without money, in
engines with wide and with narrow bounds; accounts have so little that many orders are refused.
"""

from collections import Counter
from dataclasses import replace

import pytest

from outcry.reference.codes import EventKind, Reason
from outcry.reference.events import EVENT
from tests.comparison.compare import (
    EngineFactory,
    Options,
    compare_stream,
    full_report,
    naive_engine,
)
from tests.comparison.money_streams import MoneyStreamMaker, money_opening

WIDE = Options(money=True)
NARROW = Options(
    money=True,
    shard=1,
    work_max=1,
    mass_max=2,
    remembered_requests=3,
    accounts_max=8,
    asset_max=6,
    withdrawals_max=2,
    sources_max=5,
)
BETWEEN = Options(
    money=True,
    shard=524_287,
    work_max=3,
    mass_max=5,
    remembered_requests=1,
    accounts_max=7,
    asset_max=5,
    withdrawals_max=4,
    sources_max=6,
)
FORGETFUL = Options(
    money=True, work_max=2, mass_max=1, remembered_requests=0, accounts_max=6, withdrawals_max=1
)
MONEY_OPTIONS = (WIDE, NARROW, BETWEEN, FORGETFUL)

QUICK_SEEDS, QUICK_COMMANDS = len(MONEY_OPTIONS), 2_500
SEEDS, COMMANDS = 10, 5_000
SLOW_SEEDS, SLOW_COMMANDS = 40, 25_000

# What must happen often enough in a stream for it to say anything of money.
OFTEN = (
    Reason.INSUFFICIENT_BALANCE,
    Reason.ACCOUNT_CANCEL_ONLY,
    Reason.ACCOUNT_FROZEN,
    Reason.ACCOUNT_RESERVED,
    Reason.UNKNOWN_ACCOUNT,
    Reason.UNKNOWN_WITHDRAWAL,
)
SOMETIMES = (
    Reason.TOTAL_ABOVE_MAXIMUM,
    Reason.TOO_MANY_ACCOUNTS,
    Reason.TOO_MANY_WITHDRAWALS,
    Reason.TOO_MANY_SOURCES,
    Reason.UNKNOWN_ASSET,
    Reason.ASSET_EXISTS,
    Reason.TOO_MANY_ASSETS,
    Reason.ASSET_DECIMALS,
    Reason.INVALID_SOURCE,
)


def compare(seed: int, count: int, make_fast: EngineFactory) -> None:
    options = MONEY_OPTIONS[seed % len(MONEY_OPTIONS)]
    difference = compare_stream(seed, count, options, make_fast)
    assert difference is None, full_report(difference, make_fast)


@pytest.mark.parametrize("seed", range(QUICK_SEEDS))
def test_engines_agree_on_money_at_first(make_fast: EngineFactory, seed: int) -> None:
    compare(seed, QUICK_COMMANDS, make_fast)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_engines_agree_on_money(make_fast: EngineFactory, seed: int) -> None:
    compare(seed, COMMANDS, make_fast)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2_000, 2_000 + SLOW_SEEDS))
def test_engines_agree_on_money_at_length(make_fast: EngineFactory, seed: int) -> None:
    compare(seed, SLOW_COMMANDS, make_fast)


@pytest.mark.parametrize("seed", [100, pytest.param(101, marks=pytest.mark.slow)])
def test_invariants_of_money_hold_in_both(make_fast: EngineFactory, seed: int) -> None:
    options = replace(MONEY_OPTIONS[seed % 2], check_invariants=True)
    difference = compare_stream(seed, 1_500, options, make_fast)
    assert difference is None, full_report(difference, make_fast)


@pytest.mark.slow
def test_streams_say_something_of_money() -> None:
    """Of some thousand commands in narrow bounds, many trade and many are refused for want."""
    counts: Counter[int] = Counter()
    reasons: Counter[int] = Counter()
    for seed in (1, 2):
        engine = naive_engine(MONEY_OPTIONS[seed])
        maker = MoneyStreamMaker(seed)
        steps = money_opening()
        for _ in range(5_000):
            step = steps.pop(0) if steps else maker.step(engine.machine)
            for record in engine.apply(step.record)[1]:
                kind, _, code, *_ = EVENT.unpack(record)
                counts[kind] += 1
                reasons[code] += kind == EventKind.REJECTED
    assert counts[EventKind.TRADED] > 500
    assert counts[EventKind.DUPLICATE_REQUEST] > 100
    assert counts[EventKind.BALANCE_CHANGED] > 5_000
    assert reasons[Reason.INSUFFICIENT_BALANCE] > 500
    assert [reason.name for reason in OFTEN if reasons[reason] < 10] == []
    assert [reason.name for reason in SOMETIMES if reasons[reason] < 1] == []


def test_the_budgets_are_those_that_the_project_promises() -> None:
    assert SEEDS * COMMANDS >= 50_000
    assert SLOW_SEEDS * SLOW_COMMANDS >= 1_000_000
