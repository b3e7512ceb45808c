"""Goal: `outcry init` makes an exchange whose settings a person can read and change.

Method: the exchange that it made is opened again, with and without what the environment said.
"""

from pathlib import Path

import pytest

from outcry import Exchange
from tests.cli.conftest import Command


def test_it_makes_an_exchange_and_not_a_second_one(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b"
    monkeypatch.setenv("OUTCRY_SEGMENT_BYTES", str(1 << 20))
    said = command("init", folder, "--demo")
    file = folder / "outcry.toml"
    assert said == (0, f"{folder}: an exchange, durability sync; settings in {file}\n", "")
    with Exchange.open(folder) as exchange:
        assert [each.symbol for each in exchange.instruments()] == [
            "BTCUSDT",
            "ETHUSDT",
            "ETHBTC",
            "AAPLUSD",
        ]
        assert exchange.balances(1001)["USDT"].available > 0
    again = command("init", folder)
    assert (again.code, again.out) == (2, "")
    assert again.err == f"outcry: DIR: {folder} holds an exchange already\n"


def test_it_keeps_a_rule_that_the_environment_said(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCRY_MONEY", "false")
    monkeypatch.setenv("OUTCRY_SEGMENT_BYTES", str(1 << 20))
    assert command("init", tmp_path).code == 0
    monkeypatch.delenv("OUTCRY_MONEY")
    assert command("status", "--data", tmp_path).code == 0


def test_a_wrong_setting_leaves_nothing_behind(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCRY_DURABILITY", "never")
    said = command("init", tmp_path / "new")
    assert said.code == 2
    assert "OUTCRY_DURABILITY: 'never' should be 'sync', 'interval' or 'none'" in said.err
    assert not (tmp_path / "new").exists()
