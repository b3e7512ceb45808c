"""Goal: Python reads and writes the very bytes that the core means.

Method: the dtypes are compared with the core's layouts, and records written through them are
answered as meant.
"""

import numpy as np
import pytest

from outcry import _native, protocol

BY_LAYOUT = {
    "OrderRecord": protocol.ORDER,
    "ExtendedOrderRecord": protocol.EXTENDED_ORDER,
    "AmountOrderRecord": protocol.AMOUNT_ORDER,
    "MassCancelRecord": protocol.MASS_CANCEL,
    "AdminRecord": protocol.ADMIN,
    "ListRecord": protocol.LIST,
    "InstrumentRecord": protocol.INSTRUMENT,
    "InstrumentLimitsRecord": protocol.INSTRUMENT_LIMITS,
    "AssetRecord": protocol.ASSET,
    "AccountRecord": protocol.ACCOUNT,
    "FundsRecord": protocol.FUNDS,
    "SettleRecord": protocol.SETTLE,
    "EventRecord": protocol.EVENT,
    "LogHeader": protocol.LOG_HEADER,
    "PlacedRow": protocol.PLACED_EVENT,
    "LevelRow": protocol.LEVEL,
    "OpenOrderRow": protocol.OPEN_ORDER,
    "ListRow": protocol.ORDER_LIST,
    "BalanceRow": protocol.BALANCE,
    "WithdrawalRow": protocol.WITHDRAWAL,
}
LAYOUTS = {name: (size, fields) for name, size, fields in _native.layouts()}


def test_every_layout_has_its_dtype() -> None:
    assert set(LAYOUTS) == set(BY_LAYOUT)


@pytest.mark.parametrize("name", BY_LAYOUT)
def test_dtype_is_the_layout(name: str) -> None:
    dtype, (size, fields) = BY_LAYOUT[name], LAYOUTS[name]
    assert dtype.itemsize == size
    assert dtype.names == tuple(field for field, _, _ in fields)
    assert dtype.fields is not None
    for field, offset, code in fields:
        found, at = dtype.fields[field][:2]
        assert (found, at) == (np.dtype(code), offset), field


@pytest.mark.parametrize("name", BY_LAYOUT)
def test_fields_fill_the_record_without_gaps(name: str) -> None:
    dtype = BY_LAYOUT[name]
    assert dtype.fields is not None
    end = 0
    for found, offset in sorted((entry[:2] for entry in dtype.fields.values()), key=lambda e: e[1]):
        assert offset == end
        end += found.itemsize
    assert end == dtype.itemsize


@pytest.mark.parametrize(
    ("dtype", "size", "offsets"),
    [
        (protocol.ORDER, 64, {"request_id": 16, "account": 32, "price_ticks": 40, "order_id": 56}),
        (protocol.EXTENDED_ORDER, 128, {"price_ticks": 40, "stop": 64, "client_order_id": 88}),
        (protocol.EVENT, 32, {"code": 2, "instrument": 4, "order_id": 16, "value": 24}),
    ],
)
def test_offsets_stay_as_they_are_written_down(
    dtype: protocol.DTypeStruct, size: int, offsets: dict[str, int]
) -> None:
    assert dtype.itemsize == size
    assert dtype.fields is not None
    assert {name: dtype.fields[name][1] for name in offsets} == offsets
