"""Whole columns of orders as arrays of records, for `Engine.apply`.

Each argument is one value for all records or an array with one for each. The records are not
checked here: a bad one is answered `rejected` in its place, and the others apply.
"""

import numpy as np
import numpy.typing as npt

from outcry.protocol.dtypes import ORDER
from outcry.protocol.vocabulary import CommandKind, OrderType, SelfTrade, TimeInForce

VERSION = 1
"""The version of the encoding that this package writes."""


def limit_orders(
    *,
    instrument: npt.ArrayLike,
    account: npt.ArrayLike,
    side: npt.ArrayLike,
    price_ticks: npt.ArrayLike,
    quantity_lots: npt.ArrayLike,
    time_in_force: npt.ArrayLike = TimeInForce.GTC,
    self_trade: npt.ArrayLike = SelfTrade.CANCEL_TAKER,
    flags: npt.ArrayLike = 0,
    time_ns: npt.ArrayLike = 0,
) -> npt.NDArray[np.void]:
    """Make new limit orders, dtype `ORDER`.

    >>> from outcry.protocol import Side
    >>> orders = limit_orders(
    ...     instrument=1, account=7, side=Side.BUY, price_ticks=[100, 99], quantity_lots=5
    ... )
    >>> orders["price_ticks"], orders["quantity_lots"], orders.nbytes
    (array([100,  99]), array([5, 5], dtype=uint64), 128)
    """
    return _orders(
        CommandKind.NEW,
        instrument=instrument,
        account=account,
        side=side,
        order_type=OrderType.LIMIT,
        price_ticks=price_ticks,
        quantity_lots=quantity_lots,
        time_in_force=time_in_force,
        self_trade=self_trade,
        flags=flags,
        time_ns=time_ns,
    )


def cancels(
    *,
    instrument: npt.ArrayLike,
    account: npt.ArrayLike,
    order_id: npt.ArrayLike,
    time_ns: npt.ArrayLike = 0,
) -> npt.NDArray[np.void]:
    """Make cancels by order id, dtype `ORDER`; instrument 0 takes the order's own.

    >>> cancels(instrument=1, account=7, order_id=[3, 4])["order_id"]
    array([3, 4], dtype=uint64)
    """
    named = {"instrument": instrument, "account": account, "order_id": order_id}
    return _orders(CommandKind.CANCEL, **named, time_ns=time_ns)


def replaces(
    *,
    instrument: npt.ArrayLike,
    account: npt.ArrayLike,
    order_id: npt.ArrayLike,
    price_ticks: npt.ArrayLike,
    quantity_lots: npt.ArrayLike,
    time_ns: npt.ArrayLike = 0,
) -> npt.NDArray[np.void]:
    """Make replaces by order id to a price and a new total quantity, dtype `ORDER`.

    >>> replaces(instrument=1, account=7, order_id=3, price_ticks=101, quantity_lots=2).shape
    (1,)
    """
    return _orders(
        CommandKind.REPLACE,
        instrument=instrument,
        account=account,
        order_id=order_id,
        price_ticks=price_ticks,
        quantity_lots=quantity_lots,
        time_ns=time_ns,
    )


def _orders(kind: CommandKind, **columns: npt.ArrayLike) -> npt.NDArray[np.void]:
    shape = np.broadcast_shapes((1,), *(np.shape(column) for column in columns.values()))
    records = np.zeros(shape, ORDER)
    records["kind"] = kind
    records["version"] = VERSION
    for name, column in columns.items():
        records[name] = _fitting(name, column, records.dtype[name])
    return records


def _fitting(name: str, column: npt.ArrayLike, dtype: np.dtype[np.integer]) -> npt.ArrayLike:
    """Return the column if its numbers are integers that the field holds.

    Raises:
        ValueError: When they are not: NumPy would cut them to size without a word.
    """
    values = np.asarray(column)
    if values.size and values.dtype.kind not in "iu":
        raise ValueError(f"{name}: {values.dtype} must be integers of at most 64 bits")
    bounds = np.iinfo(dtype)
    for value in (values.min(), values.max()) if values.size else ():
        if not bounds.min <= int(value) <= bounds.max:
            raise ValueError(f"{name}: {value} must be from {bounds.min} to {bounds.max}")
    return values
