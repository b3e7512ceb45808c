"""A venue and the naive engine, given the same commands."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from outcry import Filters
from outcry.errors import CommandRejected
from outcry.gateways.binance import errors
from outcry.protocol import Rejected, read_events
from outcry.reference import ReferenceEngine
from tests.gateways.desk import Client, Desk
from tests.scenarios import commands as c

ASSETS = ("BTC", "USDT")
MAKER_PPM, TAKER_PPM = 1_000, 2_000
GIFT = {"BTC": 40, "USDT": 3_000}
UNITS = 10**8


@dataclass
class Known:
    """An order that was accepted, and what became of it."""

    order_id: int
    account: int
    said: dict[str, object]
    lots: int
    filled: int = 0
    prevented: int = 0
    value: int = 0
    end: str = ""

    @property
    def status(self) -> str:
        """Return what the API must call it."""
        if self.end:
            return self.end
        if self.lots and self.filled + self.prevented == self.lots:
            # Where nothing is left behind a prevented match, the engine says an end of its own.
            return "FILLED"
        if value_text(self.value) == money_text(self.said.get("quoteOrderQty")):
            # It spent its amount to the last unit, and no remainder is told.
            return "FILLED"
        return "PARTIALLY_FILLED" if self.filled else "NEW"


def money(units: int) -> str:
    return f"{Decimal(units).scaleb(-8):.8f}"


def money_text(amount: object) -> str | None:
    return None if amount is None else f"{Decimal(str(amount)):.8f}"


def price_text(ticks: int) -> str:
    return f"{Decimal(ticks).scaleb(-2):.8f}"


def lots_text(lots: int) -> str:
    return f"{Decimal(lots).scaleb(-5):.8f}"


def value_text(ticks_lots: int) -> str:
    return f"{Decimal(ticks_lots).scaleb(-7):.8f}"


@dataclass
class Twin:
    """The venue and the naive engine, given the same."""

    desk: Desk
    naive: ReferenceEngine = field(default_factory=lambda: ReferenceEngine(money=True))
    markets: int = 0
    sources: int = 0
    clients: dict[int, Client] = field(default_factory=dict)

    def apply(self, record: bytes) -> list[Any]:
        """Apply a command to the naive engine and return its events."""
        return list(read_events(b"".join(self.naive.apply(record)[1])))

    def open_market(self) -> tuple[int, str]:
        """Add an instrument to both."""
        self.markets += 1
        exchange = self.desk.venue.opened
        symbol = f"M{self.markets}"
        bounds = Filters(
            price_min="0.01", price_max="10000", quantity_min="0.00001", quantity_max="1000"
        )
        made = exchange.add_instrument(
            symbol, base="BTC", quote="USDT", tick="0.01", lot="0.00001", filters=bounds
        )
        record = c.instrument(
            made.number,
            symbol=symbol,
            lot_decimals=5,
            base_decimals=8,
            quote_decimals=8,
            lots_max=10**8,
            parts_max=made.filters.iceberg_parts_max,
        )
        assert not [each for each in self.apply(record) if isinstance(each, Rejected)]
        return made.number, symbol

    def open_accounts(self) -> dict[int, Client]:
        """Add two accounts with money to both, and return their clients."""
        exchange = self.desk.venue.opened
        for account in (1, 2):
            rates: dict[str, Any] = {"maker_rate_ppm": MAKER_PPM, "taker_rate_ppm": TAKER_PPM}
            exchange.set_account(account, **rates)
            self.apply(c.set_account(account, **rates))
            for number, asset in enumerate(ASSETS):
                self.sources += 1
                exchange.deposit(account, asset, GIFT[asset], source=(1, self.sources))
                self.apply(c.deposit(account, number + 1, GIFT[asset] * UNITS, self.sources))
        return {account: self.desk.client(account) for account in (1, 2)}


def refusal(events: list[Any]) -> tuple[int, str] | None:
    """Return code and text of what the naive engine refused, None where it did not."""
    for event in events:
        if isinstance(event, Rejected):
            told = errors.of_exchange(CommandRejected(event.reason, 0, 0, 0))
            return told.code, told.text
    return None
