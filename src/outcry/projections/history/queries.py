"""What the history is asked, as statements.

Each answers one text: its rows as JSON, made by SQLite itself. So a page is one step of the driver,
with the interpreter's lock free, and not one for each row.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from outcry import _native
from outcry.errors import InvalidValue
from outcry.projections.history.schema import (
    AGGREGATES,
    CANDLES,
    FILLS,
    INT_MAX,
    LISTS,
    ORDERS,
    STEPS,
    TRADES,
)

LIMIT_MAX: Final = 1_000
"""The most rows of a page."""
_GENERATIONS: Final = 64
"""So many generations of orders are looked through at once."""

Statement = sa.Select[tuple[str]]
Condition = sa.ColumnElement[bool]
Number = sa.ColumnElement[int]


class Page:
    """Which rows of a table a page has.

    Args:
        from_id: The first id, or None.
        start_ns: The first time, or None.
        end_ns: The last time, or None.
        limit: The most rows.

    Raises:
        InvalidValue: The limit is not 1 to 1,000, or a number is below 0.
    """

    __slots__ = ("end_ns", "from_id", "limit", "start_ns")

    def __init__(
        self, from_id: int | None, start_ns: int | None, end_ns: int | None, limit: int
    ) -> None:
        if not 1 <= limit <= LIMIT_MAX:
            raise InvalidValue("limit", str(limit), f"must be from 1 to {LIMIT_MAX:,}")
        for name, number in (("from_id", from_id), ("start_ns", start_ns), ("end_ns", end_ns)):
            if number is not None and not 0 <= number < 1 << 64:
                raise InvalidValue(name, str(number), "must be from 0 to 2^64 - 1")
        self.from_id = from_id
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.limit = limit

    @property
    def is_newest(self) -> bool:
        """Whether the page is filled from its end."""
        return self.from_id is None and self.start_ns is None


def steps() -> Statement:
    """Ask for all steps."""
    return _as_json(sa.select(STEPS).order_by(STEPS.c.number))


def order(account: int, order_id: int) -> Statement:
    """Ask for an order of an account."""
    return _as_json(
        sa.select(*_ORDER).where(
            ORDERS.c.order_id == _clamped(order_id), ORDERS.c.account == account
        )
    )


def orders_of(account: int, order_ids: Sequence[int]) -> Statement:
    """Ask for some orders of an account."""
    ids = [_clamped(order_id) for order_id in order_ids]
    return _as_json(
        sa.select(*_ORDER)
        .where(ORDERS.c.order_id.in_(ids), ORDERS.c.account == account)
        .order_by(ORDERS.c.order_id)
    )


def newest_order_id() -> Statement:
    """Ask for the newest order's id, as its column has it."""
    return _as_json(sa.select(sa.func.max(ORDERS.c.order_id)))


def order_by_name(account: int, instrument: int, name: str, newest: int) -> Statement:
    """Ask for the newest order of a name among the generations that end with `newest`."""
    generations = range(newest, max(newest - _GENERATIONS, -1), -1)
    keys = [_native.HistoryFold.client_key(each, account, instrument, name) for each in generations]
    # Left alone, SQLite would rather walk all orders of the account, or all by id; of a sum with
    # nothing it has no index.
    return _as_json(
        sa.select(*_ORDER)
        .where(
            ORDERS.c.client_key.in_(keys),
            ORDERS.c.account + 0 == account,
            ORDERS.c.instrument + 0 == instrument,
            ORDERS.c.client_order_id == name,
        )
        .order_by((ORDERS.c.order_id + 0).desc())
        .limit(1)
    )


def older_generation(newest: int) -> int:
    """Return the newest generation that `order_by_name` has not looked through; below 0: none."""
    return newest - _GENERATIONS


def orders(account: int, instrument: int, page: Page) -> Statement:
    """Ask for orders of an account on an instrument."""
    key, time = ORDERS.c.order_id, ORDERS.c.entered_ns
    owned = [ORDERS.c.account == account, ORDERS.c.instrument == instrument]
    within = _within(key, time, [], page)
    return _paged(sa.select(*_ORDER).where(*owned, *within), key, page)


def fills(account: int, instrument: int, order_id: int | None, page: Page) -> Statement:
    """Ask for an account's sides of trades on an instrument, or of one of its orders."""
    key = FILLS.c.trade_id
    traded = [TRADES.c.instrument == instrument]
    owned = [FILLS.c.account == account, FILLS.c.instrument == instrument]
    if order_id is not None:
        owned.append(FILLS.c.order_id == _clamped(order_id))
    within = _within(TRADES.c.trade_id, TRADES.c.time_ns, traded, page, applied_to=key)
    joined = sa.and_(
        TRADES.c.instrument == FILLS.c.instrument, TRADES.c.trade_id == FILLS.c.trade_id
    )
    rows = sa.select(*_FILL).join_from(FILLS, TRADES, joined).where(*owned, *within)
    return _paged(rows, key, page)


def trades(instrument: int, page: Page) -> Statement:
    """Ask for trades of an instrument."""
    key = TRADES.c.trade_id
    scope = [TRADES.c.instrument == instrument]
    within = _within(key, TRADES.c.time_ns, scope, page)
    return _paged(sa.select(*_TRADE).where(*scope, *within), key, page)


def aggregates(instrument: int, page: Page) -> Statement:
    """Ask for aggregates of an instrument."""
    key = AGGREGATES.c.aggregate_id
    scope = [AGGREGATES.c.instrument == instrument]
    within = _within(key, AGGREGATES.c.time_ns, scope, page)
    return _paged(sa.select(*_AGGREGATE).where(*scope, *within), key, page)


def candles(instrument: int, page: Page) -> Statement:
    """Ask for candles of an instrument."""
    key = CANDLES.c.open_time_ns
    within = [CANDLES.c.instrument == instrument]
    if page.start_ns is not None:
        within.append(key >= _clamped(page.start_ns))
    if page.end_ns is not None:
        within.append(key <= _clamped(page.end_ns))
    return _paged(sa.select(*_CANDLE).where(*within), key, page, CANDLES.c.steps)


def order_list(account: int, list_id: int) -> Statement:
    """Ask for a list of an account."""
    owned = [LISTS.c.account == account, LISTS.c.list_id == _clamped(list_id)]
    return _as_json(sa.select(LISTS).where(*owned))


def order_list_by_name(account: int, name: str) -> Statement:
    """Ask for an account's newest list of a name."""
    owned = [LISTS.c.account == account, LISTS.c.client_list_id == name]
    newest = sa.select(LISTS).where(*owned).order_by(LISTS.c.list_id.desc()).limit(1)
    return _as_json(newest)


def order_lists(account: int, page: Page) -> Statement:
    """Ask for lists of an account."""
    key = LISTS.c.list_id
    within = _within(key, LISTS.c.entered_ns, [], page)
    return _paged(sa.select(LISTS).where(LISTS.c.account == account, *within), key, page)


_ORDER: Final = [column for column in ORDERS.c if column.name != "client_key"]
_FILL: Final = [
    TRADES.c.steps,
    FILLS.c.trade_id,
    FILLS.c.order_id,
    FILLS.c.account,
    TRADES.c.aggressor,
    FILLS.c.is_maker,
    TRADES.c.price_ticks,
    TRADES.c.quantity_lots,
    TRADES.c.time_ns,
    TRADES.c.sequence,
    FILLS.c.fee_units,
    FILLS.c.list_id,
]
_TRADE: Final = [column for column in TRADES.c if column.name != "instrument"]
_AGGREGATE: Final = [column for column in AGGREGATES.c if column.name != "instrument"]
_CANDLE: Final = [column for column in CANDLES.c if column.name != "instrument"]


def _clamped(number: int) -> int:
    """Return a number that a column can be compared with: ids and times stay far below."""
    return min(number, INT_MAX)


def _within(
    key: Number,
    time: Number,
    scope: Sequence[Condition],
    page: Page,
    *,
    applied_to: Number | None = None,
) -> list[Condition]:
    """Return what a page asks of ids, its times as the ids that they begin with."""
    bounded = key if applied_to is None else applied_to
    within: list[Condition] = []
    if page.from_id is not None:
        within.append(bounded >= _clamped(page.from_id))
    if page.start_ns is not None:
        within.append(bounded >= _first_at(key, time, scope, page.start_ns))
    if page.end_ns is not None:
        within.append(bounded < _first_at(key, time, scope, page.end_ns + 1))
    return within


def _first_at(
    key: Number, time: Number, scope: Sequence[Condition], time_ns: int
) -> sa.ScalarSelect[int]:
    """Return the least id from which all rows have at least this time: times rise with ids.

    A search by halves, so that no index by time is kept; gaps between ids do no harm.
    """
    wanted = sa.literal(_clamped(time_ns))
    least = sa.select(key).where(*scope).order_by(key).limit(1).scalar_subquery()
    greatest = sa.select(key).where(*scope).order_by(key.desc()).limit(1).scalar_subquery()
    span = sa.select(
        sa.func.coalesce(least, 0).label("low"),
        sa.func.coalesce(greatest + 1, 0).label("high"),
    ).cte(recursive=True)
    low, high = span.c.low, span.c.high
    middle = low + (high - low).op(">>")(1)
    found = (
        sa.select(time)
        .where(*scope, key >= middle)
        .order_by(key)
        .limit(1)
        .correlate(span)
        .scalar_subquery()
    )
    halved = sa.select(
        sa.case((found < wanted, middle + 1), else_=low),
        sa.case((found < wanted, high), else_=middle),
    ).where(low < high)
    span = span.union_all(halved)
    ends = sa.select(span.c.low).where(span.c.low >= span.c.high).limit(1)
    return ends.scalar_subquery()


def _paged(rows: sa.Select[Any], key: Number, page: Page, *then: Number) -> Statement:
    """Bound a page, filled from where it begins or from where it ends."""
    order_by = [each.desc() if page.is_newest else each for each in (key, *then)]
    return _as_json(rows.order_by(*order_by).limit(page.limit))


def _as_json(rows: sa.Select[Any]) -> Statement:
    """Answer rows as one text, an array of arrays."""
    found = rows.subquery()
    return sa.select(sa.func.json_group_array(sa.func.json_array(*found.c)))
