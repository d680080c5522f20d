"""`python -m tests.hostile.fuzz`: random and mutated packets by the million (docs/hostile-input.md).

    python -m tests.hostile.fuzz --target json --packets 1000000 --seed 1
    python -m tests.hostile.fuzz --target websocket --server uvicorn --packets 100000

Exits with 1 when something broke, and says how to do it again.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.hostile.exploring import Exploration, FuzzError, explore
from tests.hostile.siege import INTRUDERS, Outcome, SiegeError, besiege
from tests.hostile.targets import TARGETS
from tests.support.site import create_site
from tests.support.town import Town, populate
from tests.support.wire import TCP_PROTOBUF, WEBSOCKET_JSON
from tests.support.world import open_world

TRANSPORTS = ("tcp", "websocket")
#: The bystanders and the intruders.
PEOPLE = 2 + INTRUDERS
MIB = 1024 * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description="Send random and mutated packets; say what became of them.")
    parser.add_argument("--target", choices=(*TARGETS, *TRANSPORTS), required=True)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne", help="of tcp and websocket")
    options = parser.parse_args()
    try:
        if options.target in TARGETS:
            target = TARGETS[options.target]
            text = _explored(explore(target, packets=options.packets, seed=options.seed))
        else:
            text = _besieged(asyncio.run(_siege(options.target, options.server, options.packets, options.seed)))
    except (FuzzError, SiegeError) as error:
        sys.stderr.write(f"FAILED: {error}\n{error.__cause__!r}\n")
        return 1
    sys.stdout.write(text + "\n")
    return 0


async def _siege(transport: str, server_name: str, packets: int, seed: int) -> Outcome:
    with (
        tempfile.TemporaryDirectory() as directory,
        create_site(Path(directory), f"sqlite:///{directory}/db.sqlite3", None) as site,
    ):
        town = Town(site, populate(site, PEOPLE))
        # As in production: with DEBUG Django keeps its last 9,000 queries for each database thread.
        server = site.server(IM_SERVER=server_name, DEBUG="off", HTTPS="off", SECRET_KEY=secrets.token_urlsafe(50))
        async with open_world(town, server, WEBSOCKET_JSON, TCP_PROTOBUF) as world:
            return await besiege(world, transport=transport, packets=packets, seed=seed)


def _explored(found: Exploration) -> str:
    outcomes = ", ".join(f"{name} {count:,}" for name, count in found.outcomes.most_common())
    return (
        f"{found.packets:,} packets in {found.seconds:.0f} s, no exception: {outcomes}\n"
        f"steps of our code: {found.steps_of_seeds} by good packets, {found.steps} by all; {found.corpus} packets "
        f"kept; the slowest took {found.slowest_s * 1000:.1f} ms\n"
        f"resident memory: {_mib(*found.resident_bytes)}"
    )


def _besieged(outcome: Outcome) -> str:
    seconds, before, after = outcome.seconds, *outcome.sockets
    return (
        f"{outcome.packets:,} packets in {outcome.connections:,} connections in {seconds:.0f} s, nothing logged\n"
        f"bystanders: {len(outcome.latencies_s):,} messages, none lost; from send to receipt in ms: "
        f"{_quantiles_ms(outcome.latencies_s)}; before the siege {_quantiles_ms(outcome.quiet_latencies_s)}\n"
        f"the server's resident memory: {_mib(*outcome.resident_bytes)}; connections {before} → {after}"
    )


def _quantiles_ms(seconds: list[float]) -> str:
    ordered = sorted(value * 1000 for value in seconds)
    p50, p99 = (ordered[len(ordered) * percent // 100] for percent in (50, 99))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, at most {ordered[-1]:.0f}"


def _mib(before: int, after: int) -> str:
    return f"{before / MIB:.1f} → {after / MIB:.1f} MiB"


if __name__ == "__main__":
    sys.exit(main())
