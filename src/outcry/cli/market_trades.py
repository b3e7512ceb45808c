"""Trades for the commands of market data: the options they share, and what becomes of the trades.

Nothing here keeps trades: each instrument has a state of its own that takes them batch by batch.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import polars as pl

from outcry.cli.market_input import SymbolOption
from outcry.cli.reading import (
    STDIN,
    BadLimitOption,
    BuyOption,
    ColumnOption,
    FilesArgument,
    FormatOption,
    PriceScaleOption,
    QuantityScaleOption,
    QuarantineOption,
    SellOption,
    TimeAheadOption,
    TimeBackOption,
    TimeUnitOption,
    read_trades,
    trade_options,
)
from outcry.errors import InvalidValue
from outcry.feeds import BAD_LINES_MAX, TradeOptions, Trades
from outcry.marketdata import CandleStream, roll_up

State = TypeVar("State")

# So many instruments are followed at once; of more, one is to be named.
SYMBOLS_MAX: Final = 10_000
# So many candles are held, about 200 bytes each; more are for longer intervals.
CANDLES_MAX: Final = 5_000_000
# So many rows of what was found.
ROWS_MAX: Final = 5_000_000
# What a stream told is put together whenever so many rows wait.
_TOLD_MAX: Final = 500_000
_NAMES_SHOWN: Final = 8


@dataclass(frozen=True)
class Wanted:
    """What to read, as the options say it."""

    files: list[str]
    symbol: str | None
    options: TradeOptions
    trade_format: str | None
    quarantine: Path | None
    bad_limit: int


def _wanted(
    files: FilesArgument,
    *,
    symbol: SymbolOption = None,
    trade_format: FormatOption = None,
    columns: ColumnOption = None,
    buy: BuyOption = None,
    sell: SellOption = None,
    price_scale: PriceScaleOption = None,
    quantity_scale: QuantityScaleOption = None,
    time_unit: TimeUnitOption = "auto",
    time_back: TimeBackOption = "1d",
    time_ahead: TimeAheadOption = "31d",
    quarantine: QuarantineOption = None,
    bad_limit: BadLimitOption = BAD_LINES_MAX,
) -> Wanted:
    options = trade_options(
        columns,
        buy,
        sell,
        price_scale=price_scale,
        quantity_scale=quantity_scale,
        time_unit=time_unit,
        time_back=time_back,
        time_ahead=time_ahead,
    )
    return Wanted(files, symbol, options, trade_format, quarantine, bad_limit)


def reads_trades(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that has, in place of `wanted`, the options of all that read trades."""
    shared = inspect.signature(_wanted)
    own = inspect.signature(command)
    first, *rest = own.parameters.values()
    files, *more = shared.parameters.values()
    assert first.name == "wanted"

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 (options of any type)
        read = {name: given.pop(name) for name in shared.parameters}
        outputs = [read["quarantine"], given.get("png"), given.get("parquet")]
        _require_apart(read["files"], [each for each in outputs if each is not None])
        command(_wanted(**read), **given)

    vars(run)["__signature__"] = own.replace(parameters=[files, *rest, *more])
    parameters = [files, *rest, *more]
    run.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return run


def _require_apart(files: list[str], outputs: list[Path]) -> None:
    """Raise where a file would be written over one that is read, or over another.

    Raises:
        InvalidValue: It would.
    """
    seen = {Path(each).resolve() for each in files if each != STDIN}
    for path in outputs:
        if path.resolve() in seen:
            raise InvalidValue("output", str(path), "must be no file that is read or written too")
        seen.add(path.resolve())


def wanted_trades(wanted: Wanted) -> Iterator[Trades]:
    """Yield the trades that are wanted, batch by batch.

    Raises:
        InvalidValue: The instrument that is named has none.
    """
    seen: set[str] = set()
    found = False
    for batch in read_trades(
        wanted.files,
        wanted.options,
        trade_format=wanted.trade_format,
        quarantine=wanted.quarantine,
        bad_limit=wanted.bad_limit,
    ):
        if wanted.symbol is None:
            yield batch
            continue
        chosen = batch.frame.filter(pl.col("symbol") == wanted.symbol)
        found = found or chosen.height > 0
        if not found and len(seen) <= _NAMES_SHOWN:
            seen.update(batch.frame["symbol"].drop_nulls().unique())
        if chosen.height:
            yield Trades(chosen, *batch.scales)
    if wanted.symbol is not None and not found:
        names = [*sorted(seen)[:_NAMES_SHOWN], *(["..."] if len(seen) > _NAMES_SHOWN else [])]
        bound = f"has no trade; there are {', '.join(names) or 'none that have a name'}"
        raise InvalidValue("symbol", wanted.symbol, bound)


def busiest(
    wanted: Wanted, make: Callable[[], State], add: Callable[[State, Trades], None]
) -> tuple[str | None, State]:
    """Give each instrument's trades to a state of its own; return that with the most trades.

    Raises:
        InvalidValue: There are more instruments than are followed at once, or the one that is named
            has no trade.
    """
    states: dict[str | None, State] = {}
    counts: dict[str | None, int] = {}
    for batch in wanted_trades(wanted):
        parts = batch.frame.partition_by("symbol", as_dict=True, maintain_order=True)
        for (symbol,), part in parts.items():
            if symbol not in states:
                if len(states) == SYMBOLS_MAX:
                    bound = "instruments are at most followed at once: name one by --symbol"
                    raise InvalidValue("symbol", f"{SYMBOLS_MAX:,}", bound)
                states[symbol] = make()
            add(states[symbol], Trades(part, *batch.scales))
            counts[symbol] = counts.get(symbol, 0) + part.height
    if not states:
        return None, make()
    symbol = max(counts, key=lambda each: counts[each])
    return symbol, states[symbol]


def wanted_candles(
    wanted: Wanted, intervals: list[str], by: list[str] | None = None
) -> pl.DataFrame:
    """Return the candles of what is wanted: the last state of each, corrections merged in.

    Raises:
        InvalidValue: There are more candles than are held.
    """
    stream = CandleStream(intervals, by=by)
    pieces: list[pl.DataFrame] = []
    for trades in wanted_trades(wanted):
        pieces.append(stream.update(trades))
        if sum(piece.height for piece in pieces) > _TOLD_MAX:
            pieces = [_merged(pieces)]
            if pieces[0].height > CANDLES_MAX:
                bound = f"makes more than {CANDLES_MAX:,} candles: choose a longer one"
                raise InvalidValue("interval", ", ".join(intervals), bound)
    if not pieces:
        return stream.candles()
    merged = _merged(pieces)
    return merged.drop("correction").sort(_keys(merged))


def _merged(pieces: list[pl.DataFrame]) -> pl.DataFrame:
    """Return one row a candle out of what a stream told; the last piece has the most decimals."""
    told = pl.concat([piece.cast(pieces[-1].schema) for piece in pieces])
    states = told.filter(~pl.col("correction")).unique(_keys(told), keep="last")
    late = told.filter("correction")
    if late.is_empty():
        return states
    # What is corrected is behind the horizon: no later state of it can come.
    keys = _keys(told)
    touched = states.join(late.select(keys), on=keys, how="semi", nulls_equal=True)
    rest = states.join(late.select(keys), on=keys, how="anti", nulls_equal=True)
    parts = pl.concat([touched, late]).drop("correction")
    made = [roll_up(part, str(each)) for (each,), part in parts.group_by("interval")]
    whole = [part.with_columns(correction=False).select(told.columns) for part in made]
    return pl.concat([rest, *(part.cast(told.schema) for part in whole)])


def _keys(told: pl.DataFrame) -> list[str]:
    return [*told.columns[: told.columns.index("interval") + 1], "open_time"]


def busiest_candles(wanted: Wanted, interval: str) -> pl.DataFrame:
    """Return the candles of one instrument, the one with the most trades where none is named."""
    frame = wanted_candles(wanted, [interval], ["symbol"])
    counts = frame.group_by("symbol").agg(pl.col("trades").sum()).sort("trades", "symbol")
    chosen = frame.join(counts.tail(1).select("symbol"), on="symbol", nulls_equal=True)
    chosen = chosen.sort("open_time")
    return chosen if chosen["symbol"].null_count() == 0 else chosen.drop("symbol")
