"""Candles as a picture: prices, volume beneath, the profile of volume at the side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from outcry.cli.whole_file import whole_file

INCHES: Final = (14.0, 8.0)
DPI: Final = 120
UP, DOWN, INK, PAPER, GRID = "#1a9e6c", "#d1495b", "#2b2d42", "#ffffff", "#e6e8ee"
CANDLES_MAX: Final = 500
PROFILE_ROWS: Final = 60
_BODY: Final = 0.7
DAY_NS: Final = 86_400 * 10**9
TIME: Final = pl.Datetime("ns", "UTC")


def draw_candles(candles: pl.DataFrame, path: Path, zones: Sequence[dict[str, Any]] = ()) -> None:
    """Draw the last 500 candles into a PNG file.

    Args:
        candles: Of one interval and group, in order.
        path: The file, which is whole or not there.
        zones: Spans of price to shade: `top`, `bottom`, `start` and `end` (None to the right edge),
            `bullish`.

    Raises:
        OSError: The file cannot be written.
    """
    shown = candles.tail(CANDLES_MAX)
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor=PAPER, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(5, 1), height_ratios=(4, 1))
    prices = figure.add_subplot(grid[0, 0])
    volumes = figure.add_subplot(grid[1, 0], sharex=prices)
    profile = figure.add_subplot(grid[0, 1], sharey=prices)
    if shown.height:
        _draw(prices, volumes, profile, shown, zones)
    for axes in (prices, volumes, profile):
        axes.grid(color=GRID, lw=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    with whole_file(path) as unfinished:
        figure.savefig(unfinished, format="png")


def _draw(
    prices: Axes,
    volumes: Axes,
    profile: Axes,
    shown: pl.DataFrame,
    zones: Sequence[dict[str, Any]],
) -> None:
    times = _days(shown["open_time"])
    width = float(np.diff(times).min()) if len(times) > 1 else 1.0
    names = ("open", "high", "low", "close", "volume")
    opens, highs, lows, closes, amounts = (
        shown[name].cast(pl.Float64).to_numpy() for name in names
    )
    colours = [DOWN if close < first else UP for first, close in zip(opens, closes, strict=True)]
    middles = times + width / 2
    prices.vlines(middles, lows, highs, colors=colours, lw=0.8)
    heights = np.maximum(np.abs(closes - opens), (highs.max() - lows.min()) / 800)
    bottoms = np.minimum(opens, closes)
    prices.bar(middles, heights, width * _BODY, bottoms, color=colours)
    for zone in zones:
        _shade(prices, zone, times[-1] + width)
    volumes.bar(middles, amounts, width * _BODY, color=colours, alpha=0.7)
    volumes.xaxis_date()
    volumes.set_xlabel("UTC")
    keys = [str(shown[name][0]) for name in ("symbol", "account") if name in shown.columns]
    title = " ".join([*keys, shown["interval"][0] if "interval" in shown.columns else ""])
    prices.set_title(title, loc="left", color=INK, weight="bold")
    volumes.set_title("volume", loc="left", color=INK)
    typical = (highs + lows + closes) / 3
    rows, edges = np.histogram(typical, PROFILE_ROWS, weights=amounts)
    profile.barh(edges[:-1], rows, np.diff(edges), align="edge", color=INK, alpha=0.35)
    profile.set_title("volume by price", loc="left", color=INK)
    profile.tick_params(labelleft=False)


def _days(times: pl.Series) -> npt.NDArray[np.float64]:
    """Return times as days since 1970, as the axis counts them."""
    return times.dt.epoch("ns").cast(pl.Float64).to_numpy() / DAY_NS


def _shade(axes: Axes, zone: dict[str, Any], right: float) -> None:
    start, end = _days(pl.Series([zone["start"], zone["end"]], dtype=TIME))
    end = right if zone["end"] is None else end
    low, high = float(zone["bottom"]), float(zone["top"])
    colour = UP if zone["bullish"] else DOWN
    span = Rectangle(
        (start, low), max(end - start, 0.0), high - low, color=colour, alpha=0.18, lw=0
    )
    axes.add_patch(span)
