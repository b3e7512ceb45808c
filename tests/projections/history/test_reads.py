"""Goal: a page holds what its rule says, and nothing of another account.

Method: a past of one instrument is read by every rule, and each page compared with the same cut
from all rows.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.dialects import sqlite

from outcry import Exchange
from outcry.errors import InvalidValue, ProjectionLagging
from outcry.projections import Progress
from outcry.projections.history import History, OrderRow, queries
from outcry.projections.history.projection import HistoryProjection
from outcry.projections.history.queries import Page
from outcry.projections.history.store import FILE
from tests.projections.history.folding import ACCOUNTS, Everything, everything, fold
from tests.projections.history.streams import SETTINGS, apply, trade
from tests.scenarios import commands as c

T = TypeVar("T")
Ask = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a history."""
    made = tmp_path_factory.mktemp("read")
    trade(made, 11, 4_000)
    with Exchange.open(made, SETTINGS) as exchange:
        # Lists, some of one name, whose legs wait far from the market.
        gift = [c.set_account(1), c.deposit(1, 2, 1_000_000, 1, 77), c.set_state(c.CONTINUOUS)]
        gift += [c.mass_cancel(instrument=1)] * 20 + [c.update_instrument(1)]
        lists = [
            c.oto(c.buy(20, 1), c.sell(400, 1, 1), client_id=f"list-{number % 7}")
            for number in range(30)
        ]
        apply(exchange, [*gift, *lists])
    fold(made)
    return made


@pytest.fixture(scope="module")
def rows(path: Path) -> Everything:
    """All its rows."""
    return everything(path)


def cut(
    found: Sequence[T],
    id_of: Callable[[T], int],
    time_of: Callable[[T], int],
    limit: int,
    *,
    from_id: int | None = None,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> list[T]:
    """Return a page as the rule says it, from all rows by id."""
    within = [
        row
        for row in found
        if (from_id is None or id_of(row) >= from_id)
        and (start_ns is None or time_of(row) >= start_ns)
        and (end_ns is None or time_of(row) <= end_ns)
    ]
    return within[-limit:] if from_id is None and start_ns is None else within[:limit]


def bounds(
    found: Sequence[T], id_of: Callable[[T], int], time_of: Callable[[T], int]
) -> list[dict[str, int]]:
    """Return bounds of every kind, on rows, beside them, before and behind all."""
    made: list[dict[str, int]] = [{}, {"from_id": 0}, {"start_ns": 0}, {"end_ns": 2**64 - 1}]
    made += [{"end_ns": 0}, {"from_id": 2**63}, {"start_ns": 2**63 - 1}]
    for row in (found[0], found[len(found) // 3], found[-1]):
        at, time_ns = id_of(row), time_of(row)
        made += [{"from_id": at}, {"from_id": at + 1}]
        made += [{"start_ns": time_ns + by} for by in (-1, 0, 1)]
        made += [{"end_ns": time_ns + by} for by in (-1, 0, 1)]
        made += [{"start_ns": time_ns, "end_ns": time_ns + 10**8}]
        made += [{"from_id": at, "end_ns": time_ns + 10**7}, {"from_id": 1, "start_ns": time_ns}]
    return made


async def compare_pages(
    ask: Ask, found: Sequence[T], id_of: Callable[[T], int], time_of: Callable[[T], int]
) -> None:
    """Compare pages of every rule."""
    assert len(found) > 20
    for said in bounds(found, id_of, time_of):
        for limit in (1, 7, 1_000):
            page = await ask(limit=limit, **said)
            assert page == cut(found, id_of, time_of, limit, **said), (said, limit)


def test_pages_of_orders(path: Path, rows: Everything) -> None:
    async def read() -> None:
        async with History(path) as history:
            for account in (1, 4):
                own = [
                    row
                    for row in rows.orders
                    if (row.account, row.steps.instrument) == (account, 1)
                ]
                await compare_pages(
                    lambda **said: history.orders(account, 1, **said),  # noqa: B023
                    own,
                    lambda row: row.order_id,
                    lambda row: row.entered_ns,
                )

    asyncio.run(read())


def test_pages_of_fills(path: Path, rows: Everything) -> None:
    own = [row for row in rows.fills if (row.account, row.steps.instrument) == (2, 1)]

    async def read() -> None:
        async with History(path) as history:
            await compare_pages(
                lambda **said: history.fills(2, 1, **said),
                own,
                lambda row: row.trade_id,
                lambda row: row.time_ns,
            )
            for order_id in {row.order_id for row in own}:
                of_order = [row for row in own if row.order_id == order_id]
                assert await history.fills(2, 1, order_id=order_id) == of_order
                assert await history.fills(3, 1, order_id=order_id) == []
                since = of_order[-1].trade_id
                found = await history.fills(2, 1, order_id=order_id, from_id=since)
                assert found == of_order[-1:]

    asyncio.run(read())


def test_pages_of_trades_and_aggregates(path: Path, rows: Everything) -> None:
    trades = [row for row in rows.trades if row.steps.instrument == 1]
    aggregates = [row for row in rows.aggregates if row.steps.instrument == 1]

    async def read() -> None:
        async with History(path) as history:
            await compare_pages(
                lambda **said: history.trades(1, **said),
                trades,
                lambda row: row.trade_id,
                lambda row: row.time_ns,
            )
            await compare_pages(
                lambda **said: history.aggregate_trades(1, **said),
                aggregates,
                lambda row: row.aggregate_id,
                lambda row: row.time_ns,
            )

    asyncio.run(read())


def test_pages_of_lists(path: Path, rows: Everything) -> None:
    own = [row for row in rows.lists if row.account == 1]

    async def read() -> None:
        async with History(path) as history:
            await compare_pages(
                lambda **said: history.order_lists(1, **said),
                own,
                lambda row: row.list_id,
                lambda row: row.entered_ns,
            )
            for number in range(7):
                named = [row for row in own if row.client_list_id == f"list-{number}"]
                found = await history.order_list(1, client_list_id=f"list-{number}")
                assert found == named[-1]
                assert await history.order_list(2, client_list_id=f"list-{number}") is None
            for row in own[-20:]:
                assert await history.order_list(1, list_id=row.list_id) == row
                assert await history.order_list(2, list_id=row.list_id) is None
                legs = await history.order_rows(1, row.order_ids)
                assert [(leg.order_id, leg.leg) for leg in legs] == [
                    (order_id, place) for place, order_id in enumerate(row.order_ids)
                ]
                assert await history.order_rows(2, row.order_ids) == []

    asyncio.run(read())


def test_an_order_is_found_by_id_and_by_its_newest_name(path: Path, rows: Everything) -> None:
    named: dict[tuple[int, int, str], OrderRow] = {}
    for row in sorted(rows.orders, key=lambda row: row.order_id):
        named[row.account, row.steps.instrument, row.client_order_id] = row

    async def read() -> None:
        async with History(path) as history:
            for row in rows.orders[::17]:
                assert await history.order(row.account, row.order_id) == row
                assert await history.order(row.account % 6 + 1, row.order_id) is None
            for (account, instrument, name), row in named.items():
                if name:
                    assert await history.order_by_client_id(account, instrument, name) == row
            assert await history.order_by_client_id(1, 1, "unheard-of") is None
            assert await history.order_by_client_id(9, 1, "a") is None

    asyncio.run(read())


@pytest.mark.parametrize(
    "said",
    [{"limit": 0}, {"limit": 1_001}, {"from_id": -1}, {"start_ns": -1}, {"end_ns": 2**64}],
)
def test_bounds_of_a_page_are_checked(path: Path, said: dict[str, int]) -> None:
    async def read() -> None:
        async with History(path) as history:
            with pytest.raises(InvalidValue, match=next(iter(said))):
                await history.trades(1, **said)

    asyncio.run(read())


def test_no_account_reads_anothers(path: Path) -> None:
    async def read() -> None:
        async with History(path) as history:
            for account in ACCOUNTS:
                for instrument in (1, 2, 3):
                    orders = await history.orders(account, instrument, limit=1_000)
                    fills = await history.fills(account, instrument, limit=1_000)
                    assert all(row.account == account for row in orders)
                    assert all(row.account == account for row in fills)

    asyncio.run(read())


def test_without_a_history_reads_say_that_it_lags(tmp_path: Path) -> None:
    async def read() -> None:
        async with History(tmp_path) as history:
            assert history.applied_sequence == 0
            assert history.lag(7) == 7
            with pytest.raises(ProjectionLagging):
                await history.trades(1)
            with pytest.raises(ProjectionLagging) as caught:
                await history.wait(3, 0.01)
            assert (caught.value.wanted, caught.value.applied) == (3, 0)

    asyncio.run(read())


PAGE, BOUNDED = Page(None, None, None, 500), Page(3, 5, 9, 500)
BY_OWNER = "(account=? AND instrument=?"


@pytest.mark.parametrize(
    ("asked", "step"),
    [
        (queries.order(1, 5), "orders USING INTEGER PRIMARY KEY (rowid=?)"),
        (queries.orders_of(1, [5, 6]), "orders USING INTEGER PRIMARY KEY (rowid=?)"),
        (queries.order_by_name(1, 1, "a", 70), "orders USING INDEX orders_by_name"),
        (queries.orders(1, 1, PAGE), f"orders USING INDEX orders_of_account {BY_OWNER}"),
        (queries.orders(1, 1, BOUNDED), f"orders_of_account {BY_OWNER} AND rowid>?"),
        (queries.fills(1, 1, None, PAGE), f"fills USING PRIMARY KEY {BY_OWNER})"),
        (queries.fills(1, 1, None, BOUNDED), f"fills USING PRIMARY KEY {BY_OWNER} AND trade_id>?"),
        (queries.fills(1, 1, 7, PAGE), "fills USING INDEX fills_of_order (order_id=?"),
        (queries.fills(1, 1, 7, BOUNDED), "fills USING INDEX fills_of_order (order_id=?"),
        (queries.trades(1, PAGE), "trades USING PRIMARY KEY (instrument=?)"),
        (queries.trades(1, BOUNDED), "trades USING PRIMARY KEY (instrument=? AND trade_id>?"),
        (queries.aggregates(1, BOUNDED), "aggregates USING PRIMARY KEY (instrument=? AND"),
        (queries.candles(1, BOUNDED), "candles_1m USING PRIMARY KEY (instrument=? AND"),
        (queries.order_lists(1, BOUNDED), "lists USING INDEX lists_of_account (account=?"),
        (queries.order_list_by_name(1, "a"), "lists USING INDEX lists_by_name"),
    ],
)
def test_a_page_is_found_through_an_index(path: Path, asked: queries.Statement, step: str) -> None:
    said = asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with sqlite3.connect(HistoryProjection.folder(path) / FILE) as connection:
        plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {said}")]
    connection.close()
    # The first search is that of the page; those of its bounds come behind it.
    assert step in next(each for each in plan if each.startswith("SEARCH "))


@pytest.mark.parametrize("is_anew", [False, True])
def test_a_read_across_another_store_is_read_again_or_refused(path: Path, is_anew: bool) -> None:
    async def read() -> None:
        folder = HistoryProjection.folder(path)
        async with History(path) as history:
            with Progress(folder / "progress") as progress:
                progress.applied_sequence = 9
            before = await history.trades(1)
            calls: list[int] = []

            def begun() -> list[OrderRow]:
                with Progress(folder / "progress") as progress:
                    if is_anew and not calls:
                        progress.begin_anew()
                    if not calls:
                        progress.begin()
                calls.append(1)
                return []

            if is_anew:
                with pytest.raises(ProjectionLagging):
                    await history._run(begun)
            else:
                await history._run(begun)
            assert len(calls) == (1 if is_anew else 2)
            assert await history.trades(1) == before

    asyncio.run(read())
