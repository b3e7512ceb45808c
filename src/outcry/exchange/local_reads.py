"""What an open exchange tells at once, from memory: the books of what is durable, and itself."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from outcry import _native
from outcry.exchange.catalogue import Catalogue
from outcry.exchange.depth import Depth, Level, frame_of_levels, levels_most, read_levels
from outcry.exchange.instrument import Instrument
from outcry.exchange.questions import Questions
from outcry.exchange.registry import Registry
from outcry.exchange.requests import Requests
from outcry.exchange.values import U64_MAX, to_whole
from outcry.protocol import LEVEL, rows_of

if TYPE_CHECKING:
    import polars as pl

    from outcry.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What was found when an exchange was opened.

    Attributes:
        sequence: The last command.
        snapshot_sequence: The last command of the snapshot that was taken up, None without one.
        replayed_commands: How many were replayed behind it.
        cut_bytes: Bytes of the journal that nobody was told of and that were cut off.
        is_new: Whether the directory was new.
        duration_ns: How long it took, in nanoseconds.
        notes: What a person should be told, a line each.
    """

    sequence: int
    snapshot_sequence: int | None
    replayed_commands: int
    cut_bytes: int
    is_new: bool
    duration_ns: int
    notes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How an exchange is doing.

    Attributes:
        sequence: The last command that the engine applied.
        time_ns: Engine time, in nanoseconds since 1970 UTC.
        durable_sequence: The last command that the disk has confirmed.
        delivered_sequence: The last command that was answered.
        follower_sequence: The last command that the follower applied.
        follower_lag_commands: How many durable commands it has yet to apply.
        follower_lag_bytes: How many bytes of commands it is behind the engine, not counting those
            from before the opening.
        follower_lag_bytes_max: The bound of that, above which commands are refused.
        command_ring_bytes: Bytes in the command ring.
        command_ring_bytes_max: Bytes that it holds.
        in_flight_bytes: Bytes between the engine and the disk's confirmation.
        in_flight_bytes_max: The bound of that.
        clients: Clients now.
        fsyncs: Syncs of the journal since it was opened.
        fsync_p50_ns: Half of them took at most so long.
        fsync_p99_ns: 99 of 100 took at most so long.
        fsync_max_ns: The longest.
        journal_bytes: Bytes written to the journal since it was opened.
        commands_per_second: Over about the last second.
        open_orders: How many orders are open.
        disk_free_bytes: Bytes that are free on the disk, None where it does not tell.
        disk_needed_bytes: With fewer bytes free commands are refused: `disk_reserve_bytes`, and
            what the next segment, the next snapshot and the follower will take; 0 for never.
        is_disk_short: Whether commands are refused for want of room.
        durability: When replies leave, as `sync`.
        housekeeping_error: What keeps old files from being archived or removed, None for nothing.
        snapshot_sequence: The last command that the newest snapshot holds, 0 for none.
        snapshot_age_ms: How old it is, since the exchange was opened.
        snapshot_duration_ms: How long it took.
        snapshot_interval_ms: The interval that is kept now.
        snapshot_is_stretched: Whether that is longer than asked for.
        snapshot_bytes: The bytes of its state.
        snapshots_taken: How many were taken since the exchange was opened.
    """

    sequence: int
    time_ns: int
    durable_sequence: int
    delivered_sequence: int
    follower_sequence: int
    follower_lag_commands: int
    follower_lag_bytes: int
    follower_lag_bytes_max: int
    command_ring_bytes: int
    command_ring_bytes_max: int
    in_flight_bytes: int
    in_flight_bytes_max: int
    clients: int
    fsyncs: int
    fsync_p50_ns: int
    fsync_p99_ns: int
    fsync_max_ns: int
    journal_bytes: int
    commands_per_second: int
    open_orders: int
    disk_free_bytes: int | None
    disk_needed_bytes: int
    is_disk_short: bool
    durability: str
    housekeeping_error: str | None
    snapshot_sequence: int
    snapshot_age_ms: int
    snapshot_duration_ms: int
    snapshot_interval_ms: int
    snapshot_is_stretched: bool
    snapshot_bytes: int
    snapshots_taken: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What both forms of an open exchange stand on.

    Attributes:
        native: The core's handle.
        settings: How it runs.
        recovery: What was found when it was opened.
        catalogue: The records of instruments and assets.
        registry: Instruments and assets by name.
        requests: Makes commands.
        questions: Makes reads.
    """

    native: _native.Exchange
    settings: "Settings"
    recovery: Recovery
    catalogue: Catalogue
    registry: Registry
    requests: Requests
    questions: Questions

    @classmethod
    def of(cls, native: _native.Exchange, settings: "Settings", recovery: Recovery) -> Self:
        """Return the parts of an exchange that was just opened."""
        catalogue = Catalogue()
        registry = Registry(catalogue, has_money=settings.money)
        questions = Questions(registry, catalogue)
        return cls(native, settings, recovery, catalogue, registry, Requests(registry), questions)


class LocalReads:
    """The half of an open exchange that never waits, in both of its forms."""

    __slots__ = ()

    _parts: Parts

    @property
    def parts(self) -> Parts:
        """What it stands on."""
        return self._parts

    @property
    def recovery(self) -> Recovery:
        """What was found when the exchange was opened."""
        return self._parts.recovery

    @property
    def settings(self) -> "Settings":
        """How the exchange runs."""
        return self._parts.settings

    @property
    def halt(self) -> tuple[str, str] | None:
        """Why the exchange stopped: a reason, as `closed` or `disk_full`, and its detail.

        Behind a fault of the disk what is durable can still be read.
        """
        return self._parts.native.halt()

    @property
    def time_ns(self) -> int:
        """Engine time, in nanoseconds since 1970 UTC.

        Raises:
            ExchangeHalted: The exchange was closed.
        """
        return self._parts.native.time_ns()

    def _feed(self, from_sequence: int) -> _native.Feed:
        first = to_whole("from_sequence", from_sequence, U64_MAX)
        return self._parts.native.feed(first, self._parts.settings.feed_bytes_max)

    def status(self) -> Status:
        """Return how the exchange is doing.

        Raises:
            ExchangeHalted: It was closed.
        """
        return Status(**self._parts.native.status())

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument.

        Raises:
            InvalidValue: It is no text, or several instruments have that symbol.
            UnknownSymbol: There is none of that symbol.
        """
        return self._parts.registry.find(symbol, "symbol")

    def depth(self, instrument: Instrument | str, levels: int = 10) -> Depth:
        """Return at most so many levels of each side, best first, of what is durable.

        Whoever was answered sees here what the answer said.

        Raises:
            InvalidValue: `levels` is no int from 0 to 2^32 - 1.
            UnknownSymbol: There is no such instrument.
            ExchangeHalted: The exchange was closed.
        """
        found = self._parts.registry.find(instrument)
        told = self._parts.native.depth(found.number, levels)
        if told is None:
            return Depth(bids=(), asks=(), update_number=0)
        _, update_number, _, bids, asks = told
        return Depth(
            bids=read_levels(found, rows_of(bids, LEVEL)),
            asks=read_levels(found, rows_of(asks, LEVEL)),
            update_number=update_number,
        )

    def best(self, instrument: Instrument | str) -> tuple[Level | None, Level | None]:
        """Return the best level of the buyers and of the sellers, None for an empty side.

        Raises:
            UnknownSymbol: There is no such instrument.
            ExchangeHalted: The exchange was closed.
        """
        depth = self.depth(instrument, 1)
        bid, ask = (next(iter(side), None) for side in (depth.bids, depth.asks))
        return bid, ask

    def last_trade(self, instrument: Instrument | str) -> Decimal | None:
        """Return the price of the last trade, None before the first.

        Raises:
            UnknownSymbol: There is no such instrument.
            ExchangeHalted: The exchange was closed.
        """
        found = self._parts.registry.find(instrument)
        told = self._parts.native.depth(found.number, 0)
        ticks = None if told is None else told[2]
        return None if ticks is None else found.price(ticks)

    def book_frame(
        self, instrument: Instrument | str, levels: int | None = None, *, decimals: bool = True
    ) -> "pl.DataFrame":
        """Return the book as a frame: bids from the best down, then asks from the best up.

        Args:
            instrument: Whose book.
            levels: Most levels of each side; None for all.
            decimals: Columns `price` and `quantity` as exact Decimals; else `price_ticks` and
                `quantity_lots` as integers.

        Raises:
            InvalidValue: `levels` is no int from 0 to 2^32 - 1.
            UnknownSymbol: There is no such instrument.
            ExchangeHalted: The exchange was closed.
        """
        found = self._parts.registry.find(instrument)
        told = self._parts.native.depth(found.number, levels_most(levels))
        bids, asks = (b"", b"") if told is None else told[3:]
        sides = rows_of(bids, LEVEL), rows_of(asks, LEVEL)
        return frame_of_levels(found, *sides, decimals=decimals)
