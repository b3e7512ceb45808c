"""The legs of random lists: pairs that mostly make an OCO, what works first and what is pending."""

import random
from collections.abc import Callable
from typing import Any

from outcry.reference.codes import ListType
from tests.scenarios import commands as c

Fields = dict[str, Any]
PriceMaker = Callable[[int], int]

CENTRE = 100
_TYPES = (ListType.OCO, ListType.OTO, ListType.OTOCO)
_STOP_UNITS = (0, 0, 0, c.TRAIL_TICKS, c.TRAIL_PPM)


class ListMaker:
    """Makes lists of what an order of its stream may be.

    Args:
        source: The stream's random numbers.
        price: Returns a price for a side.
        lots: Returns a quantity.
        names: The client order ids.
    """

    def __init__(
        self,
        source: random.Random,
        price: PriceMaker,
        lots: Callable[[], int],
        names: list[str],
    ) -> None:
        self.random = source
        self.price = price
        self.lots = lots
        self.names = names

    def make(self, head: Fields, expire_ns: Callable[[], int]) -> bytes:
        """Return a list; `head` has its instrument and account, its time and its request id."""
        legs_say = {"instrument": head["instrument"], "account": head["account"]}
        self.expire_ns = expire_ns
        # Sometimes all legs expire together.
        self.common_expiry = expire_ns() if self.random.random() < 0.12 else 0
        list_type = self.random.choices(_TYPES, (3, 4, 4))[0]
        side = self.random.choice((c.BUY, c.SELL))
        if list_type == ListType.OCO:
            legs = self.pair(side, self.lots(), legs_say)
        else:
            # Who bought first mostly sells then.
            later = c.SELL if (side == c.BUY) == (self.random.random() < 0.8) else c.BUY
            # Most of them near enough to be filled soon.
            near = side if self.random.random() < 0.35 else c.BUY + c.SELL - side
            working = self.limit(side, self.lots() // 3 + 1, legs_say, self.price(near))
            is_oto = list_type == ListType.OTO
            pending = self.any_order(later, legs_say) if is_oto else None
            pair = () if pending else self.pair(later, self.lots(), legs_say, is_pending=True)
            legs = (working, pending) if pending else (working, *pair)
        if self.random.random() < 0.03:
            legs = (*legs[1:], legs[0])
        return c.order_list(list_type, *legs, **head)

    def terms(self, said: Fields, can_be_immediate: bool = True) -> Fields:
        """Return what a leg says: perhaps its time in force, its expiry, its name, its mode."""
        fields = said | {"self_trade": self.random.randrange(5)}
        choice = self.random.random()
        if self.common_expiry or choice < 0.12:
            expire_ns = self.common_expiry or self.expire_ns()
            fields |= {"time_in_force": c.GTD, "expire_ns": expire_ns}
        elif choice < 0.25:
            fields["time_in_force"] = c.DAY
        elif choice < 0.35 and can_be_immediate:
            fields["time_in_force"] = self.random.choice((c.IOC, c.FOK))
        if self.random.random() < 0.15:
            fields["client_id"] = self.random.choice(self.names)
        if self.random.random() < 0.015:
            fields[self.random.choice(("account", "instrument", "request_id"))] = 2
        return fields

    def limit(self, side: int, lots: int, said: Fields, price: int = 0) -> bytes:
        """A limit order, sometimes an iceberg or post-only."""
        choice = self.random.random()
        fields = self.terms(said, can_be_immediate=choice < 0.7)
        if choice > 0.85:
            fields["display"] = self.random.randrange(1, lots + 1)
        post_only = 0.7 < choice < 0.8
        return c.new(side, price or self.price(side), lots, post_only=post_only, **fields)

    def stop(self, side: int, lots: int, trigger: int, said: Fields) -> bytes:
        """A stop away from the centre, with a limit or without, or a trailing one."""
        fields = self.terms(said)
        unit = self.random.choice(_STOP_UNITS)
        away = self.random.randrange(9)
        stop = CENTRE + (away if trigger == c.RISE else -away)
        if unit == c.TRAIL_TICKS:
            stop = 1 + away if self.random.random() < 0.9 else CENTRE
        elif unit == c.TRAIL_PPM:
            stop = self.random.randrange(1, 90_000)
        price = self.price(side) if self.random.random() < 0.4 else 0
        return c.stop(side, lots, trigger, stop, price=price, stop_unit=unit, **fields)

    def pair(
        self, side: int, lots: int, said: Fields, is_pending: bool = False
    ) -> tuple[bytes, bytes]:
        """Two orders that mostly make an OCO, in either order; a pending limit may be in the way.

        So that it is refused when it enters: post-only, on the other side.
        """
        second_lots = lots if self.random.random() < 0.97 else lots + 1
        away = c.FALL if side == c.SELL else c.RISE
        toward = c.RISE if side == c.SELL else c.FALL
        other = self.stop(side, second_lots, away, said)
        choice = self.random.random()
        if is_pending and choice < 0.2:
            price = self.price(c.BUY + c.SELL - side)
            first = c.new(side, price, lots, post_only=True, **said)
            if choice < 0.05:
                far = {"stop": CENTRE, "stop_unit": c.TRAIL_TICKS}
                other = c.stop(side, lots, away, **far, **said)
        elif choice < 0.7:
            first = self.limit(side, lots, said)
        else:
            first = self.stop(side, lots, toward, said)
        return (first, other) if self.random.random() < 0.6 else (other, first)

    def any_order(self, side: int, said: Fields) -> bytes:
        """An order of any type."""
        lots = self.lots() * self.random.choice((1, 1, 1, 5))
        choice = self.random.random()
        if choice < 0.5:
            return self.limit(side, lots, said)
        if choice < 0.75:
            return self.stop(side, lots, self.random.choice((c.RISE, c.FALL)), said)
        worst = self.price(side) if choice < 0.85 else 0
        time_in_force = self.random.choice((c.IOC, c.FOK))
        fields = said | {"self_trade": self.random.randrange(5), "time_in_force": time_in_force}
        return c.market(side, lots, price=worst, **fields)
