"""The habits of CONTRIBUTING.md that no linter knows, over every text of the project.

Goal: a habit is a test or it fades. Method: each rule is a pattern for some files; a line that
breaks one for good reason says so in a comment of its own, `tidy-ok: REASON`. Each rule must find
the offence planted for it.
"""

import os
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES_MAX = 600
ESCAPE = re.compile(r"(#|//|--) tidy-ok: \S+")
SUFFIXES = {"", ".c", ".cpp", ".csv", ".h", ".in", ".json", ".lock", ".md", ".py", ".pyi", ".rs"}
SUFFIXES |= {".sh", ".toml", ".txt", ".yaml", ".yml"}
# Files that must name what the rules forbid.
RULE_FILES = {"tests/test_tidy.py"}
CORE = ("crates/protocol/src/*", "crates/engine/src/*")
CORE_TESTS = ("*tests.rs", "*/tests/*")
# Where the time that passes is what is waited for. Each file, and why.
SLEEPERS = {
    "src/outcry/cli/status.py": "shows figures anew every second",
    "src/outcry/gateways/answering.py": "gives up requests whose time is over",
    "src/outcry/gateways/connections.py": "closes connections whose requests do not come",
    "src/outcry/gateways/projector.py": "backs off before a process is begun again",
    "src/outcry/gateways/readiness.py": "looks for what keeps requests from being answered",
    "src/outcry/gateways/market/markets.py": "gathers the events of a short while into one fold",
    "tests/gateways/faults/test_kill.py": "kills a server at any moment of its work",
}


@dataclass(frozen=True)
class Rule:
    """One forbidden pattern, with what to do instead, and an offence that it must find."""

    pattern: str
    instead: str
    offence: str
    files: tuple[str, ...] = ("*",)
    excepted: tuple[str, ...] = ()

    def covers(self, name: str) -> bool:
        """Tell whether the rule holds in the file of this name; `*` reaches into folders."""
        if any(fnmatch(name, pattern) for pattern in self.excepted):
            return False
        return any(fnmatch(name, pattern) for pattern in self.files)

    def finds(self, line: str) -> bool:
        """Tell whether the line breaks the rule without saying why."""
        return re.search(self.pattern, line) is not None and not ESCAPE.search(line)


RULES = (
    Rule(r"[ \t]+$", "end lines without blanks", "price = 1 "),
    Rule(
        # What a checker is told at the end of a line does not count.
        r"^(?!.{0,100}(  # (type: ignore|noqa)\S*.*)?$)",
        "keep to 100 columns",
        f"price = {'1' * 93}",
        files=("*.py", "*.pyi", "*.rs"),
    ),
    Rule(r"\t", "indent with spaces", "\tprice = 1", excepted=("Makefile", "*.csv")),
    Rule(
        r"\b(TODO|FIXME|XXX|HACK)\b|\b(todo|unimplemented)!|\bNotImplementedError\b",
        "finish it, or leave it out",
        "// TODO: later",
    ),
    Rule(
        r"(?<![\w.:/])/(home|root|work|Users|tmp|opt|mnt)/[\w.-]",
        "name no path of one machine",
        'open("/home/ada/ticks")',
        excepted=("LICENSE",),
    ),
    Rule(
        r"https?://|--(extra-)?index-url|--find-links|\bregistry\+(?!https://github\.com/rust-lang/)",
        "lock files carry hashes, not addresses",
        "--index-url somewhere",
        files=("requirements/*", "*.lock"),
        excepted=("*Cargo.lock",),
    ),
    Rule(
        r'^source = "(?!registry\+https://github\.com/rust-lang/crates\.io-index")',
        "take crates from the public registry, under its own name",
        'source = "git+ssh://elsewhere"',
        files=("*Cargo.lock",),
    ),
    Rule(
        r"\btime\.sleep\(|\basyncio\.sleep\([^0]",
        "wait for what you wait for: poll it with a bound, or be told",
        "time.sleep(1)",
        files=("src/*.py", "tests/*.py"),
        excepted=tuple(SLEEPERS),
    ),
    Rule(
        r"\bstd::time\b|\bSystemTime\b|\bInstant::|\brand(_\w+)?::|\bgetrandom\b",
        "the core reads no clock and no chance: time comes inside the command",
        "let now = std::time::Instant::now();",
        files=(*CORE, "crates/simulate/src/*"),
    ),
    Rule(
        r"\bHash(Map|Set)\b|\bRandomState\b",
        "the core iterates in one order on every machine: use the id table or a sorted vector",
        "use std::collections::HashMap;",
        files=CORE,
        excepted=CORE_TESTS,
    ),
    Rule(
        r"\bf(32|64)\b",
        "money is integers: ticks, lots, smallest units",
        "let price: f64 = 1.0;",
        files=CORE,
        excepted=CORE_TESTS,
    ),
    Rule(
        r"\bstd::(fs|net|env|thread|process)\b|\be?print(ln)?!",
        "the core knows no disk, no network and no screen",
        'println!("filled");',
        files=CORE,
        excepted=CORE_TESTS,
    ),
    Rule(
        r"\bstd::fs\b|\bfs::(read|write|rename|remove|create|File)|\bFile::|\bOpenOptions::",
        "the journal reaches the disk through `disk::Disk` alone",
        "std::fs::remove_file(path)?;",
        files=("crates/journal/src/*",),
        excepted=("crates/journal/src/disk.rs", *CORE_TESTS),
    ),
)


# `data` is where `make run` keeps its exchange.
_MADE = {"build", "corpus", "data", "dist", "fixtures", "target"}


def is_made(folder: str) -> bool:
    """Tell the folders that tools make from those that people write in."""
    return folder.startswith(".") or folder in _MADE


def source_texts() -> dict[str, list[str]]:
    """Return the lines of every text of the project, by name; it needs no git checkout."""
    texts = {}
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not is_made(name)]
        for name in names:
            path = Path(folder, name)
            if path.suffix in SUFFIXES:
                text = path.read_text(encoding="utf-8")
                texts[path.relative_to(ROOT).as_posix()] = text.split("\n")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    return source_texts()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.instead)
def test_rule_finds_its_offence(rule: Rule) -> None:
    assert rule.finds(rule.offence)
    assert not rule.finds(f"{rule.offence}  // tidy-ok: the reason")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.instead)
def test_rule_holds(rule: Rule, texts: dict[str, list[str]]) -> None:
    offences = [
        f"{name}:{number}: {line.strip()}"
        for name, lines in texts.items()
        if rule.covers(name) and name not in RULE_FILES
        for number, line in enumerate(lines, 1)
        if rule.finds(line)
    ]
    assert not offences, "\n".join([rule.instead, *offences])


def test_places_that_sleep_are_there(texts: dict[str, list[str]]) -> None:
    for name in SLEEPERS:
        assert any("sleep(" in line for line in texts[name]), f"{name} may leave the list"


def test_sources_are_short(texts: dict[str, list[str]]) -> None:
    long = {
        name: len(lines) - 1
        for name, lines in texts.items()
        if name.endswith((".py", ".pyi", ".rs")) and len(lines) - 1 > LINES_MAX
    }
    assert not long, f"split these before they pass {LINES_MAX} lines: {long}"


def test_texts_end_with_one_newline(texts: dict[str, list[str]]) -> None:
    ragged = [name for name, lines in texts.items() if lines[-1] or lines[-2:] == ["", ""]]
    assert not [name for name in ragged if texts[name] != [""]]


def test_every_crate_takes_the_lints_of_the_workspace() -> None:
    for manifest in ROOT.glob("crates/*/Cargo.toml"):
        document = tomllib.loads(manifest.read_text(encoding="utf-8"))
        assert document.get("lints") == {"workspace": True}, manifest.relative_to(ROOT)
        assert document["package"]["rust-version"] == {"workspace": True}, manifest.parent.name


def test_locked_requirements_carry_hashes(texts: dict[str, list[str]]) -> None:
    for name, lines in texts.items():
        if fnmatch(name, "requirements/*.txt"):
            entries = [line for line in lines if line and not line.startswith((" ", "#"))]
            assert entries, name
            assert all("==" in entry and entry.endswith("\\") for entry in entries), name


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    version = project["project"]["version"]
    assert workspace["workspace"]["package"]["version"] == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
