"""What the pictures of market data have in common: colours, axes, bars over time."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from outcry.cli.whole_file import whole_file

INCHES: Final = (14.0, 8.0)
DPI: Final = 120
UP, DOWN, INK, PAPER, GRID = "#1a9e6c", "#d1495b", "#2b2d42", "#ffffff", "#e6e8ee"
BODY: Final = 0.7
DAY_NS: Final = 86_400 * 10**9
# A picture has no room for more candles.
BARS_MAX: Final = 500

Floats = npt.NDArray[np.float64]


def new_figure(inches: tuple[float, float] = INCHES) -> Figure:
    """Return an empty figure that lays out its axes itself."""
    return Figure(figsize=inches, dpi=DPI, facecolor=PAPER, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a figure into a PNG file that is whole or not there.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    with whole_file(path) as unfinished:
        figure.savefig(unfinished, format="png")


def title(axes: Axes, text: str, detail: str = "") -> None:
    """Write what axes show above them, at the left in bold, a detail at the right."""
    axes.set_title(text, loc="left", color=INK, weight="bold")
    if detail:
        axes.set_title(detail, loc="right", color=INK, fontsize=10)


def plain(axes: Axes) -> None:
    """Leave of axes a grid and numbers with separated thousands."""
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def grouped_numbers(axes: Axes, *, x: bool = False) -> None:
    """Separate the thousands of an axis, by default the upright one."""
    axis = axes.xaxis if x else axes.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def times_below(axes: Axes) -> None:
    """Make the lower axis one of times in UTC."""
    locator = AutoDateLocator(minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_xlabel("UTC", color=INK)


def few_ticks(axes: Axes) -> None:
    """Let numbers along the lower axis not run into each other."""
    axes.xaxis.set_major_locator(MaxNLocator(4))


def say_nothing_is_there(axes: Axes, text: str = "no trades") -> None:
    """Say in the middle of axes that there is nothing to draw."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color=INK, fontsize=16)


def days(times: pl.Series) -> Floats:
    """Return times as days since 1970, as an axis counts them."""
    return times.dt.epoch("ns").cast(pl.Float64).to_numpy() / DAY_NS


def floats(column: pl.Series) -> Floats:
    """Return decimals as what a picture can show of them; NaN leaves a gap in a line."""
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def width_of(times: Floats) -> float:
    """Return how wide a bar is, in days, by the least step between two."""
    return float(np.diff(times).min()) if len(times) > 1 else 1.0


def draw_bodies(axes: Axes, candles: pl.DataFrame) -> None:
    """Draw candles: wicks and bodies, each over the time that it spans."""
    times = days(candles["open_time"])
    width = width_of(times)
    opens, highs, lows, closes = (floats(candles[n]) for n in ("open", "high", "low", "close"))
    colours = colours_of(candles)
    middles = times + width / 2
    axes.vlines(middles, lows, highs, colors=colours, lw=0.9)
    heights = np.maximum(np.abs(closes - opens), (highs.max() - lows.min()) / 600)
    axes.bar(middles, heights, width * BODY, np.minimum(opens, closes), color=colours)


def colours_of(candles: pl.DataFrame) -> list[str]:
    """Return the colour of each candle, by whether it closed below its open."""
    both = zip(floats(candles["open"]), floats(candles["close"]), strict=True)
    return [DOWN if close < first else UP for first, close in both]
