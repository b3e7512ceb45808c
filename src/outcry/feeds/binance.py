"""Messages of Binance: WebSocket streams, bare or combined, and the answers of its REST depth.

Sources: Binance, *Web Socket Streams for Binance* (trade, aggTrade, depthUpdate, bookTicker) and
*Market Data endpoints* (depth). `m` says that the buyer was the maker, so that a seller took.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from outcry.feeds.frames import Frame
from outcry.feeds.messages import (
    UNNAMED,
    BestQuote,
    BookChange,
    BookSnapshot,
    Message,
    TradeMessage,
    levels,
    number,
    text,
)
from outcry.feeds.recording import FieldError

MILLISECOND_NS: Final = 1_000_000
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

    def messages(self, frame: Frame) -> Iterator[Message]:
        """Yield what a frame says.

        Raises:
            FieldError: A member is absent or wrong.
        """
        document = frame.document
        event = document.get("data", document) if isinstance(document, dict) else None
        if not isinstance(event, dict):
            return
        kind = event.get("e")
        if kind in {"trade", "aggTrade"}:
            yield self._trade(event, "t" if kind == "trade" else "a")
        elif kind == "depthUpdate":
            self._symbol = text(event, "s", "symbol")
            yield self._change(event, self._symbol)
        elif "lastUpdateId" in event:
            yield self._snapshot(event, frame.address)
        elif event.keys() >= {"u", "s", "b", "B", "a", "A"}:
            members = (text(event, name, "quote") for name in ("b", "B", "a", "A"))
            yield BestQuote(text(event, "s", "symbol"), number(event, "u", "u"), *members)

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
