"""Published libraries beside ours, where one computes the same thing by the same definition.

Goal: figures that traders know from elsewhere are these. Method: TA-Lib, smartmoneyconcepts and
MarketProfile on bars and trades made by a rule, value by value; they are installed from
`requirements/peers.txt`, and a test whose library is absent is skipped.
"""

import os
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from outcry.marketdata import (
    candles,
    cvd,
    delta_bars,
    fair_value_gaps,
    market_profile,
    roll_up,
    swing_points,
    value_area,
    vpin,
    zones,
)

MINUTE_NS = 60_000_000_000
Floats = npt.NDArray[np.float64]


@pytest.fixture
def talib() -> Any:  # noqa: ANN401 (a module without types)
    return pytest.importorskip("talib", reason="TA-Lib is not installed: requirements/peers.txt")


def trades(count: int = 6_000) -> pl.DataFrame:
    """Trades whose price changes with each, so that no rule for equals is needed."""
    number = np.arange(count)
    steps = np.where(number % 2 == 0, 1, -1) * (1 + number * 7_919 % 37)
    steps = steps * np.where(number % 61 == 0, 9, 1)
    return pl.DataFrame(
        {
            "time_ns": number * 2_000_000_000,
            "price": 1_000_000 + np.cumsum(steps),
            "quantity": 1 + number * 31 % 17,
        }
    )


def bars() -> pl.DataFrame:
    """Candles of whole minutes, the last of which has closed as well: others do not ask."""
    return candles(trades(), "1m").with_columns(closed=True)


def columns(frame: pl.DataFrame, *names: str) -> list[Floats]:
    return [frame[name].cast(pl.Float64).to_numpy() for name in names]


def places(found: pl.Series) -> list[int]:
    return [time // MINUTE_NS for time in found.dt.epoch("ns").to_list()]


@pytest.mark.parametrize("length", [1, 3, 5])
def test_swings_are_talibs_extremes_of_a_window(talib: Any, length: int) -> None:  # noqa: ANN401
    """A swing is the extreme of the window of 2n + 1 bars that ends with the one that confirms."""
    whole = bars()
    highs, lows = columns(whole, "high", "low")
    window = 2 * length + 1
    at_high, at_low = talib.MAXINDEX(highs, window), talib.MININDEX(lows, window)

    def alone(values: Floats, end: int) -> bool:
        inside = values[end - window + 1 : end + 1]
        return int((inside == values[end - length]).sum()) == 1

    expected = [
        (end - length, end, is_high)
        for end in range(window - 1, len(highs))
        for is_high, at, values in ((True, at_high, highs), (False, at_low, lows))
        if at[end] == end - length and alone(values, end)
    ]
    found = swing_points(whole, length)
    ours = zip(
        places(found["open_time"]), places(found["confirmed_time"]), found["high"], strict=True
    )
    assert len(expected) > 10
    assert sorted(ours) == sorted(expected)


def test_zones_measure_by_talibs_atr_and_ema(talib: Any) -> None:  # noqa: ANN401
    whole = bars()
    opens, highs, lows, closes = columns(whole, "open", "high", "low", "close")
    atr = talib.ATR(highs, lows, closes, 14)
    # The mean begins where its input does: TA-Lib's would be undefined behind one that is not.
    mean = np.full(len(atr), np.nan)
    mean[14:] = talib.EMA(atr[14:], 20)
    found = zones(whole)
    assert found.height > 3
    for confirmed, strength in zip(places(found["confirmed_time"]), found["strength"], strict=True):
        body = abs(closes[confirmed] - opens[confirmed])
        assert strength == pytest.approx(body / mean[confirmed], rel=1e-9)


def test_cvd_by_the_tick_rule_is_talibs_on_balance_volume(talib: Any) -> None:  # noqa: ANN401
    """Where each price differs from the one before, the two are defined alike."""
    frame = trades()
    prices, quantities = columns(frame, "price", "quantity")
    ours = cvd(frame, anchor=None)["cvd"].cast(pl.Float64).to_numpy()
    assert ours.tolist() == talib.OBV(prices, quantities).tolist()


def test_vpin_is_talibs_sum_over_buckets(talib: Any) -> None:  # noqa: ANN401
    found = vpin(trades(), 50, window=20)
    (bought,) = columns(found, "buy_volume")
    sums = talib.SUM(np.abs(2 * bought - 50), 20) / (20 * 50)
    ours = found["vpin"].fill_null(float("nan")).to_numpy()
    np.testing.assert_allclose(ours, sums, rtol=1e-12)


def test_vwap_and_volume_of_longer_candles_are_talibs_sums(talib: Any) -> None:  # noqa: ANN401
    minutes = bars()
    quote, volume = columns(minutes, "quote_volume", "volume")
    sums = talib.SUM(quote, 5), talib.SUM(volume, 5)
    fives = roll_up(minutes, "5m")
    vwap, total = columns(fives, "vwap", "volume")
    assert total.tolist() == sums[1][4::5].tolist()
    np.testing.assert_allclose(vwap, sums[0][4::5] / sums[1][4::5], rtol=1e-12)


def test_highs_and_lows_of_longer_candles_are_talibs(talib: Any) -> None:  # noqa: ANN401
    minutes = bars()
    highs, lows = columns(minutes, "high", "low")
    high, low = columns(roll_up(minutes, "10m"), "high", "low")
    assert high.tolist() == talib.MAX(highs, 10)[9::10].tolist()
    assert low.tolist() == talib.MIN(lows, 10)[9::10].tolist()


def test_deltas_are_those_of_on_balance_volume(talib: Any) -> None:  # noqa: ANN401
    frame = trades()
    prices, quantities = columns(frame, "price", "quantity")
    sums = talib.OBV(prices, quantities)[29::30]
    (ours,) = columns(delta_bars(frame, "1m", anchor=None), "cvd")
    assert ours.tolist() == sums.tolist()


def test_gaps_by_direction_are_those_of_smartmoneyconcepts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It stamps a gap on its middle bar and calls it mitigated at the first touch."""
    monkeypatch.setitem(os.environ, "SMC_CREDIT", "0")
    pandas = pytest.importorskip("pandas")
    smc = pytest.importorskip("smartmoneyconcepts").smc
    whole = bars()
    names = ("open", "high", "low", "close")
    frame = pandas.DataFrame(dict(zip(names, columns(whole, *names), strict=True)))
    theirs = smc.fvg(frame)
    expected = [
        (place, row.FVG > 0, row.Top, row.Bottom, int(row.MitigatedIndex))
        for place, row in enumerate(theirs.itertuples())
        if row.FVG in {1, -1}
    ]
    found = fair_value_gaps(whole, "direction")
    touched = found["touched_time"].dt.epoch("ns").fill_null(0) // MINUTE_NS
    ours = zip(
        [place - 1 for place in places(found["confirmed_time"])],
        found["bullish"],
        *columns(found, "top", "bottom"),
        touched,
        strict=True,
    )
    assert len(expected) > 10
    assert list(ours) == expected


def test_the_profile_of_closes_is_that_of_marketprofile() -> None:
    """It takes closes, names a row by its upper edge, and knows no row without volume."""
    pandas = pytest.importorskip("pandas")
    market = pytest.importorskip("market_profile").MarketProfile
    whole = bars()
    size = 50
    closes, volumes = columns(whole, "close", "volume")
    times = pandas.to_datetime(whole["open_time"].dt.epoch("ns").to_list())
    frame = pandas.DataFrame(
        {"Open": closes, "High": closes, "Low": closes, "Close": closes, "Volume": volumes}, times
    )
    theirs = market(frame, row_size=size)[times[0] : times[-1]]
    edges = [
        (Decimal(int(close)) / size).to_integral_value(ROUND_CEILING) * size for close in closes
    ]
    taken = whole.select("volume").with_columns(
        pl.Series("price", edges),
        pl.col("volume").alias("quantity"),
        pl.int_range(pl.len()).alias("time_ns"),
    )
    found = market_profile(taken, size, "one_row")
    traded = found.rows.filter(pl.col("volume") > 0)
    assert traded["price"].cast(pl.Float64).to_list() == theirs.profile.index.tolist()
    assert traded["volume"].cast(pl.Float64).to_list() == theirs.profile.tolist()
    area = value_area(traded["volume"].cast(pl.Int64).to_list(), "one_row")
    assert area is not None
    prices = [float(traded["price"][place]) for place in area]
    assert prices == [theirs.poc_price, *theirs.value_area]
