"""Accounts: which exist, what their states let them do, and what orders take from them.

Method: every command by an account of every state; refusals that come before and after this check.
"""

import pytest

from outcry.reference.codes import Kind, SelfTrade
from tests.scenarios.commands import (
    ACTIVE,
    BTC,
    BUY,
    FEES,
    FROZEN,
    GTD,
    HALTED,
    ONLY_CANCELS,
    RISE,
    USDT,
    admin,
    advance_time,
    amount,
    buy,
    cancel,
    deposit,
    market,
    mass_cancel,
    replace,
    sell,
    set_account,
    set_reference,
    set_state,
    settle,
    stop,
    transfer,
    withdraw,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange

UNKNOWN = "rejected unknown_account"
RESERVED = "rejected account_reserved"


def test_an_account_exists_once_it_is_set(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 1, 7), UNKNOWN),
        (amount(BUY, 5, 7), UNKNOWN),
        (stop(BUY, 1, RISE, 99, 7), UNKNOWN),
        (cancel(1, account=7), UNKNOWN + " #1"),
        (replace(1, 90, 1, account=7), UNKNOWN + " #1"),
        (mass_cancel(account=7), UNKNOWN),
        (advance_time(0, account=7), UNKNOWN),
        (admin(Kind.SET_REFERENCE, 1, price=5, account=7), UNKNOWN),
        (admin(Kind.SET_STATE, 1, state=HALTED, account=7), UNKNOWN),
        (admin(Kind.END_SESSION, 1, account=7), UNKNOWN),
        (deposit(7, USDT, 5, 90), UNKNOWN),
        (withdraw(7, USDT, 5), UNKNOWN),
        (transfer(7, 1, USDT, 5, number=90), UNKNOWN),
        (transfer(1, 7, USDT, 5, number=90), UNKNOWN),
        (set_account(7), "accepted"),
        (mass_cancel(account=7), "accepted"),
        (deposit(7, USDT, 5, 90), "accepted"),
        (buy(5, 1, 7), "accepted #1"),
    )


def test_the_venue_needs_no_account(exchange: Exchange) -> None:
    exchange.play(
        (mass_cancel(), "accepted"),
        (advance_time(0), "accepted"),
        (set_reference(5), "accepted"),
    )


@pytest.mark.parametrize(
    ("state", "refusal"),
    [(ONLY_CANCELS, "rejected account_cancel_only"), (FROZEN, "rejected account_frozen")],
)
def test_what_the_states_let_do(exchange: Exchange, state: int, refusal: str) -> None:
    """Cancels, deposits and transfers in always; withdrawals unless frozen; nothing else."""
    withdrawal = "accepted" if state == ONLY_CANCELS else refusal
    exchange.play(
        (buy(90, 3), "accepted #1"),
        (set_account(1, state=state), "accepted"),
        (buy(90, 1), refusal),
        (amount(BUY, 5), refusal),
        (stop(BUY, 1, RISE, 99), refusal),
        (replace(1, 90, 2), refusal + " #1"),
        (replace(99, 90, 2), refusal + " #99"),
        (deposit(1, USDT, 5, 90), "accepted"),
        (transfer(2, 1, USDT, 5, number=91), "accepted"),
        (transfer(1, 2, USDT, 5, number=92), refusal),
        (transfer(1, 99, USDT, 5, number=93), refusal),
        (withdraw(1, USDT, 5), withdrawal),
        (sell(90, 1, 2), "accepted #2", "traded #1 1@90 sells taker_filled"),
        (cancel(1), "cancelled #1 2 requested"),
        (mass_cancel(account=1), "accepted"),
        (set_account(1, state=ACTIVE), "accepted"),
        (buy(90, 1), "accepted #3"),
    )


def test_open_orders_of_a_frozen_account_expire_and_trigger(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 1, time_in_force=GTD, expire_ns=10), "accepted #1"),
        (stop(BUY, 2, RISE, 100, price=101), "accepted #2"),
        (set_account(1, state=FROZEN), "accepted"),
        (sell(100, 5), "accepted #3"),
        (
            buy(100, 1, 3),
            "accepted #4",
            "traded #3 1@100 taker_filled",
            "triggered #2 @100",
            "pass #2",
            "traded #3 2@100 taker_filled",
        ),
        (advance_time(10), "expired #1 1", "accepted"),
    )
    assert exchange.has(1, USDT) == (9_800, 0)
    assert exchange.has(1, BTC) == (102, 0)


def test_the_account_comes_before_the_instrument_and_the_order(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 1, 7, instrument=9), UNKNOWN),
        (buy(0, 1, 7, instrument=9), "rejected invalid_price"),
        (cancel(5, account=7, instrument=9), UNKNOWN + " #5"),
        (cancel(5, account=7, instrument=0), UNKNOWN + " #5"),
        (deposit(7, 9, 1, 90), UNKNOWN),
        (set_state(HALTED), "accepted", "state_changed halted"),
        (set_account(3, state=FROZEN), "accepted"),
        (buy(90, 1, 3), "rejected account_frozen"),
        (buy(90, 1, 2), "rejected instrument_halted"),
        (cancel(5, account=3), "rejected instrument_halted #5"),
    )


def test_the_fee_account_trades_not(exchange: Exchange) -> None:
    exchange.play(
        (set_account(FEES), RESERVED),
        (set_account(FEES, state=FROZEN), RESERVED),
        (buy(90, 1, FEES), RESERVED),
        (amount(BUY, 5, FEES), RESERVED),
        (replace(1, 90, 1, account=FEES), RESERVED + " #1"),
        (cancel(1, account=FEES), "rejected unknown_order #1"),
        (mass_cancel(account=FEES), "accepted"),
        (advance_time(0, account=FEES), "accepted"),
    )


def test_the_fee_account_moves_funds(exchange: Exchange) -> None:
    exchange.play(
        (withdraw(FEES, USDT, 1), "rejected insufficient_balance"),
        (deposit(FEES, USDT, 50, 90), "accepted"),
        (transfer(2, FEES, USDT, 20, number=91), "accepted"),
        (transfer(FEES, 1, USDT, 30, number=92), "accepted"),
        (withdraw(FEES, USDT, 41), "rejected insufficient_balance 40"),
        (withdraw(FEES, USDT, 40), "accepted"),
    )
    assert exchange.has(FEES, USDT) == (0, 40)
    exchange.play((settle(exchange.engine.sequence, 93), "accepted"))
    assert exchange.has(FEES, USDT) == (0, 0)


def test_accounts_are_bounded(open_exchange: ExchangeOpener) -> None:
    """The fee account does not count; one that exists can always be set anew."""
    open_exchange(accounts_max=2).play(
        (set_account(5), "accepted"),
        (set_account(9), "accepted"),
        (set_account(7), "rejected too_many_accounts 2"),
        (set_account(FEES), RESERVED),
        (set_account(9, state=FROZEN), "accepted"),
        (buy(1, 1, 7), UNKNOWN),
    )


def test_requests_of_unknown_accounts_are_not_remembered(open_exchange: ExchangeOpener) -> None:
    open_exchange(accounts_max=1).play(
        (buy(90, 1, 7, request_id=5), UNKNOWN),
        (buy(90, 1, 7, request_id=5), UNKNOWN),
        (set_account(1, request_id=5), "accepted"),
        (set_account(7, request_id=5), "rejected too_many_accounts 1"),
        (set_account(7, request_id=5), "rejected too_many_accounts 1"),
        (set_account(1, state=FROZEN, request_id=5), "duplicate_request accepted #0 of 6"),
        (buy(90, 1, 1, request_id=6), "rejected insufficient_balance"),
        (set_account(1, state=FROZEN), "accepted"),
        (buy(90, 1, 1, request_id=7), "rejected account_frozen"),
        (set_account(1), "accepted"),
        (buy(90, 1, 1, request_id=6), "duplicate_request insufficient_balance #0 of 10"),
        (buy(90, 1, 1, request_id=7), "duplicate_request account_frozen #0 of 12"),
        (set_account(FEES, request_id=1), RESERVED),
        (cancel(1, account=FEES, request_id=1), "duplicate_request account_reserved #0 of 16"),
    )


def test_orders_keep_the_group_of_their_entry(exchange: Exchange) -> None:
    exchange.play(
        (set_account(1, 77), "accepted"),
        (sell(100, 5, 1), "accepted #1"),
        (set_account(1), "accepted"),
        (set_account(2, 77), "accepted"),
        (buy(100, 2, 2), "accepted #2", "cancelled #2 2 self_trade"),
        (buy(100, 2, 1), "accepted #3", "traded #1 2@100 taker_filled"),
        (set_account(2), "accepted"),
        (
            buy(100, 3, 2, self_trade=SelfTrade.CANCEL_BOTH),
            "accepted #4",
            "traded #1 3@100 maker_filled taker_filled",
        ),
    )


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"maker_rate_ppm": -1_000_000, "taker_rate_ppm": 1_000_000}, "accepted"),
        ({"maker_rate_ppm": 1_000_000}, "accepted"),
        ({"maker_rate_ppm": -1_000_001}, "rejected invalid_amount"),
        ({"maker_rate_ppm": 1_000_001}, "rejected invalid_amount"),
        ({"taker_rate_ppm": 1_000_001}, "rejected invalid_amount"),
        ({"taker_rate_ppm": -1}, "rejected invalid_amount"),
        ({"state": 0}, "rejected invalid_state"),
        ({"state": 4}, "rejected invalid_state"),
        ({"group": 2**32 - 1}, "accepted"),
    ],
)
def test_what_an_account_may_be(exchange: Exchange, fields: dict[str, int], answer: str) -> None:
    exchange.play((set_account(9, **fields), answer))


def test_market_orders_ask_for_the_account_too(exchange: Exchange) -> None:
    exchange.play((market(BUY, 1, 7), UNKNOWN), (market(BUY, 1, FEES), RESERVED))
