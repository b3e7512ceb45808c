"""Event records as lines that people read and tests compare."""

import struct
from itertools import pairwise

from outcry.reference.codes import (
    EXTERNAL_ACCOUNT,
    FEE_ACCOUNT,
    CancelReason,
    EventKind,
    ListState,
    Reason,
    TradeFlag,
    TradingState,
)
from outcry.reference.events import EVENT

_BALANCE = struct.Struct("<BBHIQ16s")
_ACCOUNTS = {EXTERNAL_ACCOUNT: "external", FEE_ACCOUNT: "fees"}
_ASSETS = {1: "BTC", 2: "USDT"}


def split(data: bytes) -> list[bytes]:
    """Split bytes into event records."""
    return [data[offset : offset + EVENT.size] for offset in range(0, len(data), EVENT.size)]


def describe(record: bytes) -> str:
    """Return an event as a line: what, which order, how many lots, at what price, why."""
    number, _, code, _, head, order_id, value = EVENT.unpack(record)
    kind = EventKind(number)
    name = kind.name.lower()
    text = f"{name} #{order_id}" if order_id else name
    match kind:
        case EventKind.TRADED:
            text += f" {value}@{head}{_trade_flags(code)}"
        case EventKind.REJECTED:
            order = f" #{order_id}" if order_id else ""
            text = f"{name} {_reason(code)}{order}" + (f" {value}" if value else "")
        case EventKind.DUPLICATE_REQUEST:
            text = f"{name} {_reason(code) if code else 'accepted'} #{order_id} of {value}"
        case EventKind.CANCELLED:
            text += f" {value} {_cancel_reason(code)}"
        case EventKind.TRIGGERED:
            text += f" @{value}"
        case EventKind.REPLACED:
            text += " kept" if code else ""
        case EventKind.ACCEPTED:
            text += " more" if code else ""
        case EventKind.STATE_CHANGED | EventKind.LIST_CHANGED:
            states = TradingState if kind == EventKind.STATE_CHANGED else ListState
            text += f" {states(code).name.lower()}"
        case EventKind.ENTERED | EventKind.PREVENTED | EventKind.SLICE_SHOWN | EventKind.EXPIRED:
            text += f" {value}"
    return text


def describe_all(data: bytes) -> list[str]:
    """Return all events of bytes as lines; a balance, which takes two records, is one line."""
    lines = []
    records = iter(split(data))
    for record in records:
        if record[0] == EventKind.BALANCE_CHANGED:
            lines.append(describe_balance(*read_balance(record, next(records))))
        else:
            lines.append(describe(record))
    return lines


def read_balance(changed: bytes, also_held: bytes) -> tuple[int, int, int, int]:
    """Return account, asset, what is available and what is held."""
    _, _, code, asset, _, available = _BALANCE.unpack(changed)
    kind, _, held_code, same_asset, account, held = _BALANCE.unpack(also_held)
    assert (kind, code, held_code, same_asset) == (EventKind.BALANCE_HELD, 0, 0, asset)
    return account, asset, _money(available), _money(held)


def describe_balance(account: int, asset: int, available: int, held: int) -> str:
    """Return a balance as a line."""
    owner = _ACCOUNTS.get(account, str(account))
    return f"balance {owner} {_ASSETS.get(asset, asset)} {available} + {held}"


def read_balances(data: bytes) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the balances that events say, available and held by account and asset."""
    records = split(data)
    found = [
        read_balance(changed, also_held)
        for changed, also_held in pairwise(records)
        if changed[0] == EventKind.BALANCE_CHANGED
    ]
    return {(account, asset): (available, held) for account, asset, available, held in found}


def _money(words: bytes) -> int:
    return int.from_bytes(words, "little", signed=True)


def _reason(code: int) -> str:
    return Reason(code).name.lower()


def _cancel_reason(code: int) -> str:
    """Return why an order was cancelled; a pending one may be refused like a command."""
    is_refusal = code >= Reason.MALFORMED
    return f"refused {_reason(code)}" if is_refusal else CancelReason(code).name.lower()


def _trade_flags(code: int) -> str:
    names = {
        TradeFlag.AGGRESSOR_SELLS: " sells",
        TradeFlag.MAKER_FILLED: " maker_filled",
        TradeFlag.TAKER_FILLED: " taker_filled",
    }
    return "".join(text for flag, text in names.items() if code & flag)
