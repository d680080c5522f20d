"""Deadlines and heartbeats, by numbers: no test here waits for anything."""

from __future__ import annotations

import pytest

from chat.errors import CloseCode
from chat.protocol import frames
from chat.protocol.limits import SessionConfig
from chat.protocol.states import State
from tests.support.frames import SERVER_FRAMES
from tests.support.sessions import LOGIN, UNIX_MS, accept, new_session, say, session_in

BEAT = {"type": "heartbeat"}


class TestLoginDeadline:
    def test_no_login_in_time__is_unauthenticated(self) -> None:
        session = new_session(now=100)
        assert session.next_timer() == 110
        session.handle_timer(now=109.9)
        assert session.state is State.AWAITING_LOGIN
        session.handle_timer(now=110)
        assert session.close_code is CloseCode.UNAUTHENTICATED
        assert session.next_timer() is None

    def test_beats_and_noise__do_not_put_it_off(self) -> None:
        session = new_session()
        say(session, BEAT, {"type": "read", "conversation": "1", "seq": 1}, "noise", now=9)
        assert session.next_timer() == 10
        session.handle_timer(now=10)
        assert session.close_code is CloseCode.UNAUTHENTICATED

    def test_a_login_that_is_not_decided__is_our_fault(self) -> None:
        session = new_session()
        say(session, LOGIN, now=9)
        assert session.next_timer() == 39
        session.handle_timer(now=38.9)
        assert session.state is State.AUTHENTICATING
        session.handle_timer(now=39)
        assert session.close_code is CloseCode.SERVER_ERROR

    def test_the_times__are_settings(self) -> None:
        session = new_session(SessionConfig(login_timeout_s=1, authentication_timeout_s=2))
        assert session.next_timer() == 1
        say(session, LOGIN, now=0.5)
        assert session.next_timer() == 2.5


class TestBeats:
    """With an interval of 30 s and a timeout of 90 s."""

    def test_the_server_beats__when_it_has_sent_nothing_for_an_interval(self) -> None:
        session = session_in(State.ACTIVE)
        assert session.next_timer() == 30
        session.handle_timer(now=29.9)
        assert session.frames_to_send() == []
        session.handle_timer(now=30)
        assert session.frames_to_send() == [frames.HeartbeatReply(timestamp=UNIX_MS + 30_000)]
        assert session.next_timer() == 60

    @pytest.mark.parametrize("how", ["send", "note_sent", "error", "beat"])
    def test_anything_sent__is_a_beat(self, how: str) -> None:
        session = session_in(State.ACTIVE)
        if how == "send":
            session.send(SERVER_FRAMES["ack"], now=20)
        elif how == "note_sent":
            session.note_sent(now=20)
        else:
            say(session, BEAT if how == "beat" else "noise", now=20)
        assert session.next_timer() == 50

    def test_silence_for_three_intervals__is_a_timeout(self) -> None:
        session = session_in(State.ACTIVE)
        for now in (30, 60):
            session.handle_timer(now=now)
            assert len(session.frames_to_send()) == 1
        session.handle_timer(now=89.9)
        session.frames_to_send()
        assert session.state is State.ACTIVE
        session.handle_timer(now=90)
        assert session.close_code is CloseCode.HEARTBEAT_TIMEOUT
        assert session.frames_to_send() == []

    @pytest.mark.parametrize("frame", [BEAT, {"type": "typing", "conversation": "1"}, {"type": "?"}, "noise"])
    def test_anything_heard__is_a_beat(self, frame: object) -> None:
        session = session_in(State.ACTIVE)
        say(session, frame, now=80)
        session.handle_timer(now=169.9)
        assert session.state is State.ACTIVE
        session.handle_timer(now=170)
        assert session.close_code is CloseCode.HEARTBEAT_TIMEOUT

    def test_what_the_server_sends__keeps_nobody_alive(self) -> None:
        session = session_in(State.ACTIVE)
        session.note_sent(now=89)
        assert session.next_timer() == 90
        session.handle_timer(now=90)
        assert session.close_code is CloseCode.HEARTBEAT_TIMEOUT

    def test_a_beating_client__stays_for_a_day(self) -> None:
        session = session_in(State.ACTIVE)
        for now in range(30, 86_400, 30):
            assert [type(reply) for reply in say(session, BEAT, now=now)] == [frames.HeartbeatReply]
            session.handle_timer(now=now)
        assert session.state is State.ACTIVE

    def test_the_wait_for_the_login__is_not_the_clients_silence(self) -> None:
        session = new_session()
        say(session, LOGIN, now=0)
        accept(session, now=29)
        session.handle_timer(now=118)
        assert session.state is State.ACTIVE
        session.handle_timer(now=119)
        assert session.close_code is CloseCode.HEARTBEAT_TIMEOUT

    def test_a_timer_that_comes_late__closes_rather_than_beats(self) -> None:
        session = session_in(State.ACTIVE)
        session.handle_timer(now=1_000)
        assert session.frames_to_send() == []
        assert session.close_code is CloseCode.HEARTBEAT_TIMEOUT

    def test_after_the_end__there_is_no_timer(self) -> None:
        session = session_in(State.CLOSED)
        session.handle_timer(now=1_000)
        assert session.next_timer() is None
        assert session.frames_to_send() == [] and session.events_received() == []
