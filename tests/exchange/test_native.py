"""Goal: the compiled module takes any bytes and any thread, and fits every Python from 3.11.

Method: batches from buffers of every make, threads that must make progress meanwhile, random bytes,
and the tag of the installed module.
"""

import ast
import inspect
import threading
import time
from array import array
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import outcry
from outcry import EVENT, ORDER, EngineBusy, EventKind, InvalidValue, MalformedRecord, _native
from outcry.exchange.orders import OrderStatus
from outcry.protocol import VERSION, rows_of

ORDERS = 600_000
WAIT_SECONDS = 60


def instrument_records() -> bytes:
    maker = outcry.Engine()
    maker.add_instrument("X", base="A", quote="B", tick="1", lot="1")
    described = maker._native.instrument(1)
    assert described is not None
    return bytes(described[0]) + bytes(described[1])


INSTRUMENT_RECORDS = instrument_records()


def engine_with_instrument(*, shard: int = 0, check_invariants: bool = False) -> _native.Engine:
    engine = _native.Engine(shard=shard, check_invariants=check_invariants)
    assert engine.command(INSTRUMENT_RECORDS) == 0
    return engine


def orders(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
    return outcry.limit_orders(
        instrument=1,
        account=1,
        side=1,
        price_ticks=1 + np.arange(count) % 500,
        quantity_lots=1,
    )


def test_the_module_is_built_for_every_python_from_3_11() -> None:
    assert isinstance(_native.__loader__, ExtensionFileLoader)
    assert _native.__file__ is not None
    assert Path(_native.__file__).name == "_native.abi3.so"


def test_the_stub_names_what_the_module_has() -> None:
    stubs = sorted(Path(outcry.__file__).parent.glob("_native*.pyi"))
    stub = "".join(path.read_text(encoding="utf-8") for path in stubs)
    public = {name for name in dir(_native) if not name.startswith("_")}
    public |= {name for name in dir(_native.Engine) if not name.startswith("_")}
    missing = {name for name in public if f" {name}(" not in stub and f"class {name}:" not in stub}
    assert not missing


@pytest.mark.parametrize("kind", [_native.Engine, _native.OrderEntry])
def test_every_method_of_the_core_has_a_docstring(kind: type) -> None:
    methods = inspect.getmembers(kind, lambda member: not isinstance(member, type))
    bare = [name for name, method in methods if not name.startswith("_") and not method.__doc__]
    assert not bare


@pytest.mark.parametrize("name", ["place", "replace"])
def test_the_core_says_of_the_entry_of_orders_what_its_types_say(name: str) -> None:
    source = Path(outcry.__file__).with_name("exchange") / "engine.py"
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    methods = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    own = getattr(outcry.Engine, name)
    assert ast.get_docstring(methods[name]) == inspect.getdoc(own)
    said = methods[name].args
    shown = inspect.signature(own).parameters
    assert [one.arg for one in (*said.args, *said.kwonlyargs)] == list(shown)
    defaults = [*said.defaults, *(one for one in said.kw_defaults if one is not None)]
    filled = [one.default for one in shown.values() if one.default is not inspect.Parameter.empty]
    assert [ast.literal_eval(one) for one in defaults] == filled


def test_an_entry_that_was_not_begun_says_so() -> None:
    class Unbegun(outcry.Engine):
        def __init__(self) -> None:
            pass

    with pytest.raises(RuntimeError, match="__init__ was not called"):
        Unbegun().place("X", side="buy", price="1", quantity="1")
    engine = outcry.Engine()
    with pytest.raises(RuntimeError, match="made once"):
        engine.__init__()  # type: ignore[misc]


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda data: array("B", data)])
def test_a_batch_is_any_buffer(make: type[bytes]) -> None:
    events = engine_with_instrument().apply_batch(make(orders(3).tobytes()))
    assert rows_of(events, EVENT)["kind"].tolist() == [EventKind.ACCEPTED] * 3


@pytest.mark.parametrize("offset", range(9))
def test_a_batch_at_any_address_is_the_same_batch(offset: int) -> None:
    padded = bytes(offset) + orders(5).tobytes()
    engine, usual = engine_with_instrument(), engine_with_instrument()
    events = engine.apply_batch(memoryview(padded)[offset:])
    assert bytes(events) == bytes(usual.apply_batch(orders(5)))
    assert engine.state_hash() == usual.state_hash()


def test_no_records_are_a_batch_too() -> None:
    assert len(engine_with_instrument().apply_batch(b"")) == 0


@pytest.mark.parametrize("given", ["text", 5, None, [1, 2]])
def test_what_is_no_buffer_is_refused(given: object) -> None:
    with pytest.raises(TypeError):
        engine_with_instrument().apply_batch(given)  # type: ignore[arg-type]


def test_a_buffer_with_gaps_is_refused() -> None:
    with pytest.raises(BufferError, match="not contiguous"):
        engine_with_instrument().apply_batch(orders(6)[::2])


def test_events_are_wrapped_without_a_copy_and_read_only() -> None:
    events = engine_with_instrument().apply_batch(orders(2))
    rows = rows_of(events, EVENT)
    assert not rows.flags.writeable
    assert not rows.flags.owndata
    assert bytes(events) == rows.tobytes()
    assert len(events) == rows.nbytes
    del events
    assert rows["order_id"].tolist() == [1, 2]


def test_a_bad_record_is_rejected_in_its_place_and_the_others_apply() -> None:
    batch = orders(5)
    batch["side"][1] = 9
    batch["kind"][2] = 0x7F
    batch["quantity_lots"][3] = 0
    engine = engine_with_instrument()
    events = rows_of(engine.apply_batch(batch), EVENT)
    accepted, rejected = EventKind.ACCEPTED, EventKind.REJECTED
    assert events["kind"].tolist() == [accepted, rejected, rejected, rejected, accepted]
    assert events["code"].tolist()[1:4] == [
        outcry.RejectReason.INVALID_SIDE,
        outcry.RejectReason.MALFORMED,
        outcry.RejectReason.INVALID_QUANTITY,
    ]
    assert (engine.sequence, engine.open_orders) == (6, 2)


def test_bytes_that_end_within_a_record_keep_what_was_applied() -> None:
    engine = engine_with_instrument()
    with pytest.raises(MalformedRecord, match="offset 128: length: 10 bytes") as caught:
        engine.apply_batch(orders(3).tobytes()[:138])
    assert (caught.value.offset, caught.value.field) == (128, "length")
    assert isinstance(caught.value.events, _native.Records)
    assert rows_of(caught.value.events, EVENT)["order_id"].tolist() == [1, 2]
    assert engine.sequence == 3


def test_a_size_that_does_not_exist_is_named() -> None:
    engine = engine_with_instrument()
    before = engine.state_hash()
    with pytest.raises(MalformedRecord, match="offset 0: kind: 0xc0 has no size"):
        engine.apply_batch(b"\xc0" * 64)
    assert engine.state_hash() == before


@given(st.lists(st.binary(min_size=64, max_size=64), max_size=8))
def test_any_bytes_are_answered(records: list[bytes]) -> None:
    engine = engine_with_instrument(check_invariants=True)
    try:
        engine.apply_batch(b"".join(records))
    except MalformedRecord as error:
        assert error.offset % 32 == 0  # noqa: PT017 - whether it is raised depends on the bytes
    assert engine.sequence <= 1 + 2 * len(records)


def test_other_threads_run_while_a_batch_is_applied_and_are_told_so() -> None:
    engine = engine_with_instrument()
    worker = threading.Thread(target=engine.apply_batch, args=(orders(ORDERS),))
    worker.start()
    # This thread can find the engine at work only while the other is within `apply_batch`: were
    # the interpreter held there, it would not run then, and never be refused.
    refused, placed = 0, 0
    deadline = time.monotonic() + WAIT_SECONDS
    while worker.is_alive() and time.monotonic() < deadline:
        try:
            engine.limit_ticks(1, 1, 1, 1, 1)
            placed += 1
        except EngineBusy:
            refused += 1
    worker.join(WAIT_SECONDS)
    assert not worker.is_alive()
    assert refused > 1
    assert engine.sequence == 1 + ORDERS + placed


@pytest.mark.parametrize(
    ("bounds", "field"),
    [({"shard": 1 << 19}, "shard"), ({"work_max": 0}, "work_max"), ({"mass_max": 0}, "mass_max")],
)
def test_bounds_out_of_range_are_named(bounds: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        _native.Engine(**bounds)
    assert caught.value.field == field


def test_order_ids_begin_at_the_shard() -> None:
    shard = (1 << 19) - 1
    engine = engine_with_instrument(shard=shard)
    assert engine.limit_ticks(1, 1, 1, 1, 1) == (shard << 44) + 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((-1, 1, 1, 100, 1), "instrument"),
        ((1, 1 << 32, 1, 100, 1), "account"),
        ((1, 1, 256, 100, 1), "side"),
        ((1, 1, 1, 1 << 63, 1), "price_ticks"),
        ((1, 1, 1, 100.0, 1), "price_ticks"),
        ((1, 1, 1, 100, -1), "quantity_lots"),
        ((1, 1, 1, 100, "1"), "quantity_lots"),
        ((1, 1, 1, 100, 1, 999), "time_in_force"),
        ((1, 1, 1, 100, 1, 1, None), "self_trade"),
        ((1, 1, 1, 100, 1, 1, 1, 1 << 16), "flags"),
        ((1, 1, 1, 100, 1, 1, 1, 0, -5), "time_ns"),
    ],
)
def test_integers_that_do_not_fit_are_named(arguments: tuple[int, ...], field: str) -> None:
    engine = engine_with_instrument()
    before = engine.state_hash()
    with pytest.raises(InvalidValue, match=f"^{field}: .* must be an integer from ") as caught:
        engine.limit_ticks(*arguments)
    assert caught.value.field == field
    assert engine.state_hash() == before


def test_numpy_integers_are_integers() -> None:
    engine = engine_with_instrument()
    assert engine.limit_ticks(np.uint8(1), np.int64(1), np.int8(1), np.int64(9), np.uint64(2)) == 1


def test_the_lean_forms_answer_as_documented() -> None:
    engine = engine_with_instrument()
    assert engine.limit_ticks(1, 1, 2, 100, 5) == 1
    traded = engine.limit_ticks(1, 2, 1, 101, 7)
    assert traded == (2, OrderStatus.RESTING, 2, 0, ((1, 1, 2, 100, 5),))
    ioc = outcry.TimeInForce.IOC
    cancelled = engine.limit_ticks(1, 3, 2, 100, 3, ioc)
    why = outcry.CancelReason.IMMEDIATE_OR_CANCEL
    assert cancelled == (3, OrderStatus.CANCELLED, 0, why, ((2, 2, 3, 101, 2),))
    assert engine.limit_ticks(1, 4, 1, 90, 9) == 4
    assert engine.replace_ticks(1, 4, 4, 91, 8) == (4, OrderStatus.RESTING, 8, 0, ())
    assert engine.cancel_order(1, 4, 4) == 8


@pytest.mark.parametrize(
    ("field", "value", "bound"),
    [
        ("shard", 1 << 19, "must be at most 524287"),
        ("shard", -1, "must be an integer from 0 to 4294967295"),
        ("work_max", 0, "must be at least 1"),
        ("mass_max", 1 << 32, "must be an integer from 0 to 4294967295"),
        ("instrument_max", (1 << 20) + 1, "must be at most 1048576"),
        ("instrument_max", (1 << 32) - 1, "must be at most 1048576"),
        ("orders_capacity", (1 << 26) + 1, "must be at most 67108864"),
        ("orders_capacity", (1 << 32) - 1, "must be at most 67108864"),
    ],
)
def test_an_engine_out_of_bounds_is_refused(field: str, value: int, bound: str) -> None:
    settings: dict[str, Any] = {field: value}
    with pytest.raises(InvalidValue) as caught:
        _native.Engine(**settings)
    assert str(caught.value) == f"{field}: {value} {bound}"


@pytest.mark.parametrize(
    ("records", "offset"),
    [
        (orders(2).tobytes(), 64),
        (INSTRUMENT_RECORDS + orders(1).tobytes(), 192),
        (orders(1).tobytes() + b"\x41", 64),
        (bytes([0x7F]) + bytes(127), 64),
    ],
)
def test_one_command_is_one(records: bytes, offset: int) -> None:
    engine = engine_with_instrument()
    before = engine.state_hash()
    with pytest.raises(MalformedRecord, match="another follows") as caught:
        engine.command(records)
    assert caught.value.offset == offset
    assert (engine.sequence, engine.state_hash()) == (1, before)


def test_a_fill_as_the_maker_of_a_triggered_stop_is_told() -> None:
    engine = engine_with_instrument()
    sell, buy = outcry.Side.SELL, outcry.Side.BUY
    engine.limit_ticks(1, 4, sell, 200, 1)
    stop = np.zeros(1, outcry.EXTENDED_ORDER)
    for name, value in {
        "kind": outcry.CommandKind.NEW_EXTENDED,
        "version": VERSION,
        "instrument": 1,
        "account": 5,
        "side": sell,
        "order_type": outcry.OrderType.STOP,
        "quantity_lots": 2,
        "time_in_force": outcry.TimeInForce.GTC,
        "self_trade": outcry.SelfTrade.CANCEL_TAKER,
        "stop": 200,
        "trigger": outcry.Trigger.RISE,
    }.items():
        stop[name] = value
    assert engine.command(stop) == 2
    answer = engine.limit_ticks(1, 6, buy, 200, 3)
    assert answer == (3, OrderStatus.FILLED, 0, 0, ((1, 1, 3, 200, 1), (2, 3, 2, 200, 2)))


def test_a_batch_and_single_calls_lead_to_one_state() -> None:
    batch, single = engine_with_instrument(), engine_with_instrument()
    rng = np.random.default_rng(5)
    columns = outcry.limit_orders(
        instrument=1,
        account=rng.integers(1, 9, 500),
        side=rng.integers(1, 3, 500),
        price_ticks=rng.integers(95, 106, 500),
        quantity_lots=rng.integers(1, 9, 500),
    )
    batch.apply_batch(columns)
    names = ["instrument", "account", "side", "price_ticks", "quantity_lots"]
    for values in columns[names].tolist():
        single.limit_ticks(*values)
    assert (batch.digest, batch.state_hash()) == (single.digest, single.state_hash())


def test_a_record_is_64_bytes_and_an_event_32() -> None:
    assert (ORDER.itemsize, EVENT.itemsize) == (64, 32)
