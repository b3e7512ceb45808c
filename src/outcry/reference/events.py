"""The events of a command as records of 32 bytes, and the digest that folds them all."""

import struct

from outcry.reference.codes import VERSION, EventKind

EVENT = struct.Struct("<BBHIQQQ")
_BALANCE = struct.Struct("<BBHIQ16s")
_WORDS = struct.Struct("<4Q")
_U64 = (1 << 64) - 1

# The fractional part of the golden ratio, then of square roots: odd numbers without structure.
_KEYS = (0x9E37_79B9_7F4A_7C15, 0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B)
_STEP = 0xA54F_F53A_5F1D_36F1
_ROTATION = 29


def encode(kind: int, code: int, instrument: int, *, head: int, order_id: int, value: int) -> bytes:
    """Encode an event; `head` is the sequence, or of a trade the price."""
    return EVENT.pack(kind, VERSION, code, instrument, head, order_id, value & _U64)


def encode_balance(
    sequence: int, account: int, asset: int, available: int, held: int
) -> tuple[bytes, bytes]:
    """Encode a balance: a record with what is available, and a record with what is held."""
    changed = _BALANCE.pack(
        EventKind.BALANCE_CHANGED, VERSION, 0, asset, sequence, _money(available)
    )
    also_held = _BALANCE.pack(EventKind.BALANCE_HELD, VERSION, 0, asset, account, _money(held))
    return changed, also_held


def _money(amount: int) -> bytes:
    return amount.to_bytes(16, "little", signed=True)


def fold(digest: int, record: bytes) -> int:
    """Return the digest with one more record folded in."""
    a, b, c, d = _WORDS.unpack(record)
    rotated = (digest << _ROTATION | digest >> (64 - _ROTATION)) & _U64
    first = _fold_product(a ^ _KEYS[0], b ^ _KEYS[1])
    second = _fold_product(c ^ _KEYS[2], d ^ _KEYS[3])
    return ((rotated ^ first) + second) * _STEP & _U64


def _fold_product(left: int, right: int) -> int:
    """Return both halves of the 128-bit product, joined by exclusive or."""
    product = left * right
    return (product & _U64) ^ (product >> 64)
