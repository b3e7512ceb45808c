"""A route of the API: what it does, what it costs, and who may ask."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from outcry.gateways.binance.call import Call
from outcry.gateways.keys import Scope
from outcry.gateways.venue import Venue

Handler: TypeAlias = Callable[[Venue, Call], Coroutine[Any, Any, object]]
"""Answers a call: bytes are JSON already, all else is made JSON."""


SIGNED: Final = frozenset(("timestamp", "recvWindow", "signature"))
"""What every signed call has beside its own parameters."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route.

    Attributes:
        handler: What answers.
        parameters: What it reads.
        weight: What a call costs, in the units of the weight limit.
        scope: What the key of its caller must be for; None: it needs no key and no signature.
        orders: How many orders a call places.
        signed_parameters: What it reads of a signed call.
    """

    handler: Handler
    parameters: frozenset[str]
    weight: int | Callable[[Call], int] = 1
    scope: Scope | None = None
    orders: int = 0
    signed_parameters: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signed_parameters", self.parameters | SIGNED)
