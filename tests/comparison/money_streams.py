"""Random command streams with money: accounts that are often short of it, and all that moves it.

The maker looks at the balances of the engine that applies its commands, so that what is asked for
is now below and now above what is there.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from outcry.reference import Machine, holds
from outcry.reference.codes import FEE_ACCOUNT, Kind
from outcry.reference.instrument import Instrument
from outcry.reference.order import opposite
from outcry.reference.shape import MONEY_MAX
from tests.comparison.list_streams import CENTRE
from tests.comparison.streams import (
    ACCOUNTS,
    INSTRUMENTS,
    Fields,
    Step,
    StreamMaker,
    add_instruments,
    first_stops,
)
from tests.scenarios import commands as c

ASSETS = (1, 2, 3)
# Nothing is traded for it, so that there can be as much of it as may be.
PLENTY = 4
_NAMES = ("BTC", "USDT", "ETH", "SOL", "XRP", "DOGE")
# What an account begins with, in smallest units: enough for a few orders.
_GIFT = {1: 150, 2: 20_000, 3: 150}
_U64 = 2**64 - 1
# The third instrument pays with what the first two trade.
_MADE_OF: dict[int, Fields] = {
    3: {"base_asset": 3, "quote_asset": 1, "quote_decimals": 3, "tick_decimals": 0}
}
_TAKER_RATES = (0, 0, 1_000, 40_000, 333_333, 1_000_000)
_MAKER_RATES = (0, 0, 1_000, 90_000, -700, -50_000, -1_000_000)


def money_opening() -> list[Step]:
    """Return the commands that every stream with money begins with."""
    records = [c.add_asset(1, "BTC", 3), c.add_asset(2, "USDT", 5), c.add_asset(3, "ETH", 3)]
    records.append(c.add_asset(PLENTY, "SOL", 0))
    records += add_instruments(_MADE_OF)
    number = 0
    for account in ACCOUNTS:
        group = 4 if account > 4 else 0
        rates = {"maker_rate_ppm": -9_000 * (account % 3), "taker_rate_ppm": 21_000 * (account % 4)}
        records.append(c.set_account(account, group, **rates))
        for asset, amount in _GIFT.items():
            number += 1
            records.append(c.deposit(account, asset, amount, number))
    records += first_stops()
    return [Step(record) for record in records]


class MoneyStreamMaker(StreamMaker):
    """Makes one command after another from a seed, as its base does, with money in all of them."""

    def kinds(self) -> list[tuple[int, Callable[[Machine], bytes | Step]]]:
        """Return what makes each kind of command, and how often it is made."""
        return [
            *super().kinds(),
            (80, self.spending_all),
            (80, self.order_list),
            (70, self.deposit),
            (22, self.withdraw),
            (22, self.settle),
            (30, self.transfer),
            (20, self.set_rates),
            (6, self.add_asset),
        ]

    def account(self) -> int:
        """Return an account, rarely the fee account or one that may not exist."""
        if self.chance(0.015):
            return self.random.choice((7, 8, 9, FEE_ACCOUNT))
        return super().account()

    def price(self, side: int) -> int:
        """Return a price near the centre, of a buyer sometimes one far below it.

        So amounts are left that the level they were left at does not cover, and the next one does.
        """
        if side == c.BUY and self.chance(0.12):
            return CENTRE // self.random.randrange(1, 5)
        return super().price(side)

    def made_of(self, number: int) -> Fields:
        """Return the assets of an instrument, sometimes wrong ones."""
        fields = _MADE_OF.get(number, {})
        if self.chance(0.25):
            return fields | {self.random.choice(("base_decimals", "quote_asset")): 7}
        return fields

    # The commands.

    def spending_all(self, machine: Machine) -> bytes:
        """An order of any type that needs about all that its account has available."""
        side, fields = self.order_fields()
        instrument = machine.instruments[self.random.choice(INSTRUMENTS)]
        fields["instrument"] = instrument.number
        terms = instrument.terms
        asset = terms.quote_asset if side == c.BUY else terms.base_asset
        available = holds.balance(machine, fields["account"], asset).available
        if self.chance(0.5):
            return self._taking_all(instrument, side, available, fields)
        price = self.price(side)
        unit = instrument.value_unit * price if side == c.BUY else instrument.lot_unit
        lots = max(1, available // unit + self.random.choice((-1, 0, 0, 1, 1)))
        if self.chance(0.6):
            return c.new(side, price, lots, **fields)
        return c.stop(side, lots, **self.where(), **fields)

    def _taking_all(
        self, instrument: Instrument, side: int, available: int, fields: Fields
    ) -> bytes:
        """A market order of about what the account can pay at the prices that are there."""
        prices = [
            order.price_ticks
            for order in instrument.resting(opposite(side))
            for _ in range(order.open_lots)
        ]
        by_amount = self.chance(0.5)
        if side == c.BUY:
            costs = [price * instrument.value_unit for price in prices]
            lots = bisect_right(list(accumulate(costs)), available)
            money = available
        else:
            lots = available // instrument.lot_unit
            money = sum(prices[:lots]) * instrument.value_unit
            # Up to what the next lot would cost.
            money += self.random.randrange(1 + (prices[lots - 1 :] or [1])[0])
        if by_amount:
            return c.amount(side, max(1, money + self.random.randrange(2)), **fields)
        return c.market(side, max(1, lots + self.random.randrange(2)), **fields)

    def source(self, machine: Machine) -> tuple[int, int]:
        """Return a source and a number of it, mostly its next one."""
        source = self.random.randrange(1, 8)
        known = machine.accounts.sources.get(source)
        if known is not None and known.number > _U64 - 1_000:
            source += self.random.randrange(4, 400)
            known = machine.accounts.sources.get(source)
        last = known.number if known is not None and known.number <= _U64 - 1_000 else 1
        step = self.random.choices((1, 2, 40, 0, -1), (70, 8, 4, 12, 6))[0]
        return source, max(0, last + step)

    def amount_near(self, machine: Machine, account: int, asset: int) -> int:
        """Return an amount that is mostly below what is available, sometimes at or above it."""
        available = holds.balance(machine, account, asset).available
        choice = self.random.random()
        if choice < 0.3:
            return available + self.random.randrange(3)
        if choice < 0.4:
            return available * 2 + 1
        return self.random.randrange(available + 1)

    def deposit(self, machine: Machine) -> bytes:
        """Money in: up to what an account began with; of one asset all that there may be."""
        source, number = self.source(machine)
        asset = self.random.choice(ASSETS) if self.chance(0.97) else 6
        if self.chance(0.15):
            room = MONEY_MAX - machine.accounts.on_deposit(PLENTY)
            amount = self.random.choice((self.random.randrange(1, MONEY_MAX), room, room + 1))
            amount = min(max(1, amount), MONEY_MAX)
            return c.deposit(self.account(), PLENTY, amount, number, source)
        amount = self.random.randrange(1, _GIFT.get(asset, 9)) // self.random.choice((1, 3, 25)) + 1
        return c.deposit(self.account(), asset, amount, number, source)

    def withdraw(self, machine: Machine) -> bytes:
        """The first half of money out."""
        account = self.account()
        asset = self.random.choice((*ASSETS, PLENTY)) if self.chance(0.97) else 6
        amount = self.amount_near(machine, account, asset) // self.random.choice((1, 4, 16))
        request_id = self.request_id() if self.chance(0.2) else 0
        return c.withdraw(account, asset, amount, request_id)

    def settle(self, machine: Machine) -> Step:
        """The second half of money out: of a withdrawal that is pending, ended or never was."""
        source, number = self.source(machine)
        pending = list(machine.accounts.withdrawals)
        if pending and self.chance(0.85):
            sequence = self.random.choice(pending)
        else:
            sequence = self.random.randrange(machine.sequence + 2)
        post = self.random.choice((0, 1, 1))
        record = c.settle(sequence, number, source, post=post)
        return Step(record, sequence - 1 if sequence else None)

    def transfer(self, machine: Machine) -> bytes:
        """Money across; the fee account gives back what it took."""
        source, number = self.source(machine)
        asset = self.random.choice((*ASSETS, PLENTY))
        payer = FEE_ACCOUNT if self.chance(0.4) else self.account()
        stopped = self.stopped(machine)
        if stopped and self.chance(0.3):
            payer = self.random.choice(stopped)
        payee = self.account() if self.chance(0.8) else self.random.choice((8, 9, FEE_ACCOUNT))
        amount = self.amount_near(machine, payer, asset)
        return c.transfer(payer, payee, asset, amount, number=number, source=source)

    def set_account(self, machine: Machine) -> bytes:
        """A trade group; the rest stays mostly as it was."""
        return self.set_rates(machine)

    def set_rates(self, machine: Machine) -> bytes:
        """An account's group, rates and state; who may not trade may soon do so again."""
        stopped = self.stopped(machine)
        account = self.account()
        if self.chance(0.15):
            account = self.random.choice((7, 8, 9, FEE_ACCOUNT))
        elif stopped and self.chance(0.7):
            account = self.random.choice(stopped)
        is_active = account in stopped or self.chance(0.7)
        return c.set_account(
            account,
            self.random.choice((0, 0, 1, 4, 77)),
            maker_rate_ppm=self.random.choice(_MAKER_RATES),
            taker_rate_ppm=self.random.choice(_TAKER_RATES),
            state=c.ACTIVE if is_active else self.random.choice((c.ONLY_CANCELS, c.FROZEN)),
            request_id=self.request_id() if self.chance(0.1) else 0,
        )

    @staticmethod
    def stopped(machine: Machine) -> list[int]:
        """Return the accounts that are not active."""
        accounts = machine.accounts.accounts.items()
        return [number for number, account in accounts if account.state != c.ACTIVE]

    def add_asset(self, _: Machine) -> bytes:
        """An asset, mostly one that stands already."""
        name = self.random.choice(_NAMES)
        return c.add_asset(self.random.randrange(1, 10), name, self.random.choice((3, 5)))

    def add_instrument(self, _: Machine) -> bytes:
        """An instrument that stands already, or lacks its assets, or is not exact."""
        number = self.random.choice((1, 2, 70_000, 100))
        made_of = {"base_asset": self.random.choice((1, 2, 4)), "quote_asset": 6}
        return c.instrument(number, base_decimals=self.random.choice((3, 4)), **made_of)

    def unsupported(self, machine: Machine) -> bytes:
        """A list, a record that is no command, or funds in a record of any bytes."""
        if self.chance(0.5):
            return super().unsupported(machine)
        kind = self.random.choice((Kind.DEPOSIT, Kind.TRANSFER, Kind.WITHDRAW))
        account = self.random.choice((0, 1, 2))
        return c.funds(kind, account, 2, 1, self.random.choice((0, 1, 2)), request_id=1)
