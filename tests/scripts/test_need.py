"""A missing tool is named, with how to get it, and stops the build.

Method: the script runs with a PATH that holds stand-ins for some tools only.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEED = ROOT / "scripts" / "need"
SHELL_TOOLS = ("bash", "cut", "env", "head", "sed", "sort")
Run = Callable[..., subprocess.CompletedProcess[str]]


def place(folder: Path, name: str, script: str) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the script with stand-ins as the only tools."""
    for name in SHELL_TOOLS:
        real = shutil.which(name)
        assert real is not None, name
        (tmp_path / name).symlink_to(real)

    def run(*arguments: str, **tools: str) -> subprocess.CompletedProcess[str]:
        for name, script in tools.items():
            place(tmp_path, name, script)
        return subprocess.run(
            [NEED, *arguments],
            cwd=ROOT,
            env={"PATH": str(tmp_path)},
            check=False,
            capture_output=True,
            text=True,
        )

    return run


PYTHON = f'exec "{sys.executable}" "$@"'
CARGO = "echo cargo 99.0.0"


def test_prints_the_python_where_nothing_is_missing(run: Run) -> None:
    result = run(python3=PYTHON, cc="", cargo=CARGO)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).samefile(sys.executable)
    assert result.stderr == ""


def test_names_everything_that_is_missing_at_once(run: Run) -> None:
    result = run()
    assert result.returncode == 1
    for name in ("Python 3.11 or newer", "a C compiler (cc)", "Rust (cargo)"):
        assert f"missing: {name}\n  " in result.stderr
    assert result.stdout == ""


def test_passes_over_an_old_python(run: Run) -> None:
    result = run(**{"python3": "exit 1", "python3.12": PYTHON}, cc="", cargo=CARGO)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ({"python3": "exit 1"}, "Python 3.11 or newer"),
        ({"cargo": "echo cargo 1.60.0"}, "(here: 1.60.0)\n  rustup update"),
    ],
)
def test_names_what_is_too_old(run: Run, tools: dict[str, str], message: str) -> None:
    result = run(**({"python3": PYTHON, "cc": "", "cargo": CARGO} | tools))
    assert result.returncode == 1
    assert message in result.stderr


def test_asks_for_the_linters_only_when_checking(run: Run) -> None:
    cargo = f'case "$1" in clippy) exit 1;; *) {CARGO};; esac'
    assert run(python3=PYTHON, cc="", cargo=cargo).returncode == 0
    result = run("--check", python3=PYTHON, cc="", cargo=cargo)
    assert result.returncode == 1
    assert "missing: cargo clippy\n  rustup component add" in result.stderr
