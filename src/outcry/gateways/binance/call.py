"""A request as it came: its parameters, and the bytes that its signature is about."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from outcry.gateways.binance.errors import ApiError
from outcry.gateways.times import NS_PER_MS

PARAMETERS_MAX: Final = 64
"""More parameters than any route has; nobody sends so many but to see what happens."""

_is_broken = re.compile(r"%(?![0-9A-Fa-f]{2})").search


class Call:
    """A request.

    Attributes:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        path: Where it went.
        query: The query string as it came.
        body: The body as it came: form fields, whatever its content type says.
        api_key: The key that it names, None without one.
        address: The client's address.
        received_ns: When it came, in nanoseconds since 1970 UTC.
        parameters: What query and body say; where both do, the query counts.
        account: Whose it is, once that is proven; else 0.
        unit_ns: The unit of all times in its reply, in nanoseconds.
        order_limit: Why it may place no order, where it goes on all the same; else None.
        request_id: The id under which the journal and the reply know it, 128 bits.
    """

    __slots__ = (
        "account",
        "address",
        "api_key",
        "body",
        "method",
        "order_limit",
        "parameters",
        "path",
        "query",
        "received_ns",
        "request_id",
        "unit_ns",
    )

    def __init__(
        self,
        method: str,
        path: str,
        query: bytes,
        body: bytes,
        *,
        api_key: str | None,
        address: str,
        received_ns: int,
        request_id: int,
    ) -> None:
        """Read a request.

        Raises:
            ApiError: Its parameters are no text, too many, or one is said twice.
        """
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.api_key = api_key
        self.address = address
        self.received_ns = received_ns
        self.request_id = request_id
        self.account = 0
        self.unit_ns = NS_PER_MS
        self.order_limit: ApiError | None = None
        self.parameters: dict[str, str] = read_parameters(query) if query else {}
        if body:
            self.parameters = read_parameters(body) | self.parameters

    def signed_bytes(self) -> bytes:
        """Return what a signature is about: query and body as they came, without the signature."""
        query = without_signature(self.query)
        return query + without_signature(self.body) if self.body else query

    def signed_bytes_decoded(self) -> bytes:
        """Return the same, percent-decoded: some clients sign before they encode."""
        return unquote_to_bytes(self.signed_bytes().replace(b"+", b" "))


def without_signature(raw: bytes) -> bytes:
    """Return form fields without the one of the signature.

    >>> without_signature(b"symbol=BTCUSDT&signature=00&timestamp=1")
    b'symbol=BTCUSDT&timestamp=1'
    """
    start = raw.find(b"signature=")
    if start < 0:
        return raw
    if start and raw[start - 1 : start] != b"&":
        return b"&".join(part for part in raw.split(b"&") if not part.startswith(b"signature="))
    end = raw.find(b"&", start)
    if end < 0:
        return raw[: max(0, start - 1)]
    return raw[:start] + raw[end + 1 :]


def read_parameters(raw: bytes) -> dict[str, str]:
    """Read form fields.

    Raises:
        ApiError: They are no text, too many, or one is said twice.

    >>> read_parameters(b"symbols=%5B%22A%22%5D&limit=5")
    {'symbols': '["A"]', 'limit': '5'}
    """
    try:
        text = raw.decode("ascii")
        parts = text.split("&", PARAMETERS_MAX)
        if len(parts) > PARAMETERS_MAX:
            raise ApiError(-1101, "Too many parameters sent for this endpoint.")
        found = {(pair := part.partition("="))[0]: pair[2] for part in parts if part}
        if "%" in text or "+" in text:
            found = {_decoded(name): _decoded(value) for name, value in found.items()}
    except ValueError:
        raise ApiError(-1100, "Illegal characters found in a parameter.") from None
    if len(found) < len(parts) - parts.count(""):
        raise ApiError(-1101, "Duplicate values for a parameter detected.")
    return found


def _decoded(text: str) -> str:
    if _is_broken(text):
        raise ValueError(text)
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
