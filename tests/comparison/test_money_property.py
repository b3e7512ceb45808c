"""The two engines with money, over streams that Hypothesis makes, and shortens when they differ.

Goal: a difference comes as the shortest stream that shows it. Method: the orders of the streams
without money, by three accounts who can pay for few of them, among commands that move money.
"""

from hypothesis import given
from hypothesis import strategies as st

from tests.comparison.compare import EngineFactory, Options, first_difference
from tests.comparison.streams import Step
from tests.comparison.test_money_streams import MONEY_OPTIONS
from tests.comparison.test_property import (
    STEPS_MAX,
    accounts,
    any_list,
    damaged,
    limits,
    markets,
    names,
    steering,
    stops,
)
from tests.scenarios import commands as c

payees = st.sampled_from((1, 2, 3, 3, 4, c.FEES))
assets = st.sampled_from((c.BTC, c.USDT, c.USDT, 9))
amounts = st.sampled_from((1, 7, 100, 990, 2**100))
numbers = st.integers(0, 9)
sources = st.sampled_from((0, 1, 1, 1, 2, 3))
rates = st.sampled_from((0, 999, 250_000, 1_000_000))


@st.composite
def funds(draw: st.DrawFn) -> Step:
    """Money in, out or across, or an account set anew."""
    account, asset, amount = draw(payees), draw(assets), draw(amounts)
    number, source = draw(numbers), draw(sources)
    pending = draw(st.integers(2, STEPS_MAX))
    made = (
        c.deposit(account, asset, amount, number, source),
        c.transfer(draw(payees), account, asset, amount, number=number, source=source),
        c.withdraw(account, asset, amount, draw(st.integers(0, 2))),
        c.settle(pending + 1, number, source, post=draw(st.integers(0, 1))),
        c.set_account(
            draw(accounts),
            draw(st.integers(0, 3)),
            maker_rate_ppm=draw(rates) * draw(st.sampled_from((1, -1))),
            taker_rate_ppm=draw(rates),
            state=draw(st.sampled_from((1, 1, 2, 3))),
        ),
    )
    return Step(made[draw(st.integers(0, len(made) - 1))], pending)


def opening(gifts: list[int]) -> list[Step]:
    """Return what comes first: assets, two instruments, and three accounts with these gifts."""
    records = [c.add_asset(c.BTC, "BTC", 3), c.add_asset(c.USDT, "USDT", 5)]
    records += [c.instrument(1), c.instrument(2, symbol="OTHER", tick=5)]
    for number, gift in enumerate(gifts, 1):
        account = 1 + number % 3
        if number <= 3:
            rates_ppm = {"maker_rate_ppm": -2_000 * number, "taker_rate_ppm": 120_000 * number}
            records.append(c.set_account(account, **rates_ppm))
        asset = c.BTC if number % 2 else c.USDT
        records.append(c.deposit(account, asset, gift if asset == c.BTC else 100 * gift, number, 7))
    return [Step(record) for record in records]


orders = st.one_of(limits(), limits(), stops(), markets(), names())
steps = st.lists(
    st.one_of(orders, orders, any_list, funds(), steering(), damaged()), max_size=STEPS_MAX
)
gifts = st.lists(st.integers(1, 25), min_size=6, max_size=6)


@given(steps=steps, gifts=gifts, options=st.sampled_from(MONEY_OPTIONS))
def test_engines_agree_on_money_that_hypothesis_makes(
    make_fast: EngineFactory, steps: list[Step], gifts: list[int], options: Options
) -> None:
    difference = first_difference(0, opening(gifts) + steps, options, make_fast)
    assert difference is None, difference.report()
