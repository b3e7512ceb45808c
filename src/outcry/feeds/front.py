"""The front of the readers: any recording of trades, its format told by its first bytes."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from outcry._native import TradeReader as CoreReader
from outcry.errors import InvalidValue
from outcry.feeds import formats
from outcry.feeds.command_log import MAGIC
from outcry.feeds.formats import TradeOptions
from outcry.feeds.lobster import COLUMNS as LOBSTER_COLUMNS
from outcry.feeds.lobster_trades import lobster_trades
from outcry.feeds.log_trades import log_trades
from outcry.feeds.parquet import parquet_lines
from outcry.feeds.quarantine import BAD_LINES_MAX, Quarantine
from outcry.feeds.recording import MalformedRecording, Progress
from outcry.feeds.source import ByteSource
from outcry.feeds.trades import Trades, taken_trades
from outcry.feeds.venues import VENUES, Venue, is_document, open_venue, read_messages, venue_of

JSON_LINES: Final = "json"
CSV: Final = "csv"
PARQUET: Final = "parquet"
BINANCE_CSV: Final = "binance-csv"
LOBSTER: Final = "lobster"
LOG: Final = "log"
TRADE_FORMATS: Final = (JSON_LINES, CSV, PARQUET, BINANCE_CSV, LOBSTER, LOG, *VENUES)
# A batch has about so many trades, and no piece of the input more than a few times of it.
BATCH_TRADES: Final = 1 << 16
_EPOCH: Final = date(1970, 1, 1)
_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


class TradeReader:
    """The trades of a recording, in batches of bounded size; a context manager.

    Attributes:
        format: Of `TRADE_FORMATS`, what the recording is in.
        trades: How many trades were read so far.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        format: str | None = None,  # noqa: A002 - the word that a caller expects
        options: TradeOptions | None = None,
        quarantine: Path | Quarantine | None = None,
        bad_limit: int = BAD_LINES_MAX,
        progress: Progress | None = None,
    ) -> None:
        """Open a recording, `-` for standard input; its format is told where it is not given.

        Raises:
            InvalidValue: There is no such format, or a column is not there.
            MalformedRecording: The format cannot be told, or the recording does not begin so.
            OSError: The file cannot be read.
        """
        if format is not None and format not in TRADE_FORMATS:
            raise InvalidValue("format", format, f"must be one of {', '.join(TRADE_FORMATS)}")
        self.trades = 0
        self._progress = progress
        self._options = options or TradeOptions()
        self._source = ByteSource(path, progress)
        try:
            self.format = format or detect_format(self._source, self._options)
            self._batches = self._opened()
        except BaseException:
            self._source.close()
            raise
        self._own: AbstractContextManager[object] = nullcontext()
        if isinstance(quarantine, Quarantine):
            self._quarantine = quarantine
        else:
            self._quarantine = self._own = Quarantine(quarantine, bad_limit)
        self._quarantine.source = self._source.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._own.__exit__(kind, error, trace)
        self._source.close()

    @property
    def bad(self) -> Counter[str]:
        """How many lines were bad, by reason."""
        return self._quarantine.counts

    def __iter__(self) -> Iterator[Trades]:
        """Yield the trades once, in the order of the recording; no batch is empty.

        Raises:
            TooManyBadLines: More lines are bad than allowed; the good ones before have come.
            MalformedRecording: The recording cannot be read on.
        """
        for batch in self._batches():
            if len(batch):
                self.trades += len(batch)
                yield batch

    def _opened(self) -> Callable[[], Iterator[Trades]]:
        """Return what reads the batches; columns that are not there are told at once."""
        options, source = self._options, self._source
        if not source.head or not source.head.strip():
            return lambda: iter(())
        if self.format in VENUES:
            venue = open_venue(source, self.format)
            return lambda: self._venue_batches(source, venue)
        if self.format == LOG:
            return lambda: log_trades(source.path, self._progress)
        if self.format == LOBSTER:
            return self._lobster_batches
        if self.format == PARQUET:
            core, lines = parquet_lines(source.path, options)
            return lambda: self._text_batches(core, lines)
        core = self._text_reader(source.head)
        return lambda: self._text_batches(core, source.pieces())

    def _text_reader(self, head: bytes) -> CoreReader:
        if self.format == BINANCE_CSV:
            return formats.binance_reader(head, self._options)
        if self.format == CSV:
            return formats.csv_reader(head, self._options)
        return formats.json_reader(self._options)

    def _text_batches(self, core: CoreReader, pieces: Iterator[bytes]) -> Iterator[Trades]:
        for piece in pieces:
            core.feed(piece)
            yield from self._taken(core, BATCH_TRADES)
        core.finish()
        yield from self._taken(core, 1)

    def _venue_batches(self, source: ByteSource, venue: Venue) -> Iterator[Trades]:
        core = CoreReader.rows_of(self._options.rules(("buy",), ("sell",)))
        waiting = 0
        for frame, message in read_messages(source, venue.trades, self._quarantine):
            core.add(
                frame.line,
                frame.start,
                message.time,
                message.price,
                message.quantity,
                message.trade_id,
                message.side,
                message.symbol,
            )
            waiting += 1
            if waiting == BATCH_TRADES:
                waiting = 0
                yield from self._taken(core, 1)
        core.finish()
        yield from self._taken(core, 1)

    def _lobster_batches(self) -> Iterator[Trades]:
        options = replace(self._options, time_unit="ns")
        core = CoreReader.rows_of(options.rules(("1",), ("-1",)))
        start = recorded_date(self._source.path)
        for _ in lobster_trades(self._source, start, core, self._quarantine, BATCH_TRADES):
            yield from self._taken(core, 1)
        core.finish()
        yield from self._taken(core, 1)

    def _taken(self, core: CoreReader, least: int) -> Iterator[Trades]:
        """Yield what waits where it is enough, and quarantine what was bad."""
        bad = core.take_bad()
        if bad:
            # What came before the line that is one too many is not lost.
            if core.waiting():
                yield taken_trades(core)
            self._quarantine.add(bad)
        elif core.waiting() >= least:
            yield taken_trades(core)


def open_trades(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word that a caller expects
    options: TradeOptions | None = None,
    quarantine: Path | Quarantine | None = None,
    bad_limit: int = BAD_LINES_MAX,
    progress: Progress | None = None,
) -> TradeReader:
    """Open a recording of trades; `-` is standard input.

    Args:
        path: The file; plain, gzip, zstd, or a zip archive of one file.
        format: Of `TRADE_FORMATS`; None tells it by the first bytes.
        options: Columns, words for the sides, scales, bounds of time.
        quarantine: Where bad lines are written; None only counts them. A `Quarantine` is shared
            by several readers, has a limit of its own, and is closed by whoever made it.
        bad_limit: So many bad lines are allowed.
        progress: Told how many bytes of the file have been read.

    Raises:
        InvalidValue: There is no such format, or a column is not there.
        MalformedRecording: The format cannot be told, or the recording does not begin so.
        OSError: The file cannot be read.
    """
    return TradeReader(
        path,
        format=format,
        options=options,
        quarantine=quarantine,
        bad_limit=bad_limit,
        progress=progress,
    )


def detect_format(source: ByteSource, options: TradeOptions) -> str:
    """Return the format of a recording of trades; an empty one counts as CSV.

    Raises:
        MalformedRecording: It begins as none that is known.
    """
    head = source.head
    if source.is_parquet:
        return PARQUET
    if head.startswith(MAGIC):
        return LOG
    if is_document(head):
        return open_venue(source).name
    found = venue_of(head) or _text_format(head, options)
    if found is None:
        problem = f"it begins as none of {', '.join(TRADE_FORMATS)}; say which it is"
        raise MalformedRecording(source.path, "line 1", "format", problem)
    return found


def _text_format(head: bytes, options: TradeOptions) -> str | None:
    start = head.lstrip()[:1]
    if start == b"{":
        return JSON_LINES
    if not start or options.columns:
        return CSV
    if formats.is_binance_dump(head):
        return BINANCE_CSV
    if _is_lobster(head):
        return LOBSTER
    return CSV if any(separator in formats.first_line(head) for separator in ",;\t|") else None


def _is_lobster(head: bytes) -> bool:
    fields = formats.first_line(head).split(",")
    if len(fields) != LOBSTER_COLUMNS or fields[1] not in set("1234567"):
        return False
    return fields[5] in {"1", "-1"} and fields[0][:1].isdigit()


def recorded_date(path: Path) -> date:
    """Return the day that a path names, 1970-01-01 where it names none.

    >>> recorded_date(Path("lobster_aapl_2012-06-21/message_50.csv.gz"))
    datetime.date(2012, 6, 21)
    """
    found = _DATE.findall(str(path))
    try:
        return date(*map(int, found[-1])) if found else _EPOCH
    except ValueError:
        return _EPOCH
