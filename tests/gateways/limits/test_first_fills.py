"""Goal: the first fill of an order gives back what the venue's rule says, once, whoever fills it.

Method: placed events as an engine says them; and a list over the gateway. What else the gateway
does is tried in `test_given_back`.
"""

from collections.abc import Iterator
from pathlib import Path
from time import time_ns
from typing import Any, cast

import numpy as np
import pytest

from outcry import Engine
from outcry.gateways.limits import MAKER_FILL, TAKER_FILL, FirstFills, OrderCounts
from outcry.protocol import PLACED_EVENT, Cancelled, EventKind, Traded
from tests.gateways.desk import Client, Desk
from tests.gateways.serving import BOT, make_venue

MUCH = 1_000


class Floor:
    """An engine whose events are heard, and an account that has sent much."""

    def __init__(self, orders_max: int = 100) -> None:
        self.counts = OrderCounts(MUCH, MUCH)
        self.fills = FirstFills(self.counts, orders_max)
        self.engine = Engine()
        self.engine.add_instrument("BTC", base="BTC", quote="USD", tick="1", lot="1")

    def place(self, account: int, side: str, price: int, quantity: int, **more: object) -> int:
        placement = self.engine.place(
            "BTC",
            side=side,
            price=price,
            quantity=quantity,
            account=account,
            **cast("dict[str, Any]", more),
        )
        self.fills.placed(account, placement, time_ns())
        self.hear()
        return placement.order_id

    def cancel(self, account: int, order_id: int) -> None:
        self.engine.cancel("BTC", order_id, account=account)
        self.hear()

    def hear(self) -> None:
        """Have the events of the last command heard, as far as they are looked at."""
        rows = []
        for event in self.engine.last_events():
            match event:
                case Traded(maker_order_id=maker, taker_order_id=taker):
                    rows.append((EventKind.TRADED, maker, taker))
                case Cancelled(order_id=order_id):
                    rows.append((EventKind.CANCELLED, order_id, 0))
        placed = np.zeros(len(rows), PLACED_EVENT)
        for place, row in enumerate(rows):
            for name, value in zip(("kind", "order_id", "taker_order_id"), row, strict=True):
                placed[name][place] = value
        self.fills.hear(placed)

    def settle(self) -> None:
        # What was heard counts one call later.
        self.fills.settle()
        self.fills.settle()

    def charge(self, account: int) -> None:
        self.counts.charge(account, 100, time_ns() // 1_000_000)

    def used(self, account: int) -> int:
        return self.counts.used(account, time_ns() // 1_000_000)[1]


def test_a_taker_gives_back_one_at_once_and_a_maker_five_later() -> None:
    floor = Floor()
    for account in (7, 8):
        floor.charge(account)
    floor.place(7, "sell", 100, 10)
    floor.place(8, "buy", 100, 1)
    assert (floor.used(7), floor.used(8)) == (100, 100 - TAKER_FILL)
    floor.settle()
    assert floor.used(7) == 100 - MAKER_FILL
    # Only the first fill does.
    floor.place(8, "buy", 100, 1)
    floor.settle()
    assert (floor.used(7), floor.used(8)) == (100 - MAKER_FILL, 100 - 2 * TAKER_FILL)
    assert len(floor.fills) == 0


def test_what_is_heard_before_the_answer_counts_all_the_same() -> None:
    floor = Floor()
    floor.charge(7)
    placement = floor.engine.place("BTC", side="sell", price=100, quantity=1, account=7)
    other = floor.engine.place("BTC", side="sell", price=200, quantity=1, account=7)
    floor.fills.placed(7, other, time_ns())
    floor.engine.place("BTC", side="buy", price=100, quantity=1, account=8)
    floor.hear()
    floor.fills.settle()
    floor.fills.placed(7, placement, time_ns())
    floor.fills.settle()
    assert floor.used(7) == 100 - MAKER_FILL


def test_a_stop_that_trades_later_gives_back_as_a_taker() -> None:
    floor = Floor()
    for account in (7, 8, 9):
        floor.charge(account)
    floor.place(8, "sell", 100, 1)
    floor.place(8, "sell", 110, 5)
    floor.place(7, "buy", 120, 1, type="stop_limit", stop=100, trigger="rise")
    floor.place(9, "buy", 100, 1)
    floor.settle()
    assert floor.used(7) == 100 - TAKER_FILL
    assert floor.used(8) == 100 - 2 * MAKER_FILL
    assert floor.used(9) == 100 - TAKER_FILL


def test_what_ends_unfilled_is_forgotten_and_gives_nothing() -> None:
    floor = Floor()
    floor.charge(7)
    floor.cancel(7, floor.place(7, "sell", 100, 1))
    floor.place(7, "buy", 50, 1, time_in_force="ioc")
    floor.settle()
    assert (floor.used(7), len(floor.fills)) == (100, 0)


def test_so_many_orders_are_remembered() -> None:
    floor = Floor(orders_max=2)
    floor.charge(7)
    for price in (100, 101, 102):
        floor.place(7, "sell", price, 1)
    assert len(floor.fills) == 2
    floor.place(8, "buy", 102, 3)
    floor.settle()
    # The oldest of three was forgotten.
    assert floor.used(7) == 100 - 2 * MAKER_FILL


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    make_venue(tmp_path)
    with Desk(tmp_path) as opened:
        yield opened


def day_count(client: Client) -> int:
    rows = client("GET", "rateLimit/order").body
    return next(int(row["count"]) for row in rows if row["interval"] == "DAY")


def test_a_list_counts_its_orders_and_gives_back_what_trades(desk: Desk) -> None:
    bot = desk.client(BOT)
    reply = bot(
        "POST",
        "orderList/oto",
        symbol="BTCUSDT",
        workingType="LIMIT",
        workingSide="BUY",
        workingPrice="60001",
        workingQuantity="0.01",
        workingTimeInForce="GTC",
        pendingType="LIMIT",
        pendingSide="SELL",
        pendingPrice="64000",
        pendingQuantity="0.005",
        pendingTimeInForce="GTC",
    )
    assert reply.status == 200, reply
    assert reply.headers["x-mbx-order-count-1d"] == "2"
    assert day_count(bot) == 1
