"""Goal: orders count as Binance counts them: new ones add, the first fill of each takes back.

Method: the examples of Binance's own account of the rule; the bounds of both windows; a plain model
of random orders and fills.
"""

from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.limits import (
    MAKER_FILL,
    TAKER_FILL,
    OrderCharge,
    OrderCounts,
    OrderLimit,
)
from outcry.settings import ServeSettings

DAY = 86_400_000
TEN = 10_000
T = 20_000 * DAY


def test_ten_seconds_and_a_day_hold_their_orders() -> None:
    counts = OrderCounts(ten_seconds_max=3, day_max=5)
    assert counts.charge(7, 3, T) == OrderCharge(3, 3, None, 0, 0)
    assert counts.charge(7, 1, T + 1) == OrderCharge(3, 3, OrderLimit.TEN_SECONDS, T + TEN, 10)
    assert counts.charge(8, 1, T + 1).full is None
    # Of a list that does not fit, nothing counts.
    assert counts.charge(7, 3, T + TEN) == OrderCharge(0, 3, OrderLimit.DAY, T + DAY, 86_390)
    assert counts.charge(7, 2, T + TEN) == OrderCharge(2, 5, None, 0, 0)
    assert counts.used(7, T + TEN) == (2, 5)
    assert counts.used(7, T + 2 * TEN) == (0, 5)
    assert counts.used(7, T + DAY) == (0, 0)
    assert counts.used(9, T) == (0, 0)
    assert counts.charge(7, 1, T + DAY - 1).full is OrderLimit.DAY
    assert counts.charge(7, 1, T + DAY) == OrderCharge(1, 1, None, 0, 0)


def test_a_taker_goes_on_as_long_as_it_trades() -> None:
    counts = OrderCounts()
    counts.charge(7, 1, T + 1_000)
    assert counts.charge(7, 1, T + 2_000).used_10s == 2
    counts.give_back(7, TAKER_FILL, T + 2_000)
    assert counts.charge(7, 1, T + 3_000).used_10s == 2
    assert counts.charge(7, 1, T + 5_000).used_10s == 3
    counts.give_back(7, TAKER_FILL, T + 5_000)
    assert counts.used(7, T + 5_000) == (2, 2)


def test_a_maker_gets_five_back_but_never_credit() -> None:
    counts = OrderCounts()
    counts.charge(7, 5, T + 1_000)
    counts.give_back(7, MAKER_FILL, T + 3_000)
    assert counts.used(7, T + 3_000) == (0, 0)
    assert counts.charge(7, 2, T + 4_000).used_10s == 2
    counts.give_back(7, MAKER_FILL, T + 5_000)
    assert counts.charge(7, 1, T + 6_000).used_10s == 1


def test_a_fill_of_yesterdays_order_counts_today() -> None:
    counts = OrderCounts()
    counts.charge(7, 5, T)
    counts.charge(7, 10, T + DAY)
    for _ in range(5):
        counts.give_back(7, TAKER_FILL, T + DAY + TEN)
    assert counts.used(7, T + DAY + TEN) == (0, 5)
    counts.give_back(9, TAKER_FILL, T)
    assert counts.used(9, T) == (0, 0)


def test_what_is_remembered_is_bounded_and_the_quiet_are_forgotten_first() -> None:
    counts = OrderCounts(ten_seconds_max=5, accounts_max=10)
    for account in range(1_000):
        counts.charge(account, 5, T)
        counts.charge(0, 0, T + TEN * account)
    assert len(counts) == 10
    assert counts.charge(999, 1, T).full is OrderLimit.TEN_SECONDS
    assert counts.used(5, T) == (0, 0)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(-5, 5), st.integers(0, 7_000_000)), max_size=100
    )
)
def test_it_is_the_plain_count(steps: list[tuple[int, int, int]]) -> None:
    counts = OrderCounts(ten_seconds_max=9, day_max=20)
    now = T
    plain: dict[tuple[int, str, int], int] = {}
    for account, change, passed_ms in steps:
        now += passed_ms % 20_000 if passed_ms % 3 else passed_ms
        ten, day = (account, "ten", now // TEN), (account, "day", now // DAY)
        used = plain.get(ten, 0), plain.get(day, 0)
        if change < 0:
            counts.give_back(account, -change, now)
            plain[ten], plain[day] = max(0, used[0] + change), max(0, used[1] + change)
        else:
            charge = counts.charge(account, change, now)
            fits = used[0] + change <= 9 and used[1] + change <= 20
            assert (charge.full is None) is fits
            if fits:
                plain[ten], plain[day] = used[0] + change, used[1] + change
        assert counts.used(account, now) == (plain.get(ten, 0), plain.get(day, 0))


def test_the_settings_say_how_many() -> None:
    counts = OrderCounts.of(ServeSettings(orders_10s_max=2, orders_1d_max=3))
    assert (counts.ten_seconds_max, counts.day_max) == (2, 3)
