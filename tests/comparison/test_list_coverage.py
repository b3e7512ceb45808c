"""What the random streams must hold of order lists, so that their comparison says something.

Method: some thousand commands in narrow bounds through the naive engine alone, without money and
with it; every way in which a leg enters or ends is counted.
"""

from collections import Counter

import pytest

from outcry.reference.codes import CancelReason, EventKind, Kind, ListState, Reason
from outcry.reference.events import EVENT
from outcry.reference.records import read
from tests.comparison.compare import Options, accepted_orders, naive_engine
from tests.comparison.money_streams import MoneyStreamMaker, money_opening
from tests.comparison.streams import StreamMaker, opening
from tests.comparison.test_money_streams import MONEY_OPTIONS
from tests.comparison.test_streams import ALL_OPTIONS

COMMANDS = 6_000
REFUSALS = (
    Reason.INVALID_LIST,
    Reason.DUPLICATE_CLIENT_ORDER_ID,
    Reason.WOULD_TRIGGER,
    Reason.WOULD_TAKE,
    Reason.LIST_MEMBER,
    Reason.UNKNOWN_LIST,
)


def count(options: Options) -> tuple[Counter[str], Counter[int], set[int]]:
    """Return how often what happened, why lists and pending orders were refused, and entries cut.

    The last are the orders that entered with fewer lots than their list said.
    """
    engine = naive_engine(options)
    maker = MoneyStreamMaker(4) if options.money else StreamMaker(4)
    steps = money_opening() if options.money else opening()
    happened, refused = Counter[str](), Counter[int]()
    said: dict[int, int] = {}
    cut: set[int] = set()
    for position in range(COMMANDS):
        step = steps.pop(0) if steps else maker.step(engine.machine)
        made = engine.apply(step.record)[1]
        accepted = accepted_orders(made)
        maker.note_orders(accepted, position)
        if accepted and step.record[0] == Kind.NEW_LIST:
            legs = getattr(read(step.record)[1], "legs", ())
            said |= {each: leg.quantity_lots for each, leg in zip(accepted, legs, strict=True)}
        for kind, _, code, _, _, order_id, value in map(EVENT.unpack, made):
            if kind == EventKind.LIST_CHANGED:
                happened[ListState(code).name] += 1
            elif kind == EventKind.ENTERED:
                happened["entered"] += 1
                cut |= {order_id} if value < said[order_id] else set()
            elif kind == EventKind.CANCELLED and code >= Reason.MALFORMED:
                happened["refused"] += 1
                refused[code] += 1
            elif kind == EventKind.CANCELLED:
                happened[CancelReason(code).name] += 1
            elif kind == EventKind.REJECTED:
                refused[code] += 1
    return happened, refused, cut


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(ALL_OPTIONS[2], id="plain"),
        pytest.param(MONEY_OPTIONS[2], id="money", marks=pytest.mark.slow),
    ],
)
def test_streams_say_something_of_lists(options: Options) -> None:
    happened, refused, cut = count(options)
    many = ("EXECUTING", "DONE", "ENDED", "LIST_ENDED", "SIBLING", "entered")
    assert [name for name in many if happened[name] < 10] == []
    assert happened["refused"] >= 5
    assert [reason.name for reason in REFUSALS if refused[reason] < 3] == []
    assert bool(cut) == options.money
