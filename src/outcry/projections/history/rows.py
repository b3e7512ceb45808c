"""What the history answers: rows of integers, in the units of the engine.

Prices are ticks, quantities lots, times nanoseconds since 1970 UTC. A value is a sum of price times
quantity in ticks times lots; `Steps` says what one tick, lot and tick times lot is in money. Steps
can change between two orders of an instrument, so each row carries those that it is meant in.
"""

from decimal import Context, Decimal
from enum import IntEnum
from typing import Final

import msgspec

from outcry._native import to_decimal
from outcry.protocol import (
    CancelReason,
    ListState,
    ListType,
    OrderType,
    RejectReason,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    Trigger,
)

# Room for every digit of a sum of amounts, so that no default context rounds it.
_WIDE: Final = Context(prec=80)


class OrderState(IntEnum):
    """Where an order is: open, a stop that waits, a leg that is not live yet, or how it ended."""

    OPEN = 1
    WAITING = 2
    PENDING = 3
    FILLED = 4
    CANCELLED = 5
    EXPIRED = 6

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self <= OrderState.PENDING


class Steps(msgspec.Struct, frozen=True):
    """What ticks and lots of an instrument are.

    Attributes:
        number: Counts the steps of all instruments, from 1, in the order in which they came.
        instrument: The instrument's number.
        symbol: Its name.
        base_asset: The number of the asset that is bought and sold.
        quote_asset: The number of the asset that it is paid in.
        tick_mantissa: A tick is `tick_mantissa / 10^tick_decimals` of the quote asset.
        tick_decimals: See `tick_mantissa`.
        lot_mantissa: A lot is `lot_mantissa / 10^lot_decimals` of the base asset.
        lot_decimals: See `lot_mantissa`.
        base_decimals: Decimals of the base asset's smallest unit.
        quote_decimals: Decimals of the quote asset's smallest unit.
    """

    number: int
    instrument: int
    symbol: str
    base_asset: int
    quote_asset: int
    tick_mantissa: int
    tick_decimals: int
    lot_mantissa: int
    lot_decimals: int
    base_decimals: int
    quote_decimals: int

    @property
    def value_unit(self) -> int:
        """One tick times one lot in the quote asset's smallest units; whole by the rules."""
        decimals = self.tick_decimals + self.lot_decimals - self.quote_decimals
        return _shifted(self.tick_mantissa * self.lot_mantissa, decimals)

    @property
    def lot_unit(self) -> int:
        """One lot in the base asset's smallest units; whole by the rules."""
        return _shifted(self.lot_mantissa, self.lot_decimals - self.base_decimals)

    def price(self, ticks: int) -> Decimal:
        """Return so many ticks as a price."""
        return to_decimal(ticks, self.tick_mantissa, self.tick_decimals)

    def quantity(self, lots: int) -> Decimal:
        """Return so many lots as a quantity."""
        return to_decimal(lots, self.lot_mantissa, self.lot_decimals)

    def value(self, ticks_lots: int) -> Decimal:
        """Return a value in ticks times lots as an amount of the quote asset."""
        return self.amount(self.quote_asset, ticks_lots * self.value_unit)

    def amount(self, asset: int, units: int) -> Decimal:
        """Return smallest units of the base or the quote asset as an amount."""
        decimals = self.base_decimals if asset == self.base_asset else self.quote_decimals
        return Decimal(units).scaleb(-decimals, _WIDE)


class OrderRow(msgspec.Struct, frozen=True):
    """An order as it stood behind the applied sequence.

    Attributes:
        order_id: Its id.
        steps: What its ticks and lots are, and its instrument.
        account: Whose it is.
        side: Its side.
        order_type: Its type.
        time_in_force: How long it lives.
        self_trade: What happens when it meets its own group.
        post_only: Whether it must not take.
        state: Where it is.
        cancel_reason: Why it was cancelled, None unless it was.
        refusal: What refused it as a pending leg when its turn came, None unless that was so.
        price_ticks: Its limit, or a market order's worst price; 0 for none.
        quantity_lots: Its total quantity; 0 of an order by amount.
        amount_units: The amount to spend or raise, in the quote asset's smallest units, else 0.
        filled_lots: What traded.
        prevented_lots: What was lost to its own group.
        value: What its trades came to, in ticks times lots.
        stop: The stop in ticks, or the trailing distance by `stop_unit`; 0 for none.
        stop_unit: What `stop` holds.
        trigger: From which side the stop is met, None without a stop.
        display_lots: What an iceberg shows, 0 for all.
        entered_ns: Engine time of the command that entered it.
        changed_ns: Engine time of its last change: fill, prevention, replace, trigger, end.
        working_ns: Engine time since which it can trade: entry, trigger, or of a leg its going
            live; 0 before.
        expire_ns: When it expires, 0 if never.
        entered_sequence: The command that entered it.
        changed_sequence: The command that changed it last.
        maker_rate_ppm: The rate it was stamped with, parts per million; negative for a rebate.
        taker_rate_ppm: The same as a taker.
        list_id: The list that it is a leg of, 0 for none.
        leg: Which leg, from 0.
        client_order_id: The client's name for it, empty without one.
    """

    order_id: int
    steps: Steps
    account: int
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    self_trade: SelfTrade
    post_only: bool
    state: OrderState
    cancel_reason: CancelReason | None
    refusal: RejectReason | None
    price_ticks: int
    quantity_lots: int
    amount_units: int
    filled_lots: int
    prevented_lots: int
    value: int
    stop: int
    stop_unit: StopUnit
    trigger: Trigger | None
    display_lots: int
    entered_ns: int
    changed_ns: int
    working_ns: int
    expire_ns: int
    entered_sequence: int
    changed_sequence: int
    maker_rate_ppm: int
    taker_rate_ppm: int
    list_id: int
    leg: int
    client_order_id: str


class FillRow(msgspec.Struct, frozen=True):
    """One side of a trade.

    Attributes:
        steps: What its ticks and lots are, and its instrument.
        trade_id: The trade's number on its instrument.
        order_id: The account's order.
        account: Whose it is.
        side: The side of that order.
        is_maker: Whether the order rested.
        price_ticks: The price.
        quantity_lots: The quantity.
        time_ns: Engine time of the trade.
        sequence: The command that traded.
        fee_units: What the account paid, in smallest units of `fee_asset`; below 0 for a rebate.
        fee_asset: The asset's number: what the order received; of a rebate, what the taker did.
        list_id: The list that the order is a leg of, 0 for none.
    """

    steps: Steps
    trade_id: int
    order_id: int
    account: int
    side: Side
    is_maker: bool
    price_ticks: int
    quantity_lots: int
    time_ns: int
    sequence: int
    fee_units: int
    fee_asset: int
    list_id: int

    @property
    def value(self) -> int:
        """Price times quantity, in ticks times lots."""
        return self.price_ticks * self.quantity_lots


class TradeRow(msgspec.Struct, frozen=True):
    """A trade as everybody may see it.

    Attributes:
        steps: What its ticks and lots are, and its instrument.
        trade_id: Its number on its instrument, from 1.
        price_ticks: The price.
        quantity_lots: The quantity.
        time_ns: Engine time.
        aggressor: The taker's side.
        sequence: The command that traded.
    """

    steps: Steps
    trade_id: int
    price_ticks: int
    quantity_lots: int
    time_ns: int
    aggressor: Side
    sequence: int

    @property
    def value(self) -> int:
        """Price times quantity, in ticks times lots."""
        return self.price_ticks * self.quantity_lots


class AggregateTradeRow(msgspec.Struct, frozen=True):
    """Trades of one taker's pass at one price, as one.

    Attributes:
        steps: What its ticks and lots are, and its instrument.
        aggregate_id: Its number on its instrument, from 1, without gaps, the same for ever.
        price_ticks: The price.
        quantity_lots: The quantity of all.
        first_trade_id: The first of its trades.
        last_trade_id: The last; those of all between are in it, too.
        time_ns: Engine time.
        aggressor: The taker's side.
    """

    steps: Steps
    aggregate_id: int
    price_ticks: int
    quantity_lots: int
    first_trade_id: int
    last_trade_id: int
    time_ns: int
    aggressor: Side


class CandleRow(msgspec.Struct, frozen=True):
    """A finished candle of one minute. A minute without a trade has none.

    A minute in which the steps changed has two, each in its own; together they are parts of one
    candle, as `outcry.marketdata.roll_up` joins them.

    Attributes:
        steps: What its ticks and lots are, and its instrument.
        open_time_ns: Where the minute begins.
        open_ticks: The first trade's price.
        high_ticks: The greatest price.
        low_ticks: The least price.
        close_ticks: The last trade's price.
        volume_lots: What traded.
        value: What it came to, in ticks times lots.
        buy_volume_lots: What buying aggressors took.
        buy_value: What that came to.
        trades: How many trades.
        first_trade_id: The first of them.
        first_time_ns: Its time.
        last_trade_id: The last of them.
        last_time_ns: Its time.
    """

    steps: Steps
    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    value: int
    buy_volume_lots: int
    buy_value: int
    trades: int
    first_trade_id: int
    first_time_ns: int
    last_trade_id: int
    last_time_ns: int


class ListRow(msgspec.Struct, frozen=True):
    """An order list.

    Attributes:
        list_id: Its id: the sequence of the command that entered it.
        instrument: Its instrument's number.
        account: Whose it is.
        list_type: How its legs hang together.
        state: What became of it.
        entered_ns: Engine time of its entry.
        changed_ns: Engine time of its last change of state.
        order_ids: Its legs, in their order.
        client_list_id: The client's name for it, empty without one.
    """

    list_id: int
    instrument: int
    account: int
    list_type: ListType
    state: ListState
    entered_ns: int
    changed_ns: int
    order_ids: tuple[int, ...]
    client_list_id: str


def _shifted(mantissa: int, decimals: int) -> int:
    """Return a whole number of 10^-decimals parts as whole units."""
    power: int = 10 ** abs(decimals)
    return mantissa // power if decimals > 0 else mantissa * power
