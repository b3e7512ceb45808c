"""Commands as people read them: one flat row a command, numbers whole, values by name.

A row holds the fields that its record has, but for what says nothing: version, reserved bytes, and
values that are zero. Prices are ticks, quantities lots, amounts smallest units, as the record
has them. An instrument's limits stand in its row; the legs of a list are rows within its row.

>>> from outcry.protocol import cancels
>>> list(command_rows(cancels(instrument=1, account=7, order_id=3).tobytes()))
[{'kind': 'cancel', 'instrument': 1, 'account': 7, 'order_id': 3}]
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

import numpy as np

from outcry.protocol import dtypes
from outcry.protocol.vocabulary import (
    AccountState,
    CommandKind,
    ListType,
    OrderType,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    TradingState,
    Trigger,
)

CommandRow = dict[str, object]

_WORD: Final = 1 << 64
_SILENT: Final = frozenset({"kind", "version", "reserved", "reserved_tail"})
_NAMED: Final[dict[str, type[IntEnum]]] = {
    "side": Side,
    "order_type": OrderType,
    "time_in_force": TimeInForce,
    "self_trade": SelfTrade,
    "trigger": Trigger,
    "stop_unit": StopUnit,
    "list_type": ListType,
}
_DTYPES: Final = {
    CommandKind.NEW: dtypes.ORDER,
    CommandKind.CANCEL: dtypes.ORDER,
    CommandKind.REPLACE: dtypes.ORDER,
    CommandKind.NEW_EXTENDED: dtypes.EXTENDED_ORDER,
    CommandKind.CANCEL_EXTENDED: dtypes.EXTENDED_ORDER,
    CommandKind.REPLACE_EXTENDED: dtypes.EXTENDED_ORDER,
    CommandKind.NEW_AMOUNT: dtypes.AMOUNT_ORDER,
    CommandKind.NEW_LIST: dtypes.LIST,
    CommandKind.LIST_LEG: dtypes.EXTENDED_ORDER,
    CommandKind.MASS_CANCEL: dtypes.MASS_CANCEL,
    CommandKind.SET_STATE: dtypes.ADMIN,
    CommandKind.SET_REFERENCE: dtypes.ADMIN,
    CommandKind.END_SESSION: dtypes.ADMIN,
    CommandKind.ADVANCE_TIME: dtypes.ADMIN,
    CommandKind.CANCEL_LIST: dtypes.ADMIN,
    CommandKind.ADD_ASSET: dtypes.ASSET,
    CommandKind.SET_ACCOUNT: dtypes.ACCOUNT,
    CommandKind.DEPOSIT: dtypes.FUNDS,
    CommandKind.WITHDRAW: dtypes.FUNDS,
    CommandKind.TRANSFER: dtypes.FUNDS,
    CommandKind.SETTLE_WITHDRAWAL: dtypes.SETTLE,
    CommandKind.ADD_INSTRUMENT: dtypes.INSTRUMENT,
    CommandKind.UPDATE_INSTRUMENT: dtypes.INSTRUMENT,
    CommandKind.INSTRUMENT_LIMITS: dtypes.INSTRUMENT_LIMITS,
}


# Whose request id is a source and that source's number.
_SOURCED: Final = frozenset({CommandKind.DEPOSIT, CommandKind.TRANSFER})
# Where self-trade mode 0 says something.
_ENTERS: Final = frozenset(
    {CommandKind.NEW, CommandKind.NEW_EXTENDED, CommandKind.NEW_AMOUNT, CommandKind.LIST_LEG}
)


def command_rows(records: bytes) -> Iterator[CommandRow]:
    """Yield a row for each command of `records`, which hold whole commands.

    A record that is no command (it was refused as `malformed`) is a row of its kind byte alone.
    """
    offset = 0
    while offset < len(records):
        row, offset = _read(records, offset)
        if row["kind"] in _FOLLOWED:
            offset = _read_followers(row, records, offset)
        yield row


_FOLLOWED: Final = frozenset({"add_instrument", "update_instrument", "new_list"})


def _read_followers(row: CommandRow, records: bytes, offset: int) -> int:
    """Read what stands behind a record that is not whole alone, and answer where it ends."""
    if row["kind"] != "new_list":
        limits, end = _read(records, offset)
        row.update({name: value for name, value in limits.items() if name not in row})
        return end
    legs: list[CommandRow] = []
    count = row.get("legs", 0)
    for _ in range(count if isinstance(count, int) else 0):
        leg, offset = _read(records, offset)
        legs.append(leg)
    row["legs"] = legs
    return offset


def _read(records: bytes, offset: int) -> tuple[CommandRow, int]:
    """Read one record, and answer where it ends."""
    kind_byte = records[offset]
    end = offset + (32 << (kind_byte >> 6))
    if kind_byte not in _KNOWN:
        return {"kind": f"{kind_byte:#04x}"}, end
    kind = CommandKind(kind_byte)
    record = np.frombuffer(records, _DTYPES[kind], 1, offset)[0]
    row: CommandRow = {"kind": str(kind)}
    for name in record.dtype.names or ():
        value = None if name in _SILENT else _meaning(kind, name, record[name])
        if value:
            row["source" if name == "request_id" and kind in _SOURCED else name] = value
    return row, end


_KNOWN: Final = frozenset(int(kind) for kind in _DTYPES)


def _meaning(kind: CommandKind, name: str, value: object) -> object:
    """Return a field's value as people read it; None for what says nothing."""
    if isinstance(value, np.ndarray):
        low, high = (int(word) for word in value)
        is_source = name == "source" or (name == "request_id" and kind in _SOURCED)
        return [low, high] if is_source else low + high * _WORD
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("ascii", "replace")
    if not isinstance(value, np.integer):
        return None
    number = int(value)
    if number == 0 and not (name == "self_trade" and kind in _ENTERS):
        return None
    states = AccountState if kind == CommandKind.SET_ACCOUNT else TradingState
    names = states if name == "state" else _NAMED.get(name)
    if names is None or number not in set(names):
        return number
    return str(names(number))
