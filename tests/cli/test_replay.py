"""`outcry replay`: what it prints for people and for machines, and how bad input ends it.

Goal: a recording is shown whole or not at all. Method: the command itself, in process, on
recordings written here, on a simulated flow, on a table of broken files, and on a recorded hour.
"""

import gzip
import json
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import outcry
from outcry import _native
from outcry.cli import main

HEADER = struct.pack("<8sII16x", b"OUTCRYCL", 1, 0)
MESSAGES = """\
34200.1,1,1,100,1000000,1
34201.2,1,2,80,1010000,-1
34202.3,1,3,50,1010000,-1
34262.4,4,2,30,1010000,-1
34263.5,4,1,60,1000000,1
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    code = left.value.code
    assert isinstance(code, int)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def lobster(tmp_path: Path) -> Path:
    path = tmp_path / "message.csv"
    path.write_text(MESSAGES)
    return path


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    path = tmp_path / "market.commands"
    path.write_bytes(_native.simulate("mixed", 1, 5_000))
    return path


def test_json_states_book_trades_and_candles(
    capsys: pytest.CaptureFixture[str], lobster: Path
) -> None:
    code, out, err = run(capsys, "replay", lobster, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["format"], document["messages"], document["trades"]) == ("lobster", 5, 2)
    assert document["commands"] == {"new": 5}
    assert document["lobster"]["executions"] == {"first": 2}
    (market,) = document["instruments"]
    assert market["bids"] == [{"price": "100.0000", "quantity": "40", "orders": 1}]
    assert market["asks"] == [{"price": "101.0000", "quantity": "100", "orders": 2}]
    first, second = market["last_trades"]
    assert first == {
        "trade_id": 1,
        "time_ns": 34_262_400_000_000,
        "price": "101.0000",
        "quantity": "30",
        "aggressor": "buy",
    }
    assert (second["aggressor"], second["price"]) == ("sell", "100.0000")
    assert market["candles"] == [
        {
            "open_time_ns": 34_260_000_000_000,
            "close_time_ns": 34_319_999_999_999,
            "open": "101.0000",
            "high": "101.0000",
            "low": "100.0000",
            "close": "100.0000",
            "volume": "90",
            "quote_volume": "9030.0000",
            "trades": 2,
            "buy_volume": "30",
            "buy_quote_volume": "3030.0000",
            "vwap": "100.333333333333",
            "closed": False,
        }
    ]


def test_screen_shows_ladder_tape_and_candles(
    capsys: pytest.CaptureFixture[str], lobster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run(capsys, "replay", lobster)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("5 messages in ")
    ladder = [line.split("│")[1].split() for line in lines if "│" in line]
    assert ladder[1][:1] == ["101.0000"]
    assert ladder[1][-2:] == ["100", "2"]
    assert ladder[2] == ["↕", "1.0000"]
    assert ladder[3][:2] == ["1", "40"]
    assert "▲ 101.0000" in out
    assert "▼ 100.0000" in out
    assert "1-minute candles" in out
    assert "the engine matched the recorded order" in out


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_screen_has_room_on_any_terminal(
    capsys: pytest.CaptureFixture[str],
    simulated: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, _ = run(capsys, "replay", simulated, "--levels", "3", "--symbol", "SIM2")
    assert code == 0
    assert all(len(line) <= int(columns) for line in out.splitlines())
    assert "SIM2" in out


def test_log_of_commands_without_instruments_is_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "empty.commands"
    path.write_bytes(HEADER)
    code, out, _ = run(capsys, "replay", path)
    assert code == 0
    assert out.startswith("0 messages in ")
    code, out, _ = run(capsys, "replay", path, "--json")
    assert json.loads(out)["instruments"] == []


def test_figures_of_more_digits_than_usual_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = outcry.Engine()
    terms: dict[str, Any] = {"tick": 10**10, "lot": 1, "base_decimals": 0, "quote_decimals": 0}
    filters = outcry.Filters(price_max=4 * 10**28, quantity_max=3)
    engine.add_instrument("BIG", base="A", quote="B", filters=filters, **terms)
    described = engine._native.instrument(1)
    assert described is not None
    orders = outcry.limit_orders(
        instrument=1, account=[1, 2], side=[2, 1], price_ticks=4 * 10**18, quantity_lots=3
    )
    path = tmp_path / "big.commands"
    path.write_bytes(HEADER + bytes(described[0]) + bytes(described[1]) + orders.tobytes())
    monkeypatch.setenv("COLUMNS", "400")
    code, out, err = run(capsys, "replay", path)
    assert (code, err) == (0, "")
    assert "40,000,000,000,000,000,000,000,000,000" in out


def test_levels_bound_the_book(capsys: pytest.CaptureFixture[str], simulated: Path) -> None:
    _, out, _ = run(capsys, "replay", simulated, "--json", "--levels", "2")
    for market in json.loads(out)["instruments"]:
        assert len(market["bids"]) <= 2
        prices = [Decimal(level["price"]) for level in market["bids"]]
        assert prices == sorted(prices, reverse=True)


def test_first_book_counts_where_it_is_given(
    capsys: pytest.CaptureFixture[str], lobster: Path, tmp_path: Path
) -> None:
    book = tmp_path / "orderbook.csv.gz"
    book.write_bytes(gzip.compress(b"1020000,70,1000000,100\n", mtime=0))
    _, out, _ = run(capsys, "replay", lobster, "--book", book, "--json")
    document = json.loads(out)
    assert document["messages"] == 4
    (market,) = document["instruments"]
    assert market["asks"][-1] == {"price": "102.0000", "quantity": "70", "orders": 1}
    assert document["lobster"]["seeded_executions"] == {"first": 1}


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.csv", b"", "line 1: length: the file is empty"),
        ("a.csv", b"34200.1,1,1,100,1000000", "line 1: columns: 5 is not 6"),
        ("a.csv", MESSAGES.encode() + b"34264,1,9,x,1,1", "line 6: size: 'x' is no whole number"),
        ("a.csv", MESSAGES.encode() + b"34264,1,9,-5,1,1", "line 6: size: '-5' is not within 1 to"),
        ("a.csv", MESSAGES.encode() + b"34264,9,9,5,1,1", "line 6: type: '9' is not within 1 to 7"),
        (
            "a.csv.gz",
            gzip.compress(MESSAGES.encode(), mtime=0)[:-9],
            "byte 73: gzip: the file ends before",
        ),
        ("a.commands", b"", "byte 0: header: the file has 0 bytes, a command log at least 32"),
        ("a.commands", MESSAGES.encode(), "byte 0: magic: the file does not begin with OUTCRYCL"),
        ("a.commands", HEADER + b"\xff" * 64, "byte 32: kind: 0xff is no command"),
        (
            "a.commands",
            HEADER + b"\x41\x01" + bytes(6) + b"\xff" * 8 + bytes(48),
            f"byte 32: time_ns: {2**64 - 1} is above {2**62}",
        ),
        ("a.commands", HEADER + b"\x41" * 63, "byte 32: length: the file ends 63 bytes into"),
    ],
)
def test_bad_recording_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    content: bytes,
    place: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for options in ([], ["--json"]):
        code, out, err = run(capsys, "replay", path, *options)
        assert (code, out) == (2, "")
        assert err.startswith(f"outcry: {path}: {place}")
        assert err.count("\n") == 1


def test_files_that_cannot_be_read_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lobster: Path
) -> None:
    absent = tmp_path / "absent.csv"
    expected = (2, "", f"outcry: {absent}: No such file or directory\n")
    assert run(capsys, "replay", absent) == expected
    assert run(capsys, "replay", lobster, "--book", absent) == expected
    assert run(capsys, "replay", tmp_path, "--format", "log") == (
        2,
        "",
        f"outcry: {tmp_path}: Is a directory\n",
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--levels", "0"], "--levels"),
        (["--levels", "1001"], "--levels"),
        (["--format", "itch"], "--format"),
        (["--format", "log", "--book", "x"], "--book"),
    ],
)
def test_bad_options_are_named(
    capsys: pytest.CaptureFixture[str], lobster: Path, arguments: list[str], named: str
) -> None:
    code, out, err = run(capsys, "replay", lobster, *arguments)
    assert (code, out) == (2, "")
    assert named in err


def test_unknown_symbol_is_named(capsys: pytest.CaptureFixture[str], lobster: Path) -> None:
    code, out, err = run(capsys, "replay", lobster, "--symbol", "MSFT")
    assert (code, out) == (2, "")
    assert err == "outcry: symbol: 'MSFT' is no instrument of this engine\n"


def test_recorded_hour_is_replayed(capsys: pytest.CaptureFixture[str], recordings: Path) -> None:
    folder = recordings / "lobster_aapl_2012-06-21"
    book = folder / "orderbook_50_first_672_rows.csv.gz"
    code, out, _ = run(capsys, "replay", folder / "message_50.csv.gz", "--book", book, "--json")
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    executions = {"first": 4_031, "published_late": 15, "passed_over": 9}
    assert document["lobster"]["executions"] == executions
    (market,) = document["instruments"]
    assert len(market["candles"]) == 60
    assert sum(candle["trades"] for candle in market["candles"]) == document["trades"]
