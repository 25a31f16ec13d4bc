"""Addresses of clients, as gateways and load balancers write them."""

import ipaddress
import re
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# `203.0.113.1:4711`, `[2001:db8::1]` and `[2001:db8::1]:4711`. An IPv6 address without brackets has no port.
_WITH_PORT = re.compile(r"(?P<ipv4>[\d.]+):\d+|\[(?P<ipv6>[^\]]*)\](:\d+)?", re.ASCII)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SUBSCRIBER_PREFIX = 64  # bits of an IPv6 address: the network of one household, which can use any address in it


@lru_cache(maxsize=10_000)
def parse(text: str) -> Address | None:
    """The address without port, brackets, quotes and zone; IPv4 if it is written inside IPv6. None if unreadable."""
    text = text.strip().strip('"')
    if match := _WITH_PORT.fullmatch(text):
        text = match["ipv4"] or match["ipv6"] or ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return _embedded_ipv4(address) or address


def _embedded_ipv4(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def network_of(text: str) -> str:
    """The unit that rate limits count: an IPv4 address, or the /64 network of an IPv6 address."""
    address = parse(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, SUBSCRIBER_PREFIX), strict=False))
    return str(address or text)
