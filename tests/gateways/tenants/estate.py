"""What one tenant has, by every name that it can be called by, and how it is told to its owner."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from tests.gateways.desk import Client, Desk, Reply
from tests.gateways.serving import BOT, MAKER

OWNER = BOT
"""The tenant whose estate is looked after."""
WRITERS = {"hmac": 3, "ed25519": 4, "rsa": 5, "bearer": 6}
READERS = {"hmac": 7, "ed25519": 8, "rsa": 9, "bearer": 10}
"""The tenants who try to reach it, by the kind of their keys; those who only read name nothing as
the owner does, so that whatever is told so is the owner's."""

MARK = "owner-own"
"""Begins whatever the owner names."""
NUMBERS = {
    "orderId": "order",
    "order_id": "order",
    "order_ids": "order",
    "orderListId": "list",
    "withdrawal_id": "withdrawal",
}
"""What has an id of which kind as its value."""
ACCOUNTS = {"account", "uid"}

OCO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "64000",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "50100",
}
OLD_OCO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.01",
    "price": "64000",
    "stopPrice": "50100",
}
OTO: dict[str, object] = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "52000",
    "workingQuantity": "0.01",
    "workingTimeInForce": "GTC",
    "pendingType": "LIMIT",
    "pendingSide": "SELL",
    "pendingPrice": "64000",
    "pendingQuantity": "0.01",
    "pendingTimeInForce": "GTC",
}
LIMIT: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.02",
    "price": "51000",
}
MARKET: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "MARKET",
    "quantity": "0.01",
}


@dataclass(frozen=True)
class Names:
    """What an order is called, and what belongs to the same account.

    Attributes:
        order_id: The order.
        client_id: Its owner's name for it.
        list_id: A list.
        list_name: Its owner's name for it.
        trade_id: A trade.
        withdrawal_id: A withdrawal.
        once: What a request of the owner's said as `Idempotency-Key`.
    """

    order_id: int
    client_id: str
    list_id: int
    list_name: str
    trade_id: int
    withdrawal_id: int
    once: str

    def hidden(self, reply: Reply) -> str:
        """Return a reply without these names, and without its request's id."""
        text = reply.raw.decode().replace(reply.headers["x-request-id"], "REQUEST")
        for place, name in enumerate((self.client_id, self.list_name, self.order_id, self.list_id)):
            text = re.sub(rf"(?<![\w-]){name}(?![\w])", f"NAME{place}", text)
        return text


NOBODYS = Names(
    order_id=1_000_000_007,
    client_id="nobody-named-this",
    list_id=1_000_000_009,
    list_name="nor-this",
    trade_id=1_000_000_021,
    withdrawal_id=1_000_000_033,
    once="never-sent",
)


@dataclass
class Estate:
    """All that the owner has.

    Attributes:
        desk: The venue.
        names: Its orders, each with its lists, trades, withdrawals.
        numbers: The ids of its orders, lists and withdrawals, by kind.
        marks: Texts that only the owner may read.
    """

    desk: Desk
    owner: Client
    names: list[Names] = field(default_factory=list)
    numbers: dict[str, set[int]] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)

    @cached_property
    def as_it_was(self) -> dict[str, Any]:
        """Return the owner's view before anything was tried."""
        return self.view()

    def view(self) -> dict[str, Any]:
        """Return all that the owner is told of its account."""
        view: dict[str, Any] = {}
        for path, said in (
            *(("account", {}), ("openOrders", {}), ("openOrderList", {}), ("allOrderList", {})),
            *(("allOrders", {"symbol": "BTCUSDT"}), ("myTrades", {"symbol": "BTCUSDT"})),
            *(("account/commission", {"symbol": "BTCUSDT"}), ("/accounts/me", {})),
            *(("/accounts/me/withdrawals", {}), ("/orders", {"limit": 1_000})),
        ):
            reply = self.owner("GET", path, **said)
            assert reply.status == 200, (path, reply)
            view[path] = reply.body
        # The exchange's time, and what was sent in the present windows.
        del view["account"]["updateTime"]
        del view["/accounts/me"]["orders_10s"], view["/accounts/me"]["orders_1d"]
        return view

    def require_untold(self, reply: Reply, asked: object, said: Names) -> None:
        """Require that a reply tells nothing of the owner's but the names that it was asked by."""
        text = said.hidden(reply)
        for mark in self.marks:
            assert mark not in text, (asked, mark, text)
        if "json" in reply.headers["content-type"]:
            self._require_others(json.loads(reply.raw), asked)

    def _require_others(self, told: object, asked: object) -> None:
        if isinstance(told, list):
            for each in told:
                self._require_others(each, asked)
        elif isinstance(told, dict):
            for name, value in told.items():
                if name in ACCOUNTS:
                    assert value != OWNER, (asked, told)
                if name in NUMBERS:
                    found = value if isinstance(value, list) else [value]
                    owners = self.numbers[NUMBERS[name]]
                    assert not any(each in owners for each in found if isinstance(each, int)), asked
                self._require_others(value, asked)


def settle(desk: Desk, owner: Client) -> Estate:
    """Give the owner an order of every kind and state, lists, trades and a withdrawal."""
    estate = Estate(desk, owner)
    numbers = count()
    lists: list[tuple[int, str]] = []
    orders: list[tuple[int, str]] = []

    def order(**said: object) -> int:
        name = f"{MARK}-{next(numbers)}"
        reply = owner("POST", "order", newClientOrderId=name, **said)
        assert reply.status == 200, reply
        orders.append((reply.body["orderId"], name))
        return orders[-1][0]

    def listed(kind: str, legs: tuple[str, str], said: dict[str, object]) -> int:
        name = f"{MARK}-list-{next(numbers)}"
        legs_named = {f"{leg}ClientOrderId": f"{name}-{leg}" for leg in legs}
        all_said = said | legs_named | {"listClientOrderId": name}
        reply = owner("POST", f"orderList/{kind}", **all_said)
        assert reply.status == 200, reply
        lists.append((reply.body["orderListId"], name))
        orders.extend((each["orderId"], each["clientOrderId"]) for each in reply.body["orders"])
        return lists[-1][0]

    order(**MARKET | {"side": "BUY", "quantity": "0.03"})
    gone = order(**LIMIT)
    assert owner("DELETE", "order", symbol="BTCUSDT", orderId=gone).status == 200
    ended = listed("oco", ("above", "below"), OCO)
    assert owner("DELETE", "orderList", symbol="BTCUSDT", orderListId=ended).status == 200
    listed("oco", ("above", "below"), OCO)
    listed("oto", ("working", "pending"), OTO)
    order(**LIMIT)
    order(**LIMIT | {"icebergQty": "0.01"})
    order(**LIMIT | {"side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": "50500"})
    order(**LIMIT | {"side": "SELL", "price": "60000", "quantity": "0.05"})
    taken = desk.client(MAKER)("POST", "order", **MARKET | {"side": "BUY", "quantity": "0.02"})
    assert taken.body["fills"][0]["price"] == "60000.00000000"
    trade_id = taken.body["fills"][0]["tradeId"]
    once = f"{MARK}-once"
    withdrawal_id = _withdrawn(desk, once)
    for place, (order_id, name) in enumerate(orders):
        list_id, list_name = lists[place % len(lists)]
        # The first has the key that the owner did use.
        key = f"{once}-{place}" if place else once
        estate.names.append(Names(order_id, name, list_id, list_name, trade_id, withdrawal_id, key))
    estate.numbers = {
        "order": {order_id for order_id, _ in orders},
        "list": {list_id for list_id, _ in lists},
        "withdrawal": {withdrawal_id},
    }
    estate.marks = _marks(estate)
    return estate


def _withdrawn(desk: Desk, once: str) -> int:
    """Ask for a withdrawal, and place an order, both once only; return the withdrawal."""
    key = desk.client(OWNER, "read", "trade", "withdraw").key
    headers = {"authorization": f"Bearer {key.api_key}.{key.secret}", "Idempotency-Key": once}
    body = json.dumps({"asset": "USDT", "amount": "77.12345678"}).encode()
    made = desk.ask("POST", "/accounts/me/withdrawals", body=body, headers=headers)
    assert made.status == 201, made
    order = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.013", "price": "51234.00"}
    body = json.dumps(order | {"client_order_id": f"{MARK}-plain"}).encode()
    assert desk.ask("POST", "/order", body=body, headers=headers).status == 201
    withdrawal_id: int = made.body["withdrawal_id"]
    return withdrawal_id


def _marks(estate: Estate) -> set[str]:
    """Return the names and the balances of the owner, and its keys."""
    balances = estate.view()["account"]["balances"]
    amounts = [each[name] for each in balances for name in ("free", "locked")]
    keys = [key.api_key for key in estate.desk.venue.keys.list() if key.account == OWNER]
    # Round amounts are told of others, too.
    return {MARK, *keys, *(amount for amount in amounts if not amount.endswith("000"))}
