"""Depth, trades and the mean price, against what was placed."""

from decimal import Decimal
from typing import Any

import pytest

from tests.gateways.desk import Desk
from tests.gateways.serving import BOT, MAKER

ETH = "ETHUSDT"


def trade(desk: Desk, price: str, *quantities: str, side: str = "buy") -> None:
    """Have the maker quote orders of these quantities at a price, and the bot take them whole."""
    exchange = desk.venue.opened
    other = "sell" if side == "buy" else "buy"
    for quantity in quantities:
        exchange.place(ETH, side=other, price=price, quantity=quantity, account=MAKER)
    whole = sum(map(Decimal, quantities), Decimal(0))
    exchange.place(ETH, side=side, price=price, quantity=whole, time_in_force="ioc", account=BOT)


def rows_of(desk: Desk, path: str, **said: object) -> list[dict[str, Any]]:
    reply = desk.get(path, symbol=ETH, **said)
    assert reply.status == 200, reply
    rows: list[dict[str, Any]] = reply.body
    return rows


def test_depth_tells_the_best_levels_of_both_sides(desk: Desk) -> None:
    told = desk.get("depth", symbol="BTCUSDT", limit=2).body
    # The first trade took a tenth of the best ask.
    assert told["bids"] == [["59999.00000000", "1.00000000"], ["59998.00000000", "1.00000000"]]
    assert told["asks"] == [["60001.00000000", "0.90000000"], ["60002.00000000", "1.00000000"]]
    whole = desk.get("depth", symbol="BTCUSDT").body
    assert (len(whole["bids"]), len(whole["asks"])) == (20, 20)
    assert whole["lastUpdateId"] == told["lastUpdateId"]
    assert desk.get("depth", symbol="BTCUSDT", limit=9_999).body == whole


def test_each_change_of_the_book_has_a_number(desk: Desk) -> None:
    exchange = desk.venue.opened
    before = desk.get("depth", symbol="BTCUSDT", limit=1).body["lastUpdateId"]
    order = exchange.place("BTCUSDT", side="buy", price="100", quantity="1", account=MAKER)
    assert desk.get("depth", symbol="BTCUSDT", limit=1).body["lastUpdateId"] == before + 1
    exchange.cancel("BTCUSDT", order.order_id, account=MAKER)
    assert desk.get("depth", symbol="BTCUSDT", limit=1).body["lastUpdateId"] == before + 2
    # An order that shows nothing changes nothing.
    exchange.place(
        "BTCUSDT",
        side="sell",
        type="stop",
        trigger="fall",
        stop="100",
        quantity="1",
        account=MAKER,
    )
    assert desk.get("depth", symbol="BTCUSDT", limit=1).body["lastUpdateId"] == before + 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, -1102),
        ({"symbol": "NONE"}, -1121),
        ({"symbol": "BTCUSDT", "limit": "0"}, -1130),
        ({"symbol": "BTCUSDT", "limit": "x"}, -1100),
        ({"symbol": "BTCUSDT", "limit": ""}, -1105),
        ({"symbol": "BTCUSDT", "symbolStatus": "x"}, -1122),
    ],
)
def test_what_no_book_answers_to(desk: Desk, said: dict[str, str], code: int) -> None:
    assert desk.get("depth", **said).error[:2] == (400, code)


def test_trades_are_told_by_rising_id(desk: Desk) -> None:
    first = rows_of(desk, "trades")[-1]["id"]
    trade(desk, "3000.5", "0.4")
    trade(desk, "2999.5", "0.3", side="sell")
    new = rows_of(desk, "trades", limit=2)
    times = [row.pop("time") for row in new]
    assert times == sorted(times)
    assert new == [
        {
            "id": first + 1,
            "price": "3000.50000000",
            "qty": "0.40000000",
            "quoteQty": "1200.20000000",
            "isBuyerMaker": False,
            "isBestMatch": True,
        },
        {
            "id": first + 2,
            "price": "2999.50000000",
            "qty": "0.30000000",
            "quoteQty": "899.85000000",
            "isBuyerMaker": True,
            "isBestMatch": True,
        },
    ]
    everything = rows_of(desk, "historicalTrades")
    assert [row["id"] for row in everything] == list(range(1, first + 3))
    page = rows_of(desk, "historicalTrades", fromId=first, limit=2)
    assert [row["id"] for row in page] == [first, first + 1]
    assert rows_of(desk, "historicalTrades", fromId=first + 99) == []
    assert desk.get("trades", symbol=ETH, fromId=1).error[1] == -1104


def test_what_one_order_took_at_one_price_is_one(desk: Desk) -> None:
    last = rows_of(desk, "trades")[-1]["id"]
    before = len(rows_of(desk, "aggTrades"))
    trade(desk, "3000.5", "0.1", "0.2", "0.3")
    exchange = desk.venue.opened
    for price in ("3000.6", "3000.7"):
        exchange.place(ETH, side="sell", price=price, quantity="0.1", account=MAKER)
    exchange.place(ETH, side="buy", price="3000.7", quantity="0.2", account=BOT)
    whole, cheap, dear = rows_of(desk, "aggTrades")[before:]
    assert (whole["p"], whole["q"], whole["f"], whole["l"]) == (
        "3000.50000000",
        "0.60000000",
        last + 1,
        last + 3,
    )
    assert [row["p"] for row in (cheap, dear)] == ["3000.60000000", "3000.70000000"]
    assert [row["a"] for row in (whole, cheap, dear)] == list(range(whole["a"], whole["a"] + 3))
    assert {(row["m"], row["M"]) for row in (whole, cheap, dear)} == {(False, True)}
    assert cheap["T"] == dear["T"] >= whole["T"]
    assert rows_of(desk, "aggTrades", fromId=cheap["a"], limit=1) == [cheap]
    window = {"startTime": cheap["T"], "endTime": cheap["T"]}
    assert rows_of(desk, "aggTrades", **window)[-2:] == [cheap, dear]
    assert desk.get("aggTrades", symbol=ETH, startTime=2, endTime=1).error[:2] == (400, -1130)


def test_the_mean_price_is_weighted_by_quantity(desk: Desk) -> None:
    rows = rows_of(desk, "trades")
    cost = sum((Decimal(row["quoteQty"]) for row in rows), Decimal(0))
    quantity = sum((Decimal(row["qty"]) for row in rows), Decimal(0))
    told = desk.get("avgPrice", symbol=ETH).body
    assert told["mins"] == 5
    assert told["closeTime"] == rows[-1]["time"]
    assert abs(Decimal(told["price"]) - cost / quantity) < Decimal("0.01")


def test_a_market_without_a_trade_has_none_to_tell(desk: Desk) -> None:
    desk.venue.opened.add_instrument("ETHBTC", base="ETH", quote="BTC", tick="0.5", lot="0.001")
    for path in ("trades", "historicalTrades", "aggTrades"):
        assert desk.get(path, symbol="ETHBTC").body == []
    assert desk.get("avgPrice", symbol="ETHBTC").body["price"] == "0.00000000"
    told = desk.get("depth", symbol="ETHBTC").body
    assert (told["bids"], told["asks"]) == ([], [])


def test_nobody_trades_outside_the_book(desk: Desk) -> None:
    assert desk.get("historicalBlockTrades", symbol=ETH, fromId=1).body == []
    assert desk.get("historicalBlockTrades", symbol=ETH).error[:2] == (400, -1102)
    refused = desk.get("historicalBlockTrades", symbol="NONE", fromId=1)
    assert refused.error == (400, -1121, "Invalid symbol.")
