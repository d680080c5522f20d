"""The PROXY protocol, versions 1 and 2: how a balancer says on a TCP connection whose it is.

Source: https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt. Read strictly, since what follows the header is
taken for the client's. (The library proxy-protocol wants asyncio streams, which cost a task per connection, and takes
headers of any length.)
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

#: The longest line of version 1, as the specification counts it (§2.1).
V1_BYTES_MAX = 107
#: Addresses take 52 bytes and what cloud balancers add a few hundred. The bound of nginx.
V2_BYTES_MAX = 4096

V1_SIGNATURE = b"PROXY "
V2_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_FIXED_BYTES = 16
#: By family and protocol (§2.2): the size of one address. Others have none that could be an address on a network.
_V2_ADDRESS_BYTES = {0x11: 4, 0x21: 16}
_V2_UNNAMED = frozenset({0x00, 0x31})  # unspecified, Unix socket


class BadProxyHeaderError(Exception):
    """This is no header, or none that may be believed."""


class ProxyHeader(NamedTuple):
    """What a balancer said."""

    #: How many bytes it took.
    length: int
    #: The client's address. None: the connection is the balancer's own (a health check), or it knows none.
    source: str | None


def parse(data: bytes) -> ProxyHeader | None:
    """The header that `data` begins with; None as long as it may still become one.

    Raises:
        BadProxyHeaderError
    """
    if V2_SIGNATURE.startswith(data[: len(V2_SIGNATURE)]):
        return _parse_v2(data)
    if V1_SIGNATURE.startswith(data[: len(V1_SIGNATURE)]):
        return _parse_v1(data)
    raise BadProxyHeaderError("neither version 1 nor version 2")


def _parse_v1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, V1_BYTES_MAX)
    if end < 0:
        if len(data) >= V1_BYTES_MAX:
            raise BadProxyHeaderError("a line too long")
        return None
    words = data[:end].split(b" ")
    if words[1] == b"UNKNOWN":
        return ProxyHeader(end + 2, None)
    try:
        _, family, source, target, source_port, target_port = (word.decode("ascii") for word in words)
        addresses = [ipaddress.ip_address(source), ipaddress.ip_address(target)]
    except ValueError as error:
        raise BadProxyHeaderError("not two addresses and two ports") from error
    if any(family != f"TCP{address.version}" or "%" in str(address) for address in addresses):
        raise BadProxyHeaderError("not the addresses of a TCP connection")
    if not _is_port(source_port) or not _is_port(target_port):
        raise BadProxyHeaderError("no port")
    return ProxyHeader(end + 2, str(addresses[0]))


def _is_port(text: str) -> bool:
    return text.isdecimal() and str(int(text)) == text and int(text) <= 65_535


def _parse_v2(data: bytes) -> ProxyHeader | None:
    if len(data) < _V2_FIXED_BYTES:
        return None
    version, command = divmod(data[12], 16)
    length = _V2_FIXED_BYTES + int.from_bytes(data[14:16])
    if version != 2 or command > 1:
        raise BadProxyHeaderError("an unknown version or command")
    if length > V2_BYTES_MAX:
        raise BadProxyHeaderError("a header too long")
    kind = data[13]
    size = _V2_ADDRESS_BYTES.get(kind)
    is_local = command == 0
    if not is_local and size is None and kind not in _V2_UNNAMED:
        raise BadProxyHeaderError("not a TCP connection")
    if not is_local and size is not None and length < _V2_FIXED_BYTES + 2 * size + 4:
        raise BadProxyHeaderError("shorter than its addresses")
    if len(data) < length:
        return None
    if is_local or size is None:
        return ProxyHeader(length, None)
    return ProxyHeader(length, str(ipaddress.ip_address(data[_V2_FIXED_BYTES : _V2_FIXED_BYTES + size])))
