"""What an address asked for: weights in a minute, requests in five, and bans for who goes on.

An address that asks for more than a window allows is refused until the window ends (HTTP 429). One
that goes on regardless is banned (HTTP 418): for two minutes the first time, then for twice as
long each time, up to three days.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv6Address
from typing import Final, Self

from msgspec import Struct

from outcry.gateways.addresses import plain_address
from outcry.settings import ServeSettings

WEIGHT_WINDOW_MS: Final = 60_000
RAW_WINDOW_MS: Final = 300_000

# Who has one IPv6 address has the 2^64 of its network, and counts once.
_HOST_BITS: Final = 64


class Refusal(Enum):
    """Why a request is refused."""

    WEIGHT = "weight"
    """More weight than a minute allows: HTTP 429."""
    RAW = "raw"
    """More requests than five minutes allow: HTTP 429."""
    BANNED = "banned"
    """The address did not stop asking: HTTP 418."""


class Charge(Struct, frozen=True, gc=False):
    """What came of a request.

    Attributes:
        used_weight: The weight used in this minute, this request's included where it was taken.
        refusal: Why it is refused, None where it is not.
        retry_ms: When the next request can be taken, in milliseconds since 1970; 0 where this
            one was.
        retry_after_s: How long until then, in whole seconds, rounded up; 0 where it was taken.
    """

    used_weight: int
    refusal: Refusal | None
    retry_ms: int
    retry_after_s: int


@dataclass(frozen=True, slots=True)
class BanRule:
    """When an address is banned, and for how long.

    Attributes:
        refusals_max: Refused requests within a minute, above which the address is banned.
        first_s: How long the first ban lasts, in seconds; each further one lasts twice as long.
        longest_s: How long a ban lasts at most, in seconds; an address that was not banned for
            as long begins anew.
    """

    refusals_max: int = 100
    first_s: int = 120
    longest_s: int = 259_200


class _Use:
    """What an address used in its newest windows."""

    __slots__ = ("minute", "raw", "raw_window", "refused", "weight")

    def __init__(self) -> None:
        self.minute = self.raw_window = -1
        self.weight = self.raw = self.refused = 0


class _Offender:
    """When an address' newest ban ends, and how many it had."""

    __slots__ = ("bans", "until_ms")

    def __init__(self) -> None:
        self.bans = self.until_ms = 0


class RequestWeights:
    """What each address used, of at most so many addresses.

    An address is a text; those of one IPv6 network of 64 bits count as one. Where there are more
    addresses than are remembered, those that were quiet for longest are forgotten; of the banned,
    those that were banned longest ago.

    >>> weights = RequestWeights(weight_max=10)
    >>> weights.charge("192.0.2.1", 9, now_ms=60_000)
    Charge(used_weight=9, refusal=None, retry_ms=0, retry_after_s=0)
    >>> weights.charge("192.0.2.1", 2, now_ms=61_001)
    Charge(used_weight=9, refusal=<Refusal.WEIGHT: 'weight'>, retry_ms=120000, retry_after_s=59)
    """

    def __init__(
        self,
        weight_max: int = 6_000,
        raw_max: int = 61_000,
        ban_rule: BanRule | None = None,
        addresses_max: int = 65_536,
    ) -> None:
        """Begin with nothing used.

        Args:
            weight_max: The weight that an address may use in a minute.
            raw_max: How many requests an address may send in five minutes.
            ban_rule: When it is banned.
            addresses_max: How many addresses are remembered.
        """
        self.weight_max = weight_max
        self.raw_max = raw_max
        self._ban_rule = BanRule() if ban_rule is None else ban_rule
        self._addresses_max = addresses_max
        self._uses: OrderedDict[str, _Use] = OrderedDict()
        self._offenders: OrderedDict[str, _Offender] = OrderedDict()

    @classmethod
    def of(cls, settings: ServeSettings) -> Self:
        """Begin with nothing used, by the settings."""
        rule = BanRule(settings.refusals_max, settings.ban_s_first, settings.ban_s_max)
        return cls(
            settings.request_weight_max,
            settings.raw_requests_max,
            rule,
            settings.limited_addresses_max,
        )

    def __len__(self) -> int:
        return len(self._uses) + len(self._offenders)

    def charge(self, address: str, weight: int, now_ms: int) -> Charge:
        """Count a request of this weight, unless it is refused; what is refused costs nothing."""
        if ":" in address:
            address = _subject(address)
        if self._offenders:
            ban = self._ban(address, now_ms)
            if ban is not None:
                return ban
        use = self._uses.get(address)
        if use is None or use.minute != now_ms // WEIGHT_WINDOW_MS:
            use = self._turned(address, now_ms)
        if use.weight + weight > self.weight_max:
            return self._refused(address, use, Refusal.WEIGHT, now_ms)
        if use.raw >= self.raw_max:
            return self._refused(address, use, Refusal.RAW, now_ms)
        use.weight += weight
        use.raw += 1
        return Charge(use.weight, None, 0, 0)

    def used_weight(self, address: str, now_ms: int) -> int:
        """Return the weight that an address used in this minute."""
        use = self._uses.get(_subject(address) if ":" in address else address)
        if use is None or use.minute != now_ms // WEIGHT_WINDOW_MS:
            return 0
        return use.weight

    def _turned(self, address: str, now_ms: int) -> _Use:
        """Return what an address used in the windows that begin now or have begun."""
        use = self._uses.get(address)
        if use is None:
            if len(self._uses) >= self._addresses_max:
                self._uses.popitem(last=False)
            use = self._uses[address] = _Use()
        else:
            self._uses.move_to_end(address)
        use.minute = now_ms // WEIGHT_WINDOW_MS
        use.weight = use.refused = 0
        raw_window = now_ms // RAW_WINDOW_MS
        if use.raw_window != raw_window:
            use.raw_window, use.raw = raw_window, 0
        return use

    def _refused(self, address: str, use: _Use, refusal: Refusal, now_ms: int) -> Charge:
        use.refused += 1
        if use.refused > self._ban_rule.refusals_max:
            return self._banned(address, use, now_ms)
        length_ms = WEIGHT_WINDOW_MS if refusal is Refusal.WEIGHT else RAW_WINDOW_MS
        until_ms = (now_ms // length_ms + 1) * length_ms
        return _refusal(use.weight, refusal, until_ms, now_ms)

    def _banned(self, address: str, use: _Use, now_ms: int) -> Charge:
        rule = self._ban_rule
        offender = self._offenders.pop(address, None)
        if offender is None:
            if len(self._offenders) >= self._addresses_max:
                self._offenders.popitem(last=False)
            offender = _Offender()
        self._offenders[address] = offender
        lasts_s = min(rule.first_s << min(offender.bans, 64), rule.longest_s)
        offender.bans += 1
        offender.until_ms = now_ms + lasts_s * 1_000
        use.refused = 0
        return _refusal(use.weight, Refusal.BANNED, offender.until_ms, now_ms)

    def _ban(self, address: str, now_ms: int) -> Charge | None:
        """Return the refusal of an address that is banned; forget one that has been good."""
        offender = self._offenders.get(address)
        if offender is None:
            return None
        if now_ms < offender.until_ms:
            used = self.used_weight(address, now_ms)
            return _refusal(used, Refusal.BANNED, offender.until_ms, now_ms)
        if now_ms >= offender.until_ms + self._ban_rule.longest_s * 1_000:
            del self._offenders[address]
        return None


def _refusal(used_weight: int, refusal: Refusal, until_ms: int, now_ms: int) -> Charge:
    return Charge(used_weight, refusal, until_ms, -((now_ms - until_ms) // 1_000))


def _subject(address: str) -> str:
    """Return what an address with colons is counted as: its network, or its IPv4 address."""
    try:
        found = plain_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(IPv6Address(int(found) >> _HOST_BITS << _HOST_BITS))
    return str(found)
