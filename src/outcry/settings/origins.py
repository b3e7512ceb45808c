"""Where each setting comes from, and what of the environment is none."""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outcry.settings.model import FILE_NAME, PREFIX, Settings, is_set, variable_of
from outcry.settings.serve import ServeSettings
from outcry.settings.text import SECTION


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting, and where it was said.

    Attributes:
        key: Its key, as `serve.port`.
        value: Its value.
        source: `default`, the file's name, or the variable.
    """

    key: str
    value: object
    source: str


def origins(directory: Path | str, file: Path | str | None = None) -> list[Origin]:
    """Return every setting of a directory with where it comes from, in the order of the file.

    Raises:
        InvalidSetting: A key is unknown or its value cannot be, or the file is no TOML.
        FileNotFoundError: The named file is not there.
    """
    settings = Settings.load(directory, file)
    path = Path(directory, FILE_NAME) if file is None else Path(file)
    said = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = [name for name in Settings.model_fields if name != SECTION]
    served = said.get(SECTION, {})
    return [
        *(
            Origin(name, getattr(settings, name), _source((name,), name in said, path))
            for name in own
        ),
        *(
            Origin(
                f"{SECTION}.{name}",
                getattr(settings.serve, name),
                _source((SECTION, name), name in served, path),
            )
            for name in ServeSettings.model_fields
        ),
    ]


def unused_variables(known: Iterable[str]) -> list[str]:
    """Return the variables of the environment that look like a setting's and override none.

    Args:
        known: Variables that mean something else.
    """
    names = {variable_of(name) for name in Settings.model_fields}
    names |= {variable_of(SECTION, name) for name in ServeSettings.model_fields}
    names |= set(known)
    found = (name for name in os.environ if name.upper().startswith(PREFIX))
    return sorted(name for name in found if name.upper() not in names)


def _source(key: tuple[str, ...], is_in_file: bool, path: Path) -> str:
    # Either the key's own variable, or that of its section, as JSON.
    for length in range(len(key), 0, -1):
        if is_set(variable_of(*key[:length])):
            return variable_of(*key[:length])
    return str(path) if is_in_file else "default"
