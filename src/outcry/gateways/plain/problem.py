"""Errors as problem documents (RFC 9457), which name the field and what binds it."""

from typing import Final, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct, UnsetType

from outcry.errors import (
    CommandRejected,
    DiskNearlyFull,
    ExchangeHalted,
    InvalidValue,
    OutcryError,
    Overloaded,
    ProjectionLagging,
    RequestRepeated,
    UnknownAsset,
    UnknownSymbol,
)
from outcry.gateways.answering import AnswerLate
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.plain.naming import Naming
from outcry.protocol import RejectReason

BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
METHOD_NOT_ALLOWED: Final = 405
CONFLICT: Final = 409
REFUSED: Final = 422
UNAVAILABLE: Final = 503

MEDIA_TYPE: Final = "application/problem+json"

_TITLES: Final = {
    400: "The request cannot be taken",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "The body is too long",
    414: "The query string is too long",
    418: "Banned for a while",
    422: "Refused",
    429: "Too many requests",
    500: "A defect of the server",
    503: "Not available now",
}


class ProblemDocument(Struct, kw_only=True):
    """What went wrong.

    Attributes:
        type: The kind of problem: `about:blank`, for the status and `reason` say it.
        title: What the status means.
        status: The HTTP status.
        detail: What went wrong here.
        reason: The same in one word, for programs.
        field: Which field, parameter or header.
        bound: What binds it.
        request_id: The request, as in the header `x-request-id`.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    reason: str
    field: str | UnsetType = UNSET
    bound: str | UnsetType = UNSET
    request_id: str | UnsetType = UNSET


class ProblemError(Exception):
    """What a client is told went wrong.

    Attributes:
        status: The HTTP status.
        reason: The problem in one word.
        detail: What went wrong.
        field: Which field, None where it is none.
        bound: What binds it, None where nothing does.
        headers: Headers of the answer beside the usual ones.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        field: str | None = None,
        bound: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, reason, detail)
        self.status: Final = status
        self.reason: Final = reason
        self.detail: Final = detail
        self.field: Final = field
        self.bound: Final = bound
        self.headers: Final = headers or {}

    def document(self, request_id: str) -> ProblemDocument:
        """Return what is told."""
        return ProblemDocument(
            title=_TITLES[self.status],
            status=self.status,
            detail=self.detail,
            reason=self.reason,
            field=self.field or UNSET,
            bound=self.bound or UNSET,
            request_id=request_id,
        )


def invalid(field: str, detail: str, bound: str | None = None) -> ProblemError:
    """Return the problem of a value that cannot be taken."""
    text = f"{field}: {detail}" if field else detail
    return ProblemError(BAD_REQUEST, "invalid_value", text, field=field or None, bound=bound)


def of_validation(error: msgspec.ValidationError, wanted: type[Struct]) -> ProblemError:
    """Return the problem of values that are not of the types of `wanted`."""
    text, _, path = str(error).partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    for lead, detail, why in _MISFITS:
        name = text.partition(lead)[2].rstrip("`")
        if name:
            return invalid(f"{field}.{name}" if field else name, detail, why)
    if text.startswith("Invalid enum value"):
        value = text.removeprefix("Invalid enum value ")
        bound = f"must be one of {', '.join(_choices(wanted, field))}"
        return invalid(field, f"{value} {bound}", bound)
    bound = f"must be {text.removeprefix('Expected ')}"
    return invalid(field, bound, bound)


_MISFITS: Final = (
    ("unknown field `", "is no field of this request", "must not be there"),
    ("required field `", "is missing", "must be there"),
)


def _choices(wanted: type[Struct], name: str) -> tuple[str, ...]:
    """Return the words that a field may have."""
    for field in msgspec.structs.fields(wanted):
        if field.encode_name == name:
            parts = [field.type, *get_args(field.type)]
            words = (get_args(part) for part in parts if get_origin(part) is Literal)
            return tuple(word for each in words for word in each)
    return ()


def of_exchange(error: OutcryError, naming: Naming) -> ProblemError:
    """Return the problem that an error of the exchange is, in the names of its request."""
    if isinstance(error, CommandRejected):
        return _named(error, naming, _STATUSES.get(error.reason, REFUSED), str(error.reason))
    if isinstance(error, InvalidValue):
        return _named(error, naming, BAD_REQUEST, "invalid_value")
    if isinstance(error, UnknownSymbol | UnknownAsset | RequestRepeated):
        return _named(error, naming, *_NAMED[type(error)])
    if isinstance(error, ExchangeHalted):
        detail = f"The exchange stopped: {error.reason}. Nothing is acknowledged any more."
        return ProblemError(UNAVAILABLE, "exchange_halted", detail)
    found = _UNAVAILABLE.get(type(error))
    if found is None:
        return ProblemError(BAD_REQUEST, "refused", str(error))
    return ProblemError(UNAVAILABLE, found, str(error), headers={"retry-after": "1"})


_NAMED: Final[dict[type[OutcryError], tuple[int, str]]] = {
    UnknownSymbol: (NOT_FOUND, "unknown_symbol"),
    UnknownAsset: (NOT_FOUND, "unknown_asset"),
    RequestRepeated: (CONFLICT, "repeated"),
}
_UNAVAILABLE: Final[dict[type[OutcryError], str]] = {
    DiskNearlyFull: "disk_nearly_full",
    Overloaded: "overloaded",
    ProjectionLagging: "history_lagging",
    AnswerLate: "answer_late",
}


_STATUSES: Final = {
    RejectReason.UNKNOWN_ORDER: NOT_FOUND,
    RejectReason.UNKNOWN_LIST: NOT_FOUND,
    RejectReason.ASSET_EXISTS: CONFLICT,
    RejectReason.INSTRUMENT_EXISTS: CONFLICT,
}


def _named(error: OutcryError, naming: Naming, status: int, reason: str) -> ProblemError:
    field, bound = naming.field(error), naming.bound(error)
    return ProblemError(status, reason, naming.detail(error), field=field, bound=bound)


def of_api(error: ApiError) -> ProblemError:
    """Return the problem that an error in the words of the spot API is."""
    headers = {}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(error.retry_after_s)
    reason = _REASONS.get(error.status, "invalid_value")
    return ProblemError(error.status, reason, error.text, headers=headers)


_REASONS: Final = {
    UNAUTHORIZED: "not_authenticated",
    413: "body_too_long",
    414: "query_too_long",
    418: "banned",
    429: "too_many_requests",
    UNAVAILABLE: "unavailable",
}
