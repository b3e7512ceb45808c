"""Run uv with the package index, certificates and wheel folders that pip is configured with.

uv does not read pip's configuration, so on a machine where pip reaches its packages through a
mirror, uv alone would not. Variables that uv reads itself win over what pip says.

Usage: python scripts/uv.py ARGUMENT...
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

# pip's setting -> uv's variable, for settings whose value uv takes as it stands.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
# uv separates find-links by commas where pip separates them by white space.
SEPARATORS = {"UV_FIND_LINKS": ","}


def pip_settings() -> dict[str, str]:
    """Return pip's settings by name; pip lists the stronger source later, so the last one stays."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    settings = {}
    # Files first, then the environment, whatever order pip prints them in.
    lines = sorted(listing.splitlines(), key=lambda line: line.startswith(":env:"))
    for line in lines:
        key, found, quoted = line.partition("=")
        section, _, name = key.rpartition(".")
        if found and section in {"global", "install", ":env:"}:
            settings[name] = str(ast.literal_eval(quoted))
    return settings


def uv_environment(settings: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """Return `environment` with uv's variables added where they are unset and pip has a value."""
    added = {
        variable: SEPARATORS.get(variable, " ").join(settings[name].split())
        for name, variable in SETTINGS.items()
        if settings.get(name, "").strip()
    }
    if "UV_INDEX" in added:
        # As pip does: the best release of all indexes, not whatever the first one has.
        added["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return added | environment


def main() -> None:
    """Replace this process by uv."""
    uv = Path(sys.executable).with_name("uv")
    environment = uv_environment(pip_settings(), dict(os.environ))
    os.execve(uv, [str(uv), *sys.argv[1:]], environment)


if __name__ == "__main__":
    main()
