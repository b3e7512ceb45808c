"""How many orders an account sent that did not trade: in ten seconds, and in a day.

The rule is Binance's: each new order counts one; the first fill of an order takes back one where
the order traded on entry, five where it traded while it stood in the book; no count goes below
zero, and a fill counts for the present windows whenever its order was sent.
"""

from collections import OrderedDict
from enum import Enum
from typing import Final, Self

from msgspec import Struct

from outcry.settings import ServeSettings

TEN_SECONDS_MS: Final = 10_000
DAY_MS: Final = 86_400_000

TAKER_FILL: Final = 1
"""How many orders the first fill takes back of one that traded on entry."""
MAKER_FILL: Final = 5
"""How many orders the first fill takes back of one that traded while it stood in the book."""


class OrderLimit(Enum):
    """Which count of orders is full."""

    TEN_SECONDS = "10s"
    DAY = "1d"


class OrderCharge(Struct, frozen=True, gc=False):
    """What came of new orders.

    Attributes:
        used_10s: Orders counted in these ten seconds, the new ones included where they were taken.
        used_1d: Orders counted on this day.
        full: Which count has no place for them, None where they were taken.
        retry_ms: When that window ends, in milliseconds since 1970; 0 where they were taken.
        retry_after_s: How long until then, in whole seconds, rounded up; 0 where they were taken.
    """

    used_10s: int
    used_1d: int
    full: OrderLimit | None
    retry_ms: int
    retry_after_s: int


class _Sent:
    """What an account sent in its newest windows."""

    __slots__ = ("day", "of_day", "of_ten", "ten")

    def __init__(self) -> None:
        self.ten = self.day = -1
        self.of_ten = self.of_day = 0


class OrderCounts:
    """What each account sent, of at most so many accounts.

    Where there are more, those that were quiet for longest are forgotten.

    >>> counts = OrderCounts(ten_seconds_max=2)
    >>> counts.charge(7, 2, now_ms=86_400_000)
    OrderCharge(used_10s=2, used_1d=2, full=None, retry_ms=0, retry_after_s=0)
    >>> counts.charge(7, 1, now_ms=86_400_001).full
    <OrderLimit.TEN_SECONDS: '10s'>
    >>> counts.give_back(7, TAKER_FILL, now_ms=86_400_002)
    >>> counts.used(7, now_ms=86_400_003)
    (1, 1)
    """

    def __init__(
        self, ten_seconds_max: int = 100, day_max: int = 200_000, accounts_max: int = 1_048_576
    ) -> None:
        """Begin with nothing sent.

        Args:
            ten_seconds_max: How many orders an account may send in ten seconds.
            day_max: How many orders it may send on a day.
            accounts_max: How many accounts are remembered.
        """
        self.ten_seconds_max = ten_seconds_max
        self.day_max = day_max
        self._accounts_max = accounts_max
        self._sent: OrderedDict[int, _Sent] = OrderedDict()

    @classmethod
    def of(cls, settings: ServeSettings) -> Self:
        """Begin with nothing sent, by the settings."""
        return cls(settings.orders_10s_max, settings.orders_1d_max, settings.limited_accounts_max)

    def __len__(self) -> int:
        return len(self._sent)

    def charge(self, account: int, count: int, now_ms: int) -> OrderCharge:
        """Count new orders, all of them or, where one count is full, none."""
        sent = self._sent.get(account)
        if sent is None or sent.ten != now_ms // TEN_SECONDS_MS:
            sent = self._turned(account, now_ms)
        if sent.of_ten + count > self.ten_seconds_max:
            return _full(sent, OrderLimit.TEN_SECONDS, TEN_SECONDS_MS, now_ms)
        if sent.of_day + count > self.day_max:
            return _full(sent, OrderLimit.DAY, DAY_MS, now_ms)
        sent.of_ten += count
        sent.of_day += count
        return OrderCharge(sent.of_ten, sent.of_day, None, 0, 0)

    def give_back(self, account: int, count: int, now_ms: int) -> None:
        """Take back an order that was refused (1), or what the fill of one is worth."""
        sent = self._sent.get(account)
        if sent is None:
            return
        if sent.ten != now_ms // TEN_SECONDS_MS:
            sent = self._turned(account, now_ms)
        sent.of_ten = max(0, sent.of_ten - count)
        sent.of_day = max(0, sent.of_day - count)

    def used(self, account: int, now_ms: int) -> tuple[int, int]:
        """Return how many orders count in these ten seconds, and on this day."""
        sent = self._sent.get(account)
        if sent is None:
            return 0, 0
        return (
            sent.of_ten if sent.ten == now_ms // TEN_SECONDS_MS else 0,
            sent.of_day if sent.day == now_ms // DAY_MS else 0,
        )

    def _turned(self, account: int, now_ms: int) -> _Sent:
        """Return what an account sent in the windows that begin now or have begun."""
        sent = self._sent.get(account)
        if sent is None:
            if len(self._sent) >= self._accounts_max:
                self._sent.popitem(last=False)
            sent = self._sent[account] = _Sent()
        else:
            self._sent.move_to_end(account)
        sent.ten, sent.of_ten = now_ms // TEN_SECONDS_MS, 0
        day = now_ms // DAY_MS
        if sent.day != day:
            sent.day, sent.of_day = day, 0
        return sent


def _full(sent: _Sent, limit: OrderLimit, length_ms: int, now_ms: int) -> OrderCharge:
    until_ms = (now_ms // length_ms + 1) * length_ms
    retry_after_s = -((now_ms - until_ms) // 1_000)
    return OrderCharge(sent.of_ten, sent.of_day, limit, until_ms, retry_after_s)
