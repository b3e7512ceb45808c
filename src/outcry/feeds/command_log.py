"""Reader of the project's own command logs: a head of 32 bytes, then command records.

The encoding is that of `crates/protocol`: the first byte of a record is its kind, whose upper two
bits give its size; an instrument and an order list are a record followed by others. docs/formats.md
describes it byte by byte.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from outcry.feeds.recording import MalformedRecording, Progress

MAGIC = b"OUTCRYCL"
FORMAT = 1
PIECE_BYTES = 1 << 20
# The year 2116: a time to which any interval can be added in 64 bits.
TIME_NS_MAX = 1 << 62
_HEADER = struct.Struct("<8sII16s")

# Records as docs/formats.md lists them; the numbers are the kinds' bytes.
_PLAIN_COMMANDS = frozenset(range(0x41, 0x50))
_EXTENDED_COMMANDS = frozenset(range(0x81, 0x85))
_NEW_LIST, _LIST_LEG = 0x85, 0x86
_INSTRUMENT_COMMANDS = frozenset({0x87, 0x88})
_INSTRUMENT_LIMITS = 0x50
_LEGS_OFFSET, _LEGS_MAX = 37, 3
_COMMANDS = _PLAIN_COMMANDS | _EXTENDED_COMMANDS | {_NEW_LIST} | _INSTRUMENT_COMMANDS
_PLAIN_BYTES, _EXTENDED_BYTES = 64, 128
_IS_PLAIN = np.isin(np.arange(256), list(_PLAIN_COMMANDS))


@dataclass(frozen=True, slots=True)
class Commands:
    """Some whole commands of a log, in their order.

    Attributes:
        records: The bytes of the commands.
        starts: Where in `records` each command begins.
    """

    records: bytes
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """The kind byte of each command."""
        kinds: npt.NDArray[np.uint8] = np.frombuffer(self.records, np.uint8)[self.starts]
        return kinds

    @property
    def times_ns(self) -> npt.NDArray[np.int64]:
        """The time that each command states, in nanoseconds since 1970 UTC."""
        # Every command keeps its time in the second of its 64-bit words.
        words = np.frombuffer(self.records, "<i8")
        return words[self.starts // 8 + 1]


class CommandLog:
    """A command log, open for one reading in pieces of bounded size; a context manager.

    Attributes:
        shard: The shard whose commands these are.
    """

    def __init__(self, path: Path) -> None:
        """Open the log and read its head.

        Raises:
            MalformedRecording: When the file does not begin as a command log.
            OSError: When the file cannot be read.
        """
        self._path = path
        self._file: BinaryIO = path.open("rb")
        try:
            self.shard = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _read_header(self) -> int:
        head = self._file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            problem = f"the file has {len(head)} bytes, a command log at least {_HEADER.size}"
            raise self._malformed(0, "header", problem)
        magic, layout, shard, reserved = _HEADER.unpack(head)
        if magic != MAGIC:
            raise self._malformed(0, "magic", f"the file does not begin with {MAGIC.decode()}")
        if layout != FORMAT:
            raise self._malformed(8, "format", f"{layout} is not {FORMAT}")
        if any(reserved):
            raise self._malformed(16, "reserved", "bytes 16 to 31 are not zero")
        return int(shard)

    def _malformed(self, offset: int, field: str, problem: str) -> MalformedRecording:
        return MalformedRecording(self._path, f"byte {offset}", field, problem)

    def pieces(self, progress: Progress | None = None) -> Iterator[Commands]:
        """Yield the commands, `PIECE_BYTES` at a time; a command is never divided.

        Raises:
            MalformedRecording: At a record that is no command, whose time is above `TIME_NS_MAX`,
                or that the file cuts off. The commands before it have been yielded.
        """
        rest, offset = b"", _HEADER.size
        while True:
            read = self._file.read(PIECE_BYTES)
            if progress is not None:
                progress(self._file.tell())
            records = rest + read
            if not records:
                return
            starts, used, problem = _commands_in(records)
            late = _first_late(records, starts)
            if late is not None:
                place, problem = late
                starts, used = starts[:place], int(starts[place])
            if used:
                yield Commands(records[:used], starts)
            if problem is not None:
                raise self._malformed(offset + used, problem.field, problem.text)
            if not read and used < len(records):
                text = f"the file ends {len(records) - used} bytes into the command"
                raise self._malformed(offset + used, "length", text)
            rest, offset = records[used:], offset + used


@dataclass(frozen=True, slots=True)
class _Problem:
    field: str
    text: str


def _commands_in(records: bytes) -> tuple[npt.NDArray[np.int64], int, _Problem | None]:
    """Find the commands at the start of `records`.

    Returns:
        Where each whole command begins, how many bytes they take, and why the record behind them
        is no command; None when it only is not all there.
    """
    whole = len(records) // _PLAIN_BYTES * _PLAIN_BYTES
    heads = np.frombuffer(records, np.uint8, whole).reshape(-1, _PLAIN_BYTES)
    # Most logs are plain commands throughout: then one look at every 64th byte tells it all.
    is_plain = bool(np.all(_IS_PLAIN[heads[:, 0]]))
    start = whole if is_plain else 0
    starts, problem = list(range(0, start, _PLAIN_BYTES)), None
    while start < len(records):
        size = _command_size(records, start)
        if isinstance(size, _Problem):
            problem = size
            break
        if start + size > len(records):
            break
        starts.append(start)
        start += size
    return np.array(starts, np.int64), start, problem


def _first_late(records: bytes, starts: npt.NDArray[np.int64]) -> tuple[int, _Problem] | None:
    """Return the place of the first command whose time is above the bound, and what is wrong."""
    words = np.frombuffer(records, "<u8", len(records) // 8)
    times_ns = words[starts // 8 + 1]
    late = times_ns > TIME_NS_MAX
    if not late.any():
        return None
    place = int(np.argmax(late))
    return place, _Problem("time_ns", f"{times_ns[place]} is above {TIME_NS_MAX}")


def _command_size(records: bytes, start: int) -> int | _Problem:
    """Return the bytes of the command at `start`, which may be more than are there."""
    kind = records[start]
    if kind not in _COMMANDS:
        return _Problem("kind", f"{kind:#04x} is no command")
    if kind in _INSTRUMENT_COMMANDS:
        return _with_followers(records, start, [_PLAIN_BYTES], _INSTRUMENT_LIMITS)
    if kind == _NEW_LIST and start + _LEGS_OFFSET < len(records):
        legs = min(records[start + _LEGS_OFFSET], _LEGS_MAX)
        return _with_followers(records, start, [_EXTENDED_BYTES] * legs, _LIST_LEG)
    return _PLAIN_BYTES if kind in _PLAIN_COMMANDS else _EXTENDED_BYTES


def _with_followers(records: bytes, start: int, sizes: list[int], kind: int) -> int | _Problem:
    """Return the bytes of a 128-byte record and of those that must follow it."""
    end = start + _EXTENDED_BYTES
    for size in sizes:
        if end < len(records) and records[end] != kind:
            return _Problem("kind", f"{records[end]:#04x} follows, where {kind:#04x} must")
        end += size
    return end - start
