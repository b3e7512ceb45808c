"""Messages of Coinbase: trades and books of its Advanced Trade WebSocket.

Source: Coinbase, *Advanced Trade WebSocket Channels* (level2, market_trades, sequence numbers). All
channels of a connection share one numbering, so a number that is missing may be a change of any
book. `side` is that of the maker: the aggressor is the other.
"""

from collections.abc import Iterator
from typing import Any

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    BookChange,
    BookMessage,
    BookSnapshot,
    Levels,
    MessagesLost,
    TradeMessage,
    iso_ns,
    number,
    text,
)
from outcry.feeds.recording import FieldError

_AGGRESSORS = {"BUY": "sell", "SELL": "buy"}


class Coinbase:
    """The messages of one recording."""

    name = "coinbase"

    def __init__(self) -> None:
        self._sequences: dict[str, int] = {}
        self._symbols: dict[str, set[str]] = {}

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""
        return isinstance(document, dict) and document.keys() >= {"channel", "events"}

    def trades(self, frame: Frame) -> Iterator[TradeMessage]:
        """Yield the trades that a frame tells.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if self.knows(document) and document["channel"] == "market_trades":
            for event in _events(document):
                yield from self._trades(event)

    def books(self, frame: Frame) -> Iterator[BookMessage]:
        """Yield what a frame says of books, after what it shows to be missing.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if not self.knows(document) or not isinstance(document["events"], list):
            return
        sequence = number(document, "sequence_num", "sequence_num")
        expected = self._sequences.get(frame.connection, sequence)
        self._sequences[frame.connection] = sequence + 1
        symbols = self._symbols.setdefault(frame.connection, set())
        if sequence != expected:
            yield MessagesLost(frozenset(symbols))
        if document["channel"] == "l2_data":
            for event in _events(document):
                book = self._book(event, iso_ns(document, "timestamp"))
                symbols.add(book.symbol)
                yield book

    def _trades(self, event: dict[str, Any]) -> Iterator[TradeMessage]:
        rows = event.get("trades")
        if not isinstance(rows, list):
            raise FieldError("line", "malformed")
        # The venue lists the latest first.
        for row in reversed(rows):
            if not isinstance(row, dict):
                raise FieldError("line", "malformed")
            side = _AGGRESSORS.get(text(row, "side", "side"))
            if side is None:
                raise FieldError("side", "unknown_side")
            yield TradeMessage(
                text(row, "product_id", "symbol"),
                text(row, "time", "time"),
                text(row, "price", "price"),
                text(row, "size", "quantity"),
                text(row, "trade_id", "trade_id"),
                side,
            )

    def _book(self, event: dict[str, Any], time_ns: int) -> BookSnapshot | BookChange:
        updates = event.get("updates")
        if not isinstance(updates, list):
            raise FieldError("line", "malformed")
        sides: dict[str, Levels] = {"bid": [], "offer": []}
        for update in updates:
            if not isinstance(update, dict) or update.get("side") not in sides:
                raise FieldError("side", "unknown_side")
            price = text(update, "price_level", "price")
            sides[update["side"]].append([price, text(update, "new_quantity", "quantity")])
        symbol = text(event, "product_id", "symbol")
        kind = BookSnapshot if event.get("type") == "snapshot" else BookChange
        return kind(symbol, sides["bid"], sides["offer"], time_ns=time_ns)


def _events(document: dict[str, Any]) -> list[dict[str, Any]]:
    events = document["events"]
    if not isinstance(events, list):
        return []
    if not all(isinstance(event, dict) for event in events):
        raise FieldError("line", "malformed")
    return events
