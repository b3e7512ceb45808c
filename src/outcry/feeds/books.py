"""Books rebuilt from a venue's snapshots and changes, with every gap found.

A book is followed as long as each change follows the one before it by the venue's own numbering,
and its checksum is the venue's. Where one does not, the book says `gap`, and waits for the next
snapshot; what it showed last is no longer shown.

Binance (*How to manage a local order book correctly*): changes are kept until a snapshot comes;
those that it already holds are dropped; the first behind it must hold its number plus one, and each
further one must begin where the one before ended. Bybit and newer OKX number every change. Kraken
and OKX give a checksum behind each. Coinbase numbers the messages of a connection.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from outcry._native import PriceBook
from outcry.errors import InvalidValue
from outcry.feeds.messages import BookChange, BookSnapshot
from outcry.feeds.recording import FieldError

WAITING_MAX: Final = 10_000
KRAKEN_LEVELS: Final = 10
OKX_LEVELS: Final = 25


class BookState(StrEnum):
    """Whether a book can be believed."""

    EMPTY = "empty"
    """No snapshot has come yet."""
    LIVE = "live"
    """Every change since the snapshot is in it."""
    GAP = "gap"
    """A change is missing or the checksum was wrong: the next snapshot mends it."""


@dataclass(frozen=True, slots=True)
class VenueLevel:
    """One price level."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Best:
    """The best levels of a live book, None on a side without any.

    Prices and quantities are integers at the book's scales.
    """

    bid: int | None
    bid_quantity: int
    ask: int | None
    ask_quantity: int


Checksum = Callable[[PriceBook], int]

CHECKSUMS: Final[dict[str, Checksum]] = {
    "kraken": lambda book: book.stacked_checksum(KRAKEN_LEVELS),
    "okx": lambda book: book.interleaved_checksum(OKX_LEVELS),
}


class VenueBook:
    """The book of one instrument at one venue.

    >>> book = VenueBook("BTCUSDT")
    >>> book.apply(BookChange("BTCUSDT", [["100.5", "2"]], [], 7, 9))
    False
    >>> book.apply(BookSnapshot("BTCUSDT", [["100.0", "1"]], [["101.0", "1"]], 8))
    True
    >>> book.bids(1), book.state
    ([VenueLevel(price=Decimal('100.5'), quantity=Decimal('2'))], <BookState.LIVE: 'live'>)

    Attributes:
        symbol: The instrument.
        state: Whether it can be believed.
        gaps: How often it could not be followed on.
        updates: How many snapshots and changes were taken.
        level_updates: How many levels they told.
        checksums: How many checksums were the venue's.
        wrong_checksums: How many were not.
        crossed: Behind how many changes a bid was at or above an ask.
        last_id: The number of the last change within it, None where changes have none.
        time_ns: When the venue made the last change, None where it does not say.
        flow: The order-flow imbalance of the best levels so far, in units of `quantity_scale`.
    """

    def __init__(self, symbol: str, checksum: Checksum | None = None) -> None:
        """Make an empty book, which proves itself by `checksum` where the venue gives one."""
        self.symbol = symbol
        self.state = BookState.EMPTY
        self.gaps = 0
        self.updates = 0
        self.level_updates = 0
        self.checksums = 0
        self.wrong_checksums = 0
        self.crossed = 0
        self.last_id: int | None = None
        self.time_ns: int | None = None
        self.flow = 0
        self._levels = PriceBook()
        self._depth: int | None = None
        self._checksum = checksum
        self._flow_scale = 0
        self._waiting: deque[BookChange] = deque(maxlen=WAITING_MAX)

    @property
    def price_scale(self) -> int:
        """Decimals of prices: as many as any level has shown."""
        return self._levels.scales[0]

    @property
    def quantity_scale(self) -> int:
        """Decimals of quantities."""
        return self._levels.scales[1]

    def best(self) -> Best:
        """Return the best levels; none of a book that is not live."""
        if self.state is not BookState.LIVE:
            return Best(None, 0, None, 0)
        return Best(*self._levels.best())

    def bids(self, levels: int) -> list[VenueLevel]:
        """Return so many bids of a live book, the highest first."""
        return self._shown(True, levels)

    def asks(self, levels: int) -> list[VenueLevel]:
        """Return so many asks of a live book, the lowest first."""
        return self._shown(False, levels)

    def depth(self) -> tuple[int, int]:
        """Return how many bids and asks there are."""
        return self._levels.count(True), self._levels.count(False)

    def flow_decimal(self) -> Decimal:
        """Return the order-flow imbalance so far as a quantity."""
        return decimal(self.flow, self._flow_scale)

    def lose(self) -> None:
        """Note that changes are missing: nothing is shown until the next snapshot."""
        if self.state is BookState.LIVE:
            self.gaps += 1
            self.state = BookState.GAP
            self._levels.clear()
            self._waiting.clear()

    def apply(self, message: BookSnapshot | BookChange) -> bool:
        """Take what the venue says; return whether the book is live behind it.

        Raises:
            FieldError: A level is no pair of numbers that the book can hold; it is a gap then.
        """
        try:
            if isinstance(message, BookSnapshot):
                self._begin(message)
            elif self.state is BookState.LIVE:
                self._follow(message)
            elif message.first_id is not None:
                # The oldest go first: a snapshot that old would not come any more.
                self._waiting.append(message)
        except InvalidValue as error:
            self.lose()
            raise FieldError(error.field, error.bound) from None
        return self.state is BookState.LIVE

    def _begin(self, snapshot: BookSnapshot) -> None:
        self._levels.clear()
        # Live before its levels are in: should one of them be wrong, that is a gap like any other.
        self.state = BookState.LIVE
        self._depth = snapshot.depth
        self.last_id = snapshot.last_id
        self._take(snapshot, snapshot.checksum)
        waiting, self._waiting = self._waiting, deque(maxlen=WAITING_MAX)
        for change in waiting:
            if self.state is not BookState.LIVE:
                self._waiting.append(change)
            else:
                self._follow(change)

    def _follow(self, change: BookChange) -> None:
        first_id, last_id = change.first_id, change.last_id
        if first_id is not None and last_id is not None and self.last_id is not None:
            # A venue that counts anew says so by a number below the one it follows.
            begins_anew = last_id < first_id - 1 == self.last_id
            if last_id <= self.last_id and not begins_anew:
                return
            if first_id > self.last_id + 1:
                self.lose()
                self._waiting.append(change)
                return
        self.last_id = last_id if last_id is not None else self.last_id
        self._take(change, change.checksum)

    def _take(self, message: BookSnapshot | BookChange, checksum: int | None) -> None:
        self._levels.apply(message.bids, message.asks)
        if self._depth is not None:
            self._levels.truncate(self._depth)
        self.updates += 1
        self.level_updates += len(message.bids) + len(message.asks)
        self.time_ns = message.time_ns or self.time_ns
        self.crossed += self._levels.is_crossed
        self._add_flow()
        if checksum is not None and self._checksum is not None:
            self._prove(checksum)

    def _add_flow(self) -> None:
        scale = self.quantity_scale
        if scale > self._flow_scale:
            self.flow *= 10 ** (scale - self._flow_scale)
            self._flow_scale = scale
        self.flow += self._levels.flow()

    def _prove(self, expected: int) -> None:
        assert self._checksum is not None
        if self._checksum(self._levels) == expected:
            self.checksums += 1
        else:
            self.wrong_checksums += 1
            self.lose()

    def _shown(self, is_bid: bool, levels: int) -> list[VenueLevel]:
        if self.state is not BookState.LIVE:
            return []
        return [
            VenueLevel(decimal(price, self.price_scale), decimal(quantity, self.quantity_scale))
            for price, quantity in self._levels.levels(is_bid, levels)
        ]


def decimal(units: int, scale: int) -> Decimal:
    """Return an integer at a scale as a decimal, with as many digits as it needs.

    >>> decimal(617_500, 2), decimal(25, 1)
    (Decimal('6175'), Decimal('2.5'))
    """
    while scale > 0 and units % 10 == 0:
        units, scale = units // 10, scale - 1
    digits = tuple(map(int, str(abs(units))))
    return Decimal((int(units < 0), digits, -scale))
