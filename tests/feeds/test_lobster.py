"""The readers of LOBSTER files: what good rows mean, and how each kind of bad row is named.

Goal: a figure is read exactly or refused with file, line, field and bound. Method: a table of bad
files, the exact nanoseconds of decimal seconds, and the counts of a recorded hour.
"""

import gzip
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.feeds import MalformedRecording, MessageType, read_books, read_messages

GOOD = b"34200.004241176,1,16113575,18,5853300,1\n"
LEVELS = b"5859400,200,5853300,18"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "message.csv"
    path.write_bytes(content)
    return path


def test_message_is_read_by_integers(tmp_path: Path) -> None:
    (message,) = read_messages(written(tmp_path, GOOD))
    assert message == (1, 34_200_004_241_176, MessageType.NEW, 16_113_575, 18, 5_853_300, 1)


@pytest.mark.parametrize(
    ("seconds", "time_ns"),
    [
        (b"0", 0),
        (b"34200", 34_200_000_000_000),
        (b"34200.1", 34_200_100_000_000),
        (b"34200.000000001", 34_200_000_000_001),
        (b"34200.0000000014999", 34_200_000_000_001),
        (b"34200.0000000015", 34_200_000_000_002),
        # A float would have lost the last digits of this one.
        (b"86399.999999999", 86_399_999_999_999),
        (b"34200.9999999996", 34_201_000_000_000),
    ],
)
def test_seconds_become_nanoseconds_exactly(tmp_path: Path, seconds: bytes, time_ns: int) -> None:
    (message,) = read_messages(written(tmp_path, seconds + b",1,7,18,5853300,1"))
    assert message.time_ns == time_ns


@pytest.mark.parametrize(
    ("content", "line", "field", "problem"),
    [
        (b"", 1, "length", "the file is empty"),
        (b"34200.1,1,7,18", 1, "columns", "4 is not 6"),
        (GOOD + b"34200.1,1,7,18,5853300,1,0", 2, "columns", "7 is not 6"),
        (GOOD + b"\n", 2, "columns", "1 is not 6"),
        (b"x,1,7,18,5853300,1", 1, "seconds", "'x' is no decimal number"),
        (b"1e4,1,7,18,5853300,1", 1, "seconds", "'1e4' is no decimal number"),
        (b"34200.,1,7,18,5853300,1", 1, "seconds", "'34200.' is no decimal number"),
        (b"-1.0,1,7,18,5853300,1", 1, "seconds", "'-1.0' is no decimal number"),
        (b"86400,1,7,18,5853300,1", 1, "seconds", "'86400' is not below 86400"),
        (GOOD + b"34200,1,7,18,5853300,1", 2, "seconds", "'34200' is before the line before"),
        (b"34200.1,0,7,18,5853300,1", 1, "type", "'0' is not within 1 to 7"),
        (b"34200.1,8,7,18,5853300,1", 1, "type", "'8' is not within 1 to 7"),
        (b"34200.1,new,7,18,5853300,1", 1, "type", "'new' is not within 1 to 7"),
        (b"34200.1,1,0,18,5853300,1", 1, "order_id", "'0' is not within 1 to"),
        (b"34200.1,1,7a,18,5853300,1", 1, "order_id", "'7a' is no whole number"),
        (b"34200.1,1,1_0,18,5853300,1", 1, "order_id", "'1_0' is no whole number"),
        (b"34200.1,1,7,-18,5853300,1", 1, "size", "'-18' is not within 1 to"),
        (b"34200.1,1,7,0,5853300,1", 1, "size", "'0' is not within 1 to"),
        (b"34200.1,1,7,1.5,5853300,1", 1, "size", "'1.5' is no whole number"),
        (b"34200.1,1,7,9223372036854775808,5853300,1", 1, "size", "is not within 1 to"),
        (b"34200.1,1,7," + b"9" * 5_000 + b",5853300,1", 1, "size", "'... is not within 1 to"),
        (b"34200.1,1,7,18,,1", 1, "price", "'' is no whole number"),
        (b"34200.1,1,7,18,0,1", 1, "price", "'0' is not within 1 to"),
        (b"34200.1,7,0,0,2,-1", 1, "price", "'2' is not within -1 to 1"),
        (b"34200.1,1,7,18,5853300,2", 1, "side", "'2' is neither 1 nor -1"),
        (b"34200.1,1,7,18,5853300,-", 1, "side", "'-' is neither 1 nor -1"),
        (b"34200.1,1,7,18,5853300,\xff", 1, "side", r"'\xff' is neither 1 nor -1"),
        (b"1" * 70_000, 1, "length", "the line is longer than 65536 bytes"),
    ],
)
def test_bad_message_is_named(
    tmp_path: Path, content: bytes, line: int, field: str, problem: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(MalformedRecording) as caught:
        list(read_messages(path))
    assert caught.value.path == path
    assert (caught.value.place, caught.value.field) == (f"line {line}", field)
    assert problem in caught.value.problem
    assert str(caught.value).startswith(f"{path}: line {line}: {field}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\x1f\x8bnot gzip at all", "unknown compression method"),
        (gzip.compress(GOOD * 500, mtime=0)[:-8], "the file ends before"),
    ],
)
def test_broken_compression_is_named_by_its_byte(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(MalformedRecording, match=problem) as caught:
        list(read_messages(path))
    assert (caught.value.place, caught.value.field) == (f"byte {len(content)}", "gzip")


def test_messages_are_read_whatever_compresses_them(tmp_path: Path) -> None:
    path = tmp_path / "messages.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("messages.csv", GOOD * 3)
    assert len(list(read_messages(path))) == 3


def test_rows_before_the_bad_one_are_yielded(tmp_path: Path) -> None:
    messages = read_messages(written(tmp_path, GOOD + b"broken"))
    assert next(messages).order_id == 16_113_575
    with pytest.raises(MalformedRecording):
        next(messages)


def test_hidden_executions_and_crosses_name_no_order(tmp_path: Path) -> None:
    rows = b"34200.1,5,0,18,5853350,1\n34200.1,6,0,500,5853300,-1\n34200.1,7,0,0,-1,-1\n"
    hidden, cross, halt = read_messages(written(tmp_path, rows))
    assert (hidden.order_id, hidden.size, hidden.price) == (0, 18, 5_853_350)
    assert (cross.type, cross.side) == (MessageType.CROSS, -1)
    assert (halt.type, halt.price) == (MessageType.HALT, -1)


def test_book_row_leaves_out_absent_levels(tmp_path: Path) -> None:
    row = LEVELS + b",9999999999,0,5853000,150,9999999999,0,-9999999999,0\r\n"
    (book,) = read_books(written(tmp_path, row))
    assert book.asks == ((5_859_400, 200),)
    assert book.bids == ((5_853_300, 18), (5_853_000, 150))


@pytest.mark.parametrize(
    ("content", "line", "field", "problem"),
    [
        (b"", 1, "length", "the file is empty"),
        (b"1,2,3", 1, "columns", "3 is not a multiple of 4"),
        (LEVELS + b"\n" + LEVELS + b",1", 2, "columns", "5 is not 4 as in line 1"),
        (b"5859400,200,5853300,-18", 1, "bid 1 size", "'-18' is not within 0 to"),
        (b"0,200,5853300,18", 1, "ask 1 price", "'0' is not within 1 to"),
        (LEVELS + b",5859300,1,5853000,1", 1, "ask 2 price", "5859300 is not behind 5859400"),
        (LEVELS + b",5859500,1,5853300,1", 1, "bid 2 price", "5853300 is not behind 5853300"),
        (b"5853300,200,5853300,18", 1, "bid 1 price", "5853300 is not below the ask 5853300"),
    ],
)
def test_bad_book_row_is_named(
    tmp_path: Path, content: bytes, line: int, field: str, problem: str
) -> None:
    with pytest.raises(MalformedRecording) as caught:
        list(read_books(written(tmp_path, content)))
    assert (caught.value.place, caught.value.field) == (f"line {line}", field)
    assert problem in caught.value.problem


FIELDS = st.sampled_from([b"34200", b"1", b"7", b"18", b"-1", b"0", b"", b"x", b"1.5", b"9" * 20])
ROWS = st.lists(FIELDS, min_size=4, max_size=8).map(b",".join)


@given(st.one_of(st.binary(), st.lists(ROWS).map(b"\n".join), st.binary().map(gzip.compress)))
def test_any_bytes_are_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), content)
    for read in (read_messages, read_books):
        with suppress(MalformedRecording):
            assert sum(1 for _ in read(path)) > 0


def test_progress_tells_bytes_on_the_disk(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(GOOD * 10_000))
    told: list[int] = []
    assert sum(1 for _ in read_messages(path, told.append)) == 10_000
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size


def test_recorded_hour_is_read_whole(recordings: Path) -> None:
    folder = recordings / "lobster_aapl_2012-06-21"
    kinds = Counter(row.type for row in read_messages(folder / "message_50.csv.gz"))
    assert [kinds[kind] for kind in MessageType] == [44_256, 469, 41_004, 4_067, 2_201, 0, 0]
    books = list(read_books(folder / "orderbook_50_first_672_rows.csv.gz"))
    assert (len(books), len(books[0].bids), len(books[0].asks)) == (672, 50, 40)
