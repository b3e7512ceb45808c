"""`outcry candles`: candles of recorded trades, and how they compare with a venue's klines."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from outcry.cli.candles_check import compare_klines, read_klines
from outcry.cli.chart import candle_chart
from outcry.cli.json_text import JsonOption, print_json
from outcry.cli.market_input import ParquetOption, PngOption, json_rows, show_table, write_parquet
from outcry.cli.market_trades import Wanted, reads_trades, wanted_candles
from outcry.cli.report import Candle
from outcry.marketdata import fill_gaps

CHART_ROWS: Final = 14
SHOWN: Final = ("open_time", "open", "high", "low", "close", "volume", "vwap", "trades", "closed")


@reads_trades
def candles(
    wanted: Wanted,
    *,
    interval: Annotated[
        list[str] | None,
        typer.Option(help="1s to 1M, several are made in one pass; by default 1m."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Columns to group by: symbol, account.")
    ] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Fill buckets without a trade.")] = False,
    check: Annotated[
        Path | None,
        typer.Option(
            metavar="KLINES", help="Compare with klines of Binance (CSV) or Kraken (JSON)."
        ),
    ] = None,
    png: PngOption = None,
    parquet: ParquetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make candles of trades: one pass, any interval, memory that does not grow with the trades."""
    intervals = interval or ["1m"]
    # What cannot be compared with is told before the reading, not after it.
    klines = None if check is None else read_klines(check)
    frame = wanted_candles(wanted, intervals, by or None)
    if fill:
        frame = pl.concat([fill_gaps(frame.filter(interval=each)) for each in intervals])
    if parquet is not None:
        write_parquet(frame, parquet)
    if png is not None:
        # Matplotlib takes longest of all to load, and few want a picture.
        from outcry.cli.candles_picture import draw_candles  # noqa: PLC0415 (as above)

        draw_candles(_one(frame, intervals[0]), png)
    if klines is not None:
        _show_check(_one(frame, intervals[0]), klines, as_json=as_json)
        return
    if as_json:
        print_json(json_rows(frame))
        return
    console = Console()
    _show(console, _one(frame, intervals[0]))
    _tell_others(console, frame, intervals)


def _tell_others(console: Console, frame: pl.DataFrame, intervals: list[str]) -> None:
    """Say what was made besides the candles that are shown."""
    keys = frame.columns[: frame.columns.index("interval")]
    groups = frame.select(keys).unique().height if keys else 1
    told = [f"of {groups:,} by {' and '.join(keys)} the one that traded most"] if groups > 1 else []
    if len(intervals) > 1:
        told.append(f"{intervals[0]} of {', '.join(intervals)}")
    if told:
        console.print(Text(f"shown: {'; '.join(told)}; --json and --parquet have all", "dim"))


def _one(frame: pl.DataFrame, interval: str) -> pl.DataFrame:
    """Return the candles of one interval and of the group that traded most often."""
    chosen = frame.filter(interval=interval)
    keys = frame.columns[: frame.columns.index("interval")]
    if keys and chosen.height:
        busiest = chosen.group_by(keys).agg(pl.col("trades").sum()).sort("trades", *keys)
        chosen = chosen.join(busiest.tail(1).select(keys), on=keys, nulls_equal=True)
    return chosen.sort("open_time")


def _show(console: Console, frame: pl.DataFrame) -> None:
    if frame.is_empty():
        console.print("no trades")
        return
    names = [str(frame[name][0]) for name in frame.columns if name in {"symbol", "account"}]
    title = " ".join([*names, frame["interval"][0]])
    room = max(console.width - 6, 1)
    columns = 2 if frame.height * 2 <= room else 1
    drawn = [_drawable(row) for row in frame.tail(room // columns).iter_rows(named=True)]
    lines = candle_chart(drawn, CHART_ROWS, columns)
    chart = Text("\n").join(lines)
    console.print(Panel(chart, title=title, box=box.ROUNDED, expand=False))
    show_table(console, frame, SHOWN)


def _drawable(row: dict[str, Decimal]) -> Candle:
    zero = Decimal(0)
    prices = {name: row[name] for name in ("open", "high", "low", "close", "volume")}
    return Candle(
        open_time_ns=0,
        close_time_ns=0,
        quote_volume=zero,
        trades=int(row["trades"]),
        buy_volume=zero,
        buy_quote_volume=zero,
        vwap=zero,
        closed=True,
        **prices,
    )


def _date(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S}"


def _show_check(frame: pl.DataFrame, klines: pl.DataFrame, *, as_json: bool) -> None:
    result = compare_klines(frame, klines)
    if as_json:
        print_json(
            {"equal": result.equal, "compared": result.compared, "differs": result.differences}
        )
    else:
        console = Console()
        fields = klines.width - 1
        told = f"{result.equal} of {result.compared} candles equal in all {fields} fields"
        if result.compared:
            told += f", {_date(result.first_ns)} to {_date(result.last_ns)}"
        console.print(told, soft_wrap=True)
        for difference in result.differences:
            shown = [_date(int(difference["open_time_ns"]))]
            shown += [f"{name} {text}" for name, text in list(difference.items())[1:]]
            console.print(Text("  ".join(shown), "yellow"), soft_wrap=True)
    if result.equal < result.compared or not result.compared:
        raise typer.Exit(1)
