"""What a test of the contract has in hand: a server, people, and connections that end with the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any, TypeVar

import httpx

from tests.support.client import Client
from tests.support.rest import Rest, http_client
from tests.support.server import Address
from tests.support.town import Person, Town
from tests.support.wire import Handshake, Link

T = TypeVar("T")


class World:
    """Made by `world`, or by the fixture of that name."""

    def __init__(self, town: Town, server: Address, links: Sequence[Link], http: httpx.AsyncClient) -> None:
        self.town = town
        self.server = server
        self.link = links[0]
        self._links = cycle(links)
        self.clients: list[Client] = []
        self.http = http

    def people(self, count: int) -> list[Person]:
        """People with no conversation yet."""
        return self.town.people(count)

    def person(self) -> Person:
        [person] = self.people(1)
        return person

    async def connect(self, *, handshake: Handshake | None = None, server: Address | None = None) -> Client:
        """A connection that has not logged in."""
        client = await Client.connect(server or self.server, link=next(self._links), handshake=handshake)
        self.clients.append(client)
        return client

    async def online(
        self,
        person: Person,
        device: str = "phone",
        *,
        handshake: Handshake | None = None,
        server: Address | None = None,
        **login: Any,
    ) -> Client:
        """A logged-in session of one of the person's devices."""
        client = await self.connect(handshake=handshake, server=server)
        await client.login(person.tokens[device], device=device, **login)
        return client

    async def all_online(self, people: Sequence[Person], **login: Any) -> list[Client]:
        """One session of each, in the same order."""
        return await asyncio.gather(*(self.online(person, **login) for person in people))

    def rest(self, person: Person | None, device: str = "phone", *, server: Address | None = None) -> Rest:
        """REST calls as this person, or as nobody."""
        return Rest(self.http, server or self.server, person.tokens[device] if person is not None else None)

    def sayable(self, frames: Mapping[str, T]) -> dict[str, T]:
        """Those of the frames, by type, that can be said over this link."""
        return {type: fields for type, fields in frames.items() if self.link.can_say(type)}

    async def direct(self, person: Person, other: Person) -> str:
        """The id of the direct conversation of two."""
        answer = await self.rest(person).post("conversations/", {"kind": "direct", "username": other.username})
        conversation: str = answer["conversation"]
        return conversation

    async def group(self, owner: Person, *members: Person, kind: str = "group", title: str = "A group") -> str:
        """The id of a new group with these members."""
        answer = await self.rest(owner).post(
            "conversations/", {"kind": kind, "title": title, "members": [member.username for member in members]}
        )
        conversation: str = answer["conversation"]
        return conversation

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients))


@asynccontextmanager
async def open_world(town: Town, server: Address, *links: Link) -> AsyncIterator[World]:
    """Its connections take the links in turn."""
    async with http_client() as http:
        made = World(town, server, links, http)
        try:
            yield made
        finally:
            await made.close()
