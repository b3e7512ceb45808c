"""Goal: a directory tells how its exchange is doing, whoever has it open.

Method: the status of one that is closed, and of one that this process holds.
"""

import json
import os
from pathlib import Path

from outcry import Exchange
from tests.cli.conftest import SETTINGS, Command


def test_a_closed_exchange_tells_what_it_holds(command: Command, market: Path) -> None:
    row = json.loads(command("status", "--json", "--data", market).out)
    assert row["in_use_by"] is None
    assert (row["instruments"], row["accounts"], row["open_orders"]) == (1, 2, 1)
    assert (row["sequence"], row["durability"], row["notes"]) == (11, "none", [])
    assert row["snapshot_sequence"] == 11


def test_an_open_exchange_tells_who_holds_it(command: Command, market: Path) -> None:
    with Exchange.open(market, SETTINGS):
        said = command("status", "--json", "--data", market)
        shown = command("status", "--data", market)
    row = json.loads(said.out)
    assert (said.code, row["in_use_by"]) == (0, os.getpid())
    assert row["journal_bytes"] >= 1 << 20
    assert row["event_bytes"] > 0
    assert row["snapshot_sequence"] == 11
    assert str(market) in shown.out
