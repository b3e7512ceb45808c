"""Goal: a board knows of the last day what a recount of its trades would say.

Method: Hypothesis gives it trades in pieces of any size, some of them twice, begins it from
finished minutes anywhere, and compares windows, means and closes with the trades themselves.
"""

from decimal import Context, Decimal
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.gateways.market import Board, Candle, rolled_up
from outcry.gateways.market.board import GRACE_MS, TradeColumns
from outcry.protocol import PLACED_EVENT, Side
from tests.gateways.market.past import BTC, FIGURES, MINUTE_MS, NS_PER_MS, Made
from tests.gateways.market.test_candle import counted, one_of

START_MS = 1_717_000_000_123
DAY_MS = 86_400_000


@st.composite
def trades_of(draw: st.DrawFn) -> list[Made]:
    """Return trades over up to three days, some close together."""
    time_ms, made = START_MS, []
    for _ in range(draw(st.integers(1, 25))):
        time_ms += draw(st.one_of(st.integers(0, 90_000), st.integers(0, DAY_MS // 4)))
        ticks, lots = draw(st.integers(1, 10**7)), draw(st.integers(1, 10**7))
        made.append(Made(time_ms, ticks, lots, draw(st.booleans())))
    return made


def show(board: Board, trades: list[Made], first: int, stop: int) -> None:
    """Show a board the trades of these places as events."""
    rows = np.zeros(stop - first, PLACED_EVENT)
    times = np.zeros(stop - first, np.int64)
    for row, place in enumerate(range(first, stop)):
        made = trades[place]
        rows[row]["trade_id"] = place + 1
        rows[row]["price_ticks"] = made.ticks
        rows[row]["quantity_lots"] = made.lots
        rows[row]["aggressor"] = Side.BUY if made.is_buy else Side.SELL
        times[row] = made.time_ms * NS_PER_MS
    board.take(rows, times)


def board_of(trades: list[Made], begun: int, cuts: list[int]) -> Board:
    """Return a board that begins with the finished minutes of some trades and is shown the rest."""
    minutes = rolled_up([one_of(place, made) for place, made in enumerate(trades, 1)], "1m")
    finished = [each for each in minutes[:-1] if each.last_id <= begun]
    board = Board(BTC, FIGURES, finished)
    first = finished[-1].last_id if finished else 0
    bounds = sorted({first, len(trades), *(cut for cut in cuts if first < cut < len(trades))})
    for start, stop in pairwise(bounds):
        # What comes twice is passed over.
        show(board, trades, max(0, start - 3), stop)
    return board


def minute_of(time_ms: int) -> int:
    return time_ms // MINUTE_MS * MINUTE_MS


def window_of(trades: list[Made], start_ms: int) -> Candle | None:
    """Return all that was traded from the minute of a time on."""
    inside = [
        (place, made)
        for place, made in enumerate(trades, 1)
        if minute_of(made.time_ms) + MINUTE_MS > start_ms
    ]
    return counted(inside, minute_of(inside[0][1].time_ms)) if inside else None


@settings(max_examples=60, deadline=None)
@given(
    trades_of(),
    st.integers(0, 25),
    st.lists(st.integers(0, 25), max_size=4),
    st.integers(0, DAY_MS),
    st.sampled_from([1, 5, 60]),
)
def test_windows_means_and_closes_are_those_of_the_trades(
    trades: list[Made], begun: int, cuts: list[int], wait_ms: int, minutes: int
) -> None:
    board = board_of(trades, begun, cuts)
    now_ms = trades[-1].time_ms + wait_ms
    board.settle(now_ms)
    assert board.day(now_ms) == window_of(trades, now_ms - DAY_MS)
    start_ms = now_ms - minutes * MINUTE_MS
    assert board.since(start_ms) == window_of(trades, start_ms)
    earlier = [each for each in trades if minute_of(each.time_ms) + MINUTE_MS <= start_ms]
    assert board.close_before(start_ms) == (earlier[-1].price if earlier else None)
    inside = trades[len(earlier) :]
    volume = sum((each.quantity for each in inside), Decimal(0))
    value = sum((each.price * each.quantity for each in inside), Decimal(0))
    mean = Context(prec=100).divide(value, volume) if volume else trades[-1].price
    assert board.average(now_ms, minutes) == mean
    assert board.last is not None
    assert (board.last.trade_id, board.last.price) == (len(trades), trades[-1].price)


@settings(max_examples=60, deadline=None)
@given(trades_of(), st.lists(st.integers(0, 25), max_size=4))
def test_minutes_and_seconds_are_finished_once_and_in_order(
    trades: list[Made], cuts: list[int]
) -> None:
    board = board_of(trades, 0, cuts)
    ones = [one_of(place, made) for place, made in enumerate(trades, 1)]
    *minutes, forming = rolled_up(ones, "1m")
    *seconds, second = rolled_up(ones, "1s")
    assert (list(board.minutes), board.forming_minute) == (minutes, forming)
    assert (list(board.seconds), board.forming_second) == (seconds, second)
    board.settle(forming.open_ms + MINUTE_MS + GRACE_MS - 1)
    assert board.forming_minute == forming
    board.settle(forming.open_ms + MINUTE_MS + GRACE_MS)
    assert list(board.minutes) == [*minutes, forming]
    assert board.forming("1m") is None


def test_trades_of_other_steps_are_shown_at_their_own() -> None:
    board = Board(BTC, FIGURES, [])

    def columns(place: int, ticks: int, lots: int) -> TradeColumns:
        times = np.array([START_MS * NS_PER_MS])
        numbers = [np.array([number], np.int64) for number in (place, ticks, lots)]
        return TradeColumns(times, numbers[0], numbers[1], numbers[2], np.array([1], np.int8))

    board.take_columns(columns(1, 120, 30), (5, 1), (1, 0))
    assert board.last is not None
    assert (board.last.price, board.last.quantity) == (Decimal("60.0"), Decimal(30))
    board.take_columns(columns(2, 6_100, 200_000), (1, 2), (1, 5))
    whole = board.forming_minute
    assert whole is not None
    assert (whole.open, whole.close) == (Decimal(60), Decimal(61))
    assert (whole.volume, whole.quote_volume) == (Decimal(32), Decimal(60 * 30 + 61 * 2))
