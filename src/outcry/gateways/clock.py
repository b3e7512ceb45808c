"""Whether the machine's clock is behind the exchange's time, which never goes back."""

from time import time_ns
from typing import Final

import structlog

from outcry.gateways.times import NS_PER_MS

NOTED_MS: Final = 1_000
"""A clock that is behind by more is told of."""

_QUIET_S: Final = 60.0
"""A clock that goes back and forth is not logged more often."""

log = structlog.get_logger("outcry.clock")


def behind_ms(exchange_time_ns: int) -> int:
    """Return how far the clock is behind the exchange's time now, in milliseconds; 0 if it is not.

    Args:
        exchange_time_ns: The time of the exchange's last command.
    """
    return max(0, exchange_time_ns - time_ns()) // NS_PER_MS


def clock_note(exchange_time_ns: int) -> str | None:
    """Return what a person should know of the clock, None for nothing."""
    behind = behind_ms(exchange_time_ns)
    if behind <= NOTED_MS:
        return None
    return f"the clock is {behind} ms behind the exchange's time, which stands still meanwhile"


class ClockWatch:
    """Logs a clock that is behind: once when that is found, once when it is over."""

    def __init__(self) -> None:
        self._is_behind = False
        self._told_s: float | None = None

    def look(self, exchange_time_ns: int, now_s: float) -> None:
        """Compare the clock with the exchange's time.

        Args:
            exchange_time_ns: The time of the exchange's last command.
            now_s: A time that never goes back, in seconds.
        """
        note = clock_note(exchange_time_ns)
        if note is None:
            if self._is_behind:
                log.info("clock_caught_up")
            self._is_behind = False
        elif not self._is_behind and not self._is_quiet(now_s):
            self._is_behind = True
            self._told_s = now_s
            log.warning("clock_behind", problem=note, behind_ms=behind_ms(exchange_time_ns))

    def _is_quiet(self, now_s: float) -> bool:
        return self._told_s is not None and now_s - self._told_s < _QUIET_S
