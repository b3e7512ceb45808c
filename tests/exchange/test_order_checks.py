"""Orders that are checked and not placed, and cancels that say when they were."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from outcry import (
    AsyncExchange,
    Engine,
    Exchange,
    Filters,
    InvalidValue,
    Leg,
    OrderRejected,
    UnknownOrder,
)

BOUNDS = Filters(notional_min="5", band_ppm=100_000, account_orders_max=2, account_stops_max=1)


def open_market(exchange: Exchange) -> None:
    for asset in ("BTC", "USD"):
        exchange.add_asset(asset, 8)
    exchange.add_instrument(
        "BTCUSD", base="BTC", quote="USD", tick="0.01", lot="0.001", filters=BOUNDS
    )
    for account in (1, 2):
        exchange.set_account(account)
    for number, asset in enumerate(("BTC", "USD")):
        exchange.deposit(2, asset, "1000", source=(1, number + 1))
    exchange.set_reference("BTCUSD", "100")


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with Exchange.open(tmp_path) as opened:
        open_market(opened)
        yield opened


PASSES = [
    {"price": "100", "quantity": "1"},
    {"quantity": "1", "type": "market"},
    {"price": "100", "quantity": "1", "type": "stop_limit", "stop": "105", "trigger": "rise"},
    {"price": "100", "quantity": "1", "display": "0.1", "client_order_id": "mine"},
]
FAILS = [
    ({"price": "100", "quantity": "0.001"}, "notional_below_minimum"),
    ({"price": "111", "quantity": "1"}, "price_above_band"),
    ({"price": "100", "quantity": "1", "display": "0.001"}, "too_many_iceberg_parts"),
    ({"price": "100", "quantity": "1", "post_only": True, "time_in_force": "ioc"}, "invalid"),
]


@pytest.mark.parametrize("said", PASSES)
def test_a_check_passes_where_only_money_is_missing(
    exchange: Exchange, said: dict[str, Any]
) -> None:
    before = exchange.state_hash()
    exchange.check_order("BTCUSD", Leg(side="buy", **said), account=1)
    assert exchange.state_hash() == before
    with pytest.raises(OrderRejected, match="insufficient_balance"):
        exchange.place("BTCUSD", side="sell", price="100", quantity="1", account=1)


@pytest.mark.parametrize(("said", "reason"), FAILS)
def test_a_check_fails_as_the_order_does(
    exchange: Exchange, said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(OrderRejected, match=reason) as checked:
        exchange.check_order("BTCUSD", Leg(side="buy", **said), account=2)
    with pytest.raises(OrderRejected) as placed:
        exchange.place("BTCUSD", side="buy", account=2, **said)
    assert checked.value.reason is placed.value.reason
    assert checked.value.units == placed.value.units
    assert str(checked.value) == str(placed.value)


def test_a_check_knows_what_is_open(exchange: Exchange) -> None:
    stop = Leg(side="buy", price="101", quantity="1", type="stop_limit", stop="105", trigger="rise")
    named = Leg(side="buy", price="99", quantity="1", client_order_id="mine")
    exchange.check_order("BTCUSD", named, account=2)
    order = exchange.place(
        "BTCUSD", side="buy", price="99", quantity="1", client_order_id="mine", account=2
    )
    with pytest.raises(OrderRejected, match="duplicate_client_order_id"):
        exchange.check_order("BTCUSD", named, account=2)
    exchange.check_order("BTCUSD", stop, account=2)
    exchange.place(
        "BTCUSD",
        side="buy",
        price="101",
        quantity="1",
        type="stop_limit",
        stop="105",
        trigger="rise",
        account=2,
    )
    with pytest.raises(OrderRejected, match="too_many_account_orders"):
        exchange.check_order("BTCUSD", stop, account=2)
    post_only = Leg(side="sell", price="99", quantity="1", post_only=True)
    with pytest.raises(OrderRejected, match="would_take"):
        exchange.check_order("BTCUSD", post_only, account=1)
    exchange.end_order("BTCUSD", order.order_id, account=2)
    exchange.check_order("BTCUSD", post_only, account=1)
    exchange.set_state("BTCUSD", "halted")
    with pytest.raises(OrderRejected, match="instrument_halted"):
        exchange.check_order("BTCUSD", post_only, account=1)


def test_an_amount_is_checked(exchange: Exchange) -> None:
    exchange.check_amount_order("BTCUSD", side="buy", amount="5", account=1)
    with pytest.raises(OrderRejected, match="notional_below_minimum"):
        exchange.check_amount_order("BTCUSD", side="buy", amount="4.99", account=1)
    with pytest.raises(InvalidValue, match="amount"):
        exchange.check_amount_order("BTCUSD", side="buy", amount="0", account=1)


def test_a_cancel_says_when_it_was(exchange: Exchange) -> None:
    order = exchange.place("BTCUSD", side="buy", price="99", quantity="1", account=2)
    ended = exchange.end_order("BTCUSD", order.order_id, account=2)
    assert (ended.order_id, str(ended.open_quantity)) == (order.order_id, "1.000")
    assert ended.sequence == order.sequence + 1
    assert ended.time_ns == exchange.status().time_ns >= order.time_ns
    with pytest.raises(UnknownOrder):
        exchange.end_order("BTCUSD", order.order_id, account=2)


async def check_awaited(directory: Path) -> None:
    async with await AsyncExchange.open(directory) as exchange:
        leg = Leg(side="buy", price="111", quantity="1")
        with pytest.raises(OrderRejected, match="price_above_band"):
            await exchange.check_order("BTCUSD", leg, account=2)
        order = await exchange.place("BTCUSD", side="buy", price="99", quantity="1", account=2)
        ended = await exchange.end_order("BTCUSD", order.order_id, account=2)
        assert ended.time_ns >= order.time_ns


def test_the_same_is_awaited(tmp_path: Path) -> None:
    with Exchange.open(tmp_path) as exchange:
        open_market(exchange)
    asyncio.run(check_awaited(tmp_path))


def test_an_engine_says_the_same_of_a_cancel() -> None:
    engine = Engine()
    engine.add_instrument("BTCUSD", base="BTC", quote="USD", tick="0.01", lot="0.001")
    said: dict[str, Any] = {"side": "buy", "price": "99", "quantity": "1"}
    order = engine.place("BTCUSD", **said, client_order_id="mine", time_ns=5)
    ended = engine.end_order("BTCUSD", client_order_id="mine", time_ns=8)
    assert ended == (order.order_id, Decimal(1), order.sequence + 1, 8)
    with pytest.raises(UnknownOrder):
        engine.end_order("BTCUSD", order.order_id)
