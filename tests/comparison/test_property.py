"""The two engines compared over streams that Hypothesis makes, and shortens when they differ.

Goal: a difference comes as the shortest stream that shows it. Method: commands of every kind over
few prices, accounts and names; a command that names an order names it by the step that made it.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outcry.reference.codes import Kind, ListType
from tests.comparison.compare import EngineFactory, Options, first_difference
from tests.comparison.streams import LEG_COUNT_OFFSET, Step
from tests.comparison.test_streams import ALL_OPTIONS
from tests.scenarios import commands as c

STEPS_MAX = 50
Fields = dict[str, Any]
LIMITS = (c.LIMIT, c.LIMIT, c.LIMIT, c.STOP_LIMIT)
STOPS = (c.STOP, c.STOP_LIMIT, c.STOP_LIMIT)
ANY = (c.LIMIT, c.LIMIT, c.MARKET, c.STOP, c.STOP_LIMIT)

instruments = st.sampled_from((1, 1, 1, 2))
accounts = st.integers(1, 3)
sides = st.sampled_from((c.BUY, c.SELL))
prices = st.integers(97, 103)
lots = st.integers(1, 9)
times = st.integers(0, 12)
self_trades = st.integers(0, 4)
client_ids = st.sampled_from(("", "", "a", "b"))
request_ids = st.sampled_from((0, 0, 0, 0, 1, 2))
triggers = st.sampled_from((c.RISE, c.FALL))


def common() -> st.SearchStrategy[Fields]:
    """What every order command says."""
    return st.fixed_dictionaries(
        {
            "instrument": instruments,
            "account": accounts,
            "time_ns": times,
            "request_id": request_ids,
        }
    )


@st.composite
def limits(draw: st.DrawFn) -> Step:
    """A limit order: plain, with an expiry, a name, a part that it shows, or several."""
    fields = draw(common()) | {"self_trade": draw(self_trades)}
    fields["time_in_force"] = draw(st.integers(1, 5))
    if fields["time_in_force"] == c.GTD:
        fields["expire_ns"] = draw(st.integers(1, 14))
    total = draw(lots)
    if draw(st.booleans()):
        fields |= {"client_id": draw(client_ids), "display": draw(st.integers(0, total))}
    post_only = draw(st.sampled_from((False, False, False, True)))
    return Step(c.new(draw(sides), draw(prices), total, post_only=post_only, **fields))


@st.composite
def stops(draw: st.DrawFn) -> Step:
    """A stop: with a limit or without, fixed or trailing."""
    fields = draw(common()) | {"self_trade": draw(self_trades)}
    fields["time_in_force"] = draw(st.sampled_from((c.GTC, c.IOC, c.FOK, c.DAY)))
    fields["stop_unit"] = draw(st.sampled_from((0, 0, 1, 2)))
    distances = {0: prices, 1: st.integers(1, 4), 2: st.integers(1, 40_000)}
    where = {"trigger": draw(triggers), "stop": draw(distances[fields["stop_unit"]])}
    price = draw(st.sampled_from((0, 98, 100, 102)))
    return Step(c.stop(draw(sides), draw(lots), **where, price=price, **fields))


@st.composite
def markets(draw: st.DrawFn) -> Step:
    """A market order, by quantity or by amount."""
    fields = draw(common()) | {"self_trade": draw(self_trades)}
    if draw(st.booleans()):
        return Step(c.amount(draw(sides), draw(st.integers(1, 1_500)), **fields))
    fields["time_in_force"] = draw(st.sampled_from((c.IOC, c.FOK)))
    worst = draw(st.sampled_from((0, 99, 101)))
    return Step(c.market(draw(sides), draw(lots), price=worst, **fields))


@st.composite
def names(draw: st.DrawFn) -> Step:
    """A cancel or a replace, by order id or by client order id."""
    fields = draw(common())
    fields["instrument"] = draw(st.sampled_from((0, 1, 1, 2)))
    client_id = draw(client_ids)
    order_id = 0
    if client_id:
        fields["client_id"] = client_id
    else:
        order_id = draw(st.integers(1, 6))
    maker, leg = draw(st.integers(2, STEPS_MAX)), draw(st.sampled_from((0, 0, 1, 2)))
    if draw(st.booleans()):
        return Step(c.cancel(order_id, **fields), maker, leg)
    if draw(st.integers(0, 3)) == 0:
        fields["stop"] = draw(prices)
    price = draw(st.sampled_from((0, 98, 99, 100, 101, 102)))
    return Step(c.replace(order_id, price, draw(lots), **fields), maker, leg)


@st.composite
def lists(draw: st.DrawFn) -> Step:
    """A list of orders of one account, or what is none."""
    head = draw(common())
    side, total = draw(sides), draw(lots)
    later = c.BUY + c.SELL - side
    list_type = draw(st.sampled_from(ListType))
    working = draw(legs(head, st.just(side), st.just(total), LIMITS))
    if list_type == ListType.OTO:
        record = c.oto(working, draw(legs(head, sides, lots, ANY)), **head)
    elif list_type == ListType.OCO:
        away = draw(legs(head, st.just(side), st.just(total), STOPS))
        record = c.oco(*draw(st.permutations((working, away))), **head)
    else:
        first = draw(legs(head, st.just(later), st.just(total), LIMITS))
        second = draw(legs(head, st.just(later), st.just(total), STOPS))
        record = c.otoco(working, *draw(st.permutations((first, second))), **head)
    return Step(record)


@st.composite
def legs(
    draw: st.DrawFn,
    head: Fields,
    of_side: st.SearchStrategy[int],
    of_lots: st.SearchStrategy[int],
    types: tuple[int, ...],
) -> bytes:
    """An order that is a leg: a limit or market order, or a stop that is away from the market."""
    fields = {"instrument": head["instrument"], "account": head["account"]}
    fields |= {"self_trade": draw(self_trades), "client_id": draw(client_ids)}
    fields["time_in_force"] = draw(st.sampled_from((c.GTC, c.GTC, c.IOC, c.FOK, c.DAY, c.GTD)))
    side, total, order_type = draw(of_side), draw(of_lots), draw(st.sampled_from(types))
    if order_type == c.MARKET:
        fields["time_in_force"] = draw(st.sampled_from((c.IOC, c.FOK)))
        return c.market(side, total, **fields)
    if fields["time_in_force"] == c.GTD:
        fields["expire_ns"] = draw(st.integers(8, 14))
    if order_type == c.LIMIT:
        post_only = fields["time_in_force"] in (c.GTC, c.DAY) and draw(st.booleans())
        return c.new(side, draw(prices), total, post_only=post_only, **fields)
    trigger = c.FALL if side == c.SELL else c.RISE
    unit, away = draw(st.sampled_from((0, 0, 0, 1, 2))), draw(st.integers(0, 4))
    stop = {0: 100 - away if side == c.SELL else 100 + away, 1: 1 + away, 2: 1 + away * 9_000}[unit]
    price = 0 if order_type == c.STOP else draw(prices)
    return c.stop(side, total, trigger, stop, price=price, stop_unit=unit, **fields)


@st.composite
def list_names(draw: st.DrawFn) -> Step:
    """A cancel of a list."""
    maker = draw(st.integers(2, STEPS_MAX))
    number = draw(st.sampled_from((0, 0, 1, 2)))
    return Step(c.cancel_list(maker + 1, draw(accounts), number, time_ns=draw(times)), maker)


@st.composite
def steering(draw: st.DrawFn) -> Step:
    """A command that steers an instrument or touches many orders."""
    number = draw(instruments)
    updated = c.update_instrument(
        number,
        band_ppm=draw(st.sampled_from((0, 20_000))),
        market_band_ppm=draw(st.sampled_from((0, 10_000))),
        price_min=draw(st.sampled_from((1, 98))),
        orders_max=draw(st.sampled_from((0, 4))),
        tick=draw(st.sampled_from((1, 5))),
    )
    made = (
        c.set_state(draw(st.integers(1, 4)), number),
        c.set_reference(draw(st.sampled_from((0, 95, 100))), number),
        c.end_session(number, time_ns=draw(times)),
        c.advance_time(draw(times)),
        c.set_account(draw(accounts), draw(st.integers(0, 3))),
        c.mass_cancel(
            account=draw(st.integers(0, 3)),
            instrument=draw(st.integers(0, 2)),
            side=draw(st.integers(0, 2)),
        ),
        updated,
        bytes(32),
    )
    return Step(made[draw(st.integers(0, len(made) - 1))])


@st.composite
def damaged(draw: st.DrawFn) -> Step:
    """A record with one byte changed, but for what kinds it has, its length and its times."""
    record = draw(st.one_of(limits(), stops(), names(), lists(), list_names())).record
    offsets = [at for at in range(1, len(record)) if at % 128 != 0 and not 8 <= at % 128 < 16]
    if record[0] == Kind.NEW_LIST:
        # How many legs there are says where the record ends.
        offsets.remove(LEG_COUNT_OFFSET)
    at = draw(st.sampled_from(offsets))
    return Step(record[:at] + bytes([draw(st.integers(0, 255))]) + record[at + 1 :])


any_list = st.one_of(lists(), lists(), lists(), list_names())
steps = st.lists(
    st.one_of(
        limits(), limits(), stops(), markets(), names(), names(), any_list, steering(), damaged()
    ),
    max_size=STEPS_MAX,
)


@given(steps=steps, options=st.sampled_from(ALL_OPTIONS))
def test_engines_agree_on_what_hypothesis_makes(
    make_fast: EngineFactory, steps: list[Step], options: Options
) -> None:
    opening = [Step(c.instrument(1)), Step(c.instrument(2, tick=5))]
    difference = first_difference(0, opening + steps, options, make_fast)
    assert difference is None, difference.report()
