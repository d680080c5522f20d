"""Whose network address something comes from, on every transport.

The peer of a connection may be a proxy of our own, which says whose connection it hands on. It is believed when its
address is in `IM_TRUSTED_PROXIES`, and nobody else is: what a client writes about itself counts for nothing.

HTTP and WebSocket: imsite.asgi puts the client of `X-Forwarded-For` into the ASGI scope, so that it is Django's
`REMOTE_ADDR`, too. Raw TCP: chat.transports.proxied reads the PROXY header. This module says who is trusted, and what
a limit is kept for.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

#: What one customer usually has of IPv6: whoever holds one address of it holds all.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The address, or IPv6 network, that a limit is kept for."""
    return limit_key(request.META.get("REMOTE_ADDR", ""))


def limit_key(address: str) -> str:
    """The same for the peer of any kind of connection. A local socket has no address: the empty string."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


def is_trusted_proxy(address: str) -> bool:
    """Whether this peer is a proxy of ours."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.IM_TRUSTED_PROXIES)
