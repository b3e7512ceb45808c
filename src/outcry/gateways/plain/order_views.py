"""How plain routes tell an order, open or ended, and its fills."""

from decimal import Context, Decimal
from typing import Final

from msgspec import Struct

from outcry.exchange import Fill, Instrument, Order, OrderStatus, Placement
from outcry.gateways.plain.fields import (
    SelfTradeWord,
    SideWord,
    StatusWord,
    TimeInForceWord,
    TriggerWord,
    TypeWord,
    word,
)
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import FillRow, OrderRow
from outcry.protocol import OrderType, Side, StopUnit

ROWS_READ_MAX: Final = 1_000
_EXACT: Final = Context(prec=100)

_STATUSES: Final[dict[OrderStatus, StatusWord]] = {
    OrderStatus.RESTING: "open",
    OrderStatus.WAITING: "waiting",
    OrderStatus.QUEUED: "waiting",
    OrderStatus.PENDING: "pending",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.EXPIRED: "expired",
}


class OrderView(Struct, kw_only=True):
    """An order.

    Attributes:
        order_id: Its id.
        symbol: Its instrument.
        side: Its side.
        type: Its type.
        time_in_force: How long it lives.
        status: Where it is: `waiting` is a stop that is not met, `pending` a leg of a list whose
            turn has not come.
        quantity: Its whole quantity; of an order by amount what it traded.
        price: Its limit, null without one.
        amount: What an order by amount was to spend or raise, else null.
        filled_quantity: What traded.
        filled_value: What that came to, in the quote asset.
        open_quantity: What can still trade.
        stop: The price that a stop waits for, null without one.
        trigger: From which side the last trade must reach the stop.
        trail: A trailing stop's distance as a price.
        trail_ppm: A trailing stop's distance in parts per million.
        display: What an iceberg shows of itself.
        post_only: Whether it must not take.
        self_trade: What happens where it meets one of its own trade group.
        client_order_id: The client's name for it.
        list_id: The list that it is a leg of.
        cancel_reason: Why it was cancelled, null unless it was.
        entered_ms: When it came, in milliseconds since 1970 UTC.
        changed_ms: When it changed last.
        expire_ms: When it expires, null for never.
    """

    order_id: int
    symbol: str
    side: SideWord
    type: TypeWord
    time_in_force: TimeInForceWord
    status: StatusWord
    quantity: str
    price: str | None
    amount: str | None = None
    filled_quantity: str
    filled_value: str
    open_quantity: str
    stop: str | None = None
    trigger: TriggerWord | None = None
    trail: str | None = None
    trail_ppm: int | None = None
    display: str | None = None
    post_only: bool = False
    self_trade: SelfTradeWord
    client_order_id: str | None = None
    list_id: int | None = None
    cancel_reason: str | None = None
    entered_ms: int
    changed_ms: int
    expire_ms: int | None = None


class FillView(Struct, kw_only=True):
    """A trade of an order.

    Attributes:
        trade_id: The trade's number on its instrument.
        price: The price.
        quantity: The quantity.
        value: Price times quantity, in the quote asset.
        fee: What was paid for it; below 0 for a rebate.
        fee_asset: The asset of the fee.
        is_maker: Whether the order rested.
        time_ms: When it traded, in milliseconds since 1970 UTC.
    """

    trade_id: int
    price: str
    quantity: str
    value: str
    fee: str
    fee_asset: str
    is_maker: bool
    time_ms: int


class OrderWithFills(Struct, kw_only=True):
    """An order and its trades.

    Attributes:
        order: The order.
        fills: Its trades, by rising id; the first 1,000.
    """

    order: OrderView
    fills: list[FillView]


def status_of(status: OrderStatus) -> StatusWord:
    """Return the word for where an order is."""
    return _STATUSES[status]


def view_of_row(row: OrderRow) -> OrderView:
    """Return an order out of the history."""
    steps = row.steps
    is_priced = row.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) or bool(row.price_ticks)
    lots = row.quantity_lots or row.filled_lots
    is_open = row.state.is_open
    open_lots = lots - row.filled_lots - row.prevented_lots if is_open else 0
    units = row.stop_unit if row.stop else None
    return OrderView(
        order_id=row.order_id,
        symbol=steps.symbol,
        side=word(row.side),
        type=word(row.order_type),
        time_in_force=word(row.time_in_force),
        status=word(row.state),
        quantity=f"{steps.quantity(lots):f}",
        price=f"{steps.price(row.price_ticks):f}" if is_priced else None,
        amount=f"{steps.amount(steps.quote_asset, row.amount_units):f}"
        if row.amount_units
        else None,
        filled_quantity=f"{steps.quantity(row.filled_lots):f}",
        filled_value=f"{steps.value(row.value):f}",
        open_quantity=f"{steps.quantity(open_lots):f}",
        stop=f"{steps.price(row.stop):f}" if units is StopUnit.PRICE else None,
        trigger=None if row.trigger is None else word(row.trigger),
        trail=f"{steps.price(row.stop):f}" if units is StopUnit.TRAIL_TICKS else None,
        trail_ppm=row.stop if units is StopUnit.TRAIL_PPM else None,
        display=f"{steps.quantity(row.display_lots):f}" if row.display_lots else None,
        post_only=row.post_only,
        self_trade=word(row.self_trade),
        client_order_id=row.client_order_id or None,
        list_id=row.list_id or None,
        cancel_reason=None if row.cancel_reason is None else str(row.cancel_reason),
        entered_ms=row.entered_ns // NS_PER_MS,
        changed_ms=row.changed_ns // NS_PER_MS,
        expire_ms=row.expire_ns // NS_PER_MS if row.expire_ns else None,
    )


def view_of_order(order: Order) -> OrderView:
    """Return an open order of which nothing was prevented."""
    price, stop, trail, display = order.price, order.stop, order.trail, order.display
    is_trailing = trail is not None or order.trail_ppm is not None
    return OrderView(
        order_id=order.order_id,
        symbol=order.symbol,
        side=word(order.side),
        type=word(order.type),
        time_in_force=word(order.time_in_force),
        status=_STATUSES[order.status],
        quantity=f"{order.open_quantity + order.done_quantity:f}",
        price=None if price is None else f"{price:f}",
        filled_quantity=f"{order.done_quantity:f}",
        filled_value=f"{order.traded_value:f}",
        open_quantity=f"{order.open_quantity:f}",
        stop=None if stop is None or is_trailing else f"{stop:f}",
        trigger=None if order.trigger is None else word(order.trigger),
        trail=None if trail is None else f"{trail:f}",
        trail_ppm=order.trail_ppm,
        display=None if display is None else f"{display:f}",
        post_only=order.post_only,
        self_trade=word(order.self_trade),
        client_order_id=order.client_order_id,
        list_id=order.list_id,
        entered_ms=order.entered_ns // NS_PER_MS,
        changed_ms=order.changed_ns // NS_PER_MS,
        expire_ms=order.expire_time_ns // NS_PER_MS if order.expire_time_ns else None,
    )


def fills_of_placement(
    venue: Venue, instrument: Instrument, placement: Placement, side: Side, rate_ppm: int
) -> list[FillView]:
    """Return the trades that an order made as it came, in which it took.

    Args:
        venue: Knows how fees are reckoned.
        instrument: What it is of.
        placement: What became of it.
        side: Its side.
        rate_ppm: What its account pays as a taker, in parts per million.
    """
    figures = venue.figures(instrument)
    is_buy = side is Side.BUY
    unit = Decimal(1).scaleb(-(instrument.base_decimals if is_buy else instrument.quote_decimals))
    told = []
    for fill in placement.fills:
        fee, asset = figures.commission(side, fill.price, fill.quantity, rate_ppm)
        told.append(
            FillView(
                trade_id=fill.trade_id,
                price=f"{fill.price:f}",
                quantity=f"{fill.quantity:f}",
                value=f"{value_of(instrument, fill):f}",
                fee=f"{Decimal(fee).quantize(unit, context=_EXACT):f}",
                fee_asset=asset,
                is_maker=False,
                time_ms=placement.time_ns // NS_PER_MS,
            )
        )
    return told


def value_of(instrument: Instrument, *fills: Fill) -> Decimal:
    """Return what trades came to, in the quote asset."""
    parts = (instrument.ticks(fill.price) * instrument.lots(fill.quantity) for fill in fills)
    return instrument.value(sum(parts))


async def fills_of_rows(venue: Venue, rows: list[FillRow]) -> list[FillView]:
    """Return trades out of the history."""
    if not rows:
        return []
    assets = {asset.number: asset.name for asset in venue.assets()}
    return [
        FillView(
            trade_id=row.trade_id,
            price=f"{row.steps.price(row.price_ticks):f}",
            quantity=f"{row.steps.quantity(row.quantity_lots):f}",
            value=f"{row.steps.value(row.value):f}",
            fee=f"{row.steps.amount(row.fee_asset, row.fee_units):f}",
            fee_asset=assets[row.fee_asset],
            is_maker=row.is_maker,
            time_ms=row.time_ns // NS_PER_MS,
        )
        for row in rows
    ]
