"""An instrument: its numbers, its state and its book."""

from dataclasses import dataclass, field

from outcry.reference.codes import Reason, Side, TradingState
from outcry.reference.order import Order
from outcry.reference.records import InstrumentCommand
from outcry.reference.shape import MONEY_MAX

Levels = dict[int, list[Order]]


@dataclass(slots=True, eq=False)
class Instrument:
    """What an instrument is, and its orders. A price of 0 means that there is none.

    A level is the list of the orders at one price, from front to back; no level is empty.
    """

    number: int
    terms: InstrumentCommand
    state: TradingState = TradingState.CONTINUOUS
    set_reference_ticks: int = 0
    last_trade_ticks: int = 0
    next_trade_id: int = 1
    update_number: int = 0
    bids: Levels = field(default_factory=dict)
    asks: Levels = field(default_factory=dict)
    waiting: list[Order] = field(default_factory=list)
    queue: list[Order] = field(default_factory=list)
    pending: list[Order] = field(default_factory=list)

    @property
    def value_unit(self) -> int:
        """One lot at one tick in the quote asset's smallest units."""
        return value_unit(self.terms)[0]

    @property
    def lot_unit(self) -> int:
        """One lot in the base asset's smallest units."""
        return lot_unit(self.terms)[0]

    def levels(self, side: int) -> Levels:
        """Return the levels of one side, by price."""
        return self.bids if side == Side.BUY else self.asks

    def prices(self, side: int) -> list[int]:
        """Return the prices of one side, the best first."""
        return sorted(self.levels(side), reverse=side == Side.BUY)

    def resting(self, side: int) -> list[Order]:
        """Return the orders of one side, from best to worst and from front to back."""
        levels = self.levels(side)
        return [order for price in self.prices(side) for order in levels[price]]

    def front(self, side: int) -> Order | None:
        """Return the order that trades first on this side, due or not."""
        levels = self.levels(side)
        if not levels:
            return None
        best = max(levels) if side == Side.BUY else min(levels)
        return levels[best][0]

    def best_price(self, side: int, time_ns: int) -> int:
        """Return the best price of this side, where due orders do not count; 0 for none."""
        for order in self.resting(side):
            if not order.is_due(time_ns):
                return order.price_ticks
        return 0

    def reference_price(self) -> int:
        """Return the price that was set, else the last trade's, else 0."""
        return self.set_reference_ticks or self.last_trade_ticks


def value_unit(terms: InstrumentCommand) -> tuple[int, bool]:
    """Return one lot at one tick in smallest units of the quote asset, and whether it is whole."""
    mantissa = terms.tick_mantissa * terms.lot_mantissa
    return _in_units(mantissa, terms.tick_decimals + terms.lot_decimals, terms.quote_decimals)


def lot_unit(terms: InstrumentCommand) -> tuple[int, bool]:
    """Return one lot in smallest units of the base asset, and whether it is whole."""
    return _in_units(terms.lot_mantissa, terms.lot_decimals, terms.base_decimals)


def _in_units(mantissa: int, decimals: int, unit_decimals: int) -> tuple[int, bool]:
    numerator = mantissa * 10**unit_decimals
    denominator = 10**decimals
    return numerator // denominator, numerator % denominator == 0


def check_exact(terms: InstrumentCommand) -> Reason | None:
    """Check that every value is a whole number of smallest units, and none too large."""
    value, value_is_whole = value_unit(terms)
    lot, lot_is_whole = lot_unit(terms)
    if not value_is_whole:
        return Reason.INEXACT_VALUE
    if not lot_is_whole:
        return Reason.INEXACT_LOT
    quote_max = terms.price_max_ticks * terms.quantity_max_lots * value
    base_max = terms.quantity_max_lots * lot
    if quote_max > MONEY_MAX or base_max > MONEY_MAX:
        return Reason.VALUE_TOO_LARGE
    return None


def increments(terms: InstrumentCommand) -> tuple[int, ...]:
    """Return what cannot change while orders are open: tick, lot and the assets' decimals.

    Tick and lot stand here as multiples of 10^-18, so that 10 / 10^3 and 1 / 10^2 are one size.
    """
    smallest = 18
    return (
        terms.tick_mantissa * 10 ** (smallest - terms.tick_decimals),
        terms.lot_mantissa * 10 ** (smallest - terms.lot_decimals),
        terms.base_decimals,
        terms.quote_decimals,
    )
