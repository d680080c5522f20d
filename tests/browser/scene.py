"""A small town life with a bit of everything that a page can show, long and awkward, made over the API.

Made once for all tests that only look at pages; who looks at them does not change it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.browser.pages import Page, Who
from tests.browser.stage import sign_in
from tests.support.client import Client
from tests.support.pictures import picture
from tests.support.populate import DEVICES, MODERATOR
from tests.support.server import ServerProcess
from tests.support.town import Person, Town
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

#: Names of one letter and of as many as there may be, with and without a place to break.
NAMES = ["Aleksandra Konstantinopolska-Wojciechowska von und zu Hohenfels", "王小明", "Q" * 64, "Jo"]
GROUP = "Neighbourhood orchestra for the summer regatta by the lake, twenty-sixth edition"
OTHER_GROUP = "夏日湖畔音乐节筹备组"
CHANNEL = "Lighthouse"
LONG_WORD = "https://example.org/" + "a-very-long-address-that-has-no-place-to-break/" * 6
SAID = [
    "Rehearsal **on the jetty**, with `flute` and a [lighthouse](https://example.org/).",
    LONG_WORD,
    "明天下午三点在湖边集合，记得带上雨伞和相机。",
    "> quoth the raven\n\n- oboe\n- cello\n\n1. tuba\n2. viola",
    "```python\n"
    + "jetty = lighthouse_with_a_rather_long_beam(argument_number_seven, argument_number_eight)  # aye\n" * 3
    + "```",
    "مرحبا بكم",
    "🎉",
    "\n".join(f"Verse {number} of a rather lengthy ballad." for number in range(1, 41)),
]
NOTE = "We met on the jetty, remember?"
ANSWERS = ["The jetty is fine", "I bring the umbrella", "Behold", "Aye aye"]
FILE = "score-of-the-rehearsal-on-the-jetty-with-a-very-lengthy-title-2026-11-22.final.v2.txt"


@dataclass(frozen=True)
class Scene:
    """What is there to be looked at."""

    server: ServerProcess
    alice: Person
    #: The names in the addresses of tests.browser.pages.
    ids: Mapping[str, str]
    #: Everything people typed, in words that no page of ours uses: what no translation can change.
    typed: str
    cookies: Mapping[Who, Mapping[str, str]]

    def address(self, page: Page) -> str:
        return page.address.format_map(self.ids)


async def _say(world: World, person: Person, conversation: str, texts: Sequence[str], **fields: Any) -> list[int]:
    """The numbers of these messages."""
    client = await Client.connect(world.server, link=WEBSOCKET_JSON)
    world.clients.append(client)
    await client.login(person.tokens["laptop"], device="laptop")
    acks = [await client.ack(conversation=conversation, content=text, **fields) for text in texts]
    return [ack["seq"] for ack in acks]


async def _make(world: World, town: Town, server: ServerProcess) -> Scene:
    alice, newcomer, owner, *others = world.people(3 + len(NAMES))
    bob, wang, _long, jo = others
    hers, his = world.rest(alice), world.rest(bob)
    for person, name in zip(others, NAMES, strict=True):
        await world.rest(person).patch("me/", {"name": name})

    direct = await world.direct(alice, bob)
    empty = await world.direct(alice, jo)
    notes = await world.direct(alice, alice)
    group = await world.group(alice, *others, title=GROUP)
    other_group = await world.group(owner, alice, bob, title=OTHER_GROUP)
    channel = await world.group(owner, alice, kind="channel", title=CHANNEL)
    archived = await world.group(alice, bob, title="Old umbrella")
    strange = await world.direct(bob, jo)
    await hers.patch(f"conversations/{archived}/", {"archived": True})
    await hers.patch(f"conversations/{other_group}/", {"pinned": True, "muted_until": 4_000_000_000_000})
    await hers.patch(f"conversations/{group}/members/{wang.username}/", {"role": "admin"})
    invite = await hers.post(f"conversations/{group}/invites/")
    asking = await hers.post(f"conversations/{group}/invites/", {"needs_approval": True})
    await world.rest(owner).call("POST", f"invites/{asking['token']}/accept/", {"note": LONG_WORD[:200]})
    await hers.patch(f"conversations/{group}/", {"description": "Umbrella, oboe"})
    await his.post("contact-requests/", {"username": alice.username, "note": LONG_WORD[:200]})
    await hers.post("contact-requests/", {"username": jo.username, "note": NOTE})
    await hers.post("contact-requests/", {"username": wang.username})
    await world.rest(wang).call("POST", f"contact-requests/{alice.username}/accept/", {})
    await hers.call("PUT", f"blocks/{owner.username}/")

    for conversation in (direct, group):
        await _say(world, bob, conversation, SAID)
    seq, own, *_ = await _say(world, alice, group, [ANSWERS[0], f"@{bob.username} {ANSWERS[1]}"])
    pictures = [await hers.upload(picture(size), f"wall-{size[0]}.png") for size in ((800, 600), (90, 900))]
    files = [*pictures, await hers.upload(b"the jetty", FILE)]
    await _say(world, alice, group, ANSWERS[2:3], attachments=[file["id"] for file in files])
    await _say(world, bob, group, ANSWERS[3:4], reply_to=own)
    for person, emoji in ((alice, "👍"), (bob, "👍"), (wang, "🎉"), (jo, "❤️")):
        await world.rest(person).put(f"conversations/{group}/messages/{seq}/reactions/{emoji}/")
    await hers.put(f"conversations/{group}/messages/{seq}/pin/")
    soon = (time.time_ns() // 1_000_000) + 40 * 86_400_000
    for name, text in (("oboe", LONG_WORD), ("cello", SAID[2])):
        later = {"id": name, "content": text, "send_at": soon, "silent": name == "cello"}
        await hers.post(f"conversations/{group}/scheduled/", later)
    [recalled] = await _say(world, bob, group, ["Aye"])
    await his.delete(f"conversations/{group}/messages/{recalled}/")
    [edited] = await _say(world, bob, group, ["Aye"])
    await his.patch(f"conversations/{group}/messages/{edited}/", {"content": "Nay aye"})
    await _say(world, owner, channel, ["The jetty is fine"])
    await _say(world, alice, notes, ["Umbrella, oboe"])

    site = town.site
    pk = {
        name: str(site.query(query)[0][0])
        for name, query in {
            "bob_pk": f"SELECT id FROM accounts_user WHERE username = '{bob.username}'",
            "device_pk": "SELECT MIN(id) FROM accounts_device",
            "message_pk": f"SELECT id FROM chat_message WHERE conversation_id = {int(group)} AND seq = {own}",
        }.items()
    }
    cookies: dict[Who, Mapping[str, str]] = {"nobody": {}}
    people: dict[Who, str] = {"alice": alice.username, "newcomer": newcomer.username, "moderator": MODERATOR}
    for who, username in people.items():
        cookies[who] = await sign_in(world.http, server.url, username)
    return Scene(
        server=server,
        alice=alice,
        ids={
            "direct": direct,
            "empty": empty,
            "notes": notes,
            "group": group,
            "other_group": other_group,
            "channel": channel,
            "strange": strange,
            "seq": str(seq),
            "own": str(own),
            "edited": str(edited),
            "bob": bob.username,
            "wang": wang.username,
            "invite": invite["token"],
            "asking": asking["token"],
            "no_invite": "A" * 22,
            "scheduled": "oboe",
            **pk,
        },
        typed=" ".join(
            [
                *NAMES,
                GROUP,
                OTHER_GROUP,
                CHANNEL,
                FILE,
                *SAID,
                *ANSWERS,
                NOTE,
                "Old Nay Umbrella oboe TXT",
                MODERATOR,
                *DEVICES,
            ]
        ),
        cookies=cookies,
    )


@asynccontextmanager
async def open_scene(town: Town, server: ServerProcess) -> AsyncIterator[Scene]:
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        made = await _make(world, town, server)
    yield made
