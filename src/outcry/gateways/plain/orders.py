"""Plain routes of orders: place, see and cancel them."""

from typing import Any, Final

from msgspec import Struct

from outcry.errors import (
    InvalidValue,
    Overloaded,
    RequestRepeated,
    UnknownOrder,
    UnknownSymbol,
)
from outcry.exchange import Instrument, Order, Placement
from outcry.gateways.keys import Scope
from outcry.gateways.plain import idempotency
from outcry.gateways.plain.call import PlainCall, time_ms
from outcry.gateways.plain.fields import (
    Bips,
    ClientId,
    Number,
    OrderId,
    Rows,
    SelfTradeWord,
    SideWord,
    Symbol,
    Time,
    TimeInForceWord,
    TimeMs,
    TriggerWord,
    TypeWord,
)
from outcry.gateways.plain.idempotency import Bodies, other_body
from outcry.gateways.plain.order_views import (
    ROWS_READ_MAX,
    FillView,
    OrderView,
    OrderWithFills,
    fills_of_placement,
    fills_of_rows,
    status_of,
    value_of,
    view_of_order,
    view_of_row,
)
from outcry.gateways.plain.problem import CONFLICT, NOT_FOUND, REFUSED, ProblemError, invalid
from outcry.gateways.plain.route import CREATED, OK, PlainRoute
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import OrderRow
from outcry.protocol import Side

_U63_MAX: Final = (1 << 63) - 1
_USUAL_ROWS: Final = 100


class NewOrder(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An order to place.

    Attributes:
        symbol: What to trade.
        side: Buy or sell the base asset.
        type: `limit`, `market`, or a stop that becomes one of these.
        quantity: How much of the base asset; of an order by amount left out.
        price: The limit; of a market order the worst price.
        amount: Instead of `quantity`, how much of the quote asset a market order spends or raises.
        time_in_force: By default `ioc` for a market order, else `gtc`.
        post_only: Refuse the order rather than let it take.
        self_trade: What happens where it meets one of its own trade group.
        display: What an iceberg shows of itself.
        stop: The price that a stop waits for.
        trigger: Whether the last trade must rise or fall to the stop.
        trail: Instead of `stop`, a trailing stop's distance as a price.
        trail_ppm: Instead of `stop`, its distance in parts per million of the best trade.
        expire_ms: When a `gtd` order expires, in milliseconds since 1970 UTC.
        client_order_id: The client's own name, unique among the account's open orders.
    """

    symbol: Symbol
    side: SideWord
    type: TypeWord = "limit"
    quantity: Number | None = None
    price: Number | None = None
    amount: Number | None = None
    time_in_force: TimeInForceWord | None = None
    post_only: bool = False
    self_trade: SelfTradeWord = "cancel_taker"
    display: Number | None = None
    stop: Number | None = None
    trigger: TriggerWord | None = None
    trail: Number | None = None
    trail_ppm: Bips | None = None
    expire_ms: TimeMs | None = None
    client_order_id: ClientId | None = None

    def arguments(self) -> dict[str, Any]:
        """Return what the exchange's `place` takes beside instrument and account."""
        names = (
            *("side", "type", "quantity", "price", "amount", "time_in_force", "post_only"),
            *("self_trade", "display", "stop", "trigger", "trail", "trail_ppm", "client_order_id"),
        )
        said = {name: getattr(self, name) for name in names}
        expire_ns = 0 if self.expire_ms is None else self.expire_ms * NS_PER_MS
        return said | {"expire_time_ns": expire_ns}


class OrdersQuery(Struct, forbid_unknown_fields=True, frozen=True, rename={"from_": "from"}):
    """Which orders to tell.

    Attributes:
        symbol: Of what; to be said of ended orders.
        ended: Whether ended orders are told, too.
        from_id: Those from this id on.
        from_: Those that came at this time or later.
        to: Those that came at this time or earlier.
        limit: Most rows.
    """

    symbol: Symbol | None = None
    ended: bool = False
    from_id: OrderId | None = None
    from_: Time | None = None
    to: Time | None = None
    limit: Rows = _USUAL_ROWS


class Orders(Struct):
    """Orders by rising id.

    Attributes:
        orders: The orders.
        next_from_id: The `from_id` of the next page, null where this one is the last.
    """

    orders: list[OrderView]
    next_from_id: int | None


class CancelledOrder(Struct):
    """An order that was cancelled.

    Attributes:
        order_id: The order.
        symbol: Its instrument.
        client_order_id: The client's name for it.
        cancelled_quantity: What was open of it.
    """

    order_id: int
    symbol: str
    client_order_id: str | None
    cancelled_quantity: str


class CancelQuery(Struct, forbid_unknown_fields=True, frozen=True):
    """Which orders to cancel.

    Attributes:
        symbol: Of what; of everything where it is not said.
        side: Of which side; of both where it is not said.
    """

    symbol: Symbol | None = None
    side: SideWord | None = None


class CancelledOrders(Struct):
    """Orders that were cancelled.

    Attributes:
        order_ids: Their ids, rising.
    """

    order_ids: list[int]


class OrderRoutes:
    """The routes of orders."""

    def __init__(self) -> None:
        self._bodies: Final = Bodies()

    async def place(self, call: PlainCall) -> OrderWithFills:
        """Place an order.

        The answer comes once the disk has confirmed it. With an `Idempotency-Key` it is placed
        once only: a repeat is answered with the order as it stands, and says so in the header
        `idempotent-replayed`. The exchange remembers at least the account's last
        `remembered_requests` orders so.
        """
        body = call.read(NewOrder)
        has_key = self._bodies.take(call, "order")
        try:
            placement = await call.venue.exchange.place(
                body.symbol,
                account=call.account,
                request_id=call.request_id,
                **body.arguments(),
            )
        except RequestRepeated as error:
            if not has_key:
                raise
            return await _repeated(call, body, error)
        except (InvalidValue, UnknownSymbol, Overloaded):
            self._bodies.forget(call)
            raise
        return await _placed(call, body, placement)


async def _placed(call: PlainCall, body: NewOrder, placement: Placement) -> OrderWithFills:
    venue = call.venue
    instrument = venue.instrument(body.symbol)
    side = Side.BUY if body.side == "buy" else Side.SELL
    venue.first_fills.placed(call.account, placement, call.received_ns)
    rate_ppm = await venue.taker_rate_ppm(call.account) if placement.fills else 0
    filled_lots = sum(instrument.lots(fill.quantity) for fill in placement.fills)
    lots = filled_lots if body.quantity is None else instrument.lots(body.quantity)
    order_time_ms = placement.time_ns // NS_PER_MS
    reason = placement.cancel_reason
    view = OrderView(
        order_id=placement.order_id,
        status=status_of(placement.status),
        quantity=f"{instrument.quantity(lots):f}",
        filled_quantity=f"{instrument.quantity(filled_lots):f}",
        filled_value=f"{value_of(instrument, *placement.fills):f}",
        open_quantity=f"{placement.open_quantity:f}",
        cancel_reason=None if reason is None else str(reason),
        entered_ms=order_time_ms,
        changed_ms=order_time_ms,
        **_terms(instrument, body),
    )
    if placement.has_made:
        # What a maker pays can depend on its taker; the history knows.
        row = await venue.past_order(call.account, placement.order_id)
        assert row is not None, "the history has what was answered"
        return OrderWithFills(order=view, fills=await _fills(venue, row))
    return OrderWithFills(
        order=view, fills=fills_of_placement(venue, instrument, placement, side, rate_ppm)
    )


def _terms(instrument: Instrument, body: NewOrder) -> dict[str, Any]:
    """Return what a body says of an order for its whole life, as an `OrderView` tells it."""

    def priced(price: str | None) -> str | None:
        return None if price is None else f"{instrument.price(instrument.ticks(price)):f}"

    amount, display = body.amount, body.display
    if amount is not None:
        amount = f"{instrument.amount(instrument.amount_units(amount)):f}"
    if display is not None:
        display = f"{instrument.quantity(instrument.lots(display)):f}"
    return {
        "symbol": instrument.symbol,
        "side": body.side,
        "type": body.type,
        "time_in_force": body.time_in_force or ("ioc" if body.type == "market" else "gtc"),
        "price": priced(body.price),
        "amount": amount,
        "stop": priced(body.stop),
        "trigger": body.trigger,
        "trail": priced(body.trail),
        "trail_ppm": body.trail_ppm,
        "display": display,
        "post_only": body.post_only,
        "self_trade": body.self_trade,
        "client_order_id": body.client_order_id,
        "expire_ms": body.expire_ms,
    }


async def _repeated(call: PlainCall, body: NewOrder, error: RequestRepeated) -> OrderWithFills:
    """Answer a repeat with the order of the first request.

    Raises:
        ProblemError: The first request was refused, or asked for another order.
    """
    call.answer_headers[idempotency.REPLAYED] = "true"
    call.status = OK
    if not error.order_id:
        reason = "unknown" if error.outcome is None else str(error.outcome)
        detail = f"The first request with this key was refused: {reason}."
        headers = {idempotency.REPLAYED: "true"}
        raise ProblemError(REFUSED, reason, detail, headers=headers)
    found = await _find(call, error.order_id)
    order = found.order
    if order.status == "open" and order.type in {"stop", "stop_limit"}:
        # What it waited for, the history alone still tells.
        row = await (await call.venue.caught_up()).order(call.account, error.order_id)
        order = order if row is None else view_of_row(row)
    if not _is_same(call.venue, body, order):
        raise other_body()
    return found


def _is_same(venue: Venue, body: NewOrder, order: OrderView) -> bool:
    """Return whether an order is the one that a body asks for.

    Its quantity may be less than was asked for, as an amended one's is.
    """
    instrument = venue.instrument(body.symbol)
    if instrument.symbol != order.symbol:
        return False
    if body.quantity is not None and instrument.lots(body.quantity) < instrument.lots(
        order.quantity
    ):
        return False
    terms = _terms(instrument, body)
    return all(getattr(order, name) == value for name, value in terms.items())


async def see(call: PlainCall) -> OrderWithFills:
    """Tell an order of the account and its trades."""
    return await _find(call, call.number("order_id", _U63_MAX))


async def _find(call: PlainCall, order_id: int) -> OrderWithFills:
    """Return an order of the account: out of the engine while nothing of it is done."""
    venue, account = call.venue, call.account
    live = await _live(venue, account, order_id)
    if live is not None and not live.done_quantity:
        return OrderWithFills(order=view_of_order(live), fills=[])
    row = await venue.past_order(account, order_id)
    if row is None:
        raise _unknown(order_id)
    return OrderWithFills(order=view_of_row(row), fills=await _fills(venue, row))


async def _fills(venue: Venue, row: OrderRow) -> list[FillView]:
    if not row.filled_lots:
        return []
    rows = await venue.history.fills(
        row.account,
        row.steps.instrument,
        order_id=row.order_id,
        from_id=0,
        limit=ROWS_READ_MAX,
    )
    return await fills_of_rows(venue, rows)


async def _live(venue: Venue, account: int, order_id: int) -> Order | None:
    try:
        found = await venue.exchange.order(order_id)
    except UnknownOrder:
        return None
    return found if found.account == account else None


async def listed(call: PlainCall) -> Orders:
    """Tell orders of the account: the open ones, or with `ended` also the others.

    Without `from_id` and times they are the newest; `next_from_id` leads to the next page.
    """
    asked = call.parameters(OrdersQuery)
    venue = call.venue
    limit = min(asked.limit, venue.settings.page_rows_max)
    start_ms, end_ms = time_ms("from", asked.from_), time_ms("to", asked.to)
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise invalid("to", "must not be before `from`")
    if not asked.ended:
        return await _open(call, asked, limit, (start_ms, end_ms))
    if asked.symbol is None:
        raise invalid("symbol", "must be said of ended orders")
    history = await venue.caught_up()
    rows = await history.orders(
        call.account,
        venue.instrument(asked.symbol).number,
        from_id=asked.from_id,
        start_ns=None if start_ms is None else start_ms * NS_PER_MS,
        end_ns=None if end_ms is None else (end_ms + 1) * NS_PER_MS - 1,
        limit=limit,
    )
    is_paged = asked.from_id is not None or start_ms is not None
    is_full = is_paged and len(rows) == limit
    next_id = rows[-1].order_id + 1 if is_full else None
    return Orders([view_of_row(row) for row in rows], next_id)


async def _open(
    call: PlainCall, asked: OrdersQuery, limit: int, times_ms: tuple[int | None, int | None]
) -> Orders:
    venue = call.venue
    instrument = None if asked.symbol is None else venue.instrument(asked.symbol)
    found = await venue.exchange.open_orders(account=call.account, instrument=instrument)
    start_ms, end_ms = times_ms
    wanted = [
        order
        for order in found
        if order.order_id >= (asked.from_id or 0)
        and order.entered_ns // NS_PER_MS >= (start_ms or 0)
        and (end_ms is None or order.entered_ns // NS_PER_MS <= end_ms)
    ]
    page = wanted[:limit]
    next_id = wanted[limit].order_id if len(wanted) > limit else None
    done = [order.order_id for order in page if order.done_quantity]
    rows: dict[int, OrderRow] = {}
    if done:
        history = await venue.caught_up()
        rows = {row.order_id: row for row in await history.order_rows(call.account, done)}
    views = []
    for order in page:
        row = rows.get(order.order_id)
        views.append(view_of_order(order) if row is None else view_of_row(row))
    return Orders(views, next_id)


async def cancel(call: PlainCall) -> CancelledOrder:
    """Cancel an open order of the account."""
    order_id = call.number("order_id", _U63_MAX)
    venue = call.venue
    order = await _live(venue, call.account, order_id)
    try:
        if order is None:
            raise await _not_open(call, order_id)
        quantity = await venue.exchange.cancel(
            order.symbol, order_id, account=call.account, request_id=call.request_id
        )
    except UnknownOrder:
        raise await _not_open(call, order_id) from None
    return CancelledOrder(order_id, order.symbol, order.client_order_id, f"{quantity:f}")


async def cancel_all(call: PlainCall) -> CancelledOrders:
    """Cancel all open orders of the account, or those of a symbol and side."""
    asked = call.parameters(CancelQuery)
    ids = await call.venue.exchange.mass_cancel(
        account=call.account, instrument=asked.symbol, side=asked.side
    )
    return CancelledOrders(list(ids))


async def _not_open(call: PlainCall, order_id: int) -> ProblemError:
    row = await call.venue.past_order(call.account, order_id)
    if row is None:
        return _unknown(order_id)
    return ProblemError(CONFLICT, "not_open", f"Order {order_id} is {row.state}.", field="order_id")


def _unknown(order_id: int) -> ProblemError:
    detail = f"The account has no order {order_id}."
    return ProblemError(NOT_FOUND, "unknown_order", detail, field="order_id")


def _list_weight(call: PlainCall) -> int:
    return 20 if b"ended" in call.query else 6


def routes() -> tuple[PlainRoute, ...]:
    """Return the routes of orders."""
    placing = OrderRoutes()
    return (
        PlainRoute(
            *("POST", "/order", placing.place, OrderWithFills, "orders"),
            body=NewOrder,
            scope=Scope.TRADE,
            orders=1,
            status=CREATED,
            idempotent=True,
            others=((OK, "The order of an earlier request with the same key."),),
        ),
        PlainRoute(
            "GET", "/order/{order_id}", see, OrderWithFills, "orders", scope=Scope.READ, weight=4
        ),
        PlainRoute(
            "DELETE", "/order/{order_id}", cancel, CancelledOrder, "orders", scope=Scope.TRADE
        ),
        PlainRoute(
            *("GET", "/orders", listed, Orders, "orders"),
            query=OrdersQuery,
            scope=Scope.READ,
            weight=_list_weight,
        ),
        PlainRoute(
            *("DELETE", "/orders", cancel_all, CancelledOrders, "orders"),
            query=CancelQuery,
            scope=Scope.TRADE,
        ),
    )
