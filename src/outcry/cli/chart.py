"""Drawing with characters: candles and bars."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from rich.text import Text

from outcry.cli.report import Candle

UP, DOWN, DIM = "green", "red", "dim"
# What the upper and the lower half of a cell hold: nothing, a wick or a body.
_NOTHING, _WICK, _BODY = 0, 1, 2
_CELLS: Final = {
    (_NOTHING, _NOTHING): " ",
    (_NOTHING, _WICK): "╷",
    (_NOTHING, _BODY): "╻",
    (_WICK, _NOTHING): "╵",
    (_WICK, _WICK): "│",
    (_WICK, _BODY): "╽",
    (_BODY, _NOTHING): "╹",
    (_BODY, _WICK): "╿",
    (_BODY, _BODY): "┃",
}
_EIGHTHS_UP: Final = " ▁▂▃▄▅▆▇█"
_EIGHTHS_RIGHT: Final = " ▏▎▍▌▋▊▉█"


def colour_of(candle: Candle) -> str:
    """Return the colour of a candle, by whether it closed below its open."""
    return DOWN if candle.close < candle.open else UP


def candle_chart(candles: Sequence[Candle], rows: int, columns: int) -> list[Text]:
    """Draw candles, so many columns wide with their gap, and a line of their volumes beneath.

    Returns:
        `rows` lines of prices from the top, then the line of volumes.
    """
    low = min(candle.low for candle in candles)
    span = max(candle.high for candle in candles) - low
    halves = rows * 2

    def half_of(price: Decimal) -> int:
        """Return in which half row a price lies, 0 at the bottom."""
        return min(int((price - low) * halves / span), halves - 1) if span else halves // 2

    lines = [Text() for _ in range(rows)]
    for candle in candles:
        wick = range(half_of(candle.low), half_of(candle.high) + 1)
        ends = half_of(candle.open), half_of(candle.close)
        body = range(min(ends), max(ends) + 1)
        held = [_BODY if half in body else int(half in wick) for half in range(halves)]
        for row, line in enumerate(lines):
            lower = halves - 2 - row * 2
            cell = _CELLS[held[lower + 1], held[lower]]
            line.append(cell.ljust(columns), colour_of(candle))
    return [*lines, _volumes(candles, columns)]


def _volumes(candles: Sequence[Candle], columns: int) -> Text:
    greatest = max(candle.volume for candle in candles)
    line = Text()
    for candle in candles:
        height = max(1, int(candle.volume * 8 / greatest))
        line.append(_EIGHTHS_UP[height].ljust(columns), f"{DIM} {colour_of(candle)}")
    return line


def bar(value: Decimal, greatest: Decimal, columns: int) -> str:
    """Draw a bar that grows to the right, at least an eighth of a column long.

    >>> bar(Decimal(3), Decimal(4), columns=2)
    '█▌'
    """
    eighths = max(1, int(value * columns * 8 / greatest))
    return "█" * (eighths // 8) + _EIGHTHS_RIGHT[eighths % 8].strip()
