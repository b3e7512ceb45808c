"""Goal: a line tells its event, its weight and its request, in the form that was asked for.

Method: a program of its own writes lines, through structlog and through Python's logging.
"""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys, warnings, structlog
from outcry.gateways import logs
from outcry.settings import ServeSettings
logs.configure_logs(ServeSettings(log_format=sys.argv[1], log_level=sys.argv[2]))
log = structlog.get_logger("try")
log.info("early", at=1)
logs.REQUEST_ID.set(0xABC)
if logs.is_debugging():
    logs.log_request("GET", "/x", 200, 5_000)
log.warning("late", at=2)
logging.getLogger("library").error("broke %s", "down")
try:
    raise ValueError("why")
except ValueError:
    log.exception("defect")
warnings.warn("careful", RuntimeWarning)
"""


def written(log_format: str, log_level: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, log_format, log_level]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stdout == ""
    return run.stderr.splitlines()


def test_json_is_a_line_for_each_event() -> None:
    rows = [json.loads(line) for line in written("json", "debug")]
    events = ["early", "request", "late", "broke down", "defect", "warned"]
    assert [row["event"] for row in rows] == events
    levels = ["info", "debug", "warning", "error", "error", "warning"]
    assert [row["level"] for row in rows] == levels
    assert rows[-1]["problem"] == "careful"
    assert "request_id" not in rows[0]
    assert {row["request_id"] for row in rows[1:]} == {f"{0xABC:032x}"}
    told = {name: rows[1][name] for name in ("method", "path", "status", "duration_us")}
    assert told == {"method": "GET", "path": "/x", "status": 200, "duration_us": 5}
    assert "ValueError: why" in rows[-2]["exception"]
    assert all(row["timestamp"].endswith("Z") for row in rows)


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("info", ["early", "late", "broke down", "defect", "warned"]),
        ("warning", ["late", "broke down", "defect", "warned"]),
        ("error", ["broke down", "defect"]),
    ],
)
def test_lighter_lines_are_left_out(level: str, events: list[str]) -> None:
    assert [json.loads(line)["event"] for line in written("json", level)] == events


def test_a_console_is_for_people() -> None:
    lines = written("console", "info")
    assert any("early" in line and "at=1" in line for line in lines)
    assert any("ValueError: why" in line for line in lines)
