"""Goal: a person sees which settings count and why, and what is wrong with each.

Method: the commands in this process, with files and variables of the environment.
"""

import json
import os
import tomllib
from pathlib import Path

import pytest

from outcry.settings import Settings, settings_text
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out of the environment what the tests themselves may be told."""
    for variable in [name for name in os.environ if name.startswith("OUTCRY_")]:
        monkeypatch.delenv(variable)


def test_show_tells_each_value_and_its_source(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "outcry.toml"
    file.write_text('durability = "none"\n[serve]\nport = 1\nkeys_max = 2\n')
    monkeypatch.setenv("OUTCRY_SERVE__PORT", "8081")
    said = command("config", "show", tmp_path)
    assert (said.code, said.err) == (0, "")
    assert f'durability = "none"  # {file}\n' in said.out
    assert "mass_max = 1024  # default\n" in said.out
    assert "port = 8081  # OUTCRY_SERVE__PORT\n" in said.out
    assert f"keys_max = 2  # {file}\n" in said.out
    # What it shows is itself a file that says the same.
    shown = tmp_path / "shown.toml"
    shown.write_text(said.out)
    monkeypatch.delenv("OUTCRY_SERVE__PORT")
    found = Settings.load(tmp_path, shown)
    assert (found.durability, found.serve.port, found.serve.keys_max) == ("none", 8_081, 2)
    told = json.loads(command("config", "show", tmp_path, "--json").out)
    assert told["serve.keys_max"] == {"value": 2, "source": str(file)}
    assert told["serve.port"] == {"value": 1, "source": str(file)}
    assert told["pin"] == {"value": [], "source": "default"}


def test_show_annotated_is_a_settings_file(command: Command, tmp_path: Path) -> None:
    said = command("config", "show", tmp_path, "--annotated")
    assert said == (0, settings_text(Settings()), "")
    assert tomllib.loads(said.out) == {"serve": {}}


def test_check_names_everything_that_is_wrong(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "outcry.toml"
    file.write_text('mass_max = 0\nspn = true\n[serve]\nport = 70000\nlog_format = "xml"\n')
    monkeypatch.setenv("OUTCRY_SERVE__KEYS_MAX", "0")
    monkeypatch.setenv("OUTCRY_DURABILTY", "none")
    said = command("config", "check", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert sorted(said.err.splitlines()) == sorted(
        [
            "outcry: OUTCRY_DURABILTY: overrides no setting",
            "outcry: OUTCRY_SERVE__KEYS_MAX: '0' should be greater than or equal to 1",
            f"outcry: {file}: mass_max: 0 should be greater than or equal to 1",
            f"outcry: {file}: serve.log_format: 'xml' should be 'console' or 'json'",
            f"outcry: {file}: serve.port: 70000 should be less than or equal to 65535",
            f"outcry: {file}: spn: this key is none that there is",
        ]
    )


def test_check_says_that_all_is_well(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "outcry.toml"
    assert (
        command("config", "check", tmp_path).out == f"{file}: not there, the defaults count: good\n"
    )
    file.write_text("")
    assert command("config", "check", tmp_path) == (0, f"{file}: good\n", "")
    other = tmp_path / "other.toml"
    said = command("config", "check", tmp_path, "--config", other)
    assert (said.code, said.err) == (2, f"outcry: settings: {other} is not there\n")
    other.write_text("mass_max = 0\n")
    assert command("config", "check", tmp_path, "--config", other).code == 2
    assert command("config", "show", tmp_path, "--config", other).code == 2


def test_no_text_of_a_file_gets_past_by_its_coding(command: Command, tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_bytes(b"\xff")
    said = command("config", "check", tmp_path)
    assert said.code == 2
    assert "this text is no TOML" in said.err
