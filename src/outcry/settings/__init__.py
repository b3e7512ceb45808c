"""The settings of an exchange: one TOML file, overridden by the environment.

A key of the file is a field of `Settings`, one below `[serve]` a field of `ServeSettings`. The
variable that overrides it has its name in capitals behind `OUTCRY_`, with two underscores for the
point: `OUTCRY_DURABILITY=none`, `OUTCRY_SERVE__PORT=8081`.
"""

from outcry.settings.model import FILE_NAME, Settings
from outcry.settings.origins import Origin, origins, unused_variables
from outcry.settings.serve import ServeSettings
from outcry.settings.text import settings_text, toml

__all__ = [
    "FILE_NAME",
    "Origin",
    "ServeSettings",
    "Settings",
    "origins",
    "settings_text",
    "toml",
    "unused_variables",
]
