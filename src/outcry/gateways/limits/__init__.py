"""How much may be asked: request weights of an address, orders of an account.

Both count in fixed windows of the time they are handed, so a window begins with its minute, its
ten seconds or its day (UTC), for everyone.
"""

from outcry.gateways.limits.first_fills import FirstFills
from outcry.gateways.limits.orders import (
    MAKER_FILL,
    TAKER_FILL,
    OrderCharge,
    OrderCounts,
    OrderLimit,
)
from outcry.gateways.limits.weights import BanRule, Charge, Refusal, RequestWeights

__all__ = [
    "MAKER_FILL",
    "TAKER_FILL",
    "BanRule",
    "Charge",
    "FirstFills",
    "OrderCharge",
    "OrderCounts",
    "OrderLimit",
    "Refusal",
    "RequestWeights",
]
