"""Which venue a recording is of, and its books and trades as they come."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from msgspec.structs import replace

from outcry.feeds.binance import Binance
from outcry.feeds.books import CHECKSUMS, VenueBook
from outcry.feeds.bybit import Bybit
from outcry.feeds.coinbase import Coinbase
from outcry.feeds.frames import Frame, read_document, read_frames
from outcry.feeds.kraken import Kraken
from outcry.feeds.messages import (
    UNNAMED,
    BestQuote,
    BookChange,
    BookMessage,
    BookSnapshot,
    Message,
    MessagesLost,
    TradeMessage,
)
from outcry.feeds.okx import Okx
from outcry.feeds.quarantine import BAD_LINES_MAX, Quarantine
from outcry.feeds.recording import FieldError, MalformedRecording, Progress
from outcry.feeds.source import ByteSource


class Venue(Protocol):
    """A reader of one venue's messages."""

    name: str

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""

    def trades(self, frame: Frame) -> Iterable[TradeMessage]:
        """Tell the trades of a frame."""

    def books(self, frame: Frame) -> Iterable[BookMessage]:
        """Tell what a frame says of books."""


Said = TypeVar("Said", bound=Message)

VENUES: Final[dict[str, type[Venue]]] = {
    venue.name: venue for venue in (Binance, Kraken, Coinbase, Okx, Bybit)
}
# So many quotes wait for their change, the oldest of them not any longer.
QUOTES_MAX: Final = 4_096
# The name of a book of which nothing tells whose it is.
WHOSE_UNKNOWN: Final = "BOOK"
# So much of a document is shown in the quarantine.
FRAME_SHOWN: Final = 256
# So many of the first lines are looked at to tell the venue.
LINES_LOOKED_AT: Final = 64


def venue_of(head: bytes) -> str | None:
    """Return the name of the venue whose messages a recording begins with, None for none."""
    for line in head.split(b"\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT]:
        message = line.partition(b" ")[2] if line[:1].isdigit() else line
        document = read_document(message)
        if isinstance(document, dict) and document.get("t") == "header":
            name = str(document.get("exchange", "")).lower()
            return name if name in VENUES else None
        for name, venue in VENUES.items():
            if venue.knows(document):
                return name
    return None


def is_document(head: bytes) -> bool:
    """Tell a recording that is one JSON document over several lines, as an API answers."""
    first = head.lstrip()[:1]
    line = head.partition(b"\n")[0]
    return first in (b"{", b"[") and read_document(line) is None


def open_venue(source: ByteSource, venue: str | None = None) -> Venue:
    """Return the reader of a source's venue, told by its messages where it is not given.

    Raises:
        MalformedRecording: The venue cannot be told.
    """
    found = venue or venue_of(source.head)
    if found is None and is_document(source.head):
        found = _venue_of_document(source.head)
    if found is None or found not in VENUES:
        problem = f"the messages are of none of {', '.join(VENUES)}"
        raise MalformedRecording(source.path, "line 1", "format", problem)
    return VENUES[found]()


def read_messages(
    source: ByteSource, told: Callable[[Frame], Iterable[Said]], quarantine: Quarantine
) -> Iterator[tuple[Frame, Said]]:
    """Yield what is told by the frames of a recording, with them; bad ones are quarantined.

    `told` is what a venue reads: its `trades` or its `books`.

    Raises:
        MalformedRecording: Too many lines are bad, or the compression is broken.
    """
    for frame in _frames(source):
        if frame.document is None:
            quarantine.add([(frame.line, "line", "malformed", frame.start)])
            continue
        try:
            for message in told(frame):
                yield frame, message
        except FieldError as error:
            quarantine.add([(frame.line, error.field, error.problem, frame.start)])


def _frames(source: ByteSource) -> Iterator[Frame]:
    if not is_document(source.head):
        return read_frames(source)
    content = source.document()
    return iter([Frame(1, content[:FRAME_SHOWN], read_document(content))])


class BookReader:
    """The books of a recording as they change.

    Iterate it: each step yields the book that a message changed, with the message.

    Attributes:
        venue: The venue's name, empty before the first message.
        books: The books by symbol.
        quotes: How often the venue's own best levels could be compared with the book: they tell
            the change behind which they hold, and a book of the same number is to agree.
        wrong_quotes: How often they differed.
    """

    def __init__(
        self,
        paths: Sequence[Path | str],
        *,
        venue: str | None = None,
        quarantine: Path | None = None,
        bad_limit: int = BAD_LINES_MAX,
        progress: Callable[[str], Progress] | None = None,
    ) -> None:
        """Prepare to read the files of one recording, in their order.

        `progress` gives, for a path, what is told how many of its bytes were read.
        """
        self.venue = venue or ""
        self.books: dict[str, VenueBook] = {}
        self.quotes = 0
        self.wrong_quotes = 0
        self._paths = paths
        self._quarantine = Quarantine(quarantine, bad_limit)
        self._progress = progress
        self._quotes: dict[str, dict[int, BestQuote]] = {}
        self._unnamed: BookSnapshot | None = None

    @property
    def bad(self) -> Counter[str]:
        """How many lines were bad, by reason."""
        return self._quarantine.counts

    def __iter__(self) -> Iterator[tuple[VenueBook, BookSnapshot | BookChange]]:
        """Yield each book that changed, with what changed it.

        Raises:
            MalformedRecording: The venue cannot be told, too many lines are bad, or the
                compression is broken.
            OSError: A file cannot be read.
        """
        with self._quarantine:
            yield from self._changes()
        if self._unnamed is not None:
            # Nothing followed it that could tell whose it is.
            snapshot, self._unnamed = self._unnamed, None
            yield self._change(replace(snapshot, symbol=WHOSE_UNKNOWN)), snapshot

    def _changes(self) -> Iterator[tuple[VenueBook, BookSnapshot | BookChange]]:
        reader: Venue | None = None
        quarantine = self._quarantine
        for path in self._paths:
            told = None if self._progress is None else self._progress(str(path))
            with ByteSource(path, told) as source:
                quarantine.source = source.path
                if not source.head.strip():
                    continue
                reader = reader or open_venue(source, self.venue or None)
                self.venue = reader.name
                for frame, message in read_messages(source, reader.books, quarantine):
                    try:
                        book = self._take(message)
                    except FieldError as error:
                        quarantine.add([(frame.line, error.field, error.problem, frame.start)])
                        continue
                    if book is not None and isinstance(message, BookSnapshot | BookChange):
                        yield book, message

    def _take(self, message: BookMessage) -> VenueBook | None:
        """Give a message to its book; return that where it changed."""
        if isinstance(message, MessagesLost):
            for symbol in message.symbols & self.books.keys():
                self.books[symbol].lose()
        elif isinstance(message, BestQuote):
            self._compare(message)
        elif isinstance(message, BookSnapshot) and message.symbol == UNNAMED:
            self._unnamed = message
        elif isinstance(message, BookSnapshot | BookChange):
            if self._unnamed is not None:
                snapshot, self._unnamed = self._unnamed, None
                self._change(replace(snapshot, symbol=message.symbol))
            return self._change(message)
        return None

    def _change(self, message: BookSnapshot | BookChange) -> VenueBook:
        """Apply a message to its book, and compare that with what the venue told of it."""
        book = self.books.get(message.symbol)
        if book is None:
            book = VenueBook(message.symbol, CHECKSUMS.get(self.venue))
            self.books[message.symbol] = book
        book.apply(message)
        if book.last_id is not None:
            quote = self._quotes.get(message.symbol, {}).pop(book.last_id, None)
            if quote is not None:
                self._judge(book, quote)
        return book

    def _compare(self, quote: BestQuote) -> None:
        """Compare at once, or keep the quote until its change has come."""
        if quote.update_id is None:
            return
        book = self.books.get(quote.symbol)
        if book is not None and quote.update_id == book.last_id:
            self._judge(book, quote)
            return
        waiting = self._quotes.setdefault(quote.symbol, {})
        waiting[quote.update_id] = quote
        if len(waiting) > QUOTES_MAX:
            del waiting[next(iter(waiting))]

    def _judge(self, book: VenueBook, quote: BestQuote) -> None:
        bids, asks = book.bids(1), book.asks(1)
        if not bids or not asks:
            return
        self.quotes += 1
        shown = (bids[0].price, bids[0].quantity, asks[0].price, asks[0].quantity)
        told = (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity)
        self.wrong_quotes += shown != tuple(map(_number, told))


def _number(written: str) -> Decimal | None:
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def _venue_of_document(head: bytes) -> str | None:
    if b'"lastUpdateId"' in head:
        return Binance.name
    return Kraken.name if b'"result"' in head else None
