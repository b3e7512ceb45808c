"""The status of a symbol: what the API calls the trading state of an instrument."""

from typing import Final

from outcry.exchange import Instrument
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.venue import Venue
from outcry.protocol import TradingState

_WORDS: Final = {
    TradingState.CONTINUOUS: "TRADING",
    TradingState.AUCTION: "AUCTION_MATCH",
    TradingState.CANCEL_ONLY: "BREAK",
    TradingState.HALTED: "HALT",
}


async def statuses_of(venue: Venue) -> dict[str, str]:
    """Return what the API calls the state of each instrument, by symbol."""
    instruments = await venue.exchange.instruments()
    # That read has just brought their states.
    registry = venue.exchange.parts.registry
    return {each.symbol: _WORDS[registry.state(each.symbol)] for each in instruments}


def wanted_status(call: Call) -> str | None:
    """Return the status that symbols must have, None for any.

    Raises:
        ApiError: It is none that can be asked for.
    """
    word = call.parameters.get("symbolStatus")
    if word not in (None, "TRADING", "HALT", "BREAK"):
        raise ApiError(-1122, "Invalid symbolStatus.")
    return word


async def require_status(venue: Venue, call: Call, instrument: Instrument) -> None:
    """Refuse a symbol of another status than the one that is asked for.

    Raises:
        ApiError: It has another one.
    """
    wanted = wanted_status(call)
    if wanted is not None and wanted != (await statuses_of(venue))[instrument.symbol]:
        raise ApiError(-1220, "The symbol's status does not match the requested symbolStatus.")
