"""The part of `outcry._native` that reads a data directory from outside, without its lock.

Rows of the history are tuples in the order of the columns of its tables.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeAlias, final

from outcry._native import Records

_Row: TypeAlias = tuple[Any, ...]
_Rows: TypeAlias = list[_Row]

def audit_directory(
    path: Path, progress: Callable[[int, int], object] | None = None, /
) -> dict[str, Any]:
    """Read a data directory whole; return what was seen, as `exchange.journal.Audit` names it."""

def repair_directory(path: Path, /) -> dict[str, Any]:
    """Cut a damaged journal at the first damage; return `exchange.journal.Repair` by names."""

@final
class JournalReader:
    """The commands of a journal, frame by frame."""

    def __init__(self, path: Path, from_sequence: int, /) -> None:
        """Begin with the frame that holds this sequence."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[int, int, int, int, int, bytes]:
        """Return first sequence, time, epoch, digest, count and the command records."""

@final
class EventReader:
    """The events of a data directory, in pieces of whole commands, also while they are written."""

    def __new__(cls, path: Path, from_sequence: int, /) -> EventReader: ...
    @staticmethod
    def oldest(path: Path, /) -> int | None: ...
    def take(self) -> tuple[int, int, int, Records] | None:
        """Return first and last sequence, time behind it and records; None at the end."""

@final
class HistoryFold:
    """Folds a data directory's past into rows, from outside of the process that trades."""

    def __new__(cls, path: Path, sequence: int, time_ns: int, digest: int, /) -> HistoryFold: ...
    @staticmethod
    def begin(path: Path, /) -> HistoryFold | None: ...
    @staticmethod
    def client_key(
        generation: int, account: int, instrument: int, client_order_id: str, /
    ) -> int: ...
    @staticmethod
    def generation(order_id: int, /) -> int: ...
    def follow(self) -> bool: ...
    def advance(self, commands_max: int, /) -> bool: ...
    def take(self) -> tuple[_Rows, _Rows, _Rows, _Rows, _Rows, _Rows, _Rows, _Rows, _Rows]: ...
    def load_orders(self, rows: list[tuple[_Row, _Row, _Row]], /) -> None: ...
    def load_lists(self, rows: _Rows, /) -> None: ...
    def load_accounts(self, rows: _Rows, /) -> None: ...
    def load_steps(self, rows: list[tuple[_Row, int]], /) -> None: ...
    def load_trades(self, rows: _Rows, /) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def digest(self) -> int: ...
    @property
    def open_orders(self) -> int: ...

@final
class ProjectionRegister:
    """One projection in the register of a data directory."""

    def __new__(cls, path: Path, name: str, /) -> ProjectionRegister: ...
    def register(self, applied_sequence: int, /) -> None: ...
    def advance(self, applied_sequence: int, /) -> None: ...
    def unregister(self) -> None: ...
    def list(self) -> list[tuple[str, int]]: ...
