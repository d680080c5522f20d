"""Promise 9 of PROTOCOL §2: a revoked session dies within 2 s, whatever revoked it, and no other one does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.client import Client
from tests.support.populate import MODERATOR, PASSWORD
from tests.support.site import Site
from tests.support.town import Person, Town
from tests.support.visitor import visiting
from tests.support.wire import TRANSPORTS
from tests.support.world import World, open_world

#: What is promised.
WITHIN_S = 2.0


async def assert_alive(world: World, client: Client, person: Person) -> None:
    """The session still sends."""
    await client.ack(receiver=person.username, content="still here")


async def test_a_device_that_is_revoked_over_rest_is_closed(world: World) -> None:
    person = world.person()
    phone, laptop = await world.online(person, "phone"), await world.online(person, "laptop")
    second = await world.online(person, "laptop")
    await world.rest(person, "phone").delete("devices/laptop/")
    await laptop.expect_close(4503, timeout_s=WITHIN_S)
    await second.expect_close(4503, timeout_s=WITHIN_S)
    await assert_alive(world, phone, person)


async def test_signing_out_over_rest_closes_the_devices_sockets(world: World) -> None:
    person = world.person()
    phone, laptop = await world.online(person, "phone"), await world.online(person, "laptop")
    await world.rest(person, "laptop").delete("tokens/current/")
    await laptop.expect_close(4503, timeout_s=WITHIN_S)
    await assert_alive(world, phone, person)


async def test_a_new_token_for_a_device_ends_the_old_one(world: World) -> None:
    person = world.person()
    phone, laptop = await world.online(person, "phone"), await world.online(person, "laptop")
    device = {"id": "laptop", "platform": "desktop"}
    login = {"username": person.username, "password": PASSWORD, "device": device}
    answer = await world.rest(None).post("tokens/", login)
    await laptop.expect_close(4503, timeout_s=WITHIN_S)
    back = await world.connect()
    await back.login(answer["token"], device="laptop")
    await assert_alive(world, phone, person)


async def test_a_new_password_ends_every_other_session(mixed_world: World) -> None:
    """Changed on the page: the browser that did it stays signed in, all else is signed out."""
    person, bystander = mixed_world.people(2)
    sessions = [await mixed_world.online(person, device) for device in ("phone", "laptop", "tablet")]
    other = await mixed_world.online(bystander)
    async with visiting(mixed_world.server, person.username) as visitor:
        changed = {"old_password": PASSWORD, "password": "quite another one"}
        await visitor.submit("/settings/password/", changed)
    for session in sessions:
        await session.expect_close(4503, timeout_s=WITHIN_S)
    await assert_locked_out(mixed_world, person)
    await assert_alive(mixed_world, other, bystander)


async def test_a_banned_person_is_gone_everywhere(world: World, shared_site: Site) -> None:
    person, bystander = world.people(2)
    sessions = [await world.online(person, device) for device in ("phone", "laptop")]
    other = await world.online(bystander)
    [(pk,)] = shared_site.query(f"SELECT id FROM accounts_user WHERE username = '{person.username}'")
    async with visiting(world.server, MODERATOR) as moderator:
        await moderator.submit(f"/admin/accounts/user/{pk}/act/ban/", {"confirmed": "yes"})
    for session in sessions:
        await session.expect_close(4503, timeout_s=WITHIN_S)
    await assert_locked_out(world, person)
    await assert_alive(world, other, bystander)
    # Nobody can write to who is not there any more.
    assert await other.refusal("message", receiver=person.username, content="hello?") == "not_found"


async def test_a_revocation_nobody_announced_is_found(town: Town) -> None:
    """Written into the database past every process: the gateway asks from time to time whether its devices hold."""
    server = town.site.server(IM_REPAIR_SECONDS="0.2")
    async with open_world(town, server, *TRANSPORTS) as world:
        person, bystander = world.people(2)
        session, other = await world.all_online([person, bystander])
        revoke = "revoked_at = CURRENT_TIMESTAMP, token_digest = NULL"
        town.site.execute(f"UPDATE accounts_device SET {revoke} WHERE {of(person)}")
        await session.expect_close(4503, timeout_s=10)
        await assert_alive(world, other, bystander)


async def test_a_session_ends_with_its_token(mixed_world: World, shared_site: Site) -> None:
    person, bystander = mixed_world.people(2)
    other = await mixed_world.online(bystander)
    expiry = datetime.now(UTC) + timedelta(seconds=1.5)
    shared_site.execute(f"UPDATE accounts_device SET expires_at = '{expiry:%Y-%m-%d %H:%M:%S.%f}' WHERE {of(person)}")
    session = await mixed_world.online(person)
    await session.expect_close(4501, timeout_s=1.5 + WITHIN_S)
    assert datetime.now(UTC) >= expiry
    await assert_locked_out(mixed_world, person)
    await assert_alive(mixed_world, other, bystander)


def of(person: Person) -> str:
    """The rows of a person's devices."""
    return f"user_id = (SELECT id FROM accounts_user WHERE username = '{person.username}')"


async def assert_locked_out(world: World, person: Person) -> None:
    """None of the tokens is worth anything any more."""
    for token in person.tokens.values():
        refused = await world.connect()
        device = {"id": "phone", "platform": "ios"}
        assert await refused.refusal("login", token=token, device=device) == "bad_credentials"
    response = await world.rest(person).call("GET", "me/")
    assert (response.status_code, response.json()["error"]["code"]) == (401, "bad_credentials")


REVOKED: dict[str, Callable[[World, Person], Awaitable[object]]] = {
    "revoked": lambda world, person: world.rest(person, "phone").delete("devices/laptop/"),
    "signed out": lambda world, person: world.rest(person, "laptop").delete("tokens/current/"),
}


@pytest.mark.parametrize("revoke", REVOKED.values(), ids=REVOKED)
async def test_nothing_is_accepted_from_a_revoked_session(
    world: World, revoke: Callable[[World, Person], Awaitable[object]]
) -> None:
    """What such a session sends while it is being closed is not done."""
    person, other = world.people(2)
    laptop, receiving = await world.online(person, "laptop"), await world.online(other)
    await revoke(world, person)
    await laptop.expect_close(4503, timeout_s=WITHIN_S)
    response = await world.rest(person, "laptop").call("GET", "conversations/")
    assert (response.status_code, response.json()["error"]["code"]) == (401, "bad_credentials")
    await receiving.fence()
    assert not receiving.inbox
