"""The hash over the whole state, equal on every machine for equal input."""

import hashlib
import struct

from outcry.reference.codes import Side
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, Remembered
from outcry.reference.order import Order

_HEAD = struct.Struct("<QQQQ")
_COUNT = struct.Struct("<I")
_PAIR = struct.Struct("<II")
_REQUEST = struct.Struct("<16sQHQ")
_INSTRUMENT = struct.Struct("<BqqQQ")
_ORDER = struct.Struct("<QQIIBBBBBqQQQQqBBqqqqIQ36s")

_IDENTITY = slice(4, 8)
_NUMBERS = slice(32, 128)
_LIMITS = slice(128 + 8, 192)


def state_hash(machine: Machine) -> bytes:
    """Return the SHA-256 of the state, 32 bytes."""
    return hashlib.sha256(state_bytes(machine)).digest()


def state_bytes(machine: Machine) -> bytes:
    """Return the bytes that the hash is taken of."""
    parts = [
        b"outcry-state-1",
        _HEAD.pack(machine.sequence, machine.time_ns, machine.order_count, machine.digest),
    ]
    groups = [pair for pair in sorted(machine.groups.items()) if pair[0] != pair[1]]
    parts.append(_COUNT.pack(len(groups)))
    parts += [_PAIR.pack(account, group) for account, group in groups]
    parts.append(_COUNT.pack(len(machine.requests)))
    for account, answers in sorted(machine.requests.items()):
        parts.append(_PAIR.pack(account, len(answers)))
        parts += [_request_bytes(answer) for answer in answers]
    parts.append(_COUNT.pack(len(machine.instruments)))
    parts += [_instrument_bytes(item) for _, item in sorted(machine.instruments.items())]
    return b"".join(parts)


def _request_bytes(answer: Remembered) -> bytes:
    return _REQUEST.pack(answer.request_id, answer.sequence, answer.code, answer.order_id)


def _instrument_bytes(instrument: Instrument) -> bytes:
    raw = instrument.terms.raw
    numbers = _INSTRUMENT.pack(
        instrument.state,
        instrument.set_reference_ticks,
        instrument.last_trade_ticks,
        instrument.next_trade_id,
        instrument.update_number,
    )
    groups = [
        instrument.resting(Side.BUY),
        instrument.resting(Side.SELL),
        sorted(instrument.waiting, key=lambda order: order.order_id),
        instrument.queue,
    ]
    orders = b"".join(
        _COUNT.pack(len(group)) + b"".join(map(_order_bytes, group)) for group in groups
    )
    return raw[_IDENTITY] + raw[_NUMBERS] + raw[_LIMITS] + numbers + orders


def _order_bytes(order: Order) -> bytes:
    return _ORDER.pack(
        order.order_id,
        order.arrival,
        order.account,
        order.group,
        order.side,
        order.order_type,
        order.time_in_force,
        order.self_trade,
        order.post_only,
        order.price_ticks,
        order.open_lots,
        order.done_lots,
        order.shown_lots,
        order.display_lots,
        order.stop_ticks,
        order.trigger,
        order.stop_unit,
        order.distance,
        order.best_trade_ticks,
        order.bound_low_ticks,
        order.bound_high_ticks,
        order.band_ppm,
        order.expire_time_ns,
        order.client_order_id,
    )
