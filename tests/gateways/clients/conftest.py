"""Clients of others, each in its own environment, against a server in a process of its own."""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.serving import make_venue, served

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = Path(__file__).resolve().parent
TIMEOUT_S = 120

Told = dict[str, Any]
Run = Callable[[str, str, str], Told]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what runs a client's program in one mode on a new venue, and what it wrote."""
    folder = tmp_path_factory.getbasetemp()
    # A run is one for all the processes that run tests beside each other.
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def of(client: str, program: str, mode: str) -> Told:
        found = shared / f"{client}-{mode}.json"
        with found.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not found.exists():
                found.write_text(json.dumps(run_anew(client, program, mode)))
        told: Told = json.loads(found.read_text())
        return told

    def run_anew(client: str, program: str, mode: str) -> Told:
        python = ROOT / "build" / "clients" / client / "bin" / "python"
        if not python.exists():
            pytest.skip(f"{client} is not installed; `make test` brings it")
        directory = tmp_path_factory.mktemp(f"{client}-{mode}")
        key = make_venue(directory)
        with served(directory) as server:
            done = subprocess.run(
                [python, PROGRAMS / program, mode, server.address, key.api_key, key.secret or ""],
                capture_output=True,
                text=True,
                check=False,
                timeout=TIMEOUT_S,
            )
        assert done.returncode == 0, done.stderr
        told: Told = json.loads(done.stdout)
        return told

    return of
