"""The session: logins, answers, refusals and endings. Timers and limits have files of their own."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import msgspec
import pytest

from chat.codecs.json_codec import JSON_CODEC, JsonCodec
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC
from chat.errors import CloseCode, ErrorCode
from chat.protocol import frames
from chat.protocol.intents import Closed, CommandReceived, LoginRequested
from chat.protocol.interfaces import Codec
from chat.protocol.limits import SessionConfig
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State
from tests.support import protobuf
from tests.support.frames import SERVER_FRAMES
from tests.support.sessions import BEAT, LOGIN, UNIX_MS, accept, login_reply, new_session, say, session_in


def make_message(**fields: object) -> dict[str, object]:
    return {"type": "message", "id": "m1", "receiver": "bob", "content": "Hi", **fields}


def only_error(replies: list[frames.ServerFrame]) -> frames.Error:
    (error,) = replies
    assert isinstance(error, frames.Error)
    return error


class TestLogin:
    def test_login__is_asked_of_the_application(self) -> None:
        session = new_session()
        assert say(session, LOGIN) == []
        (intent,) = session.events_received()
        assert isinstance(intent, LoginRequested)
        assert (intent.frame.id, intent.frame.token, intent.frame.device.platform) == ("login", "secret", "desktop")
        assert session.state is State.AUTHENTICATING

    def test_accepted__is_told_and_remembers_what_the_client_can(self) -> None:
        session = new_session()
        say(session, {**LOGIN, "batch": True, "html": True})
        assert not session.batch and not session.html
        reply = accept(session)
        assert session.frames_to_send() == [reply]
        assert session.state is State.ACTIVE
        assert session.batch and session.html

    def test_rejected__is_told_and_closed(self) -> None:
        session = new_session()
        say(session, LOGIN)
        (request,) = (intent.frame for intent in session.events_received())
        session.reject_login(request, ErrorCode.BAD_CREDENTIALS, "", now=1)
        error = only_error(session.frames_to_send())
        assert (error.id, error.code) == ("login", ErrorCode.BAD_CREDENTIALS)
        assert error.detail == ErrorCode.BAD_CREDENTIALS.info.detail
        assert session.events_received() == [Closed(CloseCode.UNAUTHENTICATED)]
        assert (session.state, session.close_code) == (State.CLOSED, CloseCode.UNAUTHENTICATED)

    def test_rejected_for_a_reason_of_its_own(self) -> None:
        session = new_session()
        say(session, LOGIN)
        request = session.events_received()[0].frame
        session.reject_login(request, ErrorCode.FORBIDDEN, "Banned.", now=1, close=CloseCode.FORBIDDEN)
        assert only_error(session.frames_to_send()).detail == "Banned."
        assert session.close_code is CloseCode.FORBIDDEN

    @pytest.mark.parametrize("verdict", ["accept", "reject"])
    def test_a_verdict_after_the_end__changes_nothing(self, verdict: str) -> None:
        session = new_session()
        say(session, LOGIN)
        request = session.events_received()[0].frame
        session.receive_eof(now=1)
        session.events_received()
        if verdict == "accept":
            session.accept_login(request, login_reply(request), heartbeat=BEAT, now=2)
        else:
            session.reject_login(request, ErrorCode.BAD_CREDENTIALS, "", now=2)
        assert session.state is State.CLOSED
        assert session.frames_to_send() == [] and session.events_received() == []

    @pytest.mark.parametrize("state", [State.AWAITING_LOGIN, State.ACTIVE])
    def test_a_verdict_nobody_asked_for__is_a_fault_of_the_caller(self, state: State) -> None:
        session = session_in(state)
        request = frames.Login(device=frames.DeviceInfo(id="x", platform="web"))
        with pytest.raises(KeyError):
            session.accept_login(request, login_reply(request), heartbeat=BEAT, now=1)
        assert session.state is state

    def test_the_token__is_in_no_repr(self) -> None:
        session = new_session()
        say(session, LOGIN)
        (intent,) = session.events_received()
        assert "secret" not in repr(intent)
        assert "laptop" in repr(intent)


class TestCommands:
    def test_commands__reach_the_application_in_order(self) -> None:
        session = session_in(State.ACTIVE)
        say(session, make_message(id="a"), [make_message(id="b"), make_message(id="c")])
        assert [intent.frame.id for intent in session.events_received()] == ["a", "b", "c"]

    def test_the_five_field_form__is_a_message(self) -> None:
        session = session_in(State.ACTIVE)
        seed = {"type": "message", "sender": "alice", "receiver": "bob", "content": "Hello!", "timestamp": 1712345678}
        assert say(session, seed) == []
        assert session.events_received() == [
            CommandReceived(frames.SendMessage(sender="alice", receiver="bob", content="Hello!"))
        ]

    @pytest.mark.parametrize("sender", ["bob", "", "alice ", "alicе"])  # the last one is Cyrillic
    def test_a_foreign_sender__is_forbidden(self, sender: str) -> None:
        session = session_in(State.ACTIVE)
        error = only_error(say(session, make_message(sender=sender)))
        assert (error.id, error.code) == ("m1", ErrorCode.FORBIDDEN)
        assert session.events_received() == []

    def test_the_sender_in_capitals__is_the_same_person(self) -> None:
        session = session_in(State.ACTIVE)
        assert say(session, make_message(sender="ALICE")) == []

    @pytest.mark.parametrize("timestamp", [0, -1, 1.5, "now", None, [], {"a": 1}, True, 10**30])
    def test_a_timestamp_of_the_clients__is_ignored(self, timestamp: object) -> None:
        session = session_in(State.ACTIVE)
        assert say(session, json.dumps(make_message(timestamp=timestamp))) == []
        assert len(session.events_received()) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"content": ""},
            {"content": " \t\n　"},
            {"content": "\u200b\u2060\ufeff"},
            {"content": " ", "kind": "image"},
            {"content": " ", "kind": "file", "attachments": []},
            {"content": "", "kind": "card", "payload": {}},
            {"content": "", "attachments": ["a1"]},  # text is text, whatever comes along
        ],
    )
    def test_nothing_to_see__is_empty(self, fields: dict[str, object]) -> None:
        session = session_in(State.ACTIVE)
        error = only_error(say(session, make_message(**fields)))
        assert (error.id, error.code) == ("m1", ErrorCode.EMPTY)
        assert session.events_received() == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"content": "", "kind": "image", "attachments": ["a1"]},
            {"content": "", "kind": "card", "payload": {"title": "x"}},
            {"content": "\u200b.", "kind": "text"},
        ],
    )
    def test_something_to_see__is_taken(self, fields: dict[str, object]) -> None:
        session = session_in(State.ACTIVE)
        assert say(session, make_message(**fields)) == []
        assert len(session.events_received()) == 1

    def test_an_edit_to_nothing__is_empty(self) -> None:
        session = session_in(State.ACTIVE)
        edit = {"type": "edit", "id": "e1", "conversation": "17", "seq": 4, "content": "  "}
        assert only_error(say(session, edit)).code is ErrorCode.EMPTY

    def test_answers__leave_in_order(self) -> None:
        session = session_in(State.ACTIVE)
        sent = [SERVER_FRAMES["ack"], SERVER_FRAMES["sync"], SERVER_FRAMES["error"]]
        for frame in sent:
            session.send(frame, now=1)
        assert session.frames_to_send() == sent
        assert session.frames_to_send() == []

    @pytest.mark.parametrize("state", [State.AWAITING_LOGIN, State.AUTHENTICATING])
    def test_an_answer_before_the_login__is_a_fault_of_the_caller(self, state: State) -> None:
        with pytest.raises(RuntimeError):
            session_in(state).send(SERVER_FRAMES["ack"], now=0)

    def test_an_answer_after_the_end__is_dropped(self) -> None:
        session = session_in(State.CLOSED)
        session.send(SERVER_FRAMES["ack"], now=0)
        assert session.frames_to_send() == []


class TestHeartbeat:
    @pytest.mark.parametrize("state", [State.AWAITING_LOGIN, State.AUTHENTICATING, State.ACTIVE])
    def test_a_beat__is_answered_with_its_id_and_the_time(self, state: State) -> None:
        session = session_in(state, now=10)
        assert say(session, {"type": "heartbeat", "id": "b1"}, now=12.5) == [
            frames.HeartbeatReply(id="b1", timestamp=UNIX_MS + 2_500)
        ]


class TestBadFrames:
    def test_an_unknown_type__gets_its_error_and_is_not_counted(self) -> None:
        session = session_in(State.ACTIVE)
        for number in range(50):
            error = only_error(say(session, {"type": "dance", "id": str(number)}))
            assert (error.id, error.code) == (str(number), ErrorCode.UNKNOWN_TYPE)
        assert session.state is State.ACTIVE

    def test_each_gets_one_error__the_last_one_too(self) -> None:
        session = session_in(State.ACTIVE)
        for number in range(1, 11):
            error = only_error(say(session, {"type": "edit", "id": str(number)}))
            assert (error.id, error.code) == (str(number), ErrorCode.BAD_FRAME)
            assert (session.state is State.CLOSED) is (number == 10)
        assert session.close_code is CloseCode.BAD_FRAME
        assert session.events_received() == [Closed(CloseCode.BAD_FRAME)]

    def test_good_frames_in_between__forgive_nothing(self) -> None:
        session = session_in(State.ACTIVE)
        for _ in range(10):
            assert session.state is State.ACTIVE
            say(session, {"type": "heartbeat"}, "no json")
        assert session.close_code is CloseCode.BAD_FRAME

    def test_a_batch__stops_at_the_one_that_closes(self) -> None:
        session = session_in(State.ACTIVE, SessionConfig(bad_frames_max=2))
        replies = say(session, [make_message(id="a"), 1, make_message(id="b"), 2, make_message(id="c"), {"type": "?"}])
        assert [type(reply) for reply in replies] == [frames.Error, frames.Error]
        intents = session.events_received()
        assert [intent.frame.id for intent in intents[:-1]] == ["a", "b"]
        assert intents[-1] == Closed(CloseCode.BAD_FRAME)

    def test_bytes_that_are_nothing_at_all__close_at_once(self) -> None:
        """Half of a Protobuf, or another protocol: what comes next would be no better."""
        session = session_in(State.ACTIVE)
        session.receive(b"\xff", PROTOBUF_CODEC, now=1)
        assert only_error(session.frames_to_send()).code is ErrorCode.BAD_FRAME
        assert session.close_code is CloseCode.BAD_FRAME


class TestCodec:
    def test_until_the_login__the_peer_is_answered_as_it_speaks(self) -> None:
        other, third = JsonCodec(), JsonCodec()
        session = new_session()
        assert session.codec is JSON_CODEC
        session.receive('{"type":"heartbeat"}', other, now=0)
        assert session.codec is other
        session.receive(msgspec.json.encode(LOGIN), other, now=0)
        session.receive('{"type":"heartbeat"}', third, now=0)
        assert session.codec is other
        accept(session)
        session.receive('{"type":"heartbeat"}', third, now=0)
        assert session.codec is other

    @pytest.mark.parametrize(("compact", "codec"), [(False, PROTOBUF_CODEC), (True, COMPACT_PROTOBUF_CODEC)])
    def test_the_login__says_how_it_is_answered(self, compact: bool, codec: Codec) -> None:
        session = new_session()
        session.receive(protobuf.encode([LOGIN | {"compact": compact}]), PROTOBUF_CODEC, now=0)
        assert session.codec is codec


class TestEnd:
    @pytest.mark.parametrize("state", [State.AWAITING_LOGIN, State.AUTHENTICATING, State.ACTIVE])
    def test_the_application_closes(self, state: State) -> None:
        session = session_in(state)
        session.events_received()
        session.close(CloseCode.GOING_AWAY, now=1, retry_after=2.5)
        assert (session.state, session.close_code, session.close_retry_after) == (
            State.CLOSED,
            CloseCode.GOING_AWAY,
            2.5,
        )
        assert session.events_received() == [Closed(CloseCode.GOING_AWAY)]
        assert session.next_timer() is None
        last = session.close_error_frame()
        assert last is not None
        assert (last.code, last.close, last.retry_after) == ("going_away", 4000, 2.5)

    def test_input_after_the_end__is_not_even_decoded(self) -> None:
        class Refusing(JsonCodec):
            def decode(self, payload: str | bytes) -> NoReturn:
                raise AssertionError(payload)

        session = session_in(State.CLOSED)
        session.receive('{"type":"heartbeat"}', Refusing(), now=1)
        assert session.frames_to_send() == [] and session.events_received() == []

    def test_the_first_reason__stands(self) -> None:
        session = session_in(State.ACTIVE)
        session.close(CloseCode.SLOW_CONSUMER, now=1)
        session.close(CloseCode.GOING_AWAY, now=2, retry_after=3)
        session.receive_eof(now=3)
        assert session.events_received() == [Closed(CloseCode.SLOW_CONSUMER)]
        assert (session.close_code, session.close_retry_after) == (CloseCode.SLOW_CONSUMER, None)

    def test_a_peer_that_left__is_told_nothing(self) -> None:
        session = session_in(State.ACTIVE)
        session.receive_eof(now=1)
        assert session.events_received() == [Closed(None)]
        assert session.state is State.CLOSED
        assert session.close_code is None and session.close_error_frame() is None

    def test_what_was_queued_before_the_end__still_leaves(self) -> None:
        session = session_in(State.ACTIVE)
        session.send(SERVER_FRAMES["ack"], now=1)
        session.close(CloseCode.GOING_AWAY, now=1)
        assert session.frames_to_send() == [SERVER_FRAMES["ack"]]

    @pytest.mark.parametrize("code", list(CloseCode))
    def test_every_code__can_be_told_in_a_frame(self, code: CloseCode) -> None:
        session = session_in(State.ACTIVE)
        session.close(code, now=1)
        last = session.close_error_frame()
        assert last is not None
        assert (last.code, last.close) == (code.wire_name, int(code))
        assert last.detail


def size_of(session: ConnectionSession) -> int:
    own = [getattr(session, name) for name in ConnectionSession.__slots__]
    shared = (State, JsonCodec, SessionConfig, bool, type(None), str, type(BEAT))
    return sys.getsizeof(session) + sum(sys.getsizeof(value) for value in own if not isinstance(value, shared))


def test_an_idle_session__is_small() -> None:
    """The whole connection has 12 KiB; this core must be a small part of it."""
    session = session_in(State.AUTHENTICATING)
    for _ in range(60):
        say(session, make_message())
    request = frames.Login(device=frames.DeviceInfo(id="laptop", platform="desktop"))
    session.accept_login(request, login_reply(request), heartbeat=BEAT, now=0)
    session.events_received()
    session.frames_to_send()
    assert size_of(session) < 640
