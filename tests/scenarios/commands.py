"""Command records by keyword, written with layouts of their own."""

import struct

from outcry.reference.codes import (
    FEE_ACCOUNT,
    POST_ONLY,
    VERSION,
    AccountState,
    Kind,
    ListType,
    OrderType,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    TradingState,
    Trigger,
)

BUY, SELL = Side.BUY, Side.SELL
RISE, FALL = Trigger.RISE, Trigger.FALL
LIMIT, MARKET, STOP, STOP_LIMIT = OrderType
GTC, IOC, FOK, DAY, GTD = TimeInForce
TRAIL_TICKS, TRAIL_PPM = StopUnit.TRAIL_TICKS, StopUnit.TRAIL_PPM
CONTINUOUS, CANCEL_ONLY, HALTED = (
    TradingState.CONTINUOUS,
    TradingState.CANCEL_ONLY,
    TradingState.HALTED,
)

ACTIVE, FROZEN = AccountState.ACTIVE, AccountState.FROZEN
ONLY_CANCELS = AccountState.CANCEL_ONLY
FEES = FEE_ACCOUNT
BTC, USDT = 1, 2

ORDER_ID_OFFSET = 56

_BASE = struct.Struct("<BBHIQ16sIBBBBqQQ")
_EXTENSION = struct.Struct("<qQQ36sBB2s")
_AMOUNT = struct.Struct("<16s8s36s4s")
_MASS_CANCEL = struct.Struct("<BBHIQ16sIB27s")
_ADMIN = struct.Struct("<BBHIQ16sIB3sqQ8s")
_LIST = struct.Struct("<BBHIQ16sIBB2s36s52s")
_ACCOUNT = struct.Struct("<BBHIQ16sIIiiB15s")
_ASSET = struct.Struct("<BBHIQ16s16sB15s")
_FUNDS = struct.Struct("<BBHIQ16sII16sQ")
_SETTLE = struct.Struct("<BBHIQQQQB23s")
_INSTRUMENT = struct.Struct("<BBHIQ16sII24sQQBBBBIqqQQ8s")
_LIMITS = struct.Struct("<BBHI16s16sIIIIII")


def _words(number: int) -> bytes:
    return number.to_bytes(16, "little")


Field = int | str | bytes
_BASE_FIELDS: dict[str, Field] = {
    "version": VERSION,
    "flags": 0,
    "instrument": 1,
    "time_ns": 0,
    "request_id": 0,
    "account": 1,
    "side": 0,
    "order_type": 0,
    "time_in_force": 0,
    "self_trade": 0,
    "price": 0,
    "lots": 0,
    "order_id": 0,
}
_EXTENSION_FIELDS: dict[str, Field] = {
    "stop": 0,
    "display": 0,
    "expire_ns": 0,
    "client_id": "",
    "trigger": 0,
    "stop_unit": 0,
    "reserved": b"",
}


def _values(defaults: dict[str, Field], said: dict[str, Field]) -> list[int | bytes]:
    """Return the fields in the order of the record, texts and request ids as their bytes."""
    unknown = said.keys() - defaults.keys()
    assert not unknown, f"the record has no {unknown}"
    values: list[int | bytes] = []
    for key, value in (defaults | said).items():
        encoded = value.encode() if isinstance(value, str) else value
        if key == "request_id" and isinstance(encoded, int):
            encoded = _words(encoded)
        values.append(encoded)
    return values


def _base(kind: int, said: dict[str, Field]) -> bytes:
    return _BASE.pack(kind, *_values(_BASE_FIELDS, said))


def _order(plain: Kind, extended: Kind, said: dict[str, Field]) -> bytes:
    """Encode as the shorter record when nothing of the longer one is said."""
    extension = {key: value for key, value in said.items() if key in _EXTENSION_FIELDS}
    base = {key: value for key, value in said.items() if key not in extension}
    if not extension:
        return _base(plain, base)
    return _base(extended, base) + _EXTENSION.pack(*_values(_EXTENSION_FIELDS, extension))


def new(
    side: int,
    price: int,
    lots: int,
    account: int = 1,
    *,
    post_only: bool = False,
    **fields: Field,
) -> bytes:
    """Encode a new order: GTC, a limit order and `cancel_taker`, where nothing else is said."""
    said: dict[str, Field] = {
        "order_type": LIMIT,
        "time_in_force": GTC,
        "self_trade": SelfTrade.CANCEL_TAKER,
        "flags": POST_ONLY if post_only else 0,
        "side": side,
        "price": price,
        "lots": lots,
        "account": account,
    }
    return _order(Kind.NEW, Kind.NEW_EXTENDED, said | fields)


def buy(
    price: int, lots: int, account: int = 1, *, post_only: bool = False, **fields: Field
) -> bytes:
    """Encode a new buy order."""
    return new(BUY, price, lots, account, post_only=post_only, **fields)


def sell(
    price: int, lots: int, account: int = 2, *, post_only: bool = False, **fields: Field
) -> bytes:
    """Encode a new sell order."""
    return new(SELL, price, lots, account, post_only=post_only, **fields)


def market(side: int, lots: int, account: int = 1, *, price: int = 0, **fields: Field) -> bytes:
    """Encode a market order by quantity, IOC where nothing else is said."""
    said: dict[str, Field] = {"order_type": MARKET, "time_in_force": IOC}
    return new(side, price, lots, account, post_only=False, **(said | fields))


def stop(
    side: int,
    lots: int,
    trigger: int,
    stop: int,
    account: int = 1,
    *,
    price: int = 0,
    **fields: Field,
) -> bytes:
    """Encode a stop; with a price it is a stop-limit."""
    said: dict[str, Field] = {
        "order_type": STOP_LIMIT if price else STOP,
        "trigger": trigger,
        "stop": stop,
    }
    return new(side, price, lots, account, post_only=False, **(said | fields))


def amount(
    side: int, amount: int, account: int = 1, *, client_id: str = "", **fields: Field
) -> bytes:
    """Encode a market order by amount."""
    said: dict[str, Field] = {
        "order_type": MARKET,
        "time_in_force": IOC,
        "self_trade": SelfTrade.CANCEL_TAKER,
        "side": side,
        "account": account,
    }
    tail = _AMOUNT.pack(_words(amount), bytes(8), client_id.encode(), bytes(4))
    return _base(Kind.NEW_AMOUNT, said | fields) + tail


_LIST_FIELDS: dict[str, Field] = {
    "version": VERSION,
    "flags": 0,
    "instrument": 1,
    "time_ns": 0,
    "request_id": 0,
    "account": 1,
    "list_type": 0,
    "leg_count": 0,
    "reserved": b"",
    "client_id": "",
    "reserved_tail": b"",
}


def order_list(list_type: int, *legs: bytes, **fields: Field) -> bytes:
    """Encode an order list of account 1; its legs are new orders, plain or extended."""
    said: dict[str, Field] = {"list_type": list_type, "leg_count": len(legs)}
    head = _LIST.pack(Kind.NEW_LIST, *_values(_LIST_FIELDS, said | fields))
    return head + b"".join(as_leg(leg) for leg in legs)


def as_leg(order: bytes) -> bytes:
    """Make a new order a leg; a plain one becomes an extended one that says nothing more."""
    extension = bytes(_BASE.size + _EXTENSION.size - len(order))
    return bytes([Kind.LIST_LEG]) + order[1:] + extension


def oco(*legs: bytes, **fields: Field) -> bytes:
    """Encode two orders of which one cancels the other."""
    return order_list(ListType.OCO, *legs, **fields)


def oto(*legs: bytes, **fields: Field) -> bytes:
    """Encode a working order and one that enters when it is filled."""
    return order_list(ListType.OTO, *legs, **fields)


def otoco(*legs: bytes, **fields: Field) -> bytes:
    """Encode a working order and two that enter when it is filled, as an OCO."""
    return order_list(ListType.OTOCO, *legs, **fields)


def cancel_list(
    list_id: int, account: int = 1, instrument: int = 0, *, time_ns: int = 0, request_id: int = 0
) -> bytes:
    """Encode `cancel_list`."""
    return admin(
        Kind.CANCEL_LIST,
        instrument,
        list_id=list_id,
        account=account,
        time_ns=time_ns,
        request_id=request_id,
    )


def cancel(order_id: int = 0, **fields: Field) -> bytes:
    """Encode a cancel, by order id or by `client_id`."""
    said: dict[str, Field] = {"order_id": order_id}
    return _order(Kind.CANCEL, Kind.CANCEL_EXTENDED, said | fields)


def replace(order_id: int, price: int, lots: int, **fields: Field) -> bytes:
    """Encode a replace, by order id or (when that is 0) by `client_id`."""
    said: dict[str, Field] = {"order_id": order_id, "price": price, "lots": lots}
    return _order(Kind.REPLACE, Kind.REPLACE_EXTENDED, said | fields)


def mass_cancel(
    *,
    account: int = 0,
    instrument: int = 0,
    side: int = 0,
    time_ns: int = 0,
    request_id: int = 0,
    flags: int = 0,
    reserved: bytes = b"",
) -> bytes:
    """Encode a mass cancel; 0 matches all."""
    return _MASS_CANCEL.pack(
        Kind.MASS_CANCEL,
        VERSION,
        flags,
        instrument,
        time_ns,
        _words(request_id),
        account,
        side,
        reserved,
    )


def admin(
    kind: int,
    instrument: int = 0,
    *,
    state: int = 0,
    price: int = 0,
    list_id: int = 0,
    account: int = 0,
    time_ns: int = 0,
    request_id: int = 0,
    reserved: bytes = b"",
) -> bytes:
    """Encode a steering command of any kind."""
    return _ADMIN.pack(
        kind,
        VERSION,
        0,
        instrument,
        time_ns,
        _words(request_id),
        account,
        state,
        reserved,
        price,
        list_id,
        b"",
    )


def set_state(state: int, instrument: int = 1, request_id: int = 0) -> bytes:
    """Encode `set_state`."""
    return admin(Kind.SET_STATE, instrument, state=state, request_id=request_id)


def set_reference(price: int, instrument: int = 1, request_id: int = 0) -> bytes:
    """Encode `set_reference`."""
    return admin(Kind.SET_REFERENCE, instrument, price=price, request_id=request_id)


def end_session(instrument: int = 1, time_ns: int = 0, request_id: int = 0) -> bytes:
    """Encode `end_session`."""
    return admin(Kind.END_SESSION, instrument, time_ns=time_ns, request_id=request_id)


def advance_time(time_ns: int, request_id: int = 0, account: int = 0) -> bytes:
    """Encode `advance_time`."""
    return admin(Kind.ADVANCE_TIME, time_ns=time_ns, request_id=request_id, account=account)


def set_account(
    account: int,
    group: int = 0,
    *,
    maker_rate_ppm: int = 0,
    taker_rate_ppm: int = 0,
    state: int = 1,
    instrument: int = 0,
    time_ns: int = 0,
    request_id: int = 0,
) -> bytes:
    """Encode `set_account`."""
    return _ACCOUNT.pack(
        Kind.SET_ACCOUNT,
        VERSION,
        0,
        instrument,
        time_ns,
        _words(request_id),
        account,
        group,
        maker_rate_ppm,
        taker_rate_ppm,
        state,
        b"",
    )


def add_asset(number: int, name: str = "BTC", decimals: int = 3, *, request_id: int = 0) -> bytes:
    """Encode `add_asset`."""
    head = (Kind.ADD_ASSET, VERSION, 0, number, 0)
    return _ASSET.pack(*head, _words(request_id), name.encode(), decimals, b"")


def deposit(account: int, asset: int, amount: int, number: int, source: int = 1) -> bytes:
    """Encode `deposit`, with its source and that source's number."""
    return funds(Kind.DEPOSIT, account, asset, amount, request_id=number << 64 | source)


def transfer(
    account: int, to_account: int, asset: int, amount: int, *, number: int, source: int = 1
) -> bytes:
    """Encode `transfer`, with its source and that source's number."""
    request_id = number << 64 | source
    return funds(Kind.TRANSFER, account, asset, amount, to_account, request_id=request_id)


def withdraw(account: int, asset: int, amount: int, request_id: int = 0) -> bytes:
    """Encode `withdraw`."""
    return funds(Kind.WITHDRAW, account, asset, amount, request_id=request_id)


def funds(
    kind: int,
    account: int,
    asset: int,
    amount: int,
    to_account: int = 0,
    *,
    request_id: int = 0,
    version: int = VERSION,
    flags: int = 0,
    time_ns: int = 0,
    reserved: int = 0,
) -> bytes:
    """Encode a command that moves money, of any kind."""
    return _FUNDS.pack(
        kind,
        version,
        flags,
        asset,
        time_ns,
        _words(request_id),
        account,
        to_account,
        _words(amount),
        reserved,
    )


def settle(
    withdrawal_sequence: int,
    number: int,
    source: int = 1,
    *,
    post: int = 1,
    instrument: int = 0,
    time_ns: int = 0,
) -> bytes:
    """Encode `settle_withdrawal`: 1 posts it, 0 voids it."""
    return _SETTLE.pack(
        Kind.SETTLE_WITHDRAWAL,
        VERSION,
        0,
        instrument,
        time_ns,
        source,
        number,
        withdrawal_sequence,
        post,
        b"",
    )


_INSTRUMENT_FIELDS: dict[str, Field] = {
    "version": VERSION,
    "flags": 0,
    "number": 1,
    "time_ns": 0,
    "request_id": 0,
    "base_asset": 1,
    "quote_asset": 2,
    "symbol": "BTCUSDT",
    "tick": 1,
    "lot": 1,
    "tick_decimals": 2,
    "lot_decimals": 3,
    "base_decimals": 3,
    "quote_decimals": 5,
    "parts_max": 0,
    "price_min": 1,
    "price_max": 1_000_000,
    "lots_min": 1,
    "lots_max": 1_000_000,
    "reserved": b"",
}
_LIMITS_FIELDS: dict[str, Field] = {
    "limits_version": VERSION,
    "limits_flags": 0,
    "limits_number": 1,
    "notional_min": bytes(16),
    "notional_max": bytes(16),
    "band_ppm": 0,
    "market_band_ppm": 0,
    "account_orders_max": 0,
    "orders_max": 0,
    "account_stops_max": 0,
    "stops_max": 0,
}


def instrument(number: int = 1, *, kind: int = Kind.ADD_INSTRUMENT, **fields: Field) -> bytes:
    """Encode an instrument: both its records. One lot at one tick is worth one unit as it stands.

    `tick` and `lot` are mantissas; a notional may be a number.
    """
    limits: dict[str, Field] = {"limits_number": number}
    head: dict[str, Field] = {"number": number}
    for key, value in fields.items():
        if key in _LIMITS_FIELDS:
            is_number = key.startswith("notional") and isinstance(value, int)
            limits[key] = _words(int(value)) if is_number else value
        else:
            head[key] = value
    return _INSTRUMENT.pack(kind, *_values(_INSTRUMENT_FIELDS, head)) + _LIMITS.pack(
        Kind.INSTRUMENT_LIMITS, *_values(_LIMITS_FIELDS, limits)
    )


def update_instrument(number: int = 1, **fields: Field) -> bytes:
    """Encode an instrument stated anew."""
    return instrument(number, kind=Kind.UPDATE_INSTRUMENT, **fields)
