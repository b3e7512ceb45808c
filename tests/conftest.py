"""What every test shares: the recorded markets, and how Hypothesis searches."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = Path(os.environ.get("OUTCRY_RECORDINGS", ROOT.parent / "shared" / "data"))
ABSENT = "recordings absent"

# `quick` repeats the same examples each time, so that a change is judged by itself;
# `search` looks further with new ones and prints how to repeat what it finds.
settings.register_profile("quick", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "search",
    deadline=None,
    max_examples=1_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("OUTCRY_HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of recorded markets."""
    return RECORDINGS


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what reads recordings where there are none, marked by hand or by the fixture's use."""
    for item in items:
        if "recordings" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.recordings)
        if not RECORDINGS.is_dir() and item.get_closest_marker("recordings"):
            item.add_marker(pytest.mark.skip(reason=ABSENT))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly how many tests could not run for want of recordings."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(ABSENT in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(
            f"RECORDINGS ABSENT: {count} tests skipped; set OUTCRY_RECORDINGS", red=True, bold=True
        )
