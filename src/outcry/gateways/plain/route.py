"""A plain route: where it is, what it reads and answers, and who may ask."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from msgspec import Struct

from outcry.gateways.keys import Scope
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.naming import KEY, field_names

Handler: TypeAlias = Callable[[PlainCall], Coroutine[Any, Any, object]]
"""Answers a call: a Struct is made JSON, a `Raw` goes as it is."""


class NoParameters(Struct, forbid_unknown_fields=True, frozen=True):
    """A query that says nothing."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no JSON of a Struct.

    Attributes:
        body: Its bytes.
        media_type: What they are.
    """

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PlainRoute:
    """A plain route.

    Attributes:
        method: Its method.
        path: Its path, with `{name}` for what varies.
        handler: What answers; its docstring describes the route.
        reply: The type of the answer; None for a `Raw` one.
        tag: The group that it is listed in.
        query: What its query may say.
        body: What its body says, None for no body.
        scope: What its key must be allowed, None where no key is asked for.
        admin: Whether it can be reached from the networks of administrators only.
        weight: What a call costs, in the units of the weight limit; what costs nothing is answered
            to banned addresses, too.
        orders: How many orders a call places.
        status: The status of its answer.
        idempotent: Whether it takes the header `Idempotency-Key`.
        media_type: What a `Raw` answer is.
        others: Other statuses than the route's and those of problems, with their meaning.
    """

    method: str
    path: str
    handler: Handler
    reply: Any
    tag: str
    query: type[Struct] = NoParameters
    body: type[Struct] | None = None
    scope: Scope | None = None
    admin: bool = False
    weight: int | Callable[[PlainCall], int] = 1
    orders: int = 0
    status: int = 200
    idempotent: bool = False
    media_type: str = "application/json"
    others: tuple[tuple[int, str], ...] = ()

    def names(self) -> frozenset[str]:
        """Return every name that can be said to it: of fields, parts of the path, a header."""
        names = {part[1:-1] for part in self.path.split("/") if part.startswith("{")}
        names.update(field_names(self.query))
        if self.body is not None:
            names.update(field_names(self.body))
        return frozenset(names | {KEY} if self.idempotent else names)


OK: Final = 200
CREATED: Final = 201
