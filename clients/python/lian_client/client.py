"""What a program has in hand."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from lian_client.backoff import BackoffPolicy
from lian_client.codecs.base import Codec
from lian_client.codecs.json import JSON_CODEC
from lian_client.codecs.protobuf import PROTOBUF_CODEC
from lian_client.connection import State
from lian_client.core import Core
from lian_client.events import Event
from lian_client.frames import Ack, Device, Edit, React, Recall, TypingNotice, Unread, User
from lian_client.ids import new_id
from lian_client.outbox import Draft
from lian_client.sending import Sending
from lian_client.storage import MemoryStorage, Storage
from lian_client.store import Store
from lian_client.transports.dialling import check_url, dial

_CODECS: dict[str, Codec] = {"json": JSON_CODEC, "protobuf": PROTOBUF_CODEC}

#: More than a page of `sync` (200 messages) and what may be held for it: with less, a page might never find room.
EVENTS_MIN = 500


class Client:
    """One device of one user. Use it with `async with`; it connects, and stays connected, by itself.

        async with Client("ws://127.0.0.1:8000/ws/", token=token, device="laptop") as client:
            await client.send("Hello!", receiver="bob")
            async for event in client.events():
                match event:
                    case MessageReceived(message, is_new=True):
                        print(message.sender, message.content)

    `url`: `ws://`, `wss://`, `tcp://` or `tls://`. `token`: of POST tokens/, made for this device. `device`: its id, or
    all of it. `codec`: json or protobuf. `storage`: what is to survive the program; memory without it. `events_max`:
    events that may wait for the program. `tls`: for certificates that the system does not know.

    Everything runs on the loop that it was made on; nothing may be called from another thread.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        device: Device | str,
        codec: Literal["json", "protobuf"] = "json",
        storage: Storage | None = None,
        reconnect: BackoffPolicy | None = None,
        events_max: int = 1_000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        check_url(url)
        if events_max < EVENTS_MIN:
            raise ValueError(f"events_max must be {EVENTS_MIN} at least")
        self._core = Core(
            dial=lambda: dial(url, tls=tls),
            codec=_CODECS[codec],
            token=token,
            device=Device(id=device, platform="desktop") if isinstance(device, str) else device,
            storage=storage or MemoryStorage(),
            reconnect=reconnect or BackoffPolicy(),
            events_max=events_max,
        )

    async def __aenter__(self) -> Self:
        await self._core.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Sign the session off and keep what is to be kept. What is not acknowledged goes out the next time."""
        await self._core.stop()

    # --- what is known ---------------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The conversations and their newest messages, as they are now. To be read."""
        return self._core.store

    @property
    def state(self) -> State:
        return self._core.state

    @property
    def close_code(self) -> int | None:
        """The code with which the last connection ended; None when it just broke, and before."""
        return self._core.close_code

    @property
    def user(self) -> User | None:
        """Who is signed in; None before the first login."""
        return self._core.user

    @property
    def cursors(self) -> dict[str, int]:
        """Up to which version of each conversation everything has arrived."""
        return self._core.sync.cursors()

    @property
    def unsent(self) -> int:
        """How many messages wait for their ack."""
        return len(self._core.outbox)

    def events(self) -> AsyncIterator[Event]:
        """What happens, for one reader. Ends after `close`, or when the client has stopped for good.

        An event counts as handled when the next one is asked for: with a storage, what was not handled comes again
        after a restart. A reader that is slow costs nothing but time (`lian_client.inbox` says how).
        """
        return self._core.queue.events()

    # --- what can be done ------------------------------------------------------------------------------------------

    async def send(
        self,
        content: str,
        *,
        conversation: str | None = None,
        receiver: str | None = None,
        id: str | None = None,
        kind: str = "text",
        reply_to: int | None = None,
        attachments: Iterable[str] | None = None,
        mentions: Iterable[str] | None = None,
        payload: Mapping[str, Any] | None = None,
        silent: bool = False,
    ) -> Sending:
        """Give a message to the outbox, to a conversation or a user; returns when the storage has it.

        From then on it is sent until the server acknowledges or refuses it: wait for that with `answer` of what is
        returned, or see it in the events `Sent` and `SendFailed`. Of a `silent` one nobody is notified.

        Raises:
            OutboxFullError: too many wait already.
            ValueError: neither or both of conversation and receiver, or an id that is under way.
        """
        draft = Draft(
            conversation=conversation,
            receiver=receiver,
            content=content,
            kind=kind,
            reply_to=reply_to,
            attachments=tuple(attachments) if attachments is not None else None,
            mentions=tuple(mentions) if mentions is not None else None,
            payload=dict(payload) if payload is not None else None,
            silent=silent,
        )
        return await self._core.send(draft, id or new_id())

    async def all_sent(self) -> None:
        """Wait until everything given to `send` is acknowledged or refused, however long that takes."""
        await self._core.all_sent()

    async def edit(self, conversation: str, seq: int, content: str) -> Ack:
        """New content for an own message. Raises RequestError."""
        return await self._core.request(Edit(id=new_id(), conversation=conversation, seq=seq, content=content))

    async def recall(self, conversation: str, seq: int) -> Ack:
        """Take a message back, for everybody. Raises RequestError."""
        return await self._core.request(Recall(id=new_id(), conversation=conversation, seq=seq))

    async def react(self, conversation: str, seq: int, emoji: str, *, remove: bool = False) -> Ack:
        """Put an emoji on a message, or take it off again. Raises RequestError."""
        return await self._core.request(
            React(id=new_id(), conversation=conversation, seq=seq, emoji=emoji, remove=remove)
        )

    def read(self, conversation: str, seq: int) -> None:
        """The user has seen everything up to here: true at once in the store, soon at the server."""
        if self._core.store.advance_read(conversation, seq):
            self._core.receipts.say("read", conversation, seq)

    def mark_unread(self, conversation: str, seq: int) -> bool:
        """Unread from this message on: the one way down. False when not connected: then nothing was done."""
        self._core.receipts.forget(conversation)
        return self._core.connection.send(Unread(conversation=conversation, seq=seq))

    def typing(self, conversation: str) -> None:
        """The user is writing. Worth saying every 3 s; lost when not connected."""
        self._core.connection.send(TypingNotice(conversation=conversation))

    def watch(self, usernames: Iterable[str]) -> None:
        """Ask for these users' presence, now and on every change, instead of whom was watched before.

        Raises:
            ValueError: more than 500, which is what a server takes.
        """
        self._core.watch(usernames)

    def wake(self) -> None:
        """The network or the device came back: dial now, or see whether the connection still lives."""
        self._core.connection.wake()
