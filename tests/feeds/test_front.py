"""The front of the readers: each format found by its bytes, bad lines told, empty input empty.

Goal: a recording is read without being told what it is, and a bad line costs itself alone. Method:
small files of each format, each kind of badness beside good lines, and Hypothesis on any bytes.
"""

import gzip
import io
import json
import sys
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry import InvalidValue
from outcry.feeds import (
    TRADES_SCHEMA,
    MalformedRecording,
    TooManyBadLines,
    TradeOptions,
    TradeReader,
    Trades,
    join_trades,
    open_trades,
)

SYSTEM = (
    '{"ID": 110574616, "Totaldone": 500000.0, "Trx Amount": 4.5115767058272E-4, '
    '"Amount": 1.10826E9, "Transtype": 1, "Accountid": 1, "Transtime": "2024-11-05T22:02:53Z"}\n'
)
AGGREGATES_HEAD = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
)
BINANCE = "100,61837.63000000,0.02000000,1236.75260000,1723161255342,True,True\n"


def opened(path: Path, content: bytes | str, **how: object) -> tuple[TradeReader, Trades]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_trades(path, **how) as reader:  # type: ignore[arg-type]
        return reader, join_trades(list(reader))


def test_the_line_of_the_trading_data_system(tmp_path: Path) -> None:
    reader, trades = opened(tmp_path / "trades.jsonl", SYSTEM)
    assert (reader.format, reader.trades, reader.bad) == ("json", 1, Counter())
    row = trades.frame.row(0, named=True)
    assert trades.scales == (0, 17, 1)
    assert Decimal(row["quantity"]).scaleb(-17) == Decimal("0.00045115767058272")
    assert (row["price"], row["value"]) == (1_108_260_000, 5_000_000)
    assert (row["trade_id"], row["account"], row["side"]) == (110574616, 1, 1)
    assert row["time_ns"] == 1_730_844_173_000_000_000


def test_sides_are_what_the_caller_says(tmp_path: Path) -> None:
    options = TradeOptions(buy=("2",), sell=("1",))
    _, trades = opened(tmp_path / "trades.jsonl", SYSTEM, options=options)
    assert trades.frame["side"].to_list() == [-1]


def test_members_can_be_named(tmp_path: Path) -> None:
    line = '{"px": "1.5", "sz": "2", "when": 1723161255342, "s": "sell", "pair": "A/B"}'
    names = {"price": "px", "quantity": "sz", "time": "when", "side": "s", "symbol": "pair"}
    _, trades = opened(tmp_path / "t", line, options=TradeOptions(columns=names))
    row = trades.frame.row(0, named=True)
    assert (row["symbol"], row["side"], row["price"]) == ("A/B", -1, 15)


@pytest.mark.parametrize(
    ("content", "side"),
    [
        (BINANCE, -1),
        ("100,61837.63,0.02,1236.75,1723161255342,false\n", 1),
        (
            "id,price,qty,quote_qty,time,is_buyer_maker\n100,61837.63,0.02,1,1723161255342,true\n",
            -1,
        ),
        ("100,61837.63,0.02,7,9,1723161255342,False,True\n", 1),
        ("100,61837.63,0.02,7,9,1723161255342123,true\n", -1),
        (
            AGGREGATES_HEAD + "100,61837.63,0.02,7,9,1723161255342,true\n",
            -1,
        ),
    ],
)
def test_dumps_of_binance(tmp_path: Path, content: str, side: int) -> None:
    reader, trades = opened(tmp_path / "BTCUSDT-trades.csv", content)
    assert reader.format == "binance-csv"
    row = trades.frame.row(0, named=True)
    assert (row["trade_id"], row["side"], row["time_ns"] // 10**6) == (100, side, 1723161255342)
    assert Decimal(row["price"]).scaleb(-trades.price_scale) == Decimal("61837.63")


def zipped(content: bytes, files: int = 1) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for number in range(files):
            # Without a time of its own the archive would differ from second to second.
            writer.writestr(zipfile.ZipInfo(f"trades{number}.csv"), content)
    return archive.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        BINANCE.encode(),
        gzip.compress(BINANCE.encode(), mtime=0),
        gzip.compress(BINANCE[:20].encode(), mtime=0)
        + gzip.compress(BINANCE[20:].encode(), mtime=0),
        # Tapes and blocks leave zeros behind the last member.
        gzip.compress(BINANCE.encode(), mtime=0) + bytes(1_000),
        zipped(BINANCE.encode()),
    ],
)
def test_compression_is_told_by_content(tmp_path: Path, content: bytes) -> None:
    _, trades = opened(tmp_path / "whatever", content)
    assert len(trades) == 1


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (gzip.compress(BINANCE.encode(), mtime=0)[:-9], "gzip"),
        (b"\x1f\x8bnot gzip at all", "gzip"),
        (b"\x28\xb5\x2f\xfdnot zstd at all", "zstd"),
        (zipped(BINANCE.encode(), files=2), "zip"),
        (zipped(b"", files=0), "zip"),
        (zipped(BINANCE.encode())[:40], "zip"),
        (b"PAR1 and no more", "parquet"),
        (b"no trades of any kind", "format"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, field: str) -> None:
    with pytest.raises(MalformedRecording) as error:
        opened(tmp_path / "whatever", content)
    assert error.value.field == field


def test_columns_are_guessed_or_named(tmp_path: Path) -> None:
    text = "Time;Symbol;Price;Qty;Side\n2024-11-05 22:02:53;BTC;1.5;2;buy\n"
    reader, trades = opened(tmp_path / "t.csv", text)
    assert reader.format == "csv"
    assert trades.frame.select("symbol", "price", "side").row(0) == ("BTC", 15, 1)
    options = TradeOptions(columns={"time": "Time", "price": "Qty", "quantity": "Price"})
    _, trades = opened(tmp_path / "t.csv", text, options=options)
    assert trades.frame.select("price", "quantity").row(0) == (2, 15)


@pytest.mark.parametrize(
    ("columns", "bound"),
    [
        ({"time": "when", "price": 1, "quantity": 2}, "is none of time, px, qty"),
        ({"time": 0, "price": 3, "quantity": 2}, "must be 0 to 2"),
        ({"time": 0, "price": 1}, "must name a column, as --column quantity="),
    ],
)
def test_columns_that_are_not_there(
    tmp_path: Path, columns: dict[str, str | int], bound: str
) -> None:
    with pytest.raises(InvalidValue, match=bound):
        opened(tmp_path / "t.csv", "time,px,qty\n", options=TradeOptions(columns=columns))
    with pytest.raises(InvalidValue, match="must be one of time, price"):
        TradeOptions(columns={"colour": 0})


@pytest.mark.parametrize(
    "values",
    [
        pl.Series(["61837.63", "0.1"]),
        pl.Series([61837.63, 0.1]),
        pl.Series([Decimal("61837.63"), Decimal("0.10")], dtype=pl.Decimal(20, 2)),
    ],
)
def test_parquet_by_a_column_map(tmp_path: Path, values: pl.Series) -> None:
    path = tmp_path / "t.parquet"
    times = pl.Series([1723161255342, 1723161255343]).cast(pl.Datetime("ms"))
    frame = pl.DataFrame({"when": times, "px": values, "qty": [2, 3], "side": ["buy", "sell"]})
    frame.write_parquet(path)
    columns = {"time": "when", "price": "px", "quantity": "qty", "side": "side"}
    with open_trades(path, options=TradeOptions(columns=columns)) as reader:
        trades = join_trades(list(reader))
    assert reader.format == "parquet"
    prices = [Decimal(price).scaleb(-trades.price_scale) for price in trades.frame["price"]]
    assert prices == [Decimal("61837.63"), Decimal("0.1")]
    assert trades.frame["time_ns"].to_list() == [1723161255342000000, 1723161255343000000]
    assert trades.frame["side"].to_list() == [1, -1]


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"", mtime=0), zipped(b"")])
@pytest.mark.parametrize("how", [None, "json", "csv", "binance-csv", "kraken", "lobster"])
def test_empty_input_is_an_empty_frame(tmp_path: Path, content: bytes, how: str | None) -> None:
    reader, trades = opened(tmp_path / "empty", content, format=how)
    assert trades.frame.schema == TRADES_SCHEMA
    assert (len(trades), reader.trades, reader.bad.total()) == (0, 0, 0)


BAD = [
    ('"Amount": 1.10826E9', '"Amount": -1', "price", "negative"),
    ('"Amount": 1.10826E9', '"Amount": 0.0', "price", "zero"),
    ('"Amount": 1.10826E9', '"Amount": NaN', "price", "nan"),
    ('"Amount": 1.10826E9', '"Amount": Infinity', "price", "infinite"),
    ('"Amount": 1.10826E9', '"Amount": 1.5', "price", "over_precise"),
    ('"Amount": 1.10826E9', '"Amount": 1e39', "price", "too_large"),
    ('"Transtype": 1', '"Transtype": 3', "side", "unknown_side"),
    ("2024-11-05", "2024-11-01", "time", "time_back"),
    ("2024-11-05", "2034-11-05", "time", "time_ahead"),
    ("2024-11-05", "someday", "time", "no_time"),
    ('"ID": 110574616, ', "", "trade_id", "missing"),
    ('"Trx Amount": 4', '"Trx Amount" 4', "line", "malformed"),
]


def test_each_bad_line_has_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [SYSTEM, *(SYSTEM.replace(old, new) for old, new, _, _ in BAD), SYSTEM]
    side_file = tmp_path / "bad.jsonl"
    options = TradeOptions(price_scale=0)
    reader, trades = opened(
        tmp_path / "t.jsonl", "".join(lines), options=options, quarantine=side_file
    )
    assert len(trades) == reader.trades == 2
    told = [json.loads(line) for line in side_file.read_text().splitlines()]
    assert [(each["line"], each["field"], each["reason"]) for each in told] == [
        (number, field, reason) for number, (_, _, field, reason) in enumerate(BAD, 2)
    ]
    assert all(each["text"] for each in told)
    assert reader.bad == Counter(reason for _, _, _, reason in BAD)


def test_good_input_leaves_no_side_file(tmp_path: Path) -> None:
    side_file = tmp_path / "bad.jsonl"
    opened(tmp_path / "t.jsonl", SYSTEM, quarantine=side_file)
    assert not side_file.exists()


def test_a_limit_of_bad_lines_ends_the_reading(tmp_path: Path) -> None:
    path, side_file = tmp_path / "t.jsonl", tmp_path / "bad.jsonl"
    path.write_text(SYSTEM + "nonsense\n" * 3 + SYSTEM)
    read = 0
    with open_trades(path, bad_limit=2, quarantine=side_file) as reader:
        batches = iter(reader)
        read += len(next(batches))
        with pytest.raises(TooManyBadLines, match=r"line 4: line: malformed; more than 2 lines"):
            next(batches)
    assert read == 2
    assert len(side_file.read_text().splitlines()) == 3


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SYSTEM.encode())))
    with open_trades("-") as reader:
        assert sum(map(len, reader)) == 1


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="must be one of json, csv"):
        open_trades(tmp_path, format="xml")


@given(
    st.binary(max_size=300), st.sampled_from([None, "json", "csv", "kraken", "bybit", "lobster"])
)
def test_no_bytes_raise_anything_but_what_is_said(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, how: str | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "any"
    try:
        _, trades = opened(path, content, format=how)
    except (MalformedRecording, InvalidValue):
        return
    assert trades.frame.columns == list(TRADES_SCHEMA)


PIECES = st.sampled_from(
    [
        *('{"e":"trade",', '"s":"A",', '"p":"1",', '"q":"-2",', '"T":5,', '"t":7,', '"m":true'),
        *("}", "[", "]", "\n", "1 ", '{"S":"Buy"', '"sequence_num":1,'),
        *('{"topic":"publicTrade.A","data":[', '{"channel":"l2_data","events":[{'),
        *('[1,[["1","2","3","b","l",""]],"trade","A"]', '{"arg":{"channel":"trades"},"data":[{}]}'),
    ]
)
VENUES = ["binance", "kraken", "okx", "bybit", "coinbase"]


@given(
    st.lists(PIECES, max_size=12),
    st.sampled_from(VENUES),
)
def test_pieces_of_messages_are_read_or_quarantined(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], venue: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "any"
    try:
        reader, trades = opened(path, "".join(pieces), format=venue)
    except MalformedRecording:
        return
    assert len(trades) == reader.trades
