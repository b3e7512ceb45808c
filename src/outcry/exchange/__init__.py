"""The exchange as a Python object: instruments, accounts, orders, the book."""

from outcry.exchange.aio import AsyncExchange
from outcry.exchange.depth import Depth, Level
from outcry.exchange.engine import Engine
from outcry.exchange.funds import (
    EXTERNAL_ACCOUNT,
    FEE_ACCOUNT,
    Account,
    Asset,
    Balance,
    Withdrawal,
)
from outcry.exchange.instrument import Filters, Instrument
from outcry.exchange.lists import CancelledList, Leg, ListPlacement, OrderList
from outcry.exchange.local_reads import Recovery, Status
from outcry.exchange.opened import Exchange
from outcry.exchange.orders import (
    CancelledOrder,
    Fill,
    Order,
    OrderStatus,
    Placement,
    QueuePosition,
)
from outcry.exchange.values import Number

__all__ = [
    "EXTERNAL_ACCOUNT",
    "FEE_ACCOUNT",
    "Account",
    "Asset",
    "AsyncExchange",
    "Balance",
    "CancelledList",
    "CancelledOrder",
    "Depth",
    "Engine",
    "Exchange",
    "Fill",
    "Filters",
    "Instrument",
    "Leg",
    "Level",
    "ListPlacement",
    "Number",
    "Order",
    "OrderList",
    "OrderStatus",
    "Placement",
    "QueuePosition",
    "Recovery",
    "Status",
    "Withdrawal",
]
