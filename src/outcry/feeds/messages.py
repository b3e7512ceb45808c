"""What the venues' messages say, in one vocabulary. Numbers stay the text that the venue wrote."""

from datetime import datetime
from typing import Any, Final

import msgspec

from outcry.feeds.recording import FieldError

UNNAMED: Final = ""
"""The symbol of a snapshot that does not say whose it is: of the first change that follows."""

Levels = list[list[str]]
"""Levels as a venue lists them: each begins with its price and its quantity, as text."""


class TradeMessage(msgspec.Struct, frozen=True):
    """A trade: `side` is that of the aggressor, `buy` or `sell`, None where the venue is silent."""

    symbol: str
    time: str
    price: str
    quantity: str
    trade_id: str | None
    side: str | None


class BookSnapshot(msgspec.Struct, frozen=True):
    """All levels that a venue publishes.

    Attributes:
        symbol: The instrument.
        bids: Its bids.
        asks: Its asks.
        last_id: The number of the last change it holds, None where changes have none.
        time_ns: When the venue made it, None where it does not say.
        depth: How many levels a side the venue keeps a reader told of, None for all.
        checksum: What the venue says that the checksum is.
    """

    symbol: str
    bids: Levels
    asks: Levels
    last_id: int | None = None
    time_ns: int | None = None
    depth: int | None = None
    checksum: int | None = None


class BookChange(msgspec.Struct, frozen=True):
    """Levels that changed: a quantity of zero removes one.

    Attributes:
        symbol: The instrument.
        bids: Bids that changed.
        asks: Asks that changed.
        first_id: The number of the first change within, None where changes have none.
        last_id: The number of the last.
        time_ns: When the venue made it, None where it does not say.
        checksum: What the venue says that the checksum is behind it.
    """

    symbol: str
    bids: Levels
    asks: Levels
    first_id: int | None = None
    last_id: int | None = None
    time_ns: int | None = None
    checksum: int | None = None


class BestQuote(msgspec.Struct, frozen=True):
    """The best levels as the venue tells them itself, behind the change `update_id`."""

    symbol: str
    update_id: int | None
    bid: str
    bid_quantity: str
    ask: str
    ask_quantity: str


class MessagesLost(msgspec.Struct, frozen=True):
    """Messages of a connection are missing: no book of these instruments can be followed on."""

    symbols: frozenset[str]


BookMessage = BookSnapshot | BookChange | BestQuote | MessagesLost
Message = TradeMessage | BookMessage


def text(message: dict[str, Any], name: str, field: str) -> str:
    """Return a member that is text, or a number as it was written.

    Raises:
        FieldError: It is absent or something else.
    """
    value = message.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FieldError(field, "missing" if value is None else "malformed")


def number(message: dict[str, Any], name: str, field: str) -> int:
    """Return a member that is a whole number, bare or as text.

    Raises:
        FieldError: It is absent or something else.
    """
    written = text(message, name, field)
    digits = written.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):  # noqa: PLR2004
        raise FieldError(field, "no_number")
    return int(written)


def iso_ns(message: dict[str, Any], name: str) -> int:
    """Return a member that is a time of ISO 8601 in UTC, as nanoseconds since 1970.

    Raises:
        FieldError: It is absent or something else.
    """
    written = text(message, name, "time")
    fraction = written[20:].rstrip("Z")
    try:
        whole = datetime.strptime(f"{written[:19]}+0000", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise FieldError("time", "no_time") from None
    if not (fraction or "0").isdecimal() or not (fraction or "0").isascii():
        raise FieldError("time", "no_time")
    return int(whole.timestamp()) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))


def levels(message: dict[str, Any], name: str) -> Levels:
    """Return a member that lists levels, none where it is absent.

    Raises:
        FieldError: It is something else.
    """
    value = message.get(name, [])
    if isinstance(value, list) and all(isinstance(level, list) and level[1:] for level in value):
        return value
    raise FieldError(name, "malformed")
