"""Goal: an order that sets off a stop which trades with it is told the fee that it paid as a maker.

Method: a new order takes an offer and rests; that trade sets off somebody's stop, which meets what
rests. The reply's fills are compared with the account's trades out of the history, by rates with
and without a rebate, for an order alone, a plain one and the first leg of a list.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from outcry import Exchange
from tests.gateways.desk import Client, Desk

SYMBOL = "ABCUSD"
TRADER, STOPPER = 1, 2


@pytest.fixture(scope="module", params=[300, 0, -100], ids=["fee", "free", "rebate"])
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Return a venue whose trader has this maker's rate."""
    directory = tmp_path_factory.mktemp("venue")
    with Exchange.open(directory) as exchange:
        for name in ("ABC", "USD"):
            exchange.add_asset(name, 8)
        exchange.add_instrument(SYMBOL, base="ABC", quote="USD", tick="1", lot="0.1")
        exchange.set_account(TRADER, maker_rate_ppm=request.param, taker_rate_ppm=1_000)
        exchange.set_account(STOPPER, taker_rate_ppm=2_000)
        for account in (TRADER, STOPPER):
            for number, asset in enumerate(("ABC", "USD")):
                exchange.deposit(account, asset, "1000000", source=(account, number + 1))
    with Desk(directory) as opened:
        yield opened


def set_up(stopper: Client, price: int) -> None:
    """Let the last trade be above, then wait for it to fall to an offer that stands there."""
    for side in ("SELL", "BUY"):
        stopper("POST", "order", **limit(side, "0.1", price + 5))
    stop = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_LOSS", "quantity": "0.4"}
    assert stopper("POST", "order", **stop, stopPrice=price).status == 200
    assert stopper("POST", "order", **limit("SELL", "0.1", price)).status == 200


def limit(side: str, quantity: str, price: int) -> dict[str, Any]:
    said = {"symbol": SYMBOL, "side": side, "type": "LIMIT", "timeInForce": "GTC"}
    return said | {"quantity": quantity, "price": price, "selfTradePreventionMode": "NONE"}


def told_and_paid(trader: Client, order: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return commissions by trade, of a reply and of the account's trades."""
    rows = trader("GET", "myTrades", symbol=SYMBOL, orderId=order["orderId"]).body
    assert [row["isMaker"] for row in rows] == [False, True]
    told, paid = (
        [(each[name], each["commission"], each["commissionAsset"]) for each in fills]
        for fills, name in ((order["fills"], "tradeId"), (rows, "id"))
    )
    return told, paid


def test_an_order_is_told_what_it_paid(desk: Desk) -> None:
    trader, stopper = desk.client(TRADER), desk.client(STOPPER)
    set_up(stopper, 95)
    told, paid = told_and_paid(trader, trader("POST", "order", **limit("BUY", "0.5", 95)).body)
    assert told == paid


def test_the_leg_of_a_list_is_told_what_it_paid(desk: Desk) -> None:
    trader, stopper = desk.client(TRADER), desk.client(STOPPER)
    set_up(stopper, 80)
    working = {
        f"working{name[0].upper()}{name[1:]}": value
        for name, value in limit("BUY", "0.5", 80).items()
        if name not in ("symbol", "selfTradePreventionMode")
    }
    pending = {"pendingType": "LIMIT_MAKER", "pendingSide": "SELL", "pendingQuantity": "0.5"}
    said = {"symbol": SYMBOL, "newOrderRespType": "FULL", "pendingPrice": 200}
    reply = trader("POST", "orderList/oto", **said, **working, **pending)
    assert reply.status == 200, reply
    told, paid = told_and_paid(trader, reply.body["orderReports"][0])
    assert told == paid


def test_a_plain_order_is_told_what_it_paid(desk: Desk) -> None:
    trader, stopper = desk.client(TRADER), desk.client(STOPPER)
    set_up(stopper, 60)
    body = {"symbol": SYMBOL, "side": "buy", "quantity": "0.5", "price": "60"}
    bearer = {"authorization": f"Bearer {trader.key.api_key}.{trader.key.secret}"}
    order = desk.ask("POST", "/order", body=json.dumps(body).encode(), headers=bearer).body
    rows = trader("GET", "myTrades", symbol=SYMBOL, orderId=order["order"]["order_id"]).body
    assert [fill["is_maker"] for fill in order["fills"]] == [False, True]
    for fill, row in zip(order["fills"], rows, strict=True):
        assert (float(fill["fee"]), fill["fee_asset"]) == (
            float(row["commission"]),
            row["commissionAsset"],
        )
