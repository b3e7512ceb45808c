"""Candles as a picture: prices, volume beneath, the profile of volume at the side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from outcry.cli.pictures import (
    BARS_MAX,
    BODY,
    DOWN,
    INK,
    UP,
    Floats,
    colours_of,
    days,
    draw_bodies,
    few_ticks,
    floats,
    grouped_numbers,
    new_figure,
    plain,
    save,
    say_nothing_is_there,
    times_below,
    title,
    width_of,
)

PROFILE_ROWS: Final = 60
TIME: Final = pl.Datetime("ns", "UTC")


def draw_candles(candles: pl.DataFrame, path: Path, zones: Sequence[dict[str, Any]] = ()) -> None:
    """Draw the last 500 candles into a PNG file.

    Args:
        candles: Of one interval and group, in order.
        path: The file, which is whole or not there.
        zones: Spans of price to shade: `top`, `bottom`, `start` and `end` (None to the right edge),
            `bullish`.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    figure = new_figure()
    grid = figure.add_gridspec(2, 2, width_ratios=(5, 1), height_ratios=(4, 1))
    prices = figure.add_subplot(grid[0, 0])
    volumes = figure.add_subplot(grid[1, 0], sharex=prices)
    profile = figure.add_subplot(grid[0, 1], sharey=prices)
    for axes in (prices, volumes, profile):
        plain(axes)
    if candles.height:
        _draw(prices, volumes, profile, candles, zones)
    else:
        say_nothing_is_there(prices)
    save(figure, path)


def _draw(
    prices: Axes,
    volumes: Axes,
    profile: Axes,
    candles: pl.DataFrame,
    zones: Sequence[dict[str, Any]],
) -> None:
    shown = candles.tail(BARS_MAX)
    # The lowest body has as much room beneath it as the highest wick above.
    prices.use_sticky_edges = False
    times = days(shown["open_time"])
    width = width_of(times)
    for zone in zones:
        _shade(prices, zone, times[0], times[-1] + width)
    draw_bodies(prices, shown)
    # The label of the last price has room behind the last candle.
    prices.set_xlim(times[0] - width, times[-1] + width + 0.09 * (times[-1] - times[0] + width))
    grouped_numbers(prices)
    prices.tick_params(labelbottom=False)
    _mark_last(prices, float(shown["close"][-1]), shown["close"][-1] < shown["open"][-1])
    bought, sold = _sides(shown)
    middles = times + width / 2
    volumes.bar(middles, bought + sold, width * BODY, color=colours_of(shown), alpha=0.8)
    grouped_numbers(volumes)
    times_below(volumes)
    keys = [str(shown[name][0]) for name in ("symbol", "account") if name in shown.columns]
    interval = [shown["interval"][0]] if "interval" in shown.columns else []
    first, last = shown["open_time"][0], shown["open_time"][-1]
    when = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
    if candles.height > shown.height:
        when = f"the last {shown.height:,} of {candles.height:,}, {when}"
    title(prices, "  ".join([*keys, *interval]), when)
    title(volumes, "volume")
    _draw_profile(profile, shown, bought, sold)


def _sides(shown: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return what was bought and sold of each candle; all bought where nothing says it."""
    volume = floats(shown["volume"])
    bought = floats(shown["buy_volume"]) if "buy_volume" in shown.columns else volume
    return bought, volume - bought


def _mark_last(axes: Axes, price: float, falls: bool) -> None:
    colour = DOWN if falls else UP
    axes.axhline(price, color=colour, lw=0.7, ls=(0, (4, 4)))
    axes.annotate(
        f"{price:,.10g}",
        (1.0, price),
        xycoords=("axes fraction", "data"),
        ha="right",
        va="center",
        color="white",
        fontsize=9,
        bbox={"boxstyle": "round,pad=0.25", "color": colour},
    )


def _draw_profile(axes: Axes, shown: pl.DataFrame, bought: Floats, sold: Floats) -> None:
    """Draw the volume by price, that of each candle spread evenly from its low to its high."""
    highs, lows = floats(shown["high"]), floats(shown["low"])
    low, high = lows.min(), highs.max()
    height = (high - low) / PROFILE_ROWS or 1.0
    edges = low + height * np.arange(PROFILE_ROWS)
    # How much of a candle's span lies within each row; one without a span lies in one row.
    spans = np.maximum(highs - lows, height)
    tops = np.minimum(highs[:, None], edges + height)
    bottoms = np.maximum((highs - spans)[:, None], edges)
    shares = np.maximum(tops - bottoms, 0.0) / spans[:, None]
    left = sold @ shares
    axes.barh(edges, left, height, align="edge", color=DOWN, alpha=0.55, label="sold")
    axes.barh(edges, bought @ shares, height, left=left, align="edge", color=UP, alpha=0.55)
    title(axes, "volume by price")
    axes.set_xlabel("estimated: each candle's, spread over its range", color=INK, fontsize=8)
    axes.tick_params(labelleft=False)
    few_ticks(axes)
    grouped_numbers(axes, x=True)


def _shade(axes: Axes, zone: dict[str, Any], left: float, right: float) -> None:
    start, end = days(pl.Series([zone["start"], zone["end"]], dtype=TIME))
    end = right if zone["end"] is None else end
    if end <= left:
        return
    start = max(start, left)
    low, high = float(zone["bottom"]), float(zone["top"])
    colour = UP if zone["bullish"] else DOWN
    stands = zone["end"] is None
    axes.add_patch(
        Rectangle(
            (start, low),
            max(end - start, 0.0),
            high - low,
            facecolor=colour,
            edgecolor=colour,
            alpha=0.28 if stands else 0.12,
            lw=0.8 if stands else 0.0,
        )
    )
    axes.update_datalim([(start, low), (start, high)])
