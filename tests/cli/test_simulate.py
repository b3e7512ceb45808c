"""`outcry simulate`: a log that replays, the same for the same seed, or nothing.

Method: the command itself, in process.
"""

from pathlib import Path

import pytest

from outcry import _native
from outcry.cli import main
from outcry.feeds import replay_log


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main(["simulate", *(str(argument) for argument in arguments)])
    assert isinstance(left.value.code, int)
    return left.value.code


# The first book of `live_book` has a million orders, whatever the count.
SMALL = [name for name, _, _ in _native.workloads() if name != "live_book"]


@pytest.mark.parametrize("workload", SMALL)
def test_every_workload_replays(tmp_path: Path, workload: str) -> None:
    out = tmp_path / "flow.commands"
    assert run(out, "--workload", workload, "--seed", "3", "--count", "500") == 0
    replay = replay_log(out)
    assert replay.commands.total() >= 500
    assert replay.engine.sequence == replay.commands.total()


def test_seed_and_count_decide_the_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one", "again", "other")]
    for path, seed in zip(paths, ("1", "1", "2"), strict=True):
        assert run(path, "--workload", "w2", "--seed", seed, "--count", "300") == 0
    one, again, other = (path.read_bytes() for path in paths)
    assert one == again != other


def test_an_old_log_gives_way_to_a_whole_one(tmp_path: Path) -> None:
    out = tmp_path / "flow.commands"
    out.write_bytes(b"old")
    assert run(out, "--count", "300") == 0
    assert out.read_bytes().startswith(b"OUTCRYCL")
    assert [path.name for path in tmp_path.iterdir()] == ["flow.commands"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workload", "w9"], "outcry: workload: w9 is none of w1/static, "),
        (["--count", "1"], "outcry: count: 1 is not within 2 to 10000000"),
        (["--workload", "w2", "--count", "10000001"], "outcry: count: 10000001 is not within"),
        (["--seed", "-1"], "Usage: outcry simulate"),
        (["--seed", "4294967296"], "Usage: outcry simulate"),
    ],
)
def test_bad_options_are_named_and_write_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert run(tmp_path / "flow.commands", *arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert not list(tmp_path.iterdir())


def test_folder_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(tmp_path / "absent" / "flow.commands", "--count", "300") == 2
    assert "No such file or directory" in capsys.readouterr().err
