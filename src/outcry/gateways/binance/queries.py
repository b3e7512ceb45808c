"""What an account can ask about its orders and trades."""

from typing import Final

from msgspec import Struct

from outcry.errors import UnknownOrder
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.commission import commission_of
from outcry.gateways.binance.errors import ApiError, no_such_order
from outcry.gateways.binance.order_report import (
    NO_LIST,
    OrderReport,
    ask_open,
    live_report,
    live_text,
    report_of_row,
)
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.trading import NAMES, named
from outcry.gateways.figures import format_of
from outcry.gateways.keys import Scope
from outcry.gateways.market.buckets import DAY_MS
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import FillRow

USUAL_ROWS: Final = 500
LOOKUP_MAX_MS: Final = DAY_MS
"""The longest time that a query of orders or trades may look at, in milliseconds."""

_PAGE: Final = frozenset(("symbol", "startTime", "endTime", "limit"))


class AccountTrade(Struct, rename="camel", kw_only=True):
    """A trade as the account that made it sees it."""

    symbol: str
    id: int
    order_id: int
    order_list_id: int
    price: str
    qty: str
    quote_qty: str
    commission: str
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool
    is_best_match: bool


async def order(venue: Venue, call: Call) -> OrderReport:
    """Tell an order: out of the engine while it is open, later out of the history."""
    instrument = read.instrument(venue, call.parameters)
    order_id, client_id = named(call)
    try:
        found, told = await ask_open(venue, call, order_id, client_id)
        is_own = found.account == call.account and found.symbol == instrument.symbol
        if is_own and client_id in (None, found.client_order_id):
            return await live_report(venue, call, told)
    except UnknownOrder:
        pass
    if order_id is not None:
        row = await venue.past_order(call.account, order_id)
    else:
        history = await venue.caught_up()
        row = await history.order_by_client_id(call.account, instrument.number, client_id or "")
    is_other = row is None or row.steps.instrument != instrument.number
    if row is None or is_other:
        raise no_such_order()
    if client_id not in (None, row.client_order_id):
        raise ApiError(-2039, "Client order ID is not correct for this order ID.")
    return report_of_row(row, call.unit_ns)


async def open_orders(venue: Venue, call: Call) -> bytes:
    """Tell all open orders, of one symbol or of all."""
    wanted = None
    if "symbol" in call.parameters:
        wanted = read.instrument(venue, call.parameters)
    question = venue.exchange.parts.questions.open_orders(account=call.account, instrument=wanted)
    return await live_text(venue, call, await venue.exchange.ask(question.as_told()))


async def all_orders(venue: Venue, call: Call) -> list[OrderReport]:
    """Tell orders of a symbol, open and closed, by rising id."""
    instrument = read.instrument(venue, call.parameters)
    from_id = read.whole_or_none(call.parameters, "orderId")
    start_ns, end_ns = time_range(call)
    limit = read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    history = await venue.caught_up()
    rows = await history.orders(
        call.account,
        instrument.number,
        from_id=from_id,
        start_ns=start_ns,
        end_ns=end_ns,
        limit=limit,
    )
    return [report_of_row(row, call.unit_ns) for row in rows]


async def my_trades(venue: Venue, call: Call) -> list[AccountTrade]:
    """Tell the account's trades of a symbol, by rising id."""
    said = call.parameters
    instrument = read.instrument(venue, said)
    order_id = read.whole_or_none(said, "orderId")
    from_id = read.whole_or_none(said, "fromId")
    start_ns, end_ns = time_range(call)
    has_times = start_ns is not None or end_ns is not None
    if has_times and (from_id is not None or order_id is not None):
        raise ApiError(-1128, "Combination of optional parameters invalid.")
    limit = read.page_size(said, USUAL_ROWS, venue.settings.page_rows_max)
    history = await venue.caught_up()
    rows = await history.fills(
        call.account,
        instrument.number,
        order_id=order_id,
        from_id=from_id,
        start_ns=start_ns,
        end_ns=end_ns,
        limit=limit,
    )
    assets = {asset.number: asset.name for asset in venue.assets()}
    return [_account_trade(row, assets, call.unit_ns) for row in rows]


async def allocations(venue: Venue, call: Call) -> list[dict[str, object]]:
    """Tell what an account got of orders routed to several books: nothing, for none is."""
    read.instrument(venue, call.parameters)
    for name in ("orderId", "fromAllocationId"):
        read.whole_or_none(call.parameters, name)
    read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    time_range(call)
    return []


def time_range(call: Call, longest_ms: int | None = LOOKUP_MAX_MS) -> tuple[int | None, int | None]:
    """Return the times that a query looks at, both inclusive, in nanoseconds since 1970 UTC.

    Raises:
        ApiError: They are no times, the wrong way round, or too far apart.
    """
    start = read.time_or_none(call.parameters, "startTime")
    end = read.time_or_none(call.parameters, "endTime")
    if start is not None and end is not None:
        if start.first_ns > end.first_ns:
            raise ApiError(-1130, "Start time is greater than end time.")
        if longest_ms is not None and end.first_ns - start.first_ns > longest_ms * NS_PER_MS:
            raise ApiError(-1127, "More than 24 hours between startTime and endTime.")
    return None if start is None else start.first_ns, None if end is None else end.last_ns


def _account_trade(row: FillRow, assets: dict[int, str], unit_ns: int) -> AccountTrade:
    steps = row.steps
    fee, asset = commission_of(row, assets)
    return AccountTrade(
        symbol=steps.symbol,
        id=row.trade_id,
        order_id=row.order_id,
        order_list_id=row.list_id or NO_LIST,
        price=format(steps.price(row.price_ticks), format_of(steps.tick_decimals)),
        qty=format(steps.quantity(row.quantity_lots), format_of(steps.base_decimals)),
        quote_qty=format(steps.value(row.value), format_of(steps.quote_decimals)),
        commission=fee,
        commission_asset=asset,
        time=row.time_ns // unit_ns,
        is_buyer=str(row.side) == "buy",
        is_maker=row.is_maker,
        is_best_match=True,
    )


def _trades_weight(call: Call) -> int:
    return 5 if "orderId" in call.parameters else 20


def _open_orders_weight(call: Call) -> int:
    return 6 if "symbol" in call.parameters else 80


ROUTES: Final = {
    ("GET", "/api/v3/order"): Route(order, NAMES, 4, Scope.READ),
    ("GET", "/api/v3/openOrders"): Route(
        open_orders, frozenset(("symbol",)), _open_orders_weight, Scope.READ
    ),
    ("GET", "/api/v3/allOrders"): Route(all_orders, _PAGE | {"orderId"}, 20, Scope.READ),
    ("GET", "/api/v3/myTrades"): Route(
        my_trades, _PAGE | {"orderId", "fromId"}, _trades_weight, Scope.READ
    ),
    ("GET", "/api/v3/myAllocations"): Route(
        allocations, _PAGE | {"orderId", "fromAllocationId"}, 20, Scope.READ
    ),
}
