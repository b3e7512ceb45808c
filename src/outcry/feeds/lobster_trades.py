"""The executions of a LOBSTER message file, as trades.

The side of a message is that of the order that stood in the book: the aggressor is the other.
Executions against hidden orders are trades too. Trades have no ids here and are counted from 1;
times are those of the day's clock at the exchange, shown as if it were UTC.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from outcry._native import TradeReader
from outcry.feeds.lines import numbered_lines
from outcry.feeds.lobster import PRICE_DECIMALS, MessageType, parse_message
from outcry.feeds.quarantine import Quarantine
from outcry.feeds.recording import FieldError
from outcry.feeds.source import ByteSource

_EXECUTIONS: Final = {MessageType.EXECUTION, MessageType.HIDDEN_EXECUTION}
_DAY_NS: Final = 86_400_000_000_000
_EPOCH: Final = date(1970, 1, 1)
_SHOWN: Final = 256


def lobster_trades(
    source: ByteSource, day: date, core: TradeReader, quarantine: Quarantine, batch: int
) -> Iterator[None]:
    """Add the executions to `core`; yield whenever about `batch` of them wait, and at the end.

    Raises:
        TooManyBadLines: More rows are bad than allowed.
        MalformedRecording: A line is longer than the bound.
    """
    midnight_ns = (day - _EPOCH).days * _DAY_NS
    last_ns, waiting = 0, 0
    for number, line in numbered_lines(source):
        try:
            message = parse_message(number, line, last_ns)
        except FieldError as error:
            quarantine.add([(number, error.field, "malformed", line[:_SHOWN])])
            continue
        last_ns = message.time_ns
        if message.type not in _EXECUTIONS:
            continue
        dollars, rest = divmod(message.price, 10**PRICE_DECIMALS)
        core.add(
            number,
            line[:_SHOWN],
            str(midnight_ns + message.time_ns),
            f"{dollars}.{rest:0{PRICE_DECIMALS}}",
            str(message.size),
            None,
            str(-message.side),
        )
        waiting += 1
        if waiting == batch:
            waiting = 0
            yield
    yield
