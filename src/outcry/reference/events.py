"""The events of a command as records of 32 bytes, and the digest that folds them all."""

import struct

from outcry.reference.codes import VERSION

EVENT = struct.Struct("<BBHIQQQ")
_WORDS = struct.Struct("<4Q")
_U64 = (1 << 64) - 1

# The fractional part of the golden ratio, then of square roots: odd numbers without structure.
_KEYS = (0x9E37_79B9_7F4A_7C15, 0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B)
_STEP = 0xA54F_F53A_5F1D_36F1
_ROTATION = 29


def encode(kind: int, code: int, instrument: int, *, head: int, order_id: int, value: int) -> bytes:
    """Encode an event; `head` is the sequence, or of a trade the price."""
    return EVENT.pack(kind, VERSION, code, instrument, head, order_id, value & _U64)


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
