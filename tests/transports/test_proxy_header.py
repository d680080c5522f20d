"""The PROXY header: what is one, what may still become one, and what must not be believed."""

from __future__ import annotations

import ipaddress

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.transports.proxy_header import V1_BYTES_MAX, V2_BYTES_MAX, BadProxyHeaderError, ProxyHeader, parse
from tests.support.proxy import v1, v2

IPV4 = ("198.51.100.7", "192.0.2.1")
IPV6 = ("2001:db8::7", "2001:db8::1")

GOOD = [
    (v1(*IPV4), "198.51.100.7"),
    (v1(*IPV6), "2001:db8::7"),
    (b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 0\r\n", "255.255.255.255"),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff:f...f:ffff anything 65535 at all\r\n", None),
    (v2(*IPV4), "198.51.100.7"),
    (v2(*IPV6), "2001:db8::7"),
    (v2(*IPV4, tail=b"\x04\x00\x03abc"), "198.51.100.7"),  # with a TLV
    (v2(*IPV4, tail=b"t" * (V2_BYTES_MAX - 28)), "198.51.100.7"),
    (v2(command=0), None),  # LOCAL: a health check
    (v2(*IPV4, command=0), None),
    (v2(), None),  # PROXY, of a family that it does not say
    (v2(kind=0x31, tail=b"/" * 216), None),  # a Unix socket
]

BAD = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x00\x00\x00\x10",
    b"\x16\x03\x01",  # TLS without a header before it
    b"proxy TCP4",
    b"PROXY\r\n",
    b"PROXY \r\n",
    b"PROXY TCP4\r\n",
    b"PROXY UDP4 198.51.100.7 192.0.2.1 1 2\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 1\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 1 2 3\r\n",
    b"PROXY TCP4  198.51.100.7 192.0.2.1 1 2\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 1 65536\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 01 2\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 -1 2\r\n",
    b"PROXY TCP4 198.51.100.007 192.0.2.1 1 2\r\n",
    b"PROXY TCP4 198.51.100.7 2001:db8::1 1 2\r\n",
    b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
    b"PROXY TCP6 198.51.100.7 192.0.2.1 1 2\r\n",
    b"PROXY TCP6 fe80::1%eth0 2001:db8::1 1 2\r\n",
    b"PROXY TCP4 \xff98.51.100.7 192.0.2.1 1 2\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 1 2\n" + b"x" * V1_BYTES_MAX,
    b"PROXY UNKNOWN " + b"x" * V1_BYTES_MAX,
    v2(*IPV4, version=1),
    v2(*IPV4, version=3),
    v2(*IPV4, command=2),
    v2(*IPV4, kind=0x12),  # UDP
    v2(*IPV4, kind=0x41),
    v2(*IPV4, kind=0x21),  # too short for IPv6
    v2(kind=0x11),
    v2(*IPV4, tail=b"t" * (V2_BYTES_MAX - 27)),
]


@pytest.mark.parametrize(("header", "source"), GOOD)
def test_a_header__says_whose_connection_it_is_and_where_it_ends(header: bytes, source: str | None) -> None:
    assert parse(header) == ProxyHeader(len(header), source)
    assert parse(header + b"what the client says") == ProxyHeader(len(header), source)


@pytest.mark.parametrize(("header", "source"), GOOD)
def test_the_beginning_of_a_header__may_become_one(header: bytes, source: str | None) -> None:
    assert all(parse(header[:cut]) is None for cut in range(len(header)))


@pytest.mark.parametrize("data", BAD)
def test_anything_else__is_refused(data: bytes) -> None:
    with pytest.raises(BadProxyHeaderError):
        parse(data)


def test_too_long__is_refused_before_it_has_arrived() -> None:
    with pytest.raises(BadProxyHeaderError):
        parse(v2(*IPV4, tail=b"t" * V2_BYTES_MAX)[:16])


@given(st.ip_addresses(), st.integers(0, 65_535), st.booleans())
def test_every_address__comes_through(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, is_text: bool
) -> None:
    target = "192.0.2.1" if isinstance(address, ipaddress.IPv4Address) else "2001:db8::1"
    make = v1 if is_text else v2
    header = parse(make(str(address), target, port=port))
    assert header is not None
    assert header.source is not None
    assert ipaddress.ip_address(header.source) == address


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda tail: b"PROXY " + tail)))
def test_any_bytes__are_a_header_or_not(data: bytes) -> None:
    try:
        header = parse(data)
    except BadProxyHeaderError:
        return
    assert header is None or header.length <= len(data)
