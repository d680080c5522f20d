"""One logged-in session, kept alive: dial, log in, beat, notice death, come back.

It knows time and the close codes and nothing of messages. What was handed to `send` and had not left when a connection
ended is gone: whoever wants an answer asks again after the next login.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from lian_client.backoff import Backoff
from lian_client.codecs.base import Codec, DecodeError
from lian_client.codes import CloseCode, may_reconnect
from lian_client.frames import AnyServerFrame, ClientFrame, Error, Heartbeat, HeartbeatReply, Login, LoginReply, Logout
from lian_client.heart import Heart
from lian_client.transports.base import Transport, TransportClosedError

logger = logging.getLogger(__name__)

#: A handshake that takes longer is not going to happen.
DIAL_TIMEOUT_S = 10.0
#: As long as the server gives itself to check a login; to come back earlier would only add to what keeps it busy.
LOGIN_TIMEOUT_S = 30.0
#: A session this old was healthy: its end starts the backoff from the base again.
HEALTHY_AFTER_S = 60.0
#: The close that an `error` frame announces comes within this.
CLOSE_FOLLOWS_S = 5.0
#: Frames that wait for a peer that does not read. Its askers send few at a time; beyond this the connection is of no
#: use.
OUTGOING_MAX = 1_000


class State(enum.StrEnum):
    """`waiting`: the connection is gone, and another attempt follows by itself. `stopped`: none does."""

    CONNECTING = "connecting"
    UPDATING = "updating"  # logged in, and reading what was missed
    LIVE = "live"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class End:
    """How a connection ended, and what follows. `code` is None when it just broke."""

    code: int | None
    reason: str = ""
    retry_after: float = 0.0
    at_once: bool = False  # the failure is known to be this connection's alone: dial again without waiting


class FrameTooLargeError(Exception):
    """The server would close the connection over this frame."""


class Handler(Protocol):
    """Who a connection reports to. All of it is called on the loop, one after another."""

    def make_login(self) -> Login:
        """The first frame of the next session, with an id; asked for anew each time, for the cursors in it grow."""
        ...

    def on_login(self, reply: LoginReply) -> None: ...

    def on_frame(self, frame: AnyServerFrame) -> None:
        """Any frame but `login` and `heartbeat`."""
        ...

    def on_lost(self) -> None:
        """A session that had begun is over."""
        ...

    def on_connecting(self) -> None: ...

    def on_waiting(self, end: End, seconds: float) -> None: ...

    def on_stopped(self, end: End) -> None:
        """The last call."""
        ...


class Connection:
    """Made by the client. `run` is its whole life."""

    def __init__(
        self, *, dial: Callable[[], Awaitable[Transport]], codec: Codec, handler: Handler, backoff: Backoff
    ) -> None:
        self._dial = dial
        self._codec = codec
        self._handler = handler
        self._backoff = backoff
        self._loop = asyncio.get_running_loop()
        self._heart = Heart(
            self._loop,
            beat=self._beat,
            die=self._die,
        )
        self._transport: Transport | None = None
        self._outgoing: asyncio.Queue[str | bytes] = asyncio.Queue(OUTGOING_MAX)
        self._is_live = False
        self._live_since = 0.0
        self._frame_bytes = 0
        self._login_id: str | None = None
        self._let_go_with: End | None = None
        self._announced: tuple[float, Error] | None = None  # when, and the `error` that a close may follow
        self._woken = asyncio.Event()
        self._wake_not_before = 0.0
        self._is_stopping = False

    @property
    def is_live(self) -> bool:
        """Whether a session stands."""
        return self._is_live

    @property
    def via(self) -> str | None:
        """The name of the transport while there is one."""
        return self._transport.name if self._transport is not None else None

    def send(self, frame: ClientFrame) -> bool:
        """Hand over one frame. False when there is no session: nothing was sent and nothing is kept.

        Raises:
            FrameTooLargeError: it is longer than the server takes.
        """
        if not self._is_live:
            return False
        payload = self._codec.encode(frame)
        size = len(payload.encode()) if isinstance(payload, str) else len(payload)
        if size > self._frame_bytes:
            raise FrameTooLargeError(f"{size} bytes, and {self._frame_bytes} are taken")
        try:
            self._outgoing.put_nowait(payload)
        except asyncio.QueueFull:
            self._let_go(End(None, "the server does not read"))
            return False
        self._heart.note_sent()
        return True

    def drop(self) -> None:
        """It proved to be of no use (no ack in time): let it go and dial again at once."""
        if self._is_live:
            self._let_go(End(CloseCode.HEARTBEAT_TIMEOUT, "no answer in time", at_once=True))

    def wake(self) -> None:
        """The network or the device came back: waiting ends now (but not a wait that the server asked for).

        An open connection has to prove that it is still there.
        """
        if self._is_live:
            self._heart.probe()
        elif self._loop.time() >= self._wake_not_before:
            self._woken.set()

    async def stop(self) -> None:
        """Sign the session off. `run` returns soon, and need not be waited for longer than CLOSE_TIMEOUT_S."""
        self._is_stopping = True
        self._woken.set()
        if not self.send(Logout()) and self._transport is not None:
            self._let_go(End(CloseCode.NORMAL))

    async def run(self) -> None:
        """Until `stop`, a final close code, or as many failures as the policy allows."""
        end = End(CloseCode.NORMAL)
        try:
            while not self._is_stopping:
                self._handler.on_connecting()
                end = await self._session()
                self._note_lost()
                if self._is_stopping or not may_reconnect(end.code) or self._backoff.is_exhausted:
                    break
                await self._wait(end)
        finally:
            self._note_lost()
            self._handler.on_stopped(End(CloseCode.NORMAL) if self._is_stopping else end)

    def _note_lost(self) -> None:
        if self._is_live:
            self._is_live = False
            if self._loop.time() - self._live_since >= HEALTHY_AFTER_S:
                self._backoff.reset()
            self._handler.on_lost()

    # --- one session -----------------------------------------------------------------------------------------------

    async def _session(self) -> End:
        """Dial, log in and serve until the connection is over; how it ended."""
        self._let_go_with = self._announced = None
        self._outgoing = asyncio.Queue(OUTGOING_MAX)
        try:
            async with asyncio.timeout(DIAL_TIMEOUT_S):
                self._transport = transport = await self._dial()
        except (OSError, TransportClosedError) as error:  # TimeoutError is an OSError
            return End(None, f"{type(error).__name__}: {error}", retry_after=getattr(error, "retry_after", 0.0))
        writer = asyncio.create_task(self._write(transport))
        try:
            await self._serve(transport)
        except TransportClosedError as closed:
            end = self._let_go_with or self._judged(closed)
        except TimeoutError:
            end = End(CloseCode.HEARTBEAT_TIMEOUT, "no answer to the login")
        except DecodeError as error:
            # Perhaps a proxy's doing, and gone with the next connection; growing waits keep it from becoming a loop.
            end = End(CloseCode.SERVER_ERROR, str(error))
        finally:
            self._heart.stop()
            writer.cancel()
            await asyncio.wait([writer])
            self._transport = None
            await transport.close(CloseCode.NORMAL)
        logger.info("connection.ended code=%s reason=%s", end.code, end.reason)
        return end

    async def _serve(self, transport: Transport) -> None:
        """Until it ends, which raises."""
        async with asyncio.timeout(LOGIN_TIMEOUT_S) as deadline:
            login = self._handler.make_login()
            self._login_id = login.id
            await transport.send(self._codec.encode(login))
            while True:
                payload = await transport.receive()
                self._heart.note_heard()
                for frame in self._codec.decode(payload):
                    self._take(frame)
                if self._is_live:
                    deadline.reschedule(None)
                if self._let_go_with is not None:
                    raise TransportClosedError(self._let_go_with.code)

    def _take(self, frame: AnyServerFrame) -> None:
        match frame:
            case LoginReply():
                if not self._is_live:
                    self._begin(frame)
            case HeartbeatReply():
                pass
            case Error() if frame.close is not None or frame.id is None or frame.id == self._login_id:
                self._announced = (self._loop.time(), frame)
                self._handler.on_frame(frame)
            case _:
                self._handler.on_frame(frame)

    def _begin(self, reply: LoginReply) -> None:
        self._is_live = True
        self._live_since = self._loop.time()
        self._frame_bytes = reply.limits.frame_bytes
        self._heart.note_sent()
        self._heart.start(reply.heartbeat)
        self._handler.on_login(reply)

    async def _write(self, transport: Transport) -> None:
        """Writes what waits, at the pace at which the peer reads."""
        outgoing = self._outgoing
        try:
            while True:
                await transport.send(await outgoing.get())
        except TransportClosedError:
            transport.abort()  # so that whoever reads hears of it, too

    def _let_go(self, end: End) -> None:
        if self._transport is not None:
            self._let_go_with = end
            self._transport.abort()

    def _beat(self) -> None:
        self.send(Heartbeat())

    def _die(self, was_probed: bool) -> None:
        self._let_go(End(CloseCode.HEARTBEAT_TIMEOUT, "nothing heard", at_once=was_probed))

    def _judged(self, closed: TransportClosedError) -> End:
        """The end of a connection, with what an `error` frame said just before it."""
        if self._announced is None or self._loop.time() - self._announced[0] > CLOSE_FOLLOWS_S:
            return End(closed.code, closed.reason)
        error = self._announced[1]
        return End(
            error.close if error.close is not None else closed.code,
            closed.reason or error.code,
            retry_after=error.retry_after or 0.0,
        )

    # --- between two sessions --------------------------------------------------------------------------------------

    async def _wait(self, end: End) -> None:
        seconds = 0.0 if end.at_once else end.retry_after + self._backoff.next()
        self._wake_not_before = self._loop.time() + end.retry_after
        self._handler.on_waiting(end, seconds)
        self._woken.clear()
        if self._is_stopping:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
