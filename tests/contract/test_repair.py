"""Promise 4 of PROTOCOL §2: the server itself repairs what no push told, within 10 s, while the session lives.

The changes here are made by commands that share the database with the server and nothing else, so nobody announces
them. Clients do not ask for anything.
"""

from __future__ import annotations

import asyncio
import time

from tests.support.server import ServerProcess
from tests.support.site import Site
from tests.support.town import Person
from tests.support.world import World

WITHIN_S = 10.0

PREAMBLE = """
from django.utils import timezone
from accounts.models import User
from chat.services.memberships import member_add, member_remove
from chat.services.messages import SendRequest, message_edit, message_send
now = timezone.now()
def user(name):
    return User.objects.get(username=name).pk
"""


async def unannounced(site: Site, script: str) -> float:
    """Run `script` in a process that no server hears; when it was done at the latest."""
    await asyncio.to_thread(site.manage, "shell", "--verbosity=0", "--command", PREAMBLE + script, REDIS_URL="")
    return time.monotonic()


def send(person: Person, conversation: str, content: str) -> str:
    return (
        f"message_send(SendRequest(sender_id=user('{person.username}'), client_id='{content}',"
        f" conversation='{conversation}', content='{content}'), now=now)\n"
    )


async def test_messages_that_nobody_announced_arrive(
    mixed_world: World, shared_site: Site, shared_servers: list[ServerProcess]
) -> None:
    alice, bob = mixed_world.people(2)
    group = await mixed_world.group(alice, bob)
    sessions = [await mixed_world.online(person, server=server) for person in (alice, bob) for server in shared_servers]
    await sessions[0].ack(conversation=group, content="the last that was heard of")
    for session in sessions[1:]:
        await session.expect("message", seq=2)
    edit = (
        f"message_edit(actor_id=user('{alice.username}'), conversation='{group}', seq=2, content='edited',"
        " request_id='x', now=now)\n"
    )
    done = await unannounced(shared_site, send(bob, group, "first") + send(alice, group, "second") + edit)
    for session in sessions:
        changes = await session.collect("message", 3, timeout_s=done + WITHIN_S - time.monotonic())
        assert [(change["version"], change["content"]) for change in changes] == [
            (3, "first"),
            (4, "second"),
            (5, "edited"),
        ]
    # From here on pushes fit again, and nothing comes twice.
    await sessions[0].ack(conversation=group, content="live")
    for session in sessions[1:]:
        assert (await session.expect("message"))["content"] == "live"


async def test_comings_and_goings_that_nobody_announced_are_noticed(
    mixed_world: World, shared_site: Site, shared_servers: list[ServerProcess]
) -> None:
    owner, member, added = mixed_world.people(3)
    group = await mixed_world.group(owner, member)
    first, *_ = [await mixed_world.online(owner, server=server) for server in shared_servers]
    leaving = [await mixed_world.online(member, server=server) for server in shared_servers]
    joining = [await mixed_world.online(added, server=server) for server in shared_servers]
    names = f"actor_id=user('{owner.username}'), conversation='{group}', now=now"
    done = await unannounced(
        shared_site,
        f"member_add({names}, username='{added.username}')\n"
        f"member_remove({names}, username='{member.username}')\n" + send(owner, group, "for the new one only"),
    )
    for session in joining:
        await session.expect("conversation", conversation=group, timeout_s=done + WITHIN_S - time.monotonic())
    for session in leaving:
        await session.expect(
            "conversation", conversation=group, left=True, timeout_s=done + WITHIN_S - time.monotonic()
        )
        session.inbox.clear()
    await first.ack(conversation=group, content="live")
    for session in joining:
        await session.expect("message", content="live")
    for session in leaving:
        await session.fence()
        assert not session.inbox
