"""What the core tells of orders and accounts, read from its rows."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from outcry.exchange.funds import Account, Asset, Balance, Withdrawal
from outcry.exchange.orders import Order, OrderStatus
from outcry.exchange.registry import Registry
from outcry.protocol import (
    ACCOUNT,
    BALANCE,
    OPEN_ORDER,
    WITHDRAWAL,
    AccountState,
    OrderType,
    Side,
    TimeInForce,
    rows_of,
)

if TYPE_CHECKING:
    from outcry._native import Records


def read_orders(registry: Registry, records: "Records") -> tuple[Order, ...]:
    """Read open orders from rows of dtype `OPEN_ORDER`."""
    rows = rows_of(records, OPEN_ORDER).tolist()
    return tuple(_order(registry, _OrderRow._make(values)) for values in rows)


def read_balances(registry: Registry, records: "Records") -> dict[str, Balance]:
    """Read an account's balances from rows of dtype `BALANCE`, by the assets' names."""
    found = {}
    for row in rows_of(records, BALANCE):
        asset = registry.numbered_asset(int(row["asset"]))
        found[asset.name] = balance_of(row, asset)
    return found


def balance_of(row: np.void, asset: Asset) -> Balance:
    """Read a balance from a row that has one."""
    available, held = (
        int(row[f"{name}_high"]) << 64 | int(row[f"{name}_low"]) for name in ("available", "held")
    )
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
    client_order_id: bytes


def _order(registry: Registry, row: _OrderRow) -> Order:
    instrument = registry.numbered(row.instrument)
    return Order(
        order_id=row.order_id,
        symbol=instrument.symbol,
        account=row.account,
        side=Side(row.side),
        type=OrderType(row.order_type),
        time_in_force=TimeInForce(row.time_in_force),
        status=OrderStatus(row.status),
        price=instrument.price(row.price_ticks) if row.price_ticks else None,
        stop=instrument.price(row.stop_ticks) if row.stop_ticks else None,
        open_quantity=instrument.quantity(row.open_lots),
        done_quantity=instrument.quantity(row.done_lots),
        shown_quantity=instrument.quantity(row.shown_lots),
        client_order_id=row.client_order_id.decode("ascii") or None,
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
