"""The history as a projection: the fold of the core, and the database that its rows go to."""

import errno
from pathlib import Path
from typing import ClassVar, Final, Self

import sqlalchemy as sa

from outcry import _native
from outcry.projections.base import Projection
from outcry.projections.history.store import (
    DAMAGED,
    FILE,
    MINUTE_NS,
    Applied,
    HistoryStore,
    is_damage,
)
from outcry.projections.progress import Progress


class HistoryProjection(Projection):
    """Orders, fills, trades, candles and lists, folded into SQLite."""

    name: ClassVar[str] = "history"

    def __init__(
        self, folder: Path, store: HistoryStore, fold: _native.HistoryFold, first: int
    ) -> None:
        """Go on with a store and the fold that it holds; `open` finds both."""
        self._folder: Final = folder
        self._store: Final = store
        self._fold: Final = fold
        self._first: Final = first
        self._applied = fold.sequence

    @classmethod
    def open(cls, data_directory: Path) -> Self | None:
        """Go on behind the store that is there, or begin a new one; None while there is no past.

        A new one begins where there is none, where it does not read back, is of another format, or
        holds a past that the journal does not (which a person has repaired since).
        """
        folder = cls.folder(data_directory)
        found = _going_on(data_directory, folder)
        if found is not None:
            return cls(folder, *found)
        # What is not applied any more must not be removed while it is read again.
        _native.ProjectionRegister(data_directory, cls.name).register(0)
        fold = _native.HistoryFold.begin(data_directory)
        if fold is None:
            return None
        with Progress(folder / "progress") as progress:
            progress.begin_anew()
        HistoryStore.remove(folder)
        begun = cls(folder, HistoryStore(folder), fold, fold.sequence + 1)
        begun.commit()
        return begun

    @classmethod
    def doubt(cls, data_directory: Path) -> None:
        """Say that nothing can be read where the store is gone or damaged.

        For whoever starts the process, which makes it anew, and is asked before that runs.
        """
        folder = cls.folder(data_directory)
        if _is_lost(folder):
            with Progress(folder / "progress") as progress:
                progress.begin_anew()

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
        """Let what was committed outlast a power failure; tell whether it does.

        Raises:
            OSError: Somebody found the database damaged; the next `open` makes it anew.
        """
        if self._folder.joinpath(DAMAGED).exists():
            raise OSError(errno.EIO, "damaged, is made anew", str(self._folder / FILE))
        return self._store.settle()

    def unsettled_bytes(self) -> int:
        """Return about how much was committed and would not outlast a power failure."""
        return self._store.log_bytes()

    def close(self) -> None:
        """Close the database."""
        self._store.close()


def _is_lost(folder: Path) -> bool:
    """Whether there is no store, or somebody found it damaged."""
    return not folder.joinpath(FILE).exists() or folder.joinpath(DAMAGED).exists()


def _going_on(
    data_directory: Path, folder: Path
) -> tuple[HistoryStore, _native.HistoryFold, int] | None:
    """Return a store that is there, and the fold and the first command that it holds."""
    if _is_lost(folder):
        return None
    try:
        store = HistoryStore(folder)
        applied = store.applied()
        if applied is not None:
            fold = _loaded(data_directory, store, applied)
            if fold.follow():
                return store, fold, applied.first_sequence
    except sa.exc.DatabaseError as error:
        if not is_damage(error):
            raise
        return None
    store.close()
    return None


def _loaded(path: Path, store: HistoryStore, applied: Applied) -> _native.HistoryFold:
    """Return a fold with what is open in a store."""
    fold = _native.HistoryFold(path, applied.sequence, applied.time_ns, applied.digest)
    fold.load_steps(store.steps())
    fold.load_accounts(store.accounts())
    fold.load_lists(store.open_lists())
    fold.load_orders([(row[:11], row[11:21], row[21:]) for row in store.open_orders()])
    fold.load_trades(store.trades_since(applied.time_ns - applied.time_ns % MINUTE_NS))
    return fold
