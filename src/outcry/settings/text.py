"""Settings as text: a file in which every key stands with what it means and its bounds."""

from collections.abc import Iterator
from typing import Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from outcry.settings.model import Settings
from outcry.settings.serve import ServeSettings

_BOUNDS: Final = {"ge": "from", "le": "to"}
_COLUMNS: Final = 92
_HEAD: Final = """\
# The settings of this exchange. A line without its # counts. A variable of the environment counts
# before it: OUTCRY_<KEY> in capitals, OUTCRY_SERVE__<KEY> for a key below [serve]. Settings are
# read when the exchange is opened.
"""
_RULES: Final = """\
# What follows decides on the effect of commands. It was written into the journal when this
# directory was made, and cannot differ later.
"""
_SERVE: Final = """\
# How `outcry serve` serves it.
[serve]
"""
# The first of the settings that the journal holds.
_FIRST_RULE: Final = "shard"
SECTION: Final = "serve"
"""The one section of the file; every other key stands before it."""


def settings_text(settings: Settings) -> str:
    """Return a settings file in which every key stands with what it means and its bounds.

    All are commented out but those that the journal will hold and that are not the default: they
    must be the same at each opening.
    """
    parts = [_HEAD]
    is_rule = False
    for name, text in _entries(Settings):
        if name == SECTION:
            continue
        if name == _FIRST_RULE:
            is_rule = True
            parts.append(_RULES)
        value, default = getattr(settings, name), Settings.model_fields[name].get_default()
        is_kept = is_rule and value != default
        parts.append(
            f"{text}{'' if is_kept else '# '}{name} = {toml(value if is_kept else default)}\n"
        )
    parts.append(_SERVE)
    for name, text in _entries(ServeSettings):
        parts.append(f"{text}# {name} = {toml(ServeSettings.model_fields[name].get_default())}\n")
    return "\n".join(parts)


def toml(value: object) -> str:
    """Return a value as TOML says it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return f"[{', '.join(toml(each) for each in value)}]"
        case _:
            return str(value)


def _entries(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield each key with the comment above it: what it means, and its bounds."""
    meanings = _meanings(model)
    for name, field in model.model_fields.items():
        lines = _wrapped(meanings[name] + _bounds(field))
        yield name, "".join(f"# {line}\n" for line in lines)


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return what each setting means, from the documentation of its class."""
    text = (model.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    meanings: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        head, colon, rest = line.strip().partition(": ")
        if colon and head in model.model_fields:
            name, meanings[head] = head, rest
        elif name:
            meanings[name] += f" {line.strip()}"
    return {name: meaning.strip() for name, meaning in meanings.items()}


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
    return [each for field in get_args(item)[1:] for each in getattr(field, "metadata", ())]


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > _COLUMNS:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]
