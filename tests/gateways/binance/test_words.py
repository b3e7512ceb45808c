"""Words: each word of the API means one thing of the engine, and the way back finds it."""

import pytest

from outcry.exchange import OrderStatus
from outcry.gateways.binance import words
from outcry.protocol import CancelReason, OrderType, SelfTrade, Side, Trigger

# A stop loss sells what falls and buys what rises; a take profit the other way round.
TRIGGERS = {
    ("STOP_LOSS", "BUY"): Trigger.RISE,
    ("STOP_LOSS", "SELL"): Trigger.FALL,
    ("TAKE_PROFIT", "BUY"): Trigger.FALL,
    ("TAKE_PROFIT", "SELL"): Trigger.RISE,
}


@pytest.mark.parametrize(("word", "side"), TRIGGERS)
def test_stops_are_met_from_their_side(word: str, side: str) -> None:
    expected = TRIGGERS[word, side]
    for ending, order_type in (("", OrderType.STOP), ("_LIMIT", OrderType.STOP_LIMIT)):
        back = words.type_word(order_type, words.SIDES[side], expected, post_only=False)
        assert back == word + ending


def test_types_without_a_stop_have_words() -> None:
    told = {
        words.type_word(order_type, Side.BUY, None, post_only=post_only)
        for order_type in (OrderType.LIMIT, OrderType.MARKET)
        for post_only in (False, True)
    }
    assert told == {"LIMIT", "LIMIT_MAKER", "MARKET"}
    assert told < set(words.ORDER_TYPES)


def test_every_self_trade_mode_has_a_word() -> None:
    assert set(words.SELF_TRADE_WORDS) == set(SelfTrade)
    assert words.SELF_TRADES[words.SELF_TRADE_USUAL] is SelfTrade.CANCEL_MAKER


@pytest.mark.parametrize("reason", [None, *CancelReason])
@pytest.mark.parametrize("has_traded", [False, True])
def test_every_end_has_a_status_of_the_api(reason: CancelReason | None, has_traded: bool) -> None:
    known = {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"}
    assert words.end_word(reason, has_traded=has_traded) in known


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (CancelReason.REQUESTED, "CANCELED"),
        (CancelReason.MASS_CANCEL, "CANCELED"),
        (CancelReason.LIST_ENDED, "CANCELED"),
        (CancelReason.SIBLING, "EXPIRED"),
        (CancelReason.SELF_TRADE, "EXPIRED_IN_MATCH"),
        (CancelReason.REFUSED, "REJECTED"),
        (CancelReason.IMMEDIATE_OR_CANCEL, "EXPIRED"),
        (CancelReason.FILL_OR_KILL, "EXPIRED"),
        (CancelReason.NO_LIQUIDITY, "EXPIRED"),
    ],
)
def test_ends_are_told_as_the_venue_tells_them(reason: CancelReason, word: str) -> None:
    assert words.end_word(reason, has_traded=False) == word


def test_orders_that_live_are_new_or_partially_filled() -> None:
    for status in OrderStatus:
        if status.is_open and status is not OrderStatus.PENDING:
            assert words.status_word(status, None, has_traded=False) == "NEW"
            assert words.status_word(status, None, has_traded=True) == "PARTIALLY_FILLED"
    assert words.status_word(OrderStatus.PENDING, None, has_traded=False) == "PENDING_NEW"
    assert words.status_word(OrderStatus.FILLED, None, has_traded=True) == "FILLED"
