"""Goal: settings come from where they were said, and one that cannot be is named there.

Method: files and variables of the environment against each other; a table of bad values.
"""

from pathlib import Path

import pytest

from outcry import InvalidSetting, Settings
from outcry.settings import ServeSettings


def test_defaults_hold_where_nothing_is_said(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    assert settings == Settings()
    assert (settings.durability, settings.money, settings.segment_bytes) == ("sync", True, 64 << 20)


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outcry.toml").write_text('durability = "none"\nmass_max = 7\npin = [0, 1]\n')
    assert Settings.load(tmp_path).durability == "none"
    monkeypatch.setenv("OUTCRY_DURABILITY", "interval")
    monkeypatch.setenv("OUTCRY_PIN", "[1]")
    settings = Settings.load(tmp_path)
    assert (settings.durability, settings.mass_max, settings.pin) == ("interval", 7, (1,))
    assert Settings(durability="sync").durability == "sync"


def test_another_file_counts_instead(tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text("mass_max = 7\n")
    other = tmp_path / "other.toml"
    with pytest.raises(FileNotFoundError, match=r"other\.toml is not there"):
        Settings.load(tmp_path, other)
    other.write_text("work_max = 9\n")
    settings = Settings.load(tmp_path, other)
    assert (settings.mass_max, settings.work_max) == (1_024, 9)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("segment_bytes = 12", "segment_bytes: 12 should be greater than or equal to 1048576"),
        ("command_ring_bytes = 100000", "command_ring_bytes: 100000 should be a power of two"),
        ('durability = "maybe"', "durability: 'maybe' should be 'sync', 'interval' or 'none'"),
        ("mass_max = 0", "mass_max: 0 should be greater than or equal to 1"),
        ("shard = 524288", "shard: 524288 should be less than or equal to 524287"),
        ("pin = [0, 1024]", "pin.1: 1024 should be less than or equal to 1023"),
        ("durabilty = 1", "durabilty: this key is none that there is"),
        ('mass_max = "x"', "mass_max: 'x' should be a valid integer"),
        ("[serve]\nport = 65536", "serve.port: 65536 should be less than or equal to 65535"),
        ("[serve]\nprot = 1", "serve.prot: this key is none that there is"),
        ("serve = 1", "serve: 1 should be a valid dictionary"),
        (
            '[serve]\nadmin_networks = ["::1", "10.0.0.1/8"]',
            "serve.admin_networks.1: '10.0.0.1/8' should be an IP network: 10.0.0.1/8 has host",
        ),
        (
            "[serve]\nban_s_first = 400000",
            "serve.ban_s_max: 259200 should be at least ban_s_first, which is 400000",
        ),
    ],
)
def test_a_bad_value_is_named_with_its_file(tmp_path: Path, line: str, text: str) -> None:
    file = tmp_path / "outcry.toml"
    file.write_text(f"{line}\n")
    with pytest.raises(InvalidSetting) as caught:
        Settings.load(tmp_path)
    assert str(caught.value).startswith(f"{file}: {text}")


def test_a_bad_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_MASS_MAX", "0")
    with pytest.raises(InvalidSetting, match=r"^OUTCRY_MASS_MAX: '0' should be greater"):
        Settings.load(tmp_path)


def test_what_is_no_toml_is_said(tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text("durability: none\n")
    with pytest.raises(InvalidSetting, match=r"outcry\.toml: this text is no TOML"):
        Settings.load(tmp_path)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().spin = True


def test_the_environment_wins_within_a_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outcry.toml").write_text("mass_max = 7\n[serve]\nport = 1\nkeys_max = 2\n")
    monkeypatch.setenv("OUTCRY_SERVE__PORT", "3")
    monkeypatch.setenv("OUTCRY_SERVE__ADMIN_NETWORKS", '["10.0.0.0/8"]')
    serve = Settings.load(tmp_path).serve
    assert isinstance(serve, ServeSettings)
    assert (serve.port, serve.keys_max, serve.admin_networks) == (3, 2, ("10.0.0.0/8",))
    monkeypatch.setenv("OUTCRY_SERVE", '{"log_format": "json", "port": 9}')
    serve = Settings.load(tmp_path).serve
    assert (serve.port, serve.keys_max, serve.log_format) == (3, 2, "json")


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        ("OUTCRY_SERVE__PORT", "x", "OUTCRY_SERVE__PORT: 'x' should be a valid integer"),
        ("OUTCRY_SERVE__PROT", "1", "OUTCRY_SERVE__PROT: this key is none that there is"),
        ("OUTCRY_SERVE", "{", "OUTCRY_SERVE: '{' should be JSON"),
        ("OUTCRY_SERVE", '{"port": -1}', "OUTCRY_SERVE: -1 should be greater than or equal to 0"),
        (
            "OUTCRY_SERVE__ADMIN_NETWORKS",
            "10.0.0.0/8",
            "OUTCRY_SERVE__ADMIN_NETWORKS: '10.0.0.0/8' should be JSON",
        ),
        ("OUTCRY_PIN", "0, 1", "OUTCRY_PIN: '0, 1' should be JSON"),
        ("outcry_mass_max", "0", "OUTCRY_MASS_MAX: '0' should be greater"),
    ],
)
def test_a_bad_variable_is_named_however_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, text: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSetting) as caught:
        Settings.load(tmp_path)
    assert str(caught.value).startswith(text)


def test_all_problems_are_told_and_the_first_is_raised(tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text("mass_max = 0\nwork_max = 0\n[serve]\nport = -1\n")
    fields = [each.field.rpartition(": ")[2] for each in Settings.problems(tmp_path)]
    assert fields == ["work_max", "mass_max", "serve.port"]
    with pytest.raises(InvalidSetting, match="work_max"):
        Settings.load(tmp_path)
    (tmp_path / "outcry.toml").unlink()
    assert Settings.problems(tmp_path) == []
