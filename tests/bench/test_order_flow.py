"""The flow of the Python rows: its digest as one batch, in single calls, and by decimals.

Method: the whole flow once, against the digest that is written down; then every row over a cut one,
and over one whose expected digest is a planted wrong one.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from outcry.bench import Figure, python_rows
from outcry.bench.order_flow import COUNT, DIGEST, OrderFlow, order_flow
from outcry.errors import UnverifiedFigure
from outcry.exchange import Engine
from outcry.protocol import CommandKind, TimeInForce

Measure = Callable[[OrderFlow, int], Figure]
MEASURES = [python_rows.one_call, python_rows.one_call_decimal, python_rows.batch]


def test_the_whole_flow_has_the_digest_that_is_written_down() -> None:
    flow = order_flow(COUNT)
    engine = Engine()
    engine.apply(flow.setup)
    engine.apply(flow.orders)
    assert engine.digest == DIGEST, f"the digest is {engine.digest:#018x}"


def test_the_orders_are_new_and_stay(flow: OrderFlow) -> None:
    assert set(flow.orders["kind"]) == {CommandKind.NEW}
    assert set(flow.orders["time_in_force"]) == {TimeInForce.GTC}
    assert len(set(flow.orders["account"])) == len(flow.orders) > 300
    assert 0 < len(flow.trades) < len(flow.orders)
    assert (flow.trades > 0).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_every_run_is_a_figure(measure: Measure, flow: OrderFlow) -> None:
    figure = measure(flow, 3)
    assert len(figure.values) == 3
    assert figure.unit == "M messages/s"
    assert f"{len(flow.orders)} limit orders" in figure.setting


@pytest.mark.parametrize("measure", MEASURES)
def test_a_planted_wrong_digest_fails(measure: Measure, flow: OrderFlow) -> None:
    with pytest.raises(UnverifiedFigure) as failed:
        measure(replace(flow, digest=flow.digest ^ 1), 1)
    assert failed.value.row.startswith("python/")
    assert f"expected is {flow.digest ^ 1:016x}" in failed.value.problem


def test_an_order_that_is_changed_fails(flow: OrderFlow) -> None:
    orders = flow.orders.copy()
    orders["quantity_lots"][100] += 1
    with pytest.raises(UnverifiedFigure):
        python_rows.batch(replace(flow, orders=orders), 1)
