"""Nothing but a regular file is ever replaced by a command's output."""

import os
from pathlib import Path

import pytest

from outcry.cli.main import main
from outcry.cli.whole_file import unfinished_beside, whole_file
from outcry.errors import InvalidValue


def test_a_file_is_written_beside_its_place(tmp_path: Path) -> None:
    assert unfinished_beside(tmp_path / "log") == tmp_path / "log.unfinished"


def test_a_file_is_at_its_place_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "log"
    with whole_file(out) as unfinished:
        unfinished.write_text("whole", encoding="utf-8")
        assert not out.exists()
    assert out.read_text(encoding="utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [out]


def test_after_an_error_what_was_there_stays(tmp_path: Path) -> None:
    out = tmp_path / "log"
    out.write_text("older", encoding="utf-8")
    with pytest.raises(RuntimeError, match="half"):
        _write_half(out)
    assert out.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [out]


def _write_half(out: Path) -> None:
    with whole_file(out) as unfinished:
        unfinished.write_text("ha", encoding="utf-8")
        raise RuntimeError("half")


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
