"""Holds: what each order needs while it is open, and what is available again when it needs less.

Method: balances as the events say them, after each step of an order's life. One lot at one tick is
worth one unit of USDT, one lot is one unit of BTC, where nothing else is said.
"""

import pytest

from outcry.reference.codes import SelfTrade
from tests.scenarios.commands import (
    BTC,
    BUY,
    DAY,
    FALL,
    FOK,
    GTD,
    IOC,
    RISE,
    SELL,
    TRAIL_PPM,
    TRAIL_TICKS,
    USDT,
    advance_time,
    amount,
    buy,
    cancel,
    end_session,
    instrument,
    market,
    mass_cancel,
    new,
    replace,
    sell,
    set_account,
    set_reference,
    stop,
    update_instrument,
)
from tests.scenarios.conftest import ExchangeOpener
from tests.scenarios.market import Exchange


def trade_at(exchange: Exchange, price: int) -> None:
    """Let accounts 2 and 3 trade one lot at a price."""
    exchange.send(sell(price, 1, 2), buy(price, 1, 3))


@pytest.mark.parametrize(
    ("record", "held"),
    [
        (buy(90, 7), 630),
        (buy(90, 7, display=2), 630),
        (buy(90, 7, post_only=True), 630),
        (buy(90, 7, time_in_force=DAY), 630),
        (buy(90, 7, time_in_force=GTD, expire_ns=5), 630),
        (stop(BUY, 7, RISE, 120, price=130), 910),
        (stop(BUY, 7, FALL, 80, price=30), 210),
        (stop(BUY, 7, RISE, 5, price=130, stop_unit=TRAIL_TICKS), 910),
        # Without limit: 5 % above the stop, rounded down, at most 150.
        (stop(BUY, 7, RISE, 121), 7 * 127),
        (stop(BUY, 7, FALL, 81), 7 * 85),
        (stop(BUY, 7, RISE, 149), 7 * 150),
        # Trailing from the trade at 100: the stop is at 110, then at 90.
        (stop(BUY, 7, RISE, 10, stop_unit=TRAIL_TICKS), 7 * 115),
        (stop(BUY, 7, FALL, 10, stop_unit=TRAIL_TICKS), 7 * 94),
        (stop(BUY, 7, RISE, 100_000, stop_unit=TRAIL_PPM), 7 * 115),
        (stop(BUY, 7, RISE, 45, stop_unit=TRAIL_TICKS), 7 * 150),
    ],
)
def test_what_buys_holds_the_quote(exchange: Exchange, record: bytes, held: int) -> None:
    exchange.send(update_instrument(1, market_band_ppm=50_000, price_max=150))
    trade_at(exchange, 100)
    exchange.play((record, "accepted #3"))
    assert exchange.has(1, USDT) == (10_000 - held, held)
    assert exchange.has(1, BTC) == (100, 0)
    exchange.play((cancel(3), "cancelled #3 7 requested"))
    assert exchange.has(1, USDT) == (10_000, 0)


def test_a_stop_without_limit_or_band_holds_at_the_highest_price(exchange: Exchange) -> None:
    exchange.play((update_instrument(1, price_max=200), "accepted"))
    exchange.play((stop(BUY, 7, RISE, 120), "accepted #1"))
    assert exchange.has(1, USDT) == (8_600, 1_400)


@pytest.mark.parametrize(
    "record",
    [
        sell(110, 7, 1),
        sell(110, 7, 1, display=2),
        stop(SELL, 7, FALL, 80),
        stop(SELL, 7, RISE, 120, price=110),
        stop(SELL, 7, FALL, 10, stop_unit=TRAIL_TICKS),
        stop(SELL, 7, RISE, 10_000, stop_unit=TRAIL_PPM),
    ],
)
def test_what_sells_holds_the_base(exchange: Exchange, record: bytes) -> None:
    trade_at(exchange, 100)
    exchange.play((record, "accepted #3"))
    assert exchange.has(1, BTC) == (93, 7)
    assert exchange.has(1, USDT) == (10_000, 0)
    exchange.play((cancel(3), "cancelled #3 7 requested"))
    assert exchange.has(1, BTC) == (100, 0)


def test_units_of_tick_and_lot_are_paid(open_exchange: ExchangeOpener) -> None:
    """A lot of 4 units of the base, worth 12 of the quote at each tick."""
    exchange = open_exchange(instrument(1, tick=3, lot=4), set_account(1))
    exchange.fund(1, BTC, 40)
    exchange.fund(1, USDT, 1_300)
    exchange.play(
        (buy(10, 11), "rejected insufficient_balance 1300"),
        (buy(10, 10), "accepted #1"),
        (sell(11, 11, 1), "rejected insufficient_balance 40"),
        (sell(11, 10, 1), "accepted #2"),
    )
    assert exchange.has(1, USDT) == (100, 1_200)
    assert exchange.has(1, BTC) == (0, 40)


@pytest.mark.parametrize(
    ("record", "events"),
    [
        (advance_time(10), ["expired #1 6", "accepted"]),
        (cancel(1), ["cancelled #1 6 requested"]),
        (mass_cancel(), ["accepted", "cancelled #1 6 mass_cancel"]),
        (replace(1, 90, 1), ["cancelled #1 6 replaced"]),
        (
            sell(90, 1, 1, self_trade=SelfTrade.CANCEL_BOTH),
            ["accepted #3", "cancelled #1 6 self_trade", "cancelled #3 1 self_trade"],
        ),
        (
            sell(90, 1, 1, self_trade=SelfTrade.CANCEL_MAKER, time_in_force=IOC),
            [
                "accepted #3",
                "cancelled #1 6 self_trade",
                "cancelled #3 1 immediate_or_cancel",
            ],
        ),
    ],
)
def test_what_an_order_held_is_available_when_it_ends(
    exchange: Exchange, record: bytes, events: list[str]
) -> None:
    """One lot of it was bought before."""
    exchange.send(buy(90, 7, time_in_force=GTD, expire_ns=10), sell(90, 1, 2))
    assert exchange.has(1, USDT) == (9_370, 540)
    assert exchange.send(record) == events
    assert exchange.has(1, USDT) == (9_910, 0)
    assert exchange.has(1, BTC) == (101, 0)


def test_the_end_of_a_session_releases(exchange: Exchange) -> None:
    exchange.send(buy(90, 7, time_in_force=DAY), stop(SELL, 5, FALL, 50, time_in_force=DAY))
    assert exchange.has(1, BTC) == (95, 5)
    exchange.play((end_session(), "accepted", "expired #1 7", "expired #2 5"))
    assert exchange.has(1, USDT) == (10_000, 0)
    assert exchange.has(1, BTC) == (100, 0)


def test_a_due_order_holds_until_it_is_expired(open_exchange: ExchangeOpener) -> None:
    exchange = open_exchange(work_max=1)
    exchange.send(set_account(1))
    exchange.fund(1, USDT, 100)
    exchange.play(
        (buy(30, 1, time_in_force=GTD, expire_ns=10), "accepted #1"),
        (buy(40, 1, time_in_force=GTD, expire_ns=10), "accepted #2"),
        (buy(61, 1, time_ns=10), "expired #1 1", "rejected insufficient_balance 60"),
    )
    assert exchange.has(1, USDT) == (60, 40)
    exchange.play((buy(61, 1), "expired #2 1", "accepted #3"))


def test_a_fall_in_quantity_releases(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 7, display=3), "accepted #1"),
        (replace(1, 90, 5), "replaced #1 kept"),
    )
    assert exchange.has(1, USDT) == (9_550, 450)
    exchange.play((replace(1, 80, 5), "replaced #1"))
    assert exchange.has(1, USDT) == (9_600, 400)


def test_lots_that_are_prevented_are_released_on_both_sides(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 7), "accepted #1"),
        (
            sell(80, 3, 1, self_trade=SelfTrade.DECREMENT),
            "accepted #2",
            "prevented #1 3",
            "cancelled #2 0 self_trade",
        ),
    )
    assert exchange.has(1, USDT) == (9_640, 360)
    assert exchange.has(1, BTC) == (100, 0)


def test_a_taker_cancelled_by_its_own_group_gets_all_back(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 2, 2), "accepted #1"),
        (buy(89, 2, 1), "accepted #2"),
        (
            sell(80, 5, 1),
            "accepted #3",
            "traded #1 2@90 sells maker_filled",
            "cancelled #3 3 self_trade",
        ),
    )
    assert exchange.has(1, BTC) == (98, 0)
    assert exchange.has(1, USDT) == (10_000 + 180 - 178, 178)


def test_one_account_may_trade_with_itself_by_its_mode(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 5, 1), "accepted #1"),
        (
            sell(80, 2, 1, self_trade=SelfTrade.NONE),
            "accepted #2",
            "traded #1 2@90 sells taker_filled",
        ),
    )
    assert exchange.has(1, USDT) == (9_730, 270)
    assert exchange.has(1, BTC) == (100, 0)


def test_a_better_price_is_released_to_the_taker(exchange: Exchange) -> None:
    """It holds at its limit what rests, and pays the makers' prices."""
    exchange.play(
        (sell(80, 2), "accepted #1"),
        (sell(85, 2), "accepted #2"),
        (
            buy(90, 7),
            "accepted #3",
            "traded #1 2@80 maker_filled",
            "traded #2 2@85 maker_filled",
        ),
    )
    assert exchange.has(1, USDT) == (10_000 - 330 - 270, 270)
    assert exchange.has(1, BTC) == (104, 0)
    assert exchange.has(2, USDT) == (10_330, 0)
    assert exchange.has(2, BTC) == (96, 0)


def test_a_partial_fill_takes_from_the_hold(exchange: Exchange) -> None:
    exchange.play(
        (sell(100, 9, 2, display=2), "accepted #1"),
        (buy(100, 1), "accepted #2", "traded #1 1@100 taker_filled"),
    )
    assert exchange.has(2, BTC) == (91, 8)
    assert exchange.has(2, USDT) == (10_100, 0)


def test_a_stop_limit_holds_at_its_limit_through_all_its_life(exchange: Exchange) -> None:
    exchange.play((stop(BUY, 5, RISE, 100, price=110), "accepted #1"))
    assert exchange.has(1, USDT) == (9_450, 550)
    exchange.send(sell(100, 1, 2))
    exchange.play(
        (
            buy(100, 1, 3),
            "accepted #3",
            "traded #2 1@100 maker_filled taker_filled",
            "triggered #1 @100",
        ),
    )
    assert exchange.has(1, USDT) == (9_450, 550)
    exchange.play((sell(105, 2, 2), "accepted #4", "traded #1 2@110 sells taker_filled"))
    assert exchange.has(1, USDT) == (9_450, 330)


def test_a_stop_holds_in_the_queue_as_it_did_while_it_waited(open_exchange: ExchangeOpener) -> None:
    """The bound keeps it queued for a command; then it buys at 100 and gets back what is above."""
    exchange = open_exchange(work_max=1)
    for account in (1, 2, 3):
        exchange.send(set_account(account))
        exchange.fund(account, BTC, 100)
        exchange.fund(account, USDT, 10_000)
    exchange.send(update_instrument(1, market_band_ppm=100_000), sell(100, 9, 2))
    exchange.play(
        (buy(1, 1, 2, time_in_force=GTD, expire_ns=5), "accepted #2"),
        (stop(BUY, 4, RISE, 99), "accepted #3"),
    )
    assert exchange.has(1, USDT) == (10_000 - 4 * 108, 4 * 108)
    exchange.play(
        (
            buy(100, 1, 3, time_ns=5),
            "expired #2 1",
            "accepted #4",
            "traded #1 1@100 taker_filled",
            "triggered #3 @100",
        ),
    )
    assert exchange.has(1, USDT) == (10_000 - 4 * 108, 4 * 108)
    exchange.play((advance_time(5), "pass #3", "traded #1 4@100 taker_filled", "accepted"))
    assert exchange.has(1, USDT) == (9_600, 0)


def test_a_trailing_buy_keeps_its_hold_until_it_is_triggered(open_exchange: ExchangeOpener) -> None:
    """Its stop falls from 110 to 105, and then it holds 5 % above where it was met."""
    exchange = open_exchange(instrument(1, market_band_ppm=50_000), work_max=1)
    for account in (1, 2, 3):
        exchange.send(set_account(account))
        exchange.fund(account, BTC, 100)
        exchange.fund(account, USDT, 10_000)
    trade_at(exchange, 100)
    exchange.play((stop(BUY, 10, RISE, 10, stop_unit=TRAIL_TICKS), "accepted #3"))
    assert exchange.has(1, USDT) == (8_850, 1_150)
    trade_at(exchange, 95)
    assert exchange.has(1, USDT) == (8_850, 1_150)
    exchange.send(sell(105, 1, 2), buy(2, 1, 3, time_in_force=GTD, expire_ns=5))
    exchange.play(
        (
            buy(105, 1, 3, time_ns=5),
            "expired #7 1",
            "accepted #8",
            "traded #6 1@105 maker_filled taker_filled",
            "triggered #3 @105",
        ),
    )
    assert exchange.has(1, USDT) == (8_900, 1_100)
    exchange.play((advance_time(5), "cancelled #3 10 no_liquidity", "accepted"))
    assert exchange.has(1, USDT) == (10_000, 0)


def test_a_trailing_buy_never_pays_more_than_at_the_stop_of_its_entry(exchange: Exchange) -> None:
    """Its stop rises from 90 to 110, but the worst price stays at 94: 5 % above 90."""
    exchange.send(update_instrument(1, market_band_ppm=50_000))
    trade_at(exchange, 100)
    exchange.play((stop(BUY, 10, FALL, 10, stop_unit=TRAIL_TICKS), "accepted #3"))
    trade_at(exchange, 120)
    assert exchange.has(1, USDT) == (10_000 - 940, 940)
    exchange.send(sell(94, 3, 2), sell(95, 9, 2))
    exchange.play(
        (
            buy(94, 1, 3),
            "accepted #8",
            "traded #6 1@94 taker_filled",
            "triggered #3 @94",
            "pass #3",
            "traded #6 2@94 maker_filled",
            "cancelled #3 8 no_liquidity",
        ),
    )
    assert exchange.has(1, USDT) == (10_000 - 188, 0)


def test_a_replace_may_use_its_own_hold(exchange: Exchange) -> None:
    exchange.play(
        (buy(90, 100), "accepted #1"),
        (replace(1, 100, 100), "replaced #1"),
        (replace(1, 100, 101), "rejected insufficient_balance #1 10000"),
        (replace(1, 101, 100), "rejected insufficient_balance #1 10000"),
        (buy(1, 1), "rejected insufficient_balance"),
        (replace(1, 50, 200), "replaced #1"),
        (replace(1, 40, 200), "replaced #1"),
        (buy(2_001, 1), "rejected insufficient_balance 2000"),
        (buy(2_000, 1), "accepted #2"),
        (replace(1, 41, 200), "rejected insufficient_balance #1 8000"),
        (replace(2, 2_001, 1), "rejected insufficient_balance #2 2000"),
        (replace(1, 40, 199), "replaced #1 kept"),
        (replace(2, 2_001, 1), "replaced #2"),
    )
    assert exchange.has(1, USDT) == (39, 7_960 + 2_001)


def test_a_replace_of_what_is_partly_filled_needs_its_open_lots(exchange: Exchange) -> None:
    exchange.play(
        (sell(100, 100, 1), "accepted #1"),
        (buy(100, 60, 2), "accepted #2", "traded #1 60@100 taker_filled"),
        (replace(1, 100, 101, account=1), "rejected insufficient_balance #1 40"),
        (replace(1, 99, 100, account=1), "replaced #1"),
    )
    assert exchange.has(1, BTC) == (0, 40)


def test_a_replaced_stop_takes_its_band_anew(exchange: Exchange) -> None:
    exchange.play(
        (update_instrument(1, market_band_ppm=100_000), "accepted"),
        (stop(BUY, 50, RISE, 100), "accepted #1"),
        (update_instrument(1, market_band_ppm=1_000_000), "accepted"),
        (replace(1, 0, 50, stop=101), "rejected insufficient_balance #1 10000"),
        (replace(1, 0, 49, stop=100), "replaced #1 kept"),
    )
    assert exchange.has(1, USDT) == (10_000 - 49 * 110, 49 * 110)
    exchange.play((replace(1, 0, 49, stop=101), "replaced #1"))
    assert exchange.has(1, USDT) == (10_000 - 49 * 202, 49 * 202)


def test_a_replaced_order_that_trades_pays_the_makers_price(exchange: Exchange) -> None:
    exchange.play(
        (sell(95, 50, 2), "accepted #1"),
        (buy(90, 100, 1), "accepted #2"),
        (replace(2, 100, 100), "replaced #2", "traded #1 50@95 maker_filled"),
    )
    assert exchange.has(1, USDT) == (10_000 - 4_750 - 5_000, 5_000)


def test_what_never_rests_leaves_no_hold(exchange: Exchange) -> None:
    exchange.send(set_reference(100), sell(100, 3, 2))
    exchange.play(
        (
            buy(100, 5, time_in_force=IOC),
            "accepted #2",
            "traded #1 3@100 maker_filled",
            "cancelled #2 2 immediate_or_cancel",
        ),
        (buy(100, 5, time_in_force=FOK), "accepted #3", "cancelled #3 5 fill_or_kill"),
        (market(SELL, 5), "accepted #4", "cancelled #4 5 no_liquidity"),
        (amount(BUY, 500), "accepted #5", "cancelled #5 0 no_liquidity"),
        (
            new(SELL, 100, 5, 1, time_in_force=IOC),
            "accepted #6",
            "cancelled #6 5 immediate_or_cancel",
        ),
    )
    assert exchange.has(1, USDT) == (9_700, 0)
    assert exchange.has(1, BTC) == (103, 0)
