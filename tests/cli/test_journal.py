"""`outcry journal`: exit codes, lines of JSON, Parquet, and a repair that asks."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from outcry import Exchange
from outcry.cli.journal import app


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    with Exchange.open(tmp_path / "data") as exchange:
        exchange.add_asset("BTC", 8)
        exchange.set_account(7)
        exchange.deposit(7, "BTC", "100000000000000", source=(1, 1))
    return tmp_path / "data"


def damage(directory: Path, offset: int = 400) -> None:
    (segment,) = (directory / "journal").glob("*.journal")
    data = bytearray(segment.read_bytes())
    data[offset] ^= 1
    segment.write_bytes(data)


def test_verify_ends_with_what_it_saw(directory: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    good = runner.invoke(app, ["verify", str(directory)])
    assert good.exit_code == 0
    assert good.stdout.rstrip().endswith("good")
    seen = json.loads(runner.invoke(app, ["verify", "--json", str(directory)]).stdout)
    assert (seen["verdict"], seen["last_sequence"]) == ("good", 3)
    damage(directory)
    assert runner.invoke(app, ["verify", str(directory)]).exit_code == 1
    assert runner.invoke(app, ["verify", str(tmp_path / "nowhere")]).exit_code == 2


def test_dump_prints_a_line_a_command(directory: Path) -> None:
    result = CliRunner().invoke(app, ["dump", str(directory), "--from", "2", "--to", "3"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["sequence"] for line in lines] == [2, 3]
    assert lines[1]["amount"] == 10**22
    assert lines[1]["source"] == [1, 1]


def test_dump_to_parquet_keeps_what_is_wide(directory: Path, tmp_path: Path) -> None:
    out = tmp_path / "commands.parquet"
    result = CliRunner().invoke(app, ["dump", str(directory), "--parquet", str(out)])
    assert result.exit_code == 0
    frame = pl.read_parquet(out)
    assert frame["kind"].to_list() == ["add_asset", "set_account", "deposit"]
    assert frame["amount"].to_list() == [None, None, str(10**22)]
    assert frame.schema["sequence"] == pl.UInt64


def test_dump_bears_a_reader_that_leaves(directory: Path) -> None:
    program = "from outcry.cli.main import main; main()"
    command = [sys.executable, "-c", program, "journal", "dump", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_repair_asks_first(directory: Path) -> None:
    damage(directory)
    runner = CliRunner()
    refused = runner.invoke(app, ["repair", str(directory)], input="n\n")
    assert refused.exit_code == 1
    assert not (directory / "quarantine").exists()
    done = runner.invoke(app, ["repair", str(directory), "--yes"])
    assert done.exit_code == 0, done.output
    assert "epoch 2 begins" in done.stdout
    assert runner.invoke(app, ["verify", str(directory)]).exit_code == 0
