"""Messages of Kraken: its WebSocket, version 1, and its REST trades.

Sources: Kraken, *WebSockets API v1* (trade, book, book checksum) and *Get Recent Trades*. A book of
N levels is kept at N by its reader: what falls out is told again when it comes back.
"""

from collections.abc import Iterator
from typing import Any

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    BookChange,
    BookSnapshot,
    Levels,
    Message,
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

    def messages(self, frame: Frame) -> Iterator[Message]:
        """Yield what a frame says.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if isinstance(document, dict):
            yield from self._answer(document.get("result"))
            return
        if not self.knows(document):
            return
        *_, channel, symbol = document
        if not isinstance(symbol, str):
            raise FieldError("symbol", "malformed")
        if channel == "trade":
            rows = document[1]
            yield from self._trades(symbol, rows if isinstance(rows, list) else [])
        elif channel.startswith("book"):
            yield from self._book(symbol, channel, document[1:-2])

    def _answer(self, result: object) -> Iterator[Message]:
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

    def _book(self, symbol: str, channel: str, parts: list[Any]) -> Iterator[Message]:
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
            yield BookSnapshot(symbol, bids, asks, None, _latest_ns(bids, asks), kept)
            return
        bids, asks = levels(merged, "b"), levels(merged, "a")
        checksum = number(merged, "c", "checksum") if "c" in merged else None
        yield BookChange(symbol, bids, asks, None, None, _latest_ns(bids, asks), checksum)


def _latest_ns(*sides: Levels) -> int | None:
    """Return the latest time of any level: the third of its fields, seconds with six decimals."""
    times = [level[2] for side in sides for level in side if len(level) > 2]  # noqa: PLR2004
    if not times:
        return None
    seconds, _, fraction = max(times).partition(".")
    if not (seconds.isdigit() and (fraction or "0").isdigit()):
        raise FieldError("time", "no_time")
    return int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))
