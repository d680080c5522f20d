"""Sessions in any state, without a transport."""

from __future__ import annotations

from typing import Any

import msgspec

from chat.codecs.json_codec import JSON_CODEC
from chat.events import UserObject
from chat.protocol import frames
from chat.protocol.heartbeat import HeartbeatPolicy
from chat.protocol.intents import LoginRequested
from chat.protocol.limits import SessionConfig
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State

#: Wall time of `now=0`.
UNIX_MS = 1_712_345_678_000
BEAT = HeartbeatPolicy(interval=30, timeout=90)
LOGIN = {"type": "login", "id": "login", "token": "secret", "device": {"id": "laptop", "platform": "desktop"}}


def new_session(config: SessionConfig | None = None, *, now: float = 0) -> ConnectionSession:
    """A session whose peer has just connected."""
    return ConnectionSession(config=config or SessionConfig(), codec=JSON_CODEC, now=now, unix_ms=UNIX_MS)


def say(session: ConnectionSession, *messages: Any, now: float = 0) -> list[frames.ServerFrame]:
    """Let the peer send transport messages; returns what it is answered.

    Each is text or bytes as they are, or something to be encoded as JSON.
    """
    for message in messages:
        payload = message if isinstance(message, str | bytes) else msgspec.json.encode(message).decode()
        session.receive(payload, JSON_CODEC, now=now)
    return session.frames_to_send()


def login_reply(request: frames.Login, username: str = "alice") -> frames.LoginReply:
    return frames.LoginReply(
        id=request.id,
        user=UserObject(username=username, name="Alice", avatar=None),
        session="s1",
        epoch="e1",
        heartbeat=BEAT,
        limits=frames.Limits(frame_bytes=65_536, content_chars=10_000),
        timestamp=UNIX_MS,
    )


def accept(session: ConnectionSession, *, now: float = 0) -> frames.LoginReply:
    """Accept the login that the session asks about."""
    (request,) = (intent.frame for intent in session.events_received() if isinstance(intent, LoginRequested))
    reply = login_reply(request)
    session.accept_login(request, reply, heartbeat=BEAT, now=now)
    return reply


def session_in(state: State, config: SessionConfig | None = None, *, now: float = 0) -> ConnectionSession:
    """A session that came to `state` the usual way, at `now`, with nothing left to take out of it."""
    session = new_session(config, now=now)
    if state is not State.AWAITING_LOGIN:
        say(session, LOGIN, now=now)
        request = session.events_received()[0].frame
        if state is not State.AUTHENTICATING:
            session.accept_login(request, login_reply(request), heartbeat=BEAT, now=now)
            if state is State.CLOSED:
                say(session, {"type": "logout"}, now=now)
            session.events_received()
            session.frames_to_send()
    assert session.state is state
    return session
