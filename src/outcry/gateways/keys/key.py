"""A key: whose it is, what it may do, from where, and how its signatures are checked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import NamedTuple, Self

from outcry.errors import InvalidValue
from outcry.gateways.keys.networks import Networks


class Scope(IntFlag):
    """What a key may do; the values are those in `keys.db`.

    Attributes:
        READ: See the account: balances, orders, trades.
        TRADE: Place, change and cancel its orders.
        WITHDRAW: Ask for withdrawals from it.
        ADMIN: Steer the exchange: assets, instruments, deposits, states, accounts.
    """

    READ = 1
    TRADE = 2
    WITHDRAW = 4
    ADMIN = 8

    @classmethod
    def of(cls, *names: str) -> Self:
        """Return the scopes of these names, in either case.

        Raises:
            InvalidValue: A name is unknown, or there is none.
        """
        known = {scope.name.lower(): scope for scope in cls if scope.name}
        scopes = cls(0)
        for name in names:
            scope = known.get(name.strip().lower())
            if scope is None:
                raise InvalidValue("scope", repr(name), f"must be of {', '.join(known)}")
            scopes |= scope
        if not scopes:
            raise InvalidValue("scope", "none", f"must be at least one of {', '.join(known)}")
        return scopes

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is in it, in lower case."""
        return tuple(each.name.lower() for each in type(self) if each in self and each.name)


class KeyKind(StrEnum):
    """How a key's requests are signed."""

    HMAC = "hmac"
    ED25519 = "ed25519"
    RSA = "rsa"


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A key that requests are signed with.

    Attributes:
        api_key: Its name, 64 letters and digits; no secret.
        kind: How requests are signed.
        account: Whose it is.
        scopes: What it may do.
        networks: The networks it may be used from; without any, from everywhere.
        created_ns: When it was made, in nanoseconds since 1970.
        label: What its owner calls it.
        verify: `verify(payload, signature)` tells whether the signature is that of the payload:
            HMAC in hexadecimal digits, the others in base64, the text of any length and content.
        is_secret: Tells whether a text is the key's secret, in constant time; only a key of HMAC
            has one.
    """

    api_key: str
    kind: KeyKind
    account: int
    scopes: Scope
    networks: Networks = field(repr=False)
    created_ns: int
    label: str
    verify: Callable[[bytes, str], bool] = field(repr=False)
    is_secret: Callable[[str], bool] = field(repr=False)

    def has(self, scope: Scope) -> bool:
        """Tell whether it may do all of this."""
        # The flags' own operators make a flag for each answer, which costs a microsecond.
        return int.__and__(self.scopes, scope) == scope

    def allows(self, ip: str) -> bool:
        """Tell whether it may be used from an address."""
        return self.networks.hold(ip)


class NewKey(NamedTuple):
    """A key that was just made.

    Attributes:
        api_key: Its name.
        secret: What requests are signed with; None where its owner has it.
    """

    api_key: str
    secret: str | None
