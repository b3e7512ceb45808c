"""The events of an exchange from a sequence on, as objects or as frames, without a gap."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.errors import ExchangeHalted
from outcry.protocol import PLACED_EVENT, Event, place_events, read_events

if TYPE_CHECKING:
    import polars as pl

_LOOK_MS: Final = 200
"""The longest sleep of a thread before it hears signals."""

# While the event log is read there is nobody to ring: it is looked at again, ever more rarely.
_PATIENCE_LEAST_S: Final = 0.005
_PATIENCE_MOST_S: Final = 0.5

Piece = tuple[int, int, int, "_native.Records"]


def pieces(feed: _native.Feed) -> Iterator[_native.Records]:
    """Yield the event records of whole commands, as they come; end where the exchange is closed.

    Raises:
        EventsGap: The reader was too slow.
        ExchangeHalted: The exchange stopped for a failure.
    """
    while True:
        try:
            piece = feed.take(_LOOK_MS)
        except ExchangeHalted as halt:
            if halt.reason == "closed":
                return
            raise
        if piece is not None:
            yield piece[3]


async def pieces_async(feed: _native.Feed) -> AsyncIterator[_native.Records]:
    """Yield the event records of whole commands as `pieces` does, with the loop free meanwhile."""
    loop = asyncio.get_running_loop()
    news = asyncio.Event()
    loop.add_reader(feed.fileno(), news.set)
    patience_s = _PATIENCE_LEAST_S
    try:
        while True:
            news.clear()
            try:
                piece = feed.take(0)
            except ExchangeHalted as halt:
                if halt.reason == "closed":
                    return
                raise
            if piece is not None:
                patience_s = _PATIENCE_LEAST_S
                yield piece[3]
                # Whoever always finds something must let others run as well.
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(patience_s):
                    await news.wait()
            except TimeoutError:
                patience_s = min(2 * patience_s, _PATIENCE_MOST_S)
    finally:
        loop.remove_reader(feed.fileno())


async def events_async(feed: _native.Feed) -> AsyncIterator[Event]:
    """Yield events as they come."""
    async for piece in pieces_async(feed):
        for event in read_events(memoryview(piece)):
            yield event


async def frames_async(feed: _native.Feed) -> "AsyncIterator[pl.DataFrame]":
    """Yield frames of events as they come."""
    async for piece in pieces_async(feed):
        yield frame_of_events(piece)


def frame_of_events(records: _native.Records) -> "pl.DataFrame":
    """Return events as a frame with the columns of `PLACED_EVENT`, all of them integers.

    Any DataFrame library takes it by the Arrow PyCapsule protocol.
    """
    import polars as pl  # noqa: PLC0415 - takes longer than all else that an exchange imports

    rows: npt.NDArray[np.void] = place_events(memoryview(records))
    return pl.DataFrame({name: np.ascontiguousarray(rows[name]) for name in _COLUMNS})


_COLUMNS: Final = tuple(
    name for name in PLACED_EVENT.names or () if not name.startswith("reserved")
)
