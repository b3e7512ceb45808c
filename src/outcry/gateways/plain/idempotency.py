"""Requests that are done once, however often they are sent: the header `Idempotency-Key`."""

import hashlib
from typing import Final

from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.naming import KEY as HEADER
from outcry.gateways.plain.problem import REFUSED, ProblemError, invalid
from outcry.gateways.request_ids import keyed_id

REPLAYED: Final = "idempotent-replayed"
"""The header of an answer that repeats an earlier one."""

KEY_MAX: Final = 255
REMEMBERED_MAX: Final = 65_536


class Bodies:
    """What the newest keys were first sent with, so that another body is told from a repeat."""

    __slots__ = ("_most", "_seen")

    def __init__(self, most: int = REMEMBERED_MAX) -> None:
        self._most: Final = most
        self._seen: Final[dict[int, bytes]] = {}

    def take(self, call: PlainCall, route: str) -> bool:
        """Give a call the request id of its key; return whether it has one.

        Raises:
            ProblemError: The key is too long, or was sent with another body.
        """
        key = call.headers.get(HEADER)
        if key is None:
            return False
        if not 1 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
            bound = f"1 to {KEY_MAX} printable ASCII characters"
            raise invalid(HEADER, f"must be {bound}", bound)
        call.request_id = keyed_id(call.account, route, key)
        digest = hashlib.sha256(call.body).digest()
        known = self._seen.setdefault(call.request_id, digest)
        if known != digest:
            raise other_body()
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]
        return True

    def forget(self, call: PlainCall) -> None:
        """Forget a call that did not reach the exchange: it can be sent with another body."""
        self._seen.pop(call.request_id, None)


def other_body() -> ProblemError:
    """Return the problem of a key that was used for another request."""
    return ProblemError(
        REFUSED,
        "idempotency_key_reused",
        "This idempotency key was sent with another body before.",
        field=HEADER,
    )
