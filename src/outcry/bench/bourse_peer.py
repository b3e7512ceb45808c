"""bourse (PyPI) beside the Python rows: the same orders through its own interface."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np

from outcry.bench.figure import Figure, PeerFigure
from outcry.bench.order_flow import OrderFlow
from outcry.bench.python_rows import BATCH_ORDERS, UNIT, rate, timed_ns
from outcry.protocol import Side

NAME: Final = "bourse"
Call = tuple[int, bool, int, int, int]


def bourse_version() -> str | None:
    """Return the version that is installed, None where none is."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return None


def one_call(flow: OrderFlow, runs: int) -> PeerFigure:
    """Measure `OrderBook.place_order`.

    The clock of its book is set before each order: orders of one time at one price would take each
    other's place. It checks neither filters nor self-trades, and answers the order's id alone.
    """
    from bourse import core  # noqa: PLC0415 (the peer may be absent)

    orders = flow.orders
    columns = [orders[name].tolist() for name in ("quantity_lots", "account", "price_ticks")]
    is_bid = (orders["side"] == Side.BUY).tolist()
    calls: list[Call] = list(zip(range(1, len(orders) + 1), is_bid, *columns, strict=True))
    trades: list[tuple[int, bool, int, int, int, int]] = []

    def run() -> float:
        book = core.OrderBook(0, 1, trading=True)
        took_ns = timed_ns(lambda: _place(book, calls))
        trades[:] = book.get_trades()
        return rate(len(calls), took_ns)

    values = tuple(run() for _ in range(runs))
    rows = np.array([(price, lots) for _, _, price, lots, _, _ in trades], np.int64)
    same = np.array_equal(rows.reshape(-1, 2), flow.trades)
    setting = (
        "OrderBook.set_time, then place_order, in a plain loop; no filters, no self-trade checks, "
        f"no fills in the answer; {'the same' if same else 'other'} trades; garbage collector held"
    )
    return _figure(values, setting)


def batch(flow: OrderFlow, runs: int) -> PeerFigure:
    """Measure `StepEnvNumpy`: arrays of orders in, shuffled and matched at each step."""
    from bourse import core  # noqa: PLC0415 (the peer may be absent)

    orders = flow.orders
    columns = [orders["side"] == Side.BUY]
    columns += [orders[n].astype(np.uint32) for n in ("quantity_lots", "account", "price_ticks")]
    starts = range(0, len(orders), BATCH_ORDERS)
    batches = [tuple(column[s : s + BATCH_ORDERS] for column in columns) for s in starts]

    def run() -> float:
        environment = core.StepEnvNumpy(1, 0, 1, BATCH_ORDERS)
        return rate(len(orders), timed_ns(lambda: _step(environment, batches)))

    setting = (
        f"StepEnvNumpy.submit_limit_orders, batch {BATCH_ORDERS}, then step, which shuffles the "
        "batch: other trades; no filters, no self-trade checks, no events out"
    )
    return _figure(tuple(run() for _ in range(runs)), setting)


def _figure(values: tuple[float, ...], setting: str) -> PeerFigure:
    return PeerFigure(bourse_version() or "", Figure(NAME, UNIT, values, setting))


def _place(book: Any, calls: list[Call]) -> None:  # noqa: ANN401 (bourse has no types)
    set_time: Callable[[int], None] = book.set_time
    place_order: Callable[[bool, int, int, int], int] = book.place_order
    for time, is_bid, lots, account, price in calls:
        set_time(time)
        place_order(is_bid, lots, account, price)


def _step(environment: Any, batches: list[tuple[Any, ...]]) -> None:  # noqa: ANN401 (as above)
    for orders in batches:
        environment.submit_limit_orders(orders)
        environment.step()
