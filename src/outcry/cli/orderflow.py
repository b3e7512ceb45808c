"""`outcry orderflow`: delta bars, cumulative delta, imbalance and footprints of recorded trades."""

from functools import partial
from typing import Annotated, Final

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from outcry.cli.json_text import JsonOption, print_json
from outcry.cli.market_input import (
    IntervalOption,
    ParquetOption,
    PngOption,
    json_rows,
    show_table,
    write_parquet,
)
from outcry.cli.market_trades import ROWS_MAX, Wanted, busiest, reads_trades
from outcry.errors import InvalidValue
from outcry.feeds import Trades
from outcry.marketdata import (
    CandleStream,
    DeltaBarStream,
    FootprintStream,
    cumulated,
    imbalance,
)

SHOWN: Final = (
    *("open_time", "volume", "delta", "min_delta", "max_delta"),
    *("cvd", "imbalance", "trades"),
)
ROWS: Final = (
    *("open_time", "price", "sell_volume", "buy_volume"),
    *("sell_imbalance", "buy_imbalance", "stacked"),
)
# What was told is put together whenever so many rows wait.
TOLD_MAX: Final = 200_000


class Flow:
    """The bars of one instrument as its trades come, and the footprint where it is wanted."""

    def __init__(self, interval: str, horizon: str, row_size: str | None) -> None:
        """Begin without a trade; `row_size` is that of the footprint, None for none.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        self.deltas = DeltaBarStream(interval, horizon)
        self._candles = CandleStream(interval, by=(), horizon=horizon)
        self._prints = (
            None if row_size is None else FootprintStream(interval, row_size, horizon=horizon)
        )
        self._told: dict[str, list[pl.DataFrame]] = {"deltas": [], "candles": [], "prints": []}

    def add(self, trades: Trades) -> None:
        """Take trades.

        Raises:
            InvalidValue: A number cannot be taken, or there are more rows than are held.
        """
        self._keep("deltas", self.deltas.update(trades))
        # Late ones are told by the deltas; their candles would be corrections.
        self._keep("candles", self._candles.update(trades).filter(~pl.col("correction")))
        if self._prints is not None:
            self._keep("prints", self._prints.update(trades))

    def bars(self, anchor: str | None) -> pl.DataFrame:
        """Return the delta bars, their sum from the anchor on, their imbalance and prices."""
        bars = cumulated(self._whole("deltas").drop("final"), anchor)
        bought = ((pl.col("volume") + pl.col("delta")).cast(pl.Float64) / 2).alias("buy_volume")
        shares = imbalance(bars.select(pl.col("volume").cast(pl.Float64), bought))
        return bars.with_columns(shares)

    def candles(self) -> pl.DataFrame:
        """Return the candles of the same bars."""
        return self._whole("candles")

    def footprint(self) -> pl.DataFrame:
        """Return the rows of the footprint."""
        return self._whole("prints").drop("final").sort("open_time", "price")

    def _keep(self, name: str, told: pl.DataFrame) -> None:
        waiting = self._told[name]
        waiting.append(told)
        if sum(each.height for each in waiting) > TOLD_MAX:
            self._told[name] = [self._whole(name)]
            if self._told[name][0].height > ROWS_MAX:
                bound = f"makes more than {ROWS_MAX:,} rows: choose a longer one, or higher rows"
                raise InvalidValue("interval", "it", bound)

    def _whole(self, name: str) -> pl.DataFrame:
        """Return what was told last of each bar, by time, at the most decimals."""
        told = self._told[name] or [self._nothing(name)]
        rows = pl.concat(
            each.cast(told[-1].schema).with_columns(_told=pl.lit(place, pl.UInt32))
            for place, each in enumerate(told)
        )
        newest = pl.col("_told") == pl.col("_told").max().over("open_time")
        return rows.filter(newest).drop("_told").sort("open_time", maintain_order=True)

    def _nothing(self, name: str) -> pl.DataFrame:
        empty = Trades.empty()
        if name == "candles":
            return self._candles.update(empty)
        if self._prints is not None and name == "prints":
            return self._prints.update(empty)
        return self.deltas.update(empty)


@reads_trades
def orderflow(
    wanted: Wanted,
    *,
    interval: IntervalOption = "1m",
    row_size: Annotated[
        str | None, typer.Option(help="Show the footprint in rows of this height instead.")
    ] = None,
    anchor: Annotated[
        str, typer.Option(help="The sum begins anew with each: 1d, 1w, ... or start.")
    ] = "1d",
    horizon: Annotated[
        str, typer.Option(help="So far behind the latest trade a bar's end may lie to be changed.")
    ] = "1h",
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what buying and selling aggressors did, bar by bar or row by row."""
    symbol, flow = busiest(wanted, partial(Flow, interval, horizon, row_size), Flow.add)
    bars = flow.bars(None if anchor == "start" else anchor)
    rows = bars if row_size is None else flow.footprint()
    if flow.deltas.late:
        text = f"{flow.deltas.late:,} trades came later than {horizon} and are left out: --horizon"
        Console(stderr=True).print(Text(text, "yellow"), soft_wrap=True)
    if parquet is not None:
        write_parquet(rows, parquet)
    if png is not None:
        # Matplotlib takes longest of all to load, and few want a picture.
        from outcry.cli.orderflow_picture import draw_flow, draw_footprint  # noqa: PLC0415 (as above)

        name = " ".join([*([symbol] if symbol else []), interval])
        if row_size is None:
            draw_flow(bars, flow.candles(), png, name)
        else:
            draw_footprint(rows, row_size, png, name)
    if as_json:
        print_json(json_rows(rows))
        return
    show_table(Console(), rows, SHOWN if row_size is None else ROWS)
