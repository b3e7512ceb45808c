"""Where figures come from: the machine in words, the commit only where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from outcry.bench import commit, this_machine
from outcry.bench.machine import file_system


def test_the_machine_is_described() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.memory.endswith(" GiB")
    assert "Linux" in machine.os
    assert machine.python.split()[1].startswith("3.")
    assert machine.rust.startswith("rustc 1.")
    assert machine.cpu


def test_the_file_system_of_a_folder_is_named(tmp_path: Path) -> None:
    assert file_system(Path("/proc")) == "proc"
    assert file_system(tmp_path) not in {"", "proc"}


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is absent")
def test_the_commit_is_marked_where_sources_changed(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    assert commit(tmp_path) is None
    (tmp_path / "engine").write_text("fast", encoding="utf-8")
    git(tmp_path, "add", "engine")
    git(tmp_path, "commit", "--quiet", "-m", "Begin")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(tmp_path) == head
    (tmp_path / "engine").write_text("faster", encoding="utf-8")
    assert commit(tmp_path) == f"{head}+"
