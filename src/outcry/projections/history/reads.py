"""Reading the history, beside the process that writes it."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import msgspec
import sqlalchemy as sa

from outcry import _native
from outcry.errors import ProjectionLagging
from outcry.projections.bell import Rope
from outcry.projections.history import queries
from outcry.projections.history.answers import Answers, Found
from outcry.projections.history.projection import HistoryProjection
from outcry.projections.history.queries import Page, Statement
from outcry.projections.history.rows import (
    AggregateTradeRow,
    CandleRow,
    FillRow,
    ListRow,
    OrderRow,
    TradeRow,
)
from outcry.projections.history.store import DAMAGED, FILE, is_damage
from outcry.projections.progress import Progress
from outcry.projections.waiting import Waiting

T = TypeVar("T")

_BUSY_S: Final = 5
_DECODER: Final = msgspec.json.Decoder(list[list[Any]])


class History:
    """Reads the history of a data directory, for one event loop.

    Pages are bounded, and follow one rule. Rows come by rising id, `limit` of them at most, 1 to
    1,000: with `from_id` the first from that id on, with `start_ns` the first from that time on,
    each within the other bounds that are given; with neither the newest, up to `end_ns` if that is
    given. Both times are inclusive. No row of another account is ever answered.

    Everything raises `ProjectionLagging` while there is no history yet, and `InvalidValue` for a
    bound that cannot be.
    """

    def __init__(self, data_directory: Path | str, *, threads: int = 2) -> None:
        """Prepare to read; the history need not be there yet."""
        self._folder: Final = HistoryProjection.folder(Path(data_directory))
        self._progress: Final = Progress(self._folder / "progress")
        rope = Rope(self._folder / "bell")
        self._waiting: Final = Waiting(self._progress, rope, HistoryProjection.name)
        self._threads: Final = ThreadPoolExecutor(threads, "history")
        self._engine: Final = sa.create_engine(
            "sqlite+pysqlite://",
            creator=self._connect,
            poolclass=sa.pool.QueuePool,
            pool_size=threads,
            isolation_level="AUTOCOMMIT",
        )
        self._store = 0
        self._answers = Answers(())

    async def close(self) -> None:
        """End what is waited for and give the database back."""
        self._waiting.close()
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()
        self._progress.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def applied_sequence(self) -> int:
        """The last command that reads answer for; 0 while there is none."""
        return self._progress.applied_sequence

    @property
    def first_sequence(self) -> int:
        """The first command in the history: 1 but where the beginning is no longer kept."""
        return self._progress.first_sequence

    @property
    def silent_s(self) -> float:
        """For how long its process has not been heard of."""
        return self._progress.silent_s

    def lag(self, sequence: int) -> int:
        """Return how many of the commands up to `sequence` it has not applied."""
        return max(sequence - self.applied_sequence, 0)

    async def wait(self, sequence: int, timeout_s: float) -> None:
        """Wait until reads answer for a sequence.

        Raises:
            ProjectionLagging: It took longer.
        """
        await self._waiting.wait(sequence, timeout_s)

    async def order(self, account: int, order_id: int) -> OrderRow | None:
        """Return an order of an account, None where it has none of that id."""
        return await self._one(queries.order(account, order_id), Answers.orders)

    async def order_by_client_id(
        self, account: int, instrument: int, client_order_id: str
    ) -> OrderRow | None:
        """Return the newest order of an account that the client called so, None without one."""
        return await self._run(lambda: self._named(account, instrument, client_order_id))

    async def order_rows(self, account: int, order_ids: Sequence[int]) -> list[OrderRow]:
        """Return those of an account's orders, by id; 1,000 at most are asked for."""
        Page(None, None, None, max(len(order_ids), 1))
        return await self._all(queries.orders_of(account, order_ids), Answers.orders)

    async def orders(
        self,
        account: int,
        instrument: int,
        *,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[OrderRow]:
        """Return orders of an account, open and past; their time is that of their entry."""
        page = Page(from_id, start_ns, end_ns, limit)
        return await self._page(page, queries.orders(account, instrument, page), Answers.orders)

    async def fills(
        self,
        account: int,
        instrument: int,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[FillRow]:
        """Return an account's sides of trades by trade id, or those of one of its orders."""
        page = Page(from_id, start_ns, end_ns, limit)
        asked = queries.fills(account, instrument, order_id, page)
        return await self._page(page, asked, Answers.fills)

    async def trades(
        self,
        instrument: int,
        *,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[TradeRow]:
        """Return trades of an instrument."""
        page = Page(from_id, start_ns, end_ns, limit)
        return await self._page(page, queries.trades(instrument, page), Answers.trades)

    async def aggregate_trades(
        self,
        instrument: int,
        *,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[AggregateTradeRow]:
        """Return trades of an instrument, those of one pass at one price as one."""
        page = Page(from_id, start_ns, end_ns, limit)
        return await self._page(page, queries.aggregates(instrument, page), Answers.aggregates)

    async def candles(
        self,
        instrument: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[CandleRow]:
        """Return finished candles of one minute; their time is that of their opening."""
        page = Page(None, start_ns, end_ns, limit)
        return await self._page(page, queries.candles(instrument, page), Answers.candles)

    async def order_list(
        self, account: int, *, list_id: int | None = None, client_list_id: str | None = None
    ) -> ListRow | None:
        """Return an account's list by its id, or the newest that the client called so."""
        if list_id is not None:
            return await self._one(queries.order_list(account, list_id), Answers.lists)
        asked = queries.order_list_by_name(account, client_list_id or "")
        return await self._one(asked, Answers.lists)

    async def order_lists(
        self,
        account: int,
        *,
        from_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        limit: int = 500,
    ) -> list[ListRow]:
        """Return lists of an account; their time is that of their entry."""
        page = Page(from_id, start_ns, end_ns, limit)
        return await self._page(page, queries.order_lists(account, page), Answers.lists)

    async def _one(self, asked: Statement, read: Callable[[Answers, Found], list[T]]) -> T | None:
        rows = await self._all(asked, read)
        return rows[0] if rows else None

    async def _page(
        self, page: Page, asked: Statement, read: Callable[[Answers, Found], list[T]]
    ) -> list[T]:
        rows = await self._all(asked, read)
        if page.is_newest:
            rows.reverse()
        return rows

    async def _all(self, asked: Statement, read: Callable[[Answers, Found], list[T]]) -> list[T]:
        return await self._run(lambda: self._read(asked, read))

    async def _run(self, call: Callable[[], T]) -> T:
        while True:
            store, applied = self._progress.store, self.applied_sequence
            if not self._progress.is_readable:
                raise ProjectionLagging(HistoryProjection.name, 1, 0)
            answer = await self._asked(call)
            if self._progress.store == store:
                return answer
            # Another store was begun meanwhile, perhaps anew: then what was read may be of nothing.
            self._require(applied)

    async def _asked(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except sa.exc.DatabaseError as error:
            # The store is being made anew, or will be.
            if is_damage(error) and self._progress.store == self._store:
                self._folder.joinpath(DAMAGED).touch()
            applied = self.applied_sequence
            raise ProjectionLagging(HistoryProjection.name, applied + 1, applied) from error

    def _require(self, sequence: int) -> None:
        applied = self.applied_sequence
        if applied < sequence:
            raise ProjectionLagging(HistoryProjection.name, sequence, applied)

    def _read(self, asked: Statement, read: Callable[[Answers, Found], list[T]]) -> list[T]:
        """Ask, and put the answer together; anew where instruments came meanwhile."""
        found = self._found(asked)
        try:
            return read(self._answers, found)
        except LookupError:
            self._answers = Answers(self._found(queries.steps()))
            return read(self._answers, found)

    def _named(self, account: int, instrument: int, name: str) -> OrderRow | None:
        ((newest_id,),) = self._found(queries.newest_order_id())
        newest = -1 if newest_id is None else _native.HistoryFold.generation(newest_id)
        while newest >= 0:
            asked = queries.order_by_name(account, instrument, name, newest)
            if rows := self._read(asked, Answers.orders):
                return rows[0]
            newest = queries.older_generation(newest)
        return None

    def _found(self, asked: Statement) -> Found:
        store = self._progress.store
        if store != self._store:
            # The database may have been made anew; what is open is of the one before.
            self._engine.dispose()
            self._answers, self._store = Answers(()), store
        with self._engine.connect() as connection:
            return _DECODER.decode(connection.scalar(asked) or "[]")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._folder.joinpath(FILE).absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA query_only=ON")
        return connection
