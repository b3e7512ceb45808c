"""A request to a plain route: its parameters, its body, and whose it is."""

from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from outcry.gateways.binance.call import read_form
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.route import SIGNED
from outcry.gateways.keys import Key
from outcry.gateways.plain.problem import BAD_REQUEST, ProblemError, invalid, of_validation
from outcry.gateways.times import TIME_MAX_MS
from outcry.gateways.venue import Venue

S = TypeVar("S", bound=Struct)

SIGNER: Final = "x-mbx-apikey"
"""The header that names the key of a signed call."""

_ID_DIGITS_MAX: Final = 20
_U64_MAX: Final = (1 << 64) - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class PlainCall:
    """A request.

    Attributes:
        venue: What is served.
        method: `GET`, `POST`, `PUT` or `DELETE`.
        path: The values in the path.
        query: The query string as it came.
        headers: The headers, by name in lower case.
        body: The body as it came.
        address: The client's address.
        received_ns: When it came, in nanoseconds since 1970 UTC.
        request_id: The id under which the journal and the answer know it, 128 bits.
        key: The key that it was made with, None for a route that asks for none.
        answer_headers: Headers of the answer beside the usual ones.
        status: The status of the answer, None for the route's usual one.
    """

    __slots__ = (
        "_key",
        "_parameters",
        "address",
        "answer_headers",
        "body",
        "headers",
        "method",
        "path",
        "query",
        "received_ns",
        "request_id",
        "status",
        "venue",
    )

    def __init__(
        self,
        venue: Venue,
        *,
        method: str,
        path: dict[str, str],
        query: bytes,
        headers: dict[str, str],
        address: str,
        received_ns: int,
    ) -> None:
        """Take a request, its body still to come."""
        self.venue: Final = venue
        self.method: Final = method
        self.path: Final = path
        self.query: Final = query
        self.headers: Final = headers
        self.address: Final = address
        self.received_ns: Final = received_ns
        self.body = b""
        self.request_id = venue.next_request_id()
        self.answer_headers: dict[str, str] = {}
        self.status: int | None = None
        self._key: Key | None = None
        self._parameters: Struct | None = None

    @property
    def key(self) -> Key:
        """The key that it was made with."""
        assert self._key is not None, "the route asks for a key"
        return self._key

    @key.setter
    def key(self, key: Key) -> None:
        self._key = key

    @property
    def account(self) -> int:
        """Whose it is."""
        return self.key.account

    @property
    def asked(self) -> Struct | None:
        """What the query says, None before it was read."""
        return self._parameters

    def parameters(self, wanted: type[S]) -> S:
        """Return what the query says, beside what belongs to a signature.

        Raises:
            ProblemError: It says something else, or twice, or what cannot be taken.
        """
        if self._parameters is None:
            self._parameters = self._read_parameters(wanted)
        assert isinstance(self._parameters, wanted), "a route has one kind of query"
        return self._parameters

    def _read_parameters(self, wanted: type[S]) -> S:
        try:
            said, _ = read_form(self.query)
        except ApiError as error:
            raise ProblemError(BAD_REQUEST, "invalid_query", error.text) from None
        if SIGNER in self.headers:
            for name in SIGNED:
                said.pop(name, None)
        try:
            return msgspec.convert(said, wanted, strict=False)
        except msgspec.ValidationError as error:
            raise of_validation(error, wanted) from None

    def read(self, wanted: type[S]) -> S:
        """Return what the body says.

        Raises:
            ProblemError: It is no JSON, or not of this shape.
        """
        try:
            return msgspec.json.decode(self.body, type=wanted)
        except msgspec.ValidationError as error:
            raise of_validation(error, wanted) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            detail = "The body is empty." if not self.body else f"The body is no JSON: {error}"
            raise ProblemError(BAD_REQUEST, "invalid_json", detail) from None

    def number(self, name: str, most: int = _U64_MAX) -> int:
        """Return a whole number in the path.

        Raises:
            ProblemError: It is none, or above `most`.
        """
        text = self.path[name]
        if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS_MAX):
            raise invalid(name, f"{text[:40]!r} is no whole number", f"0 to {most}")
        if int(text) > most:
            raise invalid(name, f"{text} is too large", f"0 to {most}")
        return int(text)


def time_ms(name: str, text: str | None) -> int | None:
    """Return a time in milliseconds since 1970 UTC, None for none.

    Raises:
        ProblemError: The text is neither a count of milliseconds nor a time by ISO 8601.

    >>> time_ms("from", "1700000000000"), time_ms("from", "2023-11-14T22:13:20Z")
    (1700000000000, 1700000000000)
    """
    if text is None:
        return None
    bound = "milliseconds since 1970 UTC, or ISO 8601, up to the year 9999"
    if text.isascii() and text.isdigit():
        if len(text) > _ID_DIGITS_MAX or int(text) > TIME_MAX_MS:
            raise invalid(name, "is too late", bound)
        return int(text)
    try:
        told = datetime.fromisoformat(text)
        told = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
        found = (told - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise invalid(name, f"{text[:40]!r} is no time", bound) from None
    if not 0 <= found <= TIME_MAX_MS:
        raise invalid(name, "is too early", bound)
    return found
