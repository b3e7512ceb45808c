"""Examples out of the documents, pasted into a shell as they stand."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "build" / "clients"
TIMEOUT_S = 120
# Nothing else writes this one.
_MARK = "\x1e"
_ADDRESS = re.compile(r"\b(localhost|127\.0\.0\.1):8080\b")


@dataclass(frozen=True)
class Done:
    """What came of a command.

    Attributes:
        command: The command as it was pasted.
        exit_code: Its exit code.
        text: What it wrote to stdout.
    """

    command: str
    exit_code: int
    text: str

    @property
    def body(self) -> Any:  # noqa: ANN401 - what JSON says
        """Return what its JSON says."""
        return json.loads(self.text)


def blocks(name: str, language: str) -> list[str]:
    """Return the examples of a document in a language, in their order."""
    document = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)


def block_with(name: str, language: str, part: str) -> str:
    """Return the one example of a document that has a part."""
    (found,) = [block for block in blocks(name, language) if part in block]
    return found


def at(address: str, text: str) -> str:
    """Return an example for a server on another port than the usual one."""
    return _ADDRESS.sub(rf"\1:{urlsplit(address).port}", text)


def commands(text: str) -> list[str]:
    """Return the commands of an example: each as many lines as it takes."""
    found: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        command = "\n".join(lines)
        if line.endswith("\\") or _is_open(command):
            continue
        if command.strip():
            found.append(command)
        lines = []
    assert not lines, lines
    return found


def _is_open(command: str) -> bool:
    done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False)
    return done.returncode != 0


def pasted(text: str, folder: Path) -> list[Done]:
    """Paste an example into a shell that stands in a folder; return what came of each command."""
    for program in ("bash", "curl", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program}")
    asked = commands(text)
    script = "\n".join(f"{each}\nprintf '{_MARK}%d{_MARK}' $?" for each in asked)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    parts = done.stdout.split(_MARK)
    told = [
        Done(command, int(code), text)
        for command, text, code in zip(asked, parts[0::2], parts[1::2], strict=False)
    ]
    assert len(told) == len(asked), done
    for each in told:
        assert each.exit_code == 0, (each, done.stderr)
    return told


def pasted_into_python(client: str, text: str) -> str:
    """Paste an example into the interpreter of a client; return what it printed."""
    python = CLIENTS / client / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{client} is not installed; `make test` brings it")
    done = subprocess.run(
        [python, "-"], input=text, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, (text, done.stderr)
    return done.stdout.strip()
