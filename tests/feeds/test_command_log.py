"""The reader of command logs: whole commands in bounded pieces, and every kind of damage named.

Goal: what the writer wrote comes out byte for byte, divided between commands only, and a file that
is no log, or ends within a command, is refused with its offset. Method: logs made of every kind of
command, read with small pieces, cut at each byte, and damaged one field at a time.
"""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import _native
from outcry.feeds import CommandLog, MalformedRecording, command_log

HEADER = struct.pack("<8sII16x", b"OUTCRYCL", 1, 7)
SIZES = {**dict.fromkeys(range(0x41, 0x50), 64), **dict.fromkeys(range(0x81, 0x85), 128)}


def record(kind: int, size: int, time_ns: int = 0, **bytes_at: int) -> bytes:
    content = bytearray(size)
    content[0], content[1] = kind, 1
    content[8:16] = struct.pack("<Q", time_ns)
    for place, value in bytes_at.items():
        content[int(place[1:])] = value
    return bytes(content)


def command(kind: int, time_ns: int = 0, legs: int = 2) -> bytes:
    if kind in SIZES:
        return record(kind, SIZES[kind], time_ns)
    if kind == 0x85:
        return record(kind, 128, time_ns, _37=legs) + record(0x86, 128) * legs
    return record(kind, 128, time_ns) + record(0x50, 64)


KINDS = [*SIZES, 0x85, 0x87, 0x88]


def written(folder: Path, records: bytes, header: bytes = HEADER) -> Path:
    path = folder / "market.commands"
    path.write_bytes(header + records)
    return path


def read(path: Path) -> list[command_log.Commands]:
    with CommandLog(path) as log:
        assert log.shard == 7
        return list(log.pieces())


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_log, "PIECE_BYTES", 200)


@pytest.mark.usefixtures("small_pieces")
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(2, 3)), max_size=30))
def test_commands_come_out_as_written(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[tuple[int, int]]
) -> None:
    commands = [command(kind, place, legs) for place, (kind, legs) in enumerate(kinds)]
    pieces = read(written(tmp_path_factory.mktemp("log"), b"".join(commands)))
    found = []
    for piece in pieces:
        ends = [*piece.starts[1:].tolist(), len(piece.records)]
        starts = piece.starts.tolist()
        found += [piece.records[start:end] for start, end in zip(starts, ends, strict=True)]
    assert found == commands
    assert [time for piece in pieces for time in piece.times_ns.tolist()] == [*range(len(kinds))]
    assert [kind for piece in pieces for kind in piece.kinds.tolist()] == [k for k, _ in kinds]


def test_log_without_commands_is_empty(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"")) == []


@pytest.mark.usefixtures("small_pieces")
def test_pieces_are_bounded(tmp_path: Path) -> None:
    pieces = read(written(tmp_path, command(0x41) * 1_000))
    assert max(len(piece.records) for piece in pieces) <= 200 + 64
    assert sum(len(piece) for piece in pieces) == 1_000
    assert np.array_equal(pieces[0].starts, [0, 64, 128])


def test_cut_anywhere_is_named(tmp_path: Path) -> None:
    records = command(0x87) + command(0x41) + command(0x85, legs=3) + command(0x81)
    ends = {0, 192, 256, 768, 896}
    for length in range(len(records)):
        path = written(tmp_path, records[:length])
        if length in ends:
            read(path)
            continue
        with pytest.raises(MalformedRecording) as caught:
            read(path)
        start = max(end for end in ends if end < length)
        assert caught.value.place == f"byte {32 + start}"
        assert caught.value.field == "length"
        assert caught.value.problem == f"the file ends {length - start} bytes into the command"


@pytest.mark.parametrize(
    ("content", "offset", "field", "problem"),
    [
        (b"", 0, "header", "the file has 0 bytes, a command log at least 32"),
        (HEADER[:31], 0, "header", "the file has 31 bytes, a command log at least 32"),
        (b"PK" + HEADER[2:], 0, "magic", "the file does not begin with OUTCRYCL"),
        (HEADER[:8] + b"\x02" + HEADER[9:], 8, "format", "2 is not 1"),
        (HEADER[:20] + b"\x01" + HEADER[21:], 16, "reserved", "bytes 16 to 31 are not zero"),
        (HEADER + record(0xC1, 64), 32, "kind", "0xc1 is no command"),
        (HEADER + command(0x41) + record(0x24, 32), 96, "kind", "0x24 is no command"),
        (HEADER + command(0x41) + bytes(64), 96, "kind", "0x00 is no command"),
        (HEADER + command(0x41) + b"\x00", 96, "kind", "0x00 is no command"),
        (HEADER + record(0x50, 64), 32, "kind", "0x50 is no command"),
        (HEADER + record(0x86, 128), 32, "kind", "0x86 is no command"),
        (HEADER + record(0x87, 128) + command(0x41), 32, "kind", "0x41 follows, where 0x50 must"),
        (
            HEADER + record(0x85, 128, _37=2) + record(0x86, 128) + command(0x81),
            32,
            "kind",
            "0x81 follows, where 0x86 must",
        ),
    ],
)
def test_damage_is_named(
    tmp_path: Path, content: bytes, offset: int, field: str, problem: str
) -> None:
    path = written(tmp_path, content, header=b"")
    with pytest.raises(MalformedRecording) as caught:
        read(path)
    assert str(caught.value) == f"{path}: byte {offset}: {field}: {problem}"


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("time_ns", [(1 << 62) + 1, 1 << 63, (1 << 64) - 1])
def test_time_beyond_the_bound_is_named_behind_what_came_before(
    tmp_path: Path, time_ns: int
) -> None:
    before = command(0x41, 1 << 62) * 5 + command(0x81, 3)
    path = written(tmp_path, before + command(0x41, time_ns) + bytes(64))
    found: list[bytes] = []
    with CommandLog(path) as log, pytest.raises(MalformedRecording) as caught:
        found.extend(piece.records for piece in log.pieces())
    place = f"byte {32 + len(before)}: time_ns: "
    assert str(caught.value) == f"{path}: {place}{time_ns} is above {1 << 62}"


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(HEADER.__add__)))
def test_any_bytes_are_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), content, header=b"")
    with suppress(MalformedRecording), CommandLog(path) as log:
        length = sum(len(piece.records) for piece in log.pieces())
        assert length == len(content) - len(HEADER)


def test_kinds_are_those_of_the_core() -> None:
    commands = set(_native.vocabulary()["CommandKind"].values())
    followers = {command_log._INSTRUMENT_LIMITS, command_log._LIST_LEG}
    assert commands == command_log._COMMANDS | followers
