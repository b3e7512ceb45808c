"""Structure of bars: fair value gaps, supply and demand zones, swing points.

Bars are candles of one instrument and interval, or any frame with `open_time` (or `open_time_ns`),
`open`, `high`, `low`, `close`, in order. What is found is told at the close that confirms it, and
`confirmed_time` is that close: the bar's `close_time`, or where bars have none their open and the
shortest step between bars so far. Bars whose `closed` is false confirm and change nothing. Each
function is its stream fed at once; a stream takes one bar or many, and `peek` tells what a bar that
still forms would change.
"""

from typing import Any, Final, Literal, Protocol, TypeAlias

import polars as pl

from outcry import _native
from outcry.errors import InvalidValue
from outcry.marketdata.bars import BarReader, bars_scale
from outcry.marketdata.columns import Numbers, told_as

GapRule: TypeAlias = Literal["close", "direction"]
GAP_RULES: Final = ("close", "direction")
_GAP_TIMES: Final = ("confirmed_time", "touched_time", "half_time", "filled_time")
_ZONE_TIMES: Final = ("base_time", "confirmed_time", "tested_time", "broken_time")
_SWING_TIMES: Final = ("open_time", "confirmed_time")


class _Finder(Protocol):
    """A kernel of the core that finds something in bars."""

    def update(self, frame: object) -> _native.Table: ...

    def peek(self, frame: object) -> _native.Table: ...


class _BarStream:
    """Bars as they close, through a kernel of the core."""

    _finder: _Finder

    def __init__(self, times: tuple[str, ...], price_scale: int, numbers: Numbers) -> None:
        """Make a stream that tells these columns as times."""
        self._times = times
        self._bars = BarReader(price_scale)
        self._numbers: Numbers = numbers

    def update(self, bars: Any) -> pl.DataFrame:  # noqa: ANN401 (any frame)
        """Take closed bars; return what they confirm or change, as it is now.

        Returns:
            The rows of the function whose stream this is; what changes later comes again under its
            `number`.

        Raises:
            InvalidValue: As that function; or a bar is not behind those that were taken.
        """
        return self._told(self._finder.update(self._bars.read(bars)))

    def peek(self, bars: Any) -> pl.DataFrame:  # noqa: ANN401 (any frame)
        """Return what `update` would return, without taking the bars."""
        return self._told(self._finder.peek(self._bars.peek(bars)))

    def _told(self, table: _native.Table) -> pl.DataFrame:
        return told_as(pl.DataFrame(table), self._numbers, self._times)


class GapStream(_BarStream):
    """Fair value gaps of bars as they close; arguments are those of `fair_value_gaps`."""

    def __init__(
        self,
        rule: GapRule = "close",
        threshold: float = 0.0,
        interval: str | None = None,
        *,
        price_scale: int = 8,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty stream of prices of at most so many decimals.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        if rule not in GAP_RULES:
            raise InvalidValue("rule", str(rule), f"must be one of {', '.join(GAP_RULES)}")
        step_ns = 0 if interval is None else _native.interval_ns(interval)
        super().__init__(_GAP_TIMES, price_scale, numbers)
        self._finder = _native.GapFinder(rule == "close", threshold, step_ns, price_scale)


def fair_value_gaps(
    bars: Any,  # noqa: ANN401 (any frame)
    rule: GapRule = "close",
    threshold: float = 0.0,
    interval: str | None = None,
    *,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return every fair value gap and what became of it.

    Of three bars in a row a bullish gap lies between the first's high and the third's low, where
    the low is the higher: zone [high(t-2), low(t)], confirmed at the close of t. Bearish: mirrored.

    Args:
        bars: In order.
        rule: What the middle bar must do: `close` beyond the first's extreme (as LuxAlgo has it)
            or close in its `direction` (as smart-money-concepts has it).
        threshold: Least height, as a share of the lower edge.
        interval: Of the bars; where given, bars further apart make no gap.
        numbers: As in `candles`.

    Returns:
        `number`, `bullish`, `confirmed_time` (the third bar's close), `top`, `bottom`, `state`
        (`open`, `touched`, `half`, `filled`), `fraction` (how much was filled, 0 to 1), and when it
        was first `touched_time`, `half_time` (filled by half) and `filled_time`: the opens of the
        bars that did it.

    Raises:
        InvalidValue: Bars are not in order, of several instruments or intervals, or an argument
            cannot be taken.

    >>> bars = pl.DataFrame(
    ...     {
    ...         "open_time_ns": [0, 1, 2, 3],
    ...         "open": [9, 10, 12, 12],
    ...         "high": [10, 13, 14, 13],
    ...         "low": [8, 9, 12, 11],
    ...         "close": [10, 12, 13, 12],
    ...     }
    ... )
    >>> fair_value_gaps(bars).select("top", "bottom", "state", "fraction").row(0)
    (Decimal('12'), Decimal('10'), 'half', 0.5)
    """
    scale = bars_scale(bars)
    return GapStream(rule, threshold, interval, price_scale=scale, numbers=numbers).update(bars)


class ZoneStream(_BarStream):
    """Supply and demand zones of bars as they close; arguments are those of `zones`."""

    def __init__(
        self,
        atr_length: int = 14,
        smoothing: int = 20,
        *,
        impulse: float = 0.6,
        base_body: float = 0.5,
        base_max: int = 8,
        height_max: float = 2.0,
        price_scale: int = 8,
        numbers: Numbers = "decimal",
    ) -> None:
        """Make an empty stream of prices of at most so many decimals.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        super().__init__(_ZONE_TIMES, price_scale, numbers)
        lengths, multiples = (atr_length, smoothing, base_max), (impulse, base_body, height_max)
        self._finder = _native.ZoneFinder(lengths, multiples, price_scale)


def zones(
    bars: Any,  # noqa: ANN401 (any frame)
    atr_length: int = 14,
    smoothing: int = 20,
    *,
    impulse: float = 0.6,
    base_body: float = 0.5,
    base_max: int = 8,
    height_max: float = 2.0,
    numbers: Numbers = "decimal",
) -> pl.DataFrame:
    """Return every supply and demand zone and what became of it.

    There is no standard. Here a leg is a bar whose body |close - open| is above `impulse` ATR, with
    ATR = EMA(ATR(14), 20); a base is one to `base_max` bars behind a leg, each with a body below
    `base_body` ATR. A leg behind a base makes the base's range [lowest low, highest high] a zone:
    demand where the leg rises, supply where it falls; not where it is higher than `height_max` ATR.

    Returns:
        `number`, `demand`, `pattern`, `base_time`, `base_bars`, `confirmed_time` (close of the
        leg that confirmed it), `top`, `bottom`, `strength` (that leg's body in ATR), `state`
        (`fresh`, `tested`: a wick entered, `broken`: a bar closed beyond the far side), `tests`,
        `tested_time` and `broken_time`, the opens of the bars that did it.

    Raises:
        InvalidValue: As `fair_value_gaps`.
    """
    scale = bars_scale(bars)
    stream = ZoneStream(
        atr_length,
        smoothing,
        impulse=impulse,
        base_body=base_body,
        base_max=base_max,
        height_max=height_max,
        price_scale=scale,
        numbers=numbers,
    )
    return stream.update(bars)


class SwingStream(_BarStream):
    """Swing points of bars as they close; arguments are those of `swing_points`."""

    def __init__(
        self, length: int = 5, *, price_scale: int = 8, numbers: Numbers = "decimal"
    ) -> None:
        """Make an empty stream of prices of at most so many decimals.

        Raises:
            InvalidValue: The length is not from 1 to 10,000.
        """
        super().__init__(_SWING_TIMES, price_scale, numbers)
        self._finder = _native.SwingFinder(length, price_scale)


def swing_points(bars: Any, length: int = 5, *, numbers: Numbers = "decimal") -> pl.DataFrame:  # noqa: ANN401 (any frame)
    """Return swing highs and lows without look-ahead.

    A high is a swing where it is above those of `length` bars before and behind, strictly; so it is
    known only when the last of these has closed, at `confirmed_time`.

    Returns:
        `open_time` of the swing, `confirmed_time`, `high` (else a low), `price`.

    Raises:
        InvalidValue: As `fair_value_gaps`.
    """
    scale = bars_scale(bars)
    return SwingStream(length, price_scale=scale, numbers=numbers).update(bars)
