"""The commands of market data: tables, JSON, pictures and files of recorded trades.

Goal: a person and a program each get what they asked for, and nothing half written. Method: a small
file of trades through each command; recorded trades beside the venue's klines.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from outcry.cli import main

MINUTE_MS = 60_000
START_MS = 1_723_161_600_000


@pytest.fixture
def trades(tmp_path: Path) -> Path:
    """Return a Binance CSV of some hundred trades over forty minutes."""
    path = tmp_path / "BTCUSDT-trades-2024-08-09.csv"
    lines = []
    for number in range(400):
        price = 61_000 + (number * 7_919) % 97
        quantity, maker = 1 + number % 5, "True" if number % 3 else "False"
        time = START_MS + number * 6_000
        value = price * quantity
        lines.append(f"{number + 1},{price}.00,{quantity}.5,{value}.0,{time},{maker},True")
    path.write_text("\n".join(lines) + "\n")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == code, err
    return out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:  # noqa: ANN401 (JSON)
    return json.loads(run(capsys, *arguments, "--json"))


def test_candles_as_json_table_parquet_and_picture(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path
) -> None:
    rows = run_json(capsys, "candles", str(trades), "--interval", "1m", "--interval", "1h")
    minutes = [row for row in rows if row["interval"] == "1m"]
    assert len(minutes) == 40
    assert minutes[0]["open_time_ns"] == START_MS * 10**6
    assert sum(row["trades"] for row in minutes) == 400
    png, parquet = tmp_path / "candles.png", tmp_path / "candles.parquet"
    table = run(capsys, "candles", str(trades), "--png", str(png), "--parquet", str(parquet))
    assert "1m" in table
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pl.read_parquet(parquet).height == 40
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.parametrize(
    "command",
    [
        ["profile", "--row-size", "5"],
        ["orderflow", "--interval", "5m"],
        ["orderflow", "--row-size", "10"],
        ["gaps"],
        ["zones"],
    ],
)
def test_each_command_shows_draws_and_writes(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path, command: list[str]
) -> None:
    png, parquet = tmp_path / "out.png", tmp_path / "out.parquet"
    given = [command[0], str(trades), *command[1:]]
    assert run(capsys, *given, "--png", str(png), "--parquet", str(parquet))
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pl.read_parquet(parquet).width > 3
    assert run_json(capsys, *given) is not None


def test_profile_says_its_point_of_control(
    capsys: pytest.CaptureFixture[str], trades: Path
) -> None:
    found = run_json(capsys, "profile", str(trades), "--row-size", "10")
    volumes = {row["price"]: float(row["volume"]) for row in found["rows"]}
    assert max(volumes, key=lambda price: volumes[price]) == found["poc"]


def test_a_wrong_interval_ends_with_two(capsys: pytest.CaptureFixture[str], trades: Path) -> None:
    run(capsys, "candles", str(trades), "--interval", "1y", code=2)


def test_recorded_trades_equal_the_klines(
    capsys: pytest.CaptureFixture[str], recordings: Path, tmp_path: Path
) -> None:
    folder = recordings / "binance_spot_2024-08-08"
    files = [str(folder / f"spot_btcusdt_2024080{day}.gz") for day in (8, 9)]
    klines = str(folder / "BTCUSDT-5m-2024-08.csv.gz")
    options = ["--interval", "5m", "--quarantine", str(tmp_path / "bad.jsonl"), "--check", klines]
    assert "2 of 2 candles equal" in run(capsys, "candles", *files, *options)


def test_what_differs_is_listed(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path
) -> None:
    klines = tmp_path / "klines.csv"
    time = START_MS + MINUTE_MS
    klines.write_text(f"{time},1,2,3,4,5,{time + MINUTE_MS - 1},6,7,8,9,0\n")
    out = run(capsys, "candles", str(trades), "--check", str(klines), code=1)
    assert "0 of 1 candles equal" in out
    assert "open" in out
