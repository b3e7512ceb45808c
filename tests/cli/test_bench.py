"""`outcry bench`: the table, the JSON's schema, and how it ends.

Method: the command itself, in process, with workloads cut short.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from outcry.bench import NAMES, suite
from outcry.cli import main
from outcry.errors import UnverifiedFigure

ROW = {
    "name": str,
    "unit": str,
    "median": float,
    "min": float,
    "max": float,
    "runs": int,
    "values": list,
    "setting": str,
    "peers": list,
}
MACHINE = {"cpu": str, "cores": int, "memory": str, "os": str, "python": str, "rust": str}


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main(["bench", *(str(argument) for argument in arguments)])
    assert isinstance(left.value.code, int)
    return left.value.code


def measured(tmp_path: Path, *names: str) -> dict[str, Any]:
    file = tmp_path / "bench.json"
    assert run(*names, "--quick", "--runs", "3", "--peers", tmp_path, "--json", file) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def test_json_has_its_schema(tmp_path: Path) -> None:
    document = measured(tmp_path, "matching/w2", "python/one_call", "latency")
    assert set(document) == {"machine", "commit", "quick", "rows", "failures", "notes"}
    assert {name: type(value) for name, value in document["machine"].items()} == MACHINE
    assert document["commit"] is None or len(document["commit"]) >= 40
    assert document["quick"] is True
    assert document["failures"] == {}
    assert {"exchange-core", "orderbook-rs"} <= set(document["notes"])
    names = ["matching/w2", "python/one_call", *suite.LATENCIES]
    assert [row["name"] for row in document["rows"]] == names
    for row in document["rows"]:
        assert set(row) == {*ROW, "peer", "ratio", "target"}
        assert all(isinstance(row[name], kind) for name, kind in ROW.items())
        assert row["runs"] == len(row["values"]) == 3
        assert row["min"] <= row["median"] <= row["max"]
        assert (row["peer"] is None) == (row["ratio"] is None) == (row["peers"] == [])


def test_table_names_rows_and_settings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    measured(tmp_path, "matching/w5", "memory")
    said = capsys.readouterr()
    assert "matching/w5 " in said.out
    assert "memory/resting_order" in said.out
    assert "2000 messages" in said.out
    assert "batch 1024" in said.out
    assert "quick: workloads cut short" in said.out
    assert "without orderbook-rs: not built" in said.out
    assert "measuring matching/w5" in said.err


def test_unknown_name_ends_with_the_known_ones(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "bench.json"
    assert run("matching/w9", "--json", file) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("outcry: row: matching/w9 is no row")
    assert all(name in said.err for name in NAMES)
    assert not file.exists()


def test_folder_that_is_not_there_is_told_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("matching/w5", "--json", tmp_path / "absent" / "bench.json") == 2
    said = capsys.readouterr()
    assert "No such file or directory" in said.err
    assert "measuring" not in said.err


def test_a_figure_that_is_not_verified_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise UnverifiedFigure("python/batch", "planted")

    monkeypatch.setattr("outcry.bench.python_rows.batch", refuse)
    file = tmp_path / "bench.json"
    assert run("python/batch", "memory", "--quick", "--json", file) == 1
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["failures"] == {"python/batch": "planted"}
    assert [row["name"] for row in document["rows"]] == ["memory/resting_order"]
    assert "FAILED python/batch: planted" in capsys.readouterr().out


@pytest.mark.parametrize("option", [["--runs", "0"], ["--runs", "1001"], ["--runs", "many"]])
def test_bad_options_are_refused(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    assert run("memory", *option) == 2
    assert "--runs" in capsys.readouterr().err
