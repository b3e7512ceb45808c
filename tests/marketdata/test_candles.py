"""Candles through Python: exact, the same for every split, and equal to what venues publish.

Goal: frames of any library become the candles that a plain fold gives. Method: random trades in
random pieces against a fold in Python's integers; recorded trades against the venues' candles. The
kernels have their own properties in crates/marketdata.
"""

import gzip
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.errors import InvalidValue
from outcry.marketdata import CandleStream, candles, fill_gaps, roll_up

MINUTE_NS = 60_000_000_000
Trade = tuple[int, int, int, int, str]
COLUMNS = ["trade_id", "time_ns", "price", "quantity", "side"]
VALUES = ["open", "high", "low", "close", "volume", "quote_volume", "trades"]
BOUGHT = ["buy_volume", "buy_quote_volume"]
SAME = [*VALUES, *BOUGHT, "first_id", "last_id", "first_time", "last_time", "vwap"]


def frame(trades: list[Trade]) -> pl.DataFrame:
    types = dict.fromkeys(COLUMNS[:-1], pl.Int64)
    return pl.DataFrame(trades, {**types, "side": pl.String}, orient="row")


def plain(trades: list[Trade]) -> list[dict[str, Any]]:
    """Fold trades into minutes with Python's own integers."""
    buckets: dict[int, list[Trade]] = defaultdict(list)
    for trade in trades:
        buckets[trade[1] // MINUTE_NS].append(trade)
    folded = []
    for bucket in sorted(buckets):
        members = sorted(buckets[bucket], key=lambda trade: (trade[1], trade[0]))
        prices = [trade[2] for trade in members]
        bought = [trade for trade in members if trade[4] == "buy"]
        folded.append(
            {
                "open": prices[0],
                "high": max(prices),
                "low": min(prices),
                "close": prices[-1],
                "volume": sum(trade[3] for trade in members),
                "quote_volume": sum(trade[2] * trade[3] for trade in members),
                "trades": len(members),
                "buy_volume": sum(trade[3] for trade in bought),
                "buy_quote_volume": sum(trade[2] * trade[3] for trade in bought),
            }
        )
    return folded


def trade_lists() -> st.SearchStrategy[list[Trade]]:
    times, prices = st.integers(0, 9 * MINUTE_NS), st.integers(1, 2**40)
    trade = st.tuples(times, prices, st.integers(1, 2**40), st.sampled_from(["buy", "sell"]))
    return st.lists(trade, max_size=40).map(
        lambda rows: [(number, *row) for number, row in enumerate(rows, 1)]
    )


@given(trade_lists(), st.integers(1, 15))
def test_every_split_gives_what_a_plain_fold_gives(trades: list[Trade], size: int) -> None:
    whole = candles(frame(trades), numbers="integer")
    assert whole.select(VALUES + BOUGHT).to_dicts() == plain(trades)
    stream = CandleStream("1m", horizon=10 * MINUTE_NS, numbers="integer")
    for at in range(0, len(trades), size):
        stream.update(frame(trades[at : at + size]))
    if trades:
        assert stream.candles().select(SAME).equals(whole.select(SAME))


@given(trade_lists())
def test_roll_up_gives_what_the_trades_give(trades: list[Trade]) -> None:
    rolled = roll_up(fill_gaps(candles(frame(trades))), "5m")
    direct = candles(frame(trades), "5m")
    assert rolled.select(SAME).equals(direct.select(SAME))


def test_what_comes_behind_the_horizon_is_a_correction() -> None:
    stream = CandleStream("1m", horizon="1m")
    first = stream.update(frame([(1, 5, 10, 2, "buy")]))
    stream.update(frame([(2, 5 * MINUTE_NS, 11, 2, "buy")]))
    late = stream.update(frame([(3, 6, 15, 1, "sell")]))
    assert late["correction"].to_list() == [True]
    merged = roll_up(pl.concat([first, late]).drop("correction"), "1m")
    assert merged.select("open", "high", "close", "volume").row(0) == (10, 15, 15, 3)


def test_groups_are_apart_and_intervals_in_one_pass() -> None:
    trades = pl.DataFrame(
        {
            "symbol": ["A", "B", "A"],
            "time_ns": [1, 2, 70 * 10**9],
            "price": [1.5, 2.25, 1.0],
            "quantity": [1, 1, 1],
        }
    )
    found = candles(trades, ["1m", "1h"])
    rows = found.select("symbol", "interval", "trades").rows()
    assert rows == [("A", "1m", 1), ("A", "1m", 1), ("A", "1h", 2), ("B", "1m", 1), ("B", "1h", 1)]
    assert found["open"][0] == Decimal("1.50")


def test_scales_may_rise_from_piece_to_piece() -> None:
    stream = CandleStream("1m")
    stream.update(pl.DataFrame({"time_ns": [1], "price": ["10"], "quantity": ["1"]}))
    stream.update(pl.DataFrame({"time_ns": [2], "price": ["10.125"], "quantity": ["0.5"]}))
    row = stream.candles().row(0, named=True)
    assert (row["open"], row["close"], row["volume"]) == (10, Decimal("10.125"), Decimal("1.5"))
    assert row["quote_volume"] == Decimal("15.0625")


def test_seventeen_decimals_and_a_given_value_are_exact() -> None:
    trades = pl.DataFrame(
        {
            "time_ns": [0],
            "price": ["1108260000.0"],
            "quantity": ["0.00045115767058272"],
            "value": ["500000.0"],
        }
    )
    row = candles(trades, "30m").row(0, named=True)
    assert row["volume"] == Decimal("0.00045115767058272")
    assert row["quote_volume"] == Decimal(500_000)


def test_prices_beyond_64_bits_are_exact() -> None:
    price = Decimal(2) ** 70 + Decimal("0.5")
    trades = pl.DataFrame({"time_ns": [0], "price": [f"{price:f}"], "quantity": [2]})
    assert candles(trades)["high"][0] == price


def test_nothing_has_the_columns_of_something() -> None:
    empty = candles(frame([]))
    full = candles(frame([(1, 1, 1, 1, "buy")]))
    assert empty.is_empty()
    assert empty.schema == full.schema
    assert fill_gaps(empty).is_empty()


def test_gaps_are_filled_with_the_close_before() -> None:
    found = fill_gaps(candles(frame([(1, 0, 9, 4, "buy"), (2, 3 * MINUTE_NS, 7, 4, "buy")])))
    assert found["close"].to_list() == [9, 9, 9, 7]
    assert found["trades"].to_list() == [1, 0, 0, 1]
    assert found["vwap"].null_count() == 2


def test_filling_leaves_what_was_there_as_it_is() -> None:
    stream = CandleStream("1m")
    stream.update(frame([(1, 0, 9, 4, "buy"), (3, 3 * MINUTE_NS, 7, 4, "buy")]))
    stream.update(frame([(2, 5, 8, 4, "buy")]))
    made = stream.candles()
    assert made.select("closed", "revision").rows() == [(True, 1), (False, 0)]
    found = fill_gaps(made)
    assert found["closed"].to_list() == [True, True, True, False]
    assert found["revision"].to_list() == [1, 0, 0, 0]
    assert found.filter(pl.col("trades") > 0).equals(made)
    bare = made.drop("closed", "revision")
    assert fill_gaps(bare)["closed"].to_list() == [True] * 4


@pytest.mark.parametrize("name", ["symbol", "account"])
def test_an_empty_frame_is_grouped_by_the_columns_it_has(name: str) -> None:
    full = frame([(1, 1, 1, 1, "buy")]).with_columns(pl.lit(7).alias(name))
    assert candles(full.clear()).schema == candles(full).schema
    assert CandleStream().update(full.clear()).columns[0] == name


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"by": ["symbol", "symbol"]}, "by"),
        ({"threads": -1}, "threads"),
        ({"threads": 1.5}, "threads"),
        ({"horizon": "1000d"}, "horizon"),
        ({"horizon": 1.5}, "horizon"),
        ({"grace": "x"}, "grace"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{field}: "):
        CandleStream(**arguments)


@pytest.mark.parametrize(
    ("column", "values", "bought"),
    [
        ("side", ["b", "S", " Buy "], 5),
        ("side", [1, -1, 1], 5),
        ("is_buyer_maker", [True, False, False], 6),
        ("isBuyerMaker", ["true", "False", "false"], 6),
        ("is_buy", [False, True, False], 2),
        # Null and nothing are unknown: 1 then 2 goes up, so it was bought.
        ("side", ["sell", None, "sell"], 2),
        ("side", ["sell", "", "sell"], 2),
    ],
)
def test_sides_are_what_the_columns_say(column: str, values: list[object], bought: int) -> None:
    trades = {"time_ns": [0, 1, 2], "price": [1, 2, 3], "quantity": [1, 2, 4], column: values}
    assert candles(pl.DataFrame(trades))["buy_volume"][0] == bought


@pytest.mark.parametrize(
    ("column", "value"),
    [("side", "x"), ("side", "bid"), ("side", 2), ("side", 1.0), ("is_buyer_maker", "no")],
)
def test_an_unknown_side_is_refused(column: str, value: object) -> None:
    trades = pl.DataFrame({"time_ns": [0], "price": [1], "quantity": [1], column: [value]})
    with pytest.raises(InvalidValue, match=f"^{column}: "):
        candles(trades)


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("price", float("nan"), "price"),
        ("price", None, "price"),
        ("price", "ten", "price"),
        ("quantity", -1, "quantity"),
    ],
)
def test_a_wrong_number_names_its_column(column: str, value: object, field: str) -> None:
    row: dict[str, Any] = {"time_ns": 0, "price": 1, "quantity": 1, column: value}
    with pytest.raises(InvalidValue) as refused:
        candles(pl.DataFrame([row]))
    assert refused.value.field == field


@pytest.mark.parametrize("interval", ["", "5", "0m", "2M", "1y"])
def test_a_wrong_interval_is_refused(interval: str) -> None:
    with pytest.raises(InvalidValue, match="interval"):
        candles(frame([]), interval)


def test_any_arrow_frame_comes_in() -> None:
    class Foreign:
        def __init__(self, held: pl.DataFrame) -> None:
            self._held = held

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self._held.__arrow_c_stream__(requested_schema)

    trades = frame([(1, 5, 10, 2, "buy")])
    assert candles(Foreign(trades)).equals(candles(trades))
    with pytest.raises(InvalidValue, match="Arrow PyCapsule"):
        candles([1, 2])


def test_an_arrow_type_that_is_not_read_is_told() -> None:
    class Refused:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise pl.exceptions.ComputeError("not supported: RunEndEncoded")

    with pytest.raises(InvalidValue, match="data: Refused cannot be read: not supported"):
        candles(Refused())


def test_binance_klines_come_out_of_its_trades(recordings: Path) -> None:
    """Nine value fields of the two five-minute klines that the recording covers."""
    folder = recordings / "binance_spot_2024-08-08"
    rows = []
    for name in ("spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"):
        with gzip.open(folder / name, "rt") as lines:
            for line in lines:
                event = json.loads(line.partition(" ")[2])
                event = event.get("data", event)
                if event.get("e") == "trade":
                    side = "sell" if event["m"] else "buy"
                    rows.append((event["t"], event["T"] * 10**6, event["p"], event["q"], side))
    minutes = candles(pl.DataFrame(rows, COLUMNS, orient="row"), ["1m", "5m"])
    found = minutes.filter(interval="5m")
    assert roll_up(minutes.filter(interval="1m"), "5m").select(SAME).equals(found.select(SAME))
    by_time = dict(zip(found["open_time"].dt.epoch("ms"), found.to_dicts(), strict=True))
    compared = 0
    with gzip.open(folder / "BTCUSDT-5m-2024-08.csv.gz", "rt") as lines:
        for line in lines:
            kline = line.strip().split(",")
            if int(kline[0]) in (1_723_161_300_000, 1_723_161_600_000):
                row = by_time[int(kline[0])]
                assert [row[name] for name in (*VALUES, *BOUGHT)] == [
                    Decimal(kline[column]) for column in (1, 2, 3, 4, 5, 7, 8, 9, 10)
                ]
                assert row["last_id"] - row["first_id"] + 1 == row["trades"]
                compared += 1
    assert compared == 2


def test_kraken_minutes_come_out_of_its_trades(recordings: Path) -> None:
    """409 minutes, 137 of them empty; the first is left out: the trades begin within it."""
    folder = recordings / "kraken_2025-11-10"
    decimals = json.JSONDecoder(parse_float=Decimal)
    answer = decimals.decode((folder / "trades.json").read_text())
    rows = next(value for key, value in answer["result"].items() if key != "last")
    sides = {"b": "buy", "s": "sell"}
    trades = [(row[6], int(row[2] * 10**9), row[0], row[1], sides[row[3]]) for row in rows]
    made = fill_gaps(candles(pl.DataFrame(trades, COLUMNS, orient="row")))
    answer = decimals.decode((folder / "ohlc_1m.json").read_text())
    venue = next(value for key, value in answer["result"].items() if key != "last")
    by_time = {row[0]: row for row in venue}
    found = made.with_columns(pl.col("open_time").dt.epoch("s")).to_dicts()
    # The last was still forming when the venue answered.
    inner = [row for row in found[1:-1] if row["open_time"] in by_time]
    empty = 0
    for row in inner:
        expected = by_time[row["open_time"]]
        names = ("open", "high", "low", "close")
        assert [row[name] for name in names] == [Decimal(text) for text in expected[1:5]]
        assert row["volume"] == Decimal(expected[6])
        assert row["trades"] == expected[7]
        empty += row["vwap"] is None
        assert row["vwap"] is None or abs(row["vwap"] - Decimal(expected[5])) <= Decimal("0.1")
    assert (len(inner), empty) == (409, 137)
