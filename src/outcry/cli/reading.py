"""What commands that read recordings share: their options, and progress on stderr."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from outcry.errors import InvalidValue
from outcry.feeds import (
    BAD_LINES_MAX,
    TRADE_FORMATS,
    Quarantine,
    TradeOptions,
    Trades,
    open_trades,
)
from outcry.marketdata import duration_ns

STDIN: Final = "-"
FOREVER_NS: Final = (1 << 63) - 1

FilesArgument = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Recordings, in their order; - is stdin.")
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help=f"Of the trades; by default told by their first bytes: {', '.join(TRADE_FORMATS)}.",
        show_default=False,
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=NAME",
        help="Which column (name, or number from 0) or JSON member holds time, price, quantity, "
        "trade_id, value, side, account, symbol; once for each.",
    ),
]
BuyOption = Annotated[
    list[str] | None, typer.Option("--buy", metavar="WORD", help="A side that means buy.")
]
SellOption = Annotated[
    list[str] | None, typer.Option("--sell", metavar="WORD", help="A side that means sell.")
]
PriceScaleOption = Annotated[
    int | None, typer.Option("--price-scale", min=0, max=38, help="Decimals of prices.")
]
QuantityScaleOption = Annotated[
    int | None, typer.Option("--quantity-scale", min=0, max=38, help="Decimals of quantities.")
]
TimeUnitOption = Annotated[
    Literal["auto", "s", "ms", "us", "ns"],
    typer.Option("--time-unit", help="What a number counts when it is a time; auto by its digits."),
]
TimeBackOption = Annotated[
    str,
    typer.Option(
        "--time-back",
        help="So far behind the trade before it a time may lie that the next line does not agree "
        "with, as 1d; none for any.",
    ),
]
TimeAheadOption = Annotated[
    str,
    typer.Option(
        "--time-ahead", help="So far ahead of it the last time may lie, as 31d; none for any."
    ),
]
QuarantineOption = Annotated[
    Path | None,
    typer.Option(
        "--quarantine",
        metavar="FILE",
        help="Where bad lines go, as JSON lines; by default beside the first recording, with "
        ".bad.jsonl behind its name, or stdin.bad.jsonl.",
        show_default=False,
    ),
]
BadLimitOption = Annotated[
    int, typer.Option("--bad-limit", min=0, help="So many bad lines are allowed.")
]


def trade_options(
    columns: Sequence[str] | None = None,
    buy: Sequence[str] | None = None,
    sell: Sequence[str] | None = None,
    *,
    price_scale: int | None = None,
    quantity_scale: int | None = None,
    time_unit: str = "auto",
    time_back: str = "1d",
    time_ahead: str = "31d",
) -> TradeOptions:
    """Return the options of a command line.

    >>> trade_options(["price=px", "time=0"]).columns
    {'price': 'px', 'time': 0}

    Raises:
        InvalidValue: A column is not written FIELD=NAME, there is no such field, or a time is no
            duration.
    """
    named: dict[str, str | int] = {}
    for column in columns or ():
        field, found, name = column.partition("=")
        if not found or not name:
            raise InvalidValue("column", column, "must be written FIELD=NAME")
        named[field] = int(name) if name.isdecimal() else name
    return TradeOptions(
        columns=named,
        buy=tuple(buy or ()),
        sell=tuple(sell or ()),
        price_scale=price_scale,
        quantity_scale=quantity_scale,
        time_unit=time_unit,
        time_back_max_ns=_bound_ns("time_back", time_back),
        time_ahead_max_ns=_bound_ns("time_ahead", time_ahead),
    )


def _bound_ns(field: str, text: str) -> int:
    return FOREVER_NS if text == "none" else duration_ns(field, text)


def side_file(path: str, named: Path | None) -> Path:
    """Return where the bad lines of a recording go.

    >>> side_file("trades.csv", None).name, side_file("-", None).name
    ('trades.csv.bad.jsonl', 'stdin.bad.jsonl')
    """
    return named or Path("stdin.bad.jsonl" if path == STDIN else f"{path}.bad.jsonl")


@contextmanager
def progress_bar(paths: Sequence[str]) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """Show a bar on stderr where somebody looks at it.

    Yields a function that gives, for each path, what is to be told how many of its bytes were read.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    sizes = {path: Path(path).stat().st_size for path in paths if path != STDIN}
    with bar:
        task = bar.add_task("reading", total=sum(sizes.values()) if sizes else None)

        def told_of(path: str) -> Callable[[int], None]:
            before = sum(sizes.get(each, 0) for each in paths[: paths.index(path)])

            def told(read: int) -> None:
                bar.update(task, completed=before + read, description=Path(path).name)

            return told

        yield told_of


def read_trades(
    paths: Sequence[str],
    options: TradeOptions,
    *,
    trade_format: str | None = None,
    quarantine: Path | None = None,
    bad_limit: int = BAD_LINES_MAX,
) -> Iterator[Trades]:
    """Yield the trades of recordings with a bar of progress; bad lines are told at the end.

    Raises:
        OutcryError: A recording cannot be read, or too many of its lines are bad, or all.
        OSError: A file cannot be read.
    """
    aside = side_file(paths[0], quarantine)
    # Nobody asked for a file beside a recording in a folder that is read-only.
    kept = Quarantine(aside, bad_limit, must_keep=quarantine is not None)
    taken = inferred = 0
    with progress_bar(paths) as told_of, kept as bad:
        for path in paths:
            with open_trades(
                path,
                format=trade_format,
                options=options,
                quarantine=bad,
                progress=told_of(path),
            ) as reader:
                for trades in reader:
                    taken += len(trades)
                    inferred += trades.frame.filter(side=0).height
                    yield trades
    tell_bad(bad.counts, bad.path, taken)
    if inferred:
        _warn(f"{inferred:,} of {taken:,} trades have no side: told by the tick rule")
    if bad.counts and not taken:
        raise InvalidValue("recording", paths[0], "has no line that could be taken")


def tell_bad(bad: Counter[str], aside: Path | None, taken: int | None = None) -> None:
    """Say on stderr how many lines were bad, whether most were, and where they went."""
    if not bad:
        return
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in bad.most_common())
    count = f"{bad.total():,} bad lines left out"
    if taken is not None and bad.total() > taken:
        count = f"most lines are bad: {bad.total():,} left out of {bad.total() + taken:,}"
    _warn(f"{count} ({reasons}): {aside or 'not kept, name a file by --quarantine'}")


def _warn(text: str) -> None:
    Console(stderr=True).print(Text(text, "yellow"), soft_wrap=True)
