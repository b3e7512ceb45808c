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


COMMANDS = (
    ["candles"],
    ["profile", "--row-size", "5"],
    ["orderflow"],
    ["orderflow", "--row-size", "5"],
    ["gaps"],
    ["zones"],
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_the_words_columns_scales_and_times_of_a_source(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "trades.csv"
    rows = [
        f"{1_723_161_600 + n * 20};{100 + n % 7};{1 + n % 3};{'L' if n % 2 else 'S'}"
        for n in range(60)
    ]
    path.write_text("when;px;amount;way\n" + "\n".join(rows) + "\n")
    named = [
        f"--column={name}" for name in ("time=when", "price=px", "quantity=amount", "side=way")
    ]
    words = ["--buy", "L", "--sell", "S", "--price-scale", "2", "--quantity-scale", "3"]
    times = ["--time-unit", "s", "--time-back", "1h", "--time-ahead", "1h"]
    found = run_json(capsys, command[0], str(path), *command[1:], *named, *words, *times)
    if command[0] in {"candles", "orderflow"}:
        assert found[0]["open_time_ns"] == 1_723_161_600 * 10**9
    if command == ["candles"]:
        assert found[0]["open"] == "100.00"
        assert sum(float(row["buy_volume"]) for row in found) == sum(
            1 + n % 3 for n in range(1, 60, 2)
        )
    assert not list(tmp_path.glob("*.bad.jsonl"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_no_trades(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    path, png, parquet = tmp_path / "empty.csv", tmp_path / "e.png", tmp_path / "e.parquet"
    path.write_text("")
    given = [command[0], str(path), *command[1:]]
    run(capsys, *given, "--png", str(png), "--parquet", str(parquet))
    found = run_json(capsys, *given)
    assert found == [] or found["rows"] == []
    frame = pl.read_parquet(parquet)
    assert (frame.height, frame.width > 3) == (0, True)
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_instrument_without_trades_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("time,price,quantity,side,symbol\n1723161600000,5,1,buy,AAA\n")
    given = [command[0], str(path), *command[1:]]
    with pytest.raises(SystemExit) as ended:
        main([*given, "--symbol", "BBB"])
    assert ended.value.code == 2
    assert "there are AAA" in capsys.readouterr().err
    run(capsys, *given, "--symbol", "AAA")


@pytest.mark.parametrize(
    "given",
    [
        ["profile", "--row-size", "abc"],
        ["profile", "--row-size", "0"],
        ["profile", "--row-size", "NaN"],
        ["orderflow", "--row-size", "-5"],
        ["orderflow", "--anchor", "sometimes"],
        ["orderflow", "--horizon", "x"],
        ["candles", "--time-back", "long"],
        ["gaps", "--interval", "0m"],
        ["candles", "--column", "colour=1"],
        ["candles", "--check", "nowhere.csv"],
    ],
)
def test_a_wrong_argument_is_one_line_and_two(
    capsys: pytest.CaptureFixture[str], trades: Path, given: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([given[0], str(trades), *given[1:]])
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_most_traded_instrument_is_chosen_over_batches(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    rows = [f"{START_MS + n},{10 + n % 3},1,buy,{'AAA' if n % 3 else 'BBB'}" for n in range(30)]
    path.write_text("time,price,quantity,side,symbol\n" + "\n".join(rows) + "\n")
    found = run_json(capsys, "profile", str(path))
    assert (found["symbol"], sum(float(row["volume"]) for row in found["rows"])) == ("AAA", 20.0)


def test_a_candle_that_still_forms_confirms_no_gap(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    rows = [f"{START_MS + n * MINUTE_MS},{price},1,buy" for n, price in enumerate((10, 12, 14))]
    path.write_text("time,price,quantity,side\n" + "\n".join(rows) + "\n")
    assert run_json(capsys, "gaps", str(path)) == []
    path.write_text(path.read_text() + f"{START_MS + 3 * MINUTE_MS},15,1,buy\n")
    assert [row["top"] for row in run_json(capsys, "gaps", str(path))] == ["14"]


def test_trades_behind_the_horizon_are_told_and_can_be_taken(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    rows = [f"{START_MS + n * MINUTE_MS},10,1,buy" for n in (0, 90, 1)]
    path.write_text("time,price,quantity,side\n" + "\n".join(rows) + "\n")
    with pytest.raises(SystemExit):
        main(["orderflow", str(path), "--json"])
    out, err = capsys.readouterr()
    assert (len(json.loads(out)), "1 trades came later than 1h" in err) == (2, True)
    assert len(run_json(capsys, "orderflow", str(path), "--horizon", "1d")) == 3
    assert len(run_json(capsys, "candles", str(path))) == 3


def test_corrections_of_every_interval_are_merged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    rows = [f"{START_MS + n * MINUTE_MS},{10 + n}.5,1,buy" for n in (0, 300, 301, 1, 0, 2)]
    path.write_text("time,price,quantity,side\n" + "\n".join(rows) + "\n")
    found = run_json(capsys, "candles", str(path), "--interval", "1m", "--interval", "1h")
    minutes = [row for row in found if row["interval"] == "1m"]
    hours = [row for row in found if row["interval"] == "1h"]
    assert [row["trades"] for row in minutes] == [2, 1, 1, 1, 1]
    assert [(row["trades"], row["high"]) for row in hours] == [(4, "12.5"), (2, "311.5")]


def test_recorded_trades_equal_the_ohlc_of_kraken(
    capsys: pytest.CaptureFixture[str], recordings: Path, tmp_path: Path
) -> None:
    folder = recordings / "kraken_2025-11-10"
    options = ["--fill", "--quarantine", str(tmp_path / "bad.jsonl")]
    check = ["--check", str(folder / "ohlc_1m.json")]
    out = run(capsys, "candles", str(folder / "trades.json"), *options, *check)
    # The 409 whole minutes, and one at the edge of the recording that is equal too.
    assert "410 of 410 candles equal in all 6 fields" in out


def test_klines_of_another_interval_are_refused(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path
) -> None:
    klines = tmp_path / "klines.csv"
    row = "{},1,2,3,4,5,{},6,7,8,9,0\n"
    times = (START_MS, START_MS + 5 * MINUTE_MS)
    klines.write_text("".join(row.format(time, time + 299_999) for time in times))
    with pytest.raises(SystemExit) as ended:
        main(["candles", str(trades), "--check", str(klines)])
    assert ended.value.code == 2
    assert "klines of 300 s, the candles have 60 s" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "{}", '{"result":{"X":[[1,2]]}}', "a,b\n", "\x00"])
def test_what_is_no_kline_is_told(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path, content: str
) -> None:
    klines = tmp_path / "klines"
    klines.write_text(content)
    run(capsys, "candles", str(trades), "--check", str(klines), code=2)


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_a_table_is_never_cut(
    capsys: pytest.CaptureFixture[str], trades: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    """A narrow terminal shows fewer columns, and no number without its end."""
    monkeypatch.setenv("COLUMNS", width)
    for command in COMMANDS:
        out = run(capsys, command[0], str(trades), *command[1:])
        assert "…" not in out
        assert max(len(line) for line in out.splitlines()) <= int(width)


def test_what_differs_is_listed(
    capsys: pytest.CaptureFixture[str], trades: Path, tmp_path: Path
) -> None:
    klines = tmp_path / "klines.csv"
    time = START_MS + MINUTE_MS
    klines.write_text(f"{time},1,2,3,4,5,{time + MINUTE_MS - 1},6,7,8,9,0\n")
    out = run(capsys, "candles", str(trades), "--check", str(klines), code=1)
    assert "0 of 1 candles equal" in out
    assert "open" in out
