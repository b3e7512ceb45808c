"""The direction of imports: a part uses its own layer's public faces and what lies lower.

Goal: nobody has to read the upper layers to understand a lower one, and a part can be rewritten
behind its face. Method: the imports are read from the syntax trees and the Cargo manifests; the
rule itself is tried on planted imports first.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "outcry"

# From top to bottom. The face of the whole package is `outcry/__init__.py`.
FACE = "outcry"
LAYERS = (
    {"cli"},
    {"bench"},
    {"gateways"},
    {FACE},
    {"feeds", "projections"},
    {"exchange", "marketdata", "reference"},
    {"settings"},
    {"errors"},
    {"protocol"},
    # The stubs of parts of it have no files of their own at run time.
    {"_native", "_native_history", "_native_exchange", "_native_gateways"},
    {"_native_marketdata"},
)
DEPTH = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}

# What each crate may be built from; tests of a crate may use more.
CRATES = {
    "protocol": set[str](),
    "engine": {"protocol"},
    "simulate": {"protocol"},
    "journal": {"protocol"},
    "runtime": {"protocol", "engine", "journal"},
    "marketdata": set(),
    "spot": {"protocol", "engine"},
    "history": {"protocol", "engine", "journal", "marketdata", "runtime"},
    "bench": {"protocol", "engine", "simulate", "journal", "runtime"},
    "python": {
        *("protocol", "engine", "simulate", "spot", "marketdata", "history", "bench"),
        *("journal", "runtime"),
    },
}
BINDING = "python"
PYTHON_CRATES = {"pyo3", "pyo3-ffi", "numpy"}


def part_of(module: str) -> str:
    """Return the part of the package that `module` belongs to; `__main__` is the command."""
    part = module.split(".")[1] if "." in module else FACE
    return "cli" if part == "__main__" else part


def complaint(importer: str, imported: str) -> str | None:
    """Return what is wrong with one import inside the package, None if nothing is."""
    own, other = part_of(importer), part_of(imported)
    for part in (own, other):
        if part not in DEPTH:
            return f"`{part}` has no layer: give it one in tests/test_imports.py"
    if own == other:
        return None
    if DEPTH[other] < DEPTH[own]:
        return f"`{other}` lies above `{own}`"
    inside = imported.split(".")[2:]
    if DEPTH[other] == DEPTH[own] and inside:
        return f"`{own}` may use the face of its peer `{other}` only"
    if any(is_private(name) for name in inside):
        return f"`{imported}` is private to `{other}`"
    return None


def is_private(name: str) -> bool:
    """Tell a private name from a public one and from Python's own, as `__version__`."""
    return name.startswith("_") and not name.endswith("__")


def module_name(path: Path) -> str:
    """Return the dotted name of a source file below `src`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(dotted: str) -> bool:
    """Tell a module from a name inside one; the compiled module counts without its file."""
    path = PACKAGE.parent.joinpath(*dotted.split("."))
    return dotted == "outcry._native" or path.is_dir() or path.with_suffix(".py").exists()


def imported_modules(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of each module of the package that a syntax tree imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                kept = module.split(".") + ["__init__"] * is_package
                base = ".".join([*kept[: -node.level], *([base] if base else [])])
            # A private name counts as a private module: both are nobody else's.
            targets = [
                name if is_module(name) or is_private(alias.name) else base
                for alias in node.names
                for name in [f"{base}.{alias.name}"]
            ]
        else:
            continue
        for target in targets:
            if target == FACE or target.startswith(f"{FACE}."):
                yield node.lineno, target


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("outcry.cli", "outcry.bench", True),
        ("outcry.cli.replay", "outcry.cli._progress", True),
        ("outcry.__main__", "outcry.cli.main", True),
        ("outcry.feeds.lobster", "outcry.exchange.orders", True),
        ("outcry.exchange", "outcry.marketdata", True),
        ("outcry", "outcry.feeds", True),
        ("outcry.exchange._engine", "outcry._native", True),
        ("outcry", "outcry.cli", False),
        ("outcry.exchange", "outcry", False),
        ("outcry.exchange", "outcry.feeds", False),
        ("outcry.exchange", "outcry.marketdata.candles", False),
        ("outcry.feeds", "outcry.exchange._engine", False),
        ("outcry.unheard_of", "outcry._native", False),
    ],
)
def test_rule_on_planted_imports(importer: str, imported: str, allowed: bool) -> None:
    assert (complaint(importer, imported) is None) is allowed


def test_reads_every_form_of_import() -> None:
    source = """
import numpy, outcry.feeds
from outcry import _native
from outcry import __version__
from outcry.exchange import Order, _hidden
def later():
    from . import sibling
    from ..feeds import Feed
"""
    found = set(imported_modules(ast.parse(source), "outcry.exchange.orders", is_package=False))
    assert found == {
        (2, "outcry.feeds"),
        (3, "outcry._native"),
        (4, "outcry"),
        (5, "outcry.exchange"),
        (5, "outcry.exchange._hidden"),
        (7, "outcry.exchange"),
        (8, "outcry.feeds"),
    }


def test_python_imports_point_down() -> None:
    complaints = []
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]
    assert sources
    for path in sources:
        module, tree = module_name(path), ast.parse(path.read_text(encoding="utf-8"))
        for line, target in imported_modules(tree, module, path.stem == "__init__"):
            if problem := complaint(module, target):
                complaints.append(f"{path.relative_to(ROOT)}:{line}: {problem}")
    assert not complaints, "\n".join(complaints)


def dependencies(manifest: Path) -> set[str]:
    """Return the names of what a crate is built from, on any target."""
    document = tomllib.loads(manifest.read_text(encoding="utf-8"))
    tables = [document, *document.get("target", {}).values()]
    kinds = ("dependencies", "build-dependencies")
    return {name for table in tables for kind in kinds for name in table.get(kind, {})}


def test_crates_are_built_from_lower_crates_only() -> None:
    manifests = sorted(ROOT.glob("crates/*/Cargo.toml"))
    assert manifests
    for manifest in manifests:
        crate = manifest.parent.name
        assert crate in CRATES, f"say in {__name__} what {crate} may be built from"
        used = dependencies(manifest)
        ours = {name.removeprefix("outcry-") for name in used if name.startswith("outcry-")}
        assert ours <= CRATES[crate], f"{crate} uses {sorted(ours - CRATES[crate])}"
        if crate != BINDING:
            assert not used & PYTHON_CRATES, f"{crate} must know no Python"


@pytest.mark.parametrize(("module", "other"), [("market", "accounts"), ("accounts", "market")])
def test_market_and_accounts_do_not_name_each_other(module: str, other: str) -> None:
    sources = [*ROOT.glob(f"crates/engine/src/{module}/**/*.rs")]
    assert sources
    for path in sources:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.partition("//")[0]
            assert not re.search(rf"\b{other}\b", code), f"{path.relative_to(ROOT)}:{number}"
