"""Goal: what is counted stays bounded, and adds up.

Method: answers and orders are counted one by one; their sums are compared.
"""

import pytest

from outcry.gateways.metrics import LATENCY_BOUNDS_NS, Meter
from outcry.protocol import RejectReason


def test_answers_are_counted_by_method_route_and_status() -> None:
    meter = Meter()
    for method in ("GET", "GET", "POST", "PROPFIND", "LOCK"):
        meter.answered(method, "/order", 200)
    assert meter.requests == {
        ("GET", "/order", 200): 2,
        ("POST", "/order", 200): 1,
        ("other", "/order", 200): 2,
    }


@pytest.mark.parametrize("place", range(len(LATENCY_BOUNDS_NS)))
def test_a_latency_counts_up_to_its_bound(place: int) -> None:
    meter = Meter()
    bound = LATENCY_BOUNDS_NS[place]
    meter.accepted(1, bound)
    meter.accepted(1, bound + 1)
    assert (meter.latency_counts[place], meter.latency_counts[place + 1]) == (1, 1)
    assert (meter.orders_accepted, meter.latency_sum_ns) == (2, 2 * bound + 1)


def test_a_clock_that_went_back_counts_as_nothing() -> None:
    meter = Meter()
    meter.accepted(3, -5)
    assert (meter.latency_counts[0], meter.latency_sum_ns, meter.orders_accepted) == (1, 0, 3)


def test_rejects_are_counted_by_reason() -> None:
    meter = Meter()
    for reason in (RejectReason.WOULD_TAKE, RejectReason.WOULD_TAKE, RejectReason.NO_REFERENCE):
        meter.rejected(reason)
    assert meter.rejects == {RejectReason.WOULD_TAKE: 2, RejectReason.NO_REFERENCE: 1}
