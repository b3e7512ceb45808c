"""`outcry init`: a data directory with its settings and an empty exchange."""

from pathlib import Path
from typing import Annotated, Final, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from outcry import _native
from outcry.cli.data_directory import DATA, JOURNAL
from outcry.errors import InvalidValue
from outcry.exchange import Exchange
from outcry.settings import FILE_NAME, Settings

_BOUNDS: Final = {"ge": "from", "le": "to"}
_COLUMNS: Final = 92
_HEAD: Final = """\
# The settings of this exchange. A line without its # counts; OUTCRY_<KEY> in the environment
# counts before it. Settings are read when the exchange is opened.
"""
_RULES: Final = """\
# What follows decides on the effect of commands. It was written into the journal when this
# directory was made, and cannot differ later.
"""
# The first of the settings that the journal holds.
_FIRST_RULE: Final = "shard"


def init(
    directory: Annotated[
        Path, typer.Argument(help="The data directory to make.", metavar="DIR")
    ] = DATA,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add the assets, instruments and accounts of the demo.")
    ] = False,
) -> None:
    """Make a data directory: its settings, commented, and an empty exchange."""
    if (directory / JOURNAL).exists():
        raise InvalidValue("DIR", str(directory), "holds an exchange already")
    settings = Settings.load(directory)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / FILE_NAME
    if not file.exists():
        file.write_text(settings_text(settings), encoding="utf-8")
    with Exchange.open(directory, settings) as exchange:
        if demo:
            exchange.apply(_native.Traders.setup())
    typer.echo(f"{directory}: an exchange, durability {settings.durability}; settings in {file}")


def settings_text(settings: Settings) -> str:
    """Return a settings file in which every key stands with what it means and its bounds.

    All are commented out but those that the journal will hold and that are not the default: they
    must be the same at each opening.
    """
    meanings = _meanings()
    parts = [_HEAD]
    is_rule = False
    for name, field in Settings.model_fields.items():
        if name == _FIRST_RULE:
            is_rule = True
            parts.append(_RULES)
        lines = [f"# {line}" for line in _wrapped(meanings[name] + _bounds(field))]
        value, default = getattr(settings, name), field.get_default()
        if is_rule and value != default:
            lines.append(f"{name} = {_toml(value)}\n")
        else:
            lines.append(f"# {name} = {_toml(default)}\n")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _meanings() -> dict[str, str]:
    """Return what each setting means, from the documentation of `Settings`."""
    text = (Settings.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    meanings: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        head, colon, rest = line.strip().partition(": ")
        if colon and head in Settings.model_fields:
            name, meanings[head] = head, rest
        elif name:
            meanings[name] += f" {line.strip()}"
    return meanings


def _bounds(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return f" (one of {', '.join(get_args(field.annotation))})"
    metadata = [*field.metadata, *_item_metadata(field.annotation)]
    found = {
        word: getattr(each, key)
        for each in metadata
        for key, word in _BOUNDS.items()
        if hasattr(each, key)
    }
    return f" ({' '.join(f'{word} {bound:,}' for word, bound in found.items())})" if found else ""


def _item_metadata(annotation: object) -> list[object]:
    """Return the bounds of the items that a setting has several of."""
    if get_origin(annotation) is not tuple:
        return []
    item = get_args(annotation)[0]
    return [each for field in get_args(item)[1:] for each in field.metadata]


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > _COLUMNS:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(_toml(each) for each in value)}]"
        case _:
            return str(value)
