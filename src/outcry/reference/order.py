"""An order, and what can be said of it alone."""

from dataclasses import dataclass
from enum import Enum

from outcry.reference.codes import OrderType, Side, StopUnit, TimeInForce, Trigger
from outcry.reference.records import NO_TEXT, OrderCommand

PPM = 1_000_000


class Place(Enum):
    """Where an order stands."""

    NOWHERE = "nowhere"
    RESTING = "resting"
    WAITING = "waiting"
    QUEUED = "queued"
    PENDING = "pending"


@dataclass(slots=True, eq=False)
class Order:
    """An order as it was entered, and what became of it. Prices in ticks, quantities in lots.

    `quantity_lots` is the total asked for; `done_lots` is what of it is filled or prevented. Of a
    trailing stop `distance` is what the command said, `best_trade_ticks` the trade that it follows
    and `stop_ticks` where it stands. The bounds and the band are those of a stop without limit,
    as they were on entry. The group and the fee rates are those that its account had on entry.

    A pending order has not entered yet: it stands among the pending ones or, released, in the
    queue, and keeps the record that it will enter by. `traded_value` is the sum of price times
    lots over its fills.
    """

    order_id: int
    arrival: int
    account: int
    group: int
    instrument: int
    side: int
    order_type: int
    time_in_force: int
    self_trade: int
    post_only: bool
    price_ticks: int
    quantity_lots: int
    open_lots: int
    maker_rate_ppm: int = 0
    taker_rate_ppm: int = 0
    done_lots: int = 0
    shown_lots: int = 0
    display_lots: int = 0
    stop_ticks: int = 0
    trigger: int = 0
    stop_unit: int = 0
    distance: int = 0
    best_trade_ticks: int = 0
    bound_low_ticks: int = 0
    bound_high_ticks: int = 0
    band_ppm: int = 0
    expire_time_ns: int = 0
    client_order_id: bytes = NO_TEXT
    amount_left: int | None = None
    entered_ns: int = 0
    changed_ns: int = 0
    traded_value: int = 0
    list_id: int = 0
    pending: OrderCommand | None = None
    place: Place = Place.NOWHERE
    book_entry: int = 0

    @property
    def is_buy(self) -> bool:
        """Whether it buys the base asset."""
        return self.side == Side.BUY

    @property
    def trades_as_market(self) -> bool:
        """Whether nothing of it may rest and its price is no limit of its own."""
        return self.order_type in (OrderType.MARKET, OrderType.STOP)

    @property
    def is_stop(self) -> bool:
        """Whether it was entered as a stop, with a limit or without."""
        return self.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)

    @property
    def counts_as_waiting(self) -> bool:
        """Whether the filters count it as a waiting stop: one that is pending is to wait."""
        return self.place == Place.WAITING or (self.pending is not None and self.is_stop)

    @property
    def is_trailing(self) -> bool:
        """Whether its stop follows the trades."""
        return self.stop_unit != StopUnit.PRICE

    @property
    def worst_stop_ticks(self) -> int:
        """Where a stop without limit trades at worst: the band around its stop, clamped."""
        return worst_price(
            self.side, self.stop_ticks, self.band_ppm, self.bound_low_ticks, self.bound_high_ticks
        )

    @property
    def is_filled(self) -> bool:
        """Whether nothing of it is left: no lots, or of an amount order no amount."""
        if self.amount_left is not None:
            return self.amount_left == 0
        return self.open_lots == 0

    def is_due(self, time_ns: int) -> bool:
        """Whether it is a GTD order whose time has come."""
        return self.time_in_force == TimeInForce.GTD and self.expire_time_ns <= time_ns

    def next_slice(self) -> int:
        """Return what it shows when it comes to the back of a level."""
        if self.display_lots == 0:
            return self.open_lots
        return min(self.display_lots, self.open_lots)


def opposite(side: int) -> Side:
    """Return the other side."""
    return Side.SELL if side == Side.BUY else Side.BUY


def is_within(side: int, worst_ticks: int, price_ticks: int) -> bool:
    """Tell whether an order of this side may trade at the price."""
    return price_ticks <= worst_ticks if side == Side.BUY else price_ticks >= worst_ticks


def band_low(price_ticks: int, band_ppm: int) -> int:
    """Return the price less the band, rounded up to a tick."""
    return -(price_ticks * (PPM - band_ppm) // -PPM)


def band_high(price_ticks: int, band_ppm: int) -> int:
    """Return the price and the band, rounded down to a tick."""
    return price_ticks * (PPM + band_ppm) // PPM


def worst_price(side: int, around_ticks: int, band_ppm: int, low: int, high: int) -> int:
    """Return the worst price of a market order: the band around a price, clamped into the filter.

    Without a band only the filter binds.
    """
    if side == Side.BUY:
        worst = band_high(around_ticks, band_ppm) if band_ppm else high
    else:
        worst = band_low(around_ticks, band_ppm) if band_ppm else low
    return max(low, min(high, worst))


def trailing_stop(trigger: int, stop_unit: int, distance: int, trade_ticks: int) -> int:
    """Return where a trailing stop stands that follows this trade; it may be below 1."""
    if stop_unit == StopUnit.TRAIL_TICKS:
        return trade_ticks - distance if trigger == Trigger.FALL else trade_ticks + distance
    if trigger == Trigger.FALL:
        return band_low(trade_ticks, distance)
    return band_high(trade_ticks, distance)


def is_met(trigger: int, stop_ticks: int, trade_ticks: int) -> bool:
    """Tell whether a trade at this price meets a stop."""
    return trade_ticks >= stop_ticks if trigger == Trigger.RISE else trade_ticks <= stop_ticks
