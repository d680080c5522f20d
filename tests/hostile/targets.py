"""The pure parts as targets of fuzzing: each takes any bytes, and checks what must hold whatever they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

import msgspec

from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import PROTOBUF_CODEC
from chat.codecs.registry import codec_for_text, sniff
from chat.errors import CloseCode
from chat.protocol.frames import ClientFrame
from chat.protocol.framing import HEADER_BYTES, LengthPrefixedDecoder, encode_packet
from chat.protocol.intents import Closed, LoginRequested
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX, SessionConfig
from chat.protocol.session import ConnectionSession
from chat.protocol.states import State
from tests.hostile.mutation import JSON_TROUBLE, LENGTH_TROUBLE, PROTOBUF_TROUBLE
from tests.support import protobuf
from tests.support.frames import CLIENT_FRAMES
from tests.support.sessions import BEAT, UNIX_MS, login_reply

CONFIG = SessionConfig()

_FIELDS = [protobuf.to_json(frame) for frame in CLIENT_FRAMES.values()]

JSON_SEEDS: tuple[bytes, ...] = (*map(msgspec.json.encode, _FIELDS), msgspec.json.encode(_FIELDS))
PROTOBUF_SEEDS: tuple[bytes, ...] = (
    *(protobuf.encode([fields], compact=compact) for fields in _FIELDS for compact in (False, True)),
    protobuf.encode(_FIELDS),
    protobuf.encode([_FIELDS[0]] * 2, compact=True),
)


def _conversations(bodies: Sequence[bytes]) -> tuple[bytes, ...]:
    """Streams that begin with a login and go on with a few of the others."""
    login, *others = bodies
    return tuple(
        b"".join(map(encode_packet, (login, *others[start : start + 4]))) for start in range(0, len(others), 4)
    )


STREAM_SEEDS = (*_conversations(JSON_SEEDS), *_conversations(PROTOBUF_SEEDS))


@dataclass(frozen=True)
class Target:
    """`run` returns in a word what became of a packet; it raises when it came out wrong."""

    run: Callable[[bytes], str]
    seeds: Sequence[bytes]
    trouble: Sequence[bytes]


def framing_stream(stream: bytes) -> str:
    """Cut anyhow, a stream has the packets that it has in one piece."""
    bodies: list[bytes] = []
    decoder = LengthPrefixedDecoder(limit_bytes=CONFIG.frame_bytes)
    for part in _cut(stream):
        bodies += decoder.receive(part)
    expected, close_code, rest = _packets_of(stream)
    assert (bodies, decoder.close_code) == (expected, close_code)
    assert decoder.is_inside_packet == bool(rest and close_code is None)
    return "refused" if close_code else "half" if rest else "packets"


def json_bytes(data: bytes) -> str:
    return _decoded(JSON_CODEC.decode(data))


def protobuf_bytes(data: bytes) -> str:
    return _decoded(PROTOBUF_CODEC.decode(data))


def session_stream(stream: bytes) -> str:
    """All that stands between the bytes of a TCP stream and the application: framing, both codecs, the session."""
    decoder = LengthPrefixedDecoder(limit_bytes=CONFIG.frame_bytes)
    peer = ConnectionSession(config=CONFIG, codec=codec_for_text(), now=0, unix_ms=UNIX_MS)
    now = 0.0
    for part in _cut(stream):
        now += 1
        for body in decoder.receive(part):
            peer.receive(body, sniff(body[0]), now=now)
            _act(peer, now, sure=len(body) % 4 != 0)
        if decoder.close_code is not None:
            peer.close(decoder.close_code, now=now)
            _act(peer, now, sure=True)
        timer = peer.next_timer()
        assert (timer is None) == (peer.state is State.CLOSED)
    return peer.close_code.wire_name if peer.close_code is not None else peer.state.value


TARGETS: dict[str, Target] = {
    "framing": Target(framing_stream, STREAM_SEEDS, LENGTH_TROUBLE),
    "json": Target(json_bytes, JSON_SEEDS, JSON_TROUBLE),
    "protobuf": Target(protobuf_bytes, PROTOBUF_SEEDS, PROTOBUF_TROUBLE),
    "session": Target(session_stream, STREAM_SEEDS, (*LENGTH_TROUBLE, *JSON_TROUBLE, *PROTOBUF_TROUBLE)),
}


def _act(peer: ConnectionSession, now: float, *, sure: bool) -> None:
    """Do the shell's duty. Whoever logs in is let in, unless we are not `sure`: then the login is never decided."""
    for frame in peer.frames_to_send():
        encoded = peer.codec.encode(frame)
        assert encoded and len(encoded) <= CONFIG.frame_bytes
    intents = peer.events_received()
    assert [isinstance(intent, Closed) for intent in intents].count(True) == (
        peer.state is State.CLOSED and bool(intents)
    )
    for intent in intents:
        if isinstance(intent, LoginRequested) and sure and peer.state is State.AUTHENTICATING:
            peer.accept_login(intent.frame, login_reply(intent.frame), heartbeat=BEAT, now=now)
            _act(peer, now, sure=sure)


def _decoded(frames: list[ClientFrame | BadFrame]) -> str:
    """What a codec owes: 1 to 100 frames, each usable and within its types, or refused in words."""
    assert 1 <= len(frames) <= BATCH_MAX
    for frame in frames:
        if isinstance(frame, BadFrame):
            assert 0 < len(frame.detail) <= 200
            assert frame.id is None or 1 <= len(frame.id) <= 64
        else:
            # Whatever it holds can be written, as UTF-8, and read again as the same.
            assert msgspec.json.decode(msgspec.json.encode(frame), type=type(frame)) == frame
    first = frames[0]
    if isinstance(first, BadFrame):
        return "noise" if first.is_noise else str(first.code)
    return "batch" if len(frames) > 1 else "frame"


def _cut(stream: bytes) -> list[bytes]:
    """`stream` in pieces, the same ones each time."""
    random = Random(crc32(stream))
    cuts = sorted(random.randint(0, len(stream)) for _ in range(random.randint(0, 4)))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def _packets_of(stream: bytes) -> tuple[list[bytes], CloseCode | None, bytes]:
    """What framing means, in as few words as possible: bodies, why it ends, and what is left over."""
    bodies: list[bytes] = []
    while len(stream) >= HEADER_BYTES:
        length, rest = int.from_bytes(stream[:HEADER_BYTES]), stream[HEADER_BYTES:]
        if length == 0:
            return bodies, CloseCode.BAD_FRAME, stream
        if length > CONFIG.frame_bytes:
            return bodies, CloseCode.TOO_LARGE, stream
        if length > len(rest):
            break
        bodies.append(rest[:length])
        stream = rest[length:]
    return bodies, None, stream
