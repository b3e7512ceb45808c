"""Goal: a settings file tells a person every key, and docs/configuration.md is that file.

Method: the text is read back, each key with a value of its own; what must not change later stands
in it uncommented; the document holds the text as it is made from the models.
"""

import re
import tomllib
from pathlib import Path

import pytest

from outcry import Settings
from outcry.settings import ServeSettings, settings_text, toml

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = re.compile(r"^# (\w+) = ", re.MULTILINE)
OWN = [name for name in Settings.model_fields if name != "serve"]


def test_every_key_stands_in_it_once_and_loads(tmp_path: Path) -> None:
    text = settings_text(Settings())
    assert KEY.findall(text) == [*OWN, *ServeSettings.model_fields]
    assert tomllib.loads(text) == {"serve": {}}
    file = tmp_path / "all.toml"
    file.write_text(KEY.sub(r"\1 = ", text))
    values = tomllib.loads(file.read_text())
    assert list(values) == [*OWN, "serve"]
    assert list(values["serve"]) == list(ServeSettings.model_fields)
    assert Settings.load(tmp_path, file) == Settings()


@pytest.mark.parametrize("model", [Settings, ServeSettings])
def test_every_key_says_what_it_means(model: type[Settings] | type[ServeSettings]) -> None:
    text = settings_text(Settings())
    for name in model.model_fields:
        if name != "serve":
            assert re.search(rf"^# [A-Z].+\n(# .+\n)*(# )?{name} = ", text, re.MULTILINE), name


@pytest.mark.parametrize("name", ServeSettings.model_fields)
def test_every_figure_of_serving_has_bounds_and_a_unit(name: str) -> None:
    field = ServeSettings.model_fields[name]
    if field.annotation is not int:
        return
    bounds = {key for each in field.metadata for key in ("ge", "le") if hasattr(each, key)}
    assert bounds == {"ge", "le"}, name
    meaning = settings_text(Settings()).split(f"# {name} = ")[0].rpartition("\n\n")[2]
    for suffix, unit in (("_ms", "milliseconds"), ("_s_", "seconds"), ("_bytes", "Bytes")):
        if suffix in f"{name}_":
            assert unit in " ".join(meaning.replace("#", " ").split()), name


@pytest.mark.parametrize(
    ("key", "bound"),
    [
        ("durability", "(one of sync, interval, none)"),
        ("durability_interval_ms", "(from 1 to 60,000)"),
        ("segment_bytes", "(from 1,048,576 to 1,099,511,627,776)"),
        ("pin", "(from 0 to 1,023)"),
        ("command_ring_bytes", "a power of two. (from 65,536 to 1,073,741,824)"),
        ("port", "0 takes a free one. (from 0 to 65,535)"),
        ("log_format", "(one of console, json)"),
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


@pytest.mark.parametrize("value", ['a "b" \\ c', True, 7, ("x", "y"), (0, 1), ()])
def test_a_value_reads_back_as_it_was(value: object) -> None:
    read = tomllib.loads(f"key = {toml(value)}")["key"]
    assert (tuple(read) if isinstance(value, tuple) else read) == value


def test_the_document_holds_the_file() -> None:
    document = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    assert settings_text(Settings()) in blocks, (
        "put the text of `outcry config show --annotated` into docs/configuration.md"
    )


@pytest.mark.parametrize("name", ServeSettings.model_fields)
def test_every_bound_is_held_by_something(name: str) -> None:
    sources = (ROOT / "src" / "outcry").rglob("*.py")
    texts = (path.read_text(encoding="utf-8") for path in sources if "settings" not in path.parts)
    assert any(re.search(rf"\.{name}\b", text) for text in texts), name
