"""Whose network address a request comes from, for limits by address.

X-Forwarded-For is whatever the peer cares to write, save for the entries that our own proxies appended on its
right. So nothing of it counts unless `IM_PROXY_HOPS` says how many those are, and then it is counted from the right.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

#: What one customer usually has of IPv6: whoever holds one address of it holds all.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The address, or IPv6 network, that a limit is kept for."""
    return address_of(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""), hops=settings.IM_PROXY_HOPS
    )


def address_of(peer: str, forwarded_for: str, *, hops: int) -> str:
    """As `client_address`, from the parts of any kind of connection.

    A request that has fewer entries than we have proxies did not come through them: its peer is what counts.
    """
    entries = [entry.strip() for entry in forwarded_for.split(",")]
    address = entries[-hops] if 0 < hops <= len(entries) else peer
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return peer
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)
