"""A request as it came: its parameters, and the bytes that its signature is about."""

from typing import Final
from urllib.parse import unquote_to_bytes

from outcry import _native
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.times import NS_PER_MS

PARAMETERS_MAX: Final = 64
"""More parameters than any route has; nobody sends so many but to see what happens."""


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
        signed_bytes: What a signature is about: query and body as they came, without it.
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
        "signed_bytes",
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
        self.parameters, self.signed_bytes = read_form(query)
        if body:
            fields, signed_bytes = read_form(body)
            self.parameters = fields | self.parameters
            self.signed_bytes += signed_bytes

    def signed_bytes_decoded(self) -> bytes:
        """Return the bytes of a signature percent-decoded: some clients sign before they encode."""
        return unquote_to_bytes(self.signed_bytes.replace(b"+", b" "))


def read_form(raw: bytes) -> tuple[dict[str, str], bytes]:
    """Read form fields; return them, and the bytes that a signature among them is about.

    Raises:
        ApiError: They are no text, too many, or one is said twice.

    >>> read_form(b"symbols=%5B%22A%22%5D&signature=00&limit=5")
    ({'symbols': '["A"]', 'signature': '00', 'limit': '5'}, b'symbols=%5B%22A%22%5D&limit=5')
    """
    try:
        return _native.read_form(raw, PARAMETERS_MAX, "signature")
    except ValueError as problem:
        raise ApiError(*_PROBLEMS[str(problem)]) from None


_PROBLEMS: Final = {
    "illegal": (-1100, "Illegal characters found in a parameter."),
    "too_many": (-1101, "Too many parameters sent for this endpoint."),
    "repeated": (-1101, "Duplicate values for a parameter detected."),
}
