"""Profiles, gaps, zones and swings: the published answers, and streams that say what batches say.

Goal: what is found is what the definitions say, when they say it. Method: the golden vector,
recorded bars with their expected gaps and value area, batches against streams bar by bar.
"""

import csv
import gzip
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import polars as pl
import pytest

from outcry.errors import InvalidValue
from outcry.marketdata import (
    GapStream,
    Profile,
    ProfileStream,
    SwingStream,
    ZoneStream,
    candles,
    fair_value_gaps,
    market_profile,
    swing_points,
    time_profile,
    value_area,
    zones,
)

GOLDEN = [5, 12, 30, 22, 60, 40, 10, 45, 8, 3]


def golden_trades() -> pl.DataFrame:
    return pl.DataFrame({"time_ns": range(10), "price": range(100, 110), "quantity": GOLDEN})


def wave(count: int = 400) -> pl.DataFrame:
    """Bars that rise and fall with bursts, by whole numbers alone."""
    rows, close = [], 10_000
    for number in range(count):
        step = ((number * 7_919) % 41 - 20) * (12 if number % 9 == 0 else 1)
        first, close = close, close + step
        rows.append((number, first, max(first, close) + number % 5, min(first, close) - 3, close))
    return pl.DataFrame(rows, ["open_time_ns", "open", "high", "low", "close"], orient="row")


def area(found: Profile) -> list[Decimal | None]:
    return [found.poc, found.value_area_low, found.value_area_high]


def test_golden_vector() -> None:
    one = market_profile(golden_trades(), 1, "one_row")
    assert area(one) == [Decimal(104), Decimal(101), Decimal(106)]
    two = market_profile(golden_trades(), 1)
    assert area(two) == [Decimal(104), Decimal(102), Decimal(108)]
    assert two.value_area_share == pytest.approx(215 / 235)


def test_rows_between_prices_are_there() -> None:
    trades = pl.DataFrame(
        {"time_ns": range(4), "price": [100, 101, 102, 500], "quantity": [4, 10, 2, 6]}
    )
    found = market_profile(trades, 1)
    assert found.rows.height == 401
    assert found.value_area_high == Decimal(103)


def test_profile_streams() -> None:
    trades = golden_trades()
    stream = ProfileStream(1)
    assert stream.profile().poc is None
    for piece in trades.iter_slices(3):
        stream.peek(trades)
        stream.update(piece)
    whole = market_profile(trades, 1)
    assert stream.profile().value_area_high == whole.value_area_high
    assert stream.profile().rows["volume"].to_list() == whole.rows["volume"].to_list()


def test_time_profile_counts_periods() -> None:
    bars = pl.DataFrame({"low": [10.0, 10.5, 10.5], "high": [11.0, 11.0, 11.5]})
    found = time_profile(bars, "0.5")
    assert found.rows["periods"].to_list() == [1, 3, 3, 1]
    assert found.rows["single_print"].to_list() == [True, False, False, True]
    assert found.poc == Decimal("10.5")


def test_streams_bar_by_bar_say_what_batches_say() -> None:
    bars = wave()
    gaps, found_zones, swings = (
        fair_value_gaps(bars),
        zones(bars),
        swing_points(bars, 3),
    )
    assert min(gaps.height, found_zones.height, swings.height) > 5
    streams = (
        (GapStream(price_scale=0), gaps),
        (ZoneStream(price_scale=0), found_zones),
    )
    for stream, whole in streams:
        told = []
        for bar in bars.iter_slices(1):
            peeked = stream.peek(bar)
            told.append(stream.update(bar))
            assert peeked.equals(told[-1])
        last = pl.concat(told).unique("number", keep="last").sort("number")
        assert last.equals(whole)
    swing_stream = SwingStream(3, price_scale=0)
    assert pl.concat([swing_stream.update(bar) for bar in bars.iter_slices(1)]).equals(swings)


def test_swings_are_told_no_sooner_than_they_are_known() -> None:
    found = swing_points(wave(), 3)
    late = found["confirmed_time"].dt.epoch("ns") - found["open_time"].dt.epoch("ns")
    assert set(late.to_list()) == {3}


def forming_gap() -> pl.DataFrame:
    """Return three minutes, the last of which still forms, with a gap that it would confirm."""
    seconds = [0, 60, 61, 120]
    trades = {"time_ns": [each * 10**9 for each in seconds], "price": [10, 10, 13, 12]}
    return candles(pl.DataFrame(trades | {"quantity": [1] * 4, "side": ["buy"] * 4}), "1m")


def test_a_bar_that_still_forms_confirms_nothing() -> None:
    bars = forming_gap()
    assert bars["closed"].to_list() == [True, True, False]
    assert fair_value_gaps(bars).is_empty()
    stream = GapStream()
    assert stream.update(bars).is_empty()
    assert stream.peek(bars.tail(1)).height == 1
    # Once it has closed otherwise than it stood, there never was a gap.
    closed = bars.tail(1).with_columns(closed=True, low=Decimal(9))
    assert stream.update(closed).is_empty()
    for find in (zones, swing_points):
        assert find(bars).equals(find(bars.filter("closed")))


def test_what_is_confirmed_is_known_at_the_close() -> None:
    bars = forming_gap().with_columns(closed=True)
    assert fair_value_gaps(bars)["confirmed_time"][0] == bars["close_time"][2]
    opens_only = bars.drop("close_time", "closed")
    assert fair_value_gaps(opens_only)["confirmed_time"][0] == bars["close_time"][2]
    stream = GapStream()
    told = pl.concat([stream.update(bar) for bar in opens_only.iter_slices(1)])
    assert told["confirmed_time"][0] == bars["close_time"][2]


@pytest.mark.parametrize("find", [fair_value_gaps, zones, swing_points])
def test_bars_are_those_of_one_instrument_in_order(find: Callable[..., pl.DataFrame]) -> None:
    bars = wave()
    with pytest.raises(InvalidValue, match="open_time: a bar must lie behind"):
        find(bars[::-1])
    for name in ("symbol", "interval", "account"):
        half = bars.height // 2
        mixed = bars.with_columns(pl.Series(name, [1] * half + [2] * (bars.height - half)))
        with pytest.raises(InvalidValue, match=f"{name}: 1, 2 must be one"):
            find(mixed)
    stream = SwingStream(3, price_scale=0)
    stream.update(bars)
    with pytest.raises(InvalidValue, match="open_time"):
        stream.update(bars.tail(1))


def test_a_value_area_has_no_volume_below_zero() -> None:
    with pytest.raises(InvalidValue, match="volumes: -2"):
        value_area([1, -2, 3])
    with pytest.raises(InvalidValue, match="expansion"):
        value_area([1, 2], "three_row")  # type: ignore[arg-type]


def test_parameters_are_told() -> None:
    with pytest.raises(InvalidValue, match="rule"):
        fair_value_gaps(wave(), "other")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="length"):
        swing_points(wave(), 0)
    with pytest.raises(InvalidValue, match="row_size"):
        market_profile(golden_trades(), 0)


def test_expected_gaps_of_recorded_bars(recordings: Path) -> None:
    """Every row of smart-money-concepts' answer, which stamps a gap on its middle bar."""
    folder = recordings / "fair_value_gaps"
    with gzip.open(folder / "EURUSD_15M.csv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines))
    names = {name.lower(): name for name in rows[0]}
    prices = {n: [row[names[n]] for row in rows] for n in ("open", "high", "low", "close")}
    bars = pl.DataFrame({"open_time_ns": range(len(rows)), **prices})
    found = fair_value_gaps(bars, "direction")
    at = found["confirmed_time"].dt.epoch("ns") - 1
    touched = found["touched_time"].dt.epoch("ns").fill_null(0)
    ours = {
        place: (1.0 if bullish else -1.0, float(top), float(bottom), float(touch))
        for place, bullish, top, bottom, touch in zip(
            at, found["bullish"], found["top"], found["bottom"], touched, strict=True
        )
    }
    with (folder / "expected_gaps.csv").open() as lines:
        expected = {
            place: tuple(float(value) for value in list(row.values())[-4:])
            for place, row in enumerate(csv.DictReader(lines))
            if all(list(row.values())[-4:][:3])
        }
    assert len(expected) > 1_000
    assert ours == expected


def test_value_area_of_recorded_bars(recordings: Path) -> None:
    """py-market-profile's answer.

    It takes bars by their close, names rows by their upper edge, and widens the value area one row
    at a time over the rows that have any volume.
    """
    with (recordings / "market_profile" / "googl_30m.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    row_size = Decimal("0.05")
    edges = [
        (Decimal(row["Close"]) / row_size).to_integral_value(ROUND_CEILING) * row_size
        for row in rows
    ]
    volumes = [int(float(row["Volume"])) for row in rows]
    bars = pl.DataFrame({"time_ns": range(len(rows)), "price": edges, "quantity": volumes})
    found = market_profile(bars, row_size, "one_row")
    assert found.poc == Decimal("944.50")
    assert (found.rows["price"][0], found.rows["price"][-1]) == (
        Decimal("927.75"),
        Decimal("959.30"),
    )
    traded = found.rows.filter(pl.col("volume") > 0)
    places = value_area(traded["volume"].cast(pl.Int64).to_list(), "one_row")
    assert places is not None
    prices = [traded["price"][place] for place in places]
    assert prices == [Decimal("944.50"), Decimal("944.20"), Decimal("958.95")]
