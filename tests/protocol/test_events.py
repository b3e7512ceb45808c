"""Goal: events read in Python say what happened, each in its sequence and place.

Method: small stories are played on an engine and their events written out in full; the reader is
given bytes that are no events.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import outcry
from outcry import EVENT, PLACED_EVENT, Engine, EventKind, MalformedRecord, Side
from outcry.protocol.events import _READERS, _Row


def engine_with_book() -> Engine:
    engine = Engine(check_invariants=True)
    engine.add_instrument("X", base="A", quote="B", tick="1", lot="1")
    return engine


def test_trades_carry_sequence_taker_and_id() -> None:
    engine = engine_with_book()
    orders = outcry.limit_orders(
        instrument=1,
        account=[1, 2, 3],
        side=[Side.SELL, Side.SELL, Side.BUY],
        price_ticks=[100, 101, 101],
        quantity_lots=[5, 5, 7],
    )
    events = list(outcry.read_events(engine.apply(orders)))
    assert events[2:] == [
        outcry.Accepted(sequence=4, instrument=1, place=0, order_id=3, more=False),
        outcry.Traded(
            sequence=4,
            instrument=1,
            taker_order_id=3,
            aggressor=Side.BUY,
            place=1,
            trade_id=1,
            maker_order_id=1,
            price_ticks=100,
            quantity_lots=5,
            maker_filled=True,
            taker_filled=False,
        ),
        outcry.Traded(
            sequence=4,
            instrument=1,
            taker_order_id=3,
            aggressor=Side.BUY,
            place=2,
            trade_id=2,
            maker_order_id=2,
            price_ticks=101,
            quantity_lots=2,
            maker_filled=False,
            taker_filled=True,
        ),
    ]


def test_a_triggered_stop_is_the_taker_of_its_own_trades() -> None:
    engine = engine_with_book()
    engine.place("X", side="sell", price="100", quantity="1", account=1)
    engine.place("X", side="sell", price="102", quantity="9", account=1)
    stop = engine.place(
        "X", side="buy", type="stop", stop="100", trigger="rise", quantity="4", account=2
    )
    assert str(stop.status) == "waiting"
    engine.place("X", side="buy", price="100", quantity="1", account=3)
    trades = [event for event in engine.last_events() if isinstance(event, outcry.Traded)]
    assert [(trade.taker_order_id, trade.trade_id) for trade in trades] == [(4, 1), (3, 2)]
    assert [event.place for event in engine.last_events()] == [0, 1, 2, 3]


def test_each_kind_is_an_object_of_its_own() -> None:
    engine = engine_with_book()
    place = engine.place
    place("X", side="sell", price="100", quantity="6", display="2", account=1)
    place("X", side="buy", price="100", quantity="3", account=2)
    place("X", side="buy", price="100", quantity="1", account=1, self_trade="decrement")
    kinds = [type(event) for event in engine.last_events()]
    assert kinds == [outcry.Accepted, outcry.Prevented, outcry.SliceShown, outcry.Cancelled]
    engine.replace("X", 1, price="100", quantity="5", account=1)
    assert engine.last_events() == (
        outcry.Replaced(sequence=5, place=0, instrument=1, order_id=1, kept_priority=True),
    )
    engine.set_state("X", "halted")
    assert isinstance(engine.last_events()[1], outcry.StateChanged)


def test_every_kind_that_is_an_event_of_its_own_has_a_reader() -> None:
    assert set(_READERS) == set(EventKind) - {EventKind.PASS, EventKind.BALANCE_HELD}


def words(money: int) -> tuple[int, int]:
    return money % 2**64, (money >> 64) % 2**64


def balance(sequence: int, account: int, asset: int, available: int, held: int) -> bytes:
    records = np.zeros(2, EVENT)
    records["kind"], records["version"] = (EventKind.BALANCE_CHANGED, EventKind.BALANCE_HELD), 1
    records["instrument"] = asset
    records["sequence_or_price"] = sequence, account
    for record, money in zip(records, (available, held), strict=True):
        record["order_id"], record["value"] = words(money)
    return records.tobytes()


@pytest.mark.parametrize("available", [0, 1, 2**64, -1, -(2**100), 2**100])
def test_two_records_are_one_balance(available: int) -> None:
    records = balance(9, 7, 3, available, 5) + balance(9, 2**32 - 1, 3, 6, 2**70)
    first, second = outcry.read_events(records)
    assert first == outcry.BalanceChanged(
        sequence=9, place=0, instrument=0, account=7, asset=3, available=available, held=5
    )
    assert isinstance(second, outcry.BalanceChanged)
    assert (second.place, second.account, second.held) == (1, 2**32 - 1, 2**70)


def test_half_a_balance_is_no_event() -> None:
    whole = balance(9, 7, 3, 1, 0)
    with pytest.raises(MalformedRecord, match=r"offset 32: kind: .* half a balance"):
        outcry.place_events(whole[:32] + whole[:32])
    with pytest.raises(MalformedRecord, match=r"offset 0: kind: .* half a balance"):
        outcry.place_events(whole[32:])


def test_a_row_has_the_columns_of_its_dtype() -> None:
    assert _Row._fields == PLACED_EVENT.names


def test_a_record_that_is_no_event_is_named_with_its_offset() -> None:
    records = np.zeros(3, EVENT)
    records["kind"], records["version"] = EventKind.EXPIRED, 1
    records["kind"][2] = 0x41
    with pytest.raises(MalformedRecord, match="offset 64: kind: 0x41 is no event") as caught:
        outcry.place_events(records)
    assert (caught.value.offset, caught.value.field) == (64, "kind")


def test_a_length_that_is_no_multiple_is_named() -> None:
    with pytest.raises(MalformedRecord, match=r"offset 32: length: .* 32 bytes") as caught:
        list(outcry.read_events(bytes(40)))
    assert caught.value.field == "length"


def test_no_events_are_read_from_no_bytes() -> None:
    assert outcry.place_events(b"").shape == (0,)
    assert list(outcry.read_events(b"")) == []


@given(st.binary(max_size=400))
def test_any_bytes_are_events_or_a_named_error(data: bytes) -> None:
    whole = data[: len(data) // EVENT.itemsize * EVENT.itemsize]
    error = None
    try:
        assert len(outcry.place_events(whole)) <= len(whole) // EVENT.itemsize
    except MalformedRecord as caught:
        error = caught
    assert error is None or (error.field and error.offset % EVENT.itemsize == 0)
