"""The database of the history, as its one writer has it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from outcry.projections.history.rows import OrderState
from outcry.projections.history.schema import (
    ACCOUNTS,
    AGGREGATES,
    APPLIED,
    CANDLES,
    CHANGING,
    FILLS,
    FORMAT,
    LISTS,
    METADATA,
    ORDERS,
    STEPS,
    TRADES,
)
from outcry.protocol import ListState

FILE: Final = "history.db"
MINUTE_NS: Final = 60_000_000_000

Row = tuple[Any, ...]
Rows = Sequence[Row]
Batch = tuple[Rows, Rows, Rows, Rows, Rows, Rows, Rows, Rows, Rows]
"""Rows by table, in the order of `_WRITES`."""

_DIALECT: Final = sqlite.dialect(paramstyle="qmark")
_CACHE_KIB: Final = 32 * 1024
_BUSY_S: Final = 10


def _text(statement: sa.Insert | sa.Update) -> str:
    return str(statement.compile(dialect=_DIALECT))


def _replacing(table: sa.Table) -> str:
    return _text(sa.insert(table).prefix_with("OR REPLACE"))


_CHANGE: Final = _text(
    sa.update(ORDERS)
    .where(ORDERS.c.order_id == sa.bindparam("at"))
    .values({name: sa.bindparam(f"to_{name}") for name in CHANGING})
)
# The hot way: rows are tuples in the order of the columns, and go to the driver as they are.
_WRITES: Final = (
    _text(sa.insert(ORDERS)),
    _CHANGE,
    _text(sa.insert(TRADES)),
    _text(sa.insert(FILLS)),
    _text(sa.insert(AGGREGATES)),
    _text(sa.insert(CANDLES)),
    _text(sa.insert(STEPS)),
    _replacing(ACCOUNTS),
    _replacing(LISTS),
)
_APPLY: Final = _replacing(APPLIED)


DAMAGED: Final = "damaged"
"""The file that stands beside a database which somebody found damaged, until it is made anew."""

_DAMAGES: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY: Final = 0xFF


def is_damage(error: sa.exc.SQLAlchemyError) -> bool:
    """Tell whether an error says that the database itself is not what was written."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY in _DAMAGES


class Applied:
    """What a store says of itself.

    Attributes:
        first_sequence: The first command in it.
        sequence: The last one.
        time_ns: Engine time behind that.
        digest: The digest of all events up to it, as a signed number.
    """

    __slots__ = ("digest", "first_sequence", "sequence", "time_ns")

    def __init__(self, first_sequence: int, sequence: int, time_ns: int, digest: int) -> None:
        self.first_sequence = first_sequence
        self.sequence = sequence
        self.time_ns = time_ns
        self.digest = digest


class HistoryStore:
    """Writes the history's database, in one transaction a batch."""

    def __init__(self, folder: Path) -> None:
        """Open the database, which is made where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path: Final = folder / FILE
        self._engine: Final = sa.create_engine(
            f"sqlite:///{self._path}",
            poolclass=sa.pool.StaticPool,
            connect_args={"timeout": _BUSY_S, "isolation_level": None},
        )
        sa.event.listen(self._engine, "connect", _prepare)
        sa.event.listen(self._engine, "begin", _begin)
        with self._engine.begin() as connection:
            METADATA.create_all(connection)
        self._connection: Final = self._engine.connect()

    def applied(self) -> Applied | None:
        """Return what the store says of itself; None of a new one, or of another format."""
        with self._connection.begin():
            row = self._connection.execute(sa.select(APPLIED)).one_or_none()
        if row is None or row.format != FORMAT:
            return None
        return Applied(row.first_sequence, row.sequence, row.time_ns, row.digest)

    def write(self, batch: Batch, applied: Applied) -> None:
        """Store rows, and how far the store is with them, in one transaction."""
        connection = self._connection
        with connection.begin():
            for statement, rows in zip(_WRITES, batch, strict=True):
                if rows:
                    connection.exec_driver_sql(statement, rows)
            said = (applied.first_sequence, applied.sequence, applied.time_ns, applied.digest)
            connection.exec_driver_sql(_APPLY, (1, FORMAT, *said))

    def open_orders(self) -> list[Row]:
        """Return the orders that are open."""
        columns = [column for column in ORDERS.c if column.name != "client_key"]
        # Written out, so that SQLite sees that its index of open orders has them all.
        is_open = ORDERS.c.state <= sa.literal_column(str(int(OrderState.PENDING)))
        return self._rows(sa.select(*columns).where(is_open))

    def open_lists(self) -> list[Row]:
        """Return the lists whose legs are at work."""
        return self._rows(sa.select(LISTS).where(LISTS.c.state == int(ListState.EXECUTING)))

    def accounts(self) -> list[Row]:
        """Return all accounts."""
        return self._rows(sa.select(ACCOUNTS))

    def steps(self) -> list[tuple[Row, int]]:
        """Return all steps by number, each with the aggregates that its instrument has."""
        last = (
            sa.select(sa.func.coalesce(sa.func.max(AGGREGATES.c.aggregate_id), 0))
            .where(AGGREGATES.c.instrument == STEPS.c.instrument)
            .scalar_subquery()
        )
        rows = self._rows(sa.select(*STEPS.c, last).order_by(STEPS.c.number))
        return [(row[:-1], row[-1]) for row in rows]

    def trades_since(self, time_ns: int) -> list[Row]:
        """Return the trades of all instruments from a time on, which is not long ago."""
        rows: list[Row] = []
        with self._connection.begin():
            for instrument in self._connection.scalars(sa.select(STEPS.c.instrument).distinct()):
                newest = (
                    sa.select(TRADES)
                    .where(TRADES.c.instrument == instrument)
                    .order_by(TRADES.c.trade_id.desc())
                )
                found: list[Row] = []
                for row in self._connection.execution_options(yield_per=1_000).execute(newest):
                    if row.time_ns < time_ns:
                        break
                    found.append(tuple(row))
                rows.extend(reversed(found))
        return rows

    def settle(self) -> bool:
        """Bring the write-ahead log into the database, synced; tell whether all of it is."""
        driver = self._connection.connection.driver_connection
        if driver is None:
            return False
        busy, logged, moved = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return bool(busy == 0 and logged == moved)

    def log_bytes(self) -> int:
        """Return the length of the write-ahead log."""
        try:
            return self._path.with_name(f"{FILE}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Close the database."""
        self._connection.close()
        self._engine.dispose()

    @staticmethod
    def remove(folder: Path) -> None:
        """Remove a database that nobody has open for writing."""
        for suffix in ("-wal", "-shm", ""):
            folder.joinpath(f"{FILE}{suffix}").unlink(missing_ok=True)
        folder.joinpath(DAMAGED).unlink(missing_ok=True)

    def _rows(self, statement: sa.Select[Any]) -> list[Row]:
        with self._connection.begin():
            return [tuple(row) for row in self._connection.execute(statement)]


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Set what holds for a connection."""
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "wal_autocheckpoint=0",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction that writes; the driver's own way would begin it too late."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
