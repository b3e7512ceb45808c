"""Drawing with characters: every price in its row, every volume in its height.

Method: candles small enough to draw by hand.
"""

from decimal import Decimal

from outcry.cli.chart import bar, candle_chart
from outcry.cli.report import Candle


def candle(opened: int, high: int, low: int, close: int, volume: int = 1) -> Candle:
    size = Decimal(volume)
    return Candle(
        open_time_ns=0,
        close_time_ns=59,
        open=Decimal(opened),
        high=Decimal(high),
        low=Decimal(low),
        close=Decimal(close),
        volume=size,
        quote_volume=size,
        trades=1,
        buy_volume=size,
        buy_quote_volume=size,
        vwap=Decimal(1),
        closed=True,
    )


def drawn(*candles: Candle, rows: int, columns: int = 1) -> list[str]:
    return [line.plain for line in candle_chart(candles, rows, columns)]


def test_body_stands_within_its_wick() -> None:
    assert drawn(candle(2, 8, 0, 4), rows=4) == ["│", "╽", "┃", "│", "█"]


def test_candles_share_one_scale() -> None:
    lines = drawn(candle(0, 8, 0, 8, 2), candle(8, 8, 0, 0, 1), candle(0, 3, 0, 3, 1), rows=2)
    assert lines == ["┃┃ ", "┃┃┃", "█▄▄"]


def test_candles_without_a_range_stand_in_the_middle() -> None:
    assert drawn(candle(5, 5, 5, 5), rows=2, columns=2) == ["╻ ", "  ", "█ "]


def test_smallest_bar_can_be_seen() -> None:
    assert bar(Decimal(1), Decimal(1_000), 8) == "▏"
    assert bar(Decimal(1_000), Decimal(1_000), 8) == "█" * 8
