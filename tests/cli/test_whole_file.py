"""Nothing but a regular file is ever replaced by a command's output."""

import os
from pathlib import Path

import pytest

from outcry.cli.main import main
from outcry.cli.whole_file import unfinished_beside
from outcry.errors import InvalidValue


def test_a_file_is_written_beside_its_place(tmp_path: Path) -> None:
    assert unfinished_beside(tmp_path / "log") == tmp_path / "log.unfinished"


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_stays(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidValue, match="must be a regular file"):
        unfinished_beside(target)


@pytest.mark.parametrize("out", ["/dev/full", "."])
def test_simulate_leaves_a_device_alone(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["simulate", out, "--count", "10"])
    assert leaving.value.code == 2
    assert "must be a regular file" in capsys.readouterr().err


def test_simulate_bounds_its_count(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["simulate", str(tmp_path / "log"), "--count", "-1"])
    assert leaving.value.code == 2
    assert "count" in capsys.readouterr().err
