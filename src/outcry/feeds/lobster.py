"""Readers of LOBSTER files: Nasdaq order by order, as a message file and an order-book file.

A message file has six columns and no head: seconds after midnight, type, order id, size in shares,
price in dollars times 10,000, side of the order (1 buys, -1 sells). An order-book file has one row
for each message, the book behind it: ask price, ask size, bid price, bid size of each level, best
first; a level that is not there has size 0. (https://lobsterdata.com, *Output structure*.)
"""

from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from outcry.feeds.lines import numbered_lines
from outcry.feeds.recording import (
    FieldError,
    MalformedRecording,
    Progress,
    shown,
    whole_number,
)
from outcry.feeds.source import ByteSource

PRICE_DECIMALS = 4
COLUMNS = 6
COLUMNS_A_LEVEL = 4
SECOND_NS = 1_000_000_000
DAY_SECONDS = 86_400
ID_MAX = 2**63 - 1
# An absent level of an order-book file has this price, or its negative.
PRICE_MAX = 9_999_999_998
SIZE_MAX = 2**32 - 1
LEVEL_SIZE_MAX = 2**48


class MessageType(IntEnum):
    """What a message says."""

    NEW = 1
    PARTIAL_CANCEL = 2
    DELETE = 3
    EXECUTION = 4
    HIDDEN_EXECUTION = 5
    CROSS = 6
    HALT = 7


class Message(NamedTuple):
    """One row of a message file.

    `time_ns` counts from midnight; `size` is in shares; `price` is dollars times 10,000, and in a
    halt message -1 (trading halts), 0 (quoting resumes) or 1 (trading resumes); `side` is that of
    the order named, 1 buys and -1 sells, whoever the aggressor was.
    """

    line: int
    time_ns: int
    type: MessageType
    order_id: int
    size: int
    price: int
    side: int


class BookLevel(NamedTuple):
    """One level of one side: a price in dollars times 10,000 and a size in shares."""

    price: int
    size: int


class BookRow(NamedTuple):
    """One row of an order-book file: the levels of each side, best first."""

    line: int
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]


_TYPES = {b"%d" % kind: kind for kind in MessageType}
_SIDES = {b"1": 1, b"-1": -1}


def read_messages(path: Path, progress: Progress | None = None) -> Iterator[Message]:
    """Yield the messages of a message file, one at a time.

    Raises:
        MalformedRecording: At the first row that is wrong.
        OSError: When the file cannot be read.
    """
    last_ns = 0
    for number, line in _lines(path, progress):
        try:
            message = parse_message(number, line, last_ns)
        except FieldError as error:
            raise MalformedRecording(path, f"line {number}", error.field, error.problem) from None
        last_ns = message.time_ns
        yield message


def read_books(path: Path, progress: Progress | None = None) -> Iterator[BookRow]:
    """Yield the rows of an order-book file, one at a time.

    Raises:
        MalformedRecording: At the first row that is wrong.
        OSError: When the file cannot be read.
    """
    columns = 0
    for number, line in _lines(path, progress):
        fields = line.split(b",")
        columns = columns or len(fields)
        try:
            row = _book_row(number, fields, columns)
        except FieldError as error:
            raise MalformedRecording(path, f"line {number}", error.field, error.problem) from None
        yield row


def _lines(path: Path, progress: Progress | None) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that has some."""
    number = 0
    with ByteSource(path, progress) as source:
        for number, line in numbered_lines(source):
            yield number, line
    if number == 0:
        raise MalformedRecording(path, "line 1", "length", "the file is empty")


def parse_message(number: int, line: bytes, last_ns: int) -> Message:
    """Return the message of a row behind one of `last_ns`.

    Raises:
        FieldError: A field is wrong.
    """
    fields = line.split(b",")
    if len(fields) != COLUMNS:
        raise FieldError("columns", f"{len(fields)} is not {COLUMNS}")
    seconds, kind_text, id_text, size_text, price_text, side_text = fields
    time_ns = _nanoseconds(seconds)
    if time_ns < last_ns:
        raise FieldError("seconds", f"{shown(seconds)} is before the line before")
    kind = _TYPES.get(kind_text)
    if kind is None:
        raise FieldError("type", f"{shown(kind_text)} is not within 1 to 7")
    if kind is MessageType.HALT:
        # Such a row names no order: its id, size and side say nothing.
        return Message(number, time_ns, kind, 0, 0, whole_number("price", price_text, -1, 1), 0)
    names_order = kind not in (MessageType.HIDDEN_EXECUTION, MessageType.CROSS)
    order_id = whole_number("order_id", id_text, int(names_order), ID_MAX)
    size = whole_number("size", size_text, 1, SIZE_MAX)
    price = whole_number("price", price_text, 1, PRICE_MAX)
    side = _SIDES.get(side_text)
    if side is None:
        raise FieldError("side", f"{shown(side_text)} is neither 1 nor -1")
    return Message(number, time_ns, kind, order_id, size, price, side)


def _nanoseconds(text: bytes) -> int:
    """Return decimal seconds as nanoseconds; digits behind the ninth round to the nearest."""
    whole, point, fraction = text.partition(b".")
    if not whole.isdigit() or (point and not fraction.isdigit()):
        raise FieldError("seconds", f"{shown(text)} is no decimal number")
    if len(whole) > len(str(DAY_SECONDS)) or int(whole) >= DAY_SECONDS:
        raise FieldError("seconds", f"{shown(text)} is not below {DAY_SECONDS}")
    round_up = fraction[9:10] >= b"5"
    return int(whole) * SECOND_NS + int(fraction[:9].ljust(9, b"0")) + round_up


def _book_row(number: int, fields: list[bytes], columns: int) -> BookRow:
    if len(fields) != columns:
        raise FieldError("columns", f"{len(fields)} is not {columns} as in line 1")
    if columns % COLUMNS_A_LEVEL != 0:
        raise FieldError("columns", f"{columns} is not a multiple of {COLUMNS_A_LEVEL}")
    sides: tuple[list[BookLevel], list[BookLevel]] = ([], [])
    for place in range(0, len(fields), 2):
        is_bid, depth = place // 2 % 2, place // COLUMNS_A_LEVEL + 1
        name = f"{'bid' if is_bid else 'ask'} {depth}"
        size = whole_number(f"{name} size", fields[place + 1], 0, LEVEL_SIZE_MAX)
        if not size:
            continue
        price = whole_number(f"{name} price", fields[place], 1, PRICE_MAX)
        levels = sides[is_bid]
        if levels and (price >= levels[-1].price if is_bid else price <= levels[-1].price):
            raise FieldError(f"{name} price", f"{price} is not behind {levels[-1].price}")
        levels.append(BookLevel(price, size))
    asks, bids = sides
    if asks and bids and bids[0].price >= asks[0].price:
        raise FieldError("bid 1 price", f"{bids[0].price} is not below the ask {asks[0].price}")
    return BookRow(number, tuple(bids), tuple(asks))
