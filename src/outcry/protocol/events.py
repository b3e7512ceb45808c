"""Events by meaning, read from arrays of event records.

A record of a trade names the maker, the price and the lots only; its sequence, taker and trade id
follow from the records before it. The core puts them together, in bulk: `place_events` gives
columns, `read_events` objects. Both read from the start of a command.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.protocol.dtypes import PLACED_EVENT, rows_of
from outcry.protocol.vocabulary import (
    CancelReason,
    EventKind,
    ListState,
    RejectReason,
    Side,
    TradingState,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has.

    Attributes:
        sequence: The sequence of its command.
        place: Its place among the events of that command, from 0.
        instrument: The instrument's number, or 0.
    """

    sequence: int
    place: int
    instrument: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """The command was accepted and made this order, 0 for none; `more` asks for it again."""

    order_id: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Event):
    """The command was refused; 0 where it named no order, or broke no limit."""

    reason: RejectReason
    order_id: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRequest(Event):
    """The request id was seen before; `outcome` is the reject's reason then, None for none."""

    outcome: RejectReason | None
    order_id: int
    first_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded(Event):
    """Two orders traded at the maker's price; `aggressor` is the taker's side."""

    trade_id: int
    maker_order_id: int
    taker_order_id: int
    price_ticks: int
    quantity_lots: int
    aggressor: Side
    maker_filled: bool
    taker_filled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevented(Event):
    """Two orders of one group each lost this much without a trade."""

    maker_order_id: int
    taker_order_id: int
    quantity_lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Event):
    """An order ended by cancellation with this much open.

    `refusal` says what refused a pending order of a list when its turn came.
    """

    order_id: int
    quantity_lots: int
    reason: CancelReason
    refusal: RejectReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced(Event):
    """An order was replaced; `kept_priority` says whether it kept its place."""

    order_id: int
    kept_priority: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Event):
    """A pending order of a list enters, with this much: a sell may have to do with less."""

    order_id: int
    quantity_lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered(Event):
    """A stop was met by a trade at this price."""

    order_id: int
    price_ticks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceShown(Event):
    """An iceberg shows this much at the back of its level."""

    order_id: int
    quantity_lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired(Event):
    """An order's time came with this much open."""

    order_id: int
    quantity_lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanged(Event):
    """An order list changed its state."""

    list_id: int
    state: ListState


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """An instrument changed its state."""

    state: TradingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicative(Event):
    """What the auction would trade, quantity 0 when nothing crosses."""

    price_ticks: int
    quantity_lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceChanged(Event):
    """An account has so much of an asset once the command is done, in smallest units.

    Account 0 is the external one, minus what is on deposit; account 2^32 - 1 holds the fees.
    """

    account: int
    asset: int
    available: int
    held: int


def place_events(events: "ReadableBuffer | npt.NDArray[np.void]") -> npt.NDArray[np.void]:
    """Give each event its sequence, its place and all else that follows from those before it.

    Args:
        events: Event records from the start of a command, as `Engine.apply` returns them.

    Returns:
        An array of dtype `PLACED_EVENT`, one row an event; fields that a kind does not have are 0.
        Money is two words, the high one signed.

    Raises:
        MalformedRecord: A record is no event.

    >>> import numpy as np
    >>> from outcry.protocol import EVENT, EventKind
    >>> records = np.zeros(2, EVENT)
    >>> records["kind"] = EventKind.ACCEPTED, EventKind.TRADED
    >>> records["version"] = 1
    >>> records[0]["sequence_or_price"], records[0]["order_id"], records[0]["value"] = 9, 44, 7
    >>> records[1]["sequence_or_price"], records[1]["order_id"], records[1]["value"] = 100, 40, 5
    >>> placed = place_events(records)
    >>> placed[["sequence", "place", "trade_id", "taker_order_id", "price_ticks"]][1].item()
    (9, 1, 7, 44, 100)
    """
    return rows_of(_native.place_events(events), PLACED_EVENT)


def read_events(events: "ReadableBuffer | npt.NDArray[np.void]") -> Iterator[Event]:
    """Read event records as objects, one for each event.

    Args:
        events: Event records from the start of a command, as `Engine.apply` returns them.

    Raises:
        MalformedRecord: A record is no event.

    >>> import numpy as np
    >>> from outcry.protocol import EVENT, EventKind
    >>> record = np.zeros(1, EVENT)
    >>> record["kind"], record["version"], record["sequence_or_price"] = EventKind.EXPIRED, 1, 9
    >>> record["instrument"], record["order_id"], record["value"] = 1, 44, 5
    >>> list(read_events(record))
    [Expired(sequence=9, place=0, instrument=1, order_id=44, quantity_lots=5)]
    """
    for values in place_events(events).tolist():
        row = _Row._make(values)
        yield _READERS[row.kind](row)


class _Row(NamedTuple):
    """A row of dtype `PLACED_EVENT`, field by field."""

    kind: int
    aggressor: int
    state: int
    more: bool
    kept_priority: bool
    maker_filled: bool
    taker_filled: bool
    reserved: bytes
    instrument: int
    place: int
    account: int
    asset: int
    reason: int
    refusal: int
    reserved_middle: bytes
    sequence: int
    order_id: int
    taker_order_id: int
    trade_id: int
    price_ticks: int
    quantity_lots: int
    bound: int
    first_sequence: int
    available_low: int
    available_high: int
    held_low: int
    held_high: int


def _head(row: _Row) -> dict[str, int]:
    return {"sequence": row.sequence, "place": row.place, "instrument": row.instrument}


def _lots_of_order(row: _Row) -> dict[str, int]:
    return _head(row) | {"order_id": row.order_id, "quantity_lots": row.quantity_lots}


def _traded(row: _Row) -> Event:
    return Traded(
        **_head(row),
        trade_id=row.trade_id,
        maker_order_id=row.order_id,
        taker_order_id=row.taker_order_id,
        price_ticks=row.price_ticks,
        quantity_lots=row.quantity_lots,
        aggressor=Side(row.aggressor),
        maker_filled=row.maker_filled,
        taker_filled=row.taker_filled,
    )


def _duplicate(row: _Row) -> Event:
    return DuplicateRequest(
        **_head(row),
        outcome=RejectReason(row.reason) if row.reason else None,
        order_id=row.order_id,
        first_sequence=row.first_sequence,
    )


def _rejected(row: _Row) -> Event:
    reason = RejectReason(row.reason)
    return Rejected(**_head(row), reason=reason, order_id=row.order_id, bound=row.bound)


def _cancelled(row: _Row) -> Event:
    return Cancelled(
        **_head(row),
        order_id=row.order_id,
        quantity_lots=row.quantity_lots,
        reason=CancelReason(row.reason),
        refusal=RejectReason(row.refusal) if row.refusal else None,
    )


def _prevented(row: _Row) -> Event:
    return Prevented(
        **_head(row),
        maker_order_id=row.order_id,
        taker_order_id=row.taker_order_id,
        quantity_lots=row.quantity_lots,
    )


def _balance(row: _Row) -> Event:
    return BalanceChanged(
        **_head(row),
        account=row.account,
        asset=row.asset,
        available=row.available_high << 64 | row.available_low,
        held=row.held_high << 64 | row.held_low,
    )


_READERS: dict[int, Callable[[_Row], Event]] = {
    EventKind.ACCEPTED: lambda row: Accepted(**_head(row), order_id=row.order_id, more=row.more),
    EventKind.REJECTED: _rejected,
    EventKind.DUPLICATE_REQUEST: _duplicate,
    EventKind.TRADED: _traded,
    EventKind.PREVENTED: _prevented,
    EventKind.CANCELLED: _cancelled,
    EventKind.ENTERED: lambda row: Entered(**_lots_of_order(row)),
    EventKind.REPLACED: lambda row: Replaced(
        **_head(row), order_id=row.order_id, kept_priority=row.kept_priority
    ),
    EventKind.TRIGGERED: lambda row: Triggered(
        **_head(row), order_id=row.order_id, price_ticks=row.price_ticks
    ),
    EventKind.SLICE_SHOWN: lambda row: SliceShown(**_lots_of_order(row)),
    EventKind.EXPIRED: lambda row: Expired(**_lots_of_order(row)),
    EventKind.LIST_CHANGED: lambda row: ListChanged(
        **_head(row), list_id=row.order_id, state=ListState(row.state)
    ),
    EventKind.STATE_CHANGED: lambda row: StateChanged(**_head(row), state=TradingState(row.state)),
    EventKind.INDICATIVE: lambda row: Indicative(
        **_head(row), price_ticks=row.price_ticks, quantity_lots=row.quantity_lots
    ),
    EventKind.BALANCE_CHANGED: _balance,
}
