"""The part of `outcry._native` that opens an exchange: the ways in, and its events."""

from asyncio import Future
from collections.abc import Callable
from os import PathLike
from typing import Any, SupportsIndex, TypeAlias, TypeVar, final

import numpy.typing as npt
from _typeshed import ReadableBuffer

from outcry._native import Market, Records

# NumPy's stubs tell that an array is a buffer from Python 3.12 on only.
_Bytes: TypeAlias = ReadableBuffer | npt.NDArray[Any]
_T = TypeVar("_T")

@final
class Exchange:
    """An open exchange."""

    @staticmethod
    def open(path: str | PathLike[str], settings: object, /) -> tuple[Exchange, dict[str, Any]]:
        """Open a directory with settings that have the attributes of `outcry.Settings`.

        Returns:
            The exchange, and what was found: `sequence`, `snapshot_sequence`,
            `replayed_commands`, `cut_bytes`, `is_new`, `duration_ns` and `notes`.

        Raises:
            OpenFailed: It cannot be opened; of its subclasses the one that fits.
        """

    def caller(self, in_flight_max: int, reply_bytes_max: int, /) -> Caller:
        """Return a way in for calls that wait."""

    def tasks(
        self,
        in_flight_max: int,
        reply_bytes_max: int,
        create_future: Callable[[], Any],
        call_soon: Callable[[Callable[[], None]], object],
        /,
    ) -> Tasks:
        """Return a way in for an event loop.

        Args:
            in_flight_max: Most commands on their way.
            reply_bytes_max: Bytes of replies that wait.
            create_future: Makes the loop's futures.
            call_soon: Has a callable called in the loop's next turn.
        """

    def feed(self, from_sequence: int, bytes_max: int, /) -> Feed:
        """Return all events from a sequence on, or with 0 from now on.

        Raises:
            EventsGone: They are no longer kept.
        """

    def depth(
        self, instrument: SupportsIndex, levels: SupportsIndex, /
    ) -> tuple[int, int, int | None, Records, Records] | None:
        """Return the best levels of a book that anything ever stood in.

        Returns:
            The last sequence in it, the number of its last update, the ticks of the last trade,
            bids and asks as `LevelRow`.
        """

    def depth_text(self, market: Market, levels: SupportsIndex, /) -> bytes:
        """Return the best levels of a book as the spot API's JSON."""

    def time_ns(self) -> int:
        """Return engine time in nanoseconds since 1970 UTC."""

    def delivered_sequence(self) -> int:
        """Return the last command that was answered."""

    def fsync_counts(self, bounds_ns: list[int], /) -> tuple[list[int], int, int]:
        """Tell of the journal's syncs since it was opened.

        Returns:
            How many took at most as long as each bound in nanoseconds, how many there were, and the
            sum of their durations in nanoseconds.
        """

    def status(self) -> dict[str, Any]:
        """Return how the exchange is doing."""

    def halt(self) -> tuple[str, str] | None:
        """Return why the exchange stopped: the reason and its detail."""

    def snapshot(self) -> int:
        """Have a snapshot taken, wait for it and return the last sequence that it holds."""

    def close(self) -> int | None:
        """Finish, sync, take a snapshot and close; return the last sequence.

        None where it was closed before.
        """

@final
class Caller:
    """Calls an exchange and waits; the interpreter is free meanwhile. Any thread may call."""

    def call(self, record: _Bytes, /) -> Records:
        """Send one command and return the records of its events.

        Raises:
            ExchangeHalted: The exchange stopped; whether the command was done is unknown.
            Overloaded: A bound was met.
        """

    def apply(self, records: _Bytes, /) -> Records:
        """Send any number of commands and return the records of all their events.

        Raises:
            MalformedRecord: The bytes cannot be read on at `offset`; what stood before was done.
            ExchangeHalted: The exchange stopped; how much was done is unknown.
        """

    def read(self, what: str, /, *arguments: object) -> tuple[int, Any]:
        """Read live state: the last sequence that was seen, and what was read.

        `orders` (account, instrument, most), `order` (id), `client_order` (account, name): rows of
        `OpenOrderRow`. `balances` (account): of `BalanceRow`. `withdrawals`: of `WithdrawalRow`.
        `assets`: of `AssetRecord`. `accounts`, `account` (number): of `AccountRecord`.
        `queue_position` (id): orders and lots ahead, or None. `state_hash`: 32 bytes.
        `new_order` (record): the reason and the bound for which it would be refused, or None.
        `instruments`: for each its record, its limits' record, its state, its last trade's ticks.
        """

@final
class Tasks:
    """Calls an exchange for an event loop: answers are its futures."""

    def fileno(self) -> int:
        """Return the descriptor that is readable when there are answers."""

    @property
    def in_flight(self) -> int:
        """How many answers are waited for."""

    def wake(self) -> None:
        """Have the core look at what was sent; the loop's next turn does it by itself."""

    def drain(self) -> None:
        """Give every future its answer that is there."""

    def send(self, records: _Bytes, decode: Callable[[Records], _T], /) -> Future[_T]:
        """Send at most 1,024 commands; return the future of what `decode` makes of their events."""

    def ask(self, decode: Callable[..., _T], what: str, /, *arguments: object) -> Future[_T]:
        """Read as `Caller.read`; return the future of what `decode` makes of it."""

@final
class Feed:
    """All events from a sequence on."""

    def fileno(self) -> int:
        """Return the descriptor that is readable when live events came."""

    def take(self, timeout_ms: int, /) -> tuple[int, int, int, Records] | None:
        """Return the next events, waited for at most so long.

        Returns:
            The first and the last sequence, engine time behind it, and the records.

        Raises:
            EventsGap: This reader was too slow.
            ExchangeHalted: The exchange stopped, and everything before was taken.
        """
