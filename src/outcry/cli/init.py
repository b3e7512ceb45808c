"""`outcry init`: a data directory with its settings and an empty exchange."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic_core import PydanticUndefined

from outcry import _native
from outcry.cli.data_directory import DATA, JOURNAL
from outcry.errors import InvalidValue
from outcry.exchange import Exchange
from outcry.settings import FILE_NAME, Settings

_BOUNDS: Final = {"ge": "from", "le": "to"}
_COLUMNS: Final = 92
_HEAD: Final = """\
# The settings of this exchange. A line without its # counts; OUTCRY_<KEY> in the environment
# counts before it.
"""


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
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / FILE_NAME
    if not file.exists():
        file.write_text(settings_text(), encoding="utf-8")
    with Exchange.open(directory) as exchange:
        if demo:
            exchange.apply(_native.Traders.setup())
        durability = exchange.settings.durability
    typer.echo(f"{directory}: an exchange, durability {durability}; settings in {file}")


def settings_text() -> str:
    """Return a settings file in which every key stands, commented out, with what it means."""
    meanings = _meanings()
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        bounds = _bounds(field.metadata)
        lines = [f"# {line}" for line in _wrapped(meanings[name] + bounds)]
        default = field.get_default(call_default_factory=True)
        value = "" if default is PydanticUndefined else _toml(default)
        parts.append("\n".join([*lines, f"# {name} = {value}\n"]))
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


def _bounds(metadata: list[Any]) -> str:
    found = {
        word: getattr(each, key)
        for each in metadata
        for key, word in _BOUNDS.items()
        if hasattr(each, key)
    }
    return f" ({' '.join(f'{word} {bound:,}' for word, bound in found.items())})" if found else ""


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
