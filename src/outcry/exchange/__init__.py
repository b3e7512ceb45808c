"""The exchange as a Python object: instruments, orders, the book."""

from outcry.exchange.depth import Depth, Level
from outcry.exchange.engine import Engine
from outcry.exchange.instrument import Filters, Instrument
from outcry.exchange.orders import Fill, Order, OrderStatus, Placement, QueuePosition
from outcry.exchange.values import Number

__all__ = [
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
]
