"""Goal: a candle of parts is the candle of all their trades, however they were parted.

Method: Hypothesis parts made-up trades anywhere; the whole is counted trade by trade.
"""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.market import LENGTHS_MS, Candle, rolled_up
from tests.gateways.market.past import Made, opening

START_MS = 1_700_000_000_123
TRADES = st.lists(
    st.builds(
        Made,
        st.integers(START_MS, START_MS + 40 * 86_400_000),
        st.integers(1, 10**12),
        st.integers(1, 10**14),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
).map(lambda trades: sorted(trades, key=lambda made: made.time_ms))
CUTS = st.lists(st.integers(0, 40), max_size=6)


def one_of(place: int, made: Made) -> Candle:
    """Return the candle of one trade."""
    price, quantity = made.price, made.quantity
    value, nothing = price * quantity, Decimal(0)
    return Candle(
        made.time_ms,
        *(price, price, price, price),
        *(quantity, value, 1),
        quantity if made.is_buy else nothing,
        value if made.is_buy else nothing,
        *(place, place),
    )


def counted(trades: list[tuple[int, Made]], start_ms: int) -> Candle:
    """Return the candle of some trades, from integers."""
    made = [each for _, each in trades]
    buys = [each for each in made if each.is_buy]

    def scaled(number: int, places: int) -> Decimal:
        return Decimal(f"{number}e-{places}")

    return Candle(
        start_ms,
        scaled(made[0].ticks, 2),
        scaled(max(each.ticks for each in made), 2),
        scaled(min(each.ticks for each in made), 2),
        scaled(made[-1].ticks, 2),
        scaled(sum(each.lots for each in made), 5),
        scaled(sum(each.ticks * each.lots for each in made), 7),
        len(made),
        scaled(sum(each.lots for each in buys), 5),
        scaled(sum(each.ticks * each.lots for each in buys), 7),
        trades[0][0],
        trades[-1][0],
    )


def joined(parts: list[Candle]) -> Candle:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.then(part)
    return whole


@given(TRADES, CUTS)
def test_parts_make_the_whole_wherever_they_are_cut(trades: list[Made], cuts: list[int]) -> None:
    ones = [one_of(place, made) for place, made in enumerate(trades, 1)]
    bounds = sorted({0, len(ones), *(cut for cut in cuts if cut < len(ones))})
    parts = [joined(ones[a:b]) for a, b in pairwise(bounds)]
    assert joined(parts) == joined(ones) == counted(list(enumerate(trades, 1)), trades[0].time_ms)


@given(TRADES, st.integers(0, 40))
def test_quiet_candles_between_change_nothing(trades: list[Made], place: int) -> None:
    ones = [one_of(number, made) for number, made in enumerate(trades, 1)]
    before = ones[0]
    quiet = before.quiet_after(before.open_ms + 60_000)
    assert (quiet.trades, quiet.first_id, quiet.last_id) == (0, -1, -1)
    assert not quiet.volume
    assert quiet.open == quiet.high == quiet.low == quiet.close == before.close
    with_quiet = [*ones[: place + 1], quiet, *ones[place + 1 :]]
    assert joined(with_quiet) == joined(ones)
    assert quiet.then(ones[-1]) == ones[-1].beginning(quiet.open_ms)


@given(
    TRADES,
    st.sampled_from(sorted({"1s", "1m", "3m", "1h", "1d", "3d", "1w", "1M"} & LENGTHS_MS.keys())),
    st.sampled_from([0, 480, -720, 345, 840]),
)
def test_roll_ups_are_those_of_the_calendar_in_every_zone(
    trades: list[Made], interval: str, shift_minutes: int
) -> None:
    shift_ms = shift_minutes * 60_000
    groups: dict[int, list[tuple[int, Made]]] = {}
    for place, made in enumerate(trades, 1):
        start_ms = opening(interval, made.time_ms, shift_ms)
        groups.setdefault(start_ms, []).append((place, made))
    wanted = [counted(group, start_ms) for start_ms, group in groups.items()]
    ones = [one_of(place, made) for place, made in enumerate(trades, 1)]
    assert rolled_up(ones, interval, shift_ms) == wanted
    # Through minutes it comes to the same, where the interval is made of them.
    if interval != "1s":
        assert rolled_up(rolled_up(ones, "1m"), interval, shift_ms) == wanted
