"""The parts of a client, wired together: connection, outbox, sync, receipts and store."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping

from lian_client.backoff import Backoff, BackoffPolicy
from lian_client.codecs.base import Codec
from lian_client.connection import Connection, End, State
from lian_client.event_queue import EventQueue
from lian_client.events import Event, SendFailed, Sent, StateChanged
from lian_client.frames import (
    Ack,
    AnyServerFrame,
    ClientFrame,
    Device,
    Error,
    Login,
    LoginReply,
    Message,
    PresenceQuery,
    User,
)
from lian_client.ids import new_id
from lian_client.inbox import Inbox
from lian_client.outbox import Draft, Item, Outbox, Refusal
from lian_client.receipts import Receipts
from lian_client.requests import RequestError, Requests
from lian_client.sending import Sending
from lian_client.shelf import Shelf
from lian_client.storage import Position, Storage
from lian_client.store import Store
from lian_client.sync import Sync
from lian_client.transports.base import CLOSE_TIMEOUT_S, Transport

#: As many as a server takes in one `presence` (docs/protocol.md §4).
WATCHED_MAX = 500


class Core:
    """Who hears of everything and tells whom it concerns; the `Handler` of its connection."""

    def __init__(
        self,
        *,
        dial: Callable[[], Awaitable[Transport]],
        codec: Codec,
        token: str,
        device: Device,
        storage: Storage,
        reconnect: BackoffPolicy,
        events_max: int,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._token = token
        self._device = device
        self._login_id = ""
        self._watched: tuple[str, ...] = ()
        self._sendings: dict[str, Sending] = {}
        self._task: asyncio.Task[None] | None = None
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._unannounced: StateChanged | None = None  # there was no room for it
        self._shelf = Shelf(storage)
        self.state = State.STOPPED
        self.close_code: int | None = None
        self.user: User | None = None
        self.store = Store()
        self.queue = EventQueue(events_max, on_room=self._on_room, on_handled=self._on_handled)
        self.connection = Connection(dial=dial, codec=codec, handler=self, backoff=Backoff(reconnect, random.random))
        self.receipts = Receipts(loop, send=self.connection.send)
        self.requests = Requests(self.connection.send)
        self.sync = Sync(loop, send=self.connection.send)
        self.outbox = Outbox(
            loop,
            send=self.connection.send,
            backoff=Backoff(reconnect, random.random),
            on_unanswered=self.connection.drop,
            on_added=self._shelf.put,
            on_done=self._on_done,
        )
        self._inbox = Inbox(
            store=self.store, sync=self.sync, queue=self.queue, receipts=self.receipts, on_own=self._on_own
        )

    async def start(self) -> None:
        """Take on what an earlier run left, and begin to connect."""
        saved = await self._shelf.load()
        self._inbox.restore(saved)
        self.outbox.restore(saved.items)
        if len(self.outbox):
            self._all_sent.clear()
        self._task = asyncio.create_task(self.connection.run())
        self._task.add_done_callback(self._on_finished)

    async def stop(self) -> None:
        """Sign the session off and keep what is to be kept. What is not acknowledged goes out the next time."""
        if self._task is None:
            return
        task, self._task = self._task, None
        await self.connection.stop()
        await asyncio.wait([task], timeout=CLOSE_TIMEOUT_S)
        task.cancel()
        for sending in self._sendings.values():
            sending.settle(None)
        await self._shelf.close()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def send(self, draft: Draft, id: str) -> Sending:
        """Take a message on; returns when the storage has it. Raises what `Outbox.add` raises."""
        if id in self.outbox:
            raise ValueError("this id is under way already")
        sending = self._sendings[id] = Sending(id)
        self._all_sent.clear()
        try:
            self.outbox.add(draft, id)
        except BaseException:
            self._sendings.pop(id, None)
            self._note_sent()
            raise
        await self._shelf.stored()
        return sending

    async def all_sent(self) -> None:
        """Wait until nothing is in the outbox."""
        await self._all_sent.wait()

    def _note_sent(self) -> None:
        if not len(self.outbox):
            self._all_sent.set()

    async def request(self, frame: ClientFrame) -> Ack:
        """Ask once. Raises RequestError."""
        if self.state is State.STOPPED:
            raise RequestError("stopped", "The client does not connect any more.")
        return await self.requests.request(frame)

    def watch(self, usernames: Iterable[str]) -> None:
        """Ask for these users' presence from now on, and for nobody else's. Raises ValueError for too many."""
        watched = tuple(usernames)
        if len(watched) > WATCHED_MAX:
            raise ValueError(f"a server tells of {WATCHED_MAX} users at most")
        self._watched = watched
        self._ask_presence()

    # --- what the connection says (connection.Handler) -------------------------------------------------------------

    def make_login(self) -> Login:
        self._login_id = new_id()
        return Login(id=self._login_id, token=self._token, device=self._device, batch=True, cursors=self.sync.cursors())

    def on_login(self, reply: LoginReply) -> None:
        self.user = reply.user
        self.store.me = reply.user.username
        self.sync.note_frame_bytes(reply.limits.frame_bytes)
        era = self._inbox.on_login(reply, self._login_id)
        if era is not None:
            self._shelf.begin_era(era)
        self.requests.on_login()
        self.receipts.on_login()
        self.outbox.on_login()
        self._ask_presence()
        self._refresh_state()

    def on_frame(self, frame: AnyServerFrame) -> None:
        match frame:
            case Ack():
                if not self.outbox.on_ack(frame) and self.requests.on_ack(frame):
                    # What was changed comes as a push like to everybody; if it does not, that is a gap like any other.
                    self.sync.note_version(frame.conversation, frame.version)
            case Error():
                self._on_error(frame)
            case _:
                self._inbox.take(frame)
        self._refresh_state()

    def on_lost(self) -> None:
        self._inbox.on_lost()
        self.receipts.on_lost()
        self.outbox.on_lost()

    def on_connecting(self) -> None:
        self._set_state(StateChanged(State.CONNECTING))

    def on_waiting(self, end: End, seconds: float) -> None:
        self.close_code = end.code
        self._set_state(StateChanged(State.WAITING, end.code, end.reason, retry_in=seconds))

    def on_stopped(self, end: End) -> None:
        self.close_code = end.code
        self._set_state(StateChanged(State.STOPPED, end.code, end.reason))

    # --- what the parts say ----------------------------------------------------------------------------------------

    def _ask_presence(self) -> None:
        if self._watched:
            self.connection.send(PresenceQuery(id=new_id(), users=self._watched))

    def _on_error(self, error: Error) -> None:
        if not (self.outbox.on_error(error) or self.requests.on_error(error)):
            self.sync.on_error(error)

    def _on_own(self, message: Message) -> None:
        """A message of the user's is in the log. If it is one of the outbox, its ack was lost."""
        if message.id in self.outbox:
            self.outbox.on_ack(
                Ack(
                    id=message.id,
                    conversation=message.conversation,
                    seq=message.seq,
                    version=message.version,
                    timestamp=message.timestamp,
                )
            )

    def _on_done(self, item: Item, outcome: Ack | Refusal) -> None:
        """A message is out of the outbox."""
        self._shelf.delete(item.id)
        self._note_sent()
        sending = self._sendings.pop(item.id, None)
        if sending is not None:
            sending.settle(outcome)
        if isinstance(outcome, Refusal):
            self._offer(SendFailed(item.id, item.draft, outcome.code, outcome.detail))
            return
        self._offer(Sent(outcome))
        draft = item.draft
        if draft.attachments or draft.mentions:
            self.sync.request()  # what became of these only the server knows, and the sender gets no push
            return
        self._inbox.take_message(
            Message(
                id=item.id,
                conversation=outcome.conversation,
                seq=outcome.seq,
                version=outcome.version,
                sender=self.store.me,
                kind=draft.kind,
                content=draft.content,
                timestamp=outcome.timestamp,
                reply_to=draft.reply_to,
                payload=draft.payload,
                silent=draft.silent or None,
            )
        )

    def _on_handled(self, positions: Mapping[str, Position]) -> None:
        self._shelf.move(self._inbox.places(positions))

    def _on_room(self) -> None:
        self._inbox.on_room()
        if self._unannounced is not None:
            self.queue.put(self._unannounced)
            self._unannounced = None
        self._refresh_state()

    def _on_finished(self, task: asyncio.Task[None]) -> None:
        self.queue.close(None if task.cancelled() else task.exception())

    def _refresh_state(self) -> None:
        """Live and up to date, or live and behind; between two sessions the connection says what is."""
        if self.connection.is_live:
            state = State.LIVE if self._inbox.is_level else State.UPDATING
            self._set_state(StateChanged(state, via=self.connection.via))

    def _set_state(self, change: StateChanged) -> None:
        if change.state is not self.state:
            self.state = change.state
            self._unannounced = None if self._offer(change) else change

    def _offer(self, event: Event) -> bool:
        """Put the event if there is room. For what a program can also ask for: the state, the answer of a sending."""
        if not self.queue.room:
            return False
        self.queue.put(event)
        return True
