"""Everything that Outcry raises.

    OutcryError
    ├── InvalidValue (ValueError)           a value that cannot be taken; nothing was asked
    ├── UnknownSymbol (LookupError)         no instrument of that symbol; nothing was asked
    ├── UnknownAsset (LookupError)          no asset of that name; nothing was asked
    ├── MalformedRecord (ValueError)        bytes that are no record
    ├── EngineBusy (RuntimeError)           the engine is at work in another thread
    ├── UnverifiedFigure                    a benchmark that did not do what it should
    ├── RequestRepeated                     the request id was seen before; nothing was done again
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
    """The account used this request id before; the command did nothing.

    Attributes:
        order_id: The order of the first answer, 0 where there is none.
        first_sequence: The sequence of the first answer.
        outcome: The reason for which it was refused then, None when it was accepted.
        field: `request_id`.
    """

    field = "request_id"

    def __init__(self, order_id: int, first_sequence: int, outcome: int) -> None:
        super().__init__(order_id, first_sequence, outcome)
        self.order_id = order_id
        self.first_sequence = first_sequence
        self.outcome = RejectReason(outcome) if outcome else None

    def __str__(self) -> str:
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
        return f"{text}, the bound is {self.bound}"


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
        text = f"{self.field}: {self.reason}, {self.available} {self.asset} are available"
        return text if self.needed is None else f"{text}, {self.needed} are needed"


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
