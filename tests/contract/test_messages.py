"""Promises 1 to 3 of PROTOCOL §2 for two people: a message arrives live, everywhere, once, and a retry is free."""

from __future__ import annotations

import asyncio
import time
from itertools import cycle
from typing import Any

import pytest

from tests.support.client import Client, new_id
from tests.support.server import ServerProcess
from tests.support.wire import Ability, Frame
from tests.support.world import World


async def test_a_message_arrives_live_and_whole(world: World) -> None:
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    ack = await sending.ack(id="the-id", receiver=bob.username, content="你好 **Bob**")
    message = await receiving.expect("message")
    assert message == {
        "type": "message",
        "conversation": ack["conversation"],
        "seq": 1,
        "version": 1,
        "id": "the-id",
        "sender": alice.username,
        "receiver": bob.username,
        "kind": "text",
        "content": "你好 **Bob**",
        "timestamp": ack["timestamp"],
    }
    assert ack == {
        "type": "ack",
        "id": "the-id",
        "conversation": message["conversation"],
        "seq": 1,
        "version": 1,
        "timestamp": ack["timestamp"],
    }


@pytest.mark.needs(Ability.PUSHES)  # over REST the conversation is made first
async def test_the_first_message_brings_its_conversation(world: World) -> None:
    """Each of the two sees the other's name as the title; the receiver has one unread, the sender none."""
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    ack = await sending.ack(receiver=bob.username, content="hello")
    mine = await sending.expect("conversation", conversation=ack["conversation"])
    theirs = await receiving.expect("conversation", conversation=ack["conversation"])
    assert (mine["kind"], mine["title"], mine["unread"]) == ("direct", bob.name, 0)
    assert (theirs["kind"], theirs["title"], theirs["unread"]) == ("direct", alice.name, 1)
    assert theirs["last_message"]["content"] == "hello"


async def test_a_message_arrives_within_half_a_second(world: World) -> None:
    """The fastest of several: a machine with much to do may take its time, a timer in the way would delay them all."""
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    took = []
    for number in range(5):
        begun = time.monotonic()
        await sending.send("message", id=new_id(), receiver=bob.username, content=str(number))
        await receiving.expect("message", content=str(number))
        took.append(time.monotonic() - begun)
    assert min(took) < 0.5


async def test_the_seed_form_arrives(mixed_world: World) -> None:
    """Five fields, no id: the plain form that any client may always send."""
    sender = mixed_world.rest(None)
    for username in ("user123", "user456"):
        account = {"username": username, "password": "a good long passphrase", "name": username.title()}
        assert (await sender.call("POST", "accounts/", account)).status_code in (201, 409)  # 409: there already
    tokens = {}
    for username in ("user123", "user456"):
        device = {"id": f"seed-{new_id()}", "platform": "bot"}
        login = {"username": username, "password": "a good long passphrase", "device": device}
        tokens[username] = (await sender.post("tokens/", login))["token"]
    first, second = await mixed_world.connect(), await mixed_world.connect()
    await first.login(tokens["user123"])
    await second.login(tokens["user456"])
    text = '{"type":"message","sender":"user123","receiver":"user456","content":"Hello!","timestamp":1712345678}'
    await first.send_raw(text)
    ack = await first.expect("ack")
    message = await second.expect("message", content="Hello!")
    assert (message["sender"], message["receiver"]) == ("user123", "user456")
    assert message["id"] == ack["id"]
    assert len(message["id"]) >= 32
    assert message["timestamp"] == ack["timestamp"] > 1_700_000_000_000


async def test_nobody_sends_in_anothers_name(world: World) -> None:
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    for sender in (bob.username, "somebody", ""):
        assert await sending.refusal("message", sender=sender, receiver=bob.username, content="x") == "forbidden"
    await sending.ack(sender=alice.username.upper(), receiver=bob.username, content="in my own name")
    await receiving.expect("message", content="in my own name")
    assert not receiving.seen("message")


async def test_the_senders_other_devices_get_the_message_and_the_sending_session_only_the_ack(world: World) -> None:
    alice, bob = world.people(2)
    phone, laptop = await world.online(alice, "phone"), await world.online(alice, "laptop")
    second_of_phone = await world.online(alice, "phone")
    ack = await phone.ack(receiver=bob.username, content="from my phone")
    for other in (laptop, second_of_phone):
        message = await other.expect("message", conversation=ack["conversation"], seq=ack["seq"])
        assert message["id"] == ack["id"]
        assert not other.seen("ack")
    await phone.fence()
    assert not phone.seen("message")


async def test_a_message_to_oneself_is_a_conversation_too(world: World) -> None:
    alice = world.person()
    phone, laptop = await world.online(alice, "phone"), await world.online(alice, "laptop")
    await phone.ack(receiver=alice.username, content="remember the milk")
    message = await laptop.expect("message")
    assert (message["sender"], message["receiver"]) == (alice.username, alice.username)
    conversation = await laptop.expect("conversation", conversation=message["conversation"])
    assert conversation["unread"] == 0


async def test_names_are_the_same_in_upper_and_lower_case(world: World) -> None:
    alice, bob = world.people(2)
    session = await world.online(alice)
    first = await session.ack(receiver=bob.username, content="1")
    second = await session.ack(receiver=bob.username.upper(), content="2")
    assert (second["conversation"], second["seq"]) == (first["conversation"], 2)


@pytest.mark.parametrize("receiver", ["nobody-of-this-name", "‮", "p0001 "])
async def test_nobody_cannot_receive(world: World, receiver: str) -> None:
    session = await world.online(world.person())
    assert await session.refusal("message", receiver=receiver, content="hello") == "not_found"


@pytest.mark.needs(Ability.BYTES)  # REST looks at the form of a name first
@pytest.mark.parametrize("receiver", ["", "x" * 500])
async def test_what_is_no_name_cannot_receive_either(world: World, receiver: str) -> None:
    session = await world.online(world.person())
    assert await session.refusal("message", receiver=receiver, content="hello") == "not_found"


#: One frame of each kind that names a conversation, without its name.
ABOUT_A_CONVERSATION: dict[str, dict[str, Any]] = {
    "message": {"content": "hello"},
    "edit": {"seq": 1, "content": "hello"},
    "recall": {"seq": 1},
    "react": {"seq": 1, "emoji": "👍"},
    "read": {"seq": 1},
    "unread": {"seq": 1},
    "received": {"seq": 1},
    "typing": {},
}

#: Ids of no conversation, among them every other spelling of a number that might be one.
NO_CONVERSATIONS = ["1", "0", "-1", "", "x", "01", "+1", " 1", "1e3", "１", "9223372036854775807", "9" * 19, "9" * 400]


@pytest.mark.parametrize("conversation", NO_CONVERSATIONS)
async def test_a_conversation_that_does_not_exist_is_not_found(world: World, conversation: str) -> None:
    session = await world.online(world.person())
    for type, fields in world.sayable(ABOUT_A_CONVERSATION).items():
        assert await session.refusal(type, conversation=conversation, **fields) == "not_found", type


async def test_what_others_talk_about_is_not_found_either(world: World) -> None:
    """Absent and forbidden have one answer, so nobody learns what exists."""
    alice, bob, eve = world.people(3)
    sending, curious = await world.all_online([alice, eve])
    theirs = (await sending.ack(receiver=bob.username, content="secret"))["conversation"]
    for type, fields in world.sayable(ABOUT_A_CONVERSATION).items():
        assert await curious.refusal(type, conversation=theirs, **fields) == "not_found", type
    # The real id in a sync brings nothing, whatever the cursor.
    for cursor in (0, 1, 10**6):
        [page] = await curious.sync({theirs: cursor})
        assert (page["messages"], page["conversations"], page["cursors"]) == ([], [], {})
    await curious.fence()
    assert not curious.seen("message")


async def test_a_reply_and_a_mention_are_kept(world: World) -> None:
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    await sending.ack(receiver=bob.username, content="first")
    ack = await sending.ack(
        receiver=bob.username, content=f"@{bob.username} see above", reply_to=1, mentions=[bob.username, "nobody-here"]
    )
    message = await receiving.expect("message", seq=ack["seq"])
    assert (message["reply_to"], message["mentions"]) == (1, [bob.username])
    assert await sending.refusal("message", receiver=bob.username, content="?", reply_to=99) == "not_found"


async def test_a_card_carries_its_payload(world: World) -> None:
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    payload = {"title": "Lunch", "options": [{"text": "面条", "votes": 3}, {"text": "饭", "votes": None}]}
    await sending.ack(receiver=bob.username, content="a card", kind="card", payload=payload)
    message = await receiving.expect("message", kind="card")
    assert message["payload"] == payload


async def test_html_comes_rendered_and_sanitised_to_those_who_asked(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    page, app = await world.online(bob, "laptop", html=True), await world.online(bob, "phone")
    content = "**bold** <script>alert(1)</script>"
    ack = await sending.ack(receiver=bob.username, content=content)
    pushed = await page.expect("message", content=content)
    assert "<strong>bold</strong>" in pushed["html"]
    assert "<script" not in pushed["html"]
    assert "html" not in await app.expect("message", content=content)
    [synced] = (await page.sync({ack["conversation"]: 0}))[0]["messages"]
    assert synced["html"] == pushed["html"]
    assert "html" not in (await app.sync({ack["conversation"]: 0}))[0]["messages"][0]


# --- promise 2: retries are free -----------------------------------------------


async def test_a_repeated_id_gets_the_same_ack_and_is_seen_once(world: World) -> None:
    alice, bob = world.people(2)
    phone, receiving = await world.all_online([alice, bob])
    laptop = await world.online(alice, "laptop")
    fields: dict[str, Any] = {"id": "again", "receiver": bob.username, "content": "once"}
    first = await phone.ack(**fields)
    assert await phone.ack(**fields) == first
    assert await laptop.ack(**fields) == first
    later = await phone.ack(receiver=bob.username, content="later")
    assert later["seq"] == first["seq"] + 1
    await receiving.expect("message", seq=later["seq"])
    assert len(receiving.seen("message", seq=first["seq"])) == 1


async def test_a_repeated_id_with_anything_else_is_a_conflict(world: World) -> None:
    alice, bob, carol = world.people(3)
    session = await world.online(alice)
    await session.ack(id="taken", receiver=bob.username, content="this")
    for changed in (
        {"receiver": bob.username, "content": "that"},
        {"receiver": carol.username, "content": "this"},
        {"receiver": bob.username, "content": "this", "reply_to": 1},
        {"receiver": bob.username, "content": "this", "kind": "card", "payload": {"a": 1}},
    ):
        assert await session.refusal("message", id="taken", **changed) == "conflict", changed


async def test_ids_are_each_senders_own(world: World) -> None:
    alice, bob = world.people(2)
    first, second = await world.all_online([alice, bob])
    one = await first.ack(id="the-same", receiver=bob.username, content="from alice")
    two = await second.ack(id="the-same", receiver=alice.username, content="from bob")
    assert (one["seq"], two["seq"]) == (1, 2)


async def test_an_edited_or_recalled_message_is_still_known_by_its_id(world: World) -> None:
    """The retry of a send says nothing about what became of it, and stores nothing again."""
    alice, bob = world.people(2)
    session = await world.online(alice)
    fields: dict[str, Any] = {"id": "changed", "receiver": bob.username, "content": "original"}
    first = await session.ack(**fields)
    where = {"conversation": first["conversation"], "seq": first["seq"]}
    await session.ack("edit", **where, content="edited")
    assert await session.ack(**fields) == first
    await session.ack("recall", **where)
    assert await session.ack(**fields) == first
    [message] = (await session.sync({first["conversation"]: 0}))[0]["messages"]
    assert (message["content"], message["seq"]) == ("", 1)


async def test_one_id_at_once_over_sockets_and_rest_is_one_message(
    world: World, shared_servers: list[ServerProcess]
) -> None:
    """20 at once: 6 sessions, 2 sends each, and 8 REST calls, over all the processes that there are."""
    alice, bob = world.people(2)
    [receiving] = await world.all_online([bob])
    conversation = await world.direct(alice, bob)
    servers = cycle(shared_servers)
    sessions = [await world.online(alice, device, server=next(servers)) for device in ("phone", "laptop", "tablet") * 2]
    body = {"id": "raced", "content": "only one of me"}

    async def over_rest() -> Frame:
        response = await world.rest(alice, server=next(servers)).call(
            "POST", f"conversations/{conversation}/messages/", body
        )
        assert response.status_code in (200, 201), response.text
        created.append(response.status_code == 201)
        answer: Frame = response.json()
        return answer

    async def over_socket(session: Client) -> Frame:
        # Both before an answer: the first one may not be known yet when the second one arrives.
        await session.send_frames([{"type": "message", "conversation": conversation, **body}] * 2)
        acks = await session.collect("ack", 2)
        assert acks[0] == acks[1]
        return acks[0]

    created: list[bool] = []
    answers = await asyncio.gather(*map(over_socket, sessions), *(over_rest() for _ in range(8)))
    seen = {tuple(sorted((name, answer[name]) for name in ("id", "conversation", "seq", "version", "timestamp")))
            for answer in answers}  # fmt: skip
    assert len(seen) == 1
    assert sum(created) <= 1
    rest = world.rest(alice)
    [stored] = await rest.history(conversation)
    assert (stored["id"], stored["seq"], stored["content"]) == ("raced", 1, "only one of me")
    await sessions[0].ack(conversation=conversation, content="the end")
    await receiving.expect("message", content="the end")
    assert len(receiving.seen("message", conversation=conversation)) == 1
    assert await sessions[0].refusal("message", conversation=conversation, **body | {"content": "other"}) == "conflict"
    refused = await rest.call("POST", f"conversations/{conversation}/messages/", body | {"content": "other"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")


async def test_a_first_message_from_both_sides_at_once_is_one_conversation(world: World) -> None:
    pairs = [world.people(2) for _ in range(5)]
    for alice, bob in pairs:
        first, second = await world.all_online([alice, bob])
        one, two = await asyncio.gather(
            first.ack(receiver=bob.username, content="from alice"), second.ack(receiver=alice.username, content="bob")
        )
        assert one["conversation"] == two["conversation"]
        assert {one["seq"], two["seq"]} == {1, 2}
        await first.expect("message", content="bob")
        await second.expect("message", content="from alice")
