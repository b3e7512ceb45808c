"""Goal: money moves in decimals as the rules say, and what is refused says what would have done.

Method: small stories on an engine with money, every balance written out; tables of what cannot be
taken and of what the engine refuses.
"""

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import outcry
from outcry import (
    FEE_ACCOUNT,
    AccountRejected,
    AccountState,
    Asset,
    Balance,
    CommandRejected,
    Engine,
    InsufficientBalance,
    InvalidValue,
    OrderRejected,
    OutcryError,
    RejectReason,
    RequestRepeated,
    UnknownAsset,
    Withdrawal,
)


@pytest.fixture
def engine() -> Engine:
    engine = Engine(money=True, check_invariants=True, withdrawals_max=2)
    engine.add_asset("BTC", 8)
    engine.add_asset("USD", 2)
    engine.add_instrument("BTCUSD", base="BTC", quote="USD", tick="0.5", lot="0.02")
    engine.set_account(1)
    engine.set_account(2, maker_rate_ppm=-100, taker_rate_ppm=1_000)
    engine.deposit(1, "USD", "1000", source=(1, 1))
    engine.deposit(2, "BTC", "3", source=(1, 2))
    return engine


def balance(available: str, held: str = "0") -> Balance:
    return Balance(Decimal(available), Decimal(held))


def test_deposits_are_what_accounts_have(engine: Engine) -> None:
    assert engine.deposit(1, "USD", "0.25", source=(2, 1)) == balance("1000.25")
    assert engine.balances(1) == {"USD": balance("1000.25")}
    assert engine.balances(0) == {"BTC": balance("-3"), "USD": balance("-1000.25")}
    assert str(engine.balances(1)["USD"].available) == "1000.25"


def test_an_order_holds_what_it_may_cost(engine: Engine) -> None:
    bid = engine.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
    ask = engine.place("BTCUSD", side="sell", price="101", quantity="0.5", account=2)
    assert engine.balances(1) == {"USD": balance("800", "200")}
    assert engine.balances(2) == {"BTC": balance("2.5", "0.5")}
    assert engine.cancel("BTCUSD", bid.order_id, account=1) == 2
    assert engine.replace("BTCUSD", ask.order_id, price="101", quantity="1", account=2).fills == ()
    assert engine.balances(1) == {"USD": balance("1000")}
    assert engine.balances(2) == {"BTC": balance("2", "1")}


def test_a_trade_settles_with_its_fee(engine: Engine) -> None:
    engine.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
    placed = engine.place("BTCUSD", side="sell", price="100", quantity="1", account=2)
    assert [fill.quantity for fill in placed.fills] == [1]
    assert engine.balances(1) == {"BTC": balance("1"), "USD": balance("800", "100")}
    assert engine.balances(2) == {"BTC": balance("2"), "USD": balance("99.90")}
    assert engine.balances(FEE_ACCOUNT) == {"USD": balance("0.10")}
    paid = engine.transfer(FEE_ACCOUNT, 1, "USD", "0.04", source=(9, 1))
    assert paid == balance("0.06")
    assert engine.balances(1)["USD"] == balance("800.04", "100")


@pytest.mark.parametrize(("posted", "left"), [(True, "900"), (False, "1000")])
def test_a_withdrawal_is_held_until_it_is_settled(engine: Engine, posted: bool, left: str) -> None:
    withdrawal = engine.withdraw(1, "USD", "100")
    assert withdrawal == Withdrawal(engine.sequence, 1, "USD", Decimal(100))
    assert engine.withdrawals() == (withdrawal,)
    assert engine.balances(1) == {"USD": balance("900", "100")}
    engine.settle_withdrawal(withdrawal, posted=posted, source=(7, 1))
    assert engine.balances(1) == {"USD": balance(left)}
    assert engine.withdrawals() == ()


def test_accounts_and_assets_are_listed(engine: Engine) -> None:
    engine.set_account(3, state="frozen", group=1)
    assert [account.number for account in engine.accounts()] == [1, 2, 3]
    found = engine.account(3)
    assert found is not None
    assert (found.state, found.group) == (AccountState.FROZEN, 1)
    assert engine.account(99) is None
    assert engine.assets() == (Asset(1, "BTC", 8), Asset(2, "USD", 2))
    assert engine.assets()[0].amount(150_000_000) == Decimal("1.5")


def test_open_orders_are_an_accounts_own(engine: Engine) -> None:
    mine = engine.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
    engine.place("BTCUSD", side="sell", price="101", quantity="0.5", account=2)
    assert [order.order_id for order in engine.orders(account=1)] == [mine.order_id]
    assert len(engine.orders()) == len(engine.orders(instrument="BTCUSD")) == 2
    assert len(engine.orders(most=1)) == 1


# What the caller lacks: the order, the asset, what is available and what would have been needed.
LACKING: list[tuple[dict[str, Any], str, str, str | None]] = [
    ({"side": "buy", "price": "100", "quantity": "11"}, "USD", "1000.00", "1100.00"),
    (
        {
            "side": "buy",
            "type": "stop_limit",
            "price": "100",
            "stop": "90",
            "trigger": "rise",
            "quantity": "11",
        },
        "USD",
        "1000.00",
        "1100.00",
    ),
    ({"side": "buy", "type": "market", "amount": "1000.01"}, "USD", "1000.00", "1000.01"),
    ({"side": "sell", "price": "100", "quantity": "1"}, "BTC", "0.00000000", "1.00"),
    ({"side": "buy", "type": "market", "quantity": "12"}, "USD", "1000.00", None),
]


@pytest.mark.parametrize(("order", "asset", "available", "needed"), LACKING)
def test_an_order_without_cover_says_what_is_needed(
    engine: Engine, order: dict[str, Any], asset: str, available: str, needed: str | None
) -> None:
    engine.deposit(2, "BTC", "20", source=(1, 9))
    engine.place("BTCUSD", side="sell", price="101", quantity="20", account=2)
    before = engine.balances(1)
    with pytest.raises(InsufficientBalance) as caught:
        engine.place("BTCUSD", **order, account=1)
    error = caught.value
    assert isinstance(error, OrderRejected)
    assert (error.asset, f"{error.available:f}") == (asset, available)
    assert (None if error.needed is None else f"{error.needed:f}") == needed
    assert error.bound == error.available
    assert f"{available} {asset} are available" in str(error)
    assert engine.balances(1) == before


def test_a_replace_counts_what_its_order_holds(engine: Engine) -> None:
    order = engine.place("BTCUSD", side="buy", price="100", quantity="6", account=1)
    with pytest.raises(InsufficientBalance) as caught:
        engine.replace("BTCUSD", order.order_id, price="200", quantity="6", account=1)
    assert (caught.value.asset, caught.value.available) == ("USD", Decimal(1000))
    assert caught.value.needed is None


def test_integers_alone_name_no_asset(engine: Engine) -> None:
    with pytest.raises(InsufficientBalance, match="account: insufficient_balance") as caught:
        engine.limit_ticks(1, 1, 1, 200, 10_000)
    assert (caught.value.asset, caught.value.bound) == (None, 100_000)


REFUSED: list[tuple[Callable[[Engine], object], type[CommandRejected], str]] = [
    (lambda e: e.withdraw(1, "USD", "1000.01"), InsufficientBalance, "1000.01 are needed"),
    (lambda e: e.transfer(1, 2, "USD", "2000", source=(5, 1)), InsufficientBalance, "2000.00"),
    (lambda e: e.deposit(99, "USD", "1", source=(5, 1)), AccountRejected, "account: unknown_acc"),
    (lambda e: e.set_account(FEE_ACCOUNT), AccountRejected, "account_reserved, must not be 4294"),
    (lambda e: e.settle_withdrawal(1, posted=True, source=(5, 1)), AccountRejected, "unknown_with"),
    (lambda e: e.transfer(1, 1, "USD", "1", source=(5, 1)), AccountRejected, "invalid_account"),
    (
        lambda e: e.deposit(1, "BTC", str(2**100 // 10**8), source=(5, 1)),
        AccountRejected,
        r"amount: total_above_maximum, the bound is \d+\.\d{8}",
    ),
    (
        lambda e: e.place("BTCUSD", side="buy", price="100", quantity="1", account=9),
        OrderRejected,
        "account: unknown_account",
    ),
    (
        lambda e: [e.withdraw(1, "USD", "1") for _ in range(3)],
        AccountRejected,
        "account: too_many_withdrawals, the bound is 2",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), REFUSED)
def test_what_the_engine_refuses_is_named(
    engine: Engine, act: Callable[[Engine], object], error: type[CommandRejected], text: str
) -> None:
    with pytest.raises(error, match=text):
        act(engine)


UNASKED: list[tuple[Callable[[Engine], object], type[OutcryError], str]] = [
    (lambda e: e.deposit(1, "EUR", "1", source=(5, 1)), UnknownAsset, "asset: 'EUR'"),
    (lambda e: e.deposit(1, "USD", "0.001", source=(5, 1)), InvalidValue, "amount: 0.001 must be"),
    (lambda e: e.deposit(1, "USD", 1.5, source=(5, 1)), InvalidValue, "is of type float"),  # type: ignore[arg-type]
    (lambda e: e.deposit(1, "USD", "1", source=(0, 1)), InvalidValue, "source: 0 must be an int"),
    (lambda e: e.deposit(1, "USD", "1", source=(5, 2**64)), InvalidValue, "source: 1844674407"),
    (lambda e: e.withdraw(1, "USD", "-1"), InvalidValue, "amount: -1 must be above 0"),
    (lambda e: e.withdraw(2**32, "USD", "1"), InvalidValue, "account: 4294967296 must be"),
    (lambda e: e.withdraw(1, "USD", "1", request_id=2**128), InvalidValue, "request_id: "),
    (lambda e: e.set_account(1, maker_rate_ppm=-1_000_001), InvalidValue, "maker_rate_ppm: "),
    (lambda e: e.set_account(1, taker_rate_ppm=-1), InvalidValue, "taker_rate_ppm: -1"),
    (lambda e: e.set_account(1, state="closed"), InvalidValue, "account_state: closed must be"),
    (lambda e: e.add_asset("A B", 2), InvalidValue, "name: 'A B' must be 1 to 16"),
    (lambda e: e.add_asset("A" * 17, 2), InvalidValue, "name: "),
    (lambda e: e.add_asset("EUR", 25), InvalidValue, "decimals: 25 must be an int from 0 to 24"),
    (lambda e: e.balances(-1), InvalidValue, "account: -1"),
    (
        lambda e: e.add_instrument("X", base="EUR", quote="USD", tick="1", lot="1"),
        UnknownAsset,
        "asset: 'EUR'",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), UNASKED)
def test_what_cannot_be_taken_changes_nothing(
    engine: Engine, act: Callable[[Engine], object], error: type[OutcryError], text: str
) -> None:
    before = engine.state_hash()
    with pytest.raises(error, match=text) as caught:
        act(engine)
    assert type(caught.value) is error
    assert engine.state_hash() == before


def test_money_comes_once(engine: Engine) -> None:
    engine.deposit(1, "USD", "5", source=(4, 7))
    with pytest.raises(RequestRepeated, match=r"request_id: first seen at sequence [1-9]"):
        engine.deposit(1, "USD", "5", source=(4, 7))
    with pytest.raises(RequestRepeated, match="source: its number is below the last one"):
        engine.deposit(1, "USD", "5", source=(4, 6))
    assert engine.balances(1) == {"USD": balance("1005")}


def test_an_asset_is_added_once_and_gives_instruments_its_decimals(engine: Engine) -> None:
    with pytest.raises(AccountRejected, match="asset_exists"):
        engine.add_asset("USD", 4)
    assert engine.instrument("BTCUSD").quote_decimals == 2
    with pytest.raises(outcry.InstrumentRejected, match="asset_decimals, must be the decimals of"):
        engine.add_instrument("X", base="BTC", quote="USD", tick="1", lot="1", base_decimals=3)


def test_a_batch_may_add_assets(engine: Engine) -> None:
    records = np.zeros(1, outcry.ASSET)
    records["kind"], records["version"] = outcry.CommandKind.ADD_ASSET, 1
    records["asset"], records["name"], records["decimals"] = 40, b"EUR", 2
    engine.apply(records)
    assert engine.deposit(1, "EUR", "1", source=(4, 1)) == balance("1")
    assert engine.add_asset("CHF", 2).number == 41


def test_without_money_there_are_no_assets() -> None:
    engine = Engine()
    with pytest.raises(AccountRejected, match="not_supported"):
        engine.add_asset("BTC", 8)
    with pytest.raises(UnknownAsset):
        engine.deposit(1, "BTC", "1", source=(1, 1))
    assert (engine.balances(1), engine.accounts(), engine.assets()) == ({}, (), ())


def test_refusals_for_money_survive_a_pickle(engine: Engine) -> None:
    with pytest.raises(InsufficientBalance) as caught:
        engine.withdraw(1, "USD", "1000.01")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.needed, again.reason) == (
        str(caught.value), Decimal("1000.01"), RejectReason.INSUFFICIENT_BALANCE
    )  # fmt: skip
    unknown = UnknownAsset("EUR")
    assert str(pickle.loads(pickle.dumps(unknown))) == str(unknown)
