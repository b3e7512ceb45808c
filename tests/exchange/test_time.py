"""Goal: to let time pass ends, when all that is due has happened.

Method: due orders and met stops that one command cannot work off, up to the end of time, and a core
that says for ever that work is due.
"""

from decimal import Decimal
from typing import Any

import pytest

import outcry
from outcry import Engine, Level


@pytest.mark.parametrize("time_ns", [50, (1 << 64) - 1])
def test_time_works_off_all_that_is_due_however_little_one_command_does(time_ns: int) -> None:
    engine = Engine(check_invariants=True, work_max=1)
    for symbol in ("BTC", "ETH"):
        engine.add_instrument(symbol, base=symbol, quote="USD", tick="0.5", lot="0.01")
        for _ in range(5):
            engine.place(
                symbol, side="buy", price="90", quantity="1",
                time_in_force="gtd", expire_time_ns=min(time_ns, 1 << 63),
            )  # fmt: skip
            engine.place(
                symbol, side="buy", type="stop_limit", price="95", stop="99", trigger="fall",
                quantity="1", account=2,
            )  # fmt: skip
        meeting: dict[str, Any] = {"price": "99", "quantity": "1", "account": 3}
        engine.place(symbol, side="sell", **meeting)
        engine.place(symbol, side="buy", **meeting | {"account": 4})
    engine.set_state("ETH", "halted")
    events = engine.advance_time(time_ns)
    assert sum(isinstance(event, outcry.Expired) for event in events) == 10
    assert not engine._native.has_due_work(time_ns)
    assert engine.depth("BTC").bids == (Level(Decimal(95), Decimal(5), 5),)


def test_time_that_never_ends_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        def __init__(self, native: object) -> None:
            self.native = native
            self.given = 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.native, name)

        def command(self, record: bytes) -> None:
            self.given += 1
            self.native.command(record)  # type: ignore[attr-defined]

        def has_due_work(self, _time_ns: int) -> bool:
            assert self.given < 9, "it goes on"
            return True

    engine = Engine()
    engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
    for _ in range(2):
        engine.place("BTC", side="buy", price="90", quantity="1")
    endless = Endless(engine._native)
    monkeypatch.setattr(engine, "_native", endless)
    with pytest.raises(AssertionError, match="due work is left"):
        engine.advance_time(50)
    assert endless.given == 2
