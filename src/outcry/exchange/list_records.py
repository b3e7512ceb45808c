"""The records of order lists, and what their events say became of them."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from outcry.errors import InvalidValue
from outcry.exchange.answers import Answer
from outcry.exchange.commands import record_of, request
from outcry.exchange.instrument import Instrument
from outcry.exchange.lists import CancelledList, Leg, ListPlacement
from outcry.exchange.order_records import name, new_order
from outcry.exchange.orders import Fill, OrderStatus, Placement
from outcry.exchange.values import U32_MAX, U64_MAX, shown, to_whole
from outcry.protocol import (
    ADMIN,
    EXTENDED_ORDER,
    LIST,
    CancelReason,
    CommandKind,
    EventKind,
    ListState,
    ListType,
    OrderType,
)

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
    record["client_list_id"] = name("client_list_id", client_list_id)
    orders = (new_order(CommandKind.LIST_LEG, instrument, account, leg) for leg in legs)
    return b"".join([record.tobytes(), *orders])


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
