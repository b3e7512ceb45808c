"""From bytes to commands: the layouts of the records, written down once more by hand.

Nothing here is shared with `crates/protocol`, on purpose: a mistake in one of the two layouts shows
when the engines are compared.
"""

import struct
from typing import NamedTuple

from outcry.reference.codes import Kind

_ORDER = struct.Struct("<BBHIQ16sIBBBBqQQ")
_EXTENSION = struct.Struct("<qQQ36sBB2s")
_AMOUNT = struct.Struct("<16s8s36s4s")
_MASS_CANCEL = struct.Struct("<BBHIQ16sIB27s")
_ADMIN = struct.Struct("<BBHIQ16sIB3sqQ8s")
_LIST = struct.Struct("<BBHIQ16sIBB2s36s52s")
_INSTRUMENT = struct.Struct("<BBHIQ16sII24sQQBBBBIqqQQ8s")
_LIMITS = struct.Struct("<BBHI16s16sIIIIII")
_ASSET = struct.Struct("<BBHIQ16s16sB15s")
_ACCOUNT = struct.Struct("<BBHIQ16sIIiiB15s")
_FUNDS = struct.Struct("<BBHIQ16sII16s8s")
_SETTLE = struct.Struct("<BBHIQ16sQB23s")

NO_TEXT = bytes(36)
NO_REQUEST = bytes(16)
_LEGS_MAX = 3
_UNUSED_SIZE_CLASS = 3


class UnreadableBytesError(ValueError):
    """Bytes whose end cannot be told, or that end within a record; `offset` says where."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        super().__init__(f"offset {offset}: {problem}")
        self.problem = problem
        self.offset = offset


class OrderCommand(NamedTuple):
    """A new order, a cancel or a replace, plain or extended, or a market order by amount.

    The fields that the record does not have are zero.
    """

    kind: int
    version: int
    flags: int
    instrument: int
    time_ns: int
    request_id: bytes
    account: int
    side: int
    order_type: int
    time_in_force: int
    self_trade: int
    price_ticks: int
    quantity_lots: int
    order_id: int
    stop: int = 0
    display_lots: int = 0
    expire_time_ns: int = 0
    client_order_id: bytes = NO_TEXT
    trigger: int = 0
    stop_unit: int = 0
    reserved: bytes = b""
    amount: int = 0


class MassCancelCommand(NamedTuple):
    """A cancel of all open orders that match."""

    kind: int
    version: int
    flags: int
    instrument: int
    time_ns: int
    request_id: bytes
    account: int
    side: int
    reserved: bytes


class AdminCommand(NamedTuple):
    """`set_state`, `set_reference`, `end_session`, `advance_time` or `cancel_list`."""

    kind: int
    version: int
    flags: int
    instrument: int
    time_ns: int
    request_id: bytes
    account: int
    state: int
    reserved: bytes
    price_ticks: int
    list_id: int
    reserved_tail: bytes


class ListCommand(NamedTuple):
    """An order list, with its legs."""

    kind: int
    version: int
    flags: int
    instrument: int
    time_ns: int
    request_id: bytes
    account: int
    list_type: int
    leg_count: int
    reserved: bytes
    client_list_id: bytes
    reserved_tail: bytes
    legs: tuple[OrderCommand, ...] = ()


class Limits(NamedTuple):
    """The second record of an instrument."""

    kind: int
    version: int
    flags: int
    instrument: int
    notional_min_words: bytes
    notional_max_words: bytes
    band_ppm: int
    market_band_ppm: int
    account_orders_max: int
    orders_max: int
    account_stops_max: int
    stops_max: int

    @property
    def notional_min(self) -> int:
        """The least notional in the quote asset's smallest units."""
        return _number(self.notional_min_words)

    @property
    def notional_max(self) -> int:
        """The greatest notional in the quote asset's smallest units; 0 for no bound."""
        return _number(self.notional_max_words)


class InstrumentCommand(NamedTuple):
    """`add_instrument` or `update_instrument`; `raw` are the bytes of both records."""

    kind: int
    version: int
    flags: int
    instrument: int
    time_ns: int
    request_id: bytes
    base_asset: int
    quote_asset: int
    symbol: bytes
    tick_mantissa: int
    lot_mantissa: int
    tick_decimals: int
    lot_decimals: int
    base_decimals: int
    quote_decimals: int
    iceberg_parts_max: int
    price_min_ticks: int
    price_max_ticks: int
    quantity_min_lots: int
    quantity_max_lots: int
    reserved: bytes
    limits: Limits
    raw: bytes
    account: int = 0


class AssetCommand(NamedTuple):
    """`add_asset`."""

    kind: int
    version: int
    flags: int
    asset: int
    time_ns: int
    request_id: bytes
    name: bytes
    decimals: int
    reserved: bytes
    instrument: int = 0
    account: int = 0


class AccountCommand(NamedTuple):
    """`set_account`."""

    kind: int
    version: int
    flags: int
    no_instrument: int
    time_ns: int
    request_id: bytes
    account: int
    group: int
    maker_rate_ppm: int
    taker_rate_ppm: int
    state: int
    reserved: bytes

    @property
    def instrument(self) -> int:
        """None: the command names no instrument, whatever stands in its place."""
        return 0


class FundsCommand(NamedTuple):
    """`deposit`, `withdraw` or `transfer`."""

    kind: int
    version: int
    flags: int
    asset: int
    time_ns: int
    request_id: bytes
    account: int
    to_account: int
    amount_words: bytes
    reserved: bytes
    instrument: int = 0

    @property
    def amount(self) -> int:
        """The amount in the asset's smallest units."""
        return _number(self.amount_words)


class SettleCommand(NamedTuple):
    """`settle_withdrawal`."""

    kind: int
    version: int
    flags: int
    no_instrument: int
    time_ns: int
    request_id: bytes
    withdrawal_sequence: int
    post: int
    reserved: bytes
    account: int = 0

    @property
    def instrument(self) -> int:
        """None: the command names no instrument, whatever stands in its place."""
        return 0


Command = (
    OrderCommand
    | MassCancelCommand
    | AdminCommand
    | ListCommand
    | InstrumentCommand
    | AssetCommand
    | AccountCommand
    | FundsCommand
    | SettleCommand
)

_PLAIN_ORDERS = {Kind.NEW, Kind.CANCEL, Kind.REPLACE}
_ADMINS = {
    Kind.SET_STATE,
    Kind.SET_REFERENCE,
    Kind.END_SESSION,
    Kind.ADVANCE_TIME,
    Kind.CANCEL_LIST,
}
_FUNDS_KINDS = {Kind.DEPOSIT, Kind.WITHDRAW, Kind.TRANSFER}


def read(data: bytes) -> tuple[int, Command | None]:
    """Read the command at the start of `data`.

    Returns:
        How many bytes it takes, and the command: None for a record that is no command, as one
        is that others than its own records follow.

    Raises:
        UnreadableBytesError: There are no bytes, no size, or fewer bytes than the command has.
    """
    if not data:
        raise UnreadableBytesError("kind: no bytes")
    kind = data[0]
    size_class = kind >> 6
    if size_class == _UNUSED_SIZE_CLASS:
        raise UnreadableBytesError(f"kind: {kind:#04x} has no size")
    size = 32 << size_class
    _require_length(data, size)
    if kind in _PLAIN_ORDERS:
        return size, OrderCommand(*_ORDER.unpack_from(data))
    if kind in (Kind.NEW_EXTENDED, Kind.CANCEL_EXTENDED, Kind.REPLACE_EXTENDED):
        return size, _read_extended(data, 0)
    if kind == Kind.NEW_LIST:
        return _read_list(data)
    if kind in (Kind.ADD_INSTRUMENT, Kind.UPDATE_INSTRUMENT):
        return _read_instrument(data)
    return size, _read_other(kind, data)


def _read_other(kind: int, data: bytes) -> Command | None:
    command: Command | None = None
    if kind == Kind.NEW_AMOUNT:
        amount, reserved, client_order_id, tail = _AMOUNT.unpack_from(data, _ORDER.size)
        command = OrderCommand(*_ORDER.unpack_from(data))._replace(
            amount=_number(amount), client_order_id=client_order_id, reserved=reserved + tail
        )
    elif kind == Kind.MASS_CANCEL:
        command = MassCancelCommand(*_MASS_CANCEL.unpack_from(data))
    elif kind in _ADMINS:
        command = AdminCommand(*_ADMIN.unpack_from(data))
    elif kind == Kind.ADD_ASSET:
        command = AssetCommand(*_ASSET.unpack_from(data))
    elif kind == Kind.SET_ACCOUNT:
        command = AccountCommand(*_ACCOUNT.unpack_from(data))
    elif kind in _FUNDS_KINDS:
        command = FundsCommand(*_FUNDS.unpack_from(data))
    elif kind == Kind.SETTLE_WITHDRAWAL:
        command = SettleCommand(*_SETTLE.unpack_from(data))
    return command


def _read_extended(data: bytes, offset: int) -> OrderCommand:
    base = _ORDER.unpack_from(data, offset)
    extension = _EXTENSION.unpack_from(data, offset + _ORDER.size)
    return OrderCommand(*base, *extension)


def _read_list(data: bytes) -> tuple[int, ListCommand | None]:
    head = _LIST.unpack_from(data)
    leg_size = _ORDER.size + _EXTENSION.size
    leg_count = min(head[8], _LEGS_MAX)
    size = _LIST.size + leg_count * leg_size
    _require_length(data, size)
    legs = tuple(_read_extended(data, offset) for offset in range(_LIST.size, size, leg_size))
    if any(leg.kind != Kind.LIST_LEG for leg in legs):
        return _LIST.size, None
    return size, ListCommand(*head)._replace(legs=legs)


def _read_instrument(data: bytes) -> tuple[int, InstrumentCommand | None]:
    size = _INSTRUMENT.size + _LIMITS.size
    _require_length(data, size)
    if data[_INSTRUMENT.size] != Kind.INSTRUMENT_LIMITS:
        return _INSTRUMENT.size, None
    limits = Limits(*_LIMITS.unpack_from(data, _INSTRUMENT.size))
    head = _INSTRUMENT.unpack_from(data)
    return size, InstrumentCommand._make((*head, limits, bytes(data[:size]), 0))


def _require_length(data: bytes, needed: int) -> None:
    if len(data) < needed:
        raise UnreadableBytesError(f"length: {len(data)} bytes, the command has {needed}")


def _number(words: bytes) -> int:
    return int.from_bytes(words, "little")
