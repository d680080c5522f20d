"""PROTOCOL §3: the WebSocket handshake, which is where a browser says who comes."""

from __future__ import annotations

import pytest
import websockets
from websockets.exceptions import InvalidStatus

from tests.support.client import Client
from tests.support.visitor import Visitor, visiting
from tests.support.wire import Ability, Handshake, WebSocketWire
from tests.support.world import World

pytestmark = pytest.mark.needs(Ability.HANDSHAKE, Ability.JSON)


def handshake_of(visitor: Visitor, *, origin: str | None) -> Handshake:
    return Handshake(headers={"Cookie": visitor.cookie}, origin=origin)


async def test_a_bearer_token_in_the_handshake_is_a_login(world: World) -> None:
    person = world.person()
    session = await world.connect(handshake=Handshake(headers={"Authorization": f"Bearer {person.token}"}))
    reply = await session.login()
    assert reply["user"]["username"] == person.username


async def test_the_token_of_the_frame_is_the_one_that_counts(world: World) -> None:
    """A wrong one is not made up for by a good one in the handshake."""
    alice, bob = world.people(2)
    handshake = Handshake(headers={"Authorization": f"Bearer {alice.token}"})
    session = await world.connect(handshake=handshake)
    reply = await session.login(bob.token)
    assert reply["user"]["username"] == bob.username
    wrong: Client = await world.connect(handshake=handshake)
    device = {"id": "d", "platform": "web"}
    assert await wrong.refusal("login", token="wrong", device=device) == "bad_credentials"
    await wrong.expect_close(4501)


async def test_a_browser_is_known_by_its_cookie(world: World) -> None:
    person = world.person()
    async with visiting(world.server, person.username) as visitor:
        session = await world.connect(handshake=handshake_of(visitor, origin=world.server.url))
        reply = await session.login(device_info={"platform": "web"})
        assert reply["user"]["username"] == person.username


async def test_a_cookie_without_an_origin_is_nobody(world: World) -> None:
    """No browser leaves the Origin out; who does is a program that has got hold of a cookie."""
    async with visiting(world.server, world.person().username) as visitor:
        session = await world.connect(handshake=handshake_of(visitor, origin=None))
        assert await session.refusal("login", device={"id": "d", "platform": "web"}) == "bad_credentials"
        await session.expect_close(4501)


async def test_signing_out_on_the_page_ends_the_sockets_of_that_browser(world: World) -> None:
    person = world.person()
    async with visiting(world.server, person.username) as visitor:
        session = await world.connect(handshake=handshake_of(visitor, origin=world.server.url))
        await session.login(device_info={"platform": "web"})
        app = await world.online(person)
        await visitor.submit("/signout", {}, form="/settings/profile/")
        await session.expect_close(4503, timeout_s=2)
        await app.fence()


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "file://", "http://127.0.0.1.evil.example", "http://evil.example#127.0.0.1",
        "http://127.0.0.1@evil.example", "http://evil.example@127.0.0.1", "ftp://127.0.0.1",
        "http://xn--127-0-0-1.example",
    ],
)  # fmt: skip
async def test_a_foreign_origin_is_refused_with_403(world: World, origin: str) -> None:
    """Any page that a signed-in person visits can open a socket here, with the person's cookie."""
    headers = {"Authorization": f"Bearer {world.person().token}"}
    with pytest.raises(InvalidStatus) as refused:
        # As a plain header: the library itself would leave out an empty origin.
        await world.connect(handshake=Handshake(headers=headers | {"Origin": origin}))
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["127.0.0.1", "", "http://127.0.0.1:port", "javascript:alert(1)", "http://"])
async def test_an_origin_that_is_none_is_refused(world: World, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await world.connect(handshake=Handshake(headers={"Origin": origin}))
    # Daphne itself looks at the form; elsewhere it is an Origin like any other that is not ours.
    assert refused.value.response.status_code in (400, 403)


async def test_the_subprotocol_is_echoed_when_offered(world: World) -> None:
    for offered, chosen in ((None, None), (["im.v1"], "im.v1"), (["other", "im.v1"], "im.v1"), (["other"], None)):
        session: Client = await world.connect(handshake=Handshake(subprotocols=offered))
        assert isinstance(session.wire, WebSocketWire)
        assert session.wire.connection.subprotocol == chosen, offered
        await session.login(world.person().token)


async def test_a_plain_request_is_no_socket(world: World) -> None:
    answer = await world.http.get(f"{world.server.url}/ws/")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_frame"
    with pytest.raises(InvalidStatus) as refused:
        await websockets.connect(f"{world.server.url.replace('http', 'ws', 1)}/elsewhere/")
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("text", ["hello", '"heartbeat"', "null", "7", " ", "\ufeff{}"])
async def test_text_that_is_no_object_is_a_bad_frame(world: World, text: str) -> None:
    """A text message is JSON whatever it begins with."""
    session = await world.online(world.person())
    await session.send_raw(text)
    await session.expect("error", code="bad_frame")
    await session.fence()


async def test_compression_is_not_offered(world: World) -> None:
    """So no small message becomes a large one, and limits mean what they say."""
    session = await world.connect(
        handshake=Handshake(headers={"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
    )
    assert isinstance(session.wire, WebSocketWire)
    response = session.wire.connection.response
    assert response is not None
    assert "Sec-WebSocket-Extensions" not in response.headers
