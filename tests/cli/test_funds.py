"""Goal: money moves from the shell once only, and what cannot be paid is told with its bound.

Method: each payment is read back as a balance; the same number is sent twice.
"""

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_a_deposit_comes_once(command: Command, market: Path) -> None:
    payment = ("deposit", 2, "BTC", "1.5", "--number", 5, "--data", market)
    assert command(*payment) == (0, "account 2: 11.51000000 BTC available\n", "")
    again = command(*payment)
    assert (again.code, again.out) == (3, "")
    assert again.err.startswith("outcry: request_id: first seen at sequence ")
    rows = json.loads(command("balances", 2, "--json", "--data", market).out)
    assert rows[0] == {"asset": "BTC", "available": "11.51000000", "held": "0.00000000"}


def test_numbers_of_the_clock_and_of_a_person_do_not_meet(command: Command, market: Path) -> None:
    def deposit(*number: object) -> int:
        return command("deposit", 2, "USDT", "1", *number, "--data", market).code

    assert [deposit(), deposit("--number", 7), deposit(), deposit("--number", 8)] == [0] * 4
    assert [deposit("--number", 8), deposit("--number", 2**63 - 1), deposit()] == [3, 0, 0]


def test_money_leaves_in_two_steps(command: Command, market: Path) -> None:
    held = command("withdraw", 1, "USDT", "250.5", "--data", market)
    assert held.code == 0
    number = held.out.split()[1].rstrip(":")
    assert held.out == f"withdrawal {number}: 250.5 USDT of account 1 held\n"
    (row,) = json.loads(command("accounts", "withdrawals", "--json", "--data", market).out)
    assert row == {
        "withdrawal": int(number),
        "account": 1,
        "asset": "USDT",
        "amount": "250.500000",
    }
    assert command("settle", number, "--void", "--data", market).out == (
        f"withdrawal {number}: void\n"
    )
    gone = command("settle", number, "--data", market)
    assert (gone.code, gone.out) == (3, "")
    assert "unknown_withdrawal" in gone.err


def test_a_posted_withdrawal_is_gone(command: Command, market: Path) -> None:
    before = json.loads(command("balances", 1, "--json", "--data", market).out)[1]["available"]
    number = command("withdraw", 1, "USDT", "1", "--data", market).out.split()[1].rstrip(":")
    assert command("settle", number, "--data", market).out == f"withdrawal {number}: posted\n"
    after = json.loads(command("balances", 1, "--json", "--data", market).out)[1]
    assert float(before) - float(after["available"]) == 1
    assert float(after["held"]) == 0


def test_a_transfer_pays_another(command: Command, market: Path) -> None:
    said = command("transfer", 1, 2, "USDT", "100", "--data", market)
    assert said.code == 0
    assert said.out.endswith("USDT available\n")
    short = command("transfer", 1, 2, "USDT", "5000000", "--data", market)
    assert (short.code, short.out) == (3, "")
    assert "insufficient_balance" in short.err
    assert "USDT" in short.err


def test_what_cannot_be_asked_is_named(command: Command, market: Path) -> None:
    assert command("deposit", 1, "EUR", "1", "--data", market) == (
        *(2, "", "outcry: asset: 'EUR' is no asset here\n"),
    )
    said = command("deposit", 1, "BTC", "0.000000001", "--data", market)
    assert said == (2, "", "outcry: amount: 0.000000001 must be a multiple of 0.00000001\n")
    unknown = command("deposit", 77, "BTC", "1", "--data", market)
    assert (unknown.code, unknown.out) == (3, "")
    assert "unknown_account" in unknown.err


def test_the_fees_and_the_outside_have_balances(command: Command, market: Path) -> None:
    outside = json.loads(command("balances", 0, "--json", "--data", market).out)
    assert {row["asset"] for row in outside} == {"BTC", "USDT"}
    assert all(row["available"].startswith("-") for row in outside)
    assert command("balances", 2**32 - 1, "--json", "--data", market).out == "[]\n"
