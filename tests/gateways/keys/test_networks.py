"""Goal: a key is used from its networks only. Method: a table, and networks against arithmetic."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.errors import InvalidValue
from outcry.gateways.keys import Networks
from outcry.gateways.keys.networks import NETWORKS_MAX


@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1))
def test_a_network_holds_what_shares_its_prefix(base: int, bits: int, address: int) -> None:
    network = IPv4Network((base >> (32 - bits) << (32 - bits), bits))
    networks = Networks([str(network)])
    expected = base >> (32 - bits) == address >> (32 - bits)
    text = str(IPv4Address(address))
    # The second answer is the remembered one.
    assert [networks.hold(text), networks.hold(text), networks.hold(f"::ffff:{text}")] == [
        expected
    ] * 3


@pytest.mark.parametrize(
    ("networks", "address", "held"),
    [
        ([], "192.0.2.1", True),
        ([], "nonsense", True),
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.1"], "192.0.2.2", False),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::7", True),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db9::7", False),
        (["0.0.0.0/0"], "::1", False),
        (["0.0.0.0/0"], "", False),
        (["0.0.0.0/0"], "10.0.0.1\n", False),
        (["0.0.0.0/0"], "\u0661.\u0661.\u0661.\u0661", False),
    ],
)
def test_an_address_is_in_a_network_or_not(networks: list[str], address: str, held: bool) -> None:
    assert Networks(networks).hold(address) is held


@given(st.text())
def test_a_text_that_is_no_address_is_in_none(text: str) -> None:
    assert not Networks(["192.0.2.7/32"]).hold(f"{text}z")


def test_a_network_that_is_none_is_named() -> None:
    for text in ("10.0.0.1/8", "10.0.0.0/33", "here", ""):
        with pytest.raises(InvalidValue, match=r"^ip: .* must be an IP network: "):
            Networks([text])
    many = [f"10.0.0.{number}" for number in range(NETWORKS_MAX + 1)]
    assert len(Networks(many[:-1]).texts) == NETWORKS_MAX
    with pytest.raises(InvalidValue, match=r"^ip: 33 networks, at most 32$"):
        Networks(many)


def test_what_is_remembered_is_bounded() -> None:
    networks = Networks(["10.0.0.0/8"])
    for number in range(3_000):
        assert networks.hold(f"10.0.{number // 256}.{number % 256}")
    assert len(networks._answers) <= 1_024
