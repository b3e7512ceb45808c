"""A book as a picture: its best levels over time, its order-flow imbalance, and its depth."""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from outcry.cli.pictures import (
    DOWN,
    INK,
    UP,
    few_ticks,
    floats,
    grouped_numbers,
    new_figure,
    plain,
    save,
    say_nothing_is_there,
    times_below,
    title,
)
from outcry.feeds import VenueBook

BID, ASK = UP, DOWN
# A picture has no more columns than this to show them in.
POINTS_MAX: Final = 20_000
LEVELS: Final = 200


def draw_book(book: VenueBook | None, quotes: pl.DataFrame, path: Path) -> None:
    """Draw a book and its quotes, as `QuoteTape.frame` gives them, into a PNG file.

    Raises:
        OutcryError: Something stands at `path` that is no regular file.
        OSError: The file cannot be written.
    """
    figure = new_figure()
    grid = figure.add_gridspec(2, 2, width_ratios=(3, 1), height_ratios=(3, 1))
    prices = figure.add_subplot(grid[0, 0])
    flow = figure.add_subplot(grid[1, 0], sharex=prices)
    depth = figure.add_subplot(grid[:, 1])
    for axes in (prices, flow, depth):
        plain(axes)
    if book is None or quotes.is_empty():
        say_nothing_is_there(prices, "no quotes")
    else:
        title(prices, f"{book.symbol}: best bid and ask")
        _draw_quotes(prices, flow, quotes)
    if book is not None:
        _draw_depth(depth, book)
    save(figure, path)


def _draw_quotes(prices: Axes, flow: Axes, quotes: pl.DataFrame) -> None:
    shown = quotes.gather_every(quotes.height // POINTS_MAX + 1)
    times = shown["time_ns"].to_numpy().astype("datetime64[ns]")
    bids, asks = floats(shown["bid"]), floats(shown["ask"])
    prices.fill_between(times, bids, asks, step="post", color=INK, alpha=0.12, lw=0)
    for name, values, colour in (("ask", asks, ASK), ("bid", bids, BID)):
        prices.step(times, values, where="post", color=colour, lw=0.9, alpha=0.85, label=name)
    prices.legend(frameon=False, loc="upper right", labelcolor=INK)
    prices.tick_params(labelbottom=False)
    grouped_numbers(prices)
    values = floats(shown["flow"])
    flow.step(times, values, where="post", color=INK, lw=0.9)
    for sign, colour in ((1, BID), (-1, ASK)):
        side = np.where(values * sign > 0, values, 0.0)
        flow.fill_between(times, side, step="post", color=colour, alpha=0.25, lw=0)
    title(flow, "order-flow imbalance", "since the start")
    grouped_numbers(flow)
    times_below(flow)


def _draw_depth(axes: Axes, book: VenueBook) -> None:
    for levels, colour in ((book.bids(LEVELS), BID), (book.asks(LEVELS), ASK)):
        total, sums, prices = 0.0, [], []
        for level in levels:
            total += float(level.quantity)
            sums.append(total)
            prices.append(float(level.price))
        axes.fill_betweenx(prices, sums, step="pre", color=colour, alpha=0.25)
        axes.plot(sums, prices, color=colour, lw=1.2, drawstyle="steps-post")
    title(axes, "depth at the end")
    axes.set_xlabel("quantity up to the price", color=INK)
    axes.yaxis.tick_right()
    few_ticks(axes)
    grouped_numbers(axes)
    grouped_numbers(axes, x=True)
