"""The IP networks that a key may be used from."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from outcry.errors import InvalidValue
from outcry.gateways.addresses import plain_address

NETWORKS_MAX: Final = 32
"""Most networks of one key."""

# Addresses whose answer is remembered; beyond it all are forgotten.
_ANSWERS_MAX: Final = 1_024


class Networks:
    """Networks, of which an address is in one or not; without any, every address is in.

    An IPv4 address in the clothes of an IPv6 one (`::ffff:10.0.0.1`) counts as itself.

    >>> Networks(["10.0.0.0/8"]).hold("10.1.2.3"), Networks(["10.0.0.0/8"]).hold("11.0.0.1")
    (True, False)
    """

    __slots__ = ("_answers", "_networks", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the networks.

        Raises:
            InvalidValue: One is no network, or there are too many.
        """
        networks = [_network(text) for text in texts]
        if len(networks) > NETWORKS_MAX:
            raise InvalidValue("ip", str(len(networks)), f"networks, at most {NETWORKS_MAX}")
        self._networks = tuple(dict.fromkeys(networks))
        self.texts = tuple(map(str, self._networks))
        self._answers: dict[str, bool] = {}

    def hold(self, address: str) -> bool:
        """Tell whether an address is in one of them; a text that is no address is in none."""
        if not self._networks:
            return True
        answer = self._answers.get(address)
        if answer is None:
            answer = self._find(address)
            if len(self._answers) >= _ANSWERS_MAX:
                self._answers.clear()
            self._answers[address] = answer
        return answer

    def _find(self, address: str) -> bool:
        try:
            found = plain_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip())
    except ValueError as error:
        raise InvalidValue("ip", repr(text), f"must be an IP network: {error}") from None
