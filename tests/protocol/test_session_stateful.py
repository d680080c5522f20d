"""Any peer, any application, any order: what must hold for a session whatever happens."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import PROTOBUF_CODEC
from chat.errors import CloseCode, ErrorCode
from chat.protocol import frames
from chat.protocol.intents import Closed, CommandReceived, LoginRequested
from chat.protocol.limits import SessionConfig
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES
from tests.support.sessions import BEAT, UNIX_MS, login_reply

CONFIG = SessionConfig(
    frame_bytes=2_000, content_chars=100, bad_frames_max=5, rate_per_s=5, rate_burst=30, waiting_frames_max=4
)
BEFORE_LOGIN = (frames.LoginReply, frames.Error, frames.HeartbeatReply)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
good_frames = st.sampled_from(list(CLIENT_FRAMES.values()))
field_names = sorted({name for frame in CLIENT_FRAMES.values() for name in frame.__struct_fields__} | {"type"})


@st.composite
def almost_frames(draw: st.DrawFn) -> dict[str, Any]:
    """A frame with a field too many, or one that holds something else."""
    fields = json.loads(JSON_CODEC.encode(draw(good_frames)))  # type: ignore[arg-type]  # a client's frame encodes alike
    fields[draw(st.sampled_from(field_names) | st.text(max_size=5))] = draw(json_values)
    return fields


class Peers(RuleBasedStateMachine):
    """Each rule is one call of the shell; after each, everything is taken out and checked."""

    session: ConnectionSession

    @initialize()
    def connect(self) -> None:
        self.now = 0.0
        self.session = ConnectionSession(config=CONFIG, codec=JSON_CODEC, now=0.0, unix_ms=UNIX_MS)
        self.last_id = 0
        self.request: frames.Login | None = None
        self.was_accepted = False
        self.has_ended = False
        self.bad_frames = 0
        self.answered: set[str] = set()
        self.commanded: list[str] = []

    # What may happen.

    @rule(frame=good_frames)
    def peer_sends_a_frame(self, frame: frames.ClientFrame) -> None:
        self.receive(self.with_id(frame))

    @rule(batch=st.lists(good_frames | st.integers() | st.just({"type": "dance"}), max_size=8))
    def peer_sends_a_batch(self, batch: list[Any]) -> None:
        self.receive("[" + ",".join(self.with_id(part) for part in batch) + "]", frames_at_most=max(1, len(batch)))

    @rule(fields=almost_frames())
    def peer_sends_almost_a_frame(self, fields: dict[str, Any]) -> None:
        self.receive(json.dumps(fields))

    @rule(noise=st.binary(max_size=60) | st.text(max_size=60))
    def peer_sends_noise(self, noise: str | bytes) -> None:
        # Noise that is a batch has fewer frames than characters.
        self.receive(noise, frames_at_most=max(1, len(noise)))

    @rule(size=st.integers(1_990, 2_010))
    def peer_sends_much(self, size: int) -> None:
        self.receive(b'{"type":"heartbeat"}'.ljust(size))

    @rule()
    def peer_sends_what_is_nothing_at_all(self) -> None:
        self.session.receive(b"\0", PROTOBUF_CODEC, now=self.now)
        self.check(frames_at_most=1)

    @rule()
    def peer_leaves(self) -> None:
        self.session.receive_eof(now=self.now)
        self.check(frames_at_most=0)

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.session.handle_timer(now=self.now)
        self.check(frames_at_most=1)
        timer = self.session.next_timer()
        assert timer is None or timer > self.now

    @rule()
    def time_passes_until_the_timer(self) -> None:
        timer = self.session.next_timer()
        if timer is not None:
            self.time_passes(max(timer - self.now, 0))

    @precondition(lambda self: self.request is not None)
    @rule()
    def application_accepts(self) -> None:
        assert self.request is not None
        request, self.request = self.request, None
        self.was_accepted = self.session.state is State.AUTHENTICATING
        self.session.accept_login(request, login_reply(request), heartbeat=BEAT, now=self.now)
        self.check(frames_at_most=1 + CONFIG.waiting_frames_max)

    @precondition(lambda self: self.request is not None)
    @rule()
    def application_rejects(self) -> None:
        assert self.request is not None
        request, self.request = self.request, None
        self.session.reject_login(request, ErrorCode.BAD_CREDENTIALS, "", now=self.now)
        self.check(frames_at_most=1)

    @precondition(lambda self: self.was_accepted)
    @rule(frame=st.sampled_from([SERVER_FRAMES["typing"], SERVER_FRAMES["receipt"]]))
    def application_sends(self, frame: frames.ServerFrame) -> None:
        self.session.send(frame, now=self.now)
        self.check(frames_at_most=1)

    @rule(code=st.sampled_from(CloseCode))
    def application_closes(self, code: CloseCode) -> None:
        self.session.close(code, now=self.now)
        self.check(frames_at_most=0)

    # What must hold.

    def with_id(self, frame: Any) -> str:
        """`frame` as JSON, under an id of its own."""
        if not hasattr(frame, "__struct_fields__"):
            return json.dumps(frame)
        self.last_id += 1
        return json.dumps(json.loads(JSON_CODEC.encode(frame)) | {"id": str(self.last_id)})

    def receive(self, payload: str | bytes, *, frames_at_most: int = 1) -> None:
        self.session.receive(payload, JSON_CODEC, now=self.now)
        self.check(frames_at_most=frames_at_most)

    def check(self, *, frames_at_most: int) -> None:
        session = self.session
        sent, intents = session.frames_to_send(), session.events_received()

        assert len(sent) <= frames_at_most, "at most one answer to each frame"
        if self.has_ended:
            assert sent == [] and intents == [], "nothing after the end"
        if not self.was_accepted:
            assert all(isinstance(frame, BEFORE_LOGIN) for frame in sent), "nothing leaks before the login"
            assert not any(isinstance(intent, CommandReceived) for intent in intents)

        for frame in sent:
            JSON_CODEC.encode(frame)
            id = getattr(frame, "id", None)
            if id is not None and id.isdecimal():
                assert id not in self.answered, "one answer to each id"
                self.answered.add(id)
            if isinstance(frame, frames.Error) and frame.code == ErrorCode.BAD_FRAME:
                self.bad_frames += 1

        ends = [intent for intent in intents if isinstance(intent, Closed)]
        assert ends == intents[len(intents) - len(ends) :] and len(ends) <= 1, "the end comes last and once"
        for intent in intents:
            if isinstance(intent, LoginRequested):
                self.request = intent.frame
            elif isinstance(intent, CommandReceived) and intent.frame.id is not None and intent.frame.id.isdecimal():
                assert intent.frame.id not in self.answered, "a refused command is not carried out"
                self.commanded.append(intent.frame.id)
        assert self.commanded == sorted(self.commanded, key=int), "commands keep their order"

        if ends:
            self.has_ended = True
            assert ends[0].code == session.close_code
        assert (session.state is State.CLOSED) is self.has_ended
        assert (session.next_timer() is None) is self.has_ended
        assert self.bad_frames <= CONFIG.bad_frames_max
        if self.bad_frames == CONFIG.bad_frames_max:
            assert session.close_code is CloseCode.BAD_FRAME


TestPeers = Peers.TestCase
TestPeers.settings = settings(stateful_step_count=30)
