"""The first fill of an order, which gives back what its account has sent.

An order that trades on entry says so in its answer. One that trades later is known by its id until
then: the events of the exchange name orders, and no accounts.
"""

from time import time_ns
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from outcry.gateways.limits.orders import MAKER_FILL, TAKER_FILL, OrderCounts
from outcry.gateways.times import NS_PER_MS
from outcry.protocol import EventKind

if TYPE_CHECKING:
    from outcry.exchange import Placement

Rows: TypeAlias = npt.NDArray[np.void]

ORDERS_MAX: Final = 262_144
"""Orders that have not traded and are remembered; of more, the oldest give nothing back."""

_ENDS: Final = (EventKind.CANCELLED, EventKind.EXPIRED)


class FirstFills:
    """Takes back orders from the counts as they trade for the first time.

    Events may be heard before the answer to the command that they are of, so they count one
    `settle` later: whoever placed the order has told of it by then.
    """

    def __init__(self, counts: OrderCounts, orders_max: int = ORDERS_MAX) -> None:
        """Begin without orders.

        Args:
            counts: What each account sent.
            orders_max: How many orders are remembered.
        """
        self._counts: Final = counts
        self._orders_max: Final = orders_max
        self._accounts: Final[dict[int, int]] = {}
        self._heard: list[Rows] = []
        self._due: list[Rows] = []

    def __len__(self) -> int:
        return len(self._accounts)

    def placed(self, account: int, placement: "Placement", now_ns: int) -> None:
        """Note an order by what became of it, as `entered` does."""
        has_traded, is_open = bool(placement.fills), placement.status.is_open
        order_id = placement.order_id
        self.entered(account, order_id, now_ns, has_traded=has_traded, is_open=is_open)

    def entered(
        self, account: int, order_id: int, now_ns: int, *, has_traded: bool, is_open: bool
    ) -> None:
        """Note an order that was placed: its first fill, or that it may have one later."""
        if has_traded:
            self._counts.give_back(account, TAKER_FILL, now_ns // NS_PER_MS)
        elif is_open:
            if len(self._accounts) >= self._orders_max:
                del self._accounts[next(iter(self._accounts))]
            self._accounts[order_id] = account

    def hear(self, rows: Rows) -> None:
        """Hear placed events."""
        if self._accounts or self._heard:
            self._heard.append(rows)

    def settle(self) -> None:
        """Count the events that were heard before the last call."""
        now_ms = time_ns() // NS_PER_MS
        for rows in self._due:
            self._count(rows, now_ms)
        self._due, self._heard = self._heard, []

    def _count(self, rows: Rows, now_ms: int) -> None:
        trades: Any = rows[rows["kind"] == EventKind.TRADED]
        for column, worth in (("order_id", MAKER_FILL), ("taker_order_id", TAKER_FILL)):
            for order_id in trades[column].tolist():
                account = self._accounts.pop(order_id, None)
                if account is not None:
                    self._counts.give_back(account, worth, now_ms)
        for order_id in rows["order_id"][np.isin(rows["kind"], _ENDS)].tolist():
            self._accounts.pop(order_id, None)
