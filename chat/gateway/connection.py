"""One connection: the asynchronous shell around a `ConnectionSession`.

Every transport feeds it what it read and gives it a `Transport` to write to. In fixed order, after each
input: act on the session's intents, queue its frames, re-arm the one timer. Commands run one after
another in a task of the connection's own, so a slow query delays nobody else, and not even this
connection's pushes and heartbeats.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chat.delivery import metrics
from chat.delivery.hub import Hub
from chat.delivery.outbox import Outbox
from chat.delivery.push import Parcel, Variant, variant
from chat.delivery.subscriber import LocalSession
from chat.errors import CloseCode, ErrorCode, ImError
from chat.gateway.authentication import Credentials
from chat.gateway.transport import Transport
from chat.protocol.frames import ClientFrame, Error, ServerFrame
from chat.protocol.intents import Closed, CommandReceived, LoginRequested
from chat.protocol.interfaces import Codec
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State

if TYPE_CHECKING:
    from chat.gateway.runtime import Gateway
    from chat.services.messages import SendResult

logger = logging.getLogger(__name__)

#: Commands that may wait behind a running one before the transport stops reading.
INBOX_MAX = 256


class Connection:
    """The shell of one connection. All methods belong to the event loop's thread."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_expires",
        "_gateway",
        "_inbox",
        "_loop",
        "_overflowed",
        "_room",
        "_task",
        "_transport",
        "credentials",
        "expires_at",
        "id",
        "local",
        "outbox",
        "sends",
        "session",
        "slot",
        "synced_at",
    )

    def __init__(self, *, gateway: Gateway, transport: Transport, codec: Codec, credentials: Credentials) -> None:
        self._gateway = gateway
        self._loop = gateway.loop
        self._transport = transport
        self.credentials = credentials
        #: Also the session's id on the wire: it names nothing but this connection.
        self.id = secrets.token_hex(12)
        self.session = ConnectionSession(
            config=gateway.config.session,
            codec=codec,
            now=self._loop.time(),
            unix_ms=time.time_ns() // 1_000_000,
        )
        self.outbox = Outbox(
            writer=self,
            flusher=gateway.delivery.flusher,
            limit_bytes=gateway.config.outbox_bytes,
            on_overflow=self._on_overflow,
        )
        self.local: LocalSession | None = None  # once logged in
        self.expires_at: datetime | None = None  # of the device's token or browser session
        self.synced_at: datetime | None = None  # when the device's session before this one began
        self.sends: set[asyncio.Future[SendResult]] = set()  # messages that are being committed
        self._inbox: deque[LoginRequested | CommandReceived] | None = None
        self._task: asyncio.Task[None] | None = None
        self._room: asyncio.Event | None = None
        self._expires: float | None = None  # `expires_at` in the loop's time
        self.slot = 0
        self._overflowed = False
        self._closed = False
        gateway.connections.add(self)
        metrics.CONNECTIONS.labels(transport=transport.name).inc()
        self._arm()

    # --- what the transport calls -----------------------------------------------

    def receive(self, payload: str | bytes, codec: Codec) -> None:
        """One transport message arrived, which `codec` reads."""
        self.session.receive(payload, codec, now=self._loop.time())
        self.step()

    @property
    def is_full(self) -> bool:
        """Whether the transport should stop reading until `ready` returns."""
        return self._inbox is not None and len(self._inbox) >= INBOX_MAX and not self._closed

    async def ready(self) -> None:
        """Wait until this connection's commands have room again: call it between reads."""
        while self.is_full:
            self._room = asyncio.Event()
            await self._room.wait()

    def eof(self) -> None:
        """The peer is gone."""
        self.session.receive_eof(now=self._loop.time())
        self.step()

    # --- what the gateway calls ------------------------------------------------

    def close(self, code: CloseCode, *, retry_after: float | None = None) -> None:
        """End the connection."""
        self.session.close(code, now=self._loop.time(), retry_after=retry_after)
        self.step()

    def logged_in(self) -> None:
        """The session has accepted the login: beats are due from now on, perhaps before the login would have been."""
        self.step()
        self._arm()

    def expires(self, at: datetime, *, now: datetime) -> None:
        """What was logged in with holds until `at`, and the connection no longer."""
        self.expires_at = at
        self._expires = self._loop.time() + (at - now).total_seconds()
        self._arm()

    def end_soon(self, code: CloseCode) -> None:
        """End the connection after what is running now: safe to call in the middle of a fan-out."""
        self._loop.call_soon(self.close, code)

    def reply(self, frame: ServerFrame) -> None:
        """Answer a command."""
        self.session.send(frame, now=self._loop.time())
        self.step()

    def reply_encoded(self, data: bytes) -> None:
        """Answer a command with a frame that is encoded already."""
        self.outbox.put(data)

    def refuse(self, request_id: str | None, error: ImError) -> None:
        """Answer a command with its error."""
        self.reply(Error(id=request_id, code=error.code, detail=error.detail, retry_after=error.retry_after))

    @property
    def live(self) -> LocalSession:
        """The logged-in session, where there must be one."""
        assert self.local is not None
        return self.local

    @property
    def hub(self) -> Hub:
        """The hub that this connection's session is attached to."""
        return self._gateway.delivery.hub

    @property
    def is_open(self) -> bool:
        return not self._closed

    def variant_for(self, *, html: bool, batch: bool) -> Variant:
        """How frames get into this connection's outbox, and out of it."""
        codec = self.session.codec
        return variant(codec, html=html, batch=batch, wrap=self._transport.wrapper(codec))

    # --- the outbox's writer ---------------------------------------------------

    def write(self, frames: Sequence[bytes]) -> None:
        """Write what the outbox held, as `variant_for` had it encoded."""
        session = self.session
        wanted = self.variant_for(html=session.html, batch=session.batch)
        self.write_parcel(Parcel(frames, wanted.messages(frames)))

    def write_parcel(self, parcel: Parcel) -> None:
        """Write what many get."""
        session = self.session
        session.note_sent(now=self._loop.time())
        self._transport.write(parcel, session.codec)

    def buffered(self) -> int:
        """Bytes that the socket has not taken yet."""
        return self._transport.buffered()

    # --- inside ----------------------------------------------------------------

    def step(self) -> None:
        """Carry out what the session wants after any input."""
        session = self.session
        frames = session.frames_to_send()
        if frames:
            wanted = self.variant_for(html=session.html, batch=session.batch)
            for frame in frames:
                self.outbox.put(wanted.encode(frame))
        for intent in session.events_received():
            if isinstance(intent, Closed):
                self._finish(intent.code)
                return
            self._enqueue(intent)

    def _enqueue(self, intent: LoginRequested | CommandReceived) -> None:
        if self.local is not None:
            self.local.active_at = self._loop.time()
        if self._inbox is None:
            self._inbox = deque()
        self._inbox.append(intent)
        if self._task is None:
            self._task = self._loop.create_task(self._work())

    async def _work(self) -> None:
        inbox = self._inbox
        assert inbox is not None
        try:
            while inbox and not self._closed:
                intent = inbox.popleft()
                if self._room is not None:
                    self._room.set()
                await self._run(intent.frame, login=isinstance(intent, LoginRequested))
        finally:
            self._task = None
            # An idle connection keeps no empty queue.
            self._inbox = inbox or None

    async def _run(self, frame: ClientFrame, *, login: bool) -> None:
        try:
            if login:
                await self._gateway.on_login(self, frame)  # type: ignore[arg-type]  # a login's intent
            else:
                await self._gateway.on_command(self, frame)
        except ImError as error:
            self.refuse(frame.id, error)
        except Exception as error:
            logger.exception("command.failed type=%s session=%s", type(frame).__name__, self.id, exc_info=error)
            if login or self.session.state is not State.ACTIVE:
                self.close(CloseCode.SERVER_ERROR)
            else:
                self.refuse(frame.id, ImError(ErrorCode.SERVER_ERROR))

    def _on_overflow(self) -> None:
        self._overflowed = True
        self.end_soon(CloseCode.SLOW_CONSUMER)

    def on_due(self) -> None:
        """The sweep's call: most often the deadline has moved meanwhile."""
        now = self._loop.time()
        if self._expires is not None and now >= self._expires:
            self.session.close(CloseCode.UNAUTHENTICATED, now=now)
        else:
            self.session.handle_timer(now=now)
        self.step()
        self._arm()

    def _arm(self) -> None:
        at = self.session.next_timer()
        if at is None or self._closed:
            return
        self._gateway.sweep.watch(self, at if self._expires is None else min(at, self._expires))

    def _finish(self, code: CloseCode | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._gateway.sweep.forget(self)
        if self._room is not None:
            self._room.set()
        if code is not None and code is not CloseCode.NORMAL:
            self._say_why()
        self.outbox.close()
        if code is not None:
            metrics.CLOSES.labels(code=str(int(code))).inc()
            self._transport.close(code, abort=self._overflowed)
        metrics.CONNECTIONS.labels(transport=self._transport.name).dec()
        self._gateway.on_closed(self)

    def _say_why(self) -> None:
        """A last `error` frame, where the close itself cannot say as much: raw TCP has no codes, WebSocket no delay."""
        last = self.session.close_error_frame()
        has_more_to_say = last is not None and last.retry_after is not None and self.local is not None
        if last is not None and (has_more_to_say or not self._transport.has_close_codes):
            self.outbox.put(self.variant_for(html=self.session.html, batch=self.session.batch).encode(last))
