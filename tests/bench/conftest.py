"""What the tests of the benchmark share: a flow of few orders, and programs that play a peer."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from outcry.bench.order_flow import OrderFlow, order_flow

COUNT = 400
MakeProgram = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def flow() -> OrderFlow:
    return order_flow(COUNT)


@pytest.fixture
def make_program(tmp_path: Path) -> MakeProgram:
    """Return a maker of programs: it takes a peer's name and a Python text to run as it."""
    folder = tmp_path / "peers"
    folder.mkdir()

    def make(name: str, text: str) -> Path:
        program = folder / name
        program.write_text(f"#!{sys.executable}\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return make
