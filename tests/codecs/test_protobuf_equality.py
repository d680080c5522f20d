"""JSON and Protobuf say the same: every frame that there can be comes through both alike, and both refuse alike."""

from __future__ import annotations

import json
import typing
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from chat.codecs import im_pb2
from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC
from chat.protocol import frames
from chat.protocol.interfaces import BadFrame
from tests.support import protobuf
from tests.support.frame_strategies import characters, frames_of
from tests.support.frames import CLIENT_FRAMES

CLIENT_TYPES = typing.get_args(frames.ClientFrame)
SERVER_TYPES = typing.get_args(frames.ServerFrame)


@pytest.mark.parametrize("kind", CLIENT_TYPES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_clients_frame(kind: type[frames.Command], data: st.DataObject) -> None:
    frame = data.draw(frames_of(kind))
    fields = protobuf.to_json(frame)
    assert JSON_CODEC.decode(msgspec.json.encode(frame)) == [frame]
    assert PROTOBUF_CODEC.decode(protobuf.encode([fields])) == [frame]
    assert PROTOBUF_CODEC.decode(protobuf.encode([fields], compact=True)) == [frame]


@pytest.mark.parametrize("kind", SERVER_TYPES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_servers_frame(kind: type[frames.ServerFrame], data: st.DataObject) -> None:
    frame: frames.ServerFrame = data.draw(frames_of(kind))
    assert msgspec.json.decode(JSON_CODEC.encode(frame), type=kind) == frame
    for codec in (PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC):
        (fields,) = protobuf.decode(codec.encode(frame))
        assert msgspec.convert(fields, kind) == frame
        # Not only equal, but the same: 1.0 is not 1, and True neither. The order of keys says nothing, save one.
        assert json.dumps(fields, sort_keys=True) == json.dumps(protobuf.to_json(frame), sort_keys=True)
        if isinstance(frame, frames.Message) and frame.reactions is not None:
            assert list(fields["reactions"]) == list(frame.reactions)


@given(batch=st.lists(st.sampled_from(SERVER_TYPES).flatmap(frames_of), min_size=1, max_size=5))
def test_a_batch(batch: list[Any]) -> None:
    expected = [protobuf.to_json(frame) for frame in batch]
    for codec in (PROTOBUF_CODEC, COMPACT_PROTOBUF_CODEC):
        assert protobuf.decode(codec.encode_batch(list(map(codec.encode, batch)))) == expected


#: Fields of clients that both codecs can write wrongly: of the right type, with any value of it.
WRONG = {
    "type": st.text(max_size=8) | st.sampled_from([kind.__struct_config__.tag for kind in CLIENT_TYPES]),
    "id": st.text(max_size=66),
    "seq": st.integers(-(2**63), 2**63 - 1),
    "reply_to": st.integers(-(2**63), 2**63 - 1),
    "content": st.text(max_size=3),
    "conversation": st.text(max_size=3),
    "receiver": st.text(max_size=3),
    "kind": st.text(max_size=3) | st.just("system"),
    "emoji": st.text(max_size=34),
    "token": st.sampled_from(["t" * 2_048, "t" * 2_049]),
    "device": st.fixed_dictionaries({"id": st.text(max_size=2), "platform": st.sampled_from(["web", "tv"])}),
    "mentions": st.sampled_from([["m"] * 100, ["m"] * 101]),
    "attachments": st.sampled_from([["a"] * 10, ["a"] * 11]),
    "users": st.sampled_from([["u"] * 500, ["u"] * 501]),
    "cursors": st.dictionaries(st.text(characters, max_size=2), st.integers(-(2**63), 2**63 - 1), min_size=1),
}


@given(
    frame=st.sampled_from(list(CLIENT_FRAMES.values())),
    changes=st.fixed_dictionaries({}, optional=WRONG),
    dropped=st.sets(st.sampled_from(sorted(WRONG.keys() - {"cursors", "users"})), max_size=3),
)
def test_what_one_refuses__the_other_refuses_alike(
    frame: frames.ClientFrame, changes: dict[str, Any], dropped: set[str]
) -> None:
    fields = {name: value for name, value in (protobuf.to_json(frame) | changes).items() if name not in dropped}
    # Without these a `presence` and a `sync` are bad in JSON only: Protobuf cannot tell nothing from an empty list.
    fields = {"users": [], "cursors": {}} | fields
    (in_json,) = JSON_CODEC.decode(msgspec.json.encode(fields))
    for compact in (False, True):
        (in_protobuf,) = PROTOBUF_CODEC.decode(protobuf.encode([fields], compact=compact))
        if isinstance(in_json, BadFrame) and isinstance(in_protobuf, BadFrame):
            # Of several mistakes each names the one that it comes upon first.
            assert (in_protobuf.code, in_protobuf.id) == (in_json.code, in_json.id)
        else:
            assert in_protobuf == in_json


def test_every_field_of_every_frame__is_in_the_schema() -> None:
    renamed = {"batch": "accepts_batch", "html": "wants_html", "user": "account"}
    schema = im_pb2.Frame.DESCRIPTOR.fields_by_name
    for kind in (*CLIENT_TYPES, *SERVER_TYPES):
        for name in kind.__struct_fields__:
            assert name in schema, (kind, name)
            assert renamed.get(name, name) in schema, (kind, name)
