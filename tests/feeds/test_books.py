"""Books from a venue's snapshots and changes: the numbering of each, gaps, and what is shown.

Goal: a book is shown only while every change is in it. Method: changes left out, repeated and held
back on small books, and any stream of changes against a dictionary.
"""

import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.feeds import (
    Best,
    BookChange,
    BookReader,
    BookSnapshot,
    BookState,
    MalformedRecording,
    TooManyBadLines,
    VenueBook,
    VenueLevel,
)
from outcry.feeds.books import CHECKSUMS, WAITING_MAX
from outcry.feeds.recording import FieldError

SNAPSHOT = BookSnapshot("A", [["100.0", "1"]], [["101.0", "2"]], 10)


def change(first: int | None, last: int | None, bid: str = "5") -> BookChange:
    return BookChange("A", [["100.0", bid]], [], first, last)


def bid(book: VenueBook) -> Decimal | None:
    levels = book.bids(1)
    return levels[0].quantity if levels else None


def test_changes_wait_for_the_snapshot_and_old_ones_are_dropped() -> None:
    book = VenueBook("A")
    assert not book.apply(change(7, 8, "9"))
    assert not book.apply(change(9, 12, "3"))
    assert (book.state, book.best()) == (BookState.EMPTY, Best(None, 0, None, 0))
    assert book.apply(SNAPSHOT)
    assert (bid(book), book.last_id) == (Decimal(3), 12)
    assert book.apply(change(11, 12, "9"))
    assert bid(book) == Decimal(3)
    assert book.apply(change(13, 13, "4"))
    assert (bid(book), book.updates, book.gaps) == (Decimal(4), 3, 0)


def test_a_missing_change_is_a_gap_until_the_next_snapshot() -> None:
    book = VenueBook("A")
    book.apply(SNAPSHOT)
    assert not book.apply(change(12, 13))
    assert (book.state, book.gaps, book.bids(1), book.best().bid) == (BookState.GAP, 1, [], None)
    assert not book.apply(change(14, 14, "7"))
    assert book.apply(BookSnapshot("A", [["100.0", "1"]], [["101.0", "2"]], 12))
    assert (book.state, bid(book), book.last_id) == (BookState.LIVE, Decimal(7), 14)


def test_a_snapshot_older_than_what_waits_is_a_gap() -> None:
    book = VenueBook("A")
    book.apply(change(20, 21))
    assert not book.apply(SNAPSHOT)
    assert book.state is BookState.GAP


def test_what_waits_is_bounded() -> None:
    book = VenueBook("A")
    for number in range(WAITING_MAX + 5):
        book.apply(change(number, number, str(number + 1)))
    assert len(book._waiting) == WAITING_MAX
    assert book.apply(BookSnapshot("A", [], [], WAITING_MAX + 3))
    assert bid(book) == Decimal(WAITING_MAX + 5)


def test_a_venue_that_counts_anew_is_followed() -> None:
    book = VenueBook("A")
    book.apply(SNAPSHOT)
    assert book.apply(change(11, 3, "6"))
    assert book.apply(change(4, 5, "7"))
    assert (bid(book), book.last_id, book.gaps) == (Decimal(7), 5, 0)


def test_a_wrong_checksum_is_a_gap() -> None:
    book = VenueBook("A", CHECKSUMS["okx"])
    snapshot = BookSnapshot("A", [["0.5", "10"]], [["0.55", "0.3"]], checksum=0)
    assert not book.apply(snapshot)
    assert (book.state, book.wrong_checksums, book.gaps) == (BookState.GAP, 1, 1)
    signed = (zlib.crc32(b"0.5:10:0.55:0.3") ^ 1 << 31) - (1 << 31)
    good = BookSnapshot("A", [["0.5", "10"]], [["0.55", "0.3"]], checksum=signed)
    book.apply(good)
    assert (book.state, book.checksums) == (BookState.LIVE, 1)


@pytest.mark.parametrize(
    ("level", "field", "reason"),
    [
        (["100.0", "-1"], "quantity", "negative"),
        (["100.0", "NaN"], "quantity", "nan"),
        (["ten", "1"], "price", "no_number"),
        (["100.0", "99999999999999999999"], "quantity", "too_large"),
    ],
)
def test_a_level_that_is_none_is_a_gap(level: list[str], field: str, reason: str) -> None:
    book = VenueBook("A")
    book.apply(SNAPSHOT)
    with pytest.raises(FieldError) as error:
        book.apply(BookChange("A", [level], [], 11, 11))
    assert (error.value.field, error.value.problem) == (field, reason)
    assert (book.state, book.gaps) == (BookState.GAP, 1)


def test_flow_is_that_of_the_best_levels() -> None:
    book = VenueBook("A")
    book.apply(SNAPSHOT)
    book.apply(BookChange("A", [["100.0", "4"]], [], 11, 11))
    assert book.flow == 3
    book.apply(BookChange("A", [], [["100.5", "1.5"]], 12, 12))
    # An ask came: 1.5 less, and the numbers have one decimal more now.
    assert (book.flow, book.quantity_scale) == (30 - 15, 1)


LEVELS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 5)).map(
        lambda each: [f"{each[0]}.5", str(each[1])]
    ),
    max_size=8,
)


@given(st.lists(st.tuples(LEVELS, LEVELS), max_size=20))
def test_a_book_is_what_was_said_last(steps: list[tuple[list[list[str]], list[list[str]]]]) -> None:
    book = VenueBook("A")
    book.apply(BookSnapshot("A", [], [], 0))
    sides: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for number, step in enumerate(steps, 1):
        book.apply(BookChange("A", *step, number, number))
        for levels, side in zip(step, sides, strict=True):
            side |= {price: quantity for price, quantity in levels}  # noqa: C416
    shown = book.bids(100), book.asks(100)
    for found, side, falls in zip(shown, sides, (True, False), strict=True):
        held = {Decimal(price): Decimal(quantity) for price, quantity in side.items()}
        prices = sorted((price for price, lots in held.items() if lots), reverse=falls)
        assert found == [VenueLevel(price, held[price]) for price in prices]


COINBASE = (
    '{{"channel":"l2_data","timestamp":"2026-08-09T21:05:48.228568804Z",'
    '"sequence_num":{number},"events":[{{"type":"{kind}",'
    '"product_id":"A","updates":[{{"side":"bid","price_level":"100","new_quantity":"1"}}]}}]}}\n'
)


def test_a_lost_message_of_a_connection_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    steps = [(0, "snapshot"), (1, "update"), (3, "update"), (4, "snapshot")]
    path.write_text("".join(COINBASE.format(number=number, kind=kind) for number, kind in steps))
    reader = BookReader([path])
    states = [book.state for book, _ in reader]
    assert states == [BookState.LIVE, BookState.LIVE, BookState.GAP, BookState.LIVE]
    assert (reader.venue, reader.books["A"].gaps) == ("coinbase", 1)


def test_bad_messages_are_quarantined(tmp_path: Path) -> None:
    path, side_file = tmp_path / "t.jsonl", tmp_path / "bad.jsonl"
    good = COINBASE.format(number=0, kind="snapshot")
    path.write_text(
        good + good.replace('"100"', '"x"').replace('_num":0', '_num":1') + "nonsense\n"
    )
    reader = BookReader([path], quarantine=side_file)
    assert [book.state for book, _ in reader] == [BookState.LIVE]
    assert dict(reader.bad) == {"no_number": 1, "malformed": 1}
    assert len(side_file.read_text().splitlines()) == 2
    with pytest.raises(TooManyBadLines):
        list(BookReader([path], bad_limit=1))


def test_a_snapshot_without_a_name_is_that_of_the_first_change(tmp_path: Path) -> None:
    snapshot, change = tmp_path / "snapshot.json", tmp_path / "changes.jsonl"
    snapshot.write_text('{"lastUpdateId": 10, "bids": [["1", "2"]],\n "asks": []}')
    change.write_text('{"e":"depthUpdate","E":1,"s":"AB","U":11,"u":11,"b":[["1","3"]],"a":[]}')
    both, alone = BookReader([snapshot, change]), BookReader([snapshot])
    assert [book.symbol for book, _ in both] == ["AB"]
    assert bid(both.books["AB"]) == Decimal(3)
    assert [(book.symbol, bid(book)) for book, _ in alone] == [("BOOK", Decimal(2))]


def test_an_unknown_venue_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"what": "is this"}\n')
    with pytest.raises(MalformedRecording, match="the messages are of none of binance"):
        list(BookReader([path]))
