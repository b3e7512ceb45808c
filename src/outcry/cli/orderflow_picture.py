"""Order flow as pictures: delta bars beneath their candles, and footprints."""

from decimal import Decimal
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
    days,
    draw_bodies,
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

# So many bars and rows of a footprint can be read in one picture.
PRINTS_MAX: Final = 10
ROWS_MAX: Final = 60
_DIGITS: Final = 3


def draw_flow(bars: pl.DataFrame, candles: pl.DataFrame, path: Path, name: str) -> None:
    """Draw candles, delta bars with their extremes, and the sum of deltas.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    figure = new_figure()
    grid = figure.add_gridspec(3, 1, height_ratios=(5, 4, 3))
    prices = figure.add_subplot(grid[0])
    deltas, sums = (figure.add_subplot(grid[place], sharex=prices) for place in (1, 2))
    for axes in (prices, deltas, sums):
        plain(axes)
    shown = bars.tail(BARS_MAX)
    if shown.is_empty():
        say_nothing_is_there(prices)
    else:
        draw_bodies(prices, candles.filter(pl.col("open_time") >= shown["open_time"][0]))
        _draw_deltas(deltas, shown)
        _draw_sums(sums, shown)
    for axes in (prices, deltas):
        axes.tick_params(labelbottom=False)
        grouped_numbers(axes)
    title(prices, name)
    title(deltas, "delta", "bought less sold, and its extremes on the way")
    title(sums, "cumulative volume delta")
    save(figure, path)


def _draw_deltas(axes: Axes, shown: pl.DataFrame) -> None:
    times = days(shown["open_time"])
    width = width_of(times)
    delta, least, greatest = (floats(shown[n]) for n in ("delta", "min_delta", "max_delta"))
    colours = [UP if each >= 0 else DOWN for each in delta]
    axes.vlines(times + width / 2, least, greatest, colors=colours, lw=0.9)
    axes.bar(times + width / 2, delta, width * BODY, color=colours)
    axes.axhline(0, color=INK, lw=0.6)


def _draw_sums(axes: Axes, shown: pl.DataFrame) -> None:
    times = days(shown["open_time"])
    ends = times + width_of(times)
    # A bar whose sum is its own delta begins anew: nothing leads there from the one before.
    anew = (shown["cvd"] == shown["delta"]).to_numpy()
    anew[0] = True
    starts = np.flatnonzero(anew)
    sums = floats(shown["cvd"])
    for first, behind in zip(starts, [*starts[1:], len(sums)], strict=True):
        at = np.concatenate([times[first : first + 1], ends[first:behind]])
        values = np.concatenate([[0.0], sums[first:behind]])
        axes.plot(at, values, color=INK, lw=1.3)
        for sign, colour in ((1, UP), (-1, DOWN)):
            where = values * sign >= 0
            axes.fill_between(
                at, values, 0, where, interpolate=True, color=colour, alpha=0.25, lw=0
            )
    axes.axhline(0, color=INK, lw=0.6)
    grouped_numbers(axes)
    times_below(axes)


def draw_footprint(rows: pl.DataFrame, row_size: str, path: Path, name: str) -> None:
    """Draw the last bars of a footprint: sold and bought at each price, imbalances framed.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    figure = new_figure()
    axes = figure.add_subplot()
    plain(axes)
    axes.grid(visible=False)
    opens = rows["open_time"].unique().sort().tail(PRINTS_MAX)
    shown = rows.filter(pl.col("open_time").is_in(opens.implode()))
    if shown.is_empty():
        say_nothing_is_there(axes)
    else:
        places = {time: place for place, time in enumerate(opens)}
        _draw_cells(axes, shown, places, Decimal(row_size))
        axes.set_xticks(range(len(opens)), [f"{time:%m-%d %H:%M:%S}" for time in opens])
        axes.set_xlim(-0.6, max(len(opens), 4) - 0.4)
        axes.set_xlabel("UTC", color=INK)
    title(axes, f"{name} footprint", "sold left, bought right; framed imbalances, bold stacked")
    grouped_numbers(axes)
    save(figure, path)


def _draw_cells(axes: Axes, shown: pl.DataFrame, places: dict[Any, int], row_size: Decimal) -> None:
    height, steps = float(row_size), (-row_size, row_size)
    greatest = float(
        max(shown["sell_volume"].cast(pl.Float64).max(), shown["buy_volume"].cast(pl.Float64).max())  # type: ignore[type-var, arg-type]
    )
    span = (float(shown["price"].max()) - float(shown["price"].min())) / height + 1  # type: ignore[arg-type]
    # Rows that are too many for text are told by their colour alone.
    size = min(10.0, 520.0 / span)
    framed_cells = {
        (row["open_time"], row["price"], side)
        for row in shown.iter_rows(named=True)
        for side in ("sell", "buy")
        if row[f"{side}_imbalance"]
    }
    for row in shown.iter_rows(named=True):
        at, low = places[row["open_time"]], float(row["price"])
        for left, side, colour in ((-0.46, "sell", DOWN), (0.0, "buy", UP)):
            volume = float(row[f"{side}_volume"])
            framed = row[f"{side}_imbalance"]
            alpha = 0.08 + 0.72 * volume / greatest if greatest else 0.08
            cell = (at + left, low + 0.04 * height)
            axes.add_patch(Rectangle(cell, 0.46, 0.92 * height, facecolor=colour, alpha=alpha))
            if framed:
                beside = [(row["open_time"], row["price"] + step, side) for step in steps]
                stacked = row["stacked"] and any(each in framed_cells for each in beside)
                width = 2.2 if stacked else 1.0
                frame = Rectangle(cell, 0.46, 0.92 * height, fill=False, ec=colour, lw=width)
                axes.add_patch(frame)
            if span <= ROWS_MAX:
                where = (at + left + 0.23, low + height / 2)
                text = f"{volume:,.{_DIGITS}g}"
                axes.text(*where, text, ha="center", va="center", color=INK, fontsize=size)
    axes.set_ylim(float(shown["price"].min()) - height, float(shown["price"].max()) + 2 * height)  # type: ignore[arg-type]
