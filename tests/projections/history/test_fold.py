"""Goal: the history says exactly what commands and events come to.

Method: random streams of every kind of command run through the real exchange; the same journal and
the same events are counted again in plain Python, and each row must be equal.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from outcry import Exchange
from outcry.projections.history import FillRow, OrderRow, OrderState
from outcry.protocol import StopUnit
from tests.projections.history.folding import Everything, everything, fold
from tests.projections.history.recount import Recount
from tests.projections.history.streams import SETTINGS, trade

QUICK_SEEDS, QUICK_COMMANDS = 4, 2_500
SLOW_SEEDS, SLOW_COMMANDS = 20, 15_000


def compare(path: Path, seed: int, commands: int) -> None:
    """Run a stream, fold it, and count it again."""
    events = trade(path, seed, commands)
    assert fold(path) == Recount.of(path, events).sequence
    assert_equal(everything(path), Recount.of(path, events))


def assert_equal(found: Everything, count: Recount) -> None:
    """Compare what was read with what was counted."""
    orders = {row.order_id: row for row in found.orders}
    assert orders.keys() == count.orders.keys()
    for order_id, expected in count.orders.items():
        assert order_said(orders[order_id]) == order_counted(expected)
    by_trade = {(row.steps.instrument, row.trade_id, row.is_maker): row for row in found.fills}
    assert len(by_trade) == len(found.fills) == len(count.fills)
    for expected in count.fills:
        key = (expected["instrument"], expected["trade_id"], expected["is_maker"])
        assert_fill(by_trade[key], expected)
    trades = {(row.steps.instrument, row.trade_id): row for row in found.trades}
    assert len(trades) == len(count.trades)
    for expected in count.trades:
        assert_has(trades[expected["instrument"], expected["trade_id"]], expected)
    aggregates = {(row.steps.instrument, row.aggregate_id): row for row in found.aggregates}
    assert len(aggregates) == len(count.aggregates)
    for expected in count.aggregates:
        assert_has(aggregates[expected["instrument"], expected["aggregate_id"]], expected)
    lists = {row.list_id: row for row in found.lists}
    assert lists.keys() == count.lists.keys()
    for list_id, expected in count.lists.items():
        row, said = lists[list_id], expected["row"]
        assert row.order_ids == tuple(expected["order_ids"])
        assert (row.account, row.instrument) == (said["account"], said["instrument"])
        assert str(row.list_type) == said["list_type"]
        assert row.client_list_id == said.get("client_list_id", "")
        for name in ("state", "entered_ns", "changed_ns"):
            assert getattr(row, name) == expected[name]


def assert_has(row: object, expected: dict[str, Any]) -> None:
    """Compare the fields that both have."""
    said = {name: value for name, value in expected.items() if hasattr(row, name)}
    assert {name: getattr(row, name) for name in said} == said


def assert_fill(row: FillRow, expected: dict[str, Any]) -> None:
    """Compare one side of a trade."""
    assert_has(row, expected)
    assert row.value == expected["price_ticks"] * expected["quantity_lots"]
    assert (row.side is expected["aggressor"]) is not expected["is_maker"]


_SAME = (
    *("order_id", "account", "state", "price_ticks", "quantity_lots", "filled_lots"),
    *("prevented_lots", "value", "stop", "entered_ns", "changed_ns", "working_ns"),
    *("entered_sequence", "changed_sequence", "list_id", "leg", "refusal"),
)


def order_said(row: OrderRow) -> dict[str, Any]:
    """Return what an order's row says, as `order_counted` does."""
    return {
        **{name: getattr(row, name) for name in _SAME},
        "instrument": row.steps.instrument,
        "reason": row.cancel_reason,
        "rates": (row.maker_rate_ppm, row.taker_rate_ppm),
        "side": str(row.side),
        "order_type": str(row.order_type),
        "time_in_force": str(row.time_in_force),
        "self_trade": str(row.self_trade),
        "post_only": row.post_only,
        "amount": row.amount_units,
        "stop_unit": row.stop_unit,
        "trigger": row.trigger and str(row.trigger),
        "display_lots": row.display_lots,
        "expire_time_ns": row.expire_ns,
        "client_order_id": row.client_order_id,
    }


def order_counted(expected: dict[str, Any]) -> dict[str, Any]:
    """Return what an order is by its command and what happened to it."""
    row = expected["row"]
    unit = row.get("stop_unit", "price")
    return {
        **{name: expected[name] for name in _SAME},
        "instrument": expected["instrument"],
        "reason": expected["reason"],
        "rates": expected["rates"],
        "side": row["side"],
        "order_type": row["order_type"],
        "time_in_force": row["time_in_force"],
        "self_trade": row["self_trade"],
        "post_only": bool(row.get("flags", 0) & 1),
        "amount": row.get("amount", 0),
        "stop_unit": next(each for each in StopUnit if str(each) == unit),
        "trigger": row.get("trigger"),
        "display_lots": row.get("display_lots", 0),
        "expire_time_ns": row.get("expire_time_ns", 0),
        "client_order_id": row.get("client_order_id", ""),
    }


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, QUICK_SEEDS))]
)
def test_history_is_what_commands_and_events_come_to(tmp_path: Path, seed: int) -> None:
    compare(tmp_path, seed, QUICK_COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 100 + SLOW_SEEDS))
def test_long_histories_are_what_commands_and_events_come_to(tmp_path: Path, seed: int) -> None:
    compare(tmp_path, seed, SLOW_COMMANDS)


@pytest.mark.slow
def test_streams_hold_what_a_history_must_get_right(tmp_path: Path) -> None:
    """A stream without lists, rebates, prevented lots or endings would compare nothing."""
    count = Recount.of(tmp_path, trade(tmp_path, 1, 6_000))
    orders = count.orders.values()
    assert {order["state"] for order in orders} == set(OrderState)
    reasons = {order["reason"] for order in orders} - {None}
    assert len(reasons) >= 9
    assert any(order["prevented_lots"] for order in orders)
    assert any(order["row"]["kind"] == "new_amount" for order in orders)
    assert any(fill["fee_units"] < 0 for fill in count.fills)
    assert {order["leg"] for order in orders} == {0, 1, 2}
    assert any(each["first_trade_id"] < each["last_trade_id"] for each in count.aggregates)


def test_open_orders_are_those_of_the_exchange(tmp_path: Path) -> None:
    trade(tmp_path, 3, 2_000)
    fold(tmp_path)
    # An order with an expiry may end between the fold and the opening.
    mine = {
        row.order_id: row
        for row in everything(tmp_path).orders
        if row.state.is_open and not row.expire_ns
    }
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        theirs = [
            order
            for account in range(1, 10)
            for order in exchange.open_orders(account=account)
            if not order.expire_time_ns
        ]
        assert {order.order_id for order in theirs} == set(mine)
        for order in theirs:
            row = mine[order.order_id]
            done = row.filled_lots + row.prevented_lots
            assert row.steps.quantity(row.quantity_lots - done) == order.open_quantity
            assert row.steps.quantity(done) == order.done_quantity


def test_what_was_traded_in_other_steps_stays_what_it_was(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        exchange.add_asset("BTC", 8)
        exchange.add_asset("USD", 8)
        exchange.add_instrument("BTCUSD", base="BTC", quote="USD", tick="0.01", lot="0.0001")
        for account in (1, 2):
            exchange.set_account(account, maker_rate_ppm=-100, taker_rate_ppm=1_000)
            exchange.deposit(account, "BTC", "10", source=(account, 1))
            exchange.deposit(account, "USD", "1000000", source=(account, 2))
        for tick, price in (("0.01", "50.05"), ("0.5", "50.5")):
            exchange.update_instrument("BTCUSD", tick=tick, lot="0.0001")
            for account, side in ((1, "sell"), (2, "buy")):
                exchange.place("BTCUSD", side=side, price=price, quantity="2", account=account)
    fold(tmp_path)
    found = everything(tmp_path, accounts=(1, 2))
    sold = [fill for fill in found.fills if fill.account == 1]
    assert [fill.price_ticks for fill in sold] == [5_005, 101]
    assert [fill.steps.price(fill.price_ticks) for fill in sold] == [
        Decimal("50.05"),
        Decimal("50.5"),
    ]
    assert [fill.steps.quantity(fill.quantity_lots) for fill in sold] == [2, 2]
    assert [fill.steps.value(fill.value) for fill in sold] == [Decimal("100.1"), 101]
    # The maker is paid in what the taker receives.
    fees = [fill.steps.amount(fill.fee_asset, fill.fee_units) for fill in sold]
    assert [fill.fee_asset for fill in sold] == [1, 1]
    assert fees == [Decimal("-0.0002"), Decimal("-0.0002")]
    assert {row.steps.number for row in found.orders} == {1, 2}
