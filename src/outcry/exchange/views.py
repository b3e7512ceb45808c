"""What the core tells of orders and accounts, read from its rows."""

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from outcry.exchange.funds import Account, Asset, Balance, Withdrawal
from outcry.exchange.lists import OrderList
from outcry.exchange.orders import Order, OrderStatus
from outcry.exchange.registry import Registry
from outcry.protocol import (
    ACCOUNT,
    BALANCE,
    OPEN_ORDER,
    ORDER_LIST,
    WITHDRAWAL,
    AccountState,
    ListState,
    ListType,
    OrderType,
    SelfTrade,
    Side,
    StopUnit,
    TimeInForce,
    Trigger,
    rows_of,
)

if TYPE_CHECKING:
    from outcry._native import Records

E = TypeVar("E", bound=IntEnum)


def _by_number(members: type[E]) -> dict[int, E]:
    """Return what each number of an enumeration means: to look it up takes a tenth of a call."""
    return {int(each): each for each in members}


_SIDES: Final = _by_number(Side)
_ORDER_TYPES: Final = _by_number(OrderType)
_TIMES_IN_FORCE: Final = _by_number(TimeInForce)
_ORDER_STATUSES: Final = _by_number(OrderStatus)
_SELF_TRADES: Final = _by_number(SelfTrade)
_TRIGGERS: Final = _by_number(Trigger)
_AMOUNTS: Final = ("available_low", "available_high", "held_low", "held_high")


def read_orders(registry: Registry, records: "Records") -> tuple[Order, ...]:
    """Read open orders from rows of dtype `OPEN_ORDER`."""
    rows = rows_of(records, OPEN_ORDER).tolist()
    return tuple(_order(registry, _OrderRow._make(values)) for values in rows)


def read_lists(registry: Registry, records: "Records") -> tuple[OrderList, ...]:
    """Read order lists from rows of dtype `ORDER_LIST`."""
    return tuple(_list(registry, row) for row in rows_of(records, ORDER_LIST))


def read_balances(registry: Registry, records: "Records") -> dict[str, Balance]:
    """Read an account's balances from rows of dtype `BALANCE`, by the assets' names."""
    found = {}
    for _, number, *amounts in rows_of(records, BALANCE).tolist():
        asset = registry.numbered_asset(number)
        found[asset.name] = _balance(asset, *amounts)
    return found


def balance_of(row: np.void, asset: Asset) -> Balance:
    """Read a balance from a row that has one."""
    return _balance(asset, *(int(row[name]) for name in _AMOUNTS))


def _balance(
    asset: Asset, available_low: int, available_high: int, held_low: int, held_high: int
) -> Balance:
    available, held = available_high << 64 | available_low, held_high << 64 | held_low
    return Balance(asset.amount(available), asset.amount(held))


def read_withdrawals(registry: Registry, records: "Records") -> tuple[Withdrawal, ...]:
    """Read pending withdrawals from rows of dtype `WITHDRAWAL`."""
    return tuple(_withdrawal(registry, row) for row in rows_of(records, WITHDRAWAL))


def read_accounts(records: "Records") -> tuple[Account, ...]:
    """Read accounts from rows of dtype `ACCOUNT`."""
    return tuple(_account(row) for row in rows_of(records, ACCOUNT))


class _OrderRow(NamedTuple):
    """A row of dtype `OPEN_ORDER`, field by field."""

    order_id: int
    price_ticks: int
    stop_ticks: int
    open_lots: int
    done_lots: int
    shown_lots: int
    instrument: int
    account: int
    side: int
    order_type: int
    time_in_force: int
    status: int
    self_trade: int
    post_only: bool
    trigger: int
    stop_unit: int
    client_order_id: bytes
    reserved: bytes
    display_lots: int
    distance: int
    expire_time_ns: int
    list_id: int
    entered_ns: int
    changed_ns: int
    traded_value_low: int
    traded_value_high: int


def _order(registry: Registry, row: _OrderRow) -> Order:
    instrument = registry.numbered(row.instrument)
    return Order(
        order_id=row.order_id,
        symbol=instrument.symbol,
        account=row.account,
        side=_SIDES[row.side],
        type=_ORDER_TYPES[row.order_type],
        time_in_force=_TIMES_IN_FORCE[row.time_in_force],
        status=_ORDER_STATUSES[row.status],
        price=instrument.price(row.price_ticks) if row.price_ticks else None,
        stop=instrument.price(row.stop_ticks) if row.stop_ticks else None,
        open_quantity=instrument.quantity(row.open_lots),
        done_quantity=instrument.quantity(row.done_lots),
        shown_quantity=instrument.quantity(row.shown_lots),
        client_order_id=row.client_order_id.decode("ascii") or None,
        self_trade=_SELF_TRADES[row.self_trade],
        post_only=row.post_only,
        display=instrument.quantity(row.display_lots) if row.display_lots else None,
        trigger=_TRIGGERS.get(row.trigger),
        trail=instrument.price(row.distance) if row.stop_unit == StopUnit.TRAIL_TICKS else None,
        trail_ppm=row.distance if row.stop_unit == StopUnit.TRAIL_PPM else None,
        expire_time_ns=row.expire_time_ns,
        list_id=row.list_id or None,
        entered_ns=row.entered_ns,
        changed_ns=row.changed_ns,
        traded_value=instrument.value(row.traded_value_high << 64 | row.traded_value_low),
    )


def _list(registry: Registry, row: np.void) -> OrderList:
    legs = (int(row[f"{place}_order_id"]) for place in ("first", "second", "third"))
    return OrderList(
        list_id=int(row["list_id"]),
        symbol=registry.numbered(int(row["instrument"])).symbol,
        account=int(row["account"]),
        type=ListType(row["list_type"]),
        state=ListState(row["state"]),
        order_ids=tuple(order_id for order_id in legs if order_id),
    )


def _withdrawal(registry: Registry, row: np.void) -> Withdrawal:
    asset = registry.numbered_asset(int(row["asset"]))
    units = int(row["amount_high"]) << 64 | int(row["amount_low"])
    sequence, account = int(row["sequence"]), int(row["account"])
    return Withdrawal(sequence, account, asset.name, asset.amount(units))


def _account(row: np.void) -> Account:
    return Account(
        number=int(row["account"]),
        state=AccountState(row["state"]),
        maker_rate_ppm=int(row["maker_rate_ppm"]),
        taker_rate_ppm=int(row["taker_rate_ppm"]),
        group=int(row["group"]),
    )
