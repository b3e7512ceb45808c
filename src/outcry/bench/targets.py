"""What the rows are to reach, on a quiet machine with two cores and a disk that syncs in 1 ms."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Target:
    """A bound for the median of a row.

    Attributes:
        bound: In the unit of the row.
        is_least: Whether the median is to be no less, rather than no more.
    """

    bound: float
    is_least: bool

    def is_met(self, median: float) -> bool:
        """Tell whether a median keeps the bound.

        >>> Target(8, is_least=True).is_met(8.5), Target(2_000, is_least=False).is_met(2_001)
        (True, False)
        """
        return median >= self.bound if self.is_least else median <= self.bound

    def json(self, median: float) -> dict[str, Any]:
        """Return the bound as `at_least` or `at_most`, and whether it is met."""
        name = "at_least" if self.is_least else "at_most"
        return {name: self.bound, "met": self.is_met(median)}


TARGETS: Final = {
    "exchange/no_journal": Target(8, is_least=True),
    "exchange/durable": Target(2, is_least=True),
    "exchange/durable_open_loop/p99": Target(2_000, is_least=False),
    "exchange/durable_open_loop_snapshots/p99": Target(5_000, is_least=False),
    "exchange/asyncio_place": Target(150, is_least=True),
    "recovery/1m_orders": Target(1, is_least=False),
    "journal/replay": Target(6, is_least=True),
    "candles/batch7": Target(300, is_least=True),
    "candles/stream": Target(50, is_least=True),
    "candles/stream_1000": Target(20, is_least=True),
    "profile/day": Target(10, is_least=False),
    "cvd/day": Target(5, is_least=False),
    "footprint/day": Target(15, is_least=False),
    "book/diffs": Target(10, is_least=True),
    "ingest/json_lines": Target(2, is_least=True),
    "ingest/binance_csv": Target(6, is_least=True),
    "rest/order_signed": Target(15, is_least=True),
    "rest/order_signed/p99": Target(20, is_least=False),
    "rest/account": Target(8, is_least=True),
    "rest/open_orders": Target(1.5, is_least=True),
}
"""By row. Rows that are not here are compared with their peers alone."""
