"""Goal: what the document says of the routes holds, whatever they are asked.

Method: schemathesis asks the plain routes what it makes of the document, good and bad, against an
exchange of its own; a program asks every route of the spot API and holds each reply against its
schema. Both run in the environment of schemathesis.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcry.gateways.keys import NewKey
from tests.gateways.plain.conftest import SETTINGS, key_of
from tests.gateways.serving import BOT, Server, make_venue, served

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "build" / "clients" / "schemathesis" / "bin"
PROGRAM = Path(__file__).with_name("document_client.py")
TIMEOUT_S = 300
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance"
)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[tuple[Server, NewKey]]:
    """Serve an exchange that may be spoilt, with a key that may do everything."""
    if not BIN.exists():
        pytest.skip("schemathesis is not installed; `make test` brings it")
    (tmp_path / "outcry.toml").write_text(SETTINGS)
    make_venue(tmp_path)
    key = key_of(tmp_path, BOT, "read", "trade", "withdraw", "admin")
    with served(tmp_path) as server:
        yield server, key


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


def test_the_replies_of_the_spot_api_are_as_told(whole: tuple[Server, NewKey]) -> None:
    server, key = whole
    done = run(BIN / "python", PROGRAM, server.address, key.api_key, key.secret or "")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"faults": [], "unasked": []}


@pytest.mark.parametrize(
    ("examples", "phases"),
    [
        pytest.param(3, "fuzzing", id="few"),
        pytest.param(50, "coverage,fuzzing", id="many", marks=pytest.mark.slow),
    ],
)
def test_the_plain_routes_keep_to_it(
    whole: tuple[Server, NewKey], examples: int, phases: str
) -> None:
    server, key = whole
    done = run(
        *(BIN / "schemathesis", "run", f"{server.address}/openapi.json"),
        *("--header", f"Authorization: Bearer {key.api_key}.{key.secret}"),
        *("--exclude-path-regex", "^/(api|sapi|fapi|dapi)/|^/metrics|^/docs"),
        *("--phases", phases, "--max-examples", str(examples), "--seed", "7"),
        *("--checks", CHECKS, "--no-color"),
    )
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param("fuzzing", id="few"),
        pytest.param("coverage,fuzzing", id="many", marks=pytest.mark.slow),
    ],
)
def test_the_spot_api_never_breaks(whole: tuple[Server, NewKey], phases: str) -> None:
    server, key = whole
    done = run(
        *(BIN / "schemathesis", "run", f"{server.address}/openapi.json"),
        *("--header", f"X-MBX-APIKEY: {key.api_key}"),
        *("--include-path-regex", "^/(api|sapi|fapi|dapi)/"),
        *("--phases", phases, "--max-examples", "3", "--seed", "7"),
        *("--checks", CHECKS, "--no-color"),
    )
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-2_000:]
