"""When a signed request is too old or too early to be taken: the rule of Binance's spot API."""

from enum import Enum
from typing import Final

AHEAD_MAX_US: Final = 1_000_000
"""A request may be dated less than this ahead of the server's time, in microseconds."""
RECV_WINDOW_DEFAULT_US: Final = 5_000_000
"""How old a request may be where it does not say, in microseconds."""
RECV_WINDOW_MAX_US: Final = 60_000_000
"""The longest `recvWindow` that a request may ask for, in microseconds."""


class WindowFault(Enum):
    """Why a request lies outside its window."""

    AHEAD = "ahead"
    """It is dated a second or more ahead of the server's time."""
    BEHIND = "behind"
    """It is older than its `recvWindow`."""


def window_fault(timestamp_us: int, now_us: int, recv_window_us: int) -> WindowFault | None:
    """Return what keeps a request out of its window, None where it lies within.

    A request counts while `timestamp < now + 1 s` and `now - timestamp <= recvWindow`. All three
    are in microseconds, since `recvWindow` may have three decimals of a millisecond.

    >>> window_fault(999_999, 0, 5_000_000), window_fault(1_000_000, 0, 5_000_000)
    (None, <WindowFault.AHEAD: 'ahead'>)
    >>> window_fault(0, 5_000_000, 5_000_000), window_fault(0, 5_000_001, 5_000_000)
    (None, <WindowFault.BEHIND: 'behind'>)
    """
    if timestamp_us >= now_us + AHEAD_MAX_US:
        return WindowFault.AHEAD
    if now_us - timestamp_us > recv_window_us:
        return WindowFault.BEHIND
    return None
