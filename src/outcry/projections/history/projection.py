"""The history as a projection: the fold of the core, and the database that its rows go to."""

import sqlite3
from pathlib import Path
from typing import ClassVar, Final

import sqlalchemy as sa

from outcry import _native
from outcry.projections.base import Projection
from outcry.projections.history.store import MINUTE_NS, Applied, HistoryStore


class HistoryProjection(Projection):
    """Orders, fills, trades, candles and lists, folded into SQLite."""

    name: ClassVar[str] = "history"

    def __init__(self, data_directory: Path, oldest: int) -> None:
        """Open the store and go on behind it, or begin a new one.

        A new one begins where there is none, where it does not read back, is of another format, or
        holds a past that the journal does not (which a person has repaired since).

        Args:
            data_directory: The data directory.
            oldest: The oldest command that is kept.
        """
        self._data_directory: Final = data_directory
        self._folder: Final = self.folder(data_directory)
        self.is_new = False
        if not self._go_on():
            HistoryStore.remove(self._folder)
            self._begin(oldest)

    @classmethod
    def oldest(cls, data_directory: Path) -> int | None:
        """Return the oldest command that is kept with its events, None while there is none."""
        return _native.HistoryFold.oldest(data_directory)

    @property
    def folded_sequence(self) -> int:
        """The last command that was folded."""
        return self._fold.sequence

    @property
    def folded_time_ns(self) -> int:
        """Engine time behind it."""
        return self._fold.time_ns

    @property
    def applied_sequence(self) -> int:
        """The last command that was committed."""
        return self._applied

    @property
    def first_sequence(self) -> int:
        """The first command in the store."""
        return self._first

    def advance(self, commands_max: int) -> bool:
        """Fold about so many of the commands that are there; tell whether there were any."""
        return self._fold.advance(commands_max)

    def commit(self) -> None:
        """Store what was folded, and how far it is."""
        fold = self._fold
        applied = Applied(self._first, fold.sequence, fold.time_ns, fold.digest)
        self._store.write(fold.take(), applied)
        self._applied = fold.sequence

    def settle(self) -> bool:
        """Let what was committed outlast a power failure; tell whether it does."""
        return self._store.settle()

    def log_bytes(self) -> int:
        """Return the bytes that were committed and are not settled."""
        return self._store.log_bytes()

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _go_on(self) -> bool:
        """Open a store that is there and take up what is open in it; tell whether it can go on."""
        try:
            store = HistoryStore(self._folder)
            applied = store.applied()
            if applied is not None:
                fold = _loaded(self._data_directory, store, applied)
                if fold.follow():
                    self._take_up(store, fold, applied.first_sequence)
                    return True
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            if isinstance(error, sa.exc.OperationalError):
                raise
            return False
        store.close()
        return False

    def _begin(self, oldest: int) -> None:
        fold = _native.HistoryFold(self._data_directory, oldest - 1, 0, 0)
        fold.begin()
        self._take_up(HistoryStore(self._folder), fold, oldest)
        self.is_new = True
        self.commit()

    def _take_up(self, store: HistoryStore, fold: _native.HistoryFold, first: int) -> None:
        self._store = store
        self._fold = fold
        self._first = first
        self._applied = fold.sequence


def _loaded(path: Path, store: HistoryStore, applied: Applied) -> _native.HistoryFold:
    """Return a fold with what is open in a store."""
    fold = _native.HistoryFold(path, applied.sequence, applied.time_ns, applied.digest)
    fold.load_steps(store.steps())
    fold.load_accounts(store.accounts())
    fold.load_lists(store.open_lists())
    fold.load_orders([(row[:11], row[11:21], row[21:]) for row in store.open_orders()])
    fold.load_trades(store.trades_since(applied.time_ns - applied.time_ns % MINUTE_NS))
    return fold
