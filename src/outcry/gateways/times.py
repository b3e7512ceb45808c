"""Units of time: the exchange reckons in nanoseconds, whoever asks it in milliseconds."""

from typing import Final

NS_PER_US: Final = 1_000
NS_PER_MS: Final = 1_000_000

TIME_MAX_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""
