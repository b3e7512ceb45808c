"""`outcry book`: the books of a recording on the screen, as JSON, as Parquet and as a picture.

Goal: what is shown is the book, and bad input ends with one line and code 2. Method: a small
recording with a gap and a bad line, and a recorded one.
"""

import io
import json
import sys
from pathlib import Path

import polars as pl
import pytest

from outcry.cli import main

SNAPSHOT = '{"lastUpdateId":10,"bids":[["99.50","1.5"],["99.00","2"]],"asks":[["100.00","3"]]}'
CHANGE = (
    '{{"e":"depthUpdate","E":{time},"s":"AB","U":{first},"u":{last},'
    '"b":[["99.50","{lots}"]],"a":[]}}'
)


def change(first: int, last: int, lots: str) -> str:
    return CHANGE.format(time=1_723_161_255_000 + last, first=first, last=last, lots=lots)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "book.jsonl"
    lines = [change(9, 10, "9"), SNAPSHOT, change(11, 12, "4"), "nonsense", change(13, 13, "4.25")]
    path.write_text("\n".join(lines))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["book", *map(str, arguments)])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_ladder(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, recording)
    assert code == 0
    for shown in ("AB at binance", "99.5", "4.25", "↕ 0.5", "live"):
        assert shown in out
    assert "1 bad lines left out (malformed 1)" in err
    aside = recording.with_name("book.jsonl.bad.jsonl")
    assert json.loads(aside.read_text())["line"] == 4


def test_json(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, recording, "--json", "--levels", "1")
    assert code == 0
    told = json.loads(out)
    assert (told["venue"], told["bad_lines"]) == ("binance", {"malformed": 1})
    (book,) = told["books"]
    assert book["bids"] == [{"price": "99.5", "quantity": "4.25"}]
    assert book["asks"] == [{"price": "100", "quantity": "3"}]
    assert (book["state"], book["last_id"], book["gaps"]) == ("live", 13, 0)
    assert book["order_flow_imbalance"] == "2.75"


def test_quotes_and_picture(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet, png = tmp_path / "quotes.parquet", tmp_path / "book.png"
    code, _, _ = run(capsys, recording, "--parquet", parquet, "--png", png)
    assert code == 0
    quotes = pl.read_parquet(parquet)
    assert quotes["bid_quantity"].cast(pl.String).to_list()[-2:] == ["4.00", "4.25"]
    assert quotes["symbol"].unique().to_list() == ["AB"]
    assert png.read_bytes().startswith(b"\x89PNG")


def test_a_gap_is_shown_and_not_the_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.jsonl"
    path.write_text("\n".join([change(9, 10, "9"), SNAPSHOT, change(12, 13, "4")]))
    code, out, _ = run(capsys, path)
    assert code == 0
    assert "not shown: gap" in out
    assert "99.5" not in out


def test_standard_input(
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    text = recording.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    code, out, _ = run(capsys, "-", "--quarantine", tmp_path / "aside.jsonl")
    assert code == 0
    assert "4.25" in out
    assert (tmp_path / "aside.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--bad-limit", "0"], "more than 0 lines are bad: malformed 1"),
        (["--symbol", "XY"], "symbol: XY has no book; there are AB"),
        (["--venue", "nowhere"], "the messages are of none of binance"),
    ],
)
def test_bad_input_ends_with_code_2(
    recording: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    code, _, err = run(capsys, recording, *arguments)
    assert code == 2
    assert told in err


def test_empty_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    code, out, err = run(capsys, path, "--venue", "kraken", "--parquet", tmp_path / "q.parquet")
    assert (code, err) == (0, "")
    assert "no book" in out
    assert pl.read_parquet(tmp_path / "q.parquet").columns[:3] == ["symbol", "time_ns", "bid"]


@pytest.mark.recordings
def test_recorded_book(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = recordings / "binance_spot_2024-08-08"
    files = sorted(folder.glob("spot_btcusdt_*.gz"))
    code, out, _ = run(capsys, *files)
    assert code == 0
    assert "1,072 of 1,072 ids" in out


def test_a_recording_without_a_line_has_no_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, png, parquet = (tmp_path / name for name in ("empty", "book.png", "quotes.parquet"))
    path.write_text("")
    with pytest.raises(SystemExit) as ended:
        main(["book", str(path), "--png", str(png), "--parquet", str(parquet)])
    assert ended.value.code in {0, None}
    assert "no book" in capsys.readouterr().out
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pl.read_parquet(parquet).columns[0] == "symbol"
