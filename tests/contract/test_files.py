"""What a message carries along: named by id, seen as objects, for members only and as long as the message stands."""

from __future__ import annotations

from tests.support.pictures import picture
from tests.support.world import World


async def test_files_come_with_the_message_and_go_with_it(world: World) -> None:
    alice, bob = world.people(2)
    phone, other = await world.all_online([alice, bob])
    file = await world.rest(alice).upload(b"a plan", "plan.txt")
    image = await world.rest(alice).upload(picture((400, 300)), "wall.png")
    ack = await phone.ack(receiver=bob.username, content="look", kind="file", attachments=[file["id"], image["id"]])
    message = await other.expect("message", seq=1)
    assert message["kind"] == "file"
    assert message["attachments"] == [file, image]
    assert (image["kind"], image["width"], image["height"]) == ("image", 400, 300)
    assert (await world.rest(bob).download(file["url"])).content == b"a plan"
    [page] = await (await world.online(bob, "laptop")).sync({})
    assert page["messages"][0]["attachments"] == [file, image]
    assert page["conversations"][0]["last_message"]["attachments"] == [file, image]
    await phone.ack("recall", conversation=ack["conversation"], seq=1)
    assert "attachments" not in await other.expect("message", seq=1, version=2)
    for url in (file["url"], image["thumbnail"]):
        assert (await world.rest(bob).download(url)).status_code == 404


async def test_only_what_one_may_see_can_be_sent(world: World) -> None:
    alice, bob, carol = world.people(3)
    phone, other = await world.all_online([alice, bob])
    file = await world.rest(alice).upload(b"a plan", "plan.txt")
    to_carol = {"receiver": carol.username, "content": "look", "attachments": [file["id"]]}
    assert await other.refusal("message", **to_carol) == "not_found"
    assert (await world.rest(bob).download(file["url"])).status_code == 404
    await phone.ack(receiver=bob.username, content="look", attachments=[file["id"]])
    await other.expect("message", seq=1, kind="file")
    await other.ack(**to_carol)
    [forwarded] = (await world.rest(carol).get("conversations/"))["results"][0]["last_message"]["attachments"]
    assert forwarded["id"] != file["id"]
    assert (await world.rest(carol).download(forwarded["url"])).content == b"a plan"
    assert (await world.rest(carol).download(file["url"])).status_code == 404
