"""Addresses of clients."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def plain_address(text: str) -> IPv4Address | IPv6Address:
    """Return an address, out of the clothes of IPv6 where it is of IPv4.

    Raises:
        ValueError: The text is no address.

    >>> plain_address("::ffff:192.0.2.1")
    IPv4Address('192.0.2.1')
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
