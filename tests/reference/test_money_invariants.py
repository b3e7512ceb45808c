"""The invariants of money and of answers: each must find the damage done on purpose.

Method: a sound exchange, one thing changed behind the engine's back or one event that lies, then a
command that should have nothing to do with it.
"""

from collections.abc import Callable

import pytest

from outcry.reference import Machine, ReferenceEngine, matching
from outcry.reference.balance_invariants import read_published
from outcry.reference.codes import EXTERNAL_ACCOUNT, AccountState, SelfTrade
from outcry.reference.events import encode, encode_balance
from outcry.reference.machine import Remembered
from tests.scenarios import commands as c

Damage = Callable[[Machine], None]
HARMLESS = c.advance_time(2)
REFUSED = c.set_state(9)


@pytest.fixture
def engine() -> ReferenceEngine:
    """An exchange where 1 buys and waits to buy, 2 sells, and 1 withdraws."""
    engine = ReferenceEngine(check_invariants=True, money=True)
    engine.apply_batch(
        c.add_asset(c.BTC)
        + c.add_asset(c.USDT, "USDT", 5)
        + c.instrument(1, price_max=500)
        + c.set_account(1)
        + c.set_account(2)
        + c.deposit(1, c.USDT, 10_000, 1)
        + c.deposit(2, c.BTC, 50, 2)
        + c.buy(90, 7, request_id=1)
        + c.sell(100, 5)
        + c.stop(c.BUY, 3, c.RISE, 200)
        + c.withdraw(1, c.USDT, 30)
        + c.advance_time(1)
    )
    return engine


def invent_money(machine: Machine) -> None:
    machine.accounts.owned[1, c.USDT] += 1


def lose_what_is_on_deposit(machine: Machine) -> None:
    machine.accounts.owned[EXTERNAL_ACCOUNT, c.BTC] += 1


def raise_a_bound(machine: Machine) -> None:
    machine.orders[3].bound_high_ticks += 1


def forget_a_withdrawal(machine: Machine) -> None:
    machine.accounts.withdrawals.clear()


def skip_a_sequence(machine: Machine) -> None:
    machine.sequence += 1


def turn_time_back(machine: Machine) -> None:
    machine.time_ns = -5


def change_an_answer(machine: Machine) -> None:
    machine.requests[1][0] = Remembered(machine.requests[1][0].request_id, 8, 0, 99)


def fill_from_nowhere(machine: Machine) -> None:
    machine.orders[1].done_lots += 1
    machine.orders[1].quantity_lots += 1


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (invent_money, "events and state agree"),
        (lose_what_is_on_deposit, "events and state agree"),
        (raise_a_bound, "holds are the needs"),
        (forget_a_withdrawal, "holds are the needs"),
        (skip_a_sequence, "no sequence is left out"),
        (change_an_answer, "an answer stays as it was"),
        (fill_from_nowhere, "done lots traded or were kept"),
    ],
)
def test_damage_is_found(engine: ReferenceEngine, damage: Damage, broken: str) -> None:
    damage(engine.machine)
    with pytest.raises(AssertionError, match=broken):
        engine.apply(HARMLESS)


def test_time_that_goes_back_is_found(engine: ReferenceEngine) -> None:
    turn_time_back(engine.machine)
    with pytest.raises(AssertionError, match="time never goes back"):
        engine.apply(c.advance_time(0))


def make_an_order(machine: Machine) -> None:
    machine.order_count += 1


def freeze(machine: Machine) -> None:
    machine.accounts.accounts[1].state = AccountState.FROZEN


def drop_an_asset(machine: Machine) -> None:
    del machine.accounts.assets[c.BTC]


def move_money(machine: Machine) -> None:
    machine.accounts.move(c.BTC, 2, 1, 1)


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (make_an_order, "a refusal makes no order"),
        (freeze, "a refusal changes no account"),
        (drop_an_asset, "a refusal changes no asset"),
        (forget_a_withdrawal, "a refusal changes no withdrawal"),
        (move_money, "a refusal moves no money"),
    ],
)
@pytest.mark.parametrize("record", [REFUSED, c.buy(1, 1, request_id=1)])
def test_a_refusal_that_does_something_is_found(
    engine: ReferenceEngine, damage: Damage, broken: str, record: bytes
) -> None:
    damage(engine.machine)
    with pytest.raises(AssertionError, match=broken):
        engine.apply(record)


@pytest.mark.parametrize(
    ("account", "said", "broken"),
    [
        (1, (-1, 0), "nothing available is below zero"),
        (1, (4, -1), "nothing held is below zero"),
        (EXTERNAL_ACCOUNT, (1, 0), "no more than the maximum on deposit"),
        (EXTERNAL_ACCOUNT, (-(2**100) - 1, 0), "no more than the maximum on deposit"),
        (EXTERNAL_ACCOUNT, (-6, 1), "the external account holds nothing"),
        (1, (5, 0), "all balances of an asset sum to zero"),
    ],
)
def test_a_balance_that_cannot_be_is_found(
    engine: ReferenceEngine,
    monkeypatch: pytest.MonkeyPatch,
    account: int,
    said: tuple[int, int],
    broken: str,
) -> None:
    """Said by an event, and owned: of an asset that nobody has."""
    engine.machine.accounts.owned[account, 7] = sum(said)
    monkeypatch.setattr(
        "outcry.reference.engine.holds.emit_changes",
        lambda machine, _: machine.emit_balance(account, 7, *said),
    )
    with pytest.raises(AssertionError, match=broken):
        engine.apply(HARMLESS)


def test_lots_that_get_lost_are_found(engine: ReferenceEngine) -> None:
    engine.machine.orders[1].quantity_lots += 1
    with pytest.raises(AssertionError, match="ended lots add up"):
        engine.apply(c.cancel(1))


def test_a_group_that_trades_with_itself_is_found(
    engine: ReferenceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "self_trade_mode", lambda *_: SelfTrade.NONE)
    engine.apply(c.deposit(1, c.BTC, 1, 3))
    with pytest.raises(AssertionError, match="no group trades with itself"):
        engine.apply(c.sell(90, 1, 1))


FIRST, SECOND = encode_balance(5, 1, 2, 10, 3), encode_balance(5, 2, 1, -10, 0)
ANSWER = encode(0x21, 0, 0, head=5, order_id=0, value=0)


def test_balances_are_read_behind_all_else() -> None:
    published = read_published([ANSWER, *FIRST, *SECOND])
    assert [(each.account, each.asset, *each.balance) for each in published] == [
        (1, 2, 10, 3),
        (2, 1, -10, 0),
    ]
    assert read_published([ANSWER]) == []


@pytest.mark.parametrize(
    ("events", "broken"),
    [
        ([*FIRST, ANSWER, ANSWER], "balances come last"),
        ([ANSWER, FIRST[1]], "a balance begins with what is available"),
        ([FIRST[0], FIRST[0]], "a balance has two records"),
        ([FIRST[0], SECOND[1]], "both are of one asset"),
    ],
)
def test_balances_that_are_not_whole_are_found(events: list[bytes], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        read_published(events)
