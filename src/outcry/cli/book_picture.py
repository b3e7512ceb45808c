"""A book as a picture: its best levels over time, its order-flow imbalance, and its depth."""

import math
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from outcry.feeds import VenueBook

INCHES: Final = (14.0, 8.0)
DPI: Final = 120
BID, ASK, INK, PAPER, GRID = "#1a9e6c", "#d1495b", "#2b2d42", "#ffffff", "#e6e8ee"
# A picture has no more columns than this to show them in.
POINTS_MAX: Final = 20_000
LEVELS: Final = 200


def draw_book(book: VenueBook, quotes: pl.DataFrame, path: Path) -> None:
    """Draw a book and its quotes, as `QuoteTape.frame` gives them, into a PNG file.

    Raises:
        OSError: The file cannot be written.
    """
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor=PAPER, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(3, 1), height_ratios=(3, 1))
    prices = figure.add_subplot(grid[0, 0])
    flow = figure.add_subplot(grid[1, 0], sharex=prices)
    depth = figure.add_subplot(grid[:, 1])
    thinned = quotes.gather_every(quotes.height // POINTS_MAX + 1)
    times = thinned["time_ns"].to_numpy().astype("datetime64[ns]")
    for name, colour in (("bid", BID), ("ask", ASK)):
        prices.step(times, _floats(thinned[name]), where="post", color=colour, lw=0.9, label=name)
    prices.set_title(f"{book.symbol}: best bid and ask", loc="left", color=INK, weight="bold")
    prices.legend(frameon=False, loc="upper left")
    values = _floats(thinned["flow"])
    flow.step(times, values, where="post", color=INK, lw=0.9)
    flow.fill_between(times, values, step="post", color=INK, alpha=0.12)
    flow.set_title("order-flow imbalance since the start", loc="left", color=INK)
    flow.set_xlabel("UTC")
    _draw_depth(depth, book)
    for axes in (prices, flow, depth):
        _plain(axes)
    figure.savefig(path, format="png")


def _draw_depth(axes: Axes, book: VenueBook) -> None:
    for levels, colour in ((book.bids(LEVELS), BID), (book.asks(LEVELS), ASK)):
        total, sums, prices = 0.0, [], []
        for level in levels:
            total += float(level.quantity)
            sums.append(total)
            prices.append(float(level.price))
        axes.fill_betweenx(prices, sums, step="pre", color=colour, alpha=0.25)
        axes.plot(sums, prices, color=colour, lw=1.2, drawstyle="steps-post")
    axes.set_title("depth at the end", loc="left", color=INK, weight="bold")
    axes.set_xlabel("quantity up to the price")
    axes.yaxis.tick_right()


def _plain(axes: Axes) -> None:
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.ticklabel_format(axis="y", useOffset=False, style="plain")
    axes.tick_params(colors=INK, labelsize=9)
    for side in axes.spines.values():
        side.set_visible(False)


def _floats(column: pl.Series) -> npt.NDArray[np.float64]:
    """Return decimals as what a picture can show of them; NaN leaves a gap in a line."""
    return column.cast(pl.Float64).fill_null(math.nan).to_numpy()
