"""Goal: what an exchange said is printed whole and in order, from any command on.

Method: a market whose events are known, as lines and as Parquet, and to a reader that leaves.
"""

import json
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from outcry import Exchange
from outcry.cli.events import readable
from outcry.protocol import PLACED_EVENT, CancelReason, EventKind, RejectReason, Side
from tests.cli.conftest import SETTINGS, Command


def test_all_events_are_lines(command: Command, market: Path) -> None:
    said = command("events", "--data", market)
    assert said.code == 0
    rows = [json.loads(line) for line in said.out.splitlines()]
    with Exchange.open(market, SETTINGS) as exchange:
        last = exchange.status().sequence
    assert sorted({row["sequence"] for row in rows}) == list(range(1, last + 1))
    assert [row["place"] for row in rows if row["sequence"] == 5] == [0, 1, 2]
    assert rows[-2]["event"] == "balance_changed" or rows[-1]["event"] == "balance_changed"
    deposit = next(row for row in rows if row["sequence"] == 5 and row.get("account") == 1)
    assert (deposit["event"], deposit["available"], deposit["held"]) == (
        *("balance_changed", 10**9, 0),
    )
    outside = next(row for row in rows if row["sequence"] == 5 and row.get("account") == 0)
    assert outside["available"] == -(10**9)


def test_they_begin_where_asked(command: Command, market: Path) -> None:
    rows = [
        json.loads(line)
        for line in command("events", "--from", 11, "--data", market).out.splitlines()
    ]
    assert {row["sequence"] for row in rows} == {11}
    assert (rows[0]["event"], rows[0]["order_id"]) == ("accepted", 2)
    assert command("events", "--from", 10**6, "--data", market) == (0, "", "")


def test_they_fit_a_parquet_file(command: Command, market: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.parquet"
    said = command("events", "--parquet", out, "--data", market)
    frame = pl.read_parquet(out)
    assert said == (0, f"{out}: {frame.height:,} events\n", "")
    assert frame["sequence"].is_sorted()
    empty = command("events", "--from", 10**6, "--parquet", out, "--data", market)
    assert empty.out == f"{out}: 0 events\n"
    assert pl.read_parquet(out).schema == frame.schema


def test_they_are_followed_beside_the_process_that_trades(market: Path) -> None:
    start = "import sys; from outcry.cli import main; main(sys.argv[1:])"
    with Exchange.open(market, SETTINGS) as exchange:
        asked = ["events", "--follow", "--from", "11", "--data", str(market)]
        child = subprocess.Popen(
            [sys.executable, "-c", start, *asked], stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdout is not None
            assert json.loads(child.stdout.readline())["sequence"] == 11
            placed = exchange.place(
                "BTCUSDT", side="buy", price="1", quantity="1", account=2, time_in_force="ioc"
            )
            lines = iter(child.stdout.readline, "")
            said = (json.loads(line) for line in lines)
            found = next(row for row in said if row.get("order_id") == placed.order_id)
            assert (found["event"], found["sequence"]) == ("accepted", placed.sequence)
            child.send_signal(signal.SIGINT)
            child.stdout.read()
        assert child.returncode == 128 + signal.SIGINT


def test_what_has_no_end_fits_no_file(command: Command, market: Path, tmp_path: Path) -> None:
    said = command("events", "--follow", "--parquet", tmp_path / "events", "--data", market)
    assert said.code == 2
    assert "follows without an end" in said.err
    nowhere = command("events", "--follow", "--data", tmp_path)
    assert nowhere.code != 0
    assert "holds no exchange" in nowhere.err


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (EventKind.TRADED, {"aggressor": Side.SELL}, {"aggressor": "sell"}),
        (EventKind.REJECTED, {"reason": RejectReason.UNKNOWN_ORDER}, {"reason": "unknown_order"}),
        (EventKind.CANCELLED, {"reason": CancelReason.MASS_CANCEL}, {"reason": "mass_cancel"}),
        (EventKind.BALANCE_CHANGED, {"available_high": -1}, {"available": -(1 << 64), "held": 0}),
    ],
)
def test_values_of_closed_sets_have_names(
    kind: EventKind, fields: dict[str, object], said: dict[str, object]
) -> None:
    empty = dict.fromkeys(PLACED_EVENT.names or (), 0)
    row = readable({**empty, "kind": int(kind), **fields})
    assert row["event"] == str(kind)
    assert {name: row[name] for name in said} == said
