"""How often both sides beat (PROTOCOL §6).

Mobile radios are woken by every packet, so phones beat less often, and on cellular networks less
often still; but never so seldom that a NAT forgets the connection (observed from 60 s upwards).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

#: Either side closes when it has heard nothing for this many intervals: two beats may get lost.
SILENT_INTERVALS = 3

#: Key of the table for a mobile device on one of CELLULAR_NETWORKS, whatever its platform.
CELLULAR = "cellular"
CELLULAR_NETWORKS = frozenset({"4g", "3g"})
MOBILE_PLATFORMS = frozenset({"ios", "android"})

#: Seconds by platform, for settings that do not say otherwise.
DEFAULT_INTERVALS: Mapping[str, float] = MappingProxyType(
    {"web": 30, "desktop": 30, "bot": 30, "android": 45, "ios": 40, CELLULAR: 60}
)


class HeartbeatPolicy(msgspec.Struct, kw_only=True, frozen=True):
    """The rhythm of one session in seconds, as `login` tells it to the client."""

    interval: float
    timeout: float


def heartbeat_policy(
    platform: str, network: str | None = None, table: Mapping[str, float] = DEFAULT_INTERVALS
) -> HeartbeatPolicy:
    """The policy for a device on a network.

    `table` gives seconds by platform and for CELLULAR; what it lacks is as in DEFAULT_INTERVALS,
    and a platform that nobody knows beats like a browser.
    """
    key = CELLULAR if network in CELLULAR_NETWORKS and platform in MOBILE_PLATFORMS else platform
    interval = table.get(key) or DEFAULT_INTERVALS.get(key) or DEFAULT_INTERVALS["web"]
    return HeartbeatPolicy(interval=interval, timeout=interval * SILENT_INTERVALS)
