"""The state tables, and every cell of them as a peer sees it."""

from __future__ import annotations

import pytest

from chat.errors import CloseCode, ErrorCode
from chat.protocol import frames
from chat.protocol.intents import Closed, CommandReceived, LoginRequested
from chat.protocol.states import CLIENT_FRAMES, HANDLING, TRANSITIONS, Handling, State, Trigger, mermaid
from tests.support.frames import CLIENT_FRAMES as EXAMPLES
from tests.support.frames import wire
from tests.support.sessions import accept, say, session_in

COMMANDS = [frame for frame in CLIENT_FRAMES if frame not in (frames.Login, frames.Heartbeat, frames.Logout)]

#: (state, type of frame): the error code, frame or intent that it leads to. Written by hand, not taken from the table.
EXPECTED: dict[tuple[State, type], object] = {
    **{(State.AWAITING_LOGIN, command): ErrorCode.NOT_LOGGED_IN for command in COMMANDS},
    (State.AWAITING_LOGIN, frames.Login): LoginRequested,
    (State.AWAITING_LOGIN, frames.Heartbeat): frames.HeartbeatReply,
    (State.AWAITING_LOGIN, frames.Logout): ErrorCode.NOT_LOGGED_IN,
    **{(State.AUTHENTICATING, command): "kept" for command in COMMANDS},
    (State.AUTHENTICATING, frames.Login): ErrorCode.BAD_FRAME,
    (State.AUTHENTICATING, frames.Heartbeat): frames.HeartbeatReply,
    (State.AUTHENTICATING, frames.Logout): "kept",
    **{(State.ACTIVE, command): CommandReceived for command in COMMANDS},
    (State.ACTIVE, frames.Login): ErrorCode.BAD_FRAME,
    (State.ACTIVE, frames.Heartbeat): frames.HeartbeatReply,
    (State.ACTIVE, frames.Logout): Closed,
    **{(State.CLOSED, frame): "dropped" for frame in CLIENT_FRAMES},
}


def example(frame: type) -> frames.ClientFrame:
    return next(found for found in EXAMPLES.values() if type(found) is frame)


@pytest.mark.parametrize(("state", "frame"), [(state, frame) for state in State for frame in CLIENT_FRAMES])
def test_every_frame_in_every_state(state: State, frame: type) -> None:
    session = session_in(state)
    sent = example(frame)
    expected = EXPECTED[state, frame]

    replies = say(session, wire(sent))
    intents = session.events_received()

    if isinstance(expected, ErrorCode):
        assert [(reply.id, reply.code) for reply in replies if isinstance(reply, frames.Error)] == [(sent.id, expected)]
        assert len(replies) == 1 and intents == [] and session.state is state
    elif expected is frames.HeartbeatReply:
        assert [type(reply) for reply in replies] == [frames.HeartbeatReply]
        assert intents == [] and session.state is state
    elif expected in ("kept", "dropped"):
        assert replies == [] and intents == [] and session.state is state
    else:
        assert replies == []
        assert [type(intent) for intent in intents] == [expected]
        if expected is Closed:
            assert intents == [Closed(CloseCode.NORMAL)] and session.state is State.CLOSED
        else:
            assert intents[0] == expected(sent)


@pytest.mark.parametrize("frame", [*COMMANDS, frames.Logout])
def test_what_was_kept__happens_after_the_login(frame: type) -> None:
    session = session_in(State.ACTIVE)  # what would happen without a wait ...
    say(session, wire(example(frame)))
    expected = session.events_received()

    session = session_in(State.AWAITING_LOGIN)  # ... happens after one
    say(session, wire(example(frames.Login)), wire(example(frame)))
    reply = accept(session)
    assert session.frames_to_send() == [reply]
    assert session.events_received() == expected


def test_the_tables__are_total() -> None:
    assert set(TRANSITIONS) == set(HANDLING) == set(State)
    for row in HANDLING.values():
        assert set(row) == set(CLIENT_FRAMES)
    assert set(EXPECTED) == {(state, frame) for state in State for frame in CLIENT_FRAMES}


def test_every_trigger_and_handling__is_in_use() -> None:
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(Trigger)
    assert {handling for row in HANDLING.values() for handling in row.values()} == set(Handling)


def test_closed__is_for_ever() -> None:
    assert TRANSITIONS[State.CLOSED] == {}
    assert set(HANDLING[State.CLOSED].values()) == {Handling.DROP}


def test_the_diagram__has_every_transition() -> None:
    lines = [line.strip() for line in mermaid().splitlines()]
    assert lines[0] == "stateDiagram-v2"
    assert "[*] --> awaiting_login" in lines
    assert "closed --> [*]" in lines
    for state, row in TRANSITIONS.items():
        for trigger, target in row.items():
            assert f"{state} --> {target}: {trigger}" in lines
    assert len(lines) == 3 + sum(map(len, TRANSITIONS.values()))
