"""Everything that Outcry raises.

    OutcryError
    ├── InvalidValue (ValueError)           a value that cannot be taken; nothing was asked
    ├── UnknownSymbol (LookupError)         no instrument of that symbol; nothing was asked
    ├── MalformedRecord (ValueError)        bytes that are no record
    ├── EngineBusy (RuntimeError)           the engine is at work in another thread
    ├── UnverifiedFigure                    a benchmark that did not do what it should
    ├── RequestRepeated                     the request id was seen before; nothing was done again
    └── CommandRejected                     the engine refused the command
        ├── OrderRejected                   ... to place, replace or cancel an order
        │   └── UnknownOrder (LookupError)  ... for no open order has that id
        └── InstrumentRejected              ... to add, change or steer an instrument

The text of each names the field and what binds it; so do the attributes.
"""

from outcry.protocol import RejectReason


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
        field: The field of the command that the reason speaks of.
        bound: What binds the field: of a filter or of money the limit in the field's own unit
            (ticks, lots, smallest units, a count), of a shape or an instrument's numbers a
            sentence, else None.
        order_id: The order that was named, or 0.
        sequence: The command's sequence.

    >>> raise CommandRejected(RejectReason.PRICE_ABOVE_MAXIMUM, 1000, 0, 7)
    Traceback (most recent call last):
    outcry.errors.CommandRejected: price_ticks: price_above_maximum, the bound is 1000
    """

    def __init__(self, reason: int, bound: int, order_id: int, sequence: int) -> None:
        super().__init__(reason, bound, order_id, sequence)
        self.reason = RejectReason(reason)
        self.field = self.reason.field
        is_limit = self.reason in _LIMITS
        self.bound: int | str | None = bound if is_limit else _BOUNDS.get(self.reason)
        self.order_id = order_id
        self.sequence = sequence

    def __str__(self) -> str:
        text = f"{self.field}: {self.reason}"
        if self.bound is None:
            return text
        is_number = isinstance(self.bound, int)
        return f"{text}, the bound is {self.bound}" if is_number else f"{text}, {self.bound}"


class OrderRejected(CommandRejected):
    """The engine refused to place, replace or cancel an order."""


class UnknownOrder(OrderRejected, LookupError):
    """No open order of the account has the id that was named."""

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.order_id or 'the name'} is no open order here"


class InstrumentRejected(CommandRejected):
    """The engine refused to add, change or steer an instrument."""


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
