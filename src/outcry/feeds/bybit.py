"""Messages of Bybit: trades and books of its WebSocket, version 5.

Source: Bybit, *V5 API*, Orderbook (`u` rises by one from change to change, a snapshot replaces the
book) and Trade (`S` is the side of the taker). Spot and derivatives share names of instruments: one
of a derivative is shown with its market in front, as `linear:BTCUSDT`.
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
_SIDES = {"Buy": "buy", "Sell": "sell"}
_DERIVATIVES = {"linear", "inverse", "option"}


class Bybit:
    """The messages of one recording."""

    name = "bybit"

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""
        return isinstance(document, dict) and isinstance(document.get("topic"), str)

    def trades(self, frame: Frame) -> Iterable[TradeMessage]:
        """Return the trades that a frame tells.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if not self.knows(document) or not document["topic"].startswith("publicTrade."):
            return ()
        data, prefix = document.get("data"), _prefix(frame)
        return (self._trade(row, prefix) for row in data) if isinstance(data, list) else ()

    def books(self, frame: Frame) -> Iterable[BookMessage]:
        """Return what a frame says of books.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        if not self.knows(document) or not document["topic"].startswith("orderbook."):
            return ()
        data = document.get("data")
        return (self._book(document, data, _prefix(frame)),) if isinstance(data, dict) else ()

    def _trade(self, row: object, prefix: str) -> TradeMessage:
        if not isinstance(row, dict):
            raise FieldError("line", "malformed")
        side = _SIDES.get(text(row, "S", "side"))
        if side is None:
            raise FieldError("side", "unknown_side")
        trade_id = text(row, "i", "trade_id")
        return TradeMessage(
            prefix + text(row, "s", "symbol"),
            text(row, "T", "time"),
            text(row, "p", "price"),
            text(row, "v", "quantity"),
            # The ids of derivatives are no numbers: their trades are counted instead.
            trade_id if trade_id.isdigit() and not prefix else None,
            side,
        )

    def _book(self, document: dict[str, Any], data: dict[str, Any], prefix: str) -> BookMessage:
        symbol = prefix + text(data, "s", "symbol")
        bids, asks = levels(data, "b"), levels(data, "a")
        time_ns = number(document, "ts", "time") * MILLISECOND_NS
        last_id = number(data, "u", "u")
        if document.get("type") == "snapshot":
            return BookSnapshot(symbol, bids, asks, last_id, time_ns)
        return BookChange(symbol, bids, asks, last_id, last_id, time_ns)


def _prefix(frame: Frame) -> str:
    """Return what stands before the name of an instrument: its market, where that is no spot."""
    market = frame.address.rstrip("/").rpartition("/")[2]
    return f"{market}:" if market in _DERIVATIVES else ""
