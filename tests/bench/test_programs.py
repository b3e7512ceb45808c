"""Peers as programs: their answer is read, and what is no answer is told by name."""

from pathlib import Path

import pytest

from outcry.bench import programs
from tests.bench.conftest import MakeProgram

ANSWER = '{{"version": "1", "messages": 9, "trades": {}, "lots": {}, "runs": {}, "setting": "s"}}'


def played(trades: int, lots: int, runs: str) -> str:
    return f"print({ANSWER.format(trades, lots, runs)!r})"


@pytest.fixture
def flow(tmp_path: Path) -> programs.Flow:
    return programs.write_flow("w5", 500, tmp_path)


def test_a_flow_is_a_log_with_the_trades_it_makes(flow: programs.Flow) -> None:
    assert flow.log.read_bytes().startswith(b"OUTCRYCL")
    assert 0 < flow.trades < 500
    assert flow.lots >= flow.trades * 100


def test_the_same_trades_are_said(make_program: MakeProgram, flow: programs.Flow) -> None:
    program = make_program("peer", played(flow.trades, flow.lots, "[1.5, 2.5]"))
    peer = programs.measure(program, flow, 2)
    assert (peer.name, peer.version) == ("peer", "1")
    assert peer.figure.values == (1.5, 2.5)
    assert peer.figure.setting == f"s; as many trades ({flow.trades}) and lots as ours"


def test_other_trades_are_said(make_program: MakeProgram, flow: programs.Flow) -> None:
    program = make_program("peer", played(flow.trades, flow.lots + 1, "[1.5]"))
    setting = programs.measure(program, flow, 1).figure.setting
    assert f"ours are {flow.trades} of {flow.lots}" in setting


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("raise SystemExit('out of memory')", "peer: exit code 1: out of memory"),
        ("print('nothing')", "peer: its answer cannot be read"),
        ("print('{}')", "peer: its answer cannot be read: KeyError"),
        (played(1, 1, "[1.0]"), "peer: it answered 1 runs of 2"),
        (played(1, 1, '["fast", 1]'), "peer: its answer cannot be read: ValueError"),
    ],
)
def test_what_is_no_answer_is_told(
    make_program: MakeProgram, flow: programs.Flow, text: str, problem: str
) -> None:
    with pytest.raises(programs.PeerError, match=r"^peer: ") as failed:
        programs.measure(make_program("peer", text), flow, 2)
    assert str(failed.value).startswith(problem)


def test_one_that_hangs_is_stopped(
    make_program: MakeProgram, flow: programs.Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SECONDS_MAX", 0.2)
    with pytest.raises(programs.PeerError, match="not done after"):
        programs.measure(make_program("peer", "__import__('threading').Event().wait()"), flow, 1)


def test_one_that_cannot_run_is_told(tmp_path: Path, flow: programs.Flow) -> None:
    program = tmp_path / "peer"
    program.write_text("no program", encoding="utf-8")
    with pytest.raises(programs.PeerError, match="PermissionError"):
        programs.measure(program, flow, 1)
