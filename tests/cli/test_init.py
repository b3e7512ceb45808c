"""Goal: `outcry init` makes an exchange whose settings a person can read and change.

Method: the file that it writes is read back, each key with a value of its own; what must not
change later stands in it uncommented.
"""

import re
import tomllib
from pathlib import Path

import pytest

from outcry import Exchange, Settings
from outcry.cli.init import settings_text
from tests.cli.conftest import Command

KEY = re.compile(r"^# (\w+) = ", re.MULTILINE)


def test_every_key_stands_in_it_once_and_loads(tmp_path: Path) -> None:
    text = settings_text(Settings())
    assert KEY.findall(text) == list(Settings.model_fields)
    assert tomllib.loads(text) == {}
    values = tomllib.loads(KEY.sub(r"\1 = ", text))
    assert list(values) == list(Settings.model_fields)
    file = tmp_path / "all.toml"
    file.write_text(KEY.sub(r"\1 = ", text))
    assert Settings.load(tmp_path, file) == Settings()


@pytest.mark.parametrize(
    ("key", "bound"),
    [
        ("durability", "(one of sync, interval, none)"),
        ("durability_interval_ms", "(from 1 to 60,000)"),
        ("segment_bytes", "(from 1,048,576 to 1,099,511,627,776)"),
        ("pin", "(from 0 to 1,023)"),
        ("command_ring_bytes", "a power of two. (from 65,536 to 1,073,741,824)"),
    ],
)
def test_a_key_has_its_bounds(key: str, bound: str) -> None:
    text = settings_text(Settings())
    (meaning,) = re.findall(rf"((?:^# .*\n)+)^# {key} = ", text, re.MULTILINE)
    assert bound in " ".join(meaning.replace("#", " ").split())


def test_a_rule_that_differs_stands_in_it(tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text(settings_text(Settings(money=False, shard=7, spin=True)))
    found = Settings.load(tmp_path)
    assert (found.money, found.shard) == (False, 7)
    # What may be changed at any opening is not fixed.
    assert not found.spin


def test_it_makes_an_exchange_and_not_a_second_one(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b"
    monkeypatch.setenv("OUTCRY_SEGMENT_BYTES", str(1 << 20))
    said = command("init", folder, "--demo")
    file = folder / "outcry.toml"
    assert said == (0, f"{folder}: an exchange, durability sync; settings in {file}\n", "")
    with Exchange.open(folder) as exchange:
        assert [each.symbol for each in exchange.instruments()] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
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
