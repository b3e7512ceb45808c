"""The trades of a command log, as the frame of all trades.

Goal: what our own engine traded reads like any venue's trades. Method: a simulated log against the
tape of its replay.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from outcry import _native
from outcry.feeds import join_trades, open_trades, replay_log
from outcry.feeds.log_trades import _mantissa


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "flow.commands"
    path.write_bytes(_native.simulate("w5", 3, 20_000))
    return path


def test_trades_are_those_of_the_replay(log: Path) -> None:
    with open_trades(log) as reader:
        trades = join_trades(list(reader))
    tape = replay_log(log).tape
    assert (reader.format, len(trades)) == ("log", tape.trades)
    volume = int(tape.candles()["volume"].sum())
    (instrument,) = replay_log(log).engine.instruments()
    assert set(trades.frame["symbol"]) == {instrument.symbol}
    read = Decimal(trades.frame["quantity"].sum()).scaleb(-trades.quantity_scale)
    assert read == instrument.lot * volume
    last = tape.last_trades().row(-1, named=True)
    row = trades.frame.row(-1, named=True)
    assert (row["trade_id"], row["time_ns"]) == (last["trade_id"], last["time_ns"])
    price = Decimal(row["price"]).scaleb(-trades.price_scale)
    assert price == instrument.tick * last["price_ticks"]
    assert row["side"] == (1 if last["is_buy"] else -1)


@pytest.mark.parametrize(
    ("increment", "mantissa"),
    [("0.01", (1, 2)), ("0.25", (25, 2)), ("1", (1, 0)), ("1E+3", (1_000, 0)), ("5E-7", (5, 7))],
)
def test_increments_as_integers(increment: str, mantissa: tuple[int, int]) -> None:
    assert _mantissa(Decimal(increment)) == mantissa
