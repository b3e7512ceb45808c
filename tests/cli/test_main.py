"""The command itself: its version and what it says without a sub-command."""

import warnings

import pytest

from outcry.cli import main


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("outcry 0.")


def test_no_sub_command_shows_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    said = capsys.readouterr()
    assert "replay" in said.out + said.err
    assert "simulate" in said.out + said.err


def test_a_warning_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    warnings.showwarning(RuntimeWarning("last snapshot: not written"), RuntimeWarning, "x.py", 7)
    assert capsys.readouterr().err == "outcry: warning: last snapshot: not written\n"
