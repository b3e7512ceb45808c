"""Messages of Binance: WebSocket streams, bare or combined, and the answers of its REST depth.

Sources: Binance, *Web Socket Streams for Binance* (trade, aggTrade, depthUpdate, bookTicker) and
*Market Data endpoints* (depth). `m` says that the buyer was the maker, so that a seller took.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    UNNAMED,
    BestQuote,
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
_QUOTE: Final = frozenset({"u", "s", "b", "B", "a", "A"})
_SYMBOL = re.compile(r"[?&]symbol=(\w+)")


class Binance:
    """The messages of one recording."""

    name = "binance"

    def __init__(self) -> None:
        # A snapshot by REST does not name its instrument; the changes before it do.
        self._symbol: str | None = None

    @staticmethod
    def knows(document: Any) -> bool:  # noqa: ANN401
        """Tell whether a message is one of this venue."""
        if not isinstance(document, dict):
            return False
        return bool(document.keys() & {"stream", "lastUpdateId"}) or (
            isinstance(document.get("e"), str) and "E" in document
        )

    def trades(self, frame: Frame) -> Iterable[TradeMessage]:
        """Return the trades that a frame tells.

        Raises:
            FieldError: A member is absent or wrong.
        """
        event = _event(frame)
        kind = event.get("e")
        if kind == "trade":
            return (self._trade(event, "t"),)
        return (self._trade(event, "a"),) if kind == "aggTrade" else ()

    def books(self, frame: Frame) -> Iterable[BookMessage]:
        """Return what a frame says of books.

        Raises:
            FieldError: A member is absent or wrong.
        """
        event = _event(frame)
        kind = event.get("e")
        if kind == "depthUpdate":
            self._symbol = text(event, "s", "symbol")
            return (self._change(event, self._symbol),)
        if "lastUpdateId" in event:
            return (self._snapshot(event, frame.address),)
        if kind is None and event.keys() >= _QUOTE:
            members = [text(event, name, "quote") for name in ("b", "B", "a", "A")]
            return (BestQuote(text(event, "s", "symbol"), number(event, "u", "u"), *members),)
        return ()

    def _trade(self, event: dict[str, Any], id_name: str) -> TradeMessage:
        maker = event.get("m")
        if not isinstance(maker, bool):
            raise FieldError("side", "missing" if maker is None else "unknown_side")
        return TradeMessage(
            text(event, "s", "symbol"),
            text(event, "T", "time"),
            text(event, "p", "price"),
            text(event, "q", "quantity"),
            text(event, id_name, "trade_id"),
            "sell" if maker else "buy",
        )

    def _change(self, event: dict[str, Any], symbol: str) -> BookChange:
        return BookChange(
            symbol,
            levels(event, "b"),
            levels(event, "a"),
            number(event, "U", "U"),
            number(event, "u", "u"),
            number(event, "E", "time") * MILLISECOND_NS,
        )

    def _snapshot(self, event: dict[str, Any], address: str) -> BookSnapshot:
        named = _SYMBOL.search(address)
        symbol = named.group(1) if named else self._symbol or UNNAMED
        last_id = number(event, "lastUpdateId", "lastUpdateId")
        return BookSnapshot(symbol, levels(event, "bids"), levels(event, "asks"), last_id)


def _event(frame: Frame) -> dict[str, Any]:
    """Return what a frame carries, bare or within a combined stream; nothing where it is none."""
    document = frame.document
    event = document.get("data", document) if isinstance(document, dict) else None
    return event if isinstance(event, dict) else {}
