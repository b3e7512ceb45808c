"""ccxt, unmodified, sees a venue as it sees the real one.

Goal: a bot moves over by changing addresses. Method: each call that a bot makes is made by ccxt in
its own environment, in both of its modes; what it returns is in ccxt's own words, so its parsing is
tried as well.
"""

from typing import Any

import pytest

from tests.gateways.clients.conftest import Run, Told


@pytest.fixture(scope="module", params=["sync", "async"])
def told(request: pytest.FixtureRequest, run: Run) -> Told:
    """Return what came of each step."""
    return run("ccxt", "ccxt_client.py", str(request.param))


def test_market_data(told: Told) -> None:
    assert told["markets"] == {"BTC/USDT": True, "ETH/USDT": True}
    assert told["ticker"]["last"] == 60_001
    assert told["ticker"]["bid"] == 59_999
    assert sorted(told["tickers"]) == ["BTC/USDT", "ETH/USDT"]
    assert told["bids_asks"]["BTC/USDT"]["ask"] == 60_001
    assert told["book"]["bids"][:2] == [[59_999, 1], [59_998, 1]]
    assert told["book"]["asks"][0] == [60_001, 0.9]
    assert told["book"]["nonce"] > 0
    trade = told["trades"][0]
    assert (trade["price"], trade["amount"], trade["side"]) == (60_001, 0.1, "buy")
    candle = told["candles"][-1]
    assert candle[1:5] == [60_001] * 4
    first = told["candles_from_0"][0]
    assert first[5] == 0.1


def test_the_wallet(told: Told) -> None:
    fees = told["fees"]["ETH/USDT"]
    assert (fees["maker"], fees["taker"]) == (0.001, 0.002)
    assert told["deposits"] == []
    assert sorted(told["currencies"]) == ["BTC", "ETH", "USDT"]
    assert told["currencies"]["BTC"]["precision"] == 1e-8


def test_orders_go_through(told: Told) -> None:
    assert (told["limit"]["status"], told["limit"]["filled"]) == ("open", 0)
    assert told["limit_fetched"]["price"] == 59_000
    assert [each["id"] for each in told["open"]] == [told["limit"]["id"]]
    assert told["limit_after"]["status"] == "canceled"
    bought = told["market_buy"]
    assert (bought["status"], bought["filled"], bought["average"]) == ("closed", 0.01, 60_001)
    assert bought["fees"][0] == {"currency": "BTC", "cost": 0.00002}
    assert told["market_cost"]["status"] == "closed"
    assert told["market_cost"]["cost"] == pytest.approx(100, abs=1)
    assert told["market_sell"]["average"] == 59_999
    assert told["ioc"]["status"] in ("expired", "canceled")
    assert told["fok"]["status"] == "closed"


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("maker", "LIMIT_MAKER"),
        ("stop_loss", "STOP_LOSS"),
        ("stop_loss_limit", "STOP_LOSS_LIMIT"),
        ("take_profit", "TAKE_PROFIT"),
        ("take_profit_limit", "TAKE_PROFIT_LIMIT"),
        ("trailing", "STOP_LOSS"),
        ("iceberg", "LIMIT"),
        *((f"self_trade_{mode}", "LIMIT") for mode in ("NONE", "EXPIRE_BOTH", "DECREMENT")),
    ],
)
def test_every_type_of_order_stands(told: Told, step: str, kind: str) -> None:
    standing = {each["id"]: each["info"] for each in told["open_at_end"]}
    assert standing[told[step]["id"]]["type"] == kind


def test_orders_are_changed(told: Told) -> None:
    edited = told["edited"]
    assert (edited["amount"], edited["price"], edited["status"]) == (0.02, 59_010, "open")
    standing = {each["id"] for each in told["open_at_end"]}
    assert told["to_edit"]["id"] not in standing
    assert {str(each["orderId"]) for each in told["oco"]["orders"]} <= standing
    assert told["open_after"] == []


def test_the_past_is_told(told: Told) -> None:
    fills = told["my_trades"]
    assert [each["price"] for each in fills[:2]] == [60_001, 60_001]
    assert fills[1]["fee"] == {"currency": "BTC", "cost": 0.00002}
    assert [each["id"] for each in told["my_trades_page"]] == ["2"]
    ids = [int(each["id"]) for each in told["orders"]]
    assert ids == sorted(ids)
    assert len(told["orders_since"]) == len(ids)
    assert {each["status"] for each in told["closed"]} == {"closed"}
    balance = told["balance"]["USDT"]
    assert balance["free"] == pytest.approx(10_000_000 - 6_000.1 - 300.1)


@pytest.mark.parametrize(
    ("step", "raised"),
    [
        ("maker_takes", "OrderImmediatelyFillable"),
        ("too_dear", "InsufficientFunds"),
        ("no_such_cancel", "OrderNotFound"),
        ("no_such_order", "OrderNotFound"),
        ("no_such_symbol", "BadSymbol"),
        ("lot_size", "InvalidOrder"),
        ("notional", "BadRequest"),
        ("wrong_secret", "AuthenticationError"),
    ],
)
def test_errors_are_of_their_class(told: Told, step: str, raised: str) -> None:
    found: dict[str, Any] = told[step]
    assert found["raised"] == raised, found["text"]
