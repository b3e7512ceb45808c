"""The exchange as a Python object: instruments, accounts, orders, the book."""

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
from outcry.exchange.orders import Fill, Order, OrderStatus, Placement, QueuePosition
from outcry.exchange.values import Number

__all__ = [
    "EXTERNAL_ACCOUNT",
    "FEE_ACCOUNT",
    "Account",
    "Asset",
    "Balance",
    "Depth",
    "Engine",
    "Fill",
    "Filters",
    "Instrument",
    "Level",
    "Number",
    "Order",
    "OrderStatus",
    "Placement",
    "QueuePosition",
    "Withdrawal",
]
