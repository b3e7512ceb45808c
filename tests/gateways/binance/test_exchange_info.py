"""What is traded and within which bounds, field by field."""

from pathlib import Path
from typing import Any

import pytest

from outcry.exchange import Exchange, Filters
from tests.gateways.desk import MUCH, Desk, desk_of
from tests.gateways.serving import BOT

MODES = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"]
TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
BOUNDS = Filters(
    price_min="10",
    price_max="20000.5",
    quantity_min="0.002",
    quantity_max="9000",
    notional_min="5",
    notional_max="900000",
    band_ppm=150_000,
    iceberg_parts_max=7,
    account_orders_max=200,
    account_stops_max=5,
)


@pytest.fixture(scope="module", autouse=True)
def bounded(desk: Desk) -> None:
    """Add an instrument with every bound that there is."""
    desk.venue.opened.add_instrument(
        "ETHBTC", base="ETH", quote="BTC", tick="0.5", lot="0.001", filters=BOUNDS
    )


def symbol_of(desk: Desk, name: str) -> dict[str, Any]:
    (told,) = desk.get("exchangeInfo", symbol=name).body["symbols"]
    assert isinstance(told, dict)
    return told


def test_a_symbol_says_all_that_clients_read(desk: Desk) -> None:
    told = symbol_of(desk, "ETHBTC")
    filters = told.pop("filters")
    assert told == {
        "symbol": "ETHBTC",
        "status": "TRADING",
        "baseAsset": "ETH",
        "baseAssetPrecision": 8,
        "quoteAsset": "BTC",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": TYPES,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": MODES,
    }
    lots = {"minQty": "0.00200000", "maxQty": "9000.00000000", "stepSize": "0.00100000"}
    assert filters == [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "10.00000000",
            "maxPrice": "20000.50000000",
            "tickSize": "0.50000000",
        },
        {"filterType": "LOT_SIZE", **lots},
        {"filterType": "MARKET_LOT_SIZE", **lots},
        {"filterType": "ICEBERG_PARTS", "limit": 7},
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": 1,
            "maxTrailingAboveDelta": 2000,
            "minTrailingBelowDelta": 1,
            "maxTrailingBelowDelta": 2000,
        },
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.15",
            "multiplierDown": "0.85",
            "avgPriceMins": 0,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": "5.00000000",
            "applyMinToMarket": True,
            "maxNotional": "900000.00000000",
            "applyMaxToMarket": True,
            "avgPriceMins": 0,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
    ]


def test_what_has_no_bound_lets_everything_pass(desk: Desk) -> None:
    by_type = {each["filterType"]: each for each in symbol_of(desk, "BTCUSDT")["filters"]}
    assert by_type["PERCENT_PRICE"]["multiplierUp"] == "1000"
    assert by_type["PERCENT_PRICE"]["multiplierDown"] == "0"
    assert float(by_type["NOTIONAL"]["maxNotional"]) == 1e13
    assert float(by_type["PRICE_FILTER"]["minPrice"]) == 0.01


def test_the_root_says_the_limits(desk: Desk) -> None:
    told = desk.get("exchangeInfo").body
    assert [each["symbol"] for each in told["symbols"]] == ["BTCUSDT", "ETHUSDT", "ETHBTC"]
    assert (told["timezone"], told["exchangeFilters"]) == ("UTC", [])
    assert abs(told["serverTime"] - desk.get("time").body["serverTime"]) < 60_000
    assert told["rateLimits"] == [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": MUCH}
        for kind, interval, number in (
            ("REQUEST_WEIGHT", "MINUTE", 1),
            ("ORDERS", "SECOND", 10),
            ("ORDERS", "DAY", 1),
            ("RAW_REQUESTS", "MINUTE", 5),
        )
    ]


@pytest.mark.parametrize(
    ("said", "symbols"),
    [
        ({"symbols": '["ETHBTC","BTCUSDT"]'}, ["ETHBTC", "BTCUSDT"]),
        ({"symbols": "[]"}, []),
        ({"permissions": "SPOT"}, ["BTCUSDT", "ETHUSDT", "ETHBTC"]),
        ({"permissions": '["SPOT","MARGIN"]'}, ["BTCUSDT", "ETHUSDT", "ETHBTC"]),
        ({"symbolStatus": "TRADING"}, ["BTCUSDT", "ETHUSDT", "ETHBTC"]),
        ({"symbolStatus": "HALT"}, []),
    ],
)
def test_some_can_be_asked_for(desk: Desk, said: dict[str, str], symbols: list[str]) -> None:
    told = desk.get("exchangeInfo", **said).body["symbols"]
    assert [each["symbol"] for each in told] == symbols


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"symbol": "NONE"}, -1121),
        ({"symbol": ""}, -1102),
        ({"symbols": '["BTCUSDT","NONE"]'}, -1121),
        ({"symbols": "BTCUSDT"}, -1100),
        ({"symbols": '["BTCUSDT","BTCUSDT"]'}, -1151),
        ({"symbols": '["BTCUSDT"]', "symbol": "BTCUSDT"}, -1128),
        ({"symbol": "BTCUSDT", "permissions": "SPOT"}, -1128),
        ({"symbols": '["BTCUSDT"]', "symbolStatus": "TRADING"}, -1128),
        ({"permissions": "MARGIN"}, -1121),
        ({"symbolStatus": "CLOSED"}, -1122),
    ],
)
def test_what_cannot_be_asked_for(desk: Desk, said: dict[str, str], code: int) -> None:
    assert desk.get("exchangeInfo", **said).error[:2] == (400, code)


def test_permission_sets_can_be_left_out(desk: Desk) -> None:
    told = desk.get("exchangeInfo", symbol="ETHBTC", showPermissionSets="false").body
    assert told["symbols"][0]["permissionSets"] == []


@pytest.mark.parametrize(("state", "word"), [("halted", "HALT"), ("cancel_only", "BREAK")])
def test_a_state_is_told_and_found(desk: Desk, state: str, word: str) -> None:
    exchange = desk.venue.opened
    exchange.set_state("ETHBTC", state)
    assert symbol_of(desk, "ETHBTC")["status"] == word
    found = desk.get("exchangeInfo", symbolStatus=word).body["symbols"]
    assert [each["symbol"] for each in found] == ["ETHBTC"]
    text = "The symbol's status does not match the requested symbolStatus."
    depth = desk.get("depth", symbol="ETHBTC", symbolStatus="TRADING")
    assert depth.error == (400, -1220, text)
    assert desk.get("depth", symbol="ETHBTC", symbolStatus=word).status == 200
    exchange.set_state("ETHBTC", "continuous")
    assert symbol_of(desk, "ETHBTC")["status"] == "TRADING"


def test_a_change_of_bounds_is_told(desk: Desk) -> None:
    exchange = desk.venue.opened
    steps: dict[str, Any] = {"tick": "0.5", "lot": "0.001"}
    exchange.update_instrument("ETHBTC", **steps, filters=Filters(notional_min="7"))
    by_type = {each["filterType"]: each for each in symbol_of(desk, "ETHBTC")["filters"]}
    assert by_type["NOTIONAL"]["minNotional"] == "7.00000000"
    assert "MAX_NUM_ORDERS" not in by_type
    exchange.update_instrument("ETHBTC", **steps, filters=BOUNDS)


def test_ping_and_time_answer(desk: Desk) -> None:
    assert desk.get("ping").raw == b"{}"
    first, second = (desk.get("time").body["serverTime"] for _ in range(2))
    assert 10**12 < first <= second


def test_an_order_may_be_as_fine_as_the_symbol_says(tmp_path: Path) -> None:
    with Exchange.open(tmp_path) as exchange:
        for name in ("TINY", "WEI"):
            exchange.add_asset(name, 18)
        tick = "0.000000000000000001"
        exchange.add_instrument("TINYWEI", base="TINY", quote="WEI", tick=tick, lot="1")
        exchange.set_account(BOT)
        exchange.deposit(BOT, "WEI", "1", source=(1, 1))
    with desk_of(tmp_path) as desk:
        (symbol,) = desk.get("exchangeInfo").body["symbols"]
        (price_filter,) = (
            each for each in symbol["filters"] if each["filterType"] == "PRICE_FILTER"
        )
        price = price_filter["tickSize"]
        assert price == tick
        bot = desk.client(BOT)
        order = {"symbol": "TINYWEI", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        placed = bot("POST", "order", **order, quantity=7, price=price)
        assert (placed.status, placed.body["price"]) == (200, tick)
        (found,) = bot("GET", "openOrders").body
        assert (found["price"], found["origQty"]) == (tick, "7.000000000000000000")


def test_no_symbol_has_rules_beside_those_of_orders(desk: Desk) -> None:
    rows = desk.get("executionRules").body["symbolRules"]
    symbols = {each["symbol"] for each in desk.get("exchangeInfo").body["symbols"]}
    assert {each["symbol"] for each in rows} == symbols
    assert all(each["rules"] == [] for each in rows)
    one = desk.get("executionRules", symbol="BTCUSDT").body
    assert one == {"symbolRules": [{"symbol": "BTCUSDT", "rules": []}]}
    assert desk.get("executionRules", symbolStatus="BREAK").body == {"symbolRules": []}
    refused = desk.get("executionRules", symbol="BTCUSDT", symbolStatus="BREAK").error
    assert refused == (400, -1128, "Combination of optional parameters invalid.")
    assert desk.get("executionRules", symbol="NONE").error == (400, -1121, "Invalid symbol.")
