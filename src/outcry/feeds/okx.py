"""Messages of OKX: trades and books of its WebSocket, version 5.

Source: OKX, *API guide v5*, order book channel (`books`: 400 levels, checksum of the best 25, and
in newer recordings `seqId` and `prevSeqId`) and trades channel.
"""

from collections.abc import Iterable
from typing import Any, Final

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    BookChange,
    BookMessage,
    BookSnapshot,
    TradeMessage,
    levels,
    number,
    text,
)
from outcry.feeds.recording import FieldError

MILLISECOND_NS: Final = 1_000_000
_SIDES = {"buy", "sell"}
_BOOKS = {"books", "books-l2-tbt", "books50-l2-tbt"}


class Okx:
    """The messages of one recording."""

    name = "okx"

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""
        return isinstance(document, dict) and isinstance(document.get("arg"), dict)

    def trades(self, frame: Frame) -> Iterable[TradeMessage]:
        """Return the trades that a frame tells.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if not self.knows(document) or document["arg"].get("channel") != "trades":
            return ()
        return (self._trade(row) for row in _rows(document))

    def books(self, frame: Frame) -> Iterable[BookMessage]:
        """Return what a frame says of books.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if not self.knows(document) or document["arg"].get("channel") not in _BOOKS:
            return ()
        rows = _rows(document)
        symbol = text(document["arg"], "instId", "symbol") if rows else ""
        is_snapshot = document.get("action") == "snapshot"
        return (self._book(symbol, row, is_snapshot) for row in rows)

    def _trade(self, row: dict[str, Any]) -> TradeMessage:
        side = text(row, "side", "side")
        if side not in _SIDES:
            raise FieldError("side", "unknown_side")
        return TradeMessage(
            text(row, "instId", "symbol"),
            text(row, "ts", "time"),
            text(row, "px", "price"),
            text(row, "sz", "quantity"),
            text(row, "tradeId", "trade_id"),
            side,
        )

    def _book(self, symbol: str, row: dict[str, Any], is_snapshot: bool) -> BookMessage:
        bids, asks = levels(row, "bids"), levels(row, "asks")
        time_ns = number(row, "ts", "time") * MILLISECOND_NS
        checksum = number(row, "checksum", "checksum") if "checksum" in row else None
        last_id = number(row, "seqId", "seqId") if "seqId" in row else None
        if is_snapshot:
            return BookSnapshot(symbol, bids, asks, last_id, time_ns, None, checksum)
        # A change names the one before it, which may be itself where nothing changed.
        first_id = number(row, "prevSeqId", "prevSeqId") + 1 if "prevSeqId" in row else None
        return BookChange(symbol, bids, asks, first_id, last_id, time_ns, checksum)


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    rows = document.get("data")
    if not isinstance(rows, list):
        return []
    if not all(isinstance(row, dict) for row in rows):
        raise FieldError("line", "malformed")
    return rows
