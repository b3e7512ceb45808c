"""Request ids: 128 bits under which the journal, the log and an answer know a request.

The engine remembers an account's newest ids and does nothing twice for the same one. The highest
bit parts those that the server makes, one for each request, from those that stand for a client's
own key, so neither is ever taken for the other.
"""

import hashlib
from itertools import count
from os import urandom
from typing import Final

KEYED: Final = 1 << 127
"""The bit of an id that stands for a client's key."""

_COUNTER_BITS: Final = 64
_BYTES: Final = 16


def made_ids() -> "count[int]":
    """Return ids that nobody else has: 63 bits of chance, then a counter from 1.

    >>> ids = made_ids()
    >>> first, second = next(ids), next(ids)
    >>> second - first, first & KEYED
    (1, 0)
    """
    chance = int.from_bytes(urandom(8), "little") >> 1
    return count(chance << _COUNTER_BITS | 1)


def keyed_id(account: int, route: str, key: str) -> int:
    """Return the id of an account's key on a route: 127 bits of a SHA-256.

    >>> keyed_id(7, "order", "a") == keyed_id(7, "order", "a") != keyed_id(8, "order", "a")
    True
    >>> keyed_id(7, "order", "a") & KEYED == KEYED
    True
    """
    said = f"{account}\0{route}\0{key}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:_BYTES], "little") | KEYED
