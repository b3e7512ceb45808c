"""The wheel names no folder of the machine that built it.

Method: what `make build` would run is read, not run; the compiler keeps its word about the rest.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_core_of_the_wheel_is_built_without_paths_of_the_machine() -> None:
    made = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "build"],
        cwd=ROOT,
        env={**os.environ, "HOME": "/home-of-test", "CARGO_HOME": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    (build,) = [line for line in made.stdout.splitlines() if "maturin build" in line]
    remaps = ["/home-of-test/.cargo=cargo", f"{ROOT}=outcry"]
    flags = " ".join(f"--remap-path-prefix={remap}" for remap in remaps)
    assert build.startswith(f"RUSTFLAGS='{flags}' ")
