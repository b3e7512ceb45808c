"""What a refusal of the exchange speaks of, by the names that the client sent.

The exchange names arguments of its calls and fields of its records. A route knows what can be said
to it: the fields of its body and query, the parts of its path, a header. Only these are ever told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from outcry.errors import CommandRejected, InvalidValue, OutcryError, RequestRepeated, UnknownAsset
from outcry.protocol import RejectReason

KEY: Final = "idempotency-key"
"""The header under which a request is done once only."""

_FILTERS: Final = "filters."

# Several names stand in the order in which they are looked for: what was sent comes first.
_BY_REASON: Final[dict[RejectReason, tuple[str, ...]]] = {
    RejectReason.INSUFFICIENT_BALANCE: ("amount", "quantity"),
    RejectReason.INVALID_INSTRUMENT: ("base, quote", "symbol"),
    RejectReason.INVALID_SOURCE: ("source, source_number",),
    RejectReason.TOO_MANY_SOURCES: ("source",),
}
_BY_FIELD: Final[dict[str, tuple[str, ...]]] = {
    "account": ("account", "payer"),
    "account_state": ("state",),
    "asset": ("asset", "name"),
    "asset, name": ("name",),
    "display_lots": ("display",),
    "expire_time_ns": ("expire_ms",),
    "flags": ("post_only",),
    "instrument": ("symbol",),
    "lot_mantissa": ("lot",),
    "notional": ("amount", "quantity"),
    "order_type": ("type",),
    "price_max_ticks, quantity_max_lots": ("filters.price_max, filters.quantity_max",),
    "price_ticks": ("price",),
    "quantity_lots": ("quantity",),
    "request_id": ("source_number", KEY),
    "stop_unit": ("trail", "trail_ppm"),
    "symbol, base_asset, quote_asset": ("symbol, base, quote", "symbol"),
    "tick_mantissa, lot_mantissa": ("tick, lot",),
    "withdrawal": ("withdrawal_id",),
    "withdrawal_sequence": ("withdrawal_id",),
}
_BOUNDS: Final[dict[RejectReason, str]] = {
    RejectReason.INVALID_FLAGS: "must be false for an order that takes or waits for a stop",
    RejectReason.INVALID_TIME_IN_FORCE: "must be ioc or fok of a market order, ioc of an amount",
    RejectReason.INVALID_PRICE: "must be said where a limit belongs, and else left out",
    RejectReason.INVALID_QUANTITY: "must be said, but for an order by amount",
    RejectReason.INVALID_STOP: "must be said of a stop alone, and trail below 1000000 ppm",
    RejectReason.INVALID_TRIGGER: "must be rise or fall of a stop, and else left out",
    RejectReason.INVALID_EXPIRY: "must lie ahead for gtd, and else be left out",
    RejectReason.INVALID_ORDER_TYPE: "must be limit, market, stop or stop_limit",
    RejectReason.INVALID_SIDE: "must be buy or sell",
    RejectReason.INVALID_SELF_TRADE: "must be one of the documented words",
    RejectReason.INVALID_STOP_UNIT: "must be a price, or one of trail and trail_ppm",
    RejectReason.INVALID_ORDER_ID: "must be above 0",
    RejectReason.INVALID_INSTRUMENT: "must differ",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one request.

    Attributes:
        known: What can be said to its route.
        sent: What was said, by name.
    """

    known: frozenset[str]
    sent: Mapping[str, object]

    def field(self, error: OutcryError) -> str | None:
        """Return what an error speaks of; None where the client cannot say it."""
        said: str | None = getattr(error, "field", None)
        if said is None:
            return None
        names = _BY_FIELD.get(said, (said, _FILTERS + said))
        if isinstance(error, CommandRejected):
            names = _BY_REASON.get(error.reason, names)
        if isinstance(error, UnknownAsset):
            names = tuple(name for name, value in self.sent.items() if value == error.asset)
        if isinstance(error, RequestRepeated):
            names = _BY_FIELD["request_id"]
        return self._first(names)

    def detail(self, error: OutcryError) -> str:
        """Return what went wrong, behind the name of what it speaks of."""
        field = self.field(error)
        text = self._text(error)
        return text if field is None else f"{field}: {text}"

    def bound(self, error: OutcryError) -> str | None:
        """Return what binds the field, None for nothing that could be told."""
        if isinstance(error, InvalidValue):
            return error.bound
        if not isinstance(error, CommandRejected) or error.bound is None:
            return None
        return _BOUNDS.get(error.reason, str(error.bound))

    def _text(self, error: OutcryError) -> str:
        if isinstance(error, RequestRepeated):
            return _repeated(error)
        if isinstance(error, CommandRejected) and error.reason in _BOUNDS:
            return f"{error.reason}, {_BOUNDS[error.reason]}"
        return str(error).removeprefix(f"{getattr(error, 'field', '')}: ")

    def _first(self, names: tuple[str, ...]) -> str | None:
        known = [name for name in names if self.known.issuperset(name.split(", "))]
        sent = (name for name in known if self.sent.keys() >= set(name.split(", ")))
        return next(sent, known[0] if known else None)


def sent_names(
    path: Mapping[str, str], headers: Mapping[str, str], query: Struct | None, body: bytes
) -> dict[str, object]:
    """Return what a request says, by name; nothing of a body that is no JSON object."""
    sent: dict[str, object] = dict(path)
    if KEY in headers:
        sent[KEY] = headers[KEY]
    if query is not None:
        said = msgspec.structs.asdict(query).items()
        sent.update((name, value) for name, value in said if value is not None)
    try:
        whole = msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        whole = {}
    if isinstance(whole, dict):
        sent.update(whole)
        filters = whole.get("filters")
        if isinstance(filters, dict):
            sent.update({f"{_FILTERS}{name}": value for name, value in filters.items()})
    return sent


def field_names(kind: type[Struct], lead: str = "") -> Iterator[str]:
    """Yield the names of a struct's fields, and those of the structs in them behind a dot."""
    for field in msgspec.structs.fields(kind):
        yield lead + field.encode_name
        for each in (field.type, *get_args(field.type)):
            if _is_struct(each):
                yield from field_names(each, f"{lead}{field.encode_name}.")


def _is_struct(kind: Any) -> bool:  # noqa: ANN401 - whatever a field's type may be
    return isinstance(kind, type) and issubclass(kind, Struct)


def _repeated(error: RequestRepeated) -> str:
    if not error.first_sequence:
        return "is not above the source's last one, so nothing was done"
    outcome = f"refused ({error.outcome})" if error.outcome else "accepted"
    return f"was seen at sequence {error.first_sequence} and {outcome} then; nothing was done now"
