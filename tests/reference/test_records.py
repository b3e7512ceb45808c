"""The layouts, written by hand, against those that the core tells of its own records.

Goal: the two stay two, and agree. Method: every field of every record is written to bytes by the
core's layout and must come back by the naive one; then bytes that are no command.
"""

import pytest

from outcry.reference.codes import Kind
from outcry.reference.records import Command, UnreadableBytesError, read
from tests.scenarios import commands as c

# Where the naive record calls a field otherwise.
OTHER_NAMES = {
    ("ListRecord", "legs"): "leg_count",
    ("AccountRecord", "instrument"): "no_instrument",
    ("SettleRecord", "instrument"): "no_instrument",
    ("FundsRecord", "amount"): "amount_words",
}
KINDS = {
    "OrderRecord": Kind.NEW,
    "ExtendedOrderRecord": Kind.NEW_EXTENDED,
    "MassCancelRecord": Kind.MASS_CANCEL,
    "AdminRecord": Kind.SET_STATE,
    "ListRecord": Kind.NEW_LIST,
    "InstrumentRecord": Kind.ADD_INSTRUMENT,
    "AssetRecord": Kind.ADD_ASSET,
    "AccountRecord": Kind.SET_ACCOUNT,
    "FundsRecord": Kind.DEPOSIT,
    "SettleRecord": Kind.SETTLE_WITHDRAWAL,
}


def filled(size: int, kind: int) -> bytes:
    """A record in which every byte says its own place, but for the kind."""
    return bytes([kind, *((at % 251) + 1 for at in range(1, size))])


def number_at(data: bytes, offset: int, field_type: str) -> int:
    """The number that stands at this place by the core's layout, as `<i8`."""
    size = int(field_type[-1])
    return int.from_bytes(data[offset : offset + size], "little", signed="i" in field_type)


@pytest.mark.parametrize("name", KINDS)
def test_layouts_agree(name: str) -> None:
    native = pytest.importorskip("outcry._native")
    _, size, fields = next(layout for layout in native.layouts() if layout[0] == name)
    data = filled(size, KINDS[name])
    if name == "InstrumentRecord":
        data += bytes([Kind.INSTRUMENT_LIMITS]) + bytes(63)
    if name == "ListRecord":
        data = data[:37] + b"\0" + data[38:]
    _, command = read(data)
    assert command is not None
    compared = 0
    for field, offset, field_type in fields:
        found = value_of(command, OTHER_NAMES.get((name, field), field))
        if found is None:
            continue
        if isinstance(found, bytes):
            assert data[offset:].startswith(found), field
        else:
            assert found == number_at(data, offset, field_type), field
        compared += 1
    assert compared >= 6


def value_of(command: Command, field: str) -> object:
    """The field of this name, None where the naive record has none."""
    return getattr(command, field, None)


def test_an_order_is_read_field_by_field() -> None:
    record = c.new(c.SELL, 100, 5, 7, instrument=3, time_ns=9, request_id=1 << 64, client_id="ab")
    size, command = read(record)
    assert size == 128
    assert command is not None
    assert command.instrument == 3
    assert command.time_ns == 9
    assert command.request_id == bytes(8) + b"\1" + bytes(7)
    assert command.account == 7
    assert value_of(command, "price_ticks") == 100
    assert value_of(command, "client_order_id") == b"ab".ljust(36, b"\0")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "offset 0: kind: no bytes"),
        (b"\xc0" + bytes(200), "offset 0: kind: 0xc0 has no size"),
        (bytes(31), "offset 0: length: 31 bytes, the command has 32"),
        (c.buy(1, 1)[:63], "offset 0: length: 63 bytes, the command has 64"),
    ],
)
def test_bytes_without_an_end_are_named(data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableBytesError) as caught:
        read(data)
    assert str(caught.value) == problem


@pytest.mark.parametrize("kind", [0x00, 0x21, 0x40, 0x5F, 0x80, 0x86, 0xBF])
def test_a_record_that_is_no_command_has_its_size(kind: int) -> None:
    size, command = read(bytes([kind]) + bytes(127))
    assert (size, command) == (32 << (kind >> 6), None)
