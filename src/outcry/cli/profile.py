"""`outcry profile`: where the volume of recorded trades was."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
import typer
from matplotlib.figure import Figure
from rich.console import Console
from rich.text import Text

from outcry.cli.chart import bar
from outcry.cli.figures import grouped
from outcry.cli.market_input import (
    JsonOption,
    ParquetOption,
    PngOption,
    SymbolOption,
    json_rows,
    print_json,
    with_needed_decimals,
    write_parquet,
)
from outcry.cli.market_trades import Wanted, whole_trades
from outcry.cli.reading import (
    BadLimitOption,
    ColumnOption,
    FilesArgument,
    FormatOption,
    QuarantineOption,
)
from outcry.cli.whole_file import whole_file
from outcry.feeds import BAD_LINES_MAX
from outcry.marketdata import Profile, market_profile

ROWS_SHOWN = 60


def profile(
    files: FilesArgument,
    *,
    row_size: Annotated[str, typer.Option(help="Height of a row, in price.")] = "1",
    expansion: Annotated[
        Literal["two_row", "one_row"], typer.Option(help="How the value area grows.")
    ] = "two_row",
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Of the value area.")] = 0.7,
    symbol: SymbolOption = None,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
    trade_format: FormatOption = None,
    columns: ColumnOption = None,
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
) -> None:
    """Show the volume at each price, the point of control and the value area."""
    wanted = Wanted(files, symbol, trade_format, columns, quarantine, bad_limit)
    found = market_profile(whole_trades(wanted), row_size, expansion, share)
    if parquet is not None:
        write_parquet(found.rows, parquet)
    if png is not None:
        _draw(found, png)
    if as_json:
        names = ("row_size", "poc", "value_area_high", "value_area_low")
        told = {name: _plain(getattr(found, name)) for name in names}
        print_json({**told, "rows": json_rows(found.rows)})
        return
    _show(found)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _show(found: Profile) -> None:
    console = Console()
    rows = with_needed_decimals(found.rows.sort("price", descending=True))
    if found.poc is None or found.value_area_low is None or found.value_area_high is None:
        console.print("no trades")
        return
    low, high = found.value_area_low, found.value_area_high
    if rows.height > ROWS_SHOWN:
        near = (rows["price"] - found.poc).cast(pl.Float64).abs()
        rows = rows.filter(near.rank("ordinal") <= ROWS_SHOWN)
    greatest = max(rows["volume"].to_list())
    for row in rows.iter_rows(named=True):
        price = row["price"]
        marks = {found.poc: "POC", high: "VAH", low: "VAL"}
        line = Text(f"{grouped(price):>14} {marks.get(price, ''):3} ")
        style = "bold yellow" if price == found.poc else "green" if low <= price <= high else "dim"
        drawn = bar(row["volume"], greatest, 40) if row["volume"] else ""
        console.print(line.append(drawn, style).append(f" {grouped(row['volume'])}", "dim"))
    share = 100 * (found.value_area_share or 0)
    poc, low, high = (each.normalize() for each in (found.poc, low, high))
    area = f"value area {grouped(low)} to {grouped(high)} holds {share:.1f} %"
    console.print(f"point of control {grouped(poc)}; {area}")


def _draw(found: Profile, path: Path) -> None:
    """Draw what was sold and bought in each row, and the value area."""
    figure = Figure(figsize=(9.0, 11.0), dpi=120, facecolor="#ffffff", layout="constrained")
    axes = figure.add_subplot()
    prices, sold, bought = (
        found.rows[name].cast(pl.Float64).to_numpy()
        for name in ("price", "sell_volume", "buy_volume")
    )
    height = float(found.row_size)
    axes.barh(prices, sold, height, align="edge", color="#d1495b", label="sold")
    axes.barh(prices, bought, height, left=sold, align="edge", color="#1a9e6c", label="bought")
    if found.value_area_low is not None and found.value_area_high is not None:
        edges = float(found.value_area_low), float(found.value_area_high) + height
        axes.axhspan(*edges, color="#2b2d42", alpha=0.08, label="value area")
        axes.axhline(float(found.poc or 0) + height / 2, color="#2b2d42", lw=1, label="POC")
    axes.legend(frameon=False)
    axes.set_title("volume by price", loc="left", weight="bold")
    with whole_file(path) as unfinished:
        figure.savefig(unfinished, format="png")
