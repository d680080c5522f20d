"""Who beats how often."""

from __future__ import annotations

import pytest

from chat.protocol.heartbeat import heartbeat_policy


@pytest.mark.parametrize(
    ("platform", "network", "interval"),
    [
        ("web", None, 30),
        ("desktop", "wifi", 30),
        ("bot", None, 30),
        ("android", None, 45),
        ("android", "wifi", 45),
        ("android", "unknown", 45),
        ("ios", None, 40),
        ("ios", "wifi", 40),
        ("ios", "4g", 60),
        ("ios", "3g", 60),
        ("android", "4g", 60),
        ("android", "3g", 60),
        ("web", "4g", 30),  # a browser on a tethered laptop is no mobile device
        ("desktop", "3g", 30),
        ("ios", "6g", 40),
        ("fridge", "4g", 30),
    ],
)
def test_the_contracts_intervals(platform: str, network: str | None, interval: int) -> None:
    policy = heartbeat_policy(platform, network)
    assert (policy.interval, policy.timeout) == (interval, interval * 3)


def test_settings__may_change_some() -> None:
    table = {"web": 1, "cellular": 120}
    assert heartbeat_policy("web", None, table).interval == 1
    assert heartbeat_policy("web", None, table).timeout == 3
    assert heartbeat_policy("ios", "4g", table).interval == 120
    assert heartbeat_policy("ios", None, table).interval == 40
