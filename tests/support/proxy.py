"""The header that a balancer writes before what it hands on, as its specification says, apart from the product's."""

from __future__ import annotations

import ipaddress

V2_SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")


def v1(source: str, target: str, *, port: int = 50_000) -> bytes:
    """Version 1: a line of text."""
    family = f"TCP{ipaddress.ip_address(source).version}"
    return f"PROXY {family} {source} {target} {port} 9100\r\n".encode()


def v2(
    source: str | None = None,
    target: str | None = None,
    *,
    port: int = 50_000,
    version: int = 2,
    command: int = 1,
    kind: int | None = None,
    tail: bytes = b"",
) -> bytes:
    """Version 2: binary. Without addresses it is of no family; `tail` holds what balancers add."""
    body = b""
    if source is not None and target is not None:
        addresses = [ipaddress.ip_address(source), ipaddress.ip_address(target)]
        body = b"".join(address.packed for address in addresses) + port.to_bytes(2) + (9100).to_bytes(2)
        kind = kind if kind is not None else {4: 0x11, 6: 0x21}[addresses[0].version]
    body += tail
    return V2_SIGNATURE + bytes([version << 4 | command, kind or 0]) + len(body).to_bytes(2) + body
