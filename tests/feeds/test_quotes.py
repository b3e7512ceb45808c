"""The best levels of a book over time.

Goal: each change is kept once, exactly, at one scale. Method: a small book whose scales rise, and
gaps.
"""

from decimal import Decimal

import polars as pl

from outcry.feeds import BookChange, BookSnapshot, QuoteTape, VenueBook, scaled_decimals


def test_quotes_are_kept_where_they_change() -> None:
    book, tape = VenueBook("A"), QuoteTape()
    steps: list[BookSnapshot | BookChange] = [
        BookSnapshot("A", [["100", "1"]], [["101", "2"]], 1, 5),
        BookChange("A", [["90", "1"]], [], 2, 2, 6),
        BookChange("A", [["100", "1.5"]], [], 3, 3, 7),
        BookChange("A", [], [["101", "0"]], 4, 4, 8),
        BookChange("A", [["100.25", "1"]], [], 9, 9, 9),
    ]
    for step in steps:
        book.apply(step)
        tape.update(book)
    quotes = tape.frame()
    assert quotes["time_ns"].to_list() == [5, 7, 8, 8]
    assert quotes["bid"].to_list() == [Decimal(100)] * 3 + [None]
    assert quotes["bid_quantity"].to_list()[:3] == [Decimal("1.0"), Decimal("1.5"), Decimal("1.5")]
    assert quotes["ask"].to_list() == [Decimal(101), Decimal(101), None, None]
    assert quotes["flow"].to_list()[:3] == [Decimal(0), Decimal("0.5"), Decimal("2.5")]


def test_no_quotes_have_every_column() -> None:
    assert QuoteTape().frame().columns == [
        *("time_ns", "bid", "bid_quantity", "ask", "ask_quantity", "flow"),
    ]


def test_integers_become_decimals_at_any_width() -> None:
    values = pl.DataFrame({"a": [10**30, -5, 0, None]}, {"a": pl.Int128})
    found = values.select(scaled_decimals("a", 8))["a"].to_list()
    assert found == [Decimal(10**22), Decimal("-0.00000005"), Decimal(0), None]
    assert values.select(scaled_decimals("a", 0))["a"].to_list()[1] == Decimal(-5)
