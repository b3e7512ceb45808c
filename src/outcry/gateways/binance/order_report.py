"""How the API tells an order that stands, or stood."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType

from outcry._native import OrderReports
from outcry.exchange import Order, OrderStatus
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.words import (
    PPM_PER_BIP,
    SELF_TRADE_WORDS,
    SIDE_WORDS,
    end_word,
    status_word,
    type_word,
)
from outcry.gateways.figures import format_of
from outcry.gateways.venue import Venue
from outcry.projections.history import OrderRow, OrderState
from outcry.protocol import CancelReason, OrderType, Side, StopUnit, TimeInForce, Trigger

if TYPE_CHECKING:
    from outcry._native import Records

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


class OpenOrder(NamedTuple):
    """An order that is open, and what is told of it."""

    order: Order
    report: OrderReport


async def ask_open(
    venue: Venue, call: Call, order_id: int | None, client_id: str | None
) -> tuple[Order, "Records"]:
    """Return the open order of an id, or else of the account's name for it, and its row.

    Raises:
        UnknownOrder: None is open.
    """
    questions = venue.exchange.parts.questions
    if order_id is not None:
        question = questions.order(order_id)
    else:
        question = questions.client_order(call.account, client_id or "")
    row = await venue.exchange.ask(question.as_told())
    return question.decode(row), row


async def live_report(venue: Venue, call: Call, row: "Records") -> OrderReport:
    """Return the report of an order that is open, from the engine's row."""
    (report,) = _read_reports(await live_text(venue, call, row))
    return report


async def live_text(venue: Venue, call: Call, orders: "Records") -> bytes:
    """Return the reports of orders that are open as JSON, from the engine's rows.

    The engine counts filled and prevented quantity in one, and forgets the stop of an order that
    it met; the history knows both, and is asked of such orders.
    """
    unclear = REPORTS.unclear(orders)
    kept: list[OrderRow] = []
    if unclear:
        history = await venue.caught_up()
        for start in range(0, len(unclear), ROWS_MAX):
            kept += await history.order_rows(call.account, unclear[start : start + ROWS_MAX])
    describe = venue.exchange.parts.catalogue.instrument
    return REPORTS.text(orders, describe, kept, call.unit_ns)


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


_read_reports: Final = msgspec.json.Decoder(list[OrderReport]).decode
REPORTS: Final = OrderReports(
    SIDE_WORDS,
    {
        (kind, side, trigger or 0, post_only): type_word(kind, side, trigger, post_only=post_only)
        for kind in OrderType
        for side in Side
        for trigger in (None, *Trigger)
        for post_only in (False, True)
    },
    {(time, kind): _time_word(time, kind) for time in TimeInForce for kind in OrderType},
    {
        (status, has_traded): status_word(status, None, has_traded=has_traded)
        for status in OrderStatus
        for has_traded in (False, True)
        if status.is_open
    },
    SELF_TRADE_WORDS,
)
