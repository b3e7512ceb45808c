"""A profile as a picture: what was sold and bought at each price, and where most of it was."""

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from outcry.cli.pictures import (
    DOWN,
    INK,
    UP,
    floats,
    grouped_numbers,
    new_figure,
    plain,
    save,
    say_nothing_is_there,
    title,
)
from outcry.marketdata import Profile

INCHES: Final = (9.0, 11.0)
PALE: Final = 0.4


def draw_profile(found: Profile, path: Path, symbol: str | None) -> None:
    """Draw a profile by volume into a PNG file; the value area is strong, the rest pale.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    figure = new_figure(INCHES)
    axes = figure.add_subplot()
    plain(axes)
    if found.poc is None:
        say_nothing_is_there(axes)
    else:
        _draw(axes, found)
        share = 100 * (found.value_area_share or 0)
        detail = f"value area {share:.1f} % · rows of {found.row_size.normalize():f}"
        title(axes, " ".join(["volume by price", *([symbol] if symbol else [])]), detail)
    save(figure, path)


def _draw(axes: Axes, found: Profile) -> None:
    rows = found.rows
    prices, sold, bought = (floats(rows[name]) for name in ("price", "sell_volume", "buy_volume"))
    low, high = float(found.value_area_low or 0), float(found.value_area_high or 0)
    height = float(found.row_size)
    inside = (prices >= low) & (prices <= high)
    gap = 0.94 * height
    for where, alpha in ((inside, 1.0), (~inside, PALE)):
        at = prices[where] + height / 2
        labels = ("sold", "bought") if alpha == 1.0 else (None, None)
        axes.barh(at, sold[where], gap, color=DOWN, alpha=alpha, label=labels[0])
        axes.barh(at, bought[where], gap, left=sold[where], color=UP, alpha=alpha, label=labels[1])
    greatest = float(np.max(sold + bought))
    axes.set_xlim(0, greatest * 1.18)
    axes.axhspan(low, high + height, color=INK, alpha=0.05, lw=0)
    poc = float(found.poc or 0)
    axes.axhline(poc + height / 2, color=INK, lw=1.0, ls=(0, (4, 3)), zorder=0.5)
    for name, price in (("POC", poc), ("VAH", high), ("VAL", low)):
        axes.text(
            greatest * 1.17,
            price + height / 2,
            f"{name} {price:,.10g}",
            ha="right",
            va="center",
            color=INK,
            fontsize=10,
            weight="bold",
            bbox={"boxstyle": "square,pad=0.2", "color": "white", "alpha": 0.8},
        )
    axes.legend(frameon=False, loc="lower right", labelcolor=INK)
    grouped_numbers(axes)
    grouped_numbers(axes, x=True)
    axes.set_xlabel("volume", color=INK)
