"""PROTOCOL §2 (7) and §4: groups and channels, who is in them, and what everybody is told about it."""

from __future__ import annotations

from tests.support.rest import Rest
from tests.support.world import World


def members_path(group: str, username: str = "") -> str:
    return f"conversations/{group}/members/" + (f"{username}/" if username else "")


async def refused(rest: Rest, method: str, path: str, body: object = None) -> str:
    response = await rest.call(method, path, body)
    assert not response.is_success, response.text
    code: str = response.json()["error"]["code"]
    return code


async def test_a_new_group_appears_at_its_members(world: World) -> None:
    owner, member, stranger = world.people(3)
    sessions = await world.all_online([owner, member])
    outside = await world.online(stranger)
    group = await world.group(owner, member, title="羽毛球 🏸")
    for session, role in zip(sessions, ("owner", "member"), strict=True):
        view = await session.expect("conversation", conversation=group)
        assert (view["kind"], view["title"], view["role"], view["unread"]) == ("group", "羽毛球 🏸", role, 0)
        message = await session.expect("message", conversation=group)
        assert (message["seq"], message["version"], message["kind"], message["sender"]) == (
            1,
            1,
            "system",
            owner.username,
        )
        assert message["payload"]["event"] == "created"
        assert message["payload"]["actor"] == owner.username
    await outside.fence()
    assert not outside.inbox


async def test_a_message_reaches_all_members_and_nobody_else(world: World) -> None:
    people = world.people(5)
    stranger = world.person()
    group = await world.group(people[0], *people[1:])
    sessions, outside = await world.all_online(people), await world.online(stranger)
    ack = await sessions[1].ack(conversation=group, content="大家好")
    for session in (sessions[0], *sessions[2:]):
        message = await session.expect("message", conversation=group, seq=ack["seq"])
        assert "receiver" not in message
    await outside.fence()
    assert not outside.inbox


async def test_who_is_added_gets_the_conversation_and_what_follows(world: World) -> None:
    owner, member, late = world.people(3)
    group = await world.group(owner, member)
    sending, other, joining = await world.all_online([owner, member, late])
    await sending.ack(conversation=group, content="before")
    await world.rest(owner).post(members_path(group), {"username": late.username})
    view = await joining.expect("conversation", conversation=group)
    assert (view["role"], view["unread"]) == ("member", 0)
    for session in (other, joining):
        message = await session.expect("message", conversation=group, seq=3)
        assert message["payload"] == {"event": "added", "actor": owner.username, "subject": late.username}
    await sending.ack(conversation=group, content="after")
    await joining.expect("message", content="after")
    # The whole history is a new member's to read, and none of it is unread.
    assert [message["seq"] for message in await world.rest(late).history(group)] == [1, 2, 3, 4]


async def test_who_is_removed_hears_of_it_and_then_nothing(world: World) -> None:
    """Promise 7, with a socket that was open all along and on every device."""
    owner, member, removed = world.people(3)
    group = await world.group(owner, member, removed)
    sending, staying = await world.all_online([owner, member])
    devices = [await world.online(removed, device) for device in ("phone", "laptop")]
    await sending.ack(conversation=group, content="still here")
    for device in devices:
        await device.expect("message", content="still here")
    await world.rest(owner).delete(members_path(group, removed.username))
    system = await staying.expect("message", conversation=group, kind="system", seq=3)
    assert system["payload"] == {"event": "removed", "actor": owner.username, "subject": removed.username}
    for device in devices:
        view = await device.expect("conversation", conversation=group, left=True)
        assert view.get("last_message") is None
        device.inbox.clear()
    await sending.ack(conversation=group, content="he is gone")
    ack = await sending.ack(conversation=group, content="to be changed")
    await sending.ack("edit", conversation=group, seq=ack["seq"], content="changed")
    await sending.ack("react", conversation=group, seq=2, emoji="🎉")
    if world.link.can_say("typing"):
        await sending.send("typing", conversation=group)
    await staying.send("read", conversation=group, seq=ack["seq"])
    await staying.settle()
    await sending.settle()
    for device in devices:
        await device.fence()
        assert not device.inbox
    # Nor does anything that can be asked for bring it.
    commands: dict[str, dict[str, object]] = {
        "message": {"content": "let me in"},
        "read": {"seq": 1},
        "received": {"seq": 1},
        "typing": {},
        "react": {"seq": 1, "emoji": "👍"},
    }
    for type, fields in world.sayable(commands).items():
        assert await devices[0].refusal(type, conversation=group, **fields) == "not_found", type
    [page] = await devices[0].sync({group: 1})
    assert page["messages"] == []
    assert [(view["conversation"], view["left"]) for view in page["conversations"]] == [(group, True)]
    assert await refused(world.rest(removed), "GET", f"conversations/{group}/messages/") == "not_found"


async def test_a_retry_of_what_was_sent_before_the_removal_is_still_answered(world: World) -> None:
    """The ack was lost, then the sender was removed: the message is there, and the client must not send it for ever."""
    owner, member = world.people(2)
    group = await world.group(owner, member)
    session = await world.online(member)
    first = await session.ack(id="before", conversation=group, content="said before")
    await world.rest(owner).delete(members_path(group, member.username))
    await session.expect("conversation", conversation=group, left=True)
    assert await session.ack(id="before", conversation=group, content="said before") == first


async def test_who_comes_back_has_everything_again(world: World) -> None:
    owner, member = world.people(2)
    group = await world.group(owner, member)
    sending, session = await world.all_online([owner, member])
    rest = world.rest(owner)
    await rest.delete(members_path(group, member.username))
    await session.expect("conversation", left=True)
    await sending.ack(conversation=group, content="meanwhile")
    await rest.post(members_path(group), {"username": member.username})
    view = await session.take(lambda frame: frame["type"] == "conversation" and not frame.get("left"))
    assert view["unread"] == 0
    await sending.ack(conversation=group, content="welcome back")
    await session.expect("message", content="welcome back")
    assert [message["content"] for message in await world.rest(member).history(group)][2:] == [
        "meanwhile",
        "",
        "welcome back",
    ]


async def test_leaving_tells_the_others_and_the_owners_place_is_taken(world: World) -> None:
    owner, admin, member = world.people(3)
    group = await world.group(owner, admin, member)
    await world.rest(owner).patch(members_path(group, admin.username), {"role": "admin"})
    leaving, inheriting, watching = await world.all_online([owner, admin, member])
    await world.rest(owner).delete(f"conversations/{group}/")
    await leaving.expect("conversation", conversation=group, left=True)
    left = await watching.expect("message", conversation=group, kind="system", seq=3)
    assert left["payload"] == {"event": "left", "actor": owner.username}
    view = await inheriting.expect("conversation", conversation=group, role="owner")
    assert view["kind"] == "group"
    members = (await world.rest(member).get(members_path(group)))["results"]
    assert {one["username"]: one["role"] for one in members} == {admin.username: "owner", member.username: "member"}


async def test_a_new_title_reaches_everybody(world: World) -> None:
    owner, member = world.people(2)
    group = await world.group(owner, member)
    sessions = await world.all_online([owner, member])
    await world.rest(owner).patch(f"conversations/{group}/", {"title": "Another name"})
    for session in sessions:
        await session.expect("conversation", conversation=group, title="Another name")
        message = await session.expect("message", conversation=group, kind="system")
        assert message["payload"] == {"event": "renamed", "actor": owner.username, "title": "Another name"}


async def test_ones_own_settings_reach_ones_other_devices_only(world: World) -> None:
    owner, member = world.people(2)
    group = await world.group(owner, member)
    phone, other = await world.all_online([owner, member])
    await world.rest(owner, "laptop").patch(f"conversations/{group}/", {"muted": True, "pinned": True})
    view = await phone.expect("conversation", conversation=group)
    assert (view["muted"], view["pinned"], view["archived"]) == (True, True, False)
    await other.fence()
    assert not other.inbox


async def test_who_may_do_what(world: World) -> None:
    owner, admin, member, stranger = world.people(4)
    group = await world.group(owner, admin, member)
    as_owner, as_admin, as_member, as_stranger = map(world.rest, (owner, admin, member, stranger))
    await as_owner.patch(members_path(group, admin.username), {"role": "admin"})
    title, adding = {"title": "Mine"}, {"username": stranger.username}
    path = f"conversations/{group}/"
    assert await refused(as_member, "PATCH", path, title) == "forbidden"
    assert await refused(as_member, "POST", members_path(group), adding) == "forbidden"
    assert await refused(as_member, "DELETE", members_path(group, admin.username)) == "forbidden"
    assert await refused(as_admin, "DELETE", members_path(group, owner.username)) == "forbidden"
    assert await refused(as_admin, "PATCH", members_path(group, member.username), {"role": "admin"}) == "forbidden"
    assert await refused(as_stranger, "PATCH", path, title) == "not_found"
    assert await refused(as_stranger, "POST", members_path(group), adding) == "not_found"
    assert await refused(as_owner, "DELETE", members_path(group, stranger.username)) == "not_found"
    await as_admin.patch(path, title)
    await as_admin.delete(members_path(group, member.username))


async def test_a_channel_is_written_by_those_who_run_it_and_read_by_all(world: World) -> None:
    owner, admin, reader = world.people(3)
    channel = await world.group(owner, admin, reader, kind="channel")
    await world.rest(owner).patch(members_path(channel, admin.username), {"role": "admin"})
    writing, helping, reading = await world.all_online([owner, admin, reader])
    ack = await writing.ack(conversation=channel, content="news")
    await helping.ack(conversation=channel, content="more news")
    await reading.expect("message", content="news")
    await reading.expect("message", content="more news")
    assert await reading.refusal("message", conversation=channel, content="me too") == "forbidden"
    await reading.ack("react", conversation=channel, seq=ack["seq"], emoji="👍")
    await writing.expect("message", reactions={"👍": [reader.username]})
    # How far readers have read is nobody's business in a channel.
    await reading.send("read", conversation=channel, seq=ack["seq"])
    await reading.settle()
    await writing.fence()
    assert not writing.seen("receipt")
    assert "receipts" not in (await writing.sync({}))[0]["conversations"][0]


async def test_a_direct_conversation_has_no_members_to_manage(world: World) -> None:
    alice, bob, carol = world.people(3)
    conversation = await world.direct(alice, bob)
    rest = world.rest(alice)
    assert await refused(rest, "POST", members_path(conversation), {"username": carol.username}) == "forbidden"
    assert await refused(rest, "DELETE", members_path(conversation, bob.username)) == "forbidden"
    assert await refused(rest, "DELETE", f"conversations/{conversation}/") == "forbidden"
    assert await refused(rest, "PATCH", f"conversations/{conversation}/", {"title": "x"}) == "forbidden"
