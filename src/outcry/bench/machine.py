"""Where figures come from: the machine and the sources."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from outcry import _native

GIB: Final = 1 << 30
GIT_SECONDS: Final = 10
UNKNOWN: Final = "unknown"
SOURCES: Final = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Machine:
    """What a figure depends on beside the sources.

    Attributes:
        cpu: The processor's name.
        cores: How many of its cores this process may use.
        memory: Of the whole machine.
        os: The operating system and its kernel.
        python: The interpreter.
        rust: The compiler that made the core.
    """

    cpu: str
    cores: int
    memory: str
    os: str
    python: str
    rust: str


def this_machine() -> Machine:
    """Return the machine that this runs on."""
    return Machine(
        cpu=_line(Path("/proc/cpuinfo"), "model name") or platform.processor() or UNKNOWN,
        cores=len(os.sched_getaffinity(0)),
        memory=f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.1f} GiB",
        os=f"{_distribution()}, {platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        rust=_native.bench_compiler() or UNKNOWN,
    )


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on, as `ext4`."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, kind = line.partition(" - ")
        if mount.split()[2] == number:
            return kind.split()[0]
    return UNKNOWN


def commit(sources: Path = SOURCES) -> str | None:
    """Return the commit of these sources, with a `+` where they were changed since.

    None where they are no checkout, or git is not there to ask.
    """
    if not (sources / ".git").exists():
        return None
    head = _git(sources, "rev-parse", "HEAD")
    changed = _git(sources, "status", "--porcelain")
    return f"{head}+" if head and changed else head


def _git(sources: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(sources), *arguments]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _line(path: Path, field: str) -> str | None:
    if not path.exists():
        return None
    found = re.search(rf"^{field}\s*:\s*(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].strip() if found else None


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return UNKNOWN
