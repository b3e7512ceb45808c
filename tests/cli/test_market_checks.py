"""What the commands of market data say of input that is not as it should be.

Goal: nothing is missing without a word, nothing is overwritten, nothing ends in a traceback.
Method: small files, each with one thing wrong.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from outcry.cli import main

MINUTE_MS = 60_000
START_MS = 1_723_161_600_000
HEAD = "time,price,quantity,side\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == code, err
    return out, err


def trades_of(path: Path, minutes: list[int]) -> Path:
    rows = [f"{START_MS + minute * MINUTE_MS},{10 + minute},2,buy\n" for minute in minutes]
    path.write_text(HEAD + "".join(rows))
    return path


def klines_of(path: Path, minutes: dict[int, int]) -> Path:
    """Write klines of the trades of `trades_of`; each minute has so many trades."""
    rows = []
    for minute, trades in minutes.items():
        price, time = 10 + minute, START_MS + minute * MINUTE_MS
        volume, value = 2 * trades, 2 * trades * price
        prices = f"{price},{price},{price},{price}"
        end = time + MINUTE_MS - 1
        rows.append(f"{time},{prices},{volume},{end},{value},{trades},{volume},{value},0\n")
    path.write_text("".join(rows))
    return path


def test_a_missing_candle_differs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    trades = trades_of(tmp_path / "t.csv", [0, 1, 3, 4])
    klines = klines_of(tmp_path / "k.csv", {-1: 1, 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1})
    out, _ = run(capsys, "candles", str(trades), "--check", str(klines), code=1)
    assert "4 of 5 candles equal in all 9 fields, 2024-08-09 00:00:00 to 2024-08-09 00:04" in out
    assert "2024-08-09 00:02:00  candle missing, the other has 1 trades" in out
    options = ["--check", str(klines), "--json"]
    told = json.loads(run(capsys, "candles", str(trades), *options, code=1)[0])
    assert [row["open_time_ns"] for row in told["differs"]] == [str((START_MS + 120_000) * 10**6)]


def test_a_missing_kline_differs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    trades = trades_of(tmp_path / "t.csv", [0, 1, 2, 3, 4])
    klines = klines_of(tmp_path / "k.csv", {0: 1, 1: 1, 3: 1, 4: 1})
    out, _ = run(capsys, "candles", str(trades), "--check", str(klines), code=1)
    assert "4 of 5 candles equal" in out
    assert "kline missing" in out


def test_a_kline_without_trades_needs_no_candle(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trades = trades_of(tmp_path / "t.csv", [0, 1, 3])
    klines = klines_of(tmp_path / "k.csv", {0: 1, 1: 1, 2: 0, 3: 1})
    out, _ = run(capsys, "candles", str(trades), "--check", str(klines))
    assert "3 of 3 candles equal" in out


def test_a_recording_without_a_good_line_ends_with_two(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "noon,1,2,buy\n" * 3)
    _, err = run(capsys, "candles", str(path), code=2)
    assert "most lines are bad: 3 left out of 3 (no_time 3)" in err
    assert "has no line that could be taken" in err


def test_bad_lines_beside_a_read_only_recording_are_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = trades_of(tmp_path / "t.csv", [0, 1])
    path.write_text(path.read_text() + "noon,1,2,buy\n")
    # What stands in the way of the side file holds for every user, root as well.
    (tmp_path / "t.csv.bad.jsonl").mkdir()
    _, err = run(capsys, "candles", str(path))
    assert "1 bad lines left out (no_time 1): not kept" in err
    named = str(tmp_path / "t.csv.bad.jsonl")
    run(capsys, "candles", str(path), "--quarantine", named, code=2)


@pytest.mark.parametrize("option", ["--quarantine", "--png", "--parquet"])
def test_what_is_read_is_not_written_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str
) -> None:
    path = trades_of(tmp_path / "t.csv", [0, 1])
    before = path.read_bytes()
    _, err = run(capsys, "candles", str(path), option, str(path), code=2)
    assert "output" in err
    assert path.read_bytes() == before
    same = str(tmp_path / "same")
    run(capsys, "candles", str(path), "--png", same, "--parquet", same, code=2)


def test_sides_that_are_not_told_are_said_to_be_inferred(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"time,price,quantity\n{START_MS},10,2\n{START_MS + 1},9,1\n")
    out, err = run(capsys, "candles", str(path), "--json")
    assert "2 of 2 trades have no side: told by the tick rule" in err
    assert json.loads(out)[0]["buy_volume"] == "2"
    path.write_text(
        f"time,price,quantity,isBuyerMaker\n{START_MS},10,2,true\n{START_MS + 1},9,1,false\n"
    )
    out, err = run(capsys, "candles", str(path), "--json")
    assert json.loads(out)[0]["buy_volume"] == "1"
    assert "side" not in err


def test_a_terminal_of_ascii_is_drawn_on(tmp_path: Path) -> None:
    path = trades_of(tmp_path / "t.csv", [0, 1])
    code = "from outcry.cli import main; main()"
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for command in ("candles", "profile"):
        ended = subprocess.run(
            [sys.executable, "-c", code, command, str(path)],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.isascii()


def test_rows_that_are_left_out_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = trades_of(tmp_path / "t.csv", [*range(100), 0, 0])
    out, _ = run(capsys, "profile", str(path))
    assert "60 of 100 rows, those nearest to the point of control; not among them: VAH" in out
    told = json.loads(run(capsys, "profile", str(path), "--json")[0])
    assert told["value_area_share"] == pytest.approx(0.7, abs=0.02)


def test_means_of_low_prices_have_their_digits(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "t.csv"
    path.write_text(f"{HEAD}{START_MS},0.0000229,2,buy\n{START_MS + 1},0.0000230,1,sell\n")
    assert "0.0000229333" in run(capsys, "candles", str(path))[0]


def test_what_is_not_shown_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"symbol,{HEAD}A,{START_MS},10,2,buy\nB,{START_MS},10,2,buy\n")
    intervals = ["--interval", "30m", "--interval", "1d"]
    out, _ = run(capsys, "candles", str(path), *intervals)
    assert "of 2 by symbol the one that traded most; 30m of 30m, 1d" in out


def test_help_loads_no_library_of_pictures() -> None:
    code = "import outcry.cli, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
