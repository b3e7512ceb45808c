"""Recorded books and trades against the venues' own numbers.

Goal: what is rebuilt is what the venue had. Method: best levels that Binance told for the same
change, the checksums of Kraken and OKX, unbroken numbering elsewhere.
"""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from outcry.feeds import BookReader, BookState, join_trades, open_trades

pytestmark = pytest.mark.recordings


def followed(*paths: Path) -> BookReader:
    """Return the reader at the end of the recording."""
    reader = BookReader(paths)
    for _ in reader:
        pass
    assert not reader.bad
    assert all(book.state is BookState.LIVE for book in reader.books.values())
    assert all(book.gaps == book.crossed == 0 for book in reader.books.values())
    return reader


def test_binance_book_is_its_book_ticker(recordings: Path) -> None:
    folder = recordings / "binance_spot_2024-08-08"
    reader = followed(*(folder / f"spot_btcusdt_2024080{day}.gz" for day in (8, 9)))
    assert (reader.venue, reader.quotes, reader.wrong_quotes) == ("binance", 1_072, 0)
    # The one snapshot, and every change but those before it.
    assert reader.books["BTCUSDT"].updates == 6_494


def test_binance_books_of_the_raw_recording(recordings: Path) -> None:
    reader = followed(recordings / "raw_websocket" / "BINANCE.jsonl.zst")
    assert (len(reader.books), reader.quotes, reader.wrong_quotes) == (4, 26, 0)


def test_kraken_checksums(recordings: Path) -> None:
    reader = followed(recordings / "raw_websocket" / "KRAKEN.jsonl.zst")
    assert len(reader.books) == 10
    assert sum(book.checksums for book in reader.books.values()) == 4_269
    assert sum(book.wrong_checksums for book in reader.books.values()) == 0


def test_okx_checksums(recordings: Path) -> None:
    reader = followed(recordings / "raw_websocket" / "OKX.jsonl.zst")
    assert sum(book.checksums for book in reader.books.values()) == 290
    assert sum(book.wrong_checksums for book in reader.books.values()) == 0


@pytest.mark.parametrize(("name", "books"), [("BYBIT", 6), ("COINBASE", 2)])
def test_numbering_is_unbroken(recordings: Path, name: str, books: int) -> None:
    reader = followed(recordings / "raw_websocket" / f"{name}.jsonl.zst")
    assert len(reader.books) == books


@pytest.mark.parametrize(
    ("name", "trades", "scales"),
    [
        ("raw_websocket/BINANCE.jsonl.zst", 2, (8, 8, 0)),
        ("raw_websocket/KRAKEN.jsonl.zst", 10, (8, 8, 0)),
        ("raw_websocket/OKX.jsonl.zst", 74, (3, 8, 0)),
        ("raw_websocket/BYBIT.jsonl.zst", 347, (5, 6, 0)),
        ("raw_websocket/COINBASE.jsonl.zst", 279, (2, 8, 0)),
        ("kraken_2025-11-10/trades.json", 1_000, (5, 8, 0)),
        ("lobster_aapl_2012-06-21/message_50.csv.gz", 6_268, (4, 0, 0)),
    ],
)
def test_every_recording_gives_its_trades(
    recordings: Path, name: str, trades: int, scales: tuple[int, int, int]
) -> None:
    with open_trades(recordings / name) as reader:
        read = join_trades(list(reader))
    assert (len(read), read.scales, reader.bad) == (trades, scales, Counter())


def test_binance_trades_have_contiguous_ids(recordings: Path) -> None:
    folder = recordings / "binance_spot_2024-08-08"
    batches = []
    for day in (8, 9):
        with open_trades(folder / f"spot_btcusdt_2024080{day}.gz") as reader:
            batches += list(reader)
    trades = join_trades(batches)
    ids = trades.frame["trade_id"]
    assert (len(trades), ids.n_unique()) == (19_904, 19_904)
    assert ids[-1] - ids[0] + 1 == 19_904
    assert set(trades.frame["symbol"]) == {"BTCUSDT"}


def test_kraken_time_keeps_every_digit(recordings: Path) -> None:
    with open_trades(recordings / "kraken_2025-11-10" / "trades.json") as reader:
        first = next(iter(reader)).frame.row(0, named=True)
    assert (first["time_ns"], first["trade_id"]) == (1_762_795_433_971_744_500, 10_218_208)
    assert Decimal(first["price"]).scaleb(-5) == Decimal("105433.6")
