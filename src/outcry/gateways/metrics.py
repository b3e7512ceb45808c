"""What Prometheus is told: plain counters of this process, summed up when somebody asks."""

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

from outcry.gateways.clock import behind_ms
from outcry.protocol import RejectReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from outcry.exchange import Status
    from outcry.gateways.connections import Connections
    from outcry.gateways.venue import Venue

LATENCY_BOUNDS_NS: Final = tuple(
    bound * 1_000
    for bound in (
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        1_000_000,
    )
)
"""The upper bounds of the buckets of a latency, in nanoseconds."""

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE"))
_NS_PER_S: Final = 1e9
_MS_PER_S: Final = 1e3

Answered = tuple[str, str, int]
"""A method, a route and a status."""


class Meter:
    """Counts what this process answers. One event loop counts; a scrape reads.

    Attributes:
        requests: How many requests were answered, by method, route and status.
        orders_accepted: How many orders the exchange accepted.
        rejects: How many orders it refused, by reason.
        latency_counts: Orders by how long their answer took: a count for each of
            `LATENCY_BOUNDS_NS`, and one for all above.
        latency_sum_ns: The sum of those times, in nanoseconds.
    """

    __slots__ = ("latency_counts", "latency_sum_ns", "orders_accepted", "rejects", "requests")

    def __init__(self) -> None:
        self.requests: Final[dict[Answered, int]] = {}
        self.orders_accepted = 0
        self.rejects: Final[Counter[RejectReason]] = Counter()
        self.latency_counts: Final = [0] * (len(LATENCY_BOUNDS_NS) + 1)
        self.latency_sum_ns = 0

    def answered(self, method: str, route: str, status: int) -> None:
        """Count an answer.

        Args:
            method: The method of its request; those that no route has are counted as one.
            route: The route, of which there are a bounded number; not the path.
            status: Its status.
        """
        key = (method if method in METHODS else "other", route, status)
        self.requests[key] = self.requests.get(key, 0) + 1

    def accepted(self, orders: int, latency_ns: int) -> None:
        """Count orders that were accepted by one request, and how long its answer took."""
        self.orders_accepted += orders
        latency_ns = max(0, latency_ns)
        self.latency_counts[bisect_left(LATENCY_BOUNDS_NS, latency_ns)] += 1
        self.latency_sum_ns += latency_ns

    def rejected(self, reason: RejectReason) -> None:
        """Count an order that the exchange refused."""
        self.rejects[reason] += 1


class VenueCollector:
    """Tells Prometheus of a venue and its connections."""

    def __init__(self, venue: "Venue", connections: "Connections") -> None:
        self._venue: Final = venue
        self._connections: Final = connections

    def collect(self) -> "Iterator[Metric]":
        """Yield every metric as it stands."""
        yield from self._of_requests()
        yield from self._of_orders()
        yield from self._of_connections()
        has_stopped = self._venue.exchange.halt is not None
        yield _gauge("outcry_halted", "Whether the exchange stopped.", has_stopped)
        status = self._venue.status()
        if status is not None:
            yield from _of_exchange(status)
            yield from self._of_fsyncs()
        yield from self._of_history()

    def _of_requests(self) -> "Iterator[Metric]":
        from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - a scrape needs it

        requests = CounterMetricFamily(
            "outcry_requests",
            "Requests answered, by method, route and status.",
            labels=("method", "route", "status"),
        )
        for (method, route, status), count in self._venue.meter.requests.items():
            requests.add_metric((method, route, str(status)), count)
        yield requests
        yield _gauge("outcry_requests_at_work", "Requests at work.", len(self._venue.answering))

    def _of_orders(self) -> "Iterator[Metric]":
        from prometheus_client.core import (  # noqa: PLC0415 - as above
            CounterMetricFamily,
            HistogramMetricFamily,
        )

        meter = self._venue.meter
        yield _counter(
            "outcry_orders_accepted", "Orders that came by REST and were accepted.",
            meter.orders_accepted,
        )  # fmt: skip
        rejects = CounterMetricFamily(
            "outcry_orders_rejected",
            "Orders that came by REST and were refused, by reason.",
            labels=("reason",),
        )
        for reason, count in meter.rejects.items():
            rejects.add_metric((str(reason),), count)
        yield rejects
        total, buckets = 0, []
        for bound_ns, count in zip(LATENCY_BOUNDS_NS, meter.latency_counts, strict=False):
            total += count
            buckets.append((str(bound_ns / _NS_PER_S), total))
        buckets.append(("+Inf", total + meter.latency_counts[-1]))
        latency = HistogramMetricFamily(
            "outcry_order_latency_seconds",
            "From an order's request to its answer, which the disk has confirmed.",
        )
        latency.add_metric((), buckets, meter.latency_sum_ns / _NS_PER_S)
        yield latency

    def _of_fsyncs(self) -> "Iterator[Metric]":
        from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 - as above

        native = self._venue.exchange.parts.native
        at_most, count, sum_ns = native.fsync_counts(list(LATENCY_BOUNDS_NS))
        buckets = [
            (str(bound_ns / _NS_PER_S), fsyncs)
            for bound_ns, fsyncs in zip(LATENCY_BOUNDS_NS, at_most, strict=True)
        ]
        histogram = HistogramMetricFamily(
            "outcry_fsync_seconds", "How long syncs of the journal took since it was opened."
        )
        histogram.add_metric((), [*buckets, ("+Inf", count)], sum_ns / _NS_PER_S)
        yield histogram

    def _of_connections(self) -> "Iterator[Metric]":
        connections = self._connections
        yield _gauge("outcry_connections", "Open connections.", len(connections))
        yield _counter(
            "outcry_connections_refused", "Connections turned away.", connections.refused
        )
        yield _counter(
            "outcry_connections_timed_out",
            "Connections closed for being slow.",
            connections.timed_out,
        )

    def _of_history(self) -> "Iterator[Metric]":
        history = self._venue.history
        readiness = self._venue.readiness
        delivered = readiness.delivered_sequence()
        name = "outcry_history"
        yield _gauge(
            f"{name}_applied_sequence", "Applied to the history.", history.applied_sequence
        )
        yield _gauge(
            f"{name}_lag_commands", "Commands it has yet to apply.", history.lag(delivered)
        )
        yield _gauge(
            f"{name}_silent_seconds", "Since its process was last heard of.", history.silent_s
        )
        yield _counter(
            f"{name}_restarts",
            "How often its process ended unasked.",
            self._venue.projector.restarts,
        )
        is_ready = not any(part.problem for part in readiness.parts())
        yield _gauge("outcry_ready", "1 while all that requests need is at work.", is_ready)


def _of_exchange(status: "Status") -> "Iterator[Metric]":
    gauges = (
        ("sequence", "The last command that the engine applied.", status.sequence),
        ("durable_sequence", "The last one on the disk.", status.durable_sequence),
        ("delivered_sequence", "The last one answered.", status.delivered_sequence),
        ("follower_lag_commands", "Commands the follower lags.", status.follower_lag_commands),
        ("command_ring_bytes", "Bytes in the command ring.", status.command_ring_bytes),
        ("command_ring_bytes_max", "Bytes that it holds.", status.command_ring_bytes_max),
        ("in_flight_bytes", "Bytes from engine to disk.", status.in_flight_bytes),
        ("in_flight_bytes_max", "The bound of that.", status.in_flight_bytes_max),
        ("clients", "Clients of the exchange.", status.clients),
        ("open_orders", "Open orders.", status.open_orders),
        ("disk_free_bytes", "Bytes free on the disk.", status.disk_free_bytes or 0),
        ("disk_needed_bytes", "With fewer no command is taken.", status.disk_needed_bytes),
        (
            "clock_behind_seconds",
            "How far the clock is behind the exchange's time.",
            behind_ms(status.time_ns) / _MS_PER_S,
        ),
        ("commands_per_second", "Over about a second.", status.commands_per_second),
        ("snapshot_sequence", "The last in the snapshot.", status.snapshot_sequence),
        ("snapshot_age_seconds", "Its age.", status.snapshot_age_ms / _MS_PER_S),
        ("snapshot_bytes", "Its size.", status.snapshot_bytes),
    )
    for name, text, value in gauges:
        yield _gauge(f"outcry_{name}", text, value)
    yield _counter("outcry_journal_bytes", "Bytes written to it.", status.journal_bytes)


def _gauge(name: str, text: str, value: float) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - as above

    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> "Metric":
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - as above

    return CounterMetricFamily(name, text, value=value)


class Exposition:
    """Tells all metrics in Prometheus' text format."""

    def __init__(self, venue: "Venue", connections: "Connections") -> None:
        from prometheus_client import (  # noqa: PLC0415 - as above
            CollectorRegistry,
            GCCollector,
            PlatformCollector,
            ProcessCollector,
        )

        self._registry = CollectorRegistry()
        self._registry.register(VenueCollector(venue, connections))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def text(self) -> tuple[bytes, str]:
        """Return the metrics and their media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415

        return generate_latest(self._registry), CONTENT_TYPE_LATEST
