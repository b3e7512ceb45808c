"""Money in, out and across: deposits, transfers, withdrawals in two steps, and their sources.

Method: the balances as the engine's events say them, after each move; every bound on both sides.
"""

from outcry.reference.codes import Kind
from tests.scenarios.commands import (
    BTC,
    FEES,
    USDT,
    buy,
    cancel,
    deposit,
    funds,
    set_account,
    settle,
    transfer,
    withdraw,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange

MAXIMUM = 2**100
U64 = 2**64 - 1
EXTERNAL = 0


def test_a_deposit_comes_from_outside(exchange: Exchange) -> None:
    assert exchange.all_of(deposit(1, USDT, 7, 90)) == [
        "accepted",
        "balance external USDT -30007 + 0",
        "balance 1 USDT 10007 + 0",
    ]


def test_no_more_than_the_maximum_is_on_deposit(open_exchange: ExchangeOpener) -> None:
    exchange = open_exchange()
    exchange.play(
        (set_account(1), "accepted"),
        (deposit(1, 3, MAXIMUM, 1), "rejected unknown_asset"),
        (deposit(1, USDT, MAXIMUM + 1, 2), "rejected invalid_amount"),
        (deposit(1, USDT, MAXIMUM - 5, 2), "accepted"),
        (deposit(1, USDT, 6, 3), "rejected total_above_maximum 5"),
        (deposit(FEES, USDT, 5, 4), "accepted"),
        (deposit(1, USDT, 1, 5), "rejected total_above_maximum"),
        (deposit(1, BTC, 1, 6), "accepted"),
        (deposit(1, BTC, MAXIMUM, 7), f"rejected total_above_maximum {U64}"),
        (deposit(1, BTC, MAXIMUM - 1, 8), "accepted"),
        (withdraw(1, USDT, MAXIMUM - 5), "accepted"),
        (deposit(1, USDT, 1, 9), "rejected total_above_maximum"),
        (settle(14, 10), "accepted"),
        (deposit(1, USDT, MAXIMUM - 4, 11), f"rejected total_above_maximum {U64}"),
        (deposit(1, USDT, MAXIMUM - 5, 12), "accepted"),
        (withdraw(1, USDT, MAXIMUM), f"rejected insufficient_balance {U64}"),
    )
    assert exchange.has(EXTERNAL, USDT) == (-MAXIMUM, 0)
    assert exchange.has(1, USDT) == (MAXIMUM - 5, 0)


def test_a_transfer_moves_what_is_available(exchange: Exchange) -> None:
    exchange.send(buy(90, 100))
    exchange.play(
        (transfer(1, 2, USDT, 1_001, number=90), "rejected insufficient_balance 1000"),
        (transfer(1, 2, 3, 1, number=91), "rejected unknown_asset"),
        (transfer(1, 1, USDT, 1, number=92), "rejected invalid_account"),
        (transfer(1, 2, USDT, 1_000, number=93), "accepted"),
        (transfer(1, 2, USDT, 1, number=94), "rejected insufficient_balance"),
    )
    assert exchange.has(1, USDT) == (0, 9_000)
    assert exchange.has(2, USDT) == (11_000, 0)


def test_a_withdrawal_is_held_until_it_is_posted(exchange: Exchange) -> None:
    assert exchange.all_of(withdraw(1, USDT, 400)) == ["accepted", "balance 1 USDT 9600 + 400"]
    sequence = exchange.engine.sequence
    exchange.play(
        (buy(96, 101), "rejected insufficient_balance 9600"),
        (withdraw(1, USDT, 9_601), "rejected insufficient_balance 9600"),
        (transfer(1, 2, USDT, 9_601, number=90), "rejected insufficient_balance 9600"),
        (settle(sequence + 1, 91), "rejected unknown_withdrawal"),
        (settle(1, 92), "rejected unknown_withdrawal"),
    )
    assert exchange.all_of(settle(sequence, 93)) == [
        "accepted",
        "balance external USDT -29600 + 0",
        "balance 1 USDT 9600 + 0",
    ]
    exchange.play(
        (settle(sequence, 94), "rejected unknown_withdrawal"),
        (settle(sequence, 95, post=0), "rejected unknown_withdrawal"),
    )


def test_a_withdrawal_that_is_voided_is_available_again(exchange: Exchange) -> None:
    exchange.send(withdraw(1, USDT, 400))
    sequence = exchange.engine.sequence
    assert exchange.all_of(settle(sequence, 90, post=0)) == [
        "accepted",
        "balance 1 USDT 10000 + 0",
    ]
    exchange.play((settle(sequence, 91), "rejected unknown_withdrawal"))


def test_what_is_held_cannot_be_withdrawn(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 100), "accepted #1"),
        (withdraw(1, USDT, 1_001), "rejected insufficient_balance 1000"),
        (withdraw(1, USDT, 1_000), "accepted"),
        (withdraw(1, 3, 1_000), "rejected unknown_asset"),
        (cancel(1), "cancelled #1 100 requested"),
        (withdraw(1, USDT, 9_000), "accepted"),
    )
    assert exchange.has(1, USDT) == (0, 10_000)


def test_pending_withdrawals_are_bounded(open_exchange: ExchangeOpener) -> None:
    exchange = open_exchange(withdrawals_max=2)
    for account in (1, 2):
        exchange.send(set_account(account))
        exchange.fund(account, USDT, 100)
    exchange.play(
        (withdraw(1, USDT, 10), "accepted"),
        (withdraw(1, USDT, 10), "accepted"),
        (withdraw(1, USDT, 1_000), "rejected too_many_withdrawals 2"),
        (withdraw(1, 3, 10), "rejected unknown_asset"),
        (withdraw(2, USDT, 10), "accepted"),
        (settle(8, 91, post=0), "accepted"),
        (withdraw(1, USDT, 1_000), "rejected insufficient_balance 90"),
        (withdraw(1, USDT, 90), "accepted"),
        (withdraw(1, USDT, 1), "rejected too_many_withdrawals 2"),
    )


def test_a_withdrawal_has_a_request_id(exchange: Exchange) -> None:
    exchange.play(
        (withdraw(1, USDT, 10_001, request_id=5), "rejected insufficient_balance 10000"),
        (withdraw(1, USDT, 1, request_id=5), "duplicate_request insufficient_balance #0 of 13"),
        (withdraw(1, USDT, 1, request_id=6), "accepted"),
        (withdraw(1, USDT, 1, request_id=6), "duplicate_request accepted #0 of 15"),
        (withdraw(2, USDT, 1, request_id=6), "accepted"),
    )
    assert exchange.has(1, USDT) == (9_999, 1)


def test_a_number_of_a_source_is_taken_once_and_for_ever(exchange: Exchange) -> None:
    exchange.play(
        (deposit(1, USDT, 5, 10, source=7), "accepted"),
        (deposit(1, USDT, 5, 10, source=7), "duplicate_request accepted #0 of 13"),
        (deposit(2, BTC, 99, 10, source=7), "duplicate_request accepted #0 of 13"),
        (deposit(1, USDT, 5, 9, source=7), "duplicate_request accepted #0 of 0"),
        (transfer(1, 2, USDT, 5, number=1, source=7), "duplicate_request accepted #0 of 0"),
        (settle(1, 10, source=7), "duplicate_request accepted #0 of 13"),
        (deposit(1, USDT, 5, 10, source=8), "accepted"),
        (deposit(1, USDT, 5, 500, source=7), "accepted"),
        (deposit(1, USDT, 5, 499, source=7), "duplicate_request accepted #0 of 0"),
        (deposit(1, USDT, 5, U64, source=U64), "accepted"),
        (deposit(1, USDT, 5, U64, source=U64), "duplicate_request accepted #0 of 22"),
    )
    assert exchange.has(1, USDT) == (10_020, 0)


def test_a_refusal_takes_the_number_too(exchange: Exchange) -> None:
    exchange.play(
        (transfer(1, 2, USDT, 10_001, number=3, source=7), "rejected insufficient_balance 10000"),
        (deposit(1, USDT, 5, 3, source=7), "duplicate_request insufficient_balance #0 of 13"),
        (deposit(1, 3, 5, 4, source=7), "rejected unknown_asset"),
        (deposit(1, USDT, 5, 4, source=7), "duplicate_request unknown_asset #0 of 15"),
        (settle(99, 5, source=7), "rejected unknown_withdrawal"),
        (deposit(1, USDT, 5, 5, source=7), "duplicate_request unknown_withdrawal #0 of 17"),
        (deposit(1, USDT, MAXIMUM, 6, source=7), f"rejected total_above_maximum {U64}"),
        (deposit(1, USDT, 5, 6, source=7), "duplicate_request total_above_maximum #0 of 19"),
        (set_account(1, state=3), "accepted"),
        (transfer(1, 2, USDT, 1, number=7, source=7), "rejected account_frozen"),
        (deposit(1, USDT, 5, 7, source=7), "duplicate_request account_frozen #0 of 22"),
    )


def test_what_names_no_account_takes_no_number(exchange: Exchange) -> None:
    exchange.play(
        (deposit(7, USDT, 5, 3, source=7), "rejected unknown_account"),
        (transfer(1, 7, USDT, 5, number=3, source=7), "rejected unknown_account"),
        (deposit(1, USDT, 0, 3, source=7), "rejected invalid_amount"),
        (deposit(1, USDT, 5, 3, source=7), "accepted"),
        (deposit(7, USDT, 5, 4, source=7), "rejected unknown_account"),
        (deposit(7, USDT, 5, 3, source=7), "duplicate_request accepted #0 of 16"),
        (deposit(1, USDT, 5, 4, source=7), "accepted"),
    )


def test_sources_are_bounded(open_exchange: ExchangeOpener) -> None:
    open_exchange(sources_max=2).play(
        (set_account(1), "accepted"),
        (deposit(1, USDT, 5, 1, source=1), "accepted"),
        (deposit(7, USDT, 5, 1, source=9), "rejected unknown_account"),
        (deposit(1, USDT, 5, 1, source=2), "accepted"),
        (deposit(1, USDT, 5, 1, source=3), "rejected too_many_sources 2"),
        (deposit(7, USDT, 5, 1, source=3), "rejected too_many_sources 2"),
        (settle(1, 1, source=3), "rejected too_many_sources 2"),
        (deposit(1, USDT, 0, 1, source=3), "rejected invalid_amount"),
        (deposit(1, USDT, 5, 1, source=2), "duplicate_request accepted #0 of 7"),
        (deposit(1, USDT, 5, 2, source=1), "accepted"),
    )


def test_what_makes_a_command_of_funds(exchange: Exchange) -> None:
    """Field by field; the source comes last."""
    source = 1 << 64 | 1
    exchange.play(
        (funds(Kind.DEPOSIT, 1, USDT, 5, version=2), "rejected unsupported_version"),
        (funds(Kind.DEPOSIT, 1, USDT, 5, flags=1), "rejected invalid_flags"),
        (funds(Kind.DEPOSIT, 1, 0, 5), "rejected invalid_instrument"),
        (funds(Kind.DEPOSIT, 0, USDT, 5), "rejected invalid_account"),
        (funds(Kind.DEPOSIT, 1, USDT, 5, 2), "rejected invalid_account"),
        (funds(Kind.TRANSFER, 1, USDT, 5), "rejected invalid_account"),
        (funds(Kind.WITHDRAW, 1, USDT, 0), "rejected invalid_amount"),
        (funds(Kind.WITHDRAW, 1, USDT, 2**127), "rejected invalid_amount"),
        (funds(Kind.DEPOSIT, 1, USDT, 5, reserved=1), "rejected invalid_reserved"),
        (
            funds(Kind.DEPOSIT, 1, USDT, 5, reserved=1, request_id=source),
            "rejected invalid_reserved",
        ),
        (funds(Kind.DEPOSIT, 1, USDT, 5), "rejected invalid_source"),
        (funds(Kind.DEPOSIT, 1, USDT, 5, request_id=1), "rejected invalid_source"),
        (funds(Kind.DEPOSIT, 1, USDT, 5, request_id=1 << 64), "rejected invalid_source"),
        (funds(Kind.TRANSFER, 1, USDT, 5, 2, request_id=1), "rejected invalid_source"),
        (settle(0, 90), "rejected invalid_order_id"),
        (settle(5, 0), "rejected invalid_source"),
        (settle(5, 90, source=0), "rejected invalid_source"),
        (settle(5, 90, post=2), "rejected invalid_state"),
        (settle(5, 90, instrument=1), "rejected invalid_instrument"),
        (withdraw(1, USDT, 5, request_id=1), "accepted"),
        (withdraw(1, USDT, 5), "accepted"),
    )


def test_an_account_without_an_asset_has_nothing_of_it(exchange: Exchange) -> None:
    exchange.send(set_account(9))
    exchange.play(
        (withdraw(9, BTC, 1), "rejected insufficient_balance"),
        (buy(1, 1, 9), "rejected insufficient_balance"),
    )
    assert exchange.has(9, BTC) == (0, 0)
