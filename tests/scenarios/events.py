"""Event records as lines that people read and tests compare."""

from outcry.reference.codes import CancelReason, EventKind, Reason, TradeFlag, TradingState
from outcry.reference.events import EVENT


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
            text += f" {value} {CancelReason(code).name.lower()}"
        case EventKind.TRIGGERED:
            text += f" @{value}"
        case EventKind.STATE_CHANGED:
            text += f" {TradingState(code).name.lower()}"
        case EventKind.REPLACED:
            text += " kept" if code else ""
        case EventKind.ACCEPTED:
            text += " more" if code else ""
        case EventKind.PREVENTED | EventKind.SLICE_SHOWN | EventKind.EXPIRED:
            text += f" {value}"
    return text


def describe_all(data: bytes) -> list[str]:
    """Return all events of bytes as lines."""
    return [describe(record) for record in split(data)]


def _reason(code: int) -> str:
    return Reason(code).name.lower()


def _trade_flags(code: int) -> str:
    names = {
        TradeFlag.AGGRESSOR_SELLS: " sells",
        TradeFlag.MAKER_FILLED: " maker_filled",
        TradeFlag.TAKER_FILLED: " taker_filled",
    }
    return "".join(text for flag, text in names.items() if code & flag)
