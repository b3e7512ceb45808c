"""Units of time: the exchange reckons in nanoseconds, whoever asks it in milliseconds."""

from typing import Final

NS_PER_US: Final = 1_000
NS_PER_MS: Final = 1_000_000
