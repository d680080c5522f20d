"""The short form of `python -m tests.hostile.fuzz`: the same ways, always the same seed."""

from __future__ import annotations

import pytest

from tests.hostile.exploring import FuzzError, explore
from tests.hostile.siege import besiege
from tests.hostile.targets import TARGETS, Target
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.wire import TCP_PROTOBUF, WEBSOCKET_JSON
from tests.support.world import open_world

#: What a process may take more than when it was warm: the allocator's own ups and downs. A leak of 1 KiB a packet
#: would be 9 MiB in the run of a codec.
GROWTH_BYTES = 8 * 1024 * 1024
#: The same for a server, whose database connections and caches are not all there after so few packets.
SERVER_GROWTH_BYTES = 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "packets", "outcomes"),
    [
        ("framing", 5_000, {"refused", "half", "packets"}),
        ("json", 10_000, {"bad_frame", "unknown_type", "frame", "batch"}),
        ("protobuf", 10_000, {"noise", "bad_frame", "unknown_type", "frame", "batch"}),
        ("session", 1_000, {"bad_frame", "too_large", "awaiting_login", "active", "normal"}),
    ],
)
def test_no_bytes_break_a_pure_part(name: str, packets: int, outcomes: set[str]) -> None:
    found = explore(TARGETS[name], packets=packets, seed=1)
    # The packets are of use only while they come near to good ones, and further than those.
    assert {outcome for outcome, count in found.outcomes.items() if count > packets / 200} >= outcomes
    assert found.steps > found.steps_of_seeds
    before, after = found.resident_bytes
    assert after - before < GROWTH_BYTES


def test_a_broken_target__is_found_and_can_be_repeated() -> None:
    def run(packet: bytes) -> str:
        assert b"\xff\xff\xff\xff" not in packet
        return "fine"

    target = Target(run, seeds=[b"good"], trouble=[])
    with pytest.raises(FuzzError, match=r"seed 7, packet \d+: \w*ffffffff") as first:
        explore(target, packets=5_000, seed=7)
    with pytest.raises(FuzzError) as second:
        explore(target, packets=5_000, seed=7)
    assert str(first.value) == str(second.value)


@pytest.mark.parametrize(
    ("server", "transport", "packets"),
    [("daphne", "tcp", 3_000), ("daphne", "websocket", 2_000), ("uvicorn", "websocket", 2_000)],
)
async def test_no_bytes_disturb_a_server(
    shared_town: Town, servers: dict[str, ServerProcess], server: str, transport: str, packets: int
) -> None:
    async with open_world(shared_town, servers[server], WEBSOCKET_JSON, TCP_PROTOBUF) as world:
        outcome = await besiege(world, transport=transport, packets=packets, seed=1)
    before, after = outcome.resident_bytes
    assert after - before < SERVER_GROWTH_BYTES
    assert len(outcome.latencies_s) > 2
