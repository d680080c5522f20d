"""The session's states, as tables.

Rules: whatever decides about a state is in this file, and nothing else is. The session acts on
`TRANSITIONS` and `HANDLING`; the diagram in docs/protocol.md is drawn from the same tables, so
that neither can say something else than the code does.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Mapping
from types import MappingProxyType

from chat.protocol.frames import ClientFrame, Command, Heartbeat, Login, Logout

CLIENT_FRAMES: tuple[type[Command], ...] = typing.get_args(ClientFrame)


class State(enum.StrEnum):
    """Where a session is in its life. A string, since its hash is looked up for every frame."""

    AWAITING_LOGIN = "awaiting_login"
    AUTHENTICATING = "authenticating"  # the application is checking the credentials
    ACTIVE = "active"
    CLOSED = "closed"  # either side ended it: no input is read and nothing is sent any more


class Trigger(enum.StrEnum):
    """What takes a session from one state to another."""

    LOGIN = "login frame"
    LOGIN_ACCEPTED = "login accepted"
    LOGIN_REJECTED = "login rejected"
    LOGOUT = "logout frame"
    CLOSE = "closed by either side"


TRANSITIONS: Mapping[State, Mapping[Trigger, State]] = MappingProxyType(
    {
        State.AWAITING_LOGIN: {Trigger.LOGIN: State.AUTHENTICATING, Trigger.CLOSE: State.CLOSED},
        State.AUTHENTICATING: {
            Trigger.LOGIN_ACCEPTED: State.ACTIVE,
            Trigger.LOGIN_REJECTED: State.CLOSED,
            Trigger.CLOSE: State.CLOSED,
        },
        State.ACTIVE: {Trigger.LOGOUT: State.CLOSED, Trigger.CLOSE: State.CLOSED},
        State.CLOSED: {},
    }
)


class Handling(enum.StrEnum):
    """What becomes of a well-formed frame."""

    DISPATCH = "to the application"
    BEAT = "answered with heartbeat"
    KEEP = "kept until the login is decided"
    AUTHENTICATE = "to the application, to be checked"
    NOT_LOGGED_IN = "error not_logged_in"
    SECOND_LOGIN = "error bad_frame"
    LEAVE = "close 1000"
    DROP = "dropped"


def _row(*, login: Handling, heartbeat: Handling, logout: Handling, others: Handling) -> Mapping[type, Handling]:
    special = {Login: login, Heartbeat: heartbeat, Logout: logout}
    return MappingProxyType({frame: special.get(frame, others) for frame in CLIENT_FRAMES})


#: By state and type of frame; total, so a new type of frame has an answer in every state.
HANDLING: Mapping[State, Mapping[type, Handling]] = MappingProxyType(
    {
        State.AWAITING_LOGIN: _row(
            login=Handling.AUTHENTICATE,
            heartbeat=Handling.BEAT,
            logout=Handling.NOT_LOGGED_IN,
            others=Handling.NOT_LOGGED_IN,
        ),
        State.AUTHENTICATING: _row(
            login=Handling.SECOND_LOGIN,
            heartbeat=Handling.BEAT,
            logout=Handling.KEEP,
            others=Handling.KEEP,
        ),
        State.ACTIVE: _row(
            login=Handling.SECOND_LOGIN,
            heartbeat=Handling.BEAT,
            logout=Handling.LEAVE,
            others=Handling.DISPATCH,
        ),
        State.CLOSED: _row(
            login=Handling.DROP,
            heartbeat=Handling.DROP,
            logout=Handling.DROP,
            others=Handling.DROP,
        ),
    }
)


def mermaid() -> str:
    """The state diagram, in Mermaid."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.AWAITING_LOGIN.value}"]
    for state, row in TRANSITIONS.items():
        lines += [f"    {state.value} --> {target.value}: {trigger.value}" for trigger, target in row.items()]
    lines.append(f"    {State.CLOSED.value} --> [*]")
    return "\n".join(lines)
