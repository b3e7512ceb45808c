"""Goal: no address gets more than a window allows, and who goes on regardless is kept out for long.

Method: the bounds of each window; bans as they grow; a plain count of everything taken as the judge
of random requests; the bound of what is remembered.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.limits import BanRule, Charge, Refusal, RequestWeights
from outcry.settings import ServeSettings

MINUTE = 60_000
T = 1_700_000_100_000 // 300_000 * 300_000
IP = "192.0.2.1"


def refused(weights: RequestWeights, times: int, now_ms: int, address: str = IP) -> Charge:
    """Ask for too much so many times; return what came of the last."""
    charge = Charge(0, None, 0, 0)
    for _ in range(times):
        charge = weights.charge(address, weights.weight_max + 1, now_ms)
    return charge


def test_a_minute_holds_its_weight() -> None:
    weights = RequestWeights()
    for used in range(1, 301):
        assert weights.charge(IP, 20, T) == Charge(20 * used, None, 0, 0)
    assert weights.charge(IP, 1, T + 1) == Charge(6_000, Refusal.WEIGHT, T + MINUTE, 60)
    assert weights.charge("192.0.2.2", 1, T + 1).refusal is None
    assert weights.charge(IP, 0, T + 1).refusal is None
    assert weights.charge(IP, 1, T + MINUTE - 1).retry_after_s == 1
    assert weights.charge(IP, 6_000, T + MINUTE) == Charge(6_000, None, 0, 0)
    assert weights.used_weight(IP, T + MINUTE) == 6_000
    assert weights.used_weight(IP, T + 2 * MINUTE) == 0


def test_five_minutes_hold_their_requests() -> None:
    weights = RequestWeights(raw_max=10)
    for minute in range(5):
        for _ in range(2):
            assert weights.charge(IP, 1, T + minute * MINUTE).refusal is None
    end = T + 5 * MINUTE
    assert weights.charge(IP, 1, end - 1_500) == Charge(2, Refusal.RAW, end, 2)
    assert weights.charge(IP, 1, end).refusal is None


def test_who_goes_on_is_banned_for_twice_as_long_each_time() -> None:
    weights = RequestWeights(weight_max=1, ban_rule=BanRule(refusals_max=3))
    now, lengths = T, []
    for _ in range(14):
        assert refused(weights, 3, now).refusal is Refusal.WEIGHT
        charge = refused(weights, 1, now)
        assert charge.refusal is Refusal.BANNED
        assert charge.retry_ms == now + 1_000 * charge.retry_after_s
        lengths.append(charge.retry_after_s)
        # Whatever it asks for, until the ban is over.
        last = weights.charge(IP, 0, charge.retry_ms - 1)
        assert (last.refusal, last.retry_after_s) == (Refusal.BANNED, 1)
        assert weights.charge("192.0.2.2", 1, now).refusal is None
        now = charge.retry_ms
        assert weights.charge(IP, 1, now).refusal is None
    assert lengths[:4] == [120, 240, 480, 960]
    assert lengths[-3:] == [245_760, 259_200, 259_200]
    assert lengths == sorted(lengths)


def test_who_was_good_for_long_begins_anew() -> None:
    weights = RequestWeights(weight_max=1, ban_rule=BanRule(0, 60, 120))
    assert refused(weights, 1, T).retry_after_s == 60
    assert refused(weights, 1, T + 60_000).retry_after_s == 120
    free = T + 180_000
    assert refused(weights, 1, free + 120_000 - 1).retry_after_s == 120
    later = free + 240_000 + 120_000
    assert refused(weights, 1, later).retry_after_s == 60


def test_refusals_are_counted_by_the_minute() -> None:
    weights = RequestWeights(weight_max=1, ban_rule=BanRule(refusals_max=3))
    for minute in range(20):
        assert refused(weights, 3, T + minute * MINUTE).refusal is Refusal.WEIGHT


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::1", "192.0.2.1", False),
        ("not:an:address", "not:an:address", True),
        ("", "192.0.2.1", False),
    ],
)
def test_an_ipv6_network_counts_as_one(one: str, other: str, are_one: bool) -> None:
    weights = RequestWeights(weight_max=1)
    assert weights.charge(one, 1, T).refusal is None
    assert weights.charge(other, 1, T).refusal is (Refusal.WEIGHT if are_one else None)
    assert weights.used_weight(one, T) == 1


def test_what_is_remembered_is_bounded_and_the_quiet_are_forgotten_first() -> None:
    weights = RequestWeights(weight_max=1, ban_rule=BanRule(refusals_max=0), addresses_max=10)
    refused(weights, 1, T, "banned")
    for number in range(1_000):
        weights.charge(f"10.0.0.{number}", 1, T)
    assert len(weights) <= 20
    # A ban is not forgotten for others' mere asking.
    assert weights.charge("banned", 0, T).refusal is Refusal.BANNED
    assert weights.charge("10.0.0.999", 1, T).refusal is Refusal.BANNED
    assert weights.charge("10.0.0.0", 1, T).refusal is None
    for number in range(1_000):
        refused(weights, 1, T, f"bad {number}")
    assert len(weights) <= 20


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.integers(0, 45_000)), max_size=200
)


@given(STEPS)
def test_what_is_taken_fits_its_windows(steps: list[tuple[str, int, int]]) -> None:
    weights = RequestWeights(20, 8, BanRule(5, 90, 400))
    now = T
    taken: list[tuple[str, int, int]] = []
    banned_until: dict[str, int] = {}
    for address, weight, passed_ms in steps:
        now += passed_ms
        in_minute = sum(w for a, w, t in taken if a == address and t // MINUTE == now // MINUTE)
        in_five = sum(a == address and t // 300_000 == now // 300_000 for a, _, t in taken)
        charge = weights.charge(address, weight, now)
        if now < banned_until.get(address, 0):
            assert charge.refusal is Refusal.BANNED
            assert charge.retry_ms == banned_until[address]
        elif in_minute + weight <= 20 and in_five < 8:
            assert charge == Charge(in_minute + weight, None, 0, 0)
            taken.append((address, weight, now))
        else:
            assert charge.refusal is not None
            assert charge.used_weight == in_minute
        if charge.refusal is Refusal.BANNED:
            banned_until[address] = charge.retry_ms
        if charge.refusal is not None:
            assert charge.retry_ms > now
            assert charge.retry_after_s == -(-(charge.retry_ms - now) // 1_000)


def test_the_settings_say_how_much() -> None:
    settings = ServeSettings(
        request_weight_max=5, raw_requests_max=7, refusals_max=0, ban_s_first=9
    )
    weights = RequestWeights.of(settings)
    assert (weights.weight_max, weights.raw_max) == (5, 7)
    assert refused(weights, 1, T).retry_after_s == 9
