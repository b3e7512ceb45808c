"""Everything that Outcry raises.

    OutcryError
    ├── InvalidValue (ValueError)           a value that cannot be taken; nothing was asked
    │   └── InvalidSetting                  a setting that cannot be; nothing was opened
    ├── UnknownSymbol (LookupError)         no instrument of that symbol; nothing was asked
    ├── UnknownAsset (LookupError)          no asset of that name; nothing was asked
    ├── MalformedRecord (ValueError)        bytes that are no record
    ├── EngineBusy (RuntimeError)           the engine is at work in another thread
    ├── UnverifiedFigure                    a benchmark that did not do what it should
    ├── RequestRepeated                     the request id was seen before; nothing was done again
    ├── OpenFailed                          the directory cannot be opened; nothing runs
    │   ├── DirectoryLocked                 ... for another process has it open
    │   ├── JournalDamaged                  ... for what was acknowledged does not read back
    │   ├── KeysDamaged                     ... for its API keys do not read back
    │   ├── NewerFormat                     ... for a newer program wrote it
    │   └── SettingsDiffer                  ... for it was begun with other rules
    ├── Overloaded                          a bound was met; nothing was done, ask again later
    │   └── DiskNearlyFull                  ... for the disk has too little room
    ├── ExchangeHalted                      the exchange stopped: what was not answered is unknown
    ├── EventsGap                           a reader was too slow for its events
    ├── EventsGone                          events that are no longer kept
    ├── ProjectionLagging                   a projection has not applied what was asked for in time
    └── CommandRejected                     the engine refused the command
        ├── OrderRejected                   ... to place, replace or cancel an order
        │   └── UnknownOrder (LookupError)  ... for no open order has that id
        ├── InstrumentRejected              ... to add, change or steer an instrument
        ├── AccountRejected                 ... to add an asset, set an account or move money
        └── InsufficientBalance             ... what the account cannot pay: an order or a payment,
                                                so it is an OrderRejected and an AccountRejected

The text of each names the field and what binds it; so do the attributes.
"""

from decimal import Decimal
from typing import Self

from outcry.protocol import CommandKind, RejectReason

Told = tuple[str, Decimal | None]
"""What a caller calls a field, and what binds it in the caller's own unit."""

Short = tuple[str | None, Decimal | None, Decimal | None]
"""Of which asset there is too little, how much is available, how much is needed."""


class OutcryError(Exception):
    """The root of all errors of this package."""


class InvalidValue(OutcryError, ValueError):
    """A value that cannot be taken. The engine was not asked, so nothing changed.

    Attributes:
        field: The argument's name.
        value: The value, as text.
        bound: What binds it, as `must be above 0`.

    >>> raise InvalidValue("price", "0", "must be above 0")
    Traceback (most recent call last):
    outcry.errors.InvalidValue: price: 0 must be above 0
    """

    def __init__(self, field: str, value: str, bound: str) -> None:
        super().__init__(field, value, bound)
        self.field = field
        self.value = value
        self.bound = bound

    def __str__(self) -> str:
        return f"{self.field}: {self.value} {self.bound}"


class InvalidSetting(InvalidValue):
    """A setting that cannot be. Nothing was opened.

    Attributes:
        field: The key, and where it was said: a file or a variable of the environment.
        value: The value, as text.
        bound: What binds it.
    """


class UnknownSymbol(OutcryError, LookupError):
    """No instrument has this symbol. The engine was not asked, so nothing changed.

    Attributes:
        symbol: The symbol.
        field: `symbol`.
    """

    field = "symbol"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"symbol: {self.symbol!r} is no instrument of this engine"


class UnknownAsset(OutcryError, LookupError):
    """No asset has this name. The engine was not asked, so nothing changed.

    Attributes:
        asset: The name.
        field: `asset`.
    """

    field = "asset"

    def __init__(self, asset: str) -> None:
        super().__init__(asset)
        self.asset = asset

    def __str__(self) -> str:
        return f"asset: {self.asset!r} is no asset here"


class MalformedRecord(OutcryError, ValueError):
    """Bytes that are no record.

    Attributes:
        offset: Where the record begins, in bytes.
        field: The record's field.
        problem: What is wrong with it.
        events: The events of the records before it, where those were applied, else None.
    """

    def __init__(self, offset: int, field: str, problem: str, events: object = None) -> None:
        super().__init__(offset, field, problem, events)
        self.offset = offset
        self.field = field
        self.problem = problem
        self.events = events

    def __str__(self) -> str:
        return f"offset {self.offset}: {self.field}: {self.problem}"


class EngineBusy(OutcryError, RuntimeError):
    """The engine is at work in another thread; one thread at a time may use it."""

    def __str__(self) -> str:
        return "the engine is at work in another thread; one at a time may use it"


class OpenFailed(OutcryError):
    """The directory of an exchange cannot be opened. Nothing runs, nothing was changed."""


class DirectoryLocked(OpenFailed):
    """Another process has the exchange open.

    Attributes:
        path: The directory.
        pid: The holder's process number, None where it has not said it yet.
    """

    def __init__(self, path: str, pid: int | None) -> None:
        super().__init__(path, pid)
        self.path = path
        self.pid = pid

    def __str__(self) -> str:
        holder = "another process" if self.pid is None else f"process {self.pid}"
        return f"{self.path}: held by {holder}"


class JournalDamaged(OpenFailed):
    """What was acknowledged does not read back. `outcry journal verify` tells more.

    Attributes:
        file: The file.
        offset: Where in it, in bytes.
        problem: What is wrong there.
    """

    def __init__(self, file: str, offset: int, problem: str) -> None:
        super().__init__(file, offset, problem)
        self.file = file
        self.offset = offset
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}: offset {self.offset}: {self.problem}"


class KeysDamaged(OpenFailed):
    """The API keys of a directory do not read back, or not with the master key that is there.

    Attributes:
        file: The file.
        problem: What is wrong with it.
    """

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(file, problem)
        self.file = file
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}"


class NewerFormat(OpenFailed):
    """A newer program wrote the directory.

    Attributes:
        file: The file.
        what: What is newer: `format`, `version` of a frame, `rules_version`.
        found: What the file says.
        known: What this program knows.
    """

    def __init__(self, file: str, what: str, found: int, known: int) -> None:
        super().__init__(file, what, found, known)
        self.file = file
        self.what = what
        self.found = found
        self.known = known

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.what} {self.found} is not {self.known}, which this program knows"
        )


class SettingsDiffer(OpenFailed):
    """The directory was begun with another value of a setting that cannot change.

    Attributes:
        field: The setting.
        recorded: What the journal says.
        asked: What the settings say.
    """

    def __init__(self, field: str, recorded: int, asked: int) -> None:
        super().__init__(field, recorded, asked)
        self.field = field
        self.recorded = recorded
        self.asked = asked

    def __str__(self) -> str:
        return f"{self.field}: the journal was begun with {self.recorded}, not {self.asked}"


class Overloaded(OutcryError):
    """A bound was met. Nothing was done: ask again later.

    Attributes:
        what: What is full.
        bound: How much it holds.
    """

    def __init__(self, what: str, bound: int) -> None:
        super().__init__(what, bound)
        self.what = what
        self.bound = bound

    def __str__(self) -> str:
        return f"the {self.what} is full, its bound is {self.bound}"


class DiskNearlyFull(Overloaded):
    """The disk has too little room: commands are refused, and taken again once there is more.

    Attributes:
        free_bytes: What is free.
        needed_bytes: What must be: `disk_reserve_bytes`, and what the next segment, the next
            snapshot and the follower will take.
    """

    def __init__(self, free_bytes: int, needed_bytes: int) -> None:
        OutcryError.__init__(self, free_bytes, needed_bytes)
        self.what = "disk"
        self.bound = needed_bytes
        self.free_bytes = free_bytes
        self.needed_bytes = needed_bytes

    def __str__(self) -> str:
        return (
            f"the disk is nearly full: {self.free_bytes} bytes are free,"
            f" {self.needed_bytes} must be for commands to be taken"
        )


class ExchangeHalted(OutcryError):
    """The exchange stopped, in order or for a failure; nothing is acknowledged any more.

    Behind a fault of the disk reads are answered all the same, from what is durable.

    Whether a command that waited for its answer was done is unknown until the exchange is opened
    again: a request id tells, for the same one is then done now or answered `RequestRepeated`.

    Attributes:
        reason: Why, as `closed`, `disk_full` or `sync_failed`.
        detail: What exactly went wrong.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class ProjectionLagging(OutcryError):
    """A projection has not applied what was asked for in time. What it has is older.

    Attributes:
        projection: Its name.
        wanted: The sequence that was asked for.
        applied: The last one that it has applied.
    """

    def __init__(self, projection: str, wanted: int, applied: int) -> None:
        super().__init__(projection, wanted, applied)
        self.projection = projection
        self.wanted = wanted
        self.applied = applied

    def __str__(self) -> str:
        return f"{self.projection}: {self.applied} is applied, {self.wanted} is not yet"


class EventsGap(OutcryError):
    """A reader was too slow: it was not given these events, though they stand in the event log.

    Attributes:
        first_sequence: The first command whose events it has not got; reading can go on there.
        last_sequence: The last one.
    """

    def __init__(self, first_sequence: int, last_sequence: int) -> None:
        super().__init__(first_sequence, last_sequence)
        self.first_sequence = first_sequence
        self.last_sequence = last_sequence

    def __str__(self) -> str:
        span = f"sequences {self.first_sequence} to {self.last_sequence}"
        return f"read too slowly for the events of {span}"


class EventsGone(OutcryError, LookupError):
    """Events that are no longer kept.

    Attributes:
        oldest: The first sequence whose events are kept.
    """

    def __init__(self, oldest: int) -> None:
        super().__init__(oldest)
        self.oldest = oldest

    def __str__(self) -> str:
        return f"from_sequence: the event log begins at {self.oldest}"


class UnverifiedFigure(OutcryError):
    """A benchmark whose events were not the expected ones: its figure counts for nothing.

    Attributes:
        row: The row of the benchmark.
        problem: What was found.
    """

    def __init__(self, row: str, problem: str) -> None:
        super().__init__(row, problem)
        self.row = row
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.row}: {self.problem}"


class RequestRepeated(OutcryError):
    """The account used this request id, or the source this number, before; nothing was done.

    Attributes:
        order_id: The order of the first answer, 0 where there is none.
        first_sequence: The sequence of the first answer; 0 for a number below its source's last,
            of which the engine knows no more than that.
        outcome: The reason for which it was refused then, None when it was accepted or is not
            known.
        field: `request_id`, or `source` for a number below its source's last.

    >>> raise RequestRepeated(0, 0, 0)
    Traceback (most recent call last):
    outcry.errors.RequestRepeated: source: its number is below the last one, so nothing was done
    """

    def __init__(self, order_id: int, first_sequence: int, outcome: int) -> None:
        super().__init__(order_id, first_sequence, outcome)
        self.order_id = order_id
        self.first_sequence = first_sequence
        self.outcome = RejectReason(outcome) if outcome else None
        self.field = "request_id" if first_sequence else "source"

    def __str__(self) -> str:
        if not self.first_sequence:
            return "source: its number is below the last one, so nothing was done"
        outcome = f"refused ({self.outcome})" if self.outcome else "accepted"
        return f"request_id: first seen at sequence {self.first_sequence} and {outcome} then"


class CommandRejected(OutcryError):
    """The engine refused a command: it changed nothing but the sequence.

    Attributes:
        reason: Why.
        field: What the reason speaks of: the caller's argument where there is one, else the field
            of the record.
        bound: What binds the field: of a filter or of money the limit, as a Decimal where the call
            took decimals, else in the field's own unit (ticks, lots, smallest units, a count); of a
            shape or an instrument's numbers a sentence; else None.
        units: The limit as the core said it, 0 where there is none.
        order_id: The order that was named, or 0.
        sequence: The command's sequence.

    >>> raise CommandRejected(RejectReason.PRICE_ABOVE_MAXIMUM, 1000, 0, 7)
    Traceback (most recent call last):
    outcry.errors.CommandRejected: price_ticks: price_above_maximum, the bound is 1000
    """

    def __init__(
        self,
        reason: int,
        units: int,
        order_id: int,
        sequence: int,
        told: Told | None = None,
    ) -> None:
        super().__init__(reason, units, order_id, sequence, told)
        self.reason = RejectReason(reason)
        self.field, limit = told or (self.reason.field, None)
        self.bound: int | str | Decimal | None = limit
        if limit is None:
            self.bound = units if self.reason in _LIMITS else _BOUNDS.get(self.reason)
        self.units = units
        self.order_id = order_id
        self.sequence = sequence

    def told(self, field: str, limit: Decimal | None) -> Self:
        """Return the same refusal with the caller's name for the field and the limit as such."""
        return type(self)(self.reason, self.units, self.order_id, self.sequence, (field, limit))

    def __str__(self) -> str:
        text = f"{self.field}: {self.reason}"
        if self.bound is None:
            return text
        if isinstance(self.bound, str):
            return f"{text}, {self.bound}"
        bound = self.bound if isinstance(self.bound, int) else f"{self.bound:f}"
        return f"{text}, the bound is {bound}"


class OrderRejected(CommandRejected):
    """The engine refused to place, replace or cancel an order."""


class UnknownOrder(OrderRejected, LookupError):
    """No open order of the account has the id that was named."""

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.order_id or 'the name'} is no open order here"


class InstrumentRejected(CommandRejected):
    """The engine refused to add, change or steer an instrument."""


class AccountRejected(CommandRejected):
    """The engine refused to add an asset, to set an account or to move money."""


class InsufficientBalance(OrderRejected, AccountRejected):
    """The account has less available than the order or the payment needs.

    Attributes:
        asset: The asset's name, None where the command was given in smallest units.
        available: What the account has free of it; of a replace, what its order holds as well.
        needed: What it would have taken, None where only the book could say.
        bound: `available`, or without it the number of smallest units, at most 2^64 - 1.
    """

    def __init__(
        self,
        reason: int,
        units: int,
        order_id: int,
        sequence: int,
        short: Short = (None, None, None),
    ) -> None:
        super().__init__(reason, units, order_id, sequence)
        self.args = (reason, units, order_id, sequence, short)
        self.asset, self.available, self.needed = short
        if self.available is not None:
            self.bound = self.available

    def __str__(self) -> str:
        if self.asset is None:
            return super().__str__()
        text = f"{self.field}: {self.reason}, {self.available:f} {self.asset} are available"
        return text if self.needed is None else f"{text}, {self.needed:f} are needed"


def rejection(
    command_kind: int, reason: int, units: int, order_id: int, sequence: int
) -> CommandRejected:
    """Return the refusal of a command of this kind, as the core told it."""
    if reason in _UNKNOWN_ORDERS:
        kind: type[CommandRejected] = UnknownOrder
    elif reason == RejectReason.INSUFFICIENT_BALANCE:
        kind = InsufficientBalance
    else:
        kind = _REFUSALS.get(command_kind, CommandRejected)
    return kind(reason, units, order_id, sequence)


_UNKNOWN_ORDERS = {RejectReason.UNKNOWN_ORDER, RejectReason.UNKNOWN_LIST}
_REFUSALS: dict[int, type[CommandRejected]] = {
    CommandKind.NEW: OrderRejected,
    CommandKind.CANCEL: OrderRejected,
    CommandKind.REPLACE: OrderRejected,
    CommandKind.NEW_EXTENDED: OrderRejected,
    CommandKind.CANCEL_EXTENDED: OrderRejected,
    CommandKind.REPLACE_EXTENDED: OrderRejected,
    CommandKind.NEW_AMOUNT: OrderRejected,
    CommandKind.NEW_LIST: OrderRejected,
    CommandKind.CANCEL_LIST: OrderRejected,
    CommandKind.ADD_INSTRUMENT: InstrumentRejected,
    CommandKind.UPDATE_INSTRUMENT: InstrumentRejected,
    CommandKind.SET_STATE: InstrumentRejected,
    CommandKind.SET_REFERENCE: InstrumentRejected,
    CommandKind.END_SESSION: InstrumentRejected,
    CommandKind.ADD_ASSET: AccountRejected,
    CommandKind.SET_ACCOUNT: AccountRejected,
    CommandKind.DEPOSIT: AccountRejected,
    CommandKind.WITHDRAW: AccountRejected,
    CommandKind.SETTLE_WITHDRAWAL: AccountRejected,
    CommandKind.TRANSFER: AccountRejected,
}

# Reasons whose bound is a number.
_LIMITS = {
    reason
    for reason in RejectReason
    if RejectReason.PRICE_BELOW_MINIMUM <= reason <= RejectReason.TOTAL_ABOVE_MAXIMUM
} | {
    RejectReason.TOO_MANY_ACCOUNTS,
    RejectReason.TOO_MANY_WITHDRAWALS,
    RejectReason.TOO_MANY_SOURCES,
    RejectReason.TOO_MANY_ASSETS,
}

_BOUNDS = {
    RejectReason.INVALID_SIDE: "must be 1 (buy) or 2 (sell) where one belongs",
    RejectReason.INVALID_ORDER_TYPE: "must be 1 (limit), 2 (market), 3 (stop) or 4 (stop_limit)",
    RejectReason.INVALID_TIME_IN_FORCE: "must be 1 (gtc) to 5 (gtd), of a market order ioc or fok, "
    "of an amount ioc",
    RejectReason.INVALID_SELF_TRADE: "must be 0 (none) to 4 (decrement)",
    RejectReason.INVALID_FLAGS: "must be 0 or post_only, not with ioc, fok, market or stop",
    RejectReason.INVALID_PRICE: "must be above 0 where a limit belongs, else 0",
    RejectReason.INVALID_QUANTITY: "must be above 0, of an amount order 0",
    RejectReason.INVALID_STOP: "must be above 0 and below 1000000 ppm for a stop, else 0",
    RejectReason.INVALID_TRIGGER: "must be 1 (rise) or 2 (fall) for a stop, else 0",
    RejectReason.INVALID_STOP_UNIT: "must be 0 (price), 1 (trail_ticks) or 2 (trail_ppm)",
    RejectReason.INVALID_DISPLAY: "must be at most the quantity, not with ioc, fok, market or stop",
    RejectReason.INVALID_EXPIRY: "must be after engine time for gtd, else 0",
    RejectReason.INVALID_CLIENT_ORDER_ID: "must be at most 36 printable ASCII characters",
    RejectReason.INVALID_AMOUNT: "must be above 0 and at most 2^100 smallest units",
    RejectReason.INVALID_ORDER_ID: "must be above 0 where an order is named by it, else 0",
    RejectReason.INVALID_ACCOUNT: "must be above 0",
    RejectReason.INVALID_STATE: "must be continuous, cancel_only or halted",
    RejectReason.INVALID_INSTRUMENT: "must be above 0, and base and quote must differ",
    RejectReason.INVALID_INCREMENT: "must be above 0 with at most 18 decimals, of assets 24",
    RejectReason.INVALID_FILTER: "a minimum must not pass its maximum, a band not 1000000 ppm",
    RejectReason.INEXACT_VALUE: "tick times lot must be whole in the quote asset's smallest units",
    RejectReason.INEXACT_LOT: "a lot must be whole in the base asset's smallest units",
    RejectReason.VALUE_TOO_LARGE: "price_max times quantity_max and quantity_max alone must be at "
    "most 2^100 smallest units",
    RejectReason.INVALID_SOURCE: "must be a source and its rising number, both above 0",
    RejectReason.ACCOUNT_RESERVED: "must not be 4294967295, the account of the fees",
    RejectReason.ASSET_DECIMALS: "must be the decimals of the assets",
    RejectReason.INSTRUMENT_FIXED: "must stay as they are",
    RejectReason.INCREMENTS_LOCKED: "must stay as they are while orders are open",
}
