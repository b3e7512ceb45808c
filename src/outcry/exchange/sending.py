"""How an engine is given a command, and what comes back."""

from typing import Final, TypeVar

import numpy as np

from outcry._native import Engine as Core
from outcry.errors import CommandRejected
from outcry.exchange.answers import has_more
from outcry.exchange.request import Request
from outcry.exchange.requests import Requests
from outcry.exchange.values import U64_MAX, to_whole
from outcry.protocol import EVENT, rows_of

T = TypeVar("T")

_TIME_OFFSET: Final = 8


class Sending:
    """What the commanding parts of an engine stand on."""

    __slots__ = ()

    _native: Core
    _requests: Requests

    def _do(self, request: Request[T], time_ns: int) -> T:
        """Give a command until it has touched all that it is about; return what was asked for."""
        record = timed(request.record, time_ns)
        events = []
        while True:
            try:
                self._native.command(record)
            except CommandRejected as error:
                raise request.explain(error) from None
            events.append(rows_of(self._native.events(), EVENT))
            if not has_more(events[-1]):
                return request.read(np.concatenate(events), time_ns=self._native.time_ns)


def timed(record: bytes, time_ns: int) -> bytes:
    """Return a command as of this time.

    Raises:
        InvalidValue: The time is no integer of 64 bits.
    """
    stamp = to_whole("time_ns", time_ns, U64_MAX).to_bytes(8, "little")
    return record[:_TIME_OFFSET] + stamp + record[_TIME_OFFSET + len(stamp) :]
