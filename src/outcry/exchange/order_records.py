"""The records of single orders, from what people say of them."""

import re

from outcry._native import to_choice
from outcry.errors import InvalidValue
from outcry.exchange.commands import record_of
from outcry.exchange.instrument import Instrument
from outcry.exchange.lists import Leg
from outcry.exchange.values import U32_MAX, U64_MAX, Number, shown, to_flag, to_whole
from outcry.protocol import (
    AMOUNT_ORDER,
    EXTENDED_ORDER,
    CommandKind,
    OrderFlag,
    OrderType,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
)

_NAME = re.compile("[!-~]{1,36}")
_TRAIL_PPM_MAX = 999_999


def new_order(kind: CommandKind, instrument: Instrument, account: int, order: object) -> bytes:
    """Return an order, by itself or as one of a list, as its kind says.

    Raises:
        InvalidValue: It is no `Leg`, or a value of it cannot be taken.
    """
    if not isinstance(order, Leg):
        raise InvalidValue("order", shown(order), "must be a Leg")
    record = record_of(EXTENDED_ORDER, kind)
    order_type = to_choice("type", order.type)
    usual = TimeInForce.IOC if order_type == OrderType.MARKET else TimeInForce.GTC
    lives = usual if order.time_in_force is None else order.time_in_force
    record["instrument"] = instrument.number
    record["account"] = to_whole("account", account, U32_MAX)
    record["flags"] = OrderFlag.POST_ONLY if to_flag("post_only", order.post_only) else 0
    record["side"] = to_choice("side", order.side)
    record["order_type"] = order_type
    record["time_in_force"] = to_choice("time_in_force", lives)
    record["self_trade"] = to_choice("self_trade", order.self_trade)
    record["price_ticks"] = 0 if order.price is None else instrument.ticks(order.price)
    record["quantity_lots"] = instrument.lots(order.quantity)
    record["stop"], record["stop_unit"] = _stop(instrument, order)
    record["trigger"] = 0 if order.trigger is None else to_choice("trigger", order.trigger)
    shows = order.display
    record["display_lots"] = 0 if shows is None else instrument.lots(shows, "display")
    record["expire_time_ns"] = to_whole("expire_time_ns", order.expire_time_ns, U64_MAX)
    record["client_order_id"] = name("client_order_id", order.client_order_id)
    return record.tobytes()


def new_amount_order(
    instrument: Instrument,
    account: int,
    side: Side | str,
    amount: Number,
    *,
    self_trade: SelfTrade | str,
    client_order_id: str | None,
) -> bytes:
    """Return a market order by an amount of the quote asset.

    Raises:
        InvalidValue: A value cannot be taken.
    """
    record = record_of(AMOUNT_ORDER, CommandKind.NEW_AMOUNT)
    units = instrument.amount_units(amount)
    record["instrument"] = instrument.number
    record["account"] = to_whole("account", account, U32_MAX)
    record["side"] = to_choice("side", side)
    record["order_type"] = OrderType.MARKET
    record["time_in_force"] = TimeInForce.IOC
    record["self_trade"] = to_choice("self_trade", self_trade)
    record["amount"] = units & U64_MAX, units >> 64
    record["client_order_id"] = name("client_order_id", client_order_id)
    return record.tobytes()


def name(field: str, name: object) -> bytes:
    """Return a client's name for an order or a list, nothing for None.

    Raises:
        InvalidValue: It is none.
    """
    if name is None:
        return b""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name.encode("ascii")
    bound = "must be a str of 1 to 36 printable ASCII characters without blanks"
    raise InvalidValue(field, shown(name), bound)


def _stop(instrument: Instrument, order: Leg) -> tuple[int, StopUnit]:
    given = {"stop": order.stop, "trail": order.trail, "trail_ppm": order.trail_ppm}
    said = [name for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise InvalidValue("stop", " and ".join(said), "must not be given together")
    if order.stop is not None:
        return instrument.ticks(order.stop, "stop"), StopUnit.PRICE
    if order.trail is not None:
        return instrument.ticks(order.trail, "trail"), StopUnit.TRAIL_TICKS
    if order.trail_ppm is not None:
        return to_whole("trail_ppm", order.trail_ppm, _TRAIL_PPM_MAX), StopUnit.TRAIL_PPM
    return 0, StopUnit.PRICE
