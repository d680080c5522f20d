"""Frames between this client and the server, in each codec: what one side writes is what the other side reads."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from chat.codecs.json_codec import JSON_CODEC as SERVER_JSON
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC
from chat.codecs.protobuf_codec import PROTOBUF_CODEC as SERVER_PROTOBUF
from chat.protocol.frames import ServerFrame
from lian_client import frames
from lian_client.codecs.base import Codec, DecodeError
from lian_client.codecs.json import JSON_CODEC
from lian_client.codecs.protobuf import PROTOBUF_CODEC
from tests.support.frames import SERVER_FRAMES

CODECS = (JSON_CODEC, PROTOBUF_CODEC)
UUID = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"

CLIENT_FRAMES: tuple[frames.ClientFrame, ...] = (
    frames.Login(
        id=UUID,
        token="t",
        device=frames.Device(id="laptop", platform="desktop", name="机器", network="wifi"),
        batch=True,
        cursors={"17": 4, "9223372036854775807": 0},
    ),
    frames.Login(id="1", device=frames.Device(id="d", platform="bot"), cursors={}),
    frames.SendMessage(id=UUID, receiver="bob", content="你好"),
    frames.SendMessage(
        id="x", conversation="17", content="", kind="card", reply_to=3, mentions=("bob",), payload={"a": [1, None, "é"]}
    ),
    frames.SendMessage(id="y", conversation="17", content="", kind="file", attachments=("a1", "a2")),
    frames.Edit(id="e", conversation="17", seq=3, content="new"),
    frames.Recall(id="e", conversation="17", seq=3),
    frames.React(id="e", conversation="17", seq=3, emoji="👍", remove=True),
    frames.Read(conversation="17", seq=0),
    frames.Unread(conversation="17", seq=1),
    frames.Received(conversation="17", seq=2),
    frames.TypingNotice(conversation="17"),
    frames.SyncRequest(id="s", cursors={"17": 4, "not-a-number": 5}),
    frames.PresenceQuery(id="p", users=("bob", "eve")),
    frames.Heartbeat(),
    frames.Logout(),
)


def plain(frame: Any) -> dict[str, Any]:
    """The JSON of a frame, without what is only left out or empty."""
    return {name: value for name, value in json.loads(msgspec.json.encode(frame)).items() if value not in (None, False)}


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@pytest.mark.parametrize("frame", CLIENT_FRAMES, ids=lambda frame: type(frame).__name__)
def test_the_server_reads_what_the_client_writes(codec: Codec, frame: frames.ClientFrame) -> None:
    payload = codec.encode(frame)
    [read] = (SERVER_JSON if isinstance(payload, str) else SERVER_PROTOBUF).decode(payload)
    expected = plain(frame)
    if isinstance(frame, frames.Login) and codec is PROTOBUF_CODEC:
        expected["compact"] = True
    assert plain(read) == expected | ({"kind": "text"} if "kind" in plain(read) and "kind" not in expected else {})


@pytest.mark.parametrize("name", SERVER_FRAMES)
def test_the_client_reads_the_same_in_each_codec(name: str) -> None:
    """What a newer server says beyond what this client knows, it does not read in any."""
    frame = SERVER_FRAMES[name]
    [read] = JSON_CODEC.decode(SERVER_JSON.encode(frame))
    for server in (SERVER_PROTOBUF, COMPACT_PROTOBUF_CODEC):
        [same] = PROTOBUF_CODEC.decode(server.encode(frame))
        assert kept(plain(same)) == kept(plain(read)), server.name


def kept(value: Any) -> Any:
    """A frame without its type, and without what says nothing."""
    if isinstance(value, dict):
        fields = {name: kept(each) for name, each in value.items() if name != "type"}
        return {name: each for name, each in fields.items() if each not in (None, False, [], {})}
    return [kept(each) for each in value] if isinstance(value, list) else value


def test_what_the_client_knows_of_frames_is_what_servers_send() -> None:
    ours = {frame.__struct_config__.tag: set(frame.__struct_fields__) for frame in get_args(frames.AnyServerFrame)}
    theirs = {frame.__struct_config__.tag: set(frame.__struct_fields__) for frame in get_args(ServerFrame)}
    assert ours.keys() == theirs.keys()
    for tag, fields in ours.items():
        assert fields <= theirs[tag], tag
        assert theirs[tag] - fields <= {"html"}, f"{tag}: a field that the client does not know"


@pytest.mark.parametrize(("server", "client"), [(SERVER_JSON, JSON_CODEC), (SERVER_PROTOBUF, PROTOBUF_CODEC)])
def test_batches_come_as_their_frames(server: Any, client: Codec) -> None:
    encoded = [server.encode(frame) for frame in SERVER_FRAMES.values()]
    assert len(client.decode(server.encode_batch(encoded))) == len(SERVER_FRAMES)


def test_a_type_of_a_newer_server_is_left_out() -> None:
    payload = '[{"type":"hologram","x":1},{"type":"typing","conversation":"1","sender":"bob","mood":"good"}]'
    assert JSON_CODEC.decode(payload) == [frames.Typing(conversation="1", sender="bob")]


def test_who_speaks_protobuf_is_sent_away_in_json() -> None:
    payload = b'{"type":"error","code":"unauthenticated","detail":"","close":4501}'
    assert PROTOBUF_CODEC.decode(payload) == [frames.Error(code="unauthenticated", close=4501)]


@pytest.mark.parametrize(
    ("codec", "payload"),
    [
        (JSON_CODEC, ""),
        (JSON_CODEC, "5"),
        (JSON_CODEC, "{}"),
        (JSON_CODEC, '{"type":"ack"}'),
        (JSON_CODEC, b"\xff"),
        (JSON_CODEC, "[[]]"),
        (PROTOBUF_CODEC, b"\xff\xff"),
        (PROTOBUF_CODEC, b"[1]"),
    ],
)
def test_noise_is_an_error(codec: Codec, payload: str | bytes) -> None:
    with pytest.raises(DecodeError):
        codec.decode(payload)


def test_a_token_is_in_no_repr() -> None:
    assert "secret" not in repr(frames.Login(token="secret", device=frames.Device(id="d", platform="bot")))
