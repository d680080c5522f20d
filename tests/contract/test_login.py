"""PROTOCOL §3, §4 and §5: who gets in, with what, and what everybody else hears."""

from __future__ import annotations

import pytest

from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Ability
from tests.support.world import World, open_world


@pytest.mark.needs(Ability.SESSION)
async def test_the_answer_says_who_one_is_and_what_holds(world: World) -> None:
    person = world.person()
    session = await world.connect()
    reply = await session.login(person.token, device="phone", device_info={"platform": "android"})
    assert reply["user"] == {
        "username": person.username,
        "name": person.name,
        "avatar": None,
    }
    assert reply["heartbeat"] == {"interval": 45, "timeout": 135}
    assert reply["limits"] == {"frame_bytes": 65_536, "content_chars": 10_000}
    assert reply["session"]
    assert reply["epoch"]
    assert reply["timestamp"] > 1_700_000_000_000


@pytest.mark.needs(Ability.SESSION)
@pytest.mark.parametrize(
    ("platform", "network", "interval"),
    [
        ("web", None, 30), ("desktop", "wifi", 30), ("android", "wifi", 45), ("ios", None, 40),
        ("android", "4g", 60), ("ios", "3g", 60), ("desktop", "4g", 30), ("ios", "a network of 2040", 40),
    ],
)  # fmt: skip
async def test_the_rhythm_of_beats_follows_device_and_network(
    world: World, platform: str, network: str | None, interval: int
) -> None:
    session = await world.connect()
    info = {"platform": platform} | ({"network": network} if network else {})
    reply = await session.login(world.person().token, device_info=info)
    assert reply["heartbeat"]["interval"] == interval


@pytest.mark.needs(Ability.SESSION)
async def test_sessions_have_names_of_their_own_and_one_epoch(world: World) -> None:
    [person] = world.people(1)
    first, second = await world.online(person), await world.online(person, "laptop")
    assert first.login_reply["session"] != second.login_reply["session"]
    assert first.login_reply["epoch"] == second.login_reply["epoch"]


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 2048, "密码" * 20, "'; DROP TABLE accounts_device; --"])
async def test_a_bad_token_is_told_and_closed(world: World, token: str) -> None:
    session = await world.connect()
    assert await session.refusal("login", token=token, device={"id": "d", "platform": "web"}) == "bad_credentials"
    await session.expect_close(4501)


async def test_no_token_at_all_is_as_bad_as_a_wrong_one(world: World) -> None:
    session = await world.connect()
    assert await session.refusal("login", device={"id": "d", "platform": "web"}) == "bad_credentials"
    await session.expect_close(4501)


async def test_a_token_of_a_device_that_signed_out_is_worth_nothing(world: World) -> None:
    person = world.person()
    assert (await world.rest(person, "tablet").call("DELETE", "tokens/current/")).is_success
    session = await world.connect()
    token = person.tokens["tablet"]
    assert await session.refusal("login", token=token, device={"id": "d", "platform": "web"}) == "bad_credentials"
    await session.expect_close(4501)


async def test_whoever_does_not_log_in_in_time_is_closed(town: Town) -> None:
    server = town.site.server(IM_LOGIN_TIMEOUT="0.5")
    async with open_world(town, server, *TRANSPORTS) as world:
        silent, talking, logged_in = await world.connect(), await world.connect(), await world.online(world.person())
        # Beats are answered before a login, and are none.
        await talking.request("heartbeat")
        await silent.expect_close(4501, timeout_s=5)
        await talking.expect_close(4501, timeout_s=5)
        await logged_in.fence()


async def test_nothing_is_done_before_the_login(world: World) -> None:
    person, other = world.people(2)
    session = await world.connect()
    for type, fields in world.sayable(COMMANDS).items():
        assert await session.refusal(type, **fields) == "not_logged_in", type
    assert await session.refusal("message", receiver=other.username, content="hello") == "not_logged_in"
    # It was no reason to hang up, and nothing of it was done.
    await session.login(person.token)
    pages = await session.sync({})
    assert pages[0]["conversations"] == []


#: One well-formed frame of each kind that needs a login.
COMMANDS: dict[str, dict[str, object]] = {
    "message": {"conversation": "1", "content": "hello"},
    "edit": {"conversation": "1", "seq": 1, "content": "hello"},
    "recall": {"conversation": "1", "seq": 1},
    "react": {"conversation": "1", "seq": 1, "emoji": "👍"},
    "read": {"conversation": "1", "seq": 1},
    "unread": {"conversation": "1", "seq": 1},
    "received": {"conversation": "1", "seq": 1},
    "typing": {"conversation": "1"},
    "sync": {"cursors": {}},
    "presence": {"users": ["somebody"]},
    "logout": {},
}


async def test_what_is_sent_right_behind_the_login_waits_for_it(world: World) -> None:
    """A client may send its whole outbox without waiting for the answer to `login`."""
    alice, bob = world.people(2)
    session = await world.connect()
    await session.send_frames(
        [
            {"type": "login", "id": "in", "token": alice.token, "device": {"id": "phone", "platform": "ios"}},
            *({"type": "message", "id": f"{alice.username}-{n}", "receiver": bob.username, "content": str(n)}
              for n in range(5)),
        ]
    )  # fmt: skip
    assert (await session.answer("in"))["type"] == "login"
    acks = await session.collect("ack", 5)
    assert [(ack["id"], ack["seq"]) for ack in acks] == [(f"{alice.username}-{n}", n + 1) for n in range(5)]


@pytest.mark.needs(Ability.SESSION)
async def test_a_second_login_is_refused_and_changes_nothing(world: World) -> None:
    alice, bob = world.people(2)
    session = await world.online(alice)
    device = {"id": "phone", "platform": "ios"}
    assert await session.refusal("login", token=bob.token, device=device) == "bad_frame"
    ack = await session.ack(receiver=bob.username, content="still me")
    [message] = (await session.sync({ack["conversation"]: 0}))[0]["messages"]
    assert message["sender"] == alice.username


async def test_a_login_with_cursors_is_followed_by_a_sync(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    ack = await sending.ack(receiver=bob.username, content="while you were away")
    session = await world.connect()
    reply = await session.login(bob.token, cursors={})
    [page] = await session.sync_pages(reply["id"])
    assert [message["content"] for message in page["messages"]] == ["while you were away"]
    assert page["cursors"] == {ack["conversation"]: ack["version"]}


@pytest.mark.needs(Ability.SESSION)
async def test_logout_closes_with_1000(world: World) -> None:
    session = await world.online(world.person())
    await session.send("logout")
    await session.expect_close(1000)


async def test_one_device_may_have_several_sessions(world: World) -> None:
    alice, bob = world.people(2)
    first, second = await world.online(bob), await world.online(bob)
    sending = await world.online(alice)
    await sending.ack(receiver=bob.username, content="to both")
    for session in (first, second):
        await session.expect("message", content="to both")
