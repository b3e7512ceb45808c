"""The tape: what it keeps is what all trades at once would give, and it keeps no more.

Goal: a replay of any length has true candles and flat memory. Method: trades in pieces that are
folded early and late, against the candles of all of them.
"""

import numpy as np
import pytest

from outcry.marketdata import TRADE, TRADE_SCHEMA, Tape, tape

ROWS = [
    (number % 3 + 1, number // 3 + 1, number * 70_000_000, 100 + number % 11, 1 + number % 5, True)
    for number in range(1_000)
]
TRADES = np.array(ROWS, TRADE)


@pytest.mark.parametrize("waiting_max", [1, 100, 10_000])
def test_pieces_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch, waiting_max: int
) -> None:
    monkeypatch.setattr(tape, "WAITING_MAX", waiting_max)
    folded, whole = Tape(kept_trades=4, interval="1s"), Tape(kept_trades=4, interval="1s")
    for at in range(0, len(TRADES), 37):
        folded.add(TRADES[at : at + 37])
    assert folded.trades == 1_000
    whole.add(TRADES)
    assert folded.candles().drop("revision").equals(whole.candles().drop("revision"))
    assert folded.candles().height > 10
    last = folded.last_trades()
    assert last["instrument"].to_list() == [1] * 4 + [2] * 4 + [3] * 4
    assert last["trade_id"].to_list() == [*range(331, 335), *range(330, 334), *range(330, 334)]


def test_empty_tape_has_the_columns_of_a_full_one() -> None:
    empty = Tape(kept_trades=4)
    assert empty.last_trades().schema == TRADE_SCHEMA
    assert empty.candles().is_empty()


def test_waiting_trades_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "WAITING_MAX", 100)
    folded = Tape(kept_trades=1)
    for at in range(0, len(TRADES), 37):
        folded.add(TRADES[at : at + 37])
        assert folded._waiting_trades < 100
