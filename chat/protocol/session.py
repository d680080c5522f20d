"""The session: what one connection is, without its bytes, its clock and its database.

Frames and the time go in, frames and intents come out. Nothing here waits, reads a clock or knows
a transport, so every rule about logins, heartbeats, limits and errors is written once, and is
tested with numbers instead of sleeps.

The shell's duty, after *every* call:

1. write `frames_to_send()`, encoded with `codec`, in order;
2. act on `events_received()`, in order;
3. arm one timer for `next_timer()`. A deadline mostly moves to later, so the timer that is armed may
   as well stay: `handle_timer` does nothing when nothing is due.
4. When `state` is CLOSED: tell the peer `close_code`, if there is one, and hang up.

`now` is monotonic seconds and must not go back.
"""

from __future__ import annotations

from chat.errors import CloseCode, ErrorCode
from chat.protocol.closing import close_error_frame
from chat.protocol.content import content_refusal
from chat.protocol.frames import ClientFrame, Edit, Error, HeartbeatReply, Login, LoginReply, SendMessage, ServerFrame
from chat.protocol.heartbeat import HeartbeatPolicy
from chat.protocol.intents import Closed, CommandReceived, Intent, LoginRequested
from chat.protocol.interfaces import BadFrame, Codec
from chat.protocol.limits import SessionConfig
from chat.protocol.rate import Allowance
from chat.protocol.states import HANDLING, TRANSITIONS, Handling, State, Trigger


class ConnectionSession:
    """One connection of one device, from its first byte to its last.

    `codec` is what the peer is answered in until it has spoken; then it is that of its own
    frames, and from the login on that of the login. `unix_ms` is the wall time at `now`.
    """

    __slots__ = (
        "_allowance",
        "_bad_frames",
        "_config",
        "_deadline",
        "_frames",
        "_heard_at",
        "_heartbeat",
        "_intents",
        "_sent_at",
        "_unix_offset_ms",
        "_username",
        "_waiting",
        "_waiting_bytes",
        "batch",
        "close_code",
        "close_retry_after",
        "codec",
        "html",
        "state",
    )

    def __init__(self, *, config: SessionConfig, codec: Codec, now: float, unix_ms: int) -> None:
        self.state = State.AWAITING_LOGIN
        self.codec = codec
        #: Whether the client takes several frames in one transport message.
        self.batch = False
        #: Whether the client wants messages with their content rendered.
        self.html = False
        #: Why it ended; None while it lives, and when it was the peer that left.
        self.close_code: CloseCode | None = None
        self.close_retry_after: float | None = None

        self._config = config
        self._unix_offset_ms = unix_ms - now * 1000
        self._heard_at = now
        self._sent_at = now
        #: Of the login, then of its check; later the heartbeat policy says when.
        self._deadline = now + config.login_timeout_s
        self._heartbeat: HeartbeatPolicy | None = None
        self._username = ""
        self._bad_frames = 0
        self._allowance = Allowance(burst=config.rate_burst, now=now)
        # Most connections idle most of the time: no lists before there is something in them.
        self._frames: list[ServerFrame] | None = None
        self._intents: list[Intent] | None = None
        self._waiting: list[ClientFrame] | None = None
        self._waiting_bytes = 0

    # What the shell feeds in.

    def receive(self, payload: str | bytes, codec: Codec, *, now: float) -> None:
        """One transport message: a frame or a batch of them.

        Never raises on a peer's bytes: each bad frame is answered with one error, and what cannot
        go on is closed.
        """
        if self.state is State.CLOSED:
            return
        self._heard_at = now
        size = len(payload)
        limit = self._config.frame_bytes
        # A character has 4 bytes at most, so short text need not be counted.
        if size * 4 > limit and _size_bytes(payload) > limit:
            self.close(CloseCode.TOO_LARGE, now=now)
            return
        if self.state is State.AWAITING_LOGIN:
            self.codec = codec
        frames = codec.decode(payload)
        for frame in frames:
            is_paid = self._pay(now)
            if self._is_closed():  # by this frame's price, or by the frame before it
                return
            if isinstance(frame, BadFrame):
                self._refuse(frame.id, frame.code, now, detail=frame.detail)
                if frame.is_noise:
                    self.close(CloseCode.BAD_FRAME, now=now)
            else:
                self._receive_frame(frame, now, is_paid=is_paid, share_bytes=size // len(frames))

    def receive_eof(self, *, now: float) -> None:
        """The peer left, or the connection broke. There is nobody to tell anything any more."""
        if self.state is not State.CLOSED:
            self._end(None)

    def handle_timer(self, *, now: float) -> None:
        """Act on what is due. An early call does nothing."""
        heartbeat = self._heartbeat
        if self.state is State.CLOSED:
            return
        if heartbeat is not None:
            if now - self._heard_at >= heartbeat.timeout:
                self.close(CloseCode.HEARTBEAT_TIMEOUT, now=now)
            elif now - self._sent_at >= heartbeat.interval:
                self._send(HeartbeatReply(timestamp=self._unix_ms(now)), now)
        elif now >= self._deadline:
            # Of a login that does not come the client is the cause; of one that is not decided, we are.
            is_awaited = self.state is State.AWAITING_LOGIN
            self.close(CloseCode.UNAUTHENTICATED if is_awaited else CloseCode.SERVER_ERROR, now=now)

    def next_timer(self) -> float | None:
        """When to call `handle_timer`, or None when never again."""
        if self.state is State.CLOSED:
            return None
        heartbeat = self._heartbeat
        if heartbeat is None:
            return self._deadline
        return min(self._heard_at + heartbeat.timeout, self._sent_at + heartbeat.interval)

    # What the application decides.

    def accept_login(self, request: Login, reply: LoginReply, *, heartbeat: HeartbeatPolicy, now: float) -> None:
        """The credentials of `request` are good: the session is `reply.user`'s from now on.

        What was received meanwhile comes out of `events_received()` next. Does nothing when the
        connection ended while the login was being checked.

        Raises:
            KeyError: no login is being checked: a fault of the caller's.
        """
        if self.state is State.CLOSED:
            return
        self._move(Trigger.LOGIN_ACCEPTED)
        self.batch = request.batch
        self.html = request.html
        self._username = reply.user.username
        self._heartbeat = heartbeat
        self._heard_at = now  # the wait was ours
        self._send(reply, now)
        waiting, self._waiting = self._waiting, None
        for frame in waiting or ():
            self._handle(frame, HANDLING[self.state][type(frame)], now)

    def reject_login(
        self,
        request: Login,
        code: ErrorCode,
        detail: str,
        *,
        now: float,
        close: CloseCode = CloseCode.UNAUTHENTICATED,
    ) -> None:
        """The credentials of `request` are not good: say so and close.

        Raises:
            KeyError: no login is being checked: a fault of the caller's.
        """
        if self.state is State.CLOSED:
            return
        self._send(Error(id=request.id, code=code, detail=detail or code.info.detail), now)
        self._end(close, Trigger.LOGIN_REJECTED)

    def send(self, frame: ServerFrame, *, now: float) -> None:
        """Queue the answer to a command. After the end there is nobody to answer, and it is dropped.

        Raises:
            RuntimeError: nobody is logged in, so there is nothing to answer: a fault of the caller's.
        """
        if self.state is State.CLOSED:
            return
        if self.state is not State.ACTIVE:
            raise RuntimeError(f"cannot send {type(frame).__name__} in state {self.state.value}")
        self._send(frame, now)

    def note_sent(self, *, now: float) -> None:
        """The shell wrote pushes of its own: no beat is needed for a while."""
        self._sent_at = now

    def close(self, code: CloseCode, *, now: float, retry_after: float | None = None) -> None:
        """End the session. The first reason stands; later input is dropped."""
        if self.state is State.CLOSED:
            return
        self.close_retry_after = retry_after
        self._end(code)

    # What the shell takes out.

    def frames_to_send(self) -> list[ServerFrame]:
        """What to write since the last call, in order."""
        frames, self._frames = self._frames, None
        return frames if frames is not None else []

    def events_received(self) -> list[Intent]:
        """What to do since the last call, in order."""
        intents, self._intents = self._intents, None
        return intents if intents is not None else []

    def close_error_frame(self) -> Error | None:
        """The last frame for a transport without close codes; None when the peer is not to be told anything."""
        return None if self.close_code is None else close_error_frame(self.close_code, self.close_retry_after)

    # Inside.

    def _pay(self, now: float) -> bool:
        """Charge one frame. Returns whether it is within the allowance; what is far beyond it ends the session."""
        is_paid = self._allowance.take(rate_per_s=self._config.rate_per_s, now=now)
        if not is_paid and self._allowance.is_exhausted:
            self.close(CloseCode.RATE_LIMITED, now=now, retry_after=self._retry_after_s())
        return is_paid

    def _receive_frame(self, frame: ClientFrame, now: float, *, is_paid: bool, share_bytes: int) -> None:
        handling = HANDLING[self.state][type(frame)]
        # Logins, beats and goodbyes are heard in any case: to refuse them would end the session.
        if not is_paid and (handling is Handling.DISPATCH or handling is Handling.KEEP):
            self._refuse(frame.id, ErrorCode.RATE_LIMITED, now, retry_after=self._retry_after_s())
        elif handling is Handling.KEEP:
            self._keep(frame, share_bytes, now)
        else:
            self._handle(frame, handling, now)

    def _handle(self, frame: ClientFrame, handling: Handling, now: float) -> None:
        """Do what the table says."""
        if handling is Handling.DISPATCH:
            refusal = self._refusal(frame)
            if refusal is None:
                self._intend(CommandReceived(frame))
            else:
                self._refuse(frame.id, refusal, now)
        elif handling is Handling.BEAT:
            self._send(HeartbeatReply(id=frame.id, timestamp=self._unix_ms(now)), now)
        elif handling is Handling.NOT_LOGGED_IN:
            self._refuse(frame.id, ErrorCode.NOT_LOGGED_IN, now)
        elif handling is Handling.SECOND_LOGIN:
            self._refuse(frame.id, ErrorCode.BAD_FRAME, now, detail="This session has had its login.")
        elif handling is Handling.LEAVE:
            self._end(CloseCode.NORMAL, Trigger.LOGOUT)
        elif handling is Handling.AUTHENTICATE and isinstance(frame, Login):
            self._move(Trigger.LOGIN)
            self.codec = self.codec.for_login(frame)
            self._deadline = now + self._config.authentication_timeout_s
            self._intend(LoginRequested(frame))

    def _refusal(self, frame: ClientFrame) -> ErrorCode | None:
        """Why a command cannot be taken, as far as that can be told without the database."""
        if isinstance(frame, SendMessage):
            # Names of people are the same in upper and lower case.
            if frame.sender is not None and frame.sender.lower() != self._username.lower():
                return ErrorCode.FORBIDDEN
            return content_refusal(
                frame.content,
                max_chars=self._config.content_chars,
                kind=frame.kind,
                attachments=frame.attachments,
                payload=frame.payload,
            )
        if isinstance(frame, Edit):
            return content_refusal(frame.content, max_chars=self._config.content_chars)
        return None

    def _keep(self, frame: ClientFrame, share_bytes: int, now: float) -> None:
        """Keep a command until the login is decided, as long as there is room."""
        config = self._config
        waiting = self._waiting
        if waiting is None:
            waiting = self._waiting = []
        room_bytes = config.waiting_bytes_max - self._waiting_bytes
        if len(waiting) >= config.waiting_frames_max or share_bytes > room_bytes:
            self._refuse(
                frame.id, ErrorCode.RATE_LIMITED, now, detail="The login is still being checked.", retry_after=1
            )
            return
        self._waiting_bytes += share_bytes
        waiting.append(frame)

    def _refuse(
        self, id: str | None, code: ErrorCode, now: float, *, detail: str = "", retry_after: float | None = None
    ) -> None:
        """Answer one frame with one error. Bad ones are counted, and too many of them end the session."""
        self._send(Error(id=id, code=code, detail=detail or code.info.detail, retry_after=retry_after), now)
        if code is ErrorCode.BAD_FRAME:
            self._bad_frames += 1
            if self._bad_frames >= self._config.bad_frames_max:
                self.close(CloseCode.BAD_FRAME, now=now)

    def _retry_after_s(self) -> float:
        return self._allowance.retry_after_s(rate_per_s=self._config.rate_per_s)

    def _unix_ms(self, now: float) -> int:
        return round(self._unix_offset_ms + now * 1000)

    def _send(self, frame: ServerFrame, now: float) -> None:
        self._sent_at = now
        if self._frames is None:
            self._frames = [frame]
        else:
            self._frames.append(frame)

    def _intend(self, intent: Intent) -> None:
        if self._intents is None:
            self._intents = [intent]
        else:
            self._intents.append(intent)

    def _move(self, trigger: Trigger) -> None:
        self.state = TRANSITIONS[self.state][trigger]

    def _is_closed(self) -> bool:
        """Asked after a call that may have ended the session, where a type checker still believes otherwise."""
        return self.state is State.CLOSED

    def _end(self, code: CloseCode | None, trigger: Trigger = Trigger.CLOSE) -> None:
        self._move(trigger)
        self.close_code = code
        self._intend(Closed(code))


def _size_bytes(payload: str | bytes) -> int:
    """The size of `payload` on the wire. Lone surrogates, which no wire carries, count like any character."""
    return len(payload) if isinstance(payload, bytes) else len(payload.encode("utf-8", "surrogatepass"))
