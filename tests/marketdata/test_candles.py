"""Candles: the definitions on small examples, every way of dividing the trades, and real venues.

Goal: a candle depends on its trades alone, not on the order or the pieces they came in. Method:
examples with equal times, shuffled and divided trades against plain Python, and the venues' own
candles of recorded trades, field by field.
"""

import gzip
import json
import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.marketdata import (
    CANDLE_SCHEMA,
    MINUTE_NS,
    TRADE_SCHEMA,
    candles_of_trades,
    fill_gaps,
    mark_closed,
    roll_up,
    vwap,
)

Trade = tuple[int, int, int, int, int, bool]
Row = dict[str, int]


def frame(trades: list[Trade]) -> pl.DataFrame:
    return pl.DataFrame(trades, TRADE_SCHEMA, orient="row")


def plain_candles(trades: list[Trade], interval_ns: int) -> list[Row]:
    """Return the candles by the definition, one bucket and one trade at a time."""
    buckets: dict[tuple[int, int], list[Trade]] = defaultdict(list)
    for trade in trades:
        buckets[trade[0], trade[2] // interval_ns * interval_ns].append(trade)
    candles = []
    for (instrument, open_time), members in sorted(buckets.items()):
        members.sort(key=lambda trade: (trade[2], trade[1]))
        prices = [trade[3] for trade in members]
        bought = [trade for trade in members if trade[5]]
        values = (
            instrument,
            open_time,
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            sum(trade[4] for trade in members),
            sum(trade[3] * trade[4] for trade in members),
            sum(trade[4] for trade in bought),
            sum(trade[3] * trade[4] for trade in bought),
            len(members),
            members[0][2],
            members[0][1],
            members[-1][2],
            members[-1][1],
        )
        candles.append(dict(zip(CANDLE_SCHEMA.names(), values, strict=True)))
    return candles


def trade_lists() -> st.SearchStrategy[list[Trade]]:
    """Return trades of two instruments, with few times so that many are equal."""
    trade = st.tuples(
        st.integers(1, 2),
        st.integers(0, 300),
        st.integers(1, 2**62),
        st.integers(1, 2**63),
        st.booleans(),
    )
    # Ids count per instrument; here they count over both, which divides no differently.
    return st.lists(trade, max_size=40).map(
        lambda rows: [
            (instrument, number, time, price, lots, is_buy)
            for number, (instrument, time, price, lots, is_buy) in enumerate(rows, 1)
        ]
    )


def test_equal_times_are_ordered_by_trade_id() -> None:
    trades = frame([(1, 8, 7, 103, 1, True), (1, 7, 7, 100, 1, True), (1, 9, 7, 99, 1, False)])
    candle = candles_of_trades(trades, 10).row(0, named=True)
    assert (candle["open_ticks"], candle["close_ticks"]) == (100, 99)
    assert (candle["first_trade_id"], candle["last_trade_id"]) == (7, 9)


def test_bucket_is_open_on_the_right_and_labelled_by_its_open_time() -> None:
    trades = frame([(1, 1, 59, 5, 1, True), (1, 2, 60, 6, 1, True), (1, 3, 119, 7, 1, True)])
    candles = candles_of_trades(trades, 60)
    assert candles["open_time_ns"].to_list() == [0, 60]
    assert candles["trades"].to_list() == [1, 2]


def test_no_trades_make_no_candles() -> None:
    candles = candles_of_trades(frame([]))
    assert candles.is_empty()
    assert candles.schema == CANDLE_SCHEMA
    assert fill_gaps(candles, MINUTE_NS).is_empty()


@given(trade_lists(), st.randoms(use_true_random=False), st.integers(1, 40))
def test_candles_depend_on_neither_order_nor_pieces(
    trades: list[Trade], shuffler: random.Random, size: int
) -> None:
    expected = plain_candles(trades, 60)
    shuffler.shuffle(trades)
    assert candles_of_trades(frame(trades), 60).to_dicts() == expected
    pieces = [
        candles_of_trades(frame(trades[at : at + size]), 60) for at in range(0, len(trades), size)
    ]
    if pieces:
        assert roll_up(pl.concat(pieces), 60).to_dicts() == expected
        assert roll_up(pl.concat(pieces), 240).to_dicts() == plain_candles(trades, 240)


@pytest.mark.parametrize("interval_ns", [0, -60, 7 * MINUTE_NS, 7 * 1_440 * MINUTE_NS])
def test_interval_must_divide_a_day(interval_ns: int) -> None:
    with pytest.raises(ValueError, match=f"^interval_ns: {interval_ns} does not divide a day"):
        candles_of_trades(frame([]), interval_ns)


def test_candle_is_closed_once_time_has_passed_its_end() -> None:
    candles = candles_of_trades(frame([(1, 1, 5, 9, 1, True), (1, 2, 65, 9, 1, True)]), 60)
    assert mark_closed(candles, 60, 119)["closed"].to_list() == [True, False]
    assert mark_closed(candles, 60, 120)["closed"].to_list() == [True, True]


def test_the_last_bucket_of_all_time_is_open() -> None:
    latest = (1 << 63) - 1
    candles = candles_of_trades(frame([(1, 1, latest, 9, 4, True)]), 60)
    assert mark_closed(candles, 60, latest)["closed"].to_list() == [False]


def test_gaps_repeat_the_close_and_hold_no_volume() -> None:
    trades = [(1, 1, 0, 9, 4, True), (1, 2, 30, 8, 4, False), (1, 3, 180, 7, 4, True)]
    filled = fill_gaps(candles_of_trades(frame([*trades, (2, 1, 60, 5, 1, True)]), 60), 60)
    assert filled.filter(pl.col("instrument") == 2).height == 1
    gap = filled.row(1, named=True)
    assert gap["open_time_ns"] == 60
    assert {gap[f"{name}_ticks"] for name in ("open", "high", "low", "close")} == {8}
    assert gap["volume_lots"] == gap["quote_volume"] == gap["trades"] == 0
    assert (gap["last_time_ns"], gap["last_trade_id"]) == (30, 2)
    assert filled.schema == CANDLE_SCHEMA


def test_vwap_is_rounded_once() -> None:
    assert vwap(2, 3, Decimal("0.01")) == Decimal("0.0066666667")
    assert vwap(0, 0, Decimal("0.01")) is None
    assert vwap(2**126, 2**90, Decimal(1)) == Decimal(2**36)


def test_binance_klines_come_out_of_its_trades(recordings: Path) -> None:
    """Nine value fields of the two five-minute klines that the recording covers."""
    folder = recordings / "binance_spot_2024-08-08"
    trades = []
    for name in ("spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"):
        with gzip.open(folder / name, "rt") as lines:
            for line in lines:
                event = json.loads(line.partition(" ")[2])
                event = event.get("data", event)
                if event.get("e") == "trade":
                    trades.append(binance_trade(event))
    candles = candles_of_trades(frame(trades), 5 * MINUTE_NS)
    found = {row["open_time_ns"] // 1_000_000: row for row in candles.to_dicts()}
    compared = 0
    with gzip.open(folder / "BTCUSDT-5m-2024-08.csv.gz", "rt") as lines:
        for line in lines:
            kline = line.strip().split(",")
            # 23:55 and 00:00 of 2024-08-08 and the day after.
            if int(kline[0]) in (1_723_161_300_000, 1_723_161_600_000):
                assert binance_fields(found[int(kline[0])]) == [
                    Decimal(kline[column]) for column in (1, 2, 3, 4, 5, 7, 8, 9, 10)
                ]
                compared += 1
    assert compared == 2


def binance_trade(event: dict[str, str | int | bool]) -> Trade:
    price_ticks = int(Decimal(str(event["p"])) * 100)
    lots = int(Decimal(str(event["q"])) * 100_000)
    return (1, int(event["t"]), int(event["T"]) * 1_000_000, price_ticks, lots, not event["m"])


def binance_fields(row: Row) -> list[Decimal]:
    prices = [Decimal(row[f"{name}_ticks"]) / 100 for name in ("open", "high", "low", "close")]
    volume, bought = (Decimal(row[f"{side}volume_lots"]).scaleb(-5) for side in ("", "buy_"))
    value, buy_value = (Decimal(row[f"{side}quote_volume"]).scaleb(-7) for side in ("", "buy_"))
    return [*prices, volume, value, Decimal(row["trades"]), bought, buy_value]


def test_kraken_minutes_come_out_of_its_trades(recordings: Path) -> None:
    """409 minutes, 137 of them empty; the first is left out: the trades begin within it."""
    folder = recordings / "kraken_2025-11-10"
    decimals = json.JSONDecoder(parse_float=Decimal)
    answer = decimals.decode((folder / "trades.json").read_text())
    rows = next(value for key, value in answer["result"].items() if key != "last")
    trades = [
        (1, row[6], int(row[2] * 10**9), int(Decimal(row[0]) * 10), lots(row[1]), row[3] == "b")
        for row in rows
    ]
    candles = fill_gaps(candles_of_trades(frame(trades), MINUTE_NS), MINUTE_NS)
    answer = decimals.decode((folder / "ohlc_1m.json").read_text())
    venue = next(value for key, value in answer["result"].items() if key != "last")
    by_time = {row[0] * 10**9: row for row in venue}
    empty = 0
    # The last was still forming when the venue answered.
    inner = [row for row in candles.to_dicts()[1:-1] if row["open_time_ns"] in by_time]
    for row in inner:
        expected = by_time[row["open_time_ns"]]
        prices = [Decimal(row[f"{name}_ticks"]) / 10 for name in ("open", "high", "low", "close")]
        assert prices == [Decimal(text) for text in expected[1:5]]
        assert Decimal(row["volume_lots"]).scaleb(-8) == Decimal(expected[6])
        assert row["trades"] == expected[7]
        mean = vwap(row["quote_volume"], row["volume_lots"], Decimal("0.1"))
        empty += mean is None
        assert mean is None or abs(mean - Decimal(expected[5])) <= Decimal("0.1")
    assert (len(inner), empty) == (409, 137)


def lots(text: str) -> int:
    return int(Decimal(text) * 10**8)
