"""`outcry profile`: where the volume of recorded trades was."""

from functools import partial
from typing import Annotated, Literal

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from outcry.cli.chart import bar
from outcry.cli.figures import grouped
from outcry.cli.json_text import JsonOption, print_json
from outcry.cli.market_input import (
    ParquetOption,
    PngOption,
    json_rows,
    with_needed_decimals,
    write_parquet,
)
from outcry.cli.market_trades import Wanted, busiest, reads_trades
from outcry.marketdata import Profile, ProfileStream

ROWS_SHOWN = 60


@reads_trades
def profile(
    wanted: Wanted,
    *,
    row_size: Annotated[str, typer.Option(help="Height of a row, in price.")] = "1",
    expansion: Annotated[
        Literal["two_row", "one_row"], typer.Option(help="How the value area grows.")
    ] = "two_row",
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Of the value area.")] = 0.7,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the volume at each price, the point of control and the value area."""
    make = partial(ProfileStream, row_size, expansion, share)
    symbol, stream = busiest(wanted, make, ProfileStream.add)
    found = stream.profile()
    if parquet is not None:
        write_parquet(found.rows, parquet)
    if png is not None:
        # Matplotlib takes longest of all to load, and few want a picture.
        from outcry.cli.profile_picture import draw_profile  # noqa: PLC0415 (as above)

        draw_profile(found, png, symbol)
    if as_json:
        names = ("row_size", "poc", "value_area_high", "value_area_low")
        told = {name: getattr(found, name) for name in names}
        share_held = {"value_area_share": found.value_area_share}
        print_json({"symbol": symbol, **told, **share_held, "rows": json_rows(found.rows)})
        return
    _show(found)


def _show(found: Profile) -> None:
    console = Console()
    rows = with_needed_decimals(found.rows.sort("price", descending=True))
    if found.poc is None or found.value_area_low is None or found.value_area_high is None:
        console.print("no trades")
        return
    low, high = found.value_area_low, found.value_area_high
    count = rows.height
    if count > ROWS_SHOWN:
        near = (rows["price"] - found.poc).cast(pl.Float64).abs()
        rows = rows.filter(near.rank("ordinal") <= ROWS_SHOWN)
    greatest = max(rows["volume"].to_list())
    for row in rows.iter_rows(named=True):
        price = row["price"]
        marks = {high: "VAH", low: "VAL", found.poc: "POC"}
        line = Text(f"{grouped(price):>14} {marks.get(price, ''):3} ")
        style = "bold yellow" if price == found.poc else "green" if low <= price <= high else "dim"
        drawn = bar(row["volume"], greatest, 40) if row["volume"] else ""
        console.print(line.append(drawn, style).append(f" {grouped(row['volume'])}", "dim"))
    if count > ROWS_SHOWN:
        bottom, top = rows["price"][-1], rows["price"][0]
        edges = {"VAH": high, "VAL": low}
        behind = [name for name, edge in edges.items() if not bottom <= edge <= top]
        told = f"{ROWS_SHOWN} of {count:,} rows, those nearest to the point of control"
        told += f"; not among them: {', '.join(behind)}" if behind else ""
        console.print(Text(f"{told}; --row-size makes fewer", "dim"), soft_wrap=True)
    share = 100 * (found.value_area_share or 0)
    poc, low, high = (each.normalize() for each in (found.poc, low, high))
    area = f"value area {grouped(low)} to {grouped(high)} holds {share:.1f} %"
    console.print(f"point of control {grouped(poc)}; {area}")
