"""Goal: columns become the records that they name.

Method: written fields are read back, and the engine answers them as meant.
"""

import numpy as np
import pytest

import outcry
from outcry import ORDER, CommandKind, Engine, EventKind, OrderFlag, Side


def test_one_value_serves_all_records() -> None:
    orders = outcry.limit_orders(
        instrument=3, account=7, side=Side.SELL, price_ticks=[5, 6, 7], quantity_lots=2, time_ns=9
    )
    assert orders.dtype == ORDER
    assert orders["kind"].tolist() == [CommandKind.NEW] * 3
    assert orders["version"].tolist() == [1] * 3
    assert orders["price_ticks"].tolist() == [5, 6, 7]
    assert set(orders["time_ns"].tolist()) == {9}
    assert orders["order_id"].tolist() == [0] * 3


def test_a_single_order_is_an_array_of_one() -> None:
    order = outcry.limit_orders(instrument=1, account=1, side=1, price_ticks=5, quantity_lots=1)
    assert order.shape == (1,)


def test_records_of_several_kinds_go_in_one_batch() -> None:
    engine = Engine(check_invariants=True)
    engine.add_instrument("X", base="A", quote="B", tick="1", lot="1")
    orders = outcry.limit_orders(
        instrument=1,
        account=1,
        side=Side.BUY,
        price_ticks=[100, 101],
        quantity_lots=5,
        flags=OrderFlag.POST_ONLY,
    )
    replaces = outcry.replaces(instrument=1, account=1, order_id=1, price_ticks=99, quantity_lots=4)
    cancels = outcry.cancels(instrument=0, account=1, order_id=[2, 1])
    events = engine.apply(np.concatenate([orders, replaces, cancels]))
    assert events["kind"].tolist() == [
        EventKind.ACCEPTED,
        EventKind.ACCEPTED,
        EventKind.REPLACED,
        EventKind.CANCELLED,
        EventKind.CANCELLED,
    ]
    assert events["value"].tolist()[3:] == [5, 4]
    assert engine.open_orders == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_ticks", 100.7),
        ("account", np.array([2**32 + 5])),
        ("side", np.array([257])),
        ("time_ns", np.array([-1])),
        ("quantity_lots", "7"),
    ],
    ids=str,
)
def test_no_number_is_cut_to_size(field: str, value: object) -> None:
    fields: dict[str, object] = {
        "instrument": 1,
        "account": 1,
        "side": 1,
        "price_ticks": 100,
        "quantity_lots": 5,
    }
    with pytest.raises(ValueError, match=field):
        outcry.limit_orders(**(fields | {field: value}))  # type: ignore[arg-type]
