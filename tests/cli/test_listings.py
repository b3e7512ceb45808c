"""Goal: assets, instruments and accounts are listed, added and changed from the shell.

Method: commands one behind the other on one directory; each change is read back by a listing.
"""

import json
from pathlib import Path

import pytest

from outcry import Filters
from outcry.cli.listings import filtered
from tests.cli.conftest import Command


def test_an_asset_is_added_once(command: Command, market: Path) -> None:
    said = command("assets", "add", "ETH", 8, "--data", market)
    assert said == (0, "asset 3: ETH, 8 decimals\n", "")
    rows = json.loads(command("assets", "list", "--json", "--data", market).out)
    assert rows[-1] == {"number": 3, "name": "ETH", "decimals": 8}
    again = command("assets", "add", "ETH", 8, "--data", market)
    assert (again.code, again.out) == (3, "")
    assert again.err == "outcry: asset, name: asset_exists\n"


def test_an_instrument_is_added_changed_and_shown(command: Command, market: Path) -> None:
    pair = ("--base", "BTC", "--quote", "USDT", "--tick", "0.5", "--lot", "0.01")
    bound = ("--filter", "price_max=100000", "--filter", "orders_max=5")
    said = command("instruments", "add", "BTCPERP", *pair, *bound, "--data", market)
    assert said == (0, "instrument 2: BTCPERP, tick 0.5, lot 0.01\n", "")
    changed = command(
        "instruments", "update", "BTCPERP", "--tick", "0.3", "--filter", "orders_max=",
        "--filter", "notional_min=10", "--data", market,
    )  # fmt: skip
    assert changed == (0, "instrument 2: BTCPERP, tick 0.3, lot 0.01\n", "")
    row = json.loads(command("instruments", "show", "BTCPERP", "--json", "--data", market).out)
    assert (row["tick"], row["orders_max"], row["notional_min"]) == ("0.3", 0, "10.000000")
    assert (row["price_min"], row["state"], row["last"]) == ("0.3", "continuous", None)
    assert float(row["price_max"]) > 100_000


def test_steps_stay_while_orders_are_open(command: Command, market: Path) -> None:
    said = command("instruments", "update", "BTCUSDT", "--tick", "0.02", "--data", market)
    assert (said.code, said.out) == (3, "")
    assert "increments_locked" in said.err


def test_the_best_of_each_book_is_listed(command: Command, market: Path) -> None:
    listed = command("instruments", "list", "--data", market)
    assert listed.code == 0
    line = next(line for line in listed.out.splitlines() if "BTCUSDT" in line)
    assert line.split() == [
        *("1", "BTCUSDT", "BTC", "USDT", "0.01", "0.0001", "continuous"),
        *("60000.00", "60000.00"),
    ]


def test_a_state_is_set_and_obeyed(command: Command, market: Path) -> None:
    assert command("instruments", "state", "BTCUSDT", "halted", "--data", market).code == 0
    refused = command(
        "place", "BTCUSDT", "buy", "0.1", "--price", "1", "--account", 2, "--data", market
    )
    assert (refused.code, refused.out) == (3, "")
    assert "halted" in refused.err
    said = command("instruments", "state", "BTCUSDT", "continuous", "--data", market)
    assert said == (0, "BTCUSDT: continuous\n", "")
    wrong = command("instruments", "state", "BTCUSDT", "asleep", "--data", market)
    assert wrong.code == 2
    assert wrong.err.startswith("outcry: state: asleep must be")


def test_a_reference_is_set_and_left(command: Command, market: Path) -> None:
    told = command("instruments", "reference", "BTCUSDT", "59000.5", "--data", market)
    assert told == (0, "BTCUSDT: reference 59000.5\n", "")
    assert command("instruments", "reference", "BTCUSDT", "none", "--data", market).code == 0
    wrong = command("instruments", "reference", "BTCUSDT", "0.001", "--data", market)
    assert wrong == (2, "", "outcry: price: 0.001 must be a multiple of 0.01\n")


def test_day_orders_expire_with_the_session(command: Command, market: Path) -> None:
    order = ("BTCUSDT", "buy", "0.1", "--price", "1", "--account", 2, "--tif", "day")
    assert command("place", *order, "--data", market).code == 0
    ended = command("instruments", "end-session", "BTCUSDT", "--data", market)
    assert ended == (0, "BTCUSDT: 1 orders expired\n", "")


def test_an_account_is_set_and_listed(command: Command, market: Path) -> None:
    rates = ("--maker", -50, "--taker", 200, "--group", 1, "--state", "cancel_only")
    assert command("accounts", "set", 9, *rates, "--data", market).out == "account 9: cancel_only\n"
    rows = json.loads(command("accounts", "list", "--json", "--data", market).out)
    assert rows[-1] == {
        "number": 9,
        "state": "cancel_only",
        "maker_rate_ppm": -50,
        "taker_rate_ppm": 200,
        "group": 1,
    }
    reserved = command("accounts", "set", 2**32 - 1, "--data", market)
    assert (reserved.code, reserved.out) == (3, "")
    assert "account_reserved" in reserved.err


def test_what_nobody_has_is_named(command: Command, market: Path) -> None:
    said = command("instruments", "state", "ABC", "halted", "--data", market)
    assert said == (2, "", "outcry: symbol: 'ABC' is no instrument of this engine\n")
    pair = ("--base", "BTC", "--quote", "EUR", "--tick", "1", "--lot", "1")
    said = command("instruments", "add", "BTCEUR", *pair, "--data", market)
    assert said.code == 2
    assert "'EUR' is no asset here" in said.err


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("prise_max=1", "filter: 'prise_max' must be one of price_min, price_max"),
        ("orders_max=many", "orders_max: 'many' must be a whole number from 0"),
    ],
)
def test_a_filter_that_cannot_be_is_named(told: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        filtered(Filters(), [told])
