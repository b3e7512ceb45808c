"""Goal: orders of every type are placed and cancelled from the shell, and refusals name the bound.

Method: each order on the same small market, cancelled again where it rests.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from outcry.cli.orders import time_of
from tests.cli.conftest import Command


def place(command: Command, market: Path, *arguments: object) -> dict[str, Any]:
    said = command("place", *arguments, "--json", "--data", market)
    assert (said.code, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_a_trade_is_told_with_its_price(command: Command, market: Path) -> None:
    taken = place(command, market, "BTCUSDT", "buy", "0.01", "--price", "60001", "--account", 2)
    assert taken["status"] == "filled"
    (fill,) = taken["fills"]
    assert (fill["price"], fill["quantity"]) == ("60000.00", "0.0100")
    said = command("place", "BTCUSDT", "buy", "0.01", "--account", 2, "--data", market)
    assert "0.0100 at 60000.00" in said.out
    spent = place(command, market, "BTCUSDT", "buy", "--amount", "600", "--account", 2)
    assert (spent["status"], spent["fills"][0]["quantity"]) == ("filled", "0.0100")


def test_an_order_rests_is_listed_and_cancelled(command: Command, market: Path) -> None:
    mine = ("--account", 2, "--client-id", "mine")
    placed = place(command, market, "BTCUSDT", "buy", "1", "--price", "1000", *mine)
    listed = command("orders", "--account", 2, "--symbol", "BTCUSDT", "--json", "--data", market)
    (row,) = json.loads(listed.out)
    assert (row["order_id"], row["status"], row["price"]) == (
        *(placed["order_id"], "resting", "1000.00"),
    )
    assert row["client_order_id"] == "mine"
    assert "1000.00" in command("orders", "--data", market).out
    said = command("cancel", "BTCUSDT", *mine, "--data", market)
    assert said == (0, "order 'mine': cancelled, 1.0000 was open\n", "")
    gone = command("cancel", "BTCUSDT", placed["order_id"], "--account", 2, "--data", market)
    assert (gone.code, gone.out) == (3, "")
    assert "unknown_order" in gone.err


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--stop", "50000"), {"type": "stop", "stop": "50000.00", "price": None}),
        (("--stop", "50000", "--price", "49000"), {"type": "stop_limit", "price": "49000.00"}),
        (("--trail", "500"), {"type": "stop", "stop": "59500.00", "status": "waiting"}),
        (("--trail-ppm", "10000"), {"type": "stop", "stop": "59400.00", "status": "waiting"}),
        (("--price", "70000", "--expires", "2100-01-01T00:00Z"), {"time_in_force": "gtd"}),
        (("--price", "70000", "--display", "0.01"), {"shown_quantity": "0.0100"}),
        (("--price", "70000", "--tif", "day", "--post-only"), {"time_in_force": "day"}),
    ],
)
def test_types_follow_from_what_is_said(
    command: Command, market: Path, options: tuple[str, ...], shown: dict[str, object]
) -> None:
    placed = place(command, market, "BTCUSDT", "sell", "0.1", *options, "--account", 2)
    (row,) = json.loads(command("orders", "--account", 2, "--json", "--data", market).out)
    assert {name: row[name] for name in shown} == shown
    assert row["order_id"] == placed["order_id"]
    ended = command("cancel", "BTCUSDT", "--all", "--account", 2, "--data", market)
    assert ended == (0, "1 orders cancelled\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("buy", "0.1", "--price", "1.001"), 2, "price: 1.001 must be a multiple of 0.01"),
        (("hold", "0.1", "--price", "1"), 2, "side: hold must be"),
        (("buy", "0.1", "--price", "1", "--tif", "ever"), 2, "time_in_force: ever must be"),
        (("buy", "--price", "1"), 2, "QUANTITY: or --amount must be said"),
        (("buy", "0.1", "--price", "1", "--expires", "soon"), 2, "expires: 'soon' must be a time"),
        (("buy", "100", "--price", "59000"), 3, "insufficient_balance"),
        (("buy", "0.1", "--price", "60001", "--post-only"), 3, "would_take"),
    ],
)
def test_what_cannot_be_is_named(
    command: Command, market: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    said = command("place", "BTCUSDT", *arguments, "--account", 2, "--data", market)
    assert (said.code, said.out) == (code, "")
    assert message in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("named", [(), (5, "--all"), (5, "--client-id", "x")])
def test_a_cancel_names_its_order_in_one_way(
    command: Command, market: Path, named: tuple[object, ...]
) -> None:
    said = command("cancel", "BTCUSDT", *named, "--account", 2, "--data", market)
    assert said.code == 2
    assert said.err == "outcry: ORDER_ID: or --client-id or --all must be said, one of them\n"


def test_a_time_is_exact_to_its_microsecond() -> None:
    assert time_of("2026-12-31T23:59:00.000001Z") == 1_798_761_540_000_001_000
    assert time_of("2026-12-31") == time_of("2026-12-31T00:00:00+00:00")
