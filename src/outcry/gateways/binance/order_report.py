"""How the API tells an order that stands, or stood."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from outcry.exchange import Order, OrderStatus
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.words import (
    PPM_PER_BIP,
    SELF_TRADE_WORDS,
    SIDE_WORDS,
    end_word,
    type_word,
)
from outcry.gateways.figures import Figures, format_of
from outcry.gateways.venue import Venue
from outcry.projections.history import OrderRow, OrderState
from outcry.protocol import CancelReason, OrderType, StopUnit, TimeInForce

NO_LIST: Final = -1
ROWS_MAX: Final = 1_000


class OrderReport(Struct, rename="camel", kw_only=True):
    """An order as a query tells it."""

    symbol: str
    order_id: int
    order_list_id: int
    client_order_id: str
    price: str
    orig_qty: str
    executed_qty: str
    cummulative_quote_qty: str
    status: str
    time_in_force: str
    type: str
    side: str
    stop_price: str
    iceberg_qty: str
    trailing_delta: int | UnsetType = UNSET
    trailing_time: int | UnsetType = UNSET
    time: int
    update_time: int
    is_working: bool
    working_time: int
    orig_quote_order_qty: str
    self_trade_prevention_mode: str
    prevented_quantity: str | UnsetType = UNSET


class CancelReport(Struct, rename="camel", kw_only=True):
    """An order as its cancel tells it: `client_order_id` is the name of the cancel."""

    symbol: str
    orig_client_order_id: str
    order_id: int
    order_list_id: int
    client_order_id: str
    transact_time: int
    price: str
    orig_qty: str
    executed_qty: str
    orig_quote_order_qty: str
    cummulative_quote_qty: str
    status: str
    time_in_force: str
    type: str
    side: str
    stop_price: str | UnsetType = UNSET
    trailing_delta: int | UnsetType = UNSET
    trailing_time: int | UnsetType = UNSET
    iceberg_qty: str | UnsetType = UNSET
    self_trade_prevention_mode: str
    prevented_quantity: str | UnsetType = UNSET


def report_of_row(row: OrderRow, unit_ns: int) -> OrderReport:
    """Return the report of an order out of the history, its times in units of `unit_ns`."""
    steps = row.steps
    price_format = format_of(steps.tick_decimals)
    quantity_format = format_of(steps.base_decimals)
    amount_format = format_of(steps.quote_decimals)
    is_stop = row.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
    has_price = row.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    quantity_lots = row.quantity_lots or row.filled_lots
    stop = steps.price(row.stop) if is_stop and row.stop_unit is StopUnit.PRICE else Decimal(0)
    trails = row.stop_unit is StopUnit.TRAIL_PPM
    time = row.entered_ns // unit_ns
    prevented_lots = _prevented_lots(row)
    return OrderReport(
        symbol=steps.symbol,
        order_id=row.order_id,
        order_list_id=row.list_id or NO_LIST,
        client_order_id=row.client_order_id,
        price=format(steps.price(row.price_ticks) if has_price else Decimal(0), price_format),
        orig_qty=format(steps.quantity(quantity_lots), quantity_format),
        executed_qty=format(steps.quantity(row.filled_lots), quantity_format),
        cummulative_quote_qty=format(steps.value(row.value), amount_format),
        status=_status_of_row(row),
        time_in_force=_time_word(row.time_in_force, row.order_type),
        type=type_word(row.order_type, row.side, row.trigger, post_only=row.post_only),
        side=SIDE_WORDS[row.side],
        stop_price=format(stop, price_format),
        iceberg_qty=format(steps.quantity(row.display_lots), quantity_format),
        trailing_delta=_bips(row.stop) if trails else UNSET,
        trailing_time=_trailing_time(time, row.state is OrderState.PENDING) if trails else UNSET,
        time=time,
        update_time=row.changed_ns // unit_ns,
        is_working=row.working_ns != 0,
        working_time=row.working_ns // unit_ns if row.working_ns else -1,
        orig_quote_order_qty=format(
            steps.amount(steps.quote_asset, row.amount_units), amount_format
        ),
        self_trade_prevention_mode=SELF_TRADE_WORDS[row.self_trade],
        prevented_quantity=(
            format(steps.quantity(prevented_lots), quantity_format) if prevented_lots else UNSET
        ),
    )


def _prevented_lots(row: OrderRow) -> int:
    """Return what an order lost to self-trade prevention, all that was left where it ended so."""
    if row.cancel_reason is CancelReason.SELF_TRADE and row.quantity_lots:
        return row.quantity_lots - row.filled_lots
    return row.prevented_lots


async def live_reports(venue: Venue, call: Call, orders: Sequence[Order]) -> list[OrderReport]:
    """Return the reports of orders that are open.

    The engine counts filled and prevented quantity in one, and forgets the stop of an order that
    it met; the history knows both, and is asked of such orders.
    """
    asked = [order.order_id for order in orders if order.done_quantity or _was_met(order)]
    rows: dict[int, OrderRow] = {}
    if asked:
        history = await venue.caught_up()
        for start in range(0, len(asked), ROWS_MAX):
            for row in await history.order_rows(call.account, asked[start : start + ROWS_MAX]):
                rows[row.order_id] = row
    return [
        report_of_order(
            order,
            venue.figures(venue.instrument(order.symbol)),
            rows.get(order.order_id),
            call.unit_ns,
        )
        for order in orders
    ]


def _was_met(order: Order) -> bool:
    """Return whether an order was a stop that is a stop no longer."""
    is_stop = order.type in (OrderType.STOP, OrderType.STOP_LIMIT)
    return is_stop and order.status not in (OrderStatus.WAITING, OrderStatus.PENDING)


def report_of_order(
    order: Order, figures: Figures, row: OrderRow | None, unit_ns: int
) -> OrderReport:
    """Return the report of an order that is open.

    Args:
        order: The order.
        figures: How its instrument's numbers are said.
        row: What the history has of it, where the engine does not know all.
        unit_ns: The unit of its times, in nanoseconds.
    """
    waits = order.status is OrderStatus.WAITING
    is_pending = order.status is OrderStatus.PENDING
    time = order.entered_ns // unit_ns
    working_time = -1 if waits or is_pending else time
    # Where a trailing stop stands now is not what was said of it.
    stop = order.stop if order.trail_ppm is None else None
    trail_ppm, trigger = order.trail_ppm, order.trigger
    executed, prevented = order.done_quantity, Decimal(0)
    if row is not None:
        prevented = row.steps.quantity(row.prevented_lots)
        executed -= prevented
        if _was_met(order):
            working_time, trigger = row.working_ns // unit_ns, row.trigger
            stop = row.steps.price(row.stop) if row.stop_unit is StopUnit.PRICE else None
            trail_ppm = row.stop if row.stop_unit is StopUnit.TRAIL_PPM else None
    status = "PARTIALLY_FILLED" if executed else "NEW"
    return OrderReport(
        symbol=order.symbol,
        order_id=order.order_id,
        order_list_id=order.list_id or NO_LIST,
        client_order_id=order.client_order_id or "",
        price=figures.zero if order.price is None else figures.price(order.price),
        orig_qty=figures.quantity(order.open_quantity + order.done_quantity),
        executed_qty=figures.quantity(executed),
        cummulative_quote_qty=figures.amount(order.traded_value),
        status="PENDING_NEW" if is_pending else status,
        time_in_force=_time_word(order.time_in_force, order.type),
        type=type_word(order.type, order.side, trigger, post_only=order.post_only),
        side=SIDE_WORDS[order.side],
        stop_price=figures.zero if stop is None else figures.price(stop),
        iceberg_qty=figures.zero if order.display is None else figures.quantity(order.display),
        trailing_delta=UNSET if trail_ppm is None else _bips(trail_ppm),
        trailing_time=UNSET if trail_ppm is None else _trailing_time(time, is_pending),
        time=time,
        update_time=order.changed_ns // unit_ns,
        is_working=working_time > 0,
        working_time=working_time,
        orig_quote_order_qty=figures.zero,
        self_trade_prevention_mode=SELF_TRADE_WORDS[order.self_trade],
        prevented_quantity=figures.quantity(prevented) if prevented else UNSET,
    )


def cancel_report(report: OrderReport, cancel_id: str, time: int) -> CancelReport:
    """Return what the cancel of an order tells of it.

    Args:
        report: The order as it stood before.
        cancel_id: The name of the cancel.
        time: When it was cancelled, in the unit of the report's times.
    """
    has_stop = bool(report.stop_price.strip("0."))
    is_iceberg = bool(report.iceberg_qty.strip("0."))
    return CancelReport(
        symbol=report.symbol,
        orig_client_order_id=report.client_order_id,
        order_id=report.order_id,
        order_list_id=report.order_list_id,
        client_order_id=cancel_id,
        transact_time=time,
        price=report.price,
        orig_qty=report.orig_qty,
        executed_qty=report.executed_qty,
        orig_quote_order_qty=report.orig_quote_order_qty,
        cummulative_quote_qty=report.cummulative_quote_qty,
        status="CANCELED",
        time_in_force=report.time_in_force,
        type=report.type,
        side=report.side,
        stop_price=report.stop_price if has_stop else UNSET,
        trailing_delta=report.trailing_delta,
        trailing_time=report.trailing_time,
        iceberg_qty=report.iceberg_qty if is_iceberg else UNSET,
        self_trade_prevention_mode=report.self_trade_prevention_mode,
        prevented_quantity=report.prevented_quantity,
    )


def _status_of_row(row: OrderRow) -> str:
    match row.state:
        case OrderState.FILLED:
            return "FILLED"
        case OrderState.PENDING:
            return "PENDING_NEW"
        case OrderState.OPEN | OrderState.WAITING:
            return "PARTIALLY_FILLED" if row.filled_lots else "NEW"
        case OrderState.EXPIRED:
            return "EXPIRED"
        case OrderState.CANCELLED:
            return end_word(row.cancel_reason, has_traded=row.filled_lots > 0)


def _time_word(time_in_force: TimeInForce, order_type: OrderType) -> str:
    # At the venue a market order's time in force is told as GTC.
    if order_type in (OrderType.MARKET, OrderType.STOP):
        return "GTC"
    return str(time_in_force).upper()


def _trailing_time(time: int, is_pending: bool) -> int:
    """Return since when a trailing stop follows the trades: from its entry on."""
    return -1 if is_pending else time


def _bips(ppm: int) -> int:
    return ppm // PPM_PER_BIP
