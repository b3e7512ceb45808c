"""Assets, and the instruments that are made of them.

Method: each check on both sides of its bound, and two failures at once to see which comes first.
"""

from typing import Any

from tests.scenarios.commands import (
    BTC,
    USDT,
    add_asset,
    buy,
    deposit,
    instrument,
    set_account,
    update_instrument,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange


def test_an_asset_has_one_number_and_one_name(open_exchange: ExchangeOpener) -> None:
    open_exchange(asset_max=5).play(
        (add_asset(BTC, "OTHER"), "rejected asset_exists"),
        (add_asset(3, "USDT"), "rejected asset_exists"),
        (add_asset(BTC, "USDT"), "rejected asset_exists"),
        (add_asset(3, "usdt"), "accepted"),
        (add_asset(5, "FIVE"), "accepted"),
        (add_asset(6, "SIX"), "rejected too_many_assets"),
        (add_asset(6, "FIVE"), "rejected asset_exists"),
        (add_asset(4, "AS_LONG_AS_CAN_B", decimals=24), "accepted"),
        (add_asset(4, "FOUR"), "rejected asset_exists"),
    )


def test_what_makes_an_asset(exchange: Exchange) -> None:
    exchange.play(
        (add_asset(0, "ETH"), "rejected invalid_instrument"),
        (add_asset(3, ""), "rejected invalid_symbol"),
        (add_asset(3, "A B"), "rejected invalid_symbol"),
        (add_asset(3, "ETH", decimals=25), "rejected invalid_increment"),
        (add_asset(3, "ETH", decimals=0), "accepted"),
    )


def test_add_asset_is_remembered_as_the_venues(exchange: Exchange) -> None:
    exchange.play(
        (add_asset(3, "ETH", request_id=7), "accepted"),
        (add_asset(4, "SOL", request_id=7), "duplicate_request accepted #0 of 13"),
        (add_asset(3, "SOL", request_id=8), "rejected asset_exists"),
        (add_asset(4, "SOL", request_id=8), "duplicate_request asset_exists #0 of 15"),
    )


def test_an_instrument_needs_its_assets(open_exchange: ExchangeOpener) -> None:
    exact: dict[str, Any] = {"symbol": "X", "base_decimals": 3, "quote_decimals": 5}
    open_exchange(instrument_max=8).play(
        (instrument(1, base_asset=8), "rejected instrument_exists"),
        (instrument(9, base_asset=8), "rejected too_many_instruments"),
        (instrument(2, **exact | {"base_asset": 8}), "rejected unknown_asset"),
        (instrument(2, **exact | {"quote_asset": 8}), "rejected unknown_asset"),
        (instrument(2, **exact | {"quote_asset": 8, "base_decimals": 9}), "rejected unknown_asset"),
        (instrument(2, **exact | {"base_decimals": 2}), "rejected asset_decimals"),
        (instrument(2, **exact | {"quote_decimals": 4}), "rejected asset_decimals"),
        (instrument(2, **exact | {"tick_decimals": 3}), "rejected inexact_value"),
        (instrument(2, **exact | {"lot_decimals": 4, "tick": 10}), "rejected inexact_lot"),
        (instrument(2, **exact), "accepted"),
    )


def test_an_update_keeps_the_decimals_of_the_assets(exchange: Exchange) -> None:
    exchange.play(
        (update_instrument(2, base_decimals=4), "rejected unknown_instrument"),
        (update_instrument(1, symbol="OTHER", base_decimals=4), "rejected instrument_fixed"),
        (update_instrument(1, base_asset=3, base_decimals=4), "rejected instrument_fixed"),
        (update_instrument(1, base_decimals=4), "rejected asset_decimals"),
        (update_instrument(1, quote_decimals=4), "rejected asset_decimals"),
        (update_instrument(1, tick_decimals=3), "rejected inexact_value"),
        (buy(90, 1), "accepted #1"),
        (update_instrument(1, tick=5, base_decimals=4), "rejected asset_decimals"),
        (update_instrument(1, tick=5), "rejected increments_locked"),
        (update_instrument(1, lots_max=50), "accepted"),
    )


def test_instruments_share_an_asset(open_exchange: ExchangeOpener) -> None:
    """What is held for one instrument cannot be spent on another."""
    exchange = open_exchange(
        instrument(1),
        add_asset(3, "ETH", 3),
        instrument(2, symbol="ETHUSDT", base_asset=3),
        instrument(3, symbol="BTCETH", quote_asset=3, quote_decimals=3, tick_decimals=0),
        set_account(1),
        deposit(1, USDT, 100, 1),
        deposit(1, 3, 5, 2),
    )
    exchange.play(
        (buy(60, 1), "accepted #1"),
        (buy(41, 1, instrument=2), "rejected insufficient_balance 40"),
        (buy(40, 1, instrument=2), "accepted #2"),
        (buy(6, 1, instrument=3), "rejected insufficient_balance 5"),
        (buy(5, 1, instrument=3), "accepted #3"),
    )
    assert exchange.has(1, USDT) == (0, 100)
    assert exchange.has(1, 3) == (0, 5)
