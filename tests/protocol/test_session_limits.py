"""Sizes, rates and bounds: below, at, and above each."""

from __future__ import annotations

import pytest

from chat.codecs.json_codec import JSON_CODEC
from chat.errors import CloseCode, ErrorCode
from chat.protocol import frames
from chat.protocol.intents import Closed, CommandReceived
from chat.protocol.limits import SessionConfig
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State
from tests.support.sessions import LOGIN, accept, new_session, say, session_in

BEAT = {"type": "heartbeat"}


def read(number: int) -> dict[str, object]:
    return {"type": "read", "id": str(number), "conversation": "17", "seq": number}


def codes(replies: list[frames.ServerFrame]) -> list[str]:
    return [reply.code for reply in replies if isinstance(reply, frames.Error)]


class TestSize:
    LIMIT = 1_000

    def beat_of(self, size: int, filler: str = "x") -> str:
        frame = '{"type":"heartbeat","x":""}'
        room = size - len(frame)
        assert room % len(filler.encode()) == 0
        return frame[:-2] + filler * (room // len(filler.encode())) + frame[-2:]

    def session(self) -> ConnectionSession:
        return session_in(State.ACTIVE, SessionConfig(frame_bytes=self.LIMIT))

    @pytest.mark.parametrize("form", [str, str.encode])
    @pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
    def test_bytes_count(self, form: type, size: int, fits: bool) -> None:
        session = self.session()
        replies = say(session, form(self.beat_of(size)))
        assert len(replies) == fits
        assert session.close_code is (None if fits else CloseCode.TOO_LARGE)

    @pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT + 2, False)])
    def test_not_characters(self, size: int, fits: bool) -> None:
        session = self.session()
        frame = self.beat_of(size, "世")
        assert len(frame) < self.LIMIT
        say(session, frame)
        assert session.close_code is (None if fits else CloseCode.TOO_LARGE)

    def test_a_batch__counts_as_a_whole(self) -> None:
        session = self.session()
        say(session, [BEAT] * 60)
        assert session.close_code is CloseCode.TOO_LARGE
        assert session.events_received() == [Closed(CloseCode.TOO_LARGE)]

    def test_lone_surrogates__that_only_a_str_can_hold(self) -> None:
        session = self.session()
        session.receive("\ud800" * 400, JSON_CODEC, now=0)
        assert session.close_code is CloseCode.TOO_LARGE


class TestContent:
    @pytest.mark.parametrize("letter", ["x", "世", "👋"])
    @pytest.mark.parametrize(("count", "fits"), [(99, True), (100, True), (101, False)])
    def test_characters_count(self, letter: str, count: int, fits: bool) -> None:
        session = session_in(State.ACTIVE, SessionConfig(content_chars=100))
        message = {"type": "message", "id": "m", "receiver": "bob", "content": letter * count}
        edit = {"type": "edit", "id": "e", "conversation": "17", "seq": 1, "content": letter * count}
        assert codes(say(session, message, edit)) == ([] if fits else [ErrorCode.TOO_LARGE] * 2)
        assert session.state is State.ACTIVE


class TestBatch:
    @pytest.mark.parametrize("count", [1, 99, 100])
    def test_up_to_a_hundred(self, count: int) -> None:
        session = session_in(State.ACTIVE)
        assert len(say(session, [BEAT] * count)) == count

    def test_more__is_one_bad_frame(self) -> None:
        session = session_in(State.ACTIVE)
        assert codes(say(session, [BEAT] * 101)) == [ErrorCode.BAD_FRAME]


class TestRate:
    CONFIG = SessionConfig(rate_per_s=10, rate_burst=20)

    def test_a_burst__then_no_more(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        for number in range(1, 21):
            assert say(session, read(number)) == []
        (error,) = say(session, read(21))
        assert isinstance(error, frames.Error)
        assert (error.id, error.code) == ("21", ErrorCode.RATE_LIMITED)
        assert [intent.frame.id for intent in session.events_received()] == [str(n) for n in range(1, 21)]

    def test_after_retry_after__the_next_one_is_taken(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        for number in range(25):
            replies = say(session, read(number + 1))
        (error,) = replies
        assert isinstance(error, frames.Error) and error.retry_after is not None
        assert 0 < error.retry_after <= 1
        assert say(session, read(26), now=error.retry_after) == []

    def test_the_rate__can_be_kept_for_ever(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        for tick in range(1_000):
            assert say(session, read(tick + 1), now=tick * 0.1) == []

    def test_beats__are_answered_when_commands_are_not(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        say(session, *map(read, range(1, 31)))
        assert [type(reply) for reply in say(session, BEAT)] == [frames.HeartbeatReply]

    def test_logout__is_heard_when_commands_are_not(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        say(session, *map(read, range(1, 31)), {"type": "logout"})
        assert session.close_code is CloseCode.NORMAL

    def test_flooding_on__ends_the_session(self) -> None:
        session = session_in(State.ACTIVE, self.CONFIG, now=-100)
        replies = say(session, *map(read, range(1, 61)))
        assert codes(replies) == [ErrorCode.RATE_LIMITED] * 40
        assert session.state is State.ACTIVE
        assert say(session, read(61)) == []
        assert session.close_code is CloseCode.RATE_LIMITED
        assert session.close_retry_after == pytest.approx(4.2)
        last = session.close_error_frame()
        assert last is not None and last.retry_after == session.close_retry_after

    @pytest.mark.parametrize("noise", [BEAT, {"type": "?"}, LOGIN])
    def test_flooding_with_anything__ends_the_session(self, noise: object) -> None:
        session = new_session(SessionConfig(rate_per_s=10, rate_burst=20, bad_frames_max=1_000))
        say(session, *[noise] * 61)
        assert session.close_code is CloseCode.RATE_LIMITED

    def test_bad_frames__pay_too(self) -> None:
        session = session_in(State.ACTIVE, SessionConfig(rate_per_s=10, rate_burst=20, bad_frames_max=1_000), now=-100)
        assert codes(say(session, *["noise"] * 61)) == [ErrorCode.BAD_FRAME] * 60
        assert session.close_code is CloseCode.RATE_LIMITED

    def test_switched_off__there_is_none(self) -> None:
        session = session_in(State.ACTIVE, SessionConfig(rate_burst=None))
        assert say(session, *map(read, range(1, 5_000))) == []


class TestWaiting:
    """What may wait while the login is being checked."""

    def test_a_bounded_number(self) -> None:
        session = session_in(State.AUTHENTICATING)
        replies = say(session, {"type": "typing", "conversation": "17"}, *map(read, range(1, 66)))
        assert codes(replies) == [ErrorCode.RATE_LIMITED] * 2
        assert [reply.id for reply in replies if isinstance(reply, frames.Error)] == ["64", "65"]

    def test_a_bounded_size(self) -> None:
        session = new_session(SessionConfig(waiting_bytes_max=10_000))
        say(session, LOGIN)
        content = "x" * 3_000
        replies = say(
            session, *({"type": "message", "id": str(n), "receiver": "b", "content": content} for n in range(5))
        )
        assert [reply.id for reply in replies if isinstance(reply, frames.Error)] == ["3", "4"]
        accept(session)
        assert [i.frame.id for i in session.events_received() if isinstance(i, CommandReceived)] == ["0", "1", "2"]

    @pytest.mark.parametrize(("room", "fits"), [(-1, False), (0, True)])
    def test_the_size__to_the_byte(self, room: int, fits: bool) -> None:
        payload = '{"type":"read","id":"1","conversation":"17","seq":1}'
        session = session_in(State.AUTHENTICATING, SessionConfig(waiting_bytes_max=len(payload) + room))
        assert len(say(session, payload)) == (not fits)

    def test_the_rate_limit__holds_here_too(self) -> None:
        session = session_in(State.AUTHENTICATING, SessionConfig(rate_per_s=1, rate_burst=5))
        assert codes(say(session, *map(read, range(1, 6)))) == [ErrorCode.RATE_LIMITED]  # the login was the first

    def test_a_batch__is_charged_once(self) -> None:
        session = new_session(SessionConfig(waiting_bytes_max=4_000))
        say(session, LOGIN)
        assert say(session, [read(number) for number in range(1, 61)]) == []

    def test_refusals__come_when_the_login_is_decided(self) -> None:
        session = new_session()
        say(session, LOGIN, {"type": "message", "id": "m", "receiver": "b", "content": " "})
        reply = accept(session)
        assert codes(session.frames_to_send()) == [ErrorCode.EMPTY]
        assert reply.id == "login"

    def test_what_waits_behind_a_logout__is_dropped(self) -> None:
        session = new_session()
        say(session, LOGIN, read(1), {"type": "logout"}, read(2))
        accept(session)
        assert session.events_received() == [
            CommandReceived(frames.Read(id="1", conversation="17", seq=1)),
            Closed(CloseCode.NORMAL),
        ]

    def test_a_login_that_fails__carries_nothing_out(self) -> None:
        session = new_session()
        say(session, LOGIN, read(1))
        request = session.events_received()[0].frame
        session.reject_login(request, ErrorCode.BAD_CREDENTIALS, "", now=1)
        assert session.events_received() == [Closed(CloseCode.UNAUTHENTICATED)]
