"""Goal: lateness is what a reader would have waited for, and nothing is said before it caught up.

Method: Hypothesis moves both sequences and the clock; the whole past is kept beside, of which the
oldest moment whose sequence is still lacking tells the lateness within one look.
"""

from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.lateness import Lateness

STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 8), st.sampled_from((0.1, 0.25, 1.0))), max_size=40
)


@given(STEPS, st.integers(0, 3))
def test_it_is_as_late_as_the_oldest_that_is_lacking(
    steps: list[tuple[int, int, float]], lead: int
) -> None:
    durable = [lead]
    applied = [0]
    lateness = Lateness(lambda: durable[0], lambda: applied[0])
    past: list[tuple[int, float]] = []
    now_s, caught = 0.0, False
    for added, done, pause_s in steps:
        told_s = lateness.look(now_s)
        caught = caught or applied[0] >= (past[0][0] if past else durable[0])
        lacking = [since_s for sequence, since_s in past if sequence > applied[0]]
        true_s = now_s - lacking[0] if lacking else 0.0
        # A mark is set at a look only, so it is late by what passed since, but never says more.
        assert told_s <= true_s + 1e-9
        assert lateness.is_behind == (not caught)
        past.append((durable[0], now_s))
        durable[0] += added
        applied[0] = min(applied[0] + done, durable[0])
        now_s += pause_s


@given(st.floats(0.1, 100), st.integers(1, 100))
def test_one_that_stands_still_is_ever_later(pause_s: float, looks: int) -> None:
    lateness = Lateness(lambda: 10, lambda: 9)
    told = [lateness.look(number * pause_s) for number in range(looks)]
    assert told == [number * pause_s for number in range(looks)]
    assert lateness.is_behind


def test_one_that_always_lags_a_little_is_not_late() -> None:
    durable, applied = [100], [50]
    lateness = Lateness(lambda: durable[0], lambda: applied[0])
    for look in range(100):
        assert lateness.look(look * 0.25) <= 0.5
        durable[0] += 50
        applied[0] += 50
    assert not lateness.is_behind


def test_begun_anew_it_has_to_catch_up_again() -> None:
    durable, applied = [5], [5]
    lateness = Lateness(lambda: durable[0], lambda: applied[0])
    lateness.look(0)
    assert not lateness.is_behind
    durable[0] = 9
    lateness.begin_anew()
    assert (lateness.look(3), lateness.is_behind) == (0, True)
    assert (lateness.look(5), lateness.is_behind) == (2, True)
    applied[0] = 9
    assert (lateness.look(6), lateness.is_behind) == (0, False)
