"""Words: each word of the API means one thing of the engine, and the way back finds it.

Goal: what is promised and told in Python's words is what the core reads. Method: an order in each
word is read by the core, and what it means to the engine is told again.
"""

from typing import Any

import pytest

from outcry import Engine
from outcry._native import SpotInstrument
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


def read_by_core(said: dict[str, str]) -> dict[str, Any]:
    """Return what an order means to the engine."""
    instrument = Engine().add_instrument("A", base="B", quote="C", tick="1", lot="1")
    return SpotInstrument(instrument).read_order({"quantity": "1"} | said, "made").arguments()


@pytest.mark.parametrize("side", words.SIDES)
@pytest.mark.parametrize("word", words.ORDER_TYPES)
def test_the_core_reads_types_and_sides_as_they_are_told(word: str, side: str) -> None:
    said = {"type": word, "side": side}
    if "LIMIT" in word:
        said["price"] = "1"
    if word.endswith("LIMIT"):
        said["timeInForce"] = "GTC"
    if word.startswith(("STOP_LOSS", "TAKE_PROFIT")):
        said["stopPrice"] = "1"
    meant = read_by_core(said)
    assert meant["side"] == str(words.SIDES[side])
    order_types = {str(each): each for each in OrderType}
    triggers = {str(each): each for each in Trigger}
    back = words.type_word(
        order_types[meant["type"]],
        words.SIDES[side],
        triggers.get(meant["trigger"]),
        post_only=meant["post_only"],
    )
    assert back == word


@pytest.mark.parametrize("word", words.SELF_TRADES)
def test_the_core_reads_self_trade_modes_as_they_are_told(word: str) -> None:
    said = {"type": "MARKET", "side": "BUY"}
    meant = read_by_core(said | {"selfTradePreventionMode": word})
    assert meant["self_trade"] == str(words.SELF_TRADES[word])
    usual = words.SELF_TRADES[words.SELF_TRADE_USUAL]
    assert read_by_core(said)["self_trade"] == str(usual)


def test_the_core_takes_trailing_deltas_as_great_as_is_told() -> None:
    said = {"type": "STOP_LOSS", "side": "BUY"}
    greatest = words.TRAILING_BIPS_MAX
    meant = read_by_core(said | {"trailingDelta": str(greatest)})
    assert meant["trail_ppm"] == greatest * words.PPM_PER_BIP
    with pytest.raises(ValueError, match="TRAILING_DELTA"):
        read_by_core(said | {"trailingDelta": str(greatest + 1)})


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
