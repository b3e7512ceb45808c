"""The rows that are measured from Python: one call for an order, and batches.

A run takes a fresh engine and hands it orders whose arguments were made before the clock starts;
the clock stops when the last answer is there. The digest is compared outside the time.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.bench.figure import Figure
from outcry.bench.order_flow import INSTRUMENT_NUMBER, OrderFlow
from outcry.exchange import Engine, Instrument
from outcry.protocol import Side

ONE_CALL: Final = "python/one_call"
ONE_CALL_DECIMAL: Final = "python/one_call_decimal"
BATCH: Final = "python/batch"
UNIT: Final = "M messages/s"
CAPACITY: Final = 1 << 18
BATCH_ORDERS: Final = 4_096

IntegerCall = tuple[int, int, int, int]
DecimalCall = tuple[str, str, str, int]


def one_call(flow: OrderFlow, runs: int) -> Figure:
    """Measure `Engine.limit_ticks`: integers in, the order id or the fills as integers out."""
    calls = _integer_calls(flow)

    def run() -> float:
        engine = _native.Engine(orders_capacity=CAPACITY)
        engine.apply_batch(flow.setup)
        took_ns = timed_ns(lambda: _place_integers(engine, calls))
        flow.check(ONE_CALL, engine.digest)
        return rate(len(calls), took_ns)

    setting = f"limit_ticks in a plain loop; room for {CAPACITY} orders; {_common(flow)}"
    return Figure(ONE_CALL, UNIT, tuple(run() for _ in range(runs)), setting)


def one_call_decimal(flow: OrderFlow, runs: int) -> Figure:
    """Measure `Engine.place`: prices and quantities as text in, Decimals out."""
    instrument = _engine(flow).instruments()[0]
    calls = _decimal_calls(flow, instrument)

    def run() -> float:
        engine = _engine(flow)
        own = engine.instruments()[0]
        took_ns = timed_ns(lambda: _place_decimals(engine, own, calls))
        flow.check(ONE_CALL_DECIMAL, engine.digest)
        return rate(len(calls), took_ns)

    setting = f"place with prices and quantities as text, in a plain loop; {_common(flow)}"
    return Figure(ONE_CALL_DECIMAL, UNIT, tuple(run() for _ in range(runs)), setting)


def batch(flow: OrderFlow, runs: int) -> Figure:
    """Measure `Engine.apply`: arrays of orders in, arrays of events out."""
    starts = range(0, len(flow.orders), BATCH_ORDERS)
    batches = [flow.orders[start : start + BATCH_ORDERS] for start in starts]

    def run() -> float:
        engine = _engine(flow)
        took_ns = timed_ns(lambda: _apply(engine, batches))
        flow.check(BATCH, engine.digest)
        return rate(len(flow.orders), took_ns)

    setting = f"apply, batch {BATCH_ORDERS}, each answered by an array of events; {_common(flow)}"
    return Figure(BATCH, UNIT, tuple(run() for _ in range(runs)), setting)


@contextmanager
def collector_held() -> Iterator[None]:
    """Hold the collector of garbage, as `timeit` holds it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def timed_ns(run: Callable[[], object]) -> int:
    """Return how long a call takes, with the collector of garbage held."""
    with collector_held():
        start_ns = perf_counter_ns()
        run()
        return perf_counter_ns() - start_ns


def rate(messages: int, took_ns: int) -> float:
    """Return millions of messages a second."""
    return messages * 1_000 / took_ns


def _common(flow: OrderFlow) -> str:
    return (
        f"{len(flow.orders)} limit orders, {len(flow.trades)} trades, each order of another "
        "account with self-trades checked; 1 thread; garbage collector held"
    )


def _engine(flow: OrderFlow) -> Engine:
    engine = Engine()
    engine.apply(flow.setup)
    return engine


def _integer_calls(flow: OrderFlow) -> list[IntegerCall]:
    columns = ("account", "side", "price_ticks", "quantity_lots")
    return list(zip(*(flow.orders[name].tolist() for name in columns), strict=True))


def _decimal_calls(flow: OrderFlow, instrument: Instrument) -> list[DecimalCall]:
    sides = {side.value: str(side) for side in Side}
    return [
        (sides[side], str(instrument.price(price)), str(instrument.quantity(lots)), account)
        for account, side, price, lots in _integer_calls(flow)
    ]


def _place_integers(engine: _native.Engine, calls: Iterable[IntegerCall]) -> None:
    limit_ticks = engine.limit_ticks
    number = INSTRUMENT_NUMBER
    for account, side, price_ticks, quantity_lots in calls:
        limit_ticks(number, account, side, price_ticks, quantity_lots)


def _place_decimals(engine: Engine, instrument: Instrument, calls: Iterable[DecimalCall]) -> None:
    place = engine.place
    for side, price, quantity, account in calls:
        place(instrument, side=side, price=price, quantity=quantity, account=account)


def _apply(engine: Engine, batches: Iterable[npt.NDArray[np.void]]) -> None:
    for orders in batches:
        engine.apply(orders)
