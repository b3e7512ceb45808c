"""The settlement of trades: fees, rebates and stamps, and the balances that a command says.

Method: rates that leave a fraction of a unit, so that each rounding shows.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BTC,
    BUY,
    FALL,
    FEES,
    GTD,
    IOC,
    RISE,
    SELL,
    USDT,
    advance_time,
    amount,
    buy,
    cancel,
    deposit,
    instrument,
    market,
    replace,
    sell,
    set_account,
    set_reference,
    stop,
    update_instrument,
    withdraw,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange

WHOLE = 1_000_000


def test_each_side_pays_the_fee_of_what_it_receives(exchange: Exchange) -> None:
    """10 % of 19 BTC are 1, and 1.5 % of 1,710 USDT are 25."""
    exchange.send(set_account(1, taker_rate_ppm=100_000), set_account(2, maker_rate_ppm=15_000))
    exchange.send(sell(90, 50, 2))
    assert exchange.all_of(buy(90, 19, 1)) == [
        "accepted #2",
        "traded #1 19@90 taker_filled",
        "balance 1 BTC 118 + 0",
        "balance 1 USDT 8290 + 0",
        "balance 2 BTC 50 + 31",
        "balance 2 USDT 11685 + 0",
        "balance fees BTC 1 + 0",
        "balance fees USDT 25 + 0",
    ]


def test_fees_are_taken_trade_by_trade(exchange: Exchange) -> None:
    """Three trades of 9 lots at 10 % cost no lot; one of 27 costs two."""
    exchange.send(set_account(1, taker_rate_ppm=100_000))
    exchange.send(sell(90, 9, 2), sell(90, 9, 3), sell(90, 9, 2), buy(90, 27, 1))
    assert exchange.has(1, BTC) == (127, 0)
    exchange.send(sell(90, 27, 2), buy(90, 27, 1))
    assert exchange.has(1, BTC) == (127 + 25, 0)
    assert exchange.has(FEES, BTC) == (2, 0)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_whole_fee_leaves_nothing(exchange: Exchange, side: int) -> None:
    exchange.send(set_account(1, maker_rate_ppm=WHOLE), set_account(2, taker_rate_ppm=WHOLE))
    if side == BUY:
        exchange.send(sell(90, 5, 1), buy(90, 5, 2))
        assert exchange.has(1, USDT) == (10_000, 0)
        assert exchange.has(2, BTC) == (100, 0)
    else:
        exchange.send(buy(90, 5, 1), sell(90, 5, 2))
        assert exchange.has(1, BTC) == (100, 0)
        assert exchange.has(2, USDT) == (10_000, 0)
    assert exchange.has(FEES, BTC) == (5, 0)
    assert exchange.has(FEES, USDT) == (450, 0)


@pytest.mark.parametrize(
    ("maker_rate", "taker_rate", "rebate", "fee"),
    [
        # Of 630 received: 2.5 % are 15.75, 1 % is 6.3.
        (-10_000, 25_000, 6, 15),
        (-25_000, 10_000, 6, 6),
        (-25_000, 25_000, 15, 15),
        (-WHOLE, WHOLE, 630, 630),
        (-10_000, 0, 0, 0),
        (-1, WHOLE, 0, 630),
    ],
)
def test_a_rebate_comes_out_of_the_takers_fee(
    exchange: Exchange, maker_rate: int, taker_rate: int, rebate: int, fee: int
) -> None:
    """In the asset that the taker receives, here the quote; the maker pays no fee."""
    exchange.send(
        set_account(1, maker_rate_ppm=maker_rate), set_account(2, taker_rate_ppm=taker_rate)
    )
    exchange.send(buy(90, 7, 1), sell(80, 7, 2))
    assert exchange.has(1, USDT) == (10_000 - 630 + rebate, 0)
    assert exchange.has(1, BTC) == (107, 0)
    assert exchange.has(2, USDT) == (10_000 + 630 - fee, 0)
    assert exchange.has(FEES, USDT) == (fee - rebate, 0)
    assert exchange.has(FEES, BTC) == (0, 0)


def test_a_rebate_of_a_buying_taker_is_paid_in_the_base(exchange: Exchange) -> None:
    exchange.send(set_account(1, maker_rate_ppm=-100_000), set_account(2, taker_rate_ppm=250_000))
    exchange.send(sell(90, 20, 1), buy(90, 20, 2))
    assert exchange.has(1, BTC) == (82, 0)
    assert exchange.has(1, USDT) == (11_800, 0)
    assert exchange.has(2, BTC) == (115, 0)
    assert exchange.has(FEES, BTC) == (3, 0)


def test_rates_are_stamped_on_entry(exchange: Exchange) -> None:
    """What rests and what waits keep the rates of their entry, also through a replace."""
    exchange.send(set_account(1, maker_rate_ppm=100_000, taker_rate_ppm=200_000))
    exchange.send(buy(90, 10, 1), stop(BUY, 10, RISE, 100, 1, price=110))
    exchange.send(set_account(1))
    exchange.send(sell(90, 10, 2))
    assert exchange.has(1, BTC) == (109, 0)
    exchange.send(replace(2, 105, 20), sell(100, 30, 2), buy(100, 1, 3))
    assert exchange.has(1, BTC) == (109 + 16, 0)
    exchange.send(buy(100, 5, 1))
    assert exchange.has(1, BTC) == (109 + 16 + 5, 0)
    assert exchange.has(FEES, BTC) == (1 + 4, 0)


def test_a_resting_order_that_is_replaced_into_the_book_pays_as_taker(exchange: Exchange) -> None:
    exchange.send(set_account(1, maker_rate_ppm=100_000, taker_rate_ppm=200_000))
    exchange.send(buy(90, 10, 1), set_account(1), sell(95, 10, 2), replace(1, 95, 10))
    assert exchange.has(1, BTC) == (108, 0)


def test_what_is_bought_may_be_spent_by_the_same_command(exchange: Exchange) -> None:
    """A stop of the taker itself is triggered by its trade, and sells from its own hold."""
    exchange.send(sell(100, 5, 2), buy(90, 50, 3), stop(SELL, 100, RISE, 100, 1))
    assert exchange.has(1, BTC) == (0, 100)
    exchange.send(buy(100, 5, 1))
    assert exchange.has(1, BTC) == (55, 0)
    assert exchange.has(1, USDT) == (10_000 - 500 + 4_500, 0)


def test_an_amount_order_keeps_what_it_does_not_spend(exchange: Exchange) -> None:
    exchange.send(sell(100, 2, 2), sell(105, 5, 2), set_reference(100))
    exchange.play(
        (
            amount(BUY, 500, 1),
            "accepted #3",
            "traded #1 2@100 maker_filled",
            "traded #2 2@105",
            "cancelled #3 0 amount_remainder",
        ),
    )
    assert exchange.has(1, USDT) == (9_590, 0)
    assert exchange.has(1, BTC) == (104, 0)


def test_an_amount_sell_is_paid_what_it_sells(exchange: Exchange) -> None:
    exchange.send(set_account(1, taker_rate_ppm=10_000))
    exchange.send(buy(100, 2, 2), buy(95, 5, 2), set_reference(100))
    exchange.send(amount(SELL, 400, 1))
    assert exchange.has(1, BTC) == (96, 0)
    assert exchange.has(1, USDT) == (10_000 + 390 - 2 - 1, 0)


def test_a_market_order_pays_what_its_walk_said(exchange: Exchange) -> None:
    exchange.send(sell(100, 90, 2), sell(101, 10, 2), set_reference(100))
    exchange.send(market(BUY, 99, 1))
    assert exchange.has(1, USDT) == (10_000 - 9_000 - 909, 0)


def test_a_prevented_part_settles_nothing(exchange: Exchange) -> None:
    exchange.send(set_account(1, taker_rate_ppm=WHOLE, maker_rate_ppm=WHOLE))
    exchange.send(buy(90, 5, 1))
    assert exchange.all_of(sell(90, 3, 1, self_trade=SelfTrade.DECREMENT)) == [
        "accepted #2",
        "prevented #1 3",
        "cancelled #2 0 self_trade",
        "balance 1 USDT 9820 + 180",
    ]


def test_one_who_trades_with_itself_pays_both_fees(exchange: Exchange) -> None:
    exchange.send(set_account(1, taker_rate_ppm=200_000, maker_rate_ppm=100_000))
    exchange.send(buy(90, 10, 1))
    assert exchange.all_of(sell(90, 10, 1, self_trade=SelfTrade.NONE)) == [
        "accepted #2",
        "traded #1 10@90 sells maker_filled taker_filled",
        "balance 1 BTC 99 + 0",
        "balance 1 USDT 9820 + 0",
        "balance fees BTC 1 + 0",
        "balance fees USDT 180 + 0",
    ]


def test_only_what_differs_from_before_the_command_is_said(exchange: Exchange) -> None:
    exchange.send(set_reference(100))
    assert exchange.all_of(buy(90, 1, time_in_force=IOC)) == [
        "accepted #1",
        "cancelled #1 1 immediate_or_cancel",
    ]
    assert exchange.all_of(buy(90, 1, 1)) == ["accepted #2", "balance 1 USDT 9910 + 90"]
    assert exchange.all_of(replace(2, 45, 2)) == ["replaced #2"]
    assert exchange.all_of(sell(45, 2, 1, self_trade=SelfTrade.NONE)) == [
        "accepted #3",
        "traded #2 2@45 sells maker_filled taker_filled",
        "balance 1 USDT 10000 + 0",
    ]


def test_a_refused_command_says_what_was_due(exchange: Exchange) -> None:
    exchange.send(buy(90, 1, time_in_force=GTD, expire_ns=5))
    assert exchange.all_of(buy(0, 1, 2, time_ns=5)) == [
        "expired #1 1",
        "rejected invalid_price",
        "balance 1 USDT 10000 + 0",
    ]


def test_balances_stand_behind_the_queue(exchange: Exchange) -> None:
    exchange.send(sell(100, 5, 2), stop(BUY, 3, RISE, 100, 3, price=100))
    assert exchange.all_of(buy(100, 1, 1)) == [
        "accepted #3",
        "traded #1 1@100 taker_filled",
        "triggered #2 @100",
        "pass #2",
        "traded #1 3@100 taker_filled",
        "balance 1 BTC 101 + 0",
        "balance 1 USDT 9900 + 0",
        "balance 2 BTC 95 + 1",
        "balance 2 USDT 10400 + 0",
        "balance 3 BTC 103 + 0",
        "balance 3 USDT 9700 + 0",
    ]


def test_a_market_without_accounts_says_no_balance(open_exchange: ExchangeOpener) -> None:
    """And one with accounts says none of instruments that nobody traded."""
    exchange = open_exchange(instrument(1), set_account(1))
    assert exchange.all_of(update_instrument(1, lots_max=9), advance_time(4)) == ["accepted"] * 2


def test_a_triggered_stop_pays_the_takers_rate(exchange: Exchange) -> None:
    exchange.send(set_account(1, taker_rate_ppm=500_000))
    exchange.send(buy(100, 1, 2), buy(99, 10, 2), stop(SELL, 10, FALL, 100, 1), sell(100, 1, 3))
    assert exchange.has(1, USDT) == (10_000 + 495, 0)
    assert exchange.has(FEES, USDT) == (495, 0)


def test_balances_come_by_account_then_asset(exchange: Exchange) -> None:
    """The external account is the first, the fee account the last."""
    assert exchange.all_of(deposit(FEES, BTC, 1, 90))[1:] == [
        "balance external BTC -301 + 0",
        "balance fees BTC 1 + 0",
    ]
    assert exchange.all_of(withdraw(FEES, BTC, 1))[1:] == ["balance fees BTC 0 + 1"]
    exchange.send(buy(90, 1, 1))
    assert exchange.all_of(cancel(1))[1:] == ["balance 1 USDT 10000 + 0"]
