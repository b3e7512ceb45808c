"""Streams beside batches: every figure that comes in pieces is the one that comes at once.

Goal: `update` over any split of the input ends where the batch does, and `peek` says what `update`
then says and leaves no trace. Method: Hypothesis on trades of mixed decimals, with and without
sides, and on where they are split.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Protocol

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.errors import InvalidValue
from outcry.marketdata import (
    CandleStream,
    DeltaBarStream,
    FootprintStream,
    ImbalanceStream,
    ProfileStream,
    TimeProfileStream,
    VpinStream,
    candles,
    delta_bars,
    footprint,
    imbalance,
    market_profile,
    time_profile,
    vpin,
)

SECOND_NS = 1_000_000_000
FOREVER = (1 << 63) - 1
ROWS = st.lists(
    st.tuples(
        st.integers(0, 7_000),
        st.sampled_from(["9", "10", "10.5", "10.25", "11", "12.125", "20"]),
        st.sampled_from(["1", "2", "0.5", "3.25", "0.0001"]),
        st.sampled_from(["buy", "sell", None]),
    ),
    min_size=1,
    max_size=60,
)
STEP = st.integers(1, 25)
FEW = settings(max_examples=25, deadline=None)


class Stream(Protocol):
    """What every stream of frames has."""

    def update(self, trades: Any) -> pl.DataFrame: ...  # noqa: ANN401

    def peek(self, trades: Any) -> pl.DataFrame: ...  # noqa: ANN401


def trades_of(rows: Sequence[tuple[int, str, str, str | None]]) -> pl.DataFrame:
    columns = ["time_ms", "price", "quantity", "side"]
    types = [pl.Int64, pl.String, pl.String, pl.String]
    frame = pl.DataFrame(rows, dict(zip(columns, types, strict=True)), orient="row")
    times = (pl.col("time_ms") * 1_000_000).alias("time_ns")
    return frame.select(times, "price", "quantity", "side").with_row_index("trade_id", 1)


def fed(stream: Stream, trades: pl.DataFrame, step: int) -> list[pl.DataFrame]:
    """Return what a stream told piece by piece, each peeked at before."""
    told = []
    for piece in trades.iter_slices(step):
        peeked = stream.peek(piece)
        told.append(stream.update(piece))
        assert peeked.equals(told[-1])
    return told


def last_told(told: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    """Return the last that was told of each bar, at the greatest decimals."""
    schema = told[-1].schema
    numbered = [
        each.cast(schema).with_columns(pl.lit(place).alias("_told"))
        for place, each in enumerate(told)
    ]
    whole = pl.concat(numbered)
    newest = pl.col("_told") == pl.col("_told").max().over("open_time")
    return whole.filter(newest).drop("_told").sort(keys)


@FEW
@given(ROWS, STEP)
def test_footprints(rows: list[tuple[int, str, str, str | None]], step: int) -> None:
    trades = trades_of([(*row[:3], row[3] or "buy") for row in rows])
    stream = FootprintStream("1s", "0.5", horizon=FOREVER)
    found = last_told(fed(stream, trades, step), ["open_time", "price"]).drop("final")
    assert found.equals(footprint(trades, "1s", "0.5").cast(found.schema))
    assert stream.late == 0


@FEW
@given(ROWS, STEP, st.sampled_from(["base", "quote"]))
def test_delta_bars(rows: list[tuple[int, str, str, str | None]], step: int, unit: Any) -> None:  # noqa: ANN401 (a literal)
    trades = trades_of([(*row[:3], row[3] or "buy") for row in rows])
    stream = DeltaBarStream("1s", FOREVER, unit)
    found = last_told(fed(stream, trades, step), ["open_time"]).drop("final")
    whole = delta_bars(trades, "1s", None, unit).drop("cvd")
    assert found.equals(whole.cast(found.schema))


@FEW
@given(ROWS, STEP)
def test_the_tick_rule_goes_on_from_piece_to_piece(
    rows: list[tuple[int, str, str, str | None]], step: int
) -> None:
    """Sides that are not told depend on all trades before, for a peek as for an update."""
    trades = trades_of(sorted(rows, key=lambda row: row[0]))
    stream = FootprintStream("1s", 1, horizon=FOREVER)
    found = last_told(fed(stream, trades, step), ["open_time", "price"])
    whole = footprint(trades, "1s", 1)
    assert found["buy_volume"].to_list() == whole["buy_volume"].to_list()
    buckets = VpinStream(1, 2, quantity_scale=4)
    told = pl.concat(fed(buckets, trades, step))
    assert told["buy_volume"].to_list() == vpin(trades, 1, 2)["buy_volume"].to_list()
    bars, whole_bars = CandleStream("1s"), candles(trades, "1s")
    for piece in trades.iter_slices(step):
        forming = bars.peek(piece)
        bars.update(piece)
        assert forming["buy_volume"].to_list() == bars.forming()["buy_volume"].to_list()
    assert bars.candles()["buy_volume"].to_list() == whole_bars["buy_volume"].to_list()


@FEW
@given(ROWS, ROWS, STEP)
def test_the_tick_rule_is_each_groups_own(
    rows: list[tuple[int, str, str, str | None]],
    others: list[tuple[int, str, str, str | None]],
    step: int,
) -> None:
    """Trades of two symbols, told and not told in turn, come to the same by any split."""
    both = [
        trades_of(sorted(each, key=lambda row: row[0])).with_columns(pl.lit(name).alias("symbol"))
        for name, each in (("A", rows), ("B", others))
    ]
    trades = pl.concat(both).sort("time_ns", "trade_id", maintain_order=True)
    stream = CandleStream("1s", by="symbol", horizon=FOREVER)
    for piece in trades.iter_slices(step):
        stream.peek(piece)
        stream.update(piece)
    whole = candles(trades, "1s", by="symbol")
    found = stream.candles().sort("symbol", "open_time")
    assert (
        found["buy_volume"].to_list() == whole.sort("symbol", "open_time")["buy_volume"].to_list()
    )


@pytest.mark.parametrize("kind", ["ratio", "normalised", "share"])
@FEW
@given(rows=ROWS, step=STEP)
def test_imbalances(kind: Any, rows: list[tuple[int, str, str, str | None]], step: int) -> None:  # noqa: ANN401 (a literal)
    trades = trades_of([(*row[:3], row[3] or "buy") for row in rows])
    stream = ImbalanceStream("1s", kind, horizon=FOREVER)
    told = [stream.update(piece) for piece in trades.iter_slices(step)]
    found = last_told(told, ["open_time"])
    whole = candles(trades, "1s")
    assert found["open_time"].to_list() == whole["open_time"].to_list()
    assert found["imbalance"].to_list() == imbalance(whole, kind).to_list()


@FEW
@given(ROWS, STEP)
def test_profiles(rows: list[tuple[int, str, str, str | None]], step: int) -> None:
    trades = trades_of(rows)
    stream = ProfileStream("0.5")
    for piece in trades.iter_slices(step):
        peeked = stream.peek(piece)
        updated = stream.update(piece)
        assert peeked.rows.equals(updated.rows)
    same_as(stream.profile(), market_profile(trades, "0.5"))


@FEW
@given(ROWS, STEP)
def test_time_profiles(rows: list[tuple[int, str, str, str | None]], step: int) -> None:
    bars = candles(trades_of(rows), "1s")
    stream = TimeProfileStream("0.25")
    for piece in bars.iter_slices(step):
        peeked = stream.peek(piece)
        updated = stream.update(piece)
        assert peeked.rows.equals(updated.rows)
    same_as(stream.profile(), time_profile(bars, "0.25"))


def same_as(found: Any, whole: Any) -> None:  # noqa: ANN401 (two profiles)
    names = ("poc", "value_area_low", "value_area_high", "value_area_share")
    assert [getattr(found, name) for name in names] == [getattr(whole, name) for name in names]
    assert found.rows.equals(whole.rows.cast(found.rows.schema))


def test_a_footprint_behind_the_horizon_is_final_and_its_late_trades_are_counted() -> None:
    def trade(second: int) -> pl.DataFrame:
        return trades_of([(second * 1_000, "10", "1", "buy")])

    stream = FootprintStream("1s", 1, horizon="1s")
    stream.update(trade(0))
    assert stream.update(trade(2))["final"].to_list() == [True, False]
    assert stream.update(trade(0)).is_empty()
    assert stream.late == 1
    assert stream.update(trade(1))["final"].to_list() == [False]


def test_a_minimum_holds_whatever_decimals_come() -> None:
    """A minimum of 1 is a whole one, the default any at all, as decimals rise."""
    first = trades_of([(0, "10", "1", "buy")])
    then = trades_of([(1, "12.5", "0.001", "buy")])
    for minimum, wanted in ((1, [True, False]), (None, [True, True])):
        stream = FootprintStream("1s", 1, minimum=minimum)
        stream.update(first)
        assert stream.update(then)["buy_imbalance"].to_list() == wanted
        whole = footprint(pl.concat([first, then]), "1s", 1, minimum=minimum)
        assert whole["buy_imbalance"].to_list() == wanted


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (lambda: FootprintStream("1s", "abc"), "row_size"),
        (lambda: FootprintStream("1s", "NaN"), "row_size"),
        (lambda: FootprintStream("1s", 0), "row_size"),
        (lambda: FootprintStream("1s", 1, minimum=-1), "minimum"),
        (lambda: FootprintStream("1s", 1, stacked=0), "stacked"),
        (lambda: FootprintStream("1s", 1, ratio=0), "ratio"),
        (lambda: ImbalanceStream("1s", "other"), "kind"),  # type: ignore[arg-type]
        (lambda: TimeProfileStream("1E+99"), "row_size"),
        (lambda: ProfileStream(Decimal("Infinity")), "row_size"),
        (
            lambda: ProfileStream("1", price_scale=0).update(trades_of([(0, "1.5", "1", "buy")])),
            "price",
        ),
    ],
)
def test_arguments_are_told(made: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValue, match=field):
        made()
