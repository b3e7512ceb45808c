"""The cancel of all that is open on a symbol: orders, and lists with theirs."""

from typing import Final

from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import UNKNOWN_ORDER, ApiError
from outcry.gateways.binance.order_lists import list_told
from outcry.gateways.binance.order_report import (
    ROWS_MAX,
    CancelReport,
    cancel_report,
    report_of_row,
)
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.trading import made_id
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue
from outcry.projections.history import History, OrderRow
from outcry.protocol import CancelReason, ListState


async def cancel_all(venue: Venue, call: Call) -> list[CancelReport | dict[str, object]]:
    """Cancel every open order of a symbol; a list that ends so is told as one.

    Raises:
        ApiError: None is open.
    """
    instrument = read.instrument(venue, call.parameters)
    orders = await venue.exchange.open_orders(account=call.account, instrument=instrument)
    if not orders:
        raise ApiError(*UNKNOWN_ORDER)
    ended = set(await venue.exchange.mass_cancel(account=call.account, instrument=instrument))
    history = await venue.caught_up()
    # What came between the look and the cancel was not seen, but ended.
    ids = sorted(ended | {order.order_id for order in orders})
    rows: list[OrderRow] = []
    for start in range(0, len(ids), ROWS_MAX):
        rows += await history.order_rows(call.account, ids[start : start + ROWS_MAX])
    gone = _ended_together(rows, ended)
    if not gone:
        raise ApiError(*UNKNOWN_ORDER)
    name = made_id(call)
    reports = {
        row.order_id: cancel_report(
            report_of_row(row, call.unit_ns), f"{name}-{place}", row.changed_ns // call.unit_ns
        )
        for place, row in enumerate(gone)
    }
    lists = await _lists_told(history, call, gone, reports)
    return [*reports.values(), *lists]


def _ended_together(rows: list[OrderRow], ended: set[int]) -> list[OrderRow]:
    """Return the rows of orders that were ended, and of those that went with them as of a list."""
    commands = {(row.list_id, row.changed_sequence) for row in rows if row.order_id in ended}
    return [
        row
        for row in rows
        if row.order_id in ended
        or (
            row.cancel_reason is CancelReason.LIST_ENDED
            and (row.list_id, row.changed_sequence) in commands
        )
    ]


async def _lists_told(
    history: History, call: Call, gone: list[OrderRow], reports: dict[int, CancelReport]
) -> list[dict[str, object]]:
    """Return the lists that ended with their orders, whose reports go with them."""
    ends = {row.list_id: row.changed_ns for row in gone if row.list_id}
    told: list[dict[str, object]] = []
    for list_id in sorted(ends):
        found = await history.order_list(call.account, list_id=list_id)
        # An order can outlive its list, and is then one by itself.
        if found is None or found.state is ListState.EXECUTING or found.changed_ns != ends[list_id]:
            continue
        orders = await history.order_rows(call.account, found.order_ids)
        own = [reports.pop(order_id) for order_id in found.order_ids if order_id in reports]
        symbol = own[0].symbol
        told.append(list_told(call, symbol, found, orders) | {"orderReports": own})
    return told


ROUTES: Final = {
    ("DELETE", "/api/v3/openOrders"): Route(cancel_all, frozenset(("symbol",)), 1, Scope.TRADE),
}
