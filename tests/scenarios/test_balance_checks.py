"""What a new order asks of its account's balance, and that it asks last.

Method: an account that can pay exactly so much, and orders that need it and one unit more; books
with every kind of order in the way of a walk.
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
    amount,
    buy,
    instrument,
    market,
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

POOR = 4
GROUP = 5


def refused(bound: int = 0) -> str:
    """Return the refusal of what the account cannot pay."""
    return f"rejected insufficient_balance {bound}" if bound else "rejected insufficient_balance"


def buys(price: int, lots: int) -> str:
    """Return the refusal that a poor account gets, who cannot pay so much."""
    return refused(price * lots - 1)


@pytest.fixture
def poor(exchange: Exchange) -> Exchange:
    """Return the exchange with accounts 4 and 5 of one group, of which 4 has nothing yet."""
    exchange.send(set_account(POOR, GROUP), set_account(GROUP))
    exchange.fund(GROUP, BTC, 100)
    exchange.fund(GROUP, USDT, 100_000)
    return exchange


@pytest.mark.parametrize(
    ("record", "required"),
    [
        (buy(90, 7, POOR), 630),
        (buy(90, 7, POOR, post_only=True), 630),
        (buy(90, 7, POOR, time_in_force=IOC), 630),
        (buy(90, 7, POOR, time_in_force=FOK), 630),
        # What trades at once at a better price is asked for its limit as well.
        (buy(120, 2, POOR), 240),
        (stop(BUY, 7, RISE, 150, POOR, price=120), 840),
        (stop(BUY, 7, RISE, 150, POOR), 7 * 165),
        (stop(BUY, 7, FALL, 10, POOR, stop_unit=TRAIL_TICKS), 7 * 100),
        # By quantity: 2 at 100 and 3 at 105 are there below the worst price, 110.
        (market(BUY, 1, POOR), 100),
        (market(BUY, 2, POOR), 200),
        (market(BUY, 3, POOR), 305),
        (market(BUY, 9, POOR), 515),
        (market(BUY, 9, POOR, time_in_force=FOK), 515),
        (market(BUY, 9, POOR, price=104), 200),
        (amount(BUY, 7, POOR), 7),
        (amount(BUY, 9_999, POOR), 9_999),
    ],
)
def test_what_a_buyer_must_have(poor: Exchange, record: bytes, required: int) -> None:
    poor.send(sell(101, 1, 2), buy(101, 1, 3), set_reference(100))
    poor.send(update_instrument(1, market_band_ppm=100_000))
    poor.send(sell(100, 2, 2), sell(105, 3, 2), sell(111, 3, 2))
    poor.fund(POOR, USDT, required - 1)
    poor.play((record, refused(required - 1)))
    poor.fund(POOR, USDT, 1)
    assert poor.send(record)[0] == "accepted #6"


@pytest.mark.parametrize(
    ("record", "required"),
    [
        (sell(110, 7, POOR), 7),
        (sell(80, 7, POOR), 7),
        (sell(80, 7, POOR, time_in_force=FOK), 7),
        (stop(SELL, 7, FALL, 80, POOR), 7),
        (stop(SELL, 7, FALL, 80, POOR, price=70), 7),
        # By quantity all lots, though 5 would trade.
        (market(SELL, 7, POOR), 7),
        (market(SELL, 7, POOR, time_in_force=FOK), 7),
        # By amount whole lots: 2 at 100, then 3 at 95, none at 89: the worst price is 90.
        (amount(SELL, 100, POOR), 1),
        (amount(SELL, 199, POOR), 1),
        (amount(SELL, 294, POOR), 2),
        (amount(SELL, 295, POOR), 3),
        (amount(SELL, 9_999, POOR), 5),
    ],
)
def test_what_a_seller_must_have(poor: Exchange, record: bytes, required: int) -> None:
    poor.send(set_reference(100), update_instrument(1, market_band_ppm=100_000))
    poor.send(buy(100, 2, 2), buy(95, 3, 2), buy(89, 3, 2))
    if required > 1:
        poor.fund(POOR, BTC, required - 1)
    poor.play((record, refused(required - 1)))
    poor.fund(POOR, BTC, 1)
    assert poor.send(record)[0] == "accepted #4"


@pytest.mark.parametrize(
    "record",
    [
        market(BUY, 5, POOR),
        market(BUY, 5, POOR, time_in_force=FOK),
        amount(SELL, 50, POOR),
        amount(SELL, 99, POOR, self_trade=SelfTrade.CANCEL_MAKER),
    ],
)
def test_what_finds_nothing_needs_nothing(poor: Exchange, record: bytes) -> None:
    poor.send(set_reference(100), buy(100, 2, 2))
    assert poor.send(record)[0] == "accepted #2"


@pytest.mark.parametrize(
    ("mode", "required"),
    [
        # The account's group has 1 lot at 100 and 4 at 104 of what is there.
        (SelfTrade.NONE, 100 + 2 * 102 + 4 * 104),
        (SelfTrade.CANCEL_TAKER, 0),
        (SelfTrade.CANCEL_BOTH, 0),
        (SelfTrade.DECREMENT, 0),
        (SelfTrade.CANCEL_MAKER, 2 * 102 + 5 * 105),
    ],
)
def test_a_walk_treats_its_own_group_by_the_mode(poor: Exchange, mode: int, required: int) -> None:
    poor.send(sell(100, 1, GROUP), sell(102, 2, 2), sell(104, 4, GROUP), sell(105, 9, 2))
    record = market(BUY, 7, POOR, self_trade=mode)
    poor.send(set_reference(100))
    if required:
        poor.fund(POOR, USDT, required - 1)
        poor.play((record, refused(required - 1)))
        poor.fund(POOR, USDT, 1)
    assert poor.send(record)[0] == "accepted #5"
    assert poor.has(POOR, USDT) == (0, 0)


def test_a_walk_ends_at_its_group_where_it_stands_behind_others(poor: Exchange) -> None:
    poor.send(sell(100, 1, 2), sell(100, 1, GROUP), sell(100, 5, 2), set_reference(100))
    poor.fund(POOR, USDT, 100)
    poor.play(
        (
            market(BUY, 7, POOR),
            "accepted #4",
            "traded #1 1@100 maker_filled",
            "cancelled #4 6 self_trade",
        ),
    )


def test_a_walk_takes_icebergs_slice_by_slice(poor: Exchange) -> None:
    """Two lots of the iceberg, the lot behind it, then what it shows next."""
    poor.send(sell(100, 6, 2, display=2), sell(100, 1, GROUP), set_reference(100))
    poor.fund(POOR, USDT, 199)
    poor.play(
        (market(BUY, 4, POOR), refused(199)),
        (
            market(BUY, 4, POOR, self_trade=SelfTrade.CANCEL_MAKER),
            refused(199),
        ),
    )
    poor.fund(POOR, USDT, 1)
    poor.play(
        (market(BUY, 4, POOR, self_trade=SelfTrade.CANCEL_MAKER), refused(200)),
        (
            market(BUY, 4, POOR),
            "accepted #3",
            "traded #1 2@100",
            "slice_shown #1 2",
            "cancelled #3 2 self_trade",
        ),
    )


def test_a_walk_skips_due_orders(open_exchange: ExchangeOpener) -> None:
    """One unit of work expires the first that is due; the second is met by the match itself."""
    exchange = open_exchange(work_max=1)
    for account in (1, 2):
        exchange.send(set_account(account))
    exchange.fund(2, BTC, 100)
    exchange.fund(1, USDT, 102)
    exchange.send(
        set_reference(100),
        sell(300, 1, 2, time_in_force=GTD, expire_ns=5),
        sell(101, 1, 2, time_in_force=GTD, expire_ns=5),
        sell(102, 1, 2),
    )
    exchange.play(
        (
            market(BUY, 1, 1, time_ns=5),
            "expired #1 1",
            "accepted #4",
            "expired #2 1",
            "traded #3 1@102 maker_filled taker_filled",
        ),
    )
    assert exchange.has(1, USDT) == (0, 0)
    assert exchange.has(2, BTC) == (99, 0)


def test_an_amount_sell_needs_no_lot_past_a_level_that_it_does_not_cover(poor: Exchange) -> None:
    """Its own group's order at 100 ends it there, though it would be skipped with more left."""
    poor.send(set_reference(100), buy(100, 1, 2), buy(100, 3, GROUP), buy(50, 9, 2))
    poor.fund(POOR, BTC, 1)
    skips = SelfTrade.CANCEL_MAKER
    poor.play(
        (amount(SELL, 250, POOR, self_trade=skips), refused(1)),
        (
            amount(SELL, 199, POOR, self_trade=skips),
            "accepted #4",
            "traded #1 1@100 sells maker_filled",
            "cancelled #4 0 amount_remainder",
        ),
    )


def test_the_refused_keep_nothing_and_the_bound_is_what_is_available(poor: Exchange) -> None:
    poor.fund(POOR, USDT, 100)
    poor.play(
        (buy(50, 1, POOR), "accepted #1"),
        (buy(51, 1, POOR), refused(50)),
        (buy(10**6, 10**6, POOR), refused(50)),
        (sell(1, 1, POOR), refused()),
        (buy(50, 1, POOR), "accepted #2"),
    )


def test_a_bound_that_takes_more_than_a_word(open_exchange: ExchangeOpener) -> None:
    terms = instrument(1, price_max=1 << 62, lots_max=1 << 38)
    exchange = open_exchange(terms, set_account(1))
    exchange.fund(1, USDT, 2**64)
    exchange.play(
        (buy(1 << 62, 5), f"rejected insufficient_balance {2**64 - 1}"),
        (buy(1 << 62, 4), "accepted #1"),
        (replace(1, 1 << 62, 5), f"rejected insufficient_balance #1 {2**64 - 1}"),
    )


def test_the_balance_is_asked_last(open_exchange: ExchangeOpener) -> None:
    """Behind the client order id, the reference, the filters and what an order would do."""
    exchange = open_exchange(
        instrument(1, price_max=1_000, account_orders_max=3),
        set_account(1),
        set_account(2),
    )
    exchange.fund(1, USDT, 5)
    exchange.fund(2, BTC, 9)
    exchange.play(
        (buy(5, 1, client_id="a"), "accepted #1"),
        (buy(90, 1, client_id="a"), "rejected duplicate_client_order_id"),
        (market(BUY, 1), "rejected no_reference"),
        (buy(2_000, 1), "rejected price_above_maximum 1000"),
        (sell(50, 2, 2), "accepted #2"),
        (buy(50, 1, post_only=True), "rejected would_take"),
        (market(BUY, 1), refused()),
        (stop(BUY, 1, RISE, 60), refused()),
        (sell(60, 1, 2), "accepted #3"),
        (sell(61, 1, 2), "accepted #4"),
        (sell(62, 100, 2), "rejected too_many_account_orders 3"),
        (replace(2, 50, 8, account=2), "rejected insufficient_balance #2 7"),
        (replace(2, 2_000, 8, account=2), "rejected price_above_maximum #2 1000"),
        (replace(1, 6, 1), "rejected insufficient_balance #1 5"),
        (replace(1, 5, 5, instrument=9), "rejected unknown_instrument #1"),
    )


def test_a_triggered_stop_is_asked_nothing_again(exchange: Exchange) -> None:
    """All else of its account is spent; its hold pays for it."""
    exchange.send(update_instrument(1, market_band_ppm=10_000))
    exchange.play(
        (stop(BUY, 50, RISE, 100), "accepted #1"),
        (buy(1, 4_950), "accepted #2"),
        (buy(1, 1), refused()),
        (sell(100, 99, 2), "accepted #3"),
        (
            buy(100, 1, 3),
            "accepted #4",
            "traded #3 1@100 taker_filled",
            "triggered #1 @100",
            "pass #1",
            "traded #3 50@100 taker_filled",
        ),
    )
    assert exchange.has(1, USDT) == (50, 4_950)
    assert exchange.has(1, BTC) == (150, 0)


def test_a_would_be_trigger_comes_before_the_balance(exchange: Exchange) -> None:
    exchange.send(sell(100, 1, 2), buy(100, 1, 3))
    exchange.play(
        (stop(BUY, 10_000, RISE, 100), "rejected would_trigger"),
        (new(BUY, 100, 101, 1), refused(10_000)),
    )
