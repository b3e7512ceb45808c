"""The flow of the Python rows: the resting limit orders of W1's normal scenario.

New orders alone, none of them immediate or cancel: that is what every peer can take.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.errors import UnverifiedFigure
from outcry.exchange import Engine
from outcry.protocol import (
    ADMIN,
    EVENT,
    INSTRUMENT,
    INSTRUMENT_LIMITS,
    LOG_HEADER,
    ORDER,
    CommandKind,
    EventKind,
    TimeInForce,
    limit_orders,
)

WORKLOAD: Final = "w1/normal"
SEED: Final = 23
COUNT: Final = 200_000
INSTRUMENT_NUMBER: Final = 1
# Of the events of `COUNT` orders. A change of a rule changes it; a change for speed must not.
DIGEST: Final = 0xC3E2_CED5_157D_BBF5

_SETUP_AT: Final = LOG_HEADER.itemsize
_FLOW_AT: Final = _SETUP_AT + INSTRUMENT.itemsize + INSTRUMENT_LIMITS.itemsize + ADMIN.itemsize


@dataclass(frozen=True)
class OrderFlow:
    """Limit orders of one instrument, each of another account.

    Attributes:
        setup: The records that make the instrument.
        orders: The orders, dtype `ORDER`.
        digest: The digest of the events of both.
        trades: The trades as rows of price in ticks and quantity in lots, in their order.
    """

    setup: bytes
    orders: npt.NDArray[np.void]
    digest: int
    trades: npt.NDArray[np.int64]

    def check(self, row: str, digest: int) -> None:
        """Raise `UnverifiedFigure` for the row where a digest is not the expected one."""
        if digest != self.digest:
            problem = f"the events have digest {digest:016x}, expected is {self.digest:016x}"
            raise UnverifiedFigure(row, problem)


@cache
def order_flow(count: int = COUNT) -> OrderFlow:
    """Make the flow of so many new orders, of which the immediate ones are left out.

    The flow of `COUNT` orders is to have the digest `DIGEST`; of others, the digest is the one that
    they have as one batch.
    """
    log = _native.simulate(WORKLOAD, SEED, count)
    commands = np.frombuffer(log, ORDER, offset=_FLOW_AT)
    rests = commands["time_in_force"] == TimeInForce.GTC
    new = commands[(commands["kind"] == CommandKind.NEW) & rests]
    columns = ("account", "side", "price_ticks", "quantity_lots")
    orders = limit_orders(instrument=INSTRUMENT_NUMBER, **{name: new[name] for name in columns})
    setup = log[_SETUP_AT:_FLOW_AT]
    engine = Engine()
    engine.apply(setup)
    events = engine.apply(orders)
    digest = DIGEST if count == COUNT else engine.digest
    return OrderFlow(setup, orders, digest, trades_of(events))


def trades_of(events: npt.NDArray[np.void]) -> npt.NDArray[np.int64]:
    """Return the trades among events as rows of price in ticks and quantity in lots."""
    assert events.dtype == EVENT
    traded = events[events["kind"] == EventKind.TRADED]
    columns = (traded["sequence_or_price"], traded["value"])
    return np.stack([column.astype(np.int64) for column in columns], axis=1)
