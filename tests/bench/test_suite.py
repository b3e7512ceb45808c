"""The rows by name: which are chosen, which are measured, what a row that fails leaves behind.

Method: workloads cut short, with peers that are played by small programs.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from outcry import _native
from outcry.bench import NAMES, TARGETS, Plan, choose, measure, python_rows, rest_rows, suite
from outcry.bench import order_flow as flows
from outcry.bench.bourse_peer import bourse_version
from outcry.errors import InvalidValue, UnverifiedFigure
from tests.bench.conftest import MakeProgram

PEER = """
import json
runs = int(__import__("sys").argv[2])
print(json.dumps({"version": "1.2", "messages": 1, "trades": 0, "lots": 0,
                  "runs": [0.5] * runs, "setting": "played"}))
"""


def plan(*names: str, runs: int = 2, peers: Path = Path("absent")) -> Plan:
    folder = Path(gettempdir())
    return Plan(choose(names), runs, quick=True, peers=peers, folder=folder)


def silent(_: str) -> None:
    """Hear nothing."""


def test_every_row_of_the_core_has_a_name() -> None:
    for row in _native.bench_rows():
        assert any(name == row or name.startswith(f"{row}/") for name in NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ([], NAMES),
        (["matching/w1"], (*suite.SCENARIOS, suite.WORST)),
        (["matching/w1/"], (*suite.SCENARIOS, suite.WORST)),
        (["matching/w5", "matching/w2"], ("matching/w2", "matching/w5")),
        (["python", "python/batch"], suite.PYTHON),
        (["latency/w1/p99"], ("latency/w1/p99",)),
        (["exchange/durable_open_loop"], suite.OPEN_LOOPS),
        (["exchange/durable", "recovery"], ("exchange/durable", suite.RECOVERY)),
    ],
)
def test_names_and_heads_choose(wanted: list[str], chosen: tuple[str, ...]) -> None:
    assert choose(wanted) == chosen


@pytest.mark.parametrize("wanted", ["matching/w", "w1", "", "matching/w1/worst/x"])
def test_other_names_are_refused_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        choose(["matching/w5", wanted])
    assert refused.value.field == "row"
    assert all(name in str(refused.value) for name in NAMES)


# Each of the gateway's rows starts several servers.
LONG = {"book/1m_live", *suite.SCENARIOS, *rest_rows.NAMES}
# What is measured at once is the same for its other rows.
REPEATED = {row for rows in suite.MEASURED_AT_ONCE.values() for row in rows[1:]}


# These go on for seconds by the clock.
TIMED = {name for name in NAMES if name.startswith("exchange/durable_open_loop")}
# One row of each kind is enough where the others are measured by the slow tests.
FIRST = {name.split("/")[0]: name for name in reversed(NAMES) if name not in LONG | TIMED}
ALONE = [
    pytest.param(name, marks=[] if name in FIRST.values() else [pytest.mark.slow])
    for name in NAMES
    if name not in LONG | REPEATED
]


@pytest.mark.parametrize("name", ALONE)
def test_each_row_is_measured_alone(name: str) -> None:
    report = measure(plan(name), silent)
    assert [row.figure.name for row in report.rows] == [name]
    assert not report.failures
    (row,) = report.rows
    assert len(row.figure.values) == (1 if name == suite.MEMORY else 2)
    assert all(value > 0 for value in row.figure.values)
    assert row.figure.setting


@pytest.mark.slow
def test_every_row_is_measured_in_its_order() -> None:
    report = measure(plan(runs=1), silent)
    assert tuple(row.figure.name for row in report.rows) == NAMES
    assert not report.failures


@pytest.mark.slow
def test_whole_workloads_have_the_expected_hashes() -> None:
    rows = ("matching", "book", "exchange/no_journal")
    report = measure(replace(plan(*rows, runs=1), quick=False), silent)
    assert not report.failures
    assert tuple(row.figure.name for row in report.rows) == choose(rows)


def test_worst_is_the_lowest_median_of_all_five() -> None:
    rows = {row.figure.name: row.figure for row in measure(plan("matching/w1"), silent).rows}
    medians = [rows[name].median for name in suite.SCENARIOS]
    assert rows[suite.WORST].median == min(medians)
    assert "the lowest median of the five" in rows[suite.WORST].setting


def test_a_planted_wrong_digest_fails_its_row_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = replace(flows.order_flow(suite.QUICK_COUNT), digest=1)
    monkeypatch.setattr(suite, "order_flow", lambda _: wrong)
    report = measure(plan(python_rows.BATCH, "matching/w5"), silent)
    assert [row.figure.name for row in report.rows] == ["matching/w5"]
    assert "expected is 0000000000000001" in report.failures[python_rows.BATCH]


def test_worst_fails_with_a_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure_native(name: str, *arguments: Any) -> object:  # noqa: ANN401 (handed on)
        if name == suite.SCENARIOS[2]:
            raise UnverifiedFigure(name, "planted")
        return _native.measure(name, *arguments)

    core = type("Core", (), {**vars(_native), "measure": staticmethod(measure_native)})
    monkeypatch.setattr(suite, "_native", core)
    report = measure(plan("matching/w1"), silent)
    assert report.failures[suite.SCENARIOS[2]] == "planted"
    assert suite.SCENARIOS[2] in report.failures[suite.WORST]
    assert len(report.rows) == len(suite.SCENARIOS) - 1


def test_peers_that_are_absent_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.bench.bourse_peer.bourse_version", lambda: None)
    report = measure(plan("matching/w5", "python/one_call"), silent)
    assert [row.peers for row in report.rows] == [(), ()]
    assert set(report.notes) == {"bourse", "exchange-core", "orderbook-rs"}
    assert all(row.json()["peer"] is row.json()["ratio"] is None for row in report.rows)


def test_the_best_peer_stands_beside_the_row(make_program: MakeProgram) -> None:
    make_program("orderbook-rs", PEER)
    folder = make_program("exchange-core", PEER.replace("0.5", "0.25")).parent
    (row,) = measure(plan("matching/w5", peers=folder), silent).rows
    said = row.json()
    assert said["peer"] == {"name": "orderbook-rs", "median": 0.5}
    assert said["ratio"] == pytest.approx(row.figure.median / 0.5)
    assert {peer["name"]: peer["median"] for peer in said["peers"]} == {
        "exchange-core": 0.25,
        "orderbook-rs": 0.5,
    }
    assert "0 trades of 0 lots, ours are" in said["peers"][0]["setting"]


def test_a_target_is_told_beside_its_row() -> None:
    (row,) = measure(plan("exchange/no_journal"), silent).rows
    median = row.figure.median
    assert row.json()["target"] == {"at_least": 8, "met": median >= 8}
    assert row.target is not None
    assert row.target.is_met(9)
    assert not row.target.is_met(7.9)
    assert set(TARGETS) <= set(NAMES)
    (without,) = measure(plan("matching/w5"), silent).rows
    assert without.json()["target"] is None


def test_worst_takes_each_peers_own_worst(make_program: MakeProgram) -> None:
    slow_crash = PEER.replace("0.5", '(0.1 if "crash" in __import__("sys").argv[1] else 0.5)')
    folder = make_program("orderbook-rs", slow_crash).parent
    (row,) = measure(plan(suite.WORST, runs=1, peers=folder), silent).rows
    assert row.peer is not None
    assert row.peer.figure.median == 0.1


def test_a_peer_that_fails_is_noted(make_program: MakeProgram) -> None:
    folder = make_program("orderbook-rs", "raise SystemExit('no such thing')").parent
    report = measure(plan("matching/w5", peers=folder), silent)
    assert [row.figure.name for row in report.rows] == ["matching/w5"]
    assert report.notes["orderbook-rs"] == "orderbook-rs: exit code 1: no such thing"


@pytest.mark.skipif(bourse_version() is None, reason="bourse is absent")
def test_bourse_makes_the_same_trades() -> None:
    (row,) = measure(plan("python/one_call"), silent).rows
    assert row.peer is not None
    assert row.peer.name == "bourse"
    assert "the same trades" in row.peer.figure.setting
