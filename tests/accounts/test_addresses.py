"""Whose address a limit is kept for."""

from __future__ import annotations

import pytest

from accounts.addresses import address_of


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "hops", "expected"),
    [
        ("203.0.113.9", "", 0, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", 0, "203.0.113.9"),  # nobody's word is taken
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),  # what the client wrote is on the left
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("203.0.113.9", "198.51.100.1", 2, "203.0.113.9"),  # did not come through both proxies
        ("203.0.113.9", "", 1, "203.0.113.9"),
        ("10.0.0.1", "not an address", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", 0, "203.0.113.9"),
        ("", "", 0, ""),  # a local socket has no address
    ],
)
def test_address(peer: str, forwarded_for: str, hops: int, expected: str) -> None:
    assert address_of(peer, forwarded_for, hops=hops) == expected
