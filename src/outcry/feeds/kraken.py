"""Messages of Kraken: its WebSocket, version 1, and its REST trades.

Sources: Kraken, *WebSockets API v1* (trade, book, book checksum) and *Get Recent Trades*. A book of
N levels is kept at N by its reader: what falls out is told again when it comes back.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    BookChange,
    BookMessage,
    BookSnapshot,
    Levels,
    TradeMessage,
    levels,
    number,
)
from outcry.feeds.recording import FieldError

_SIDES = {"b": "buy", "s": "sell"}


class Kraken:
    """The messages of one recording."""

    name = "kraken"

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""
        if isinstance(document, list):
            return len(document) >= 4 and isinstance(document[-2], str)  # noqa: PLR2004
        return isinstance(document, dict) and (
            document.keys() >= {"error", "result"} or "connectionID" in document
        )

    def trades(self, frame: Frame) -> Iterable[TradeMessage]:
        """Return the trades that a frame tells.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if isinstance(document, dict):
            return self._answer(document.get("result"))
        if not self.knows(document) or document[-2] != "trade":
            return ()
        rows = document[1]
        return self._trades(_symbol(document), rows if isinstance(rows, list) else [])

    def books(self, frame: Frame) -> Iterable[BookMessage]:
        """Return what a frame says of books.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if isinstance(document, dict) or not self.knows(document):
            return ()
        channel = document[-2]
        if not channel.startswith("book"):
            return ()
        return (self._book(_symbol(document), channel, document[1:-2]),)

    def _answer(self, result: object) -> Iterator[TradeMessage]:
        if not isinstance(result, dict) or "last" not in result:
            return
        for symbol, rows in result.items():
            if symbol != "last" and isinstance(rows, list):
                yield from self._trades(symbol, rows)

    def _trades(self, symbol: str, rows: list[Any]) -> Iterator[TradeMessage]:
        for row in rows:
            if not isinstance(row, list) or len(row) < 6:  # noqa: PLR2004
                raise FieldError("line", "malformed")
            price, quantity, time, side = (str(each) for each in row[:4])
            if side not in _SIDES:
                raise FieldError("side", "unknown_side")
            trade_id = str(row[6]) if len(row) > 6 else None  # noqa: PLR2004
            yield TradeMessage(symbol, time, price, quantity, trade_id, _SIDES[side])

    def _book(self, symbol: str, channel: str, parts: list[Any]) -> BookMessage:
        # A change of both sides comes in two objects, the checksum in the last.
        merged: dict[str, Any] = {}
        for part in parts:
            if not isinstance(part, dict):
                raise FieldError("line", "malformed")
            merged |= part
        depth = channel.partition("-")[2]
        if "as" in merged or "bs" in merged:
            bids, asks = levels(merged, "bs"), levels(merged, "as")
            kept = int(depth) if depth.isdigit() else None
            return BookSnapshot(symbol, bids, asks, None, _latest_ns(bids, asks), kept)
        bids, asks = levels(merged, "b"), levels(merged, "a")
        checksum = number(merged, "c", "checksum") if "c" in merged else None
        return BookChange(symbol, bids, asks, None, None, _latest_ns(bids, asks), checksum)


def _symbol(document: list[Any]) -> str:
    symbol = document[-1]
    if not isinstance(symbol, str):
        raise FieldError("symbol", "malformed")
    return symbol


def _latest_ns(*sides: Levels) -> int | None:
    """Return the latest time of any level: the third of its fields, seconds with six decimals."""
    times = [level[2] for side in sides for level in side if len(level) > 2]  # noqa: PLR2004
    if not times:
        return None
    seconds, _, fraction = max(times).partition(".")
    if not (seconds.isdigit() and (fraction or "0").isdigit()):
        raise FieldError("time", "no_time")
    return int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))
