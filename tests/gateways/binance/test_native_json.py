"""What the core writes as JSON of orders and balances, beside what plain Python would write.

Goal: whoever reads an open order or a balance reads it to the letter as any other number of the
API. Method: Hypothesis makes rows of every type, status, stop and size of instruments with any
steps, and what the history has of them; `told_plainly` says in Decimals what is to come of it.
"""

from decimal import Context, Decimal
from typing import Any, Final

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry._native import OrderReports, balances_text
from outcry.errors import MalformedRecord
from outcry.exchange import OrderStatus
from outcry.gateways.binance.order_report import REPORTS, OrderReport
from outcry.gateways.binance.words import SELF_TRADE_WORDS, SIDE_WORDS, type_word
from outcry.gateways.figures import format_of
from outcry.protocol import (
    ASSET,
    BALANCE,
    INSTRUMENT,
    OPEN_ORDER,
    OrderType,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    Trigger,
)

EXACT: Final = Context(prec=100)
LOTS: Final = st.integers(0, 1 << 50)
TICKS: Final = st.integers(0, 1 << 50)
WORD_MAX: Final = (1 << 64) - 1
TIMES: Final = st.integers(0, WORD_MAX)
NAMES: Final = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=36)
OPEN: Final = [status for status in OrderStatus if status.is_open]
STOPS: Final = (OrderType.STOP, OrderType.STOP_LIMIT)
UNITS_NS: Final = st.sampled_from([1_000, 1_000_000])


class Kept(msgspec.Struct, frozen=True):
    """What is read of the history's row of an order."""

    order_id: int
    prevented_lots: int
    working_ns: int
    trigger: Trigger | None
    stop: int
    stop_unit: StopUnit


class Steps(msgspec.Struct, frozen=True):
    """What is said of an instrument's numbers."""

    symbol: str
    tick: tuple[int, int]
    lot: tuple[int, int]
    base_decimals: int
    quote_decimals: int

    def record(self) -> bytes:
        """Return the record that tells it."""
        made = np.zeros(1, INSTRUMENT)
        made["symbol"] = self.symbol
        made["tick_mantissa"], made["tick_decimals"] = self.tick
        made["lot_mantissa"], made["lot_decimals"] = self.lot
        made["base_decimals"], made["quote_decimals"] = self.base_decimals, self.quote_decimals
        return made.tobytes()

    def price(self, ticks: int) -> str:
        """Say a price; 0 stands for none."""
        return said(ticks * self.tick[0], self.tick[1], self.tick[1] if ticks else 0)

    def quantity(self, lots: int) -> str:
        """Say a quantity."""
        return said(lots * self.lot[0], self.lot[1], self.base_decimals)

    @property
    def value_unit(self) -> int:
        """One tick times one lot in the quote asset's smallest units."""
        unit: int = self.tick[0] * self.lot[0] * 10**self.quote_decimals
        power: int = 10 ** (self.tick[1] + self.lot[1])
        return unit // power

    def value(self, ticks_lots: int) -> str:
        """Say a value."""
        number = ticks_lots * self.tick[0] * self.lot[0]
        return said(number, self.tick[1] + self.lot[1], self.quote_decimals)


def said(number: int, decimals: int, places: int) -> str:
    """Say `number / 10^decimals` with the places of a unit of so many decimals."""
    return format(Decimal(number).scaleb(-decimals, EXACT), format_of(places))


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    """Make steps that are whole in smallest units, as the rules have it."""
    (tick, tick_decimals), (lot, lot_decimals) = (
        (draw(st.integers(1, 999)), draw(st.integers(0, 9))) for _ in range(2)
    )
    base_decimals = draw(st.integers(lot_decimals, 18))
    quote_decimals = draw(st.integers(tick_decimals + lot_decimals, 24))
    # A step may be written with zeros at its end.
    more = draw(st.integers(0, 9))
    tick, tick_decimals = tick * 10**more, tick_decimals + more
    lot, lot_decimals = lot * 10**more, lot_decimals + more
    symbol = draw(NAMES.map(lambda name: name[:24]).filter(bool))
    return Steps(symbol, (tick, tick_decimals), (lot, lot_decimals), base_decimals, quote_decimals)


@st.composite
def orders(draw: st.DrawFn, order_id: int, instrument: int, steps: Steps) -> dict[str, Any]:
    """Make a row of an open order; no order is worth more than 2^100 smallest units."""
    traded_value = draw(st.integers(0, (1 << 100) // steps.value_unit))
    stop_unit = draw(st.sampled_from(StopUnit))
    return {
        "order_id": order_id,
        "price_ticks": draw(TICKS),
        "stop_ticks": draw(TICKS),
        "open_lots": draw(LOTS),
        "done_lots": draw(st.just(0) | LOTS),
        "instrument": instrument,
        "account": 7,
        "side": draw(st.sampled_from(Side)),
        "order_type": draw(st.sampled_from(OrderType)),
        "time_in_force": draw(st.sampled_from(TimeInForce)),
        "status": draw(st.sampled_from(OPEN)),
        "self_trade": draw(st.sampled_from(SelfTrade)),
        "post_only": draw(st.booleans()),
        "trigger": draw(st.sampled_from([0, *Trigger])),
        "stop_unit": stop_unit,
        "client_order_id": draw(NAMES),
        "display_lots": draw(st.just(0) | LOTS),
        "distance": 0 if stop_unit is StopUnit.PRICE else draw(st.integers(0, 999_999)),
        "list_id": draw(st.just(0) | TIMES),
        "entered_ns": draw(TIMES),
        "changed_ns": draw(TIMES),
        "traded_value_low": traded_value & WORD_MAX,
        "traded_value_high": traded_value >> 64,
    }


@st.composite
def kept_of(draw: st.DrawFn, order: dict[str, Any]) -> Kept | None:
    """Make what the history has of an order; it can know nothing of it."""
    if not is_unclear(order) or draw(st.integers(0, 9)) == 0:
        return None
    return Kept(
        order["order_id"],
        draw(st.just(0) | st.integers(0, order["done_lots"])),
        draw(TIMES),
        draw(st.sampled_from([None, *Trigger])),
        draw(st.integers(1, 999_999)),
        draw(st.sampled_from(StopUnit)),
    )


def is_dormant(order: dict[str, Any]) -> bool:
    return order["status"] in (OrderStatus.WAITING, OrderStatus.PENDING)


def was_met(order: dict[str, Any]) -> bool:
    return order["order_type"] in STOPS and not is_dormant(order)


def is_unclear(order: dict[str, Any]) -> bool:
    return order["done_lots"] > 0 or was_met(order)


def told_plainly(order: dict[str, Any], steps: Steps, kept: Kept | None, unit: int) -> OrderReport:
    """Return what is to be told of an order."""
    trigger = order["trigger"]
    stop_unit, stop, ppm = order["stop_unit"], order["stop_ticks"], order["distance"]
    working_ns, prevented = order["entered_ns"], 0
    if kept is not None:
        prevented = kept.prevented_lots
        if was_met(order):
            working_ns, trigger, stop_unit = kept.working_ns, kept.trigger, kept.stop_unit
            stop, ppm = kept.stop if stop_unit is StopUnit.PRICE else 0, kept.stop
    trails = stop_unit is StopUnit.TRAIL_PPM
    executed = order["done_lots"] - prevented
    is_pending = order["status"] is OrderStatus.PENDING
    working_time = -1 if is_dormant(order) else working_ns // unit
    kind, side = order["order_type"], order["side"]
    has_time = kind not in (OrderType.MARKET, OrderType.STOP)
    traded = order["traded_value_low"] | order["traded_value_high"] << 64
    zero, since = said(0, 0, 0), order["entered_ns"] // unit
    met_from = Trigger(trigger) if trigger else None
    return OrderReport(
        symbol=steps.symbol,
        order_id=order["order_id"],
        order_list_id=order["list_id"] or -1,
        client_order_id=order["client_order_id"],
        price=steps.price(order["price_ticks"]),
        orig_qty=steps.quantity(order["open_lots"] + order["done_lots"]),
        executed_qty=steps.quantity(executed),
        cummulative_quote_qty=steps.value(traded),
        status="PENDING_NEW" if is_pending else "PARTIALLY_FILLED" if executed else "NEW",
        time_in_force=str(order["time_in_force"]).upper() if has_time else "GTC",
        type=type_word(kind, side, met_from, post_only=order["post_only"]),
        side=SIDE_WORDS[side],
        stop_price=zero if trails else steps.price(stop),
        iceberg_qty=steps.quantity(order["display_lots"]) if order["display_lots"] else zero,
        trailing_delta=ppm // 100 if trails else msgspec.UNSET,
        trailing_time=(-1 if is_pending else since) if trails else msgspec.UNSET,
        time=since,
        update_time=order["changed_ns"] // unit,
        is_working=working_time > 0,
        working_time=working_time,
        orig_quote_order_qty=zero,
        self_trade_prevention_mode=SELF_TRADE_WORDS[order["self_trade"]],
        prevented_quantity=steps.quantity(prevented) if prevented else msgspec.UNSET,
    )


def rows_of_orders(orders: list[dict[str, Any]]) -> bytes:
    """Return orders as the core's rows."""
    rows = np.zeros(len(orders), OPEN_ORDER)
    for row, order in zip(rows, orders, strict=True):
        for name, value in order.items():
            row[name] = value
    return rows.tobytes()


@given(st.data(), UNITS_NS)
def test_open_orders_are_told_as_plain_python_would(data: st.DataObject, unit_ns: int) -> None:
    venue = data.draw(st.lists(steps(), min_size=1, max_size=3))
    numbers = data.draw(st.lists(st.integers(0, len(venue) - 1), max_size=6))
    made = [
        data.draw(orders(place, number, venue[number])) for place, number in enumerate(numbers, 1)
    ]
    kept = [data.draw(kept_of(order)) for order in made]
    rows = rows_of_orders(made)
    assert OrderReports.unclear(rows) == [each["order_id"] for each in made if is_unclear(each)]
    known = [each for each in kept if each is not None]
    text = REPORTS.text(rows, lambda number: (venue[number].record(), 0, 0), known, unit_ns)
    plain = [
        told_plainly(order, venue[number], each, unit_ns)
        for order, number, each in zip(made, numbers, kept, strict=True)
    ]
    assert text == msgspec.json.encode(plain)


@pytest.mark.parametrize(
    ("rows", "definition"),
    [(b"\1" * (OPEN_ORDER.itemsize - 8), b""), (rows_of_orders([{}]), b"\0" * 8)],
)
def test_bytes_that_are_no_rows_are_refused(rows: bytes, definition: bytes) -> None:
    with pytest.raises(MalformedRecord):
        REPORTS.text(rows, lambda _: (definition, 0, 0), [], 1)


def test_an_order_of_a_kind_without_a_word_is_refused() -> None:
    steps = Steps("X", (1, 0), (1, 0), 0, 0)
    with pytest.raises(KeyError, match="no word"):
        REPORTS.text(rows_of_orders([{"side": 9}]), lambda _: (steps.record(), 0, 0), [], 1)


AMOUNTS: Final = st.just(0) | st.integers(-(1 << 126), 1 << 126)


@given(
    st.lists(st.tuples(NAMES.map(lambda name: name[:16]), st.integers(0, 24)), max_size=6),
    st.dictionaries(st.integers(1, 8), st.tuples(AMOUNTS, AMOUNTS), max_size=8),
    st.booleans(),
)
def test_balances_are_told_as_plain_python_would(
    assets: list[tuple[str, int]], amounts: dict[int, tuple[int, int]], leaves_out: bool
) -> None:
    records = np.zeros(len(assets), ASSET)
    for number, (name, decimals) in enumerate(assets, 1):
        row = records[number - 1]
        row["asset"], row["name"], row["decimals"] = number, name, decimals
    rows = np.zeros(len(amounts), BALANCE)
    for row, (number, units) in zip(rows, amounts.items(), strict=True):
        row["asset"] = number
        for name, amount in zip(("available", "held"), units, strict=True):
            row[f"{name}_low"], row[f"{name}_high"] = amount & WORD_MAX, amount >> 64
    plain = []
    for number, (name, decimals) in enumerate(assets, 1):
        if number in amounts:
            free, locked = (said(amount, decimals, decimals) for amount in amounts[number])
        elif leaves_out:
            continue
        else:
            free = locked = said(0, 0, 0)
        plain.append({"asset": name, "free": free, "locked": locked})
    text = balances_text(rows.tobytes(), records.tobytes(), leaves_out)
    assert text == msgspec.json.encode(plain)
