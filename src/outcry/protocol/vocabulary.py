"""The closed sets of values that commands and events carry, as the core numbers them.

`tests/protocol/test_vocabulary.py` holds them equal to the core's.
"""

from enum import IntEnum, IntFlag

from outcry._native import reject_fields


class _Named(IntEnum):
    """A value that prints as the name that people read."""

    def __str__(self) -> str:
        return self.name.lower()


class Side(_Named):
    """The side of an order.

    >>> str(Side.BUY), int(Side.BUY)
    ('buy', 1)
    """

    BUY = 1
    SELL = 2


class OrderType(_Named):
    """How an order takes its price."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4


class TimeInForce(_Named):
    """How long an order lives: until cancelled, at once, all at once, the session, its expiry."""

    GTC = 1
    IOC = 2
    FOK = 3
    DAY = 4
    GTD = 5


class SelfTrade(_Named):
    """What happens when an order meets one of its own trade group."""

    NONE = 0
    CANCEL_TAKER = 1
    CANCEL_MAKER = 2
    CANCEL_BOTH = 3
    DECREMENT = 4


class Trigger(_Named):
    """The side from which the last trade must reach a stop."""

    RISE = 1
    FALL = 2


class StopUnit(_Named):
    """What a stop field holds: a price, or a trailing distance in ticks or parts per million."""

    PRICE = 0
    TRAIL_TICKS = 1
    TRAIL_PPM = 2


class TradingState(_Named):
    """What an instrument lets its orders do."""

    CONTINUOUS = 1
    AUCTION = 2
    CANCEL_ONLY = 3
    HALTED = 4


class AccountState(_Named):
    """What an account may do."""

    ACTIVE = 1
    CANCEL_ONLY = 2
    FROZEN = 3


class ListType(_Named):
    """How the legs of an order list hang together."""

    OCO = 1
    OTO = 2
    OTOCO = 3


class ListState(_Named):
    """What became of an order list."""

    EXECUTING = 1
    DONE = 2
    ENDED = 3


class OrderFlag(IntFlag):
    """The bits of a command's `flags`."""

    POST_ONLY = 1


class CommandKind(_Named):
    """What a command asks for; the two top bits say the size of its record."""

    NEW = 0x41
    CANCEL = 0x42
    REPLACE = 0x43
    MASS_CANCEL = 0x44
    SET_STATE = 0x45
    SET_REFERENCE = 0x46
    END_SESSION = 0x47
    ADVANCE_TIME = 0x48
    ADD_ASSET = 0x49
    SET_ACCOUNT = 0x4A
    DEPOSIT = 0x4B
    WITHDRAW = 0x4C
    SETTLE_WITHDRAWAL = 0x4D
    TRANSFER = 0x4E
    CANCEL_LIST = 0x4F
    INSTRUMENT_LIMITS = 0x50
    NEW_EXTENDED = 0x81
    CANCEL_EXTENDED = 0x82
    REPLACE_EXTENDED = 0x83
    NEW_AMOUNT = 0x84
    NEW_LIST = 0x85
    LIST_LEG = 0x86
    ADD_INSTRUMENT = 0x87
    UPDATE_INSTRUMENT = 0x88


class EventKind(_Named):
    """What an event says."""

    ACCEPTED = 0x21
    REJECTED = 0x22
    DUPLICATE_REQUEST = 0x23
    TRADED = 0x24
    PREVENTED = 0x25
    CANCELLED = 0x26
    REPLACED = 0x27
    TRIGGERED = 0x28
    SLICE_SHOWN = 0x29
    EXPIRED = 0x2A
    LIST_CHANGED = 0x2B
    STATE_CHANGED = 0x2C
    INDICATIVE = 0x2D
    PASS = 0x2E
    BALANCE_CHANGED = 0x2F
    BALANCE_HELD = 0x30
    ENTERED = 0x31


class RejectReason(_Named):
    """Why a command is refused, by hundreds.

    1xx shape, 2xx filters, 3xx balance, 4xx accounts and orders, 5xx assets and instruments.

    >>> RejectReason.PRICE_ABOVE_MAXIMUM.field
    'price_ticks'
    """

    MALFORMED = 101
    UNSUPPORTED_VERSION = 102
    INVALID_SIDE = 103
    INVALID_ORDER_TYPE = 104
    INVALID_TIME_IN_FORCE = 105
    INVALID_SELF_TRADE = 106
    INVALID_FLAGS = 107
    INVALID_PRICE = 108
    INVALID_QUANTITY = 109
    INVALID_STOP = 110
    INVALID_TRIGGER = 111
    INVALID_STOP_UNIT = 112
    INVALID_DISPLAY = 113
    INVALID_EXPIRY = 114
    INVALID_CLIENT_ORDER_ID = 115
    INVALID_AMOUNT = 116
    INVALID_ORDER_ID = 117
    INVALID_ACCOUNT = 118
    INVALID_STATE = 119
    INVALID_RESERVED = 120
    INVALID_INSTRUMENT = 121
    INVALID_SYMBOL = 122
    INVALID_INCREMENT = 123
    INVALID_FILTER = 124
    INVALID_LIST = 125
    NOT_SUPPORTED = 126
    INVALID_SOURCE = 127
    PRICE_BELOW_MINIMUM = 201
    PRICE_ABOVE_MAXIMUM = 202
    PRICE_BELOW_BAND = 203
    PRICE_ABOVE_BAND = 204
    QUANTITY_BELOW_MINIMUM = 205
    QUANTITY_ABOVE_MAXIMUM = 206
    NOTIONAL_BELOW_MINIMUM = 207
    NOTIONAL_ABOVE_MAXIMUM = 208
    TOO_MANY_ICEBERG_PARTS = 209
    TOO_MANY_ACCOUNT_ORDERS = 210
    TOO_MANY_ORDERS = 211
    TOO_MANY_ACCOUNT_STOPS = 212
    TOO_MANY_STOPS = 213
    INSUFFICIENT_BALANCE = 301
    TOTAL_ABOVE_MAXIMUM = 302
    UNKNOWN_ACCOUNT = 401
    ACCOUNT_CANCEL_ONLY = 402
    ACCOUNT_FROZEN = 403
    ACCOUNT_RESERVED = 404
    TOO_MANY_ACCOUNTS = 405
    UNKNOWN_ORDER = 410
    DUPLICATE_CLIENT_ORDER_ID = 411
    NO_REFERENCE = 412
    WOULD_TRIGGER = 413
    WOULD_SELF_TRADE = 414
    WOULD_TAKE = 415
    UNKNOWN_LIST = 416
    LIST_MEMBER = 417
    TRAILING_STOP = 418
    UNKNOWN_WITHDRAWAL = 419
    TOO_MANY_WITHDRAWALS = 420
    TOO_MANY_SOURCES = 421
    UNKNOWN_INSTRUMENT = 501
    INSTRUMENT_EXISTS = 502
    INSTRUMENT_HALTED = 503
    INSTRUMENT_CANCEL_ONLY = 504
    INCREMENTS_LOCKED = 505
    INEXACT_VALUE = 506
    INEXACT_LOT = 507
    VALUE_TOO_LARGE = 508
    INSTRUMENT_FIXED = 509
    TOO_MANY_INSTRUMENTS = 510
    UNKNOWN_ASSET = 511
    ASSET_EXISTS = 512
    TOO_MANY_ASSETS = 513
    ASSET_DECIMALS = 514

    @property
    def field(self) -> str:
        """The field of the command that the reason speaks of."""
        return _REJECT_FIELDS[self]


class CancelReason(_Named):
    """Why an order was cancelled."""

    REQUESTED = 1
    MASS_CANCEL = 2
    IMMEDIATE_OR_CANCEL = 3
    FILL_OR_KILL = 4
    NO_LIQUIDITY = 5
    AMOUNT_REMAINDER = 6
    SELF_TRADE = 7
    REPLACED = 8
    WOULD_TAKE = 9
    SIBLING = 10
    LIST_ENDED = 11
    REFUSED = 12


_REJECT_FIELDS = reject_fields()
