"""Whether a call may be made: its key, its time and its signature."""

import re
from functools import lru_cache
from typing import Final

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.errors import UNAUTHORIZED, ApiError, illegal, missing, not_permitted
from outcry.gateways.binance.parameters import MICROSECONDS_FROM, text
from outcry.gateways.keys import (
    RECV_WINDOW_DEFAULT_US,
    RECV_WINDOW_MAX_US,
    Key,
    KeyStore,
    Scope,
    WindowFault,
    window_fault,
)
from outcry.gateways.times import NS_PER_US

_TIMESTAMP: Final = r"^[0-9]{1,20}$"
_RECV_WINDOW: Final = r"^([0-9]{1,5}|60000)(\.[0-9]{1,3})?$"
_TIMESTAMP_DIGITS: Final = 20
_is_key = re.compile(r"[0-9A-Za-z]{64}", re.ASCII).fullmatch
_is_window = re.compile(r"[0-9]{1,20}(\.[0-9]{1,3})?", re.ASCII).fullmatch
_WINDOWS_KEPT: Final = 256


def authenticate(keys: KeyStore, call: Call, scope: Scope) -> Key:
    """Return the key that a call is signed with, and say whose the call is.

    Raises:
        ApiError: The key is missing, unknown or may not do this; the call is unsigned, too old,
            too early, or signed otherwise.
    """
    key = keys.find(call.api_key) if call.api_key else None
    if key is None and not _is_key(call.api_key or ""):
        raise ApiError(-2014, "API-key format invalid.", UNAUTHORIZED)
    if key is None or not key.has(scope) or not key.allows(call.address):
        raise not_permitted()
    require_in_time(call)
    signature = text(call.parameters, "signature")
    if not key.verify(call.signed_bytes, signature) and not key.verify(
        call.signed_bytes_decoded(), signature
    ):
        raise ApiError(-1022, "Signature for this request is not valid.")
    call.account = key.account
    return key


def require_in_time(call: Call) -> None:
    """Refuse a call whose timestamp is missing, or outside its window.

    Raises:
        ApiError: It is.
    """
    said = call.parameters.get("timestamp")
    if not said:
        raise missing("timestamp")
    if not (said.isdecimal() and said.isascii() and len(said) <= _TIMESTAMP_DIGITS):
        raise illegal("timestamp", _TIMESTAMP)
    timestamp = int(said)
    timestamp_us = timestamp if timestamp >= MICROSECONDS_FROM else timestamp * 1_000
    window = call.parameters.get("recvWindow")
    window_us = RECV_WINDOW_DEFAULT_US if window is None else _window_us(window)
    fault = window_fault(timestamp_us, call.received_ns // NS_PER_US, window_us)
    if fault is WindowFault.AHEAD:
        raise ApiError(
            -1021,
            "Timestamp for this request was 1000ms ahead of the server's time.",
        )
    if fault is WindowFault.BEHIND:
        raise ApiError(-1021, "Timestamp for this request is outside of the recvWindow.")


@lru_cache(_WINDOWS_KEPT)
def _window_us(said: str) -> int:
    """Return how long a `recvWindow` is; a client says the same in every request."""
    if not _is_window(said):
        raise illegal("recvWindow", _RECV_WINDOW)
    whole, _, part = said.partition(".")
    window_us = int(whole) * 1_000 + int(part.ljust(3, "0"))
    if window_us > RECV_WINDOW_MAX_US:
        raise ApiError(-1131, "recvWindow must be less than 60000.")
    return window_us
