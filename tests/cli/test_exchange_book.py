"""Goal: the book of a data directory is shown as a ladder and parses as JSON.

Method: one resting ask.
"""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_a_book_is_a_ladder(command: Command, market: Path) -> None:
    said = command("book", "BTCUSDT", "--data", market)
    assert (said.code, said.err) == (0, "")
    assert "60,000.00" in said.out
    assert "0.5000" in said.out
    assert "one-sided" in said.out


def test_a_book_parses(command: Command, market: Path) -> None:
    book = json.loads(command("book", "BTCUSDT", "--json", "--data", market).out)
    assert book["asks"] == [{"price": "60000.00", "quantity": "0.5000", "orders": 1}]
    assert (book["symbol"], book["bids"], book["last_trade"]) == ("BTCUSDT", [], "60000.00")


def test_a_symbol_that_nobody_has_is_named(command: Command, market: Path) -> None:
    said = command("book", "ABC", "--data", market)
    assert said == (2, "", "outcry: symbol: 'ABC' is no instrument of this engine\n")
