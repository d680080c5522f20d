"""A few seconds of what `make soak` does for ten minutes."""

from __future__ import annotations

from pathlib import Path

from lian_client import BackoffPolicy
from tests.clients.soak import Plan, soak
from tests.support.bad_network import Weather
from tests.support.server import ServerProcess
from tests.support.town import Town

#: As bad as ten minutes are, in six seconds.
STORM = Weather(7, delay_s=0.01, slice_bytes=20, life_s=0.8, stalled_one_in=300, stall_s=0.5)


async def test_a_storm(shared_town: Town, shared_server: ServerProcess, tmp_path: Path) -> None:
    """Waits are short, since connections live shorter than waits in earnest last."""
    plan = Plan(messages=250, seconds=6, weather=STORM, reconnect=BackoffPolicy(base=0.05, cap=0.3))
    figures = await soak(shared_town, shared_server, plan, tmp_path, evidence=tmp_path)
    assert figures.startswith("500 messages")
