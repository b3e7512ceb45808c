"""`keys.db`: its tables, its transactions, and how a reader sees at once that it was changed.

SQLite counts the transactions that changed a file in the file's own header, as long as it keeps a
rollback journal; reading these four bytes costs half a microsecond. So every process that has the
file open sees each change, of whichever process, with its next look; no second file can disagree.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    String,
    Table,
    create_engine,
)
from sqlalchemy.exc import DatabaseError

from outcry.errors import DirectoryLocked, KeysDamaged

FILE_NAME: Final = "keys.db"

# Where the header of an SQLite file counts its changes: the 4 bytes from offset 24.
_COUNTER_OFFSET: Final = 24
_COUNTER_BYTES: Final = 4
# How long a change waits for another process's, and how long a reader does, whom a change holds up
# only while it is brought to the disk.
_WRITE_WAIT_S: Final = 5.0
_READ_WAIT_S: Final = 1.0
_OS_ERRORS: Final = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
}
_PRIMARY_CODE: Final = 0xFF
_CLOSED: Final = -1

_SCHEMA: Final = MetaData()
KEYS: Final = Table(
    "keys",
    _SCHEMA,
    Column("api_key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("account", Integer, nullable=False),
    Column("scopes", Integer, nullable=False),
    Column("networks", String, nullable=False),
    Column("created_ns", Integer, nullable=False),
    Column("label", String, nullable=False),
    # The secret or the public key, sealed together with the columns before it.
    Column("sealed", LargeBinary, nullable=False),
)
ABOUT: Final = Table(
    "about",
    _SCHEMA,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)


class Database:
    """The file, opened anew for each transaction and watched through a handle that stays."""

    def __init__(self, path: Path) -> None:
        """Open the file, made where there is none.

        Raises:
            OSError: It cannot be opened.
        """
        self.path = path
        self._watched = self._open()
        self._readers = self._engine(_READ_WAIT_S)
        self._writers = self._engine(_WRITE_WAIT_S)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        if self._watched != _CLOSED:
            os.close(self._watched)
            self._watched = _CLOSED

    def counter(self) -> bytes:
        """Return what changes with each change of the file; nothing where it cannot be read."""
        try:
            return os.pread(self._watched, _COUNTER_BYTES, _COUNTER_OFFSET)
        except OSError:
            return b""

    def watch_again(self) -> bool:
        """Watch the file that is there now; return whether it was another one.

        Raises:
            OSError: There is none.
        """
        there, watched = self.path.stat(), os.fstat(self._watched)
        if os.path.samestat(there, watched):
            return False
        before, self._watched = self._watched, self._open()
        os.close(before)
        return True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection within a transaction that sees one state of the file.

        Raises:
            DirectoryLocked: Another process has been bringing a change to the disk for 1 s.
            KeysDamaged: It is no database, or another one.
            OSError: It cannot be read.
        """
        with self._told(), self._readers.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection within a transaction that alone may change the file.

        What was done is on the disk afterwards, and nothing of it after an error.

        Raises:
            DirectoryLocked: Another process has been changing it for 5 s.
            KeysDamaged: It is no database, or another one.
            OSError: It cannot be written.
        """
        with self._told(), self._writers.connect() as connection:
            # With a write-ahead log beside it the header would not count the changes.
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def make_tables(self, connection: Connection) -> None:
        """Make the tables that are not there."""
        _SCHEMA.create_all(connection)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        return os.open(self.path, flags, stat.S_IRUSR | stat.S_IWUSR)

    def _engine(self, wait_s: float) -> Engine:
        # Without `rw`, a file that was removed would be made again, empty.
        name = f"{self.path.absolute().as_uri()}?mode=rw"

        # Transactions are begun and ended here alone: `sqlite3` begins none of its own.
        def connect() -> sqlite3.Connection:
            return sqlite3.connect(name, timeout=wait_s, isolation_level=None, uri=True)

        return create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in this package's words what SQLite complains of."""
        try:
            yield
        except DatabaseError as error:
            raise self._named(error.orig) from None
        except UnicodeDecodeError as error:
            # The file's own texts, or SQLite's complaint that quotes them.
            raise KeysDamaged(str(self.path), f"holds no text: {error}") from None

    def _named(self, error: BaseException | None) -> Exception:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return DirectoryLocked(str(self.path), None)
        if not self.path.exists():
            return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
        if code in _OS_ERRORS:
            return OSError(_OS_ERRORS[code], str(error), str(self.path))
        return KeysDamaged(str(self.path), str(error))
