"""Random command streams by seed: every kind of command, on books that cross often.

The maker looks at the open orders of the engine that applies its commands, so that most cancels
and replaces name one; the rest name orders that are gone or never were.
"""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from outcry.reference import Machine, Order, Place
from outcry.reference.codes import Kind, TradingState
from tests.comparison.list_streams import CENTRE, ListMaker
from tests.scenarios import commands as c

Fields = dict[str, Any]

INSTRUMENTS = (1, 2, 3)
ACCOUNTS = range(1, 7)
_NAMES = ["a", "b", "c", "order-with-a-name-of-36-characters-xy"[:36]]


_UNSUPPORTED = (
    Kind.ADD_ASSET,
    Kind.DEPOSIT,
    Kind.WITHDRAW,
    Kind.TRANSFER,
    Kind.SETTLE_WITHDRAWAL,
)
LEG_COUNT_OFFSET = 37
_FUNDS = (Kind.DEPOSIT, Kind.WITHDRAW, Kind.TRANSFER)
_WEALTH_BYTES = (4, *range(42, 56))
_NO_COMMANDS = (Kind.LIST_LEG, 0x21, 0x05, 0xA0)


@dataclass(frozen=True)
class Step:
    """A command, and the position in the stream of the one that made the order or list it names.

    Of a list it made, `leg` is which order, from 0.
    """

    record: bytes
    maker: int | None = None
    leg: int = 0


def opening() -> list[Step]:
    """Return the commands that every stream without money begins with.

    The instruments, a shared group, and stops on both sides of where the first trade will be:
    later, no trade can meet rising and falling stops at once.
    """
    records = [*add_instruments({}), c.set_account(5, 4), c.set_account(6, 4), *first_stops()]
    return [Step(record) for record in records]


def add_instruments(made_of: dict[int, Fields]) -> list[bytes]:
    """Return a wide instrument, one with tight filters, and one with few prices.

    `made_of` says of each what else is said of it.
    """
    tight = c.instrument(
        2,
        symbol="TIGHT",
        tick=25,
        price_min=60,
        price_max=140,
        lots_min=2,
        lots_max=60,
        notional_min=25 * 150,
        notional_max=25 * 7_000,
        parts_max=5,
        band_ppm=250_000,
        market_band_ppm=60_000,
        account_orders_max=12,
        orders_max=50,
        account_stops_max=3,
        stops_max=9,
        **made_of.get(2, {}),
    )
    wide = c.instrument(1, **made_of.get(1, {}))
    fields = {"price_min": 96, "price_max": 104, "lots_max": 30} | made_of.get(3, {})
    return [wide, tight, c.instrument(3, symbol="NARROW", **fields)]


def first_stops() -> list[bytes]:
    """Return stops of every account on both sides of where the first trade will be."""
    records = []
    for number, trigger, stop in itertools.product(
        INSTRUMENTS, (c.RISE, c.FALL), (CENTRE - 3, CENTRE, CENTRE + 3)
    ):
        account = 1 + stop % len(ACCOUNTS)
        records.append(c.stop(c.BUY, 2, trigger, stop, account, instrument=number, price=stop))
    return records


class StreamMaker:
    """Makes one command after another from a seed.

    Args:
        seed: Makes the stream, together with the orders that are open.
        resting: How many open orders it steers towards.
    """

    def __init__(self, seed: int, resting: int = 100) -> None:
        self.random = random.Random(seed)
        self.resting = resting
        self.spread = (3, 6, 12)[seed % 3]
        self.time_ns = 1_000
        self._order_makers: dict[int, tuple[int, int]] = {}
        self._lists = ListMaker(self.random, self.price, self.lots, _NAMES)
        self._weights = [weight for weight, _ in self.kinds()]
        self._makers = [maker for _, maker in self.kinds()]

    def kinds(self) -> list[tuple[int, Callable[[Machine], bytes | Step]]]:
        """Return what makes each kind of command, and how often it is made."""
        return [
            (340, self.limit),
            (50, self.market),
            (30, self.amount),
            (110, self.extended_limit),
            (90, self.stop),
            (35, self.trailing),
            (90, self.cancel),
            (160, self.replace),
            (110, self.order_list),
            (14, self.cancel_list),
            (4, self.mass_cancel),
            (9, self.end_session),
            (8, self.set_state),
            (10, self.set_reference),
            (12, self.advance_time),
            (5, self.set_account),
            (5, self.update_instrument),
            (2, self.add_instrument),
            (3, self.unsupported),
        ]

    def note_orders(self, order_ids: list[int], position: int) -> None:
        """Note which command of the stream made these orders."""
        for leg, order_id in enumerate(order_ids):
            self._order_makers[order_id] = (position, leg)

    def step(self, machine: Machine) -> Step:
        """Return the next command for an engine in this state."""
        if self.random.random() < 0.1 and self._is_anything_stopped(machine):
            stopped = [i for i in machine.instruments.values() if i.state != c.CONTINUOUS]
            return Step(c.set_state(c.CONTINUOUS, self.random.choice(stopped).number))
        is_full = len(machine.orders) > 1.5 * self.resting and self.chance(0.3)
        make = self.cancel if is_full else self.random.choices(self._makers, self._weights)[0]
        made = make(machine)
        step = made if isinstance(made, Step) else Step(made)
        if self.random.random() < 0.015:
            return Step(self.damaged(step.record))
        return step

    @staticmethod
    def _is_anything_stopped(machine: Machine) -> bool:
        return any(i.state != TradingState.CONTINUOUS for i in machine.instruments.values())

    # What the parts of a command may be.

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random.random() < probability

    def common(self) -> Fields:
        """Return instrument, account, time and request id of a command."""
        fields: Fields = {
            "instrument": self.random.choice(INSTRUMENTS) if self.chance(0.98) else 9,
            "account": self.account(),
        }
        if self.chance(0.3):
            self.time_ns += self.random.randrange(20)
        if self.chance(0.8):
            fields["time_ns"] = self.time_ns
        if self.chance(0.06):
            fields["request_id"] = self.request_id()
        return fields

    def account(self) -> int:
        """Return an account."""
        return self.random.choice(ACCOUNTS)

    def request_id(self) -> int:
        """Return a request id that comes again soon."""
        return self.random.randrange(1, 30) << self.random.choice((0, 64))

    def price(self, side: int) -> int:
        """Return a price near the centre, mostly on the own side of it."""
        distance = int(self.random.expovariate(1 / self.spread)) - 2
        price = CENTRE - distance if side == c.BUY else CENTRE + distance
        return max(1, price)

    def lots(self) -> int:
        """Return a quantity, small ones more often."""
        return self.random.choice((1, 2, 3, 5, 8, 13, 30)) + self.random.randrange(5)

    def order_fields(self) -> tuple[int, Fields]:
        """Return the side of a new order and what it has in common with every other."""
        fields = self.common() | {"self_trade": self.random.randrange(5)}
        return self.random.choice((c.BUY, c.SELL)), fields

    # The commands.

    def limit(self, _: Machine) -> bytes:
        """A plain limit order."""
        side, fields = self.order_fields()
        fields["time_in_force"] = self.random.choices((c.GTC, c.IOC, c.FOK, c.DAY), (70, 14, 8, 8))[
            0
        ]
        post_only = self.chance(0.08)
        return c.new(side, self.price(side), self.lots(), post_only=post_only, **fields)

    def extended_limit(self, _: Machine) -> bytes:
        """A limit order that is an iceberg, has an expiry or a name, or several of these."""
        side, fields = self.order_fields()
        lots = self.lots()
        if self.chance(0.55):
            fields["display"] = self.random.randrange(1, lots + 1)
        if self.chance(0.55):
            self.add_expiry(fields)
        if self.chance(0.35):
            fields["client_id"] = self.random.choice(_NAMES)
        post_only = self.chance(0.15)
        return c.new(side, self.price(side), lots, post_only=post_only, **fields)

    def add_expiry(self, fields: Fields) -> None:
        """Make an order GTD, mostly until soon."""
        fields["time_in_force"] = c.GTD
        fields["expire_ns"] = max(1, self.time_ns + self.random.randrange(-2, 300))

    def market(self, _: Machine) -> bytes:
        """A market order by quantity."""
        side, fields = self.order_fields()
        fields["time_in_force"] = self.random.choice((c.IOC, c.IOC, c.FOK))
        worst = self.price(side) if self.chance(0.3) else 0
        return c.market(side, self.lots() * self.random.choice((1, 1, 4)), price=worst, **fields)

    def amount(self, _: Machine) -> bytes:
        """A market order by amount."""
        side, fields = self.order_fields()
        unit = self.random.choice((1, 25))
        money = self.random.randrange(1, 4_000) * unit
        return c.amount(side, money, client_id=self.random.choice(["", "", "a"]), **fields)

    def stop(self, _: Machine) -> bytes:
        """A stop, with a limit or without."""
        side, fields = self.order_fields()
        self.add_stop_fields(fields)
        price = self.price(side) if self.chance(0.55) else 0
        if price:
            lots = self.lots()
            if self.chance(0.2) and fields["time_in_force"] not in (c.IOC, c.FOK):
                fields["display"] = self.random.randrange(1, lots + 1)
            if self.chance(0.2) and fields["time_in_force"] not in (c.IOC, c.FOK):
                fields["flags"] = 1
            return c.stop(side, lots, **self.where(), price=price, **fields)
        return c.stop(side, self.lots(), **self.where(), **fields)

    def where(self) -> dict[str, int]:
        """Return on which side and where a stop stands."""
        trigger = self.random.choice((c.RISE, c.FALL))
        away = self.random.randrange(0, 9)
        return {"trigger": trigger, "stop": CENTRE + (away if trigger == c.RISE else -away)}

    def add_stop_fields(self, fields: Fields) -> None:
        """Give a stop its time in force and perhaps a name."""
        fields["time_in_force"] = self.random.choice((c.GTC, c.GTC, c.IOC, c.FOK, c.DAY))
        if self.chance(0.25):
            self.add_expiry(fields)
        if self.chance(0.15):
            fields["client_id"] = self.random.choice(_NAMES)

    def trailing(self, _: Machine) -> bytes:
        """A trailing stop, by ticks or by parts per million."""
        side, fields = self.order_fields()
        self.add_stop_fields(fields)
        by_ticks = self.chance(0.6)
        fields["stop_unit"] = c.TRAIL_TICKS if by_ticks else c.TRAIL_PPM
        distance = self.random.randrange(1, 9) if by_ticks else self.random.randrange(1, 90_000)
        trigger = self.random.choice((c.RISE, c.FALL))
        price = self.price(side) if self.chance(0.4) else 0
        if by_ticks and self.chance(0.04):
            distance = 1 << self.random.randrange(4, 63)
        return c.stop(side, self.lots(), trigger, distance, price=price, **fields)

    def pick(self, machine: Machine) -> Order | None:
        """Return an open order, mostly; one that waits or is queued more often than it would."""
        if not machine.orders or self.chance(0.08):
            return None
        orders = list(machine.orders.values())
        if self.chance(0.3):
            orders = [order for order in orders if order.place != Place.RESTING] or orders
        return self.random.choice(orders)

    def naming(self, order: Order | None) -> Fields:
        """Return the fields that name an order, or one that is not there."""
        fields = self.common()
        if order is None:
            fields["order_id"] = self.random.randrange(1, 1 + max(self._order_makers, default=1))
        else:
            fields |= {"order_id": order.order_id, "instrument": order.instrument}
            if self.chance(0.96):
                fields["account"] = order.account
            if any(order.client_order_id) and self.chance(0.6):
                fields["order_id"] = 0
                fields["client_id"] = order.client_order_id.rstrip(b"\0").decode()
        if self.chance(0.15):
            fields["instrument"] = 0
        elif self.chance(0.02):
            fields["instrument"] = self.random.choice(INSTRUMENTS)
        if "client_id" not in fields and self.chance(0.1):
            fields["client_id"] = ""
        return fields

    def step_naming(self, record: bytes, fields: Fields) -> Step:
        """Return the step of a command that names an order."""
        maker, leg = self._order_makers.get(fields["order_id"], (None, 0))
        return Step(record, maker, leg)

    def cancel(self, machine: Machine) -> Step:
        """A cancel."""
        fields = self.naming(self.pick(machine))
        return self.step_naming(c.cancel(**fields), fields)

    def replace(self, machine: Machine) -> Step:
        """A replace: smaller, larger, elsewhere, below what is done, or of a stop."""
        order = self.pick(machine)
        fields = self.naming(order)
        side = order.side if order else c.BUY
        total = order.quantity_lots if order else self.lots()
        price = order.price_ticks if order else self.price(side)
        choice = self.random.random()
        if choice < 0.4:
            total = self.random.randrange(1, total + 1)
        elif choice < 0.55:
            total += self.lots()
        if self.chance(0.45):
            price = self.price(side)
        if order is not None and order.place != Place.RESTING:
            if self.chance(0.5) and price:
                price = order.price_ticks
            if self.chance(0.4):
                fields["stop"] = max(1, order.stop_ticks + self.random.randrange(-4, 5))
        elif self.chance(0.02):
            fields["stop"] = CENTRE
        said = {key: value for key, value in fields.items() if key != "order_id"}
        return self.step_naming(c.replace(fields["order_id"], price, total, **said), fields)

    def order_list(self, _: Machine) -> bytes:
        """A list that is mostly one."""
        return self._lists.make(self.common(), lambda: self.time_ns + self.random.randrange(300))

    def cancel_list(self, machine: Machine) -> Step:
        """A cancel of a list that is executing, or of one that is over or never was."""
        fields = self.common()
        list_id = self.random.randrange(1, machine.sequence + 2)
        if machine.lists and self.chance(0.9):
            found = machine.lists[self.random.choice(list(machine.lists))]
            list_id = found.list_id
            fields["instrument"] = found.instrument
            if self.chance(0.95):
                fields["account"] = found.account
        if self.chance(0.5):
            fields["instrument"] = 0
        return Step(c.cancel_list(list_id, **fields), list_id - 1)

    def mass_cancel(self, _: Machine) -> bytes:
        """A mass cancel; one that matches little more often than one that matches all."""
        account = 0 if self.chance(0.05) else self.account()
        return c.mass_cancel(
            account=account,
            instrument=self.random.choice((0, *INSTRUMENTS)),
            side=self.random.choice((0, c.BUY, c.SELL)),
            request_id=self.request_id() if self.chance(0.2) else 0,
        )

    def end_session(self, _: Machine) -> bytes:
        """The end of a session."""
        return c.end_session(self.random.choice(INSTRUMENTS))

    def set_state(self, _: Machine) -> bytes:
        """A change of state; auctions are refused."""
        return c.set_state(self.random.randrange(1, 5), self.random.choice(INSTRUMENTS))

    def set_reference(self, _: Machine) -> bytes:
        """A reference price, or none."""
        price = self.random.choice((0, 0, CENTRE + self.random.randrange(-15, 16)))
        if self.chance(0.03):
            price = 10**6
        return c.set_reference(price, self.random.choice(INSTRUMENTS))

    def advance_time(self, _: Machine) -> bytes:
        """Time that goes on."""
        self.time_ns += self.random.randrange(self.random.choice((60, 60, 400)))
        return c.advance_time(self.time_ns, account=self.random.choice((0, 1)))

    def set_account(self, _: Machine) -> bytes:
        """A trade group."""
        rate = self.random.choice((0, 0, 0, 0, 5))
        group = self.random.choice((0, 1, 4, 4, 77))
        return c.set_account(self.random.choice(ACCOUNTS), group, taker_rate_ppm=rate)

    def update_instrument(self, _: Machine) -> bytes:
        """An instrument stated anew, sometimes as it may not be."""
        number = self.random.choice(INSTRUMENTS)
        symbol = {1: "BTCUSDT", 2: "TIGHT", 3: "NARROW"}[number]
        tick = self.random.choice((1, 1, 25)) if number == 1 else {2: 25, 3: 1}[number]
        low = self.random.choice((1, 60, 90, 96))
        return c.update_instrument(
            number,
            symbol=symbol if self.chance(0.95) else "OTHER",
            tick=tick,
            lot_decimals=3 if self.chance(0.95) else 4,
            price_min=low,
            price_max=self.random.choice((104, 140, 10**6)),
            lots_min=self.random.choice((1, 1, 2)),
            lots_max=self.random.choice((40, 10**6)),
            notional_min=self.random.choice((0, 0, 200 * tick)),
            notional_max=self.random.choice((0, 6_000 * tick, 1 << 70)),
            parts_max=self.random.choice((0, 6)),
            band_ppm=self.random.choice((0, 100_000, 300_000)),
            market_band_ppm=self.random.choice((0, 20_000, 80_000)),
            account_orders_max=self.random.choice((0, 14)),
            orders_max=self.random.choice((0, 60)),
            account_stops_max=self.random.choice((0, 3)),
            stops_max=self.random.choice((0, 10)),
            **self.made_of(number),
        )

    def made_of(self, _: int) -> Fields:
        """Return what is said of an instrument besides its numbers."""
        return {}

    def add_instrument(self, _: Machine) -> bytes:
        """An instrument that stands already, is not exact, or has too high a number."""
        number = self.random.choice((1, 2, 70_000))
        return c.instrument(number, quote_decimals=self.random.choice((4, 5)))

    def unsupported(self, _: Machine) -> bytes:
        """A command that the machine without accounts does not do, or a record that is none."""
        if self.chance(0.3):
            legs = [c.buy(CENTRE, self.random.randrange(4), client_id="a") for _ in range(3)]
            return c.order_list(self.random.randrange(1, 4), *legs[: self.random.randrange(4)])
        kind = self.random.choice((*_UNSUPPORTED, *_NO_COMMANDS))
        size = 32 << (kind >> 6)
        number = self.random.choice((0, 1, 2))
        head = bytes([kind, 1, 0, 0, number, 0, 0, 0]) + bytes(8)
        return head + self.random.randbytes(size - len(head))

    def damaged(self, record: bytes) -> bytes:
        """The same record with one byte changed, but for its time and for what says its length.

        No later command could turn the time back, nor end a command that became longer; and who
        once got too much money would be refused nothing more.
        """
        fields = (1, 2, 4, 32, 36, 37, 38, 39)
        at = self.random.choice((*fields, self.random.randrange(1, len(record)))) % len(record)
        is_wealth = record[0] in _FUNDS and at in _WEALTH_BYTES
        says_length = at % 128 == 0 or (record[0] == Kind.NEW_LIST and at == LEG_COUNT_OFFSET)
        if says_length or is_wealth or 8 <= at < 16:
            at = 2
        value = self.random.choice((0, 1, 3, 5, 255, record[at] ^ 1))
        return record[:at] + bytes([value]) + record[at + 1 :]
