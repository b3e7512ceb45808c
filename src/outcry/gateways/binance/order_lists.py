"""Order lists: one cancels the other, one triggers the other, one triggers two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec import Raw

from outcry.exchange import Instrument, Leg, ListPlacement, Placement
from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.call import Call
from outcry.gateways.binance.commission import with_maker_fees
from outcry.gateways.binance.errors import (
    UNKNOWN_ORDER,
    ApiError,
    missing,
    neither,
    not_valid,
)
from outcry.gateways.binance.new_order import read_order
from outcry.gateways.binance.order_report import NO_LIST, cancel_report, report_of_row
from outcry.gateways.binance.queries import USUAL_ROWS, time_range
from outcry.gateways.binance.route import Route
from outcry.gateways.binance.trading import made_id
from outcry.gateways.binance.words import SIDES
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue
from outcry.projections.history import History, ListRow, OrderRow
from outcry.protocol import ListState, ListType

if TYPE_CHECKING:
    from outcry._native import SpotOrder

_LEG: Final = (
    "Type",
    "ClientOrderId",
    "Price",
    "StopPrice",
    "TrailingDelta",
    "TimeInForce",
    "IcebergQty",
    "StrategyId",
    "StrategyType",
)
_OWN: Final = ("Side", "Quantity")
COMMON: Final = frozenset(
    ("symbol", "listClientOrderId", "newOrderRespType", "selfTradePreventionMode")
)
_NAMES: Final = {
    "Type": "type",
    "ClientOrderId": "newClientOrderId",
    "Price": "price",
    "StopPrice": "stopPrice",
    "TrailingDelta": "trailingDelta",
    "TimeInForce": "timeInForce",
    "IcebergQty": "icebergQty",
    "StrategyId": "strategyId",
    "StrategyType": "strategyType",
    "Side": "side",
    "Quantity": "quantity",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list of a type is said.

    Attributes:
        list_type: The type.
        prefixes: What stands before the parameters of each leg.
        sides: The prefix of the side and quantity of each leg; empty where they have none.
    """

    list_type: ListType
    prefixes: tuple[str, ...]
    sides: tuple[str, ...]

    def parameters(self) -> frozenset[str]:
        """Return what the route reads."""
        legs = {f"{prefix}{name}" for prefix in self.prefixes for name in _LEG}
        # What works at once is a limit order.
        legs -= {"workingStopPrice", "workingTrailingDelta"}
        own = {_prefixed(prefix, name) for prefix in self.sides for name in _OWN}
        return COMMON | legs | own

    def legs(self) -> list[dict[str, str]]:
        """Return for each leg what an order of its own calls the list's parameters."""
        return [
            {f"{prefix}{name}": _NAMES[name] for name in _LEG}
            | {_prefixed(side, name): _NAMES[name] for name in _OWN}
            for prefix, side in zip(self.prefixes, self.sides, strict=True)
        ]


OCO: Final = Shape(ListType.OCO, ("below", "above"), ("", ""))
OTO: Final = Shape(ListType.OTO, ("working", "pending"), ("working", "pending"))
OTOCO: Final = Shape(
    ListType.OTOCO,
    ("working", "pendingBelow", "pendingAbove"),
    ("working", "pending", "pending"),
)


def _prefixed(prefix: str, name: str) -> str:
    return f"{prefix}{name}" if prefix else name[0].lower() + name[1:]


def _leg(said: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    leg = {"newOrderRespType": said.get("newOrderRespType", "RESULT")}
    for name in ("symbol", "selfTradePreventionMode"):
        if name in said:
            leg[name] = said[name]
    for there, here in names.items():
        if there in said:
            leg[here] = said[there]
        elif here in ("type", "side", "quantity"):
            raise missing(there)
    return leg


async def oco(venue: Venue, call: Call) -> dict[str, object]:
    """Place two orders of which one cancels the other."""
    return await _place(venue, call, OCO)


async def oto(venue: Venue, call: Call) -> dict[str, object]:
    """Place an order that, once filled, triggers another one."""
    return await _place(venue, call, OTO)


async def otoco(venue: Venue, call: Call) -> dict[str, object]:
    """Place an order that, once filled, triggers two of which one cancels the other."""
    return await _place(venue, call, OTOCO)


async def _place(venue: Venue, call: Call, shape: Shape) -> dict[str, object]:
    require_types(call.parameters, shape)
    return await place_list(venue, call, shape.list_type, call.parameters, shape.legs())


async def place_list(
    venue: Venue,
    call: Call,
    list_type: ListType,
    said: Mapping[str, str],
    legs: Sequence[Mapping[str, str]],
) -> dict[str, object]:
    """Place a list, and return the reply to it.

    Args:
        venue: Where.
        call: Who asks.
        list_type: The type of the list.
        said: The parameters.
        legs: For each leg what an order of its own calls its parameters.

    Raises:
        ApiError: A parameter is missing or wrong, or the name of the list is taken.
        OrderRejected: The engine refused it.
    """
    name = read.client_id_or_none(said, "listClientOrderId")
    if name is None:
        name = made_id(call)
    else:
        await _require_free(venue, call, name)
    orders = [
        _read_leg(venue, said, names, f"{made_id(call)}-{place}")
        for place, names in enumerate(legs)
    ]
    placed = await venue.exchange.place_list(
        orders[0].instrument,
        list_type,
        [_leg_of(order) for order in orders],
        account=call.account,
        client_list_id=name,
        request_id=call.request_id,
    )
    rate_ppm = 0
    if any(order.fills for order in placed.orders):
        rate_ppm = await venue.taker_rate_ppm(call.account)
    reports = []
    for order, placement in zip(orders, placed.orders, strict=True):
        venue.first_fills.placed(call.account, placement, call.received_ns)
        report = order.result_of(placement, placed.list_id, rate_ppm, call.unit_ns)
        if placement.has_made:
            report = await with_maker_fees(venue, call, report)
        reports.append(Raw(report))
    instrument = orders[0].instrument
    return _told(call, instrument, list_type, name, placed) | {
        "orders": [
            _named(instrument, order, placement)
            for order, placement in zip(orders, placed.orders, strict=True)
        ],
        "orderReports": reports,
    }


def require_types(said: Mapping[str, str], shape: Shape) -> None:
    """Refuse order types that make no such list, and where they stand the wrong way round.

    Raises:
        ApiError: One does.
    """
    if shape is not OCO:
        working = said.get("workingType", "LIMIT")
        if working not in ("LIMIT", "LIMIT_MAKER"):
            raise not_valid("workingType")
    if shape is not OTO:
        below, above = shape.prefixes[-2:]
        side = said.get(_prefixed(shape.sides[-1], "Side"))
        _require_pair(side, said.get(f"{below}Type"), said.get(f"{above}Type"))
    for prefix in shape.prefixes:
        lives = said.get(f"{prefix}TimeInForce", "GTC")
        if lives != "GTC" and said.get(f"{prefix}IcebergQty"):
            raise ApiError(
                -1160,
                f"Parameter '{prefix}IcebergQty' is not supported"
                f" if '{prefix}TimeInForce' is not GTC.",
            )


def _require_pair(side: str | None, below: str | None, above: str | None) -> None:
    """Refuse two orders that cannot stand so, below and above the market."""
    if below is None or above is None or side not in SIDES:
        return
    for word in (below, above):
        if word in ("LIMIT", "MARKET"):
            raise ApiError(-1158, "Order type not supported in OCO.")
    if below == above == "LIMIT_MAKER":
        raise ApiError(-1168, "At least one OCO order must be contingent.")
    is_buy = side == "BUY"
    # A buyer gains below the market and loses above it.
    gains, loses = (below, above) if is_buy else (above, below)
    where_gains, where_loses = ("below", "above") if is_buy else ("above", "below")
    told = side.lower()
    if loses == "LIMIT_MAKER":
        code = -1165 if is_buy else -1166
        raise ApiError(code, f"A limit order in a {told} OCO must be {where_gains}.")
    if gains.startswith("STOP_LOSS"):
        code = -1196 if is_buy else -1197
        raise ApiError(code, f"A stop loss order in a {told} OCO must be {where_loses}.")
    if loses.startswith("TAKE_PROFIT"):
        code = -1198 if is_buy else -1199
        raise ApiError(code, f"A take profit order in a {told} OCO must be {where_gains}.")


def _read_leg(
    venue: Venue, said: Mapping[str, str], names: Mapping[str, str], made_client_order_id: str
) -> "SpotOrder":
    """Read a leg as an order of its own; what is wrong is told by the list's own names."""
    try:
        return read_order(venue, _leg(said, names), made_client_order_id)
    except ApiError as error:
        text = error.text
        for there, here in names.items():
            text = text.replace(f"'{here}'", f"'{there}'")
        raise ApiError(error.code, text, error.status) from None


async def _require_free(venue: Venue, call: Call, name: str) -> None:
    """Refuse the name of a list that lives; the engine does not look at it."""
    history = await venue.caught_up()
    found = await history.order_list(call.account, client_list_id=name)
    if found is not None and found.state is ListState.EXECUTING:
        raise ApiError(-2010, "Duplicate order sent.")


def _leg_of(order: "SpotOrder") -> Leg:
    arguments = order.arguments()
    if arguments.pop("amount") is not None:
        raise ApiError(-1106, "Parameter 'quoteOrderQty' sent when not required.")
    return Leg(**arguments)


def _named(instrument: Instrument, order: "SpotOrder", placement: Placement) -> dict[str, object]:
    return {
        "symbol": instrument.symbol,
        "orderId": placement.order_id,
        "clientOrderId": order.client_order_id,
    }


def _told(
    call: Call, instrument: Instrument, list_type: ListType, name: str, placed: ListPlacement
) -> dict[str, object]:
    return {
        "orderListId": placed.list_id,
        **_state(placed.state),
        "contingencyType": _contingency(list_type),
        "listClientOrderId": name,
        "transactionTime": placed.time_ns // call.unit_ns,
        "symbol": instrument.symbol,
    }


def _contingency(list_type: ListType) -> str:
    return "OCO" if list_type is ListType.OCO else "OTO"


def _state(state: ListState) -> dict[str, str]:
    if state is ListState.EXECUTING:
        return {"listStatusType": "EXEC_STARTED", "listOrderStatus": "EXECUTING"}
    return {"listStatusType": "ALL_DONE", "listOrderStatus": "ALL_DONE"}


async def cancel(venue: Venue, call: Call) -> dict[str, object]:
    """Cancel a list with all its orders."""
    said = call.parameters
    instrument = read.instrument(venue, said)
    list_id = read.whole_or_none(said, "orderListId")
    name = read.client_id_or_none(said, "listClientOrderId")
    if list_id is None and name is None:
        raise neither("orderListId", "listClientOrderId")
    if name is not None:
        history = await venue.caught_up()
        found = await history.order_list(call.account, client_list_id=name)
        if found is None or list_id not in (None, found.list_id):
            raise ApiError(*UNKNOWN_ORDER)
        list_id = found.list_id
    assert list_id is not None
    cancelled = await venue.exchange.cancel_list(
        instrument, list_id, account=call.account, request_id=call.request_id
    )
    history = await venue.caught_up()
    row = await history.order_list(call.account, list_id=list_id)
    if row is None:
        raise ApiError(*UNKNOWN_ORDER)
    orders = await history.order_rows(call.account, row.order_ids)
    cancel_id = read.client_id_or_none(said, "newClientOrderId") or made_id(call)
    time = cancelled.time_ns // call.unit_ns
    gone = {order_id for order_id, _ in cancelled.orders}
    return list_told(call, instrument.symbol, row, orders) | {
        "orderReports": [
            cancel_report(report_of_row(order, call.unit_ns), cancel_id, time)
            for order in orders
            if order.order_id in gone
        ]
    }


async def query(venue: Venue, call: Call) -> dict[str, object]:
    """Tell a list."""
    said = call.parameters
    list_id = read.whole_or_none(said, "orderListId")
    name = read.client_id_or_none(said, "origClientOrderId")
    if list_id is None and name is None:
        raise neither("orderListId", "origClientOrderId")
    history = await venue.caught_up()
    if list_id is not None:
        row = await history.order_list(call.account, list_id=list_id)
    else:
        row = await history.order_list(call.account, client_list_id=name)
    if row is None:
        raise ApiError(-2018, "Order list does not exist.")
    return (await _rows_told(venue, call, history, [row]))[0]


async def all_lists(venue: Venue, call: Call) -> list[dict[str, object]]:
    """Tell lists, those that live and those that are over, by rising id."""
    from_id = read.whole_or_none(call.parameters, "fromId")
    start_ns, end_ns = time_range(call)
    if from_id is not None and (start_ns is not None or end_ns is not None):
        raise ApiError(-1128, "Combination of optional parameters invalid.")
    limit = read.page_size(call.parameters, USUAL_ROWS, venue.settings.page_rows_max)
    history = await venue.caught_up()
    rows = await history.order_lists(
        call.account, from_id=from_id, start_ns=start_ns, end_ns=end_ns, limit=limit
    )
    return await _rows_told(venue, call, history, rows)


async def open_lists(venue: Venue, call: Call) -> list[dict[str, object]]:
    """Tell the lists that live."""
    found = await venue.exchange.open_lists(account=call.account)
    history = await venue.caught_up()
    rows = [
        row
        for each in found
        if (row := await history.order_list(call.account, list_id=each.list_id)) is not None
    ]
    return await _rows_told(venue, call, history, rows)


async def _rows_told(
    venue: Venue, call: Call, history: History, rows: list[ListRow]
) -> list[dict[str, object]]:
    by_number = {each.number: each for each in await venue.exchange.instruments()}
    told = []
    for row in rows:
        orders = await history.order_rows(call.account, row.order_ids)
        told.append(list_told(call, by_number[row.instrument].symbol, row, orders))
    return told


def list_told(call: Call, symbol: str, row: ListRow, orders: list[OrderRow]) -> dict[str, object]:
    """Return what is told of a list with its orders."""
    return {
        "orderListId": row.list_id or NO_LIST,
        "contingencyType": _contingency(row.list_type),
        **_state(row.state),
        "listClientOrderId": row.client_list_id,
        "transactionTime": row.changed_ns // call.unit_ns,
        "symbol": symbol,
        "orders": [
            {
                "symbol": symbol,
                "orderId": order.order_id,
                "clientOrderId": order.client_order_id,
            }
            for order in orders
        ],
    }


_CANCEL: Final = frozenset(("symbol", "orderListId", "listClientOrderId", "newClientOrderId"))
_PAGE: Final = frozenset(("fromId", "startTime", "endTime", "limit"))

ROUTES: Final = {
    ("POST", "/api/v3/orderList/oco"): Route(oco, OCO.parameters(), 1, Scope.TRADE, orders=2),
    ("POST", "/api/v3/orderList/oto"): Route(oto, OTO.parameters(), 1, Scope.TRADE, orders=2),
    ("POST", "/api/v3/orderList/otoco"): Route(otoco, OTOCO.parameters(), 1, Scope.TRADE, orders=3),
    ("DELETE", "/api/v3/orderList"): Route(cancel, _CANCEL, 1, Scope.TRADE),
    ("GET", "/api/v3/orderList"): Route(
        query, frozenset(("orderListId", "origClientOrderId")), 4, Scope.READ
    ),
    ("GET", "/api/v3/allOrderList"): Route(all_lists, _PAGE, 20, Scope.READ),
    ("GET", "/api/v3/openOrderList"): Route(open_lists, frozenset(), 6, Scope.READ),
}
