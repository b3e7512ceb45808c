"""The hash over the whole state, equal on every machine for equal input."""

import hashlib
import struct

from outcry.reference import holds
from outcry.reference.codes import EXTERNAL_ACCOUNT, ListState, Side
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, Remembered
from outcry.reference.order import Order
from outcry.reference.order_list import OrderList
from outcry.reference.records import NO_TEXT

_NAME = b"outcry-state-3"
_HEAD = struct.Struct("<QQQQB")
_COUNT = struct.Struct("<I")
_PAIR = struct.Struct("<II")
_ASSET = struct.Struct("<I16sB16s")
_ACCOUNT = struct.Struct("<IIiiB")
_BALANCE = struct.Struct("<II16s16s")
_WITHDRAWAL = struct.Struct("<QII16s")
_SOURCE = struct.Struct("<QQQH")
_REQUEST = struct.Struct("<16sQHQ")
_INSTRUMENT = struct.Struct("<BqqQQ")
_ORDER = struct.Struct("<QQIIiiQQ16sBBBBBqQQB")
_EXTRA = struct.Struct("<QQqBBqqqqIQ36sQ")
_LIST = struct.Struct("<QBBIB")
_ORDER_ID = struct.Struct("<Q")
_NO_EXTRA = (*[0] * 10, NO_TEXT, 0)
_NO_STAMPS = (0, 0, 0, 0, bytes(16))

_IDENTITY = slice(4, 8)
_NUMBERS = slice(32, 128)
_LIMITS = slice(128 + 8, 192)


def state_hash(machine: Machine) -> bytes:
    """Return the SHA-256 of the state, 32 bytes."""
    return hashlib.sha256(state_bytes(machine)).digest()


def state_bytes(machine: Machine) -> bytes:
    """Return the bytes that the hash is taken of."""
    head = _HEAD.pack(
        machine.sequence, machine.time_ns, machine.order_count, machine.digest, machine.money
    )
    parts = [_NAME, head, _accounts_bytes(machine) if machine.money else _groups_bytes(machine)]
    parts.append(_COUNT.pack(len(machine.requests)))
    for account, answers in sorted(machine.requests.items()):
        parts.append(_PAIR.pack(account, len(answers)))
        parts += [_request_bytes(answer) for answer in answers]
    parts.append(_COUNT.pack(len(machine.instruments)))
    parts += [_instrument_bytes(machine, item) for _, item in sorted(machine.instruments.items())]
    return b"".join(parts)


def _counted(parts: list[bytes]) -> bytes:
    return _COUNT.pack(len(parts)) + b"".join(parts)


def _groups_bytes(machine: Machine) -> bytes:
    """Without money: the accounts that have a group other than their own."""
    groups = [pair for pair in sorted(machine.groups.items()) if pair[0] != pair[1]]
    return _counted([_PAIR.pack(account, group) for account, group in groups])


def _accounts_bytes(machine: Machine) -> bytes:
    """With money: assets, accounts, balances, withdrawals on their way, sources."""
    accounts = machine.accounts
    assets = [
        _ASSET.pack(number, asset.name, asset.decimals, _money(-accounts.on_deposit(number)))
        for number, asset in sorted(accounts.assets.items())
    ]
    standing = [
        _ACCOUNT.pack(number, one.group, one.maker_rate_ppm, one.taker_rate_ppm, one.state)
        for number, one in sorted(accounts.accounts.items())
    ]
    balances = [
        _BALANCE.pack(account, asset, _money(balance.available), _money(balance.held))
        for (account, asset), balance in holds.balances(machine).items()
        if account != EXTERNAL_ACCOUNT
    ]
    withdrawals = [
        _WITHDRAWAL.pack(sequence, pending.account, pending.asset, _money(pending.amount))
        for sequence, pending in sorted(accounts.withdrawals.items())
    ]
    sources = [
        _SOURCE.pack(source, last.number, last.sequence, last.code)
        for source, last in sorted(accounts.sources.items())
    ]
    return b"".join(map(_counted, (assets, standing, balances, withdrawals, sources)))


def _money(amount: int) -> bytes:
    return amount.to_bytes(16, "little", signed=True)


def _request_bytes(answer: Remembered) -> bytes:
    return _REQUEST.pack(answer.request_id, answer.sequence, answer.code, answer.order_id)


def _instrument_bytes(machine: Machine, instrument: Instrument) -> bytes:
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
        sorted(instrument.pending, key=lambda order: order.order_id),
    ]
    orders = [_counted([_order_bytes(order, machine.money) for order in group]) for group in groups]
    lists = [
        _list_bytes(one)
        for _, one in sorted(machine.lists.items())
        if one.instrument == instrument.number
    ]
    head = raw[_IDENTITY] + raw[_NUMBERS] + raw[_LIMITS] + numbers
    return head + b"".join(orders) + _counted(lists)


def _list_bytes(one: OrderList) -> bytes:
    """A list that is executing; one that is over is no more."""
    head = _LIST.pack(one.list_id, one.list_type, ListState.EXECUTING, one.account, len(one.legs))
    return head + b"".join(_ORDER_ID.pack(leg.order_id) for leg in one.legs)


def _order_bytes(order: Order, money: bool) -> bytes:
    """An order; what only few orders have stands behind it where one of these fields is not zero.

    An order without them rests and shows all that is open. Only with money it has rates, and the
    stamps of its times and its traded value.
    """
    traded_value = _money(order.traded_value)
    stamps = (
        order.maker_rate_ppm,
        order.taker_rate_ppm,
        order.entered_ns,
        order.changed_ns,
        traded_value,
    )
    extra = (
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
        order.list_id,
    )
    has_extra = extra != _NO_EXTRA
    record = _ORDER.pack(
        order.order_id,
        order.arrival,
        order.account,
        order.group,
        *(stamps if money else _NO_STAMPS),
        order.side,
        order.order_type,
        order.time_in_force,
        order.self_trade,
        order.post_only,
        order.price_ticks,
        order.open_lots,
        order.done_lots,
        has_extra,
    )
    return record + _EXTRA.pack(order.shown_lots, *extra) if has_extra else record
