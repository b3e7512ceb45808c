"""Run the tests of both languages, then say of each how many passed, failed and were left out.

Both always run, so that one look shows everything that is broken.

Usage: python scripts/test.py [--slow]
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

CARGO_RESULT = re.compile(r"test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored")


@dataclass(frozen=True)
class Outcome:
    """What one runner reports: its exit code and how many tests ended in each way."""

    runner: str
    exit_code: int
    passed: int
    failed: int
    left_out: int

    @property
    def line(self) -> str:
        """The outcome as one line of the closing summary."""
        counts = f"{self.passed:6} passed {self.failed:4} failed {self.left_out:4} skipped"
        # A runner that stops before its tests, as on a compile error, fails with no test failed.
        ending = f"   exit code {self.exit_code}" if self.exit_code else ""
        return f"{self.runner:7}{counts}{ending}"


def run_cargo(slow: bool) -> Outcome:
    """Run the Rust tests; tests marked `#[ignore]` are the slow ones.

    The binding is tested from Python: a Rust test of it would need a libpython to link.
    """
    command = ["cargo", "test", "--workspace", "--exclude=outcry-python"]
    command += ["--lib", "--bins", "--tests", "--locked"]
    command += ["--no-fail-fast", "--", "--quiet"]
    command += ["--include-ignored"] if slow else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    totals = [0, 0, 0]
    for line in process.stdout:
        print(line, end="", flush=True)
        if found := CARGO_RESULT.search(line):
            totals = [
                total + int(count) for total, count in zip(totals, found.groups(), strict=True)
            ]
    return Outcome("cargo", process.wait(), *totals)


def run_pytest(slow: bool) -> Outcome:
    """Run the Python tests, on all cores."""
    profile = "search" if slow else "quick"
    environment = os.environ | {"OUTCRY_HYPOTHESIS_PROFILE": profile}
    # Servers and clients are started a hundred times over; each would compile its sources anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "pytest.xml")
        command = [sys.executable, "-m", "pytest", "-q", "--numprocesses=auto", "--dist=worksteal"]
        command += [f"--junit-xml={report}", *(["-m", ""] if slow else [])]
        exit_code = subprocess.run(command, check=False, env=environment).returncode
        suites = list(ET.parse(report).iter("testsuite")) if report.exists() else []
    total, failures, errors, skipped = (
        sum(int(suite.attrib[name]) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return Outcome("pytest", exit_code, total - failed - skipped, failed, skipped)


def main() -> int:
    """Run both and return 0 when both succeeded."""
    slow = sys.argv[1:] == ["--slow"]
    outcomes = [run_cargo(slow), run_pytest(slow)]
    print()
    for outcome in outcomes:
        print(outcome.line)
    return int(any(outcome.exit_code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
