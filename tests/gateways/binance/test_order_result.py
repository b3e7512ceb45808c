"""Goal: the result of every new order is told by the core as the naive teller tells it.

Method: random instruments, orders of each type and outcomes; the bytes of both are compared, so
the fields' order is as well. Ends after Hypothesis' examples.
"""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import Engine
from outcry._native import SpotInstrument
from outcry.exchange import Fill, Instrument, OrderStatus, Placement
from outcry.protocol import CancelReason
from tests.gateways.binance.naive_result import naive_result

NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=16)
COUNTS = st.integers(1, 10**9)
MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT")


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """Draw an instrument whose numbers are exact."""
    tick_decimals, lot_decimals = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    base, quote = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    return Engine().add_instrument(
        draw(NAMES),
        base=base,
        quote=quote,
        tick=Decimal(draw(st.sampled_from((1, 2, 5, 25)))).scaleb(-tick_decimals),
        lot=Decimal(draw(st.sampled_from((1, 3, 10)))).scaleb(-lot_decimals),
        base_decimals=draw(st.integers(lot_decimals, lot_decimals + 6)),
        quote_decimals=draw(
            st.integers(tick_decimals + lot_decimals, tick_decimals + lot_decimals + 4)
        ),
    )


@st.composite
def orders(draw: st.DrawFn, instrument: Instrument) -> dict[str, str]:
    """Draw what an order says."""
    kind = draw(
        st.sampled_from(
            ("LIMIT", "LIMIT_MAKER", "MARKET", "AMOUNT", "STOP_LOSS", "TAKE_PROFIT_LIMIT")
        )
    )
    said = {"side": draw(st.sampled_from(("BUY", "SELL"))), "type": kind}
    price, quantity = (
        f"{instrument.price(draw(COUNTS)):f}",
        f"{instrument.quantity(draw(COUNTS)):f}",
    )
    if kind == "AMOUNT":
        said |= {"type": "MARKET", "quoteOrderQty": f"{instrument.value(draw(COUNTS)):f}"}
    else:
        said["quantity"] = quantity
    if kind in ("LIMIT", "LIMIT_MAKER", "TAKE_PROFIT_LIMIT"):
        said["price"] = price
        if draw(st.booleans()):
            said["icebergQty"] = quantity
    if kind in ("LIMIT", "TAKE_PROFIT_LIMIT"):
        lives = "GTC" if "icebergQty" in said else draw(st.sampled_from(("GTC", "IOC", "FOK")))
        said["timeInForce"] = lives
    if kind in ("STOP_LOSS", "TAKE_PROFIT_LIMIT"):
        trails = draw(st.booleans())
        said |= (
            {"trailingDelta": str(draw(st.integers(1, 2_000)))} if trails else {"stopPrice": price}
        )
    optional = {
        "newOrderRespType": st.sampled_from(("ACK", "RESULT", "FULL")),
        "selfTradePreventionMode": st.sampled_from(MODES),
        "strategyId": st.integers(0, 2**63 - 1).map(str),
        "strategyType": st.integers(1_000_000, 2**31 - 1).map(lambda number: f"00{number}"),
        "newClientOrderId": st.just("mine"),
    }
    for name, values in optional.items():
        if draw(st.booleans()):
            said[name] = draw(values)
    return said


@st.composite
def placements(draw: st.DrawFn, instrument: Instrument, most: int) -> Placement:
    """Draw what became of an order of so many lots; 0 lots for one by amount."""
    left, fills = most or 10**9, []
    for place in range(draw(st.integers(0, 4))):
        lots = draw(st.integers(0, left))
        left -= lots
        if lots:
            price = instrument.price(draw(COUNTS))
            fills.append(Fill(place + 7, price, instrument.quantity(lots), 1, 2))
    open_lots = draw(st.integers(0, left)) if most else 0
    return Placement(
        draw(st.integers(1, 2**64 - 1)),
        draw(st.sampled_from(list(OrderStatus))),
        instrument.quantity(open_lots) if open_lots else Decimal(0),
        tuple(fills),
        draw(st.none() | st.sampled_from(list(CancelReason))),
        1,
        draw(st.integers(0, 2**63)),
    )


@given(st.data())
def test_results_are_those_of_the_naive_teller(data: st.DataObject) -> None:
    instrument = data.draw(instruments())
    said = data.draw(orders(instrument))
    order = SpotInstrument(instrument).read_order(said, "made")
    lots = instrument.lots(said["quantity"]) if "quantity" in said else 0
    placement = data.draw(placements(instrument, lots))
    list_id = data.draw(st.just(-1) | st.integers(1, 2**63 - 1))
    rate_ppm = data.draw(st.integers(-1_000_000, 1_000_000))
    unit_ns = data.draw(st.sampled_from((1_000, 1_000_000)))
    naive = naive_result(
        instrument,
        said,
        order.client_order_id,
        placement,
        list_id=list_id,
        rate_ppm=rate_ppm,
        unit_ns=unit_ns,
    )
    told = order.result_of(placement, list_id, rate_ppm, unit_ns)
    assert told == msgspec.json.encode(naive)


@pytest.mark.parametrize("member", ["status", "cancel_reason", "fills"])
def test_a_placement_that_is_none_is_refused(member: str) -> None:
    instrument = Engine().add_instrument("A", base="B", quote="C", tick="1", lot="1")
    order = SpotInstrument(instrument).read_order(
        {"side": "BUY", "type": "MARKET", "quantity": "1"}, "made"
    )
    placement = Placement(1, OrderStatus.FILLED, Decimal(0), (), None, 1, 1)
    wrong: Any = {"status": 99, "cancel_reason": "no", "fills": 5}
    with pytest.raises((TypeError, ValueError)):
        order.result_of(placement._replace(**{member: wrong[member]}), -1, 0, 1)
