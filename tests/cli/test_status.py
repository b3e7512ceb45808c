"""Goal: a directory tells how its exchange is doing, whoever has it open.

Method: the status of one that is closed, and of one that this process holds.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest

from outcry import Exchange
from tests.cli.conftest import SETTINGS, Command
from tests.gateways.serving import make_venue, served


def test_a_closed_exchange_tells_what_it_holds(command: Command, market: Path) -> None:
    row = json.loads(command("status", "--json", "--data", market).out)
    assert row["in_use_by"] is None
    assert (row["instruments"], row["accounts"], row["open_orders"]) == (1, 2, 1)
    assert (row["sequence"], row["durability"], row["notes"]) == (11, "none", [])
    assert row["snapshot_sequence"] == 11


def test_an_open_exchange_tells_who_holds_it(command: Command, market: Path) -> None:
    with Exchange.open(market, SETTINGS):
        said = command("status", "--json", "--data", market)
        shown = command("status", "--data", market)
    row = json.loads(said.out)
    assert (said.code, row["in_use_by"]) == (0, os.getpid())
    assert row["journal_bytes"] >= 1 << 20
    assert row["event_bytes"] > 0
    assert row["snapshot_sequence"] == 11
    assert str(market) in shown.out


def test_a_served_exchange_tells_how_its_server_is_doing(command: Command, tmp_path: Path) -> None:
    make_venue(tmp_path)
    with served(tmp_path) as server:
        said = command("status", "--json", "--data", tmp_path, "--url", server.address)
        elsewhere = command("status", "--json", "--data", tmp_path, "--url", "http://127.0.0.1:9")
    row = json.loads(said.out)
    assert (said.code, row["in_use_by"]) == (0, server.process.pid)
    assert (row["served_at"], row["halted"], row["open_orders"]) == (server.address, None, 80)
    assert row["history_lag_commands"] <= row["sequence"]
    assert "does not serve" in json.loads(elsewhere.out)["served_at"]


class Watch:
    """`outcry status --watch`, row by row."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "outcry", "status", "--watch", "--json"]
        self.process = subprocess.Popen(
            [*command, "--data", str(data), *options], stdout=subprocess.PIPE, text=True
        )
        self._text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def row(self) -> dict[str, Any]:
        """Return the next row that it shows."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, self._text
            self._text = (self._text + line).lstrip()
            try:
                row, end = json.JSONDecoder().raw_decode(self._text)
            except ValueError:
                continue
            self._text = self._text[end:]
            return dict(row)


@pytest.mark.slow
def test_watch_shows_it_anew_until_ctrl_c(tmp_path: Path) -> None:
    make_venue(tmp_path)
    with served(tmp_path) as server, Watch(tmp_path, "--url", server.address) as watch:
        rows = [watch.row() for _ in range(3)]
    asked = [row["requests"] for row in rows]
    assert asked == sorted(set(asked)), "each is asked anew"
    assert {row["in_use_by"] for row in rows} == {server.process.pid}


@pytest.mark.slow
def test_watching_leaves_a_closed_directory_alone_until_it_is_opened(tmp_path: Path) -> None:
    make_venue(tmp_path)

    def touched() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    with Watch(tmp_path) as watch:
        assert watch.row()["in_use_by"] is None
        before = touched()
        assert [watch.row()["in_use_by"] for _ in range(2)] == [None, None]
        assert touched() == before
        with served(tmp_path) as server:
            while (holder := watch.row()["in_use_by"]) is None:
                pass
        assert holder == server.process.pid


def test_what_is_not_at_work_is_told(command: Command, tmp_path: Path) -> None:
    make_venue(tmp_path)
    with served(tmp_path) as server:
        (tmp_path / "keys.db").rename(tmp_path / "away")
        said = command("status", "--json", "--data", tmp_path, "--url", server.address)
        while (row := json.loads(said.out))["ready"] or "keys" not in str(row["problems"]):
            said = command("status", "--json", "--data", tmp_path, "--url", server.address)
    (problem,) = (each for each in row["problems"] if each.startswith("keys"))
    assert problem == "keys: cannot be read: No such file or directory"
