"""The book as people and DataFrames read it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from outcry.exchange.instrument import Instrument
from outcry.exchange.values import U32_MAX, to_whole

if TYPE_CHECKING:
    import polars as pl

_PRECISION_MAX = 38


class Level(NamedTuple):
    """One price of one side: what is shown there, and of how many orders."""

    price: Decimal
    quantity: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Depth:
    """The best levels of both sides, best first.

    Attributes:
        bids: The levels of the buyers.
        asks: The levels of the sellers.
        update_number: The number of the last update that is in it, 0 for a book never touched.
    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    update_number: int


def read_level(instrument: Instrument, price_ticks: int, lots: int, orders: int) -> Level:
    """Read a level from the core's integers."""
    return Level(instrument.price(price_ticks), instrument.quantity(lots), orders)


def read_levels(instrument: Instrument, rows: npt.NDArray[np.void]) -> tuple[Level, ...]:
    """Read levels from rows of dtype `LEVEL`."""
    return tuple(read_level(instrument, *row) for row in rows.tolist())


def levels_most(levels: int | None) -> int:
    """Return how many levels of a side a frame has at most; None stands for all.

    Raises:
        InvalidValue: `levels` is no int from 0 to 2^32 - 1.
    """
    return U32_MAX if levels is None else to_whole("levels", levels, U32_MAX)


def frame_of_levels(
    instrument: Instrument,
    bids: npt.NDArray[np.void],
    asks: npt.NDArray[np.void],
    *,
    decimals: bool,
) -> "pl.DataFrame":
    """Return both sides, given as rows of dtype `LEVEL`, in Decimals or in ticks and lots."""
    integers = _frame_of_integers(bids, asks)
    return _frame_of_decimals(instrument, integers) if decimals else integers


def _frame_of_integers(bids: npt.NDArray[np.void], asks: npt.NDArray[np.void]) -> "pl.DataFrame":
    """Return both sides in ticks and lots: side, level from 1, price, quantity, orders."""
    import polars as pl  # noqa: PLC0415 - takes longer than all else that an exchange imports

    rows = np.concatenate([bids, asks])
    sides = ["buy"] * len(bids) + ["sell"] * len(asks)
    places = np.concatenate([np.arange(1, len(side) + 1) for side in (bids, asks)])
    return pl.DataFrame(
        {
            "side": pl.Series(sides, dtype=pl.Enum(["buy", "sell"])),
            "level": pl.Series(places, dtype=pl.UInt32),
            "price_ticks": pl.Series(rows["price_ticks"].copy(), dtype=pl.Int64),
            "quantity_lots": pl.Series(rows["quantity_lots"].copy(), dtype=pl.UInt64),
            "orders": pl.Series(rows["orders"].copy(), dtype=pl.UInt32),
        }
    )


def _frame_of_decimals(instrument: Instrument, integers: "pl.DataFrame") -> "pl.DataFrame":
    """Return the same frame with `price` and `quantity` as exact Decimal columns."""
    import polars as pl  # noqa: PLC0415 - takes longer than all else that an exchange imports

    prices = [instrument.price(ticks) for ticks in integers["price_ticks"]]
    quantities = [instrument.quantity(lots) for lots in integers["quantity_lots"]]
    return integers.select(
        "side",
        "level",
        pl.Series("price", prices, dtype=_dtype_of(instrument.tick)),
        pl.Series("quantity", quantities, dtype=_dtype_of(instrument.lot)),
        "orders",
    )


def _dtype_of(step: Decimal) -> "pl.Decimal":
    import polars as pl  # noqa: PLC0415 - takes longer than all else that an exchange imports

    exponent = step.as_tuple().exponent
    assert isinstance(exponent, int), "a step is finite"
    return pl.Decimal(_PRECISION_MAX, -exponent)
