"""Goal: no two requests are taken for the same one but those that a client means so.

Method: ids of keys that differ in one respect are compared with each other and with made ones.
"""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from outcry.gateways.request_ids import KEYED, keyed_id, made_ids

ACCOUNTS = st.integers(1, (1 << 32) - 1)
ROUTES = st.sampled_from(("order", "withdrawal"))
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=255)
ASKED = st.tuples(ACCOUNTS, ROUTES, KEYS)


@given(ASKED, ASKED)
def test_an_id_stands_for_an_account_a_route_and_a_key(
    one: tuple[int, str, str], other: tuple[int, str, str]
) -> None:
    assert (keyed_id(*one) == keyed_id(*other)) == (one == other)


@given(ASKED)
def test_a_key_is_never_what_the_server_makes(asked: tuple[int, str, str]) -> None:
    assert keyed_id(*asked) & KEYED
    assert keyed_id(*asked) < 1 << 128


def test_the_server_makes_each_id_once_and_none_that_a_key_has() -> None:
    made = [each for _ in range(200) for each in islice(made_ids(), 5)]
    assert len(set(made)) == len(made)
    assert all(0 < each < KEYED for each in made)
