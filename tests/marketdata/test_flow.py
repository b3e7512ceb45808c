"""Order flow: figures worked out by hand, and streams that say what batches say.

Goal: each figure is the one that its formula gives. Method: small examples with their figures
written out; batches against streams in pieces.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from outcry.errors import InvalidValue
from outcry.marketdata import (
    CvdStream,
    DeltaBarStream,
    FootprintStream,
    OfiStream,
    ProfileStream,
    VpinStream,
    candles,
    cvd,
    delta_bars,
    footprint,
    imbalance,
    infer_sides,
    market_profile,
    ofi,
    vpin,
)

DAY_NS = 86_400 * 10**9
SEED = pl.DataFrame(
    {
        "time_ns": range(5),
        "price": [100] * 5,
        "quantity": [10.0, 15.0, 20.0, 5.0, 3.0],
        "side": ["buy", "buy", "buy", "sell", "sell"],
    }
)


def test_seed_figures() -> None:
    assert cvd(SEED)["cvd"].to_list() == [10, 25, 45, 40, 37]
    assert cvd(SEED, numbers="float")["cvd"].to_list()[-1] == 37.0
    bars = candles(SEED)
    assert imbalance(bars, "ratio").to_list() == [5.625]
    assert imbalance(bars, "share").to_list() == [45 / 53]
    assert imbalance(bars, "normalised").to_list() == [37 / 53]


def test_imbalance_without_a_denominator() -> None:
    bars = pl.DataFrame({"volume": [0.0, 2.0], "buy_volume": [0.0, 2.0]})
    assert imbalance(bars, "ratio").to_list() == [None, None]
    assert imbalance(bars, "normalised").to_list() == [0.0, 1.0]
    assert imbalance(bars, "share").to_list() == [None, 1.0]


def test_cvd_begins_anew_at_its_anchor() -> None:
    trades = SEED.with_columns(pl.Series("time_ns", [0, 1, DAY_NS, DAY_NS + 1, 2 * DAY_NS]))
    assert cvd(trades)["cvd"].to_list() == [10, 25, 20, 15, -3]
    assert cvd(trades, None)["cvd"].to_list()[-1] == 37
    assert cvd(trades, None, "quote")["cvd"].to_list()[-1] == 3_700
    stream = CvdStream()
    rows = zip(trades["time_ns"], trades["quantity"], trades["side"], strict=True)
    told = [stream.update(time, Decimal(str(amount)), side) for time, amount, side in rows]
    assert told == [10, 25, 20, 15, -3]


def test_delta_bars_have_their_extremes_in_any_order() -> None:
    shuffled = SEED.with_row_index("trade_id").sample(fraction=1.0, shuffle=True, seed=1)
    bars = delta_bars(shuffled)
    assert bars.select("delta", "min_delta", "max_delta", "cvd").row(0) == (37, 0, 45, 37)
    stream = DeltaBarStream()
    last = pl.DataFrame()
    for row in shuffled.iter_slices(1):
        last = stream.update(row)
    assert last.select("delta", "min_delta", "max_delta").row(0) == (37, 0, 45)
    assert stream.late == 0


def test_footprint_finds_the_diagonal() -> None:
    trades = pl.DataFrame(
        [
            (1, "10.0", 1, "sell"),
            (2, "10.5", 3, "buy"),
            (3, "11.0", 6, "buy"),
            (4, "11.0", 1, "sell"),
        ],
        ["time_ns", "price", "quantity", "side"],
        orient="row",
    )
    rows = footprint(trades, "1m", "0.5", stacked=2)
    assert rows["price"].to_list() == [Decimal("10.0"), Decimal("10.5"), Decimal("11.0")]
    assert rows["buy_imbalance"].to_list() == [False, True, True]
    assert rows["stacked"].to_list() == [False, True, True]


def test_vpin_splits_the_trade_across_the_end() -> None:
    trades = pl.DataFrame(
        {"time_ns": [1, 2], "price": [1, 1], "quantity": [6, 27], "side": ["buy", "sell"]}
    )
    found = vpin(trades, 10, 2)
    assert found["buy_volume"].to_list() == [6, 0, 0]
    assert found["vpin"].to_list() == [None, pytest.approx(12 / 20), 1.0]
    stream = VpinStream(10, 2, quantity_scale=0)
    assert stream.peek(trades).equals(found)
    pieces = [stream.update(piece) for piece in trades.iter_slices(1)]
    assert pl.concat(pieces).equals(found)


def test_ofi_adds_up_over_pieces() -> None:
    quotes = pl.DataFrame(
        [(1, 100, 7, 102, 5), (2, 100, 9, 102, 5), (3, 101, 4, 102, 5), (4, 101, 4, 101, 8)],
        ["time_ns", "bid", "bid_quantity", "ask", "ask_quantity"],
        orient="row",
    )
    whole = ofi(quotes)
    assert whole["ofi"].to_list() == [0, 2, 4, -8]
    assert whole["cumulative"].to_list() == [0, 2, 6, -2]
    stream = OfiStream()
    assert pl.concat([stream.update(piece) for piece in quotes.iter_slices(1)]).equals(whole)


def test_ofi_of_empty_sides_and_gaps() -> None:
    rows = [
        (1, 100, 7, 102, 5),
        (2, None, None, 102, 5),  # the bid is gone: -7
        (3, 100, 4, 102, 5),  # a bid is back: +4
        (4, 100, 4, None, None),  # the ask is gone: +5
        (5, None, None, None, None),  # nothing is known
        (6, 90, 3, 92, 1),  # as the first
        (7, 91, 2, 92, 1),  # +2
    ]
    names = ["time_ns", "bid", "bid_quantity", "ask", "ask_quantity"]
    quotes = pl.DataFrame(rows, names, orient="row")
    whole = ofi(quotes)
    assert whole["ofi"].to_list() == [0, -7, 4, 5, 0, 0, 2]
    assert whole["cumulative"].to_list() == [0, -7, -3, 2, 2, 2, 4]
    stream, told = OfiStream(), []
    for piece in quotes.iter_slices(2):
        peeked = stream.peek(piece)
        told.append(stream.update(piece))
        assert peeked.equals(told[-1])
    assert pl.concat(told).equals(whole)


def test_unknown_sides_follow_the_tick_rule() -> None:
    trades = pl.DataFrame({"time_ns": [1, 2, 3], "price": [10, 9, 9], "quantity": [1, 1, 1]})
    found = infer_sides(trades)
    assert found["side"].to_list() == [1, -1, -1]
    assert found["inferred"].all()
    assert candles(trades)["buy_volume"][0] == 1


def test_parameters_are_told() -> None:
    with pytest.raises(InvalidValue, match="row_size"):
        footprint(SEED, "1m", 0)
    with pytest.raises(InvalidValue, match="unit"):
        cvd(SEED, unit="coins")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="bucket_volume"):
        vpin(SEED, 0)


@pytest.mark.parametrize(
    "take",
    [
        cvd,
        delta_bars,
        footprint,
        lambda trades: vpin(trades, 5),
        lambda trades: market_profile(trades, 1),
        lambda trades: DeltaBarStream().update(trades),
        lambda trades: FootprintStream().update(trades),
        lambda trades: VpinStream(5).update(trades),
        lambda trades: ProfileStream(1).update(trades),
    ],
)
def test_several_instruments_are_not_added_together(take: Callable[..., object]) -> None:
    with pytest.raises(InvalidValue, match="symbol: A, B must be one"):
        take(SEED.with_columns(pl.Series("symbol", ["A", "B", "A", "B", "A"])))
    take(SEED.with_columns(symbol=pl.lit("A")))


def test_a_bucket_may_be_finer_than_the_quantities() -> None:
    found = vpin(SEED.with_columns(quantity=1), "0.5", 2)
    assert found.height == 10
    assert found["buy_volume"].to_list() == [Decimal("0.5")] * 6 + [0] * 4


@pytest.mark.parametrize("ratio", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_ratio_is_above_zero(ratio: float) -> None:
    with pytest.raises(InvalidValue, match="ratio"):
        footprint(SEED, ratio=ratio)


@pytest.mark.parametrize("amount", [Decimal("nan"), Decimal("inf"), -1, [1]])
def test_a_wrong_amount_is_refused(amount: Any) -> None:  # noqa: ANN401 (wrong on purpose)
    with pytest.raises(InvalidValue, match="amount"):
        CvdStream().update(1, amount, "buy")


def test_nothing_has_columns() -> None:
    nothing = SEED.clear()
    assert cvd(nothing).columns == ["time", "trade_id", "cvd"]
    assert delta_bars(nothing).is_empty()
    assert footprint(nothing).is_empty()
    assert vpin(nothing, 1).is_empty()
