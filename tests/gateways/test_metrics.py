"""Goal: what is counted stays bounded and adds up, and every metric moves when it should.

Method: answers and orders are counted one by one; the text of a venue in this process is read by
Prometheus' own parser before and after orders, refusals, and a history that stands still.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from outcry.gateways.metrics import LATENCY_BOUNDS_NS, Meter
from outcry.protocol import RejectReason
from tests.gateways.desk import Desk
from tests.gateways.plain.conftest import Caller, caller_of
from tests.gateways.serving import BOT, make_venue

WAIT_S = 120
KINDS = {
    "outcry_requests": "counter",
    "outcry_requests_at_work": "gauge",
    "outcry_orders_accepted": "counter",
    "outcry_orders_rejected": "counter",
    "outcry_order_latency_seconds": "histogram",
    "outcry_fsync_seconds": "histogram",
    "outcry_command_ring_bytes": "gauge",
    "outcry_command_ring_bytes_max": "gauge",
    "outcry_in_flight_bytes": "gauge",
    "outcry_in_flight_bytes_max": "gauge",
    "outcry_history_applied_sequence": "gauge",
    "outcry_history_lag_commands": "gauge",
    "outcry_history_silent_seconds": "gauge",
    "outcry_history_restarts": "counter",
    "outcry_ready": "gauge",
    "outcry_halted": "gauge",
    "outcry_disk_free_bytes": "gauge",
    "outcry_disk_needed_bytes": "gauge",
    "outcry_clock_behind_seconds": "gauge",
    "outcry_connections": "gauge",
    "outcry_connections_refused": "counter",
    "outcry_connections_timed_out": "counter",
    "outcry_sequence": "gauge",
    "outcry_durable_sequence": "gauge",
    "outcry_delivered_sequence": "gauge",
    "outcry_follower_lag_commands": "gauge",
    "outcry_open_orders": "gauge",
    "outcry_journal_bytes": "counter",
    "process_resident_memory_bytes": "gauge",
    "process_cpu_seconds": "counter",
    "python_gc_collections": "counter",
}
ORDER = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.5", "price": "50000"}


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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("metrics")
    make_venue(directory)
    with Desk(directory) as opened:
        yield opened


@pytest.fixture(scope="module")
def bot(desk: Desk) -> Caller:
    return caller_of(desk, BOT, "read", "trade")


def families(desk: Desk) -> dict[str, Metric]:
    reply = desk.ask("GET", "/metrics")
    assert reply.status == 200
    found = list(text_string_to_metric_families(reply.raw.decode()))
    assert len({family.name for family in found}) == len(found)
    return {family.name: family for family in found}


def value(desk: Desk, name: str, **labels: str) -> float:
    """Return a sample, 0 where there is none yet."""
    for family in families(desk).values():
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0


def until(desk: Desk, condition: Callable[[], bool]) -> None:
    """Ask until something holds."""
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, desk.ask("GET", "/readyz").raw
        time.sleep(0.005)  # tidy-ok: polled, with a bound


def test_every_metric_is_there_with_its_kind_and_meaning(desk: Desk) -> None:
    found = families(desk)
    assert {name: found[name].type for name in KINDS} == KINDS
    assert all(family.documentation for family in found.values())
    # What is told of the exchange and its doors is documented here.
    told = {name for name in found if name.startswith("outcry_")}
    others = {"commands_per_second", "clients", "snapshot_sequence", "snapshot_age_seconds"}
    assert told - KINDS.keys() == {f"outcry_{name}" for name in (*others, "snapshot_bytes")}


def test_orders_and_refusals_are_counted_by_every_door(desk: Desk, bot: Caller) -> None:
    names = ("outcry_orders_accepted_total", "outcry_order_latency_seconds_count")
    before = [value(desk, name) for name in names]
    spot = desk.client(BOT)
    assert bot("POST", "/order", ORDER).status == 201
    said = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    assert spot("POST", "order", **said, price="50000", quantity="0.1").status == 200
    assert [value(desk, name) - was for name, was in zip(names, before, strict=True)] == [2, 2]
    for _ in range(3):
        bot("POST", "/order", ORDER | {"quantity": "90000"})
    spot("POST", "order", **said, price="50000", quantity="90000")
    bot("POST", "/order", ORDER | {"post_only": True, "price": "70000"})
    rejected = "outcry_orders_rejected_total"
    assert value(desk, rejected, reason="insufficient_balance") == 4
    assert value(desk, rejected, reason="would_take") == 1
    assert [value(desk, name) - was for name, was in zip(names, before, strict=True)] == [2, 2]


@pytest.mark.parametrize("name", ["outcry_order_latency_seconds", "outcry_fsync_seconds"])
def test_histograms_are_cumulative_and_add_up(desk: Desk, bot: Caller, name: str) -> None:
    before = value(desk, f"{name}_count")
    for _ in range(5):
        assert bot("POST", "/order", ORDER).status == 201
    family = families(desk)[name]
    buckets = [each for each in family.samples if each.name.endswith("_bucket")]
    bounds = [float(each.labels["le"]) for each in buckets]
    counts = [each.value for each in buckets]
    assert bounds == sorted(bounds)
    assert bounds[-1] == float("inf")
    assert counts == sorted(counts)
    (count,) = (each.value for each in family.samples if each.name.endswith("_count"))
    (total,) = (each.value for each in family.samples if each.name.endswith("_sum"))
    assert counts[-1] == count >= before + 5
    # The sum lies between what the buckets allow.
    least = sum(
        low * (at_most - before)
        for low, before, at_most in zip([0, *bounds], [0, *counts], counts, strict=False)
    )
    assert least <= total


def test_requests_are_counted_by_method_route_and_status(desk: Desk) -> None:
    def of(route: str, status: int) -> float:
        labels = {"method": "GET", "route": route, "status": str(status)}
        return value(desk, "outcry_requests_total", **labels)

    before = of("/book/{symbol}", 200), of("/book/{symbol}", 404), of("/api/v3/ping", 200)
    desk.ask("GET", "/book/BTCUSDT")
    desk.ask("GET", "/book/NO")
    desk.get("ping")
    after = of("/book/{symbol}", 200), of("/book/{symbol}", 404), of("/api/v3/ping", 200)
    assert [now - was for now, was in zip(after, before, strict=True)] == [1, 1, 1]


def test_sequences_open_orders_and_the_journal_grow(desk: Desk, bot: Caller) -> None:
    sequences = ("outcry_sequence", "outcry_durable_sequence", "outcry_delivered_sequence")
    names = (*sequences, "outcry_open_orders", "outcry_journal_bytes_total")
    before = [value(desk, name) for name in names]
    assert bot("POST", "/order", ORDER).status == 201
    after = [value(desk, name) for name in names]
    assert all(now > was for now, was in zip(after, before, strict=True))
    for ring in ("command_ring", "in_flight"):
        most = value(desk, f"outcry_{ring}_bytes_max")
        assert 0 <= value(desk, f"outcry_{ring}_bytes") <= most
        assert most > 0


def test_a_history_that_stands_still_lags_and_is_not_ready(desk: Desk, bot: Caller) -> None:
    assert bot("DELETE", "/orders").status == 200
    process = desk.venue.projector._process
    assert process is not None
    until(desk, lambda: value(desk, "outcry_ready") == 1)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        assert bot("POST", "/order", ORDER).status == 201
        assert value(desk, "outcry_history_lag_commands") == 1
        assert value(desk, "outcry_history_silent_seconds") > 0
    finally:
        os.kill(process.pid, signal.SIGCONT)
    until(desk, lambda: value(desk, "outcry_history_lag_commands") == 0)
    os.kill(process.pid, signal.SIGKILL)
    until(desk, lambda: value(desk, "outcry_history_restarts_total") == 1)
    assert value(desk, "outcry_ready") == 0
    until(desk, lambda: value(desk, "outcry_ready") == 1)
