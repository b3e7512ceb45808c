"""The part of `outcry._native` that makes market data: frames of integers in, tables out.

Errors are those of `outcry.errors`.
"""

from typing import final

@final
class Table:
    """Columns of one frame, for anything that reads the Arrow PyCapsule protocol."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class CandleSet:
    """Candles of many intervals and groups; frames of integers in, tables out."""

    def __new__(
        cls,
        intervals: list[str],
        horizon_ns: int,
        grace_ns: int,
        scales: tuple[int, int, int],
    ) -> CandleSet: ...
    @property
    def scales(self) -> tuple[int, int, int]: ...
    def rescale(self, price: int, quantity: int, value: int) -> None: ...
    def add(self, trades: object, threads: int) -> None: ...
    def advance(self, now_ns: int) -> None: ...
    def take(self) -> Table: ...
    def held(self) -> Table: ...
    def forming(self) -> Table: ...
    def copy(self) -> CandleSet: ...

def roll_up_candles(
    candles: object, interval: str, intervals: list[str], scales: tuple[int, int, int]
) -> Table:
    """Return candles of longer intervals, or whole candles of parts."""

def fill_candles(candles: object, interval: str, scales: tuple[int, int, int]) -> Table:
    """Return candles with one for each bucket without a trade between two of a group."""

def interval_ns(interval: str) -> int:
    """Return how long a bucket of an interval is at most.

    Raises:
        InvalidValue: It is no interval.
    """

def is_ordered(trades: object) -> bool:
    """Return whether trades stand in the order of (time, id)."""

@final
class TickRule:
    """Sides where the source does not say them."""

    def update(self, trades: object) -> Table: ...
    def rescale(self, decimals: int) -> None: ...
    def copy(self) -> TickRule: ...

@final
class CvdSum:
    """Cumulative volume delta."""

    def __new__(cls, anchor: str | None) -> CvdSum: ...
    def update(self, trades: object, in_quote: bool, scale: int | None) -> Table: ...
    def update_bars(self, bars: object, scale: int) -> Table: ...
    def update_one(self, time_ns: int, amount: int) -> int: ...
    def peek(self, time_ns: int, amount: int) -> int: ...

def delta_bars(trades: object, interval: str, in_quote: bool, scale: int) -> Table:
    """Return delta bars of trades in order."""

@final
class DeltaBars:
    """Delta bars of trades as they come."""

    def __new__(cls, interval: str, horizon_ns: int, in_quote: bool, scale: int) -> DeltaBars: ...
    def rescale(self, decimals: int) -> None: ...
    def update(self, trades: object) -> tuple[Table, int]: ...
    def peek(self, trades: object) -> tuple[Table, int]: ...

def footprint_rows(
    trades: object, interval: str, rule: tuple[int, int, int, int], scales: tuple[int, int]
) -> Table:
    """Return the rows of the footprint of each bar, of trades in order."""

@final
class FootprintBars:
    """Footprints of trades as they come."""

    def __new__(
        cls,
        interval: str,
        horizon_ns: int,
        rule: tuple[int, int, int, int],
        scales: tuple[int, int],
    ) -> FootprintBars: ...
    def rescale(
        self, price_decimals: int, quantity_decimals: int, rule: tuple[int, int, int, int]
    ) -> None: ...
    def update(self, trades: object) -> tuple[Table, int]: ...
    def peek(self, trades: object) -> tuple[Table, int]: ...

@final
class VpinBuckets:
    """Buckets of equal volume and their VPIN."""

    def __new__(cls, bucket_volume: int, window: int, scale: int) -> VpinBuckets: ...
    def update(self, trades: object) -> Table: ...
    def peek(self, trades: object) -> Table: ...
    def forming(self) -> tuple[int, int]: ...

@final
class OfiSum:
    """Order flow imbalance of best quotes."""

    def update(self, quotes: object, scale: int) -> Table: ...
    def peek(self, quotes: object, scale: int) -> Table: ...

@final
class GapFinder:
    """Fair value gaps."""

    def __new__(
        cls, close_beyond: bool, threshold: float, step_ns: int, scale: int
    ) -> GapFinder: ...
    def update(self, frame: object) -> Table: ...
    def peek(self, frame: object) -> Table: ...

@final
class ZoneFinder:
    """Supply and demand zones."""

    def __new__(
        cls, lengths: tuple[int, int, int], multiples: tuple[float, float, float], scale: int
    ) -> ZoneFinder: ...
    def update(self, frame: object) -> Table: ...
    def peek(self, frame: object) -> Table: ...

@final
class SwingFinder:
    """Swing points."""

    def __new__(cls, length: int, scale: int) -> SwingFinder: ...
    def update(self, frame: object) -> Table: ...
    def peek(self, frame: object) -> Table: ...

@final
class PriceLadder:
    """What was traded in each row of prices."""

    def __new__(cls, row_size: int) -> PriceLadder: ...
    def add(self, trades: object) -> None: ...
    def add_periods(self, periods: object) -> None: ...
    def rescale(self, price_decimals: int, quantity_decimals: int) -> None: ...
    def rows(self, price_scale: int, quantity_scale: int) -> Table: ...
    def value_area(
        self, two_rows: bool, share_ppm: int
    ) -> tuple[int, int, int, int, int] | None: ...
    def copy(self) -> PriceLadder: ...

def value_area(
    rows: list[int], two_rows: bool, share_ppm: int
) -> tuple[int, int, int, int, int] | None:
    """Return places of the point of control, the low and the high, what the area holds, and all."""

def stream_candles(trades: object, intervals: list[str]) -> tuple[int, int]:
    """Take trades one at a time, read every candle of their groups after each; return their sum."""
