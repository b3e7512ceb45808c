"""What lists hold at each step, what a pending order enters with, and what its account must have.

Method: balances as the events say them. One lot at one tick is worth one unit of USDT, one lot is
one unit of BTC, where nothing else is said; accounts begin with 100 BTC and 10,000 USDT.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BTC,
    BUY,
    FALL,
    FOK,
    GTD,
    IOC,
    RISE,
    SELL,
    TRAIL_TICKS,
    USDT,
    advance_time,
    buy,
    cancel,
    cancel_list,
    instrument,
    market,
    mass_cancel,
    oco,
    oto,
    otoco,
    replace,
    sell,
    set_account,
    stop,
    update_instrument,
    withdraw,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange

ABOVE, BELOW = sell(110, 5, 1), stop(SELL, 5, FALL, 90)
OCO_ACCEPTED = ["accepted #1", "accepted #2"]


def free(exchange: Exchange, account: int, asset: int) -> int:
    """Return what is available."""
    return exchange.has(account, asset)[0]


def has_nothing_held(exchange: Exchange) -> bool:
    """Tell whether account 1 holds nothing of either asset."""
    return exchange.has(1, BTC)[1] == exchange.has(1, USDT)[1] == 0


@pytest.mark.parametrize(
    ("legs", "held"),
    [
        ((ABOVE, BELOW), (5, 0)),
        ((stop(SELL, 5, RISE, 120, price=110), BELOW), (5, 0)),
        # The greatest need of one leg: the limit's, the stop-limit's, the stop's at its worst.
        ((buy(90, 5), stop(BUY, 5, RISE, 110, price=115)), (0, 575)),
        ((buy(90, 5), stop(BUY, 5, RISE, 110, price=80)), (0, 450)),
        ((buy(90, 5), stop(BUY, 5, RISE, 110)), (0, 5 * 121)),
        ((stop(BUY, 5, RISE, 110), stop(BUY, 5, FALL, 80, price=140)), (0, 700)),
        ((buy(90, 5), stop(BUY, 5, RISE, 10, stop_unit=TRAIL_TICKS)), (0, 5 * 121)),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_an_oco_holds_the_greatest_need(
    exchange: Exchange, legs: tuple[bytes, bytes], held: tuple[int, int], is_turned: bool
) -> None:
    exchange.send(update_instrument(1, market_band_ppm=100_000))
    exchange.send(sell(100, 1, 2), buy(100, 1, 3))
    said = exchange.send(oco(*(legs[::-1] if is_turned else legs)))
    assert said[:2] == ["accepted #3", "accepted #4"]
    assert (exchange.has(1, BTC)[1], exchange.has(1, USDT)[1]) == held
    exchange.send(cancel(4))
    assert has_nothing_held(exchange)
    assert (free(exchange, 1, BTC), free(exchange, 1, USDT)) == (100, 10_000)


def test_the_balance_must_cover_the_greatest_need(open_exchange: ExchangeOpener) -> None:
    exchange = open_exchange(instrument(1), set_account(1))
    exchange.fund(1, USDT, 574)
    exchange.fund(1, BTC, 4)
    record = oco(buy(90, 5), stop(BUY, 5, RISE, 110, price=115))
    exchange.play(
        (record, "rejected insufficient_balance 574"),
        (oco(ABOVE, BELOW), "rejected insufficient_balance 4"),
    )
    exchange.fund(1, USDT, 1)
    exchange.fund(1, BTC, 1)
    assert exchange.send(record)[:2] == OCO_ACCEPTED
    assert exchange.send(oco(ABOVE, BELOW))[:2] == ["accepted #3", "accepted #4"]
    assert (free(exchange, 1, BTC), free(exchange, 1, USDT)) == (0, 0)
    exchange.play((oco(ABOVE, BELOW), "rejected insufficient_balance"))


def test_a_trade_of_one_leg_frees_what_the_other_held(exchange: Exchange) -> None:
    """The limit's need is 450, the stop's 550: with the first lot only what is open is held."""
    record = oco(buy(90, 5), stop(BUY, 5, RISE, 110, price=110))
    exchange.send(record)
    assert exchange.has(1, USDT) == (9_450, 550)
    exchange.send(sell(90, 2, 2))
    assert exchange.has(1, USDT) == (9_820 - 270, 270)
    exchange.send(sell(90, 3, 2))
    assert exchange.has(1, USDT) == (9_550, 0)
    assert exchange.has(1, BTC) == (105, 0)


def test_a_trigger_frees_what_the_other_held(exchange: Exchange) -> None:
    exchange.send(oco(buy(90, 5), stop(BUY, 5, RISE, 110, price=80)))
    assert exchange.has(1, USDT) == (9_550, 450)
    exchange.send(sell(110, 1, 2), buy(110, 1, 3))
    assert exchange.has(1, USDT) == (9_600, 400)


def test_a_leg_that_takes_on_entry_pays_what_it_trades(exchange: Exchange) -> None:
    exchange.send(sell(85, 2, 2))
    exchange.send(oco(buy(90, 5), stop(BUY, 5, RISE, 110, price=200)))
    assert exchange.has(1, USDT) == (10_000 - 170 - 270, 270)
    assert exchange.has(1, BTC) == (102, 0)


def test_lots_kept_from_trading_free_only_their_own_need(exchange: Exchange) -> None:
    """The sibling needs as much as before, so the list does."""
    exchange.send(oco(buy(90, 5), stop(BUY, 5, RISE, 110, price=110)))
    exchange.send(sell(90, 3, 1, self_trade=SelfTrade.DECREMENT))
    assert exchange.has(1, USDT) == (9_450, 550)
    exchange.send(cancel_list(exchange.engine.sequence - 1))
    assert exchange.has(1, USDT) == (10_000, 0)


def test_what_is_pending_holds_nothing(exchange: Exchange) -> None:
    """And needs no balance before it enters."""
    exchange.send(oto(buy(100, 5), sell(110, 900, 1)))
    assert exchange.has(1, BTC) == (100, 0)
    assert exchange.has(1, USDT) == (9_500, 500)
    exchange.send(sell(100, 3, 3))
    assert exchange.has(1, BTC) == (103, 0)
    assert exchange.has(1, USDT) == (9_500, 200)


def test_what_sells_enters_with_what_is_there(exchange: Exchange) -> None:
    """Its quantity falls to the lots available; a sell with enough keeps its own."""
    exchange.send(oto(buy(100, 5), sell(110, 900, 1)))
    exchange.play(
        (
            sell(100, 5, 3),
            "accepted #3",
            "traded #1 5@100 sells maker_filled taker_filled",
            "entered #2 105",
        ),
    )
    assert exchange.has(1, BTC) == (0, 105)
    exchange.play(
        (buy(110, 5, 3), "accepted #4", "traded #2 5@110 taker_filled", "list_changed #13 done"),
        # What it entered with is its quantity: in place, less; above, a rise.
        (replace(2, 110, 105), "replaced #2 kept"),
        (replace(2, 110, 106), "rejected insufficient_balance #2 100"),
        (replace(2, 110, 5), "cancelled #2 100 replaced"),
    )


def test_the_fee_is_taken_before_what_is_pending_sells(open_exchange: ExchangeOpener) -> None:
    """Of 40 units bought 4 go to the venue: 36 are there, which is 9 lots of 4."""
    exchange = open_exchange(
        instrument(1, tick=3, lot=4), set_account(1, maker_rate_ppm=100_000), set_account(2)
    )
    exchange.fund(1, USDT, 100_000)
    exchange.fund(2, BTC, 100)
    record = otoco(buy(100, 10), sell(110, 10, 1), stop(SELL, 10, FALL, 90))
    exchange.send(record)
    exchange.play(
        (
            sell(100, 10, 2),
            "accepted #4",
            "traded #1 10@100 sells maker_filled taker_filled",
            "entered #2 9",
            "entered #3 9",
        ),
    )
    assert exchange.has(1, BTC) == (0, 36)
    exchange.fund(2, USDT, 100_000)
    exchange.play(
        (
            buy(110, 4, 2),
            "accepted #5",
            "traded #2 4@110 taker_filled",
            "cancelled #3 9 sibling",
            "list_changed #8 done",
        ),
    )
    assert exchange.has(1, BTC) == (0, 20)


def test_dust_below_a_lot_stays(open_exchange: ExchangeOpener) -> None:
    """39 units are 9 lots of 4; with less than one lot there is nothing to enter with."""
    exchange = open_exchange(instrument(1, tick=3, lot=4), set_account(1), set_account(2))
    exchange.fund(1, USDT, 100_000)
    exchange.fund(2, BTC, 400)
    record = oto(buy(100, 10), sell(110, 10, 1))
    exchange.send(record, sell(100, 9, 2), withdraw(1, BTC, 1))
    assert exchange.send(sell(100, 1, 2))[2:] == ["entered #2 9"]
    assert exchange.has(1, BTC)[0] == 3


@pytest.mark.parametrize(
    ("pending", "events"),
    [
        # 10,500 are there when it enters.
        (buy(100, 105), ["entered #2 105"]),
        (buy(100, 106), ["cancelled #2 106 refused insufficient_balance"]),
        (market(BUY, 200), ["entered #2 200", "cancelled #2 200 no_liquidity"]),
        (market(BUY, 200, time_in_force=FOK), ["entered #2 200", "cancelled #2 200 fill_or_kill"]),
        (stop(BUY, 95, RISE, 101), ["entered #2 95"]),
        (stop(BUY, 96, RISE, 101), ["cancelled #2 96 refused insufficient_balance"]),
        (stop(BUY, 95, RISE, 1, stop_unit=TRAIL_TICKS), ["entered #2 95"]),
        (
            stop(BUY, 96, RISE, 1, stop_unit=TRAIL_TICKS),
            ["cancelled #2 96 refused insufficient_balance"],
        ),
        (sell(110, 95, 1), ["entered #2 95"]),
        (sell(110, 96, 1), ["entered #2 95"]),
        (market(SELL, 96), ["entered #2 95", "cancelled #2 95 no_liquidity"]),
        (market(SELL, 96, time_in_force=FOK), ["entered #2 95", "cancelled #2 95 fill_or_kill"]),
    ],
)
def test_what_it_requires_when_it_enters(
    exchange: Exchange, pending: bytes, events: list[str]
) -> None:
    """What a new order requires, of what the account has then: 95 BTC, 10,500 USDT."""
    exchange.send(update_instrument(1, market_band_ppm=90_000))
    exchange.send(oto(sell(100, 5, 1), pending), sell(200, 52, 2))
    said = exchange.send(buy(100, 5, 3))
    assert [line for line in said[2:] if "list_changed" not in line] == events


def test_a_market_buy_requires_what_its_walk_costs(exchange: Exchange) -> None:
    exchange.send(sell(105, 100, 2), sell(106, 1, 3), oto(sell(100, 5, 1), market(BUY, 200)))
    assert exchange.send(buy(100, 5, 3))[2:] == [
        "cancelled #4 200 refused insufficient_balance",
        "list_changed #15 ended",
    ]
    exchange.send(cancel(1, account=2), sell(105, 99, 2), oto(sell(100, 5, 1), market(BUY, 200)))
    assert exchange.send(buy(100, 5, 3))[2:] == [
        "entered #8 200",
        "pass #8",
        "traded #6 99@105 maker_filled",
        "list_changed #19 done",
        "traded #2 1@106 maker_filled",
        "cancelled #8 100 no_liquidity",
    ]


def test_without_a_lot_it_is_refused(exchange: Exchange) -> None:
    """The first of a pair for itself, the other with its list."""
    exchange.send(otoco(sell(100, 100, 1), ABOVE, BELOW))
    exchange.play(
        (
            buy(100, 100, 3),
            "accepted #4",
            "traded #1 100@100 maker_filled taker_filled",
            "cancelled #2 5 refused insufficient_balance",
            "cancelled #3 5 list_ended",
            "list_changed #13 ended",
        ),
    )
    assert has_nothing_held(exchange)


def test_of_a_pair_that_buys_the_leg_that_is_too_dear_is_refused(exchange: Exchange) -> None:
    """10,500 cover 100 lots at 90, not at 111."""
    exchange.send(update_instrument(1, market_band_ppm=10_000))
    exchange.send(otoco(sell(100, 5, 1), buy(90, 100), stop(BUY, 100, RISE, 110)))
    assert exchange.send(buy(100, 5, 3))[2:] == [
        "cancelled #3 100 refused insufficient_balance",
        "cancelled #2 100 list_ended",
        "list_changed #14 ended",
    ]
    exchange.send(otoco(sell(100, 5, 1), buy(90, 90), stop(BUY, 90, RISE, 110)))
    assert exchange.send(buy(100, 5, 3))[2:] == ["entered #6 90", "entered #7 90"]
    assert exchange.has(1, USDT) == (11_000 - 90 * 111, 90 * 111)


def test_what_others_have_taken_is_not_there(exchange: Exchange) -> None:
    """Nothing is kept for what is pending: two lists may wait for the same lots."""
    exchange.send(oto(buy(100, 5), sell(110, 105, 1)), oto(buy(99, 5), sell(110, 105, 1)))
    assert exchange.send(sell(100, 5, 3))[2:] == ["entered #2 105"]
    assert exchange.send(sell(99, 5, 3))[2:] == ["entered #4 5"]
    exchange.send(sell(111, 1, 3), oto(buy(98, 1), market(SELL, 3)))
    assert exchange.send(sell(98, 1, 3))[2:] == [
        "entered #9 1",
        "cancelled #9 1 no_liquidity",
        "list_changed #18 ended",
    ]


@pytest.mark.parametrize("state", [2, 3])
def test_an_account_that_may_only_cancel_has_pending_orders_enter(
    exchange: Exchange, state: int
) -> None:
    """They are open, and open orders go on."""
    exchange.send(oto(buy(100, 5), sell(110, 5, 1)), set_account(1, state=state))
    assert exchange.send(sell(100, 5, 3))[2:] == ["entered #2 5"]
    exchange.play(
        (cancel_list(13), "cancelled #2 5 requested", "list_changed #13 ended"),
        (cancel_list(13, account=9), "rejected unknown_account"),
    )


def test_rates_are_those_of_the_lists_entry(exchange: Exchange) -> None:
    exchange.send(oto(buy(100, 5), sell(110, 5, 1)), set_account(1, maker_rate_ppm=500_000))
    exchange.send(sell(100, 5, 3), buy(110, 5, 3))
    assert exchange.has(1, USDT) == (10_050, 0)


@pytest.mark.parametrize(
    "record",
    [cancel(2), cancel(3), mass_cancel(account=1), cancel_list(13), advance_time(9)],
)
def test_the_end_of_a_list_frees_all(exchange: Exchange, record: bytes) -> None:
    legs = (sell(110, 5, 1, time_in_force=GTD, expire_ns=9), stop(SELL, 5, FALL, 90))
    exchange.send(otoco(buy(100, 5), *legs), sell(100, 5, 3))
    assert exchange.has(1, BTC) == (100, 5)
    exchange.send(record)
    assert exchange.has(1, BTC) == (105, 0)
    assert exchange.has(1, USDT) == (9_500, 0)


def test_balances_are_said_once_behind_the_queue(exchange: Exchange) -> None:
    """The fill, the entry and the trade of what entered: one line for each that differs."""
    exchange.send(buy(95, 2, 2), oto(buy(100, 5), sell(95, 4, 1)))
    assert exchange.all_of(sell(96, 5, 3)) == [
        "accepted #4",
        "traded #2 5@100 sells maker_filled taker_filled",
        "entered #3 4",
        "pass #3",
        "traded #1 2@95 sells maker_filled",
        "list_changed #14 done",
        "balance 1 BTC 101 + 2",
        "balance 1 USDT 9690 + 0",
        "balance 2 BTC 102 + 0",
        "balance 2 USDT 9810 + 0",
        "balance 3 BTC 95 + 0",
        "balance 3 USDT 10500 + 0",
    ]


def test_a_refused_list_moves_nothing(exchange: Exchange) -> None:
    record = oco(sell(110, 101, 1), stop(SELL, 101, FALL, 90))
    assert exchange.all_of(record) == ["rejected insufficient_balance 100"]
    exchange.play(
        (buy(90, 1, time_in_force=IOC), "accepted #1", "cancelled #1 1 immediate_or_cancel")
    )
