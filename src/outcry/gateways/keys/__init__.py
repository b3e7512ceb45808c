"""API keys: who may ask for what, from where, and the signatures that prove it.

>>> Scope.of("read", "trade")
<Scope.READ|TRADE: 3>
"""

from outcry.gateways.keys.key import Key, KeyKind, NewKey, Scope
from outcry.gateways.keys.networks import Networks
from outcry.gateways.keys.signatures import PEM_BYTES_MAX
from outcry.gateways.keys.store import KEYS_MAX, KeyStore
from outcry.gateways.keys.window import (
    RECV_WINDOW_DEFAULT_US,
    RECV_WINDOW_MAX_US,
    WindowFault,
    window_fault,
)

__all__ = [
    "KEYS_MAX",
    "PEM_BYTES_MAX",
    "RECV_WINDOW_DEFAULT_US",
    "RECV_WINDOW_MAX_US",
    "Key",
    "KeyKind",
    "KeyStore",
    "Networks",
    "NewKey",
    "Scope",
    "WindowFault",
    "window_fault",
]
