"""The records of order lists, and what their events say became of them."""

import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from outcry._native import to_choice
from outcry.errors import InvalidValue
from outcry.exchange.answers import Answer
from outcry.exchange.commands import record_of, request
from outcry.exchange.instrument import Instrument
from outcry.exchange.lists import CancelledList, Leg, ListPlacement
from outcry.exchange.orders import Fill, OrderStatus, Placement
from outcry.exchange.values import U32_MAX, U64_MAX, shown, to_flag, to_whole
from outcry.protocol import (
    ADMIN,
    EXTENDED_ORDER,
    LIST,
    CancelReason,
    CommandKind,
    EventKind,
    ListState,
    ListType,
    OrderFlag,
    OrderType,
    StopUnit,
    TimeInForce,
)

_NAME = re.compile("[!-~]{1,36}")
_TRAIL_PPM_MAX = 999_999
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)


def new_list(
    instrument: Instrument,
    list_type: int,
    legs: Sequence[Leg],
    *,
    account: int,
    client_list_id: str | None,
    request_id: int,
) -> bytes:
    """Return a list and its orders.

    Raises:
        InvalidValue: A value cannot be taken.
    """
    count = len(legs)
    record = record_of(LIST, CommandKind.NEW_LIST)
    record["instrument"] = instrument.number
    record["account"] = to_whole("account", account, U32_MAX)
    record["request_id"] = request(request_id)
    record["list_type"] = list_type
    record["legs"] = count
    record["client_list_id"] = _name("client_list_id", client_list_id)
    return b"".join([record.tobytes(), *(_leg(instrument, account, leg) for leg in legs)])


def to_legs(legs: object, list_type: int) -> tuple[Leg, ...]:
    """Return the orders of a list of this type.

    Raises:
        InvalidValue: They are no sequence of as many as such a list has.
    """
    count = 3 if list_type == ListType.OTOCO else 2
    if isinstance(legs, Sequence) and len(legs) == count:
        found = tuple(leg for leg in legs if isinstance(leg, Leg))
        if len(found) == count:
            return found
    bound = f"must be a sequence of {count} Legs for {ListType(list_type)}"
    raise InvalidValue("legs", shown(legs), bound)


def cancel_list(instrument: int, account: int, list_id: int, request_id: int) -> bytes:
    """Return the cancel of a list; instrument 0 is the list's own."""
    record = record_of(ADMIN, CommandKind.CANCEL_LIST)
    record["instrument"] = instrument
    record["account"] = to_whole("account", account, U32_MAX)
    record["list_id"] = to_whole("list_id", list_id, U64_MAX)
    record["request_id"] = request(request_id)
    return record.tobytes()


def _leg(instrument: Instrument, account: int, leg: Leg) -> bytes:
    record = record_of(EXTENDED_ORDER, CommandKind.LIST_LEG)
    order_type = to_choice("type", leg.type)
    usual = TimeInForce.IOC if order_type == OrderType.MARKET else TimeInForce.GTC
    lives = usual if leg.time_in_force is None else leg.time_in_force
    record["instrument"] = instrument.number
    record["account"] = account
    record["flags"] = OrderFlag.POST_ONLY if to_flag("post_only", leg.post_only) else 0
    record["side"] = to_choice("side", leg.side)
    record["order_type"] = order_type
    record["time_in_force"] = to_choice("time_in_force", lives)
    record["self_trade"] = to_choice("self_trade", leg.self_trade)
    record["price_ticks"] = 0 if leg.price is None else instrument.ticks(leg.price)
    record["quantity_lots"] = instrument.lots(leg.quantity)
    record["stop"], record["stop_unit"] = _stop(instrument, leg)
    record["trigger"] = 0 if leg.trigger is None else to_choice("trigger", leg.trigger)
    record["display_lots"] = 0 if leg.display is None else instrument.lots(leg.display, "display")
    record["expire_time_ns"] = to_whole("expire_time_ns", leg.expire_time_ns, U64_MAX)
    record["client_order_id"] = _name("client_order_id", leg.client_order_id)
    return record.tobytes()


def _stop(instrument: Instrument, leg: Leg) -> tuple[int, StopUnit]:
    given = {"stop": leg.stop, "trail": leg.trail, "trail_ppm": leg.trail_ppm}
    said = [name for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise InvalidValue("stop", " and ".join(said), "must not be given together")
    if leg.stop is not None:
        return instrument.ticks(leg.stop, "stop"), StopUnit.PRICE
    if leg.trail is not None:
        return instrument.ticks(leg.trail, "trail"), StopUnit.TRAIL_TICKS
    if leg.trail_ppm is not None:
        return to_whole("trail_ppm", leg.trail_ppm, _TRAIL_PPM_MAX), StopUnit.TRAIL_PPM
    return 0, StopUnit.PRICE


def _name(field: str, name: object) -> bytes:
    if name is None:
        return b""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name.encode("ascii")
    bound = "must be a str of 1 to 36 printable ASCII characters without blanks"
    raise InvalidValue(field, shown(name), bound)


def read_placement(answer: Answer, instrument: Instrument, record: bytes) -> ListPlacement:
    """Read what became of a list from the events of the command that placed it."""
    head = np.frombuffer(record, LIST, 1)[0]
    legs = np.frombuffer(record, EXTENDED_ORDER, offset=LIST.itemsize)
    rows = answer.rows
    ids = rows["order_id"][: len(legs)].tolist()
    is_oco = head["list_type"] == ListType.OCO
    courses = {
        order_id: _Course(leg, works=is_oco or number == 0)
        for number, (order_id, leg) in enumerate(zip(ids, legs, strict=True))
    }
    state = ListState.EXECUTING
    for row in rows[len(legs) :]:
        if row["kind"] == EventKind.LIST_CHANGED and row["order_id"] == answer.sequence:
            state = ListState(row["state"])
            continue
        for order_id in (int(row["order_id"]), int(row["taker_order_id"])):
            if order_id in courses:
                courses[order_id].take_in(row)
    placed = (course.told(instrument, order_id, answer) for order_id, course in courses.items())
    return ListPlacement(answer.sequence, state, tuple(placed), answer.time_ns)


def read_cancelled(answer: Answer, instrument: Instrument, list_id: int) -> CancelledList:
    """Read which orders a cancel of a list ended."""
    rows = answer.rows
    chosen = rows[
        (rows["kind"] == EventKind.CANCELLED) & (rows["reason"] == CancelReason.REQUESTED)
    ]
    orders: tuple[tuple[int, Decimal], ...] = tuple(
        (int(row["order_id"]), instrument.quantity(int(row["quantity_lots"]))) for row in chosen
    )
    return CancelledList(list_id, orders, answer.sequence, answer.time_ns)


class _Course:
    """What events say of an order of a list."""

    __slots__ = ("_fills", "_left", "_reason", "_standing", "_status")

    def __init__(self, leg: np.void, *, works: bool) -> None:
        is_stop = leg["order_type"] in _STOPS
        self._standing = OrderStatus.WAITING if is_stop else OrderStatus.RESTING
        self._status = self._standing if works else OrderStatus.PENDING
        self._left = int(leg["quantity_lots"])
        self._fills: list[npt.NDArray[np.void] | np.void] = []
        self._reason: CancelReason | None = None

    def take_in(self, row: np.void) -> None:
        """Take in an event of this order."""
        lots = int(row["quantity_lots"])
        match int(row["kind"]):
            case EventKind.TRADED:
                self._left -= lots
                self._fills.append(row)
            case EventKind.PREVENTED:
                self._left -= lots
            case EventKind.ENTERED:
                self._left = lots
                self._status = self._standing
            case EventKind.TRIGGERED:
                # Its turn in the queue comes within the same command.
                self._status = OrderStatus.RESTING
            case EventKind.CANCELLED:
                self._status, self._left = OrderStatus.CANCELLED, 0
                self._reason = CancelReason(row["reason"])
            case EventKind.EXPIRED:
                self._status, self._left = OrderStatus.EXPIRED, 0

    def told(self, instrument: Instrument, order_id: int, answer: Answer) -> Placement:
        """Return it as people read it."""
        is_filled = self._left == 0 and self._status.is_open
        fills = (
            Fill(
                int(row["trade_id"]),
                instrument.price(int(row["price_ticks"])),
                instrument.quantity(int(row["quantity_lots"])),
                int(row["order_id"]),
                int(row["taker_order_id"]),
            )
            for row in self._fills
        )
        return Placement(
            order_id=order_id,
            status=OrderStatus.FILLED if is_filled else self._status,
            open_quantity=instrument.quantity(self._left),
            fills=tuple(fills),
            cancel_reason=self._reason,
            sequence=answer.sequence,
            time_ns=answer.time_ns,
        )
