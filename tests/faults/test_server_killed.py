"""Promise 1 of PROTOCOL §2: a crash at any point loses no acknowledged message, and a retry never doubles one."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from django.db import connection

from tests.faults.scene import Scene, open_scene
from tests.support.server import ServerProcess
from tests.support.town import Town

#: A minute's worth on the engine of one process; PostgreSQL itself is killed in tests/faults/test_postgres.py.
KILLS = {"sqlite": 20, "postgresql": 8}[connection.vendor]


async def crash_and_restart(scene: Scene, server: ServerProcess, dice: random.Random) -> None:
    """Some acks into the burst, at no particular moment, the process is gone; then it comes back."""
    await scene.progress(dice.randint(3, 25))
    server.kill()
    await asyncio.to_thread(server.start)


async def test_crashes_in_the_middle_of_a_burst(town: Town, tmp_path: Path) -> None:
    seed = 20_26
    dice = random.Random(seed)
    server = town.site.server(IM_REPAIR_SECONDS="1")
    async with open_scene(town, lambda: server) as scene:
        scene.start_writing()
        for _ in range(KILLS):
            await crash_and_restart(scene, server, dice)
        await scene.stop_writing(timeout_s=30)
        log = await scene.verdict(tmp_path / "history.jsonl")
        unknown = len(scene.history.of("info"))
        resent = len(scene.history.of("invoke")) - len(
            {(event.username, event.id) for event in scene.history.of("invoke")}
        )
        sys.stdout.write(
            f"{KILLS} kills, {scene.acknowledged} acks, {resent} resent, {unknown} unknown, {len(log)} stored\n"
        )
        # The crashes did hit something: sends whose outcome nobody knew at that moment.
        assert resent > KILLS / 2
        # Whatever was ever acknowledged is still answered with the same ack, and nothing is stored for it.
        for device in scene.devices:
            oks = {event.id: event.seq for event in scene.history.of("ok") if event.device == device.name}
            sends = {event.id: event.content for event in scene.history.of("invoke") if event.device == device.name}
            for id in dice.sample(sorted(oks), 5):
                await device.send(id, sends[id] or "")
        await scene.stop_writing(timeout_s=30)
        assert await scene.verdict(tmp_path / "history.jsonl") == log
