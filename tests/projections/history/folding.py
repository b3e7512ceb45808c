"""Folding a data directory in this process, and reading all that the history then says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from outcry.projections import Progress
from outcry.projections.history import (
    AggregateTradeRow,
    CandleRow,
    FillRow,
    History,
    ListRow,
    OrderRow,
    TradeRow,
)
from outcry.projections.history.projection import HistoryProjection

T = TypeVar("T")
ACCOUNTS = (*range(1, 10), 2**32 - 1)
INSTRUMENTS = (1, 2, 3)


def opened(path: Path) -> HistoryProjection:
    """Open the history's writer as its process would, and say that it is there."""
    projection = HistoryProjection.open(path)
    assert projection is not None
    with Progress(HistoryProjection.folder(path) / "progress") as progress:
        progress.begin()
    return projection


def fold(path: Path, commands_max: int = 5_000, batches: int | None = None) -> int:
    """Fold what is there, or so many batches of it; return the last command that was folded."""
    projection = opened(path)
    try:
        while batches is None or batches > 0:
            if not projection.advance(commands_max):
                break
            projection.commit()
            batches = None if batches is None else batches - 1
        return projection.applied_sequence
    finally:
        projection.close()


@dataclass(frozen=True)
class Everything:
    """All rows of a history."""

    orders: list[OrderRow]
    fills: list[FillRow]
    trades: list[TradeRow]
    aggregates: list[AggregateTradeRow]
    candles: list[CandleRow]
    lists: list[ListRow]


def everything(path: Path, accounts: Sequence[int] = ACCOUNTS) -> Everything:
    """Read all rows of a history, page by page."""

    async def read() -> Everything:
        async with History(path) as history:
            pairs = [(account, number) for account in accounts for number in INSTRUMENTS]
            orders = [
                await paged(history.orders, lambda row: row.order_id, *pair) for pair in pairs
            ]
            fills = [await paged(history.fills, lambda row: row.trade_id, *pair) for pair in pairs]
            trades = [
                await paged(history.trades, lambda row: row.trade_id, number)
                for number in INSTRUMENTS
            ]
            aggregates = [
                await paged(history.aggregate_trades, lambda row: row.aggregate_id, number)
                for number in INSTRUMENTS
            ]
            candles = [await history.candles(number, limit=1_000) for number in INSTRUMENTS]
            lists = [
                await paged(history.order_lists, lambda row: row.list_id, account)
                for account in accounts
            ]
            return Everything(
                orders=list(chain(*orders)),
                fills=list(chain(*fills)),
                trades=list(chain(*trades)),
                aggregates=list(chain(*aggregates)),
                candles=list(chain(*candles)),
                lists=list(chain(*lists)),
            )

    return asyncio.run(read())


async def paged(
    ask: Callable[..., Awaitable[list[T]]], key: Callable[[T], int], *scope: int
) -> list[T]:
    """Read all rows by rising id."""
    found: list[T] = []
    from_id = 0
    while page := await ask(*scope, from_id=from_id, limit=1_000):
        found += page
        from_id = key(page[-1]) + 1
    return found
