"""The naive engine: the rules of docs/rules.md in plain Python, to be read and compared with.

Nothing is cached that can be counted again; nothing is shared with the engine in Rust.
"""

from outcry.reference.engine import DepthLevel, QueuePosition, ReferenceEngine
from outcry.reference.machine import Machine
from outcry.reference.order import Order, Place
from outcry.reference.records import UnreadableBytesError

__all__ = [
    "DepthLevel",
    "Machine",
    "Order",
    "Place",
    "QueuePosition",
    "ReferenceEngine",
    "UnreadableBytesError",
]
