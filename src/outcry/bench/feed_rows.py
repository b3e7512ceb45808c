"""The rows of the readers and of the venue's book, with Polars' own readers beside.

The texts are made by a seed, lie in files that were written just before, and are read from the page
cache. A run counts only when the sums of what it read are those of what was written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from outcry._native import PriceBook
from outcry.bench.figure import Figure, PeerFigure, Row
from outcry.bench.python_rows import rate, timed_ns
from outcry.errors import UnverifiedFigure
from outcry.feeds import open_trades

BOOK_DIFFS: Final = "book/diffs"
JSON_LINES: Final = "ingest/json_lines"
BINANCE_CSV: Final = "ingest/binance_csv"
SEED: Final = 7
TRADES: Final = 2_000_000
UPDATES: Final = 4_000_000
LEVELS: Final = 4_000
HALF: Final = 0.5
REMOVED: Final = 0.4
POLARS: Final = "polars"
UNIT: Final = "M trades/s"
UPDATES_UNIT: Final = "M updates/s"
_FIRST_TIME_MS: Final = 1_723_161_255_342
_FIRST_ID: Final = 3_735_683_259


@dataclass(frozen=True)
class _Flow:
    """Trades as integers: prices in cents, quantities at eight decimals."""

    ids: npt.NDArray[np.int64]
    times_ms: npt.NDArray[np.int64]
    prices: npt.NDArray[np.int64]
    quantities: npt.NDArray[np.int64]
    bought: npt.NDArray[np.bool_]

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """What a reader is to have read: ids, prices, quantities, buys less sells."""
        signs = int(self.bought.sum()) * 2 - len(self.bought)
        return int(self.ids.sum()), int(self.prices.sum()), int(self.quantities.sum()), signs


def _flow(count: int) -> _Flow:
    chance = np.random.default_rng(SEED)
    steps = chance.integers(-150, 151, count)
    return _Flow(
        _FIRST_ID + np.arange(count),
        _FIRST_TIME_MS + np.arange(count) // 3,
        6_183_763 + np.cumsum(steps) // 10,
        np.maximum(chance.lognormal(13, 2.5, count).astype(np.int64), 1_000),
        chance.random(count) < HALF,
    )


def _fixed(values: npt.NDArray[np.int64], decimals: int, zeros: str = "") -> pl.Series:
    """Return integers as the text of decimals."""
    whole = pl.Series(values // 10**decimals).cast(pl.String)
    fraction = pl.Series(values % 10**decimals).cast(pl.String).str.zfill(decimals)
    return whole + "." + fraction + zeros


def _write_binance(flow: _Flow, path: Path) -> None:
    price = _fixed(flow.prices, 2, "000000")
    # The reader takes the value as it stands: its text need not be the exact product.
    value = _fixed(flow.prices * (flow.quantities // 100_000) // 1_000, 2, "000000")
    maker = pl.Series(np.where(flow.bought, "False", "True"))
    quantity = _fixed(flow.quantities, 8)
    columns = [flow.ids, price, quantity, value, flow.times_ms, maker]
    frame = pl.DataFrame({str(place): column for place, column in enumerate(columns)})
    frame.with_columns(pl.lit("True").alias("best")).write_csv(path, include_header=False)


def _write_json(flow: _Flow, path: Path) -> None:
    """Write the trades of the trading data system, quantities with their exponent."""
    seconds = pl.from_epoch(pl.Series(flow.times_ms // 1_000), time_unit="s")
    digits = pl.Series(flow.quantities).cast(pl.String)
    quantity = digits.str.head(1) + "." + digits.str.tail(-1)
    power = (digits.str.len_bytes().cast(pl.Int64) - 9).cast(pl.String)
    lines = pl.select(
        pl.format(
            '{"ID": {}, "Totaldone": {}.0, "Trx Amount": {}E{}, "Amount": {}, "Transtype": {}, '
            '"Accountid": {}, "Transtime": "{}Z"}'.replace('{"', "\x01").replace('"}', "\x02"),
            pl.Series(flow.ids),
            pl.Series(flow.prices // 7),
            quantity,
            power,
            _fixed(flow.prices, 2),
            pl.Series(np.where(flow.bought, 1, 2)),
            pl.Series(flow.ids % 10),
            seconds.dt.strftime("%Y-%m-%dT%H:%M:%S"),
        )
        .str.replace_all("\x01", '{"', literal=True)
        .str.replace_all("\x02", '"}', literal=True)
        .alias("line")
    )
    path.write_text("\n".join(lines["line"]) + "\n", encoding="ascii")


def _read(path: Path, trade_format: str, row: str, flow: _Flow) -> None:
    """Read a file to frames, one batch behind the other, and compare the sums."""
    sums = [0, 0, 0, 0]
    names = ("trade_id", "price", "quantity", "side")
    with open_trades(path, format=trade_format) as reader:
        for batch in reader:
            for place, name in enumerate(names):
                total = int(batch.frame[name].cast(pl.Int64).sum())
                scale = {"price": batch.price_scale - 2, "quantity": batch.quantity_scale - 8}
                sums[place] += total // 10 ** scale.get(name, 0)
    if tuple(sums) != flow.sums:
        raise UnverifiedFigure(row, f"the sums read are {sums}, expected are {flow.sums}")


def _ingest(
    row: str,
    trade_format: str,
    write: Callable[[_Flow, Path], None],
    peer: Callable[[Path], object],
) -> Callable[[Path, int, int], Row]:
    def measure(folder: Path, runs: int, count: int) -> Row:
        flow = _flow(count or TRADES)
        path = folder / f"{trade_format}.txt"
        write(flow, path)
        size = path.stat().st_size
        trades = len(flow.ids)
        setting = (
            f"{trades} trades, {size // trades} bytes each, from a file in the page cache to "
            "frames of exact integers; each line checked; sums of the columns compared within the "
            "time; 1 thread"
        )
        try:
            ours = [
                rate(trades, timed_ns(lambda: _read(path, trade_format, row, flow)))
                for _ in range(runs)
            ]
            theirs = [rate(trades, timed_ns(lambda: peer(path))) for _ in range(runs)]
        finally:
            path.unlink()
        beside = "the same file to one frame of floats, by Polars' reader; all threads; no checks"
        figure = Figure(POLARS, UNIT, tuple(theirs), beside)
        return Row(Figure(row, UNIT, tuple(ours), setting), (PeerFigure(pl.__version__, figure),))

    return measure


def _book_diffs(_folder: Path, runs: int, count: int) -> Row:
    """Change levels around a market that wanders, most of them near the best."""
    count = count or UPDATES
    chance = np.random.default_rng(SEED)
    middle = 6_000_000 + np.cumsum(chance.integers(-1, 2, count))
    is_bid = chance.random(count) < HALF
    distance = 1 + np.minimum(chance.exponential(LEVELS / 20, count), LEVELS).astype(np.int64)
    prices = np.where(is_bid, middle - distance, middle + distance)
    quantities = np.where(chance.random(count) < REMOVED, 0, chance.integers(1, 10**6, count))
    sides, lots = is_bid.astype(np.uint8), quantities.astype(np.uint64)
    expected = _last_said(sides, prices, lots)

    def run() -> float:
        book = PriceBook()
        took_ns = timed_ns(lambda: book.set_levels(sides, prices, lots))
        found = book.count(True), book.count(False)
        if found != expected:
            raise UnverifiedFigure(BOOK_DIFFS, f"{found} levels, expected are {expected}")
        return rate(count, took_ns)

    setting = (
        f"{count} updates of levels, 40 % of them removals, around a price that wanders; "
        f"{expected[0]} bids and {expected[1]} asks at the end; arrays of integers in; 1 thread"
    )
    return Row(Figure(BOOK_DIFFS, UPDATES_UNIT, tuple(run() for _ in range(runs)), setting))


def _last_said(
    sides: npt.NDArray[np.uint8], prices: npt.NDArray[np.int64], lots: npt.NDArray[np.uint64]
) -> tuple[int, int]:
    """Return how many levels of each side were not removed by what was said of them last."""
    frame = pl.DataFrame({"side": sides, "price": prices, "lots": lots})
    last = frame.group_by("side", "price").agg(pl.col("lots").last())
    held = last.filter(pl.col("lots") > 0)["side"]
    return int((held == 1).sum()), int((held == 0).sum())


ROWS: Final[dict[str, Callable[[Path, int, int], Row]]] = {
    BOOK_DIFFS: _book_diffs,
    JSON_LINES: _ingest(JSON_LINES, "json", _write_json, pl.read_ndjson),
    BINANCE_CSV: _ingest(
        BINANCE_CSV,
        "binance-csv",
        _write_binance,
        lambda path: pl.read_csv(path, has_header=False),
    ),
}
"""By name, what measures a row: in a folder, so many runs, a count that cuts it short or 0."""
