"""What all projections have in common."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar


class Projection(ABC):
    """A fold over commands and events, and the store that it is kept in.

    It folds ahead in memory and commits in batches; what it has committed says itself how far it
    is, in the same transaction, so a process that is killed anywhere goes on without a gap and
    without doing anything twice. Its store can always be deleted: it is made again.

    Attributes:
        name: Its name: of the folder of its store, and where it is registered, so that nothing that
            it still needs is removed.
    """

    name: ClassVar[str]

    @classmethod
    def folder(cls, data_directory: Path) -> Path:
        """Return the folder of its store."""
        return data_directory / cls.name

    @property
    @abstractmethod
    def folded_sequence(self) -> int:
        """The last command that was folded."""

    @property
    @abstractmethod
    def folded_time_ns(self) -> int:
        """Engine time behind it."""

    @property
    @abstractmethod
    def applied_sequence(self) -> int:
        """The last command that was committed."""

    @property
    @abstractmethod
    def first_sequence(self) -> int:
        """The first command in the store: 1, or where what is kept begins."""

    @abstractmethod
    def advance(self, commands_max: int) -> bool:
        """Fold about so many of the commands that are there; tell whether there were any."""

    @abstractmethod
    def commit(self) -> None:
        """Store what was folded, and how far it is."""

    @abstractmethod
    def settle(self) -> bool:
        """Let what was committed outlast a power failure; tell whether it does."""

    @abstractmethod
    def unsettled_bytes(self) -> int:
        """Return about how much was committed and would not outlast a power failure."""

    @abstractmethod
    def close(self) -> None:
        """Give the store back."""
