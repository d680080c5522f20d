"""Frames as Protobuf: `im.v1.Frame` of the server's im.proto, in the compact forms where there are some.

A frame becomes the dict that its JSON is, and that becomes the message; the comments of im.proto say where the two
differ. The generated classes have a package name of their own (`make proto`), so that server and client can be
imported into one process.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import msgspec
from google.protobuf.message import DecodeError as ProtobufError
from google.protobuf.message import Message

from lian_client.codecs import im_pb2
from lian_client.codecs.base import DecodeError
from lian_client.codecs.json import JSON_CODEC, KNOWN_TYPES
from lian_client.frames import AnyServerFrame, ClientFrame, Login

_TYPE_CODES: dict[str, Any] = {
    name.removeprefix("FRAME_TYPE_").lower(): number for name, number in im_pb2.FrameType.items()
}
_TYPES = {number: type for type, number in _TYPE_CODES.items()}

_encode_json = msgspec.json.encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


class ProtobufCodec:
    """WebSocket binary messages, and TCP packets that do not begin like JSON."""

    name = "protobuf"

    def encode(self, frame: ClientFrame) -> bytes:
        fields: dict[str, Any] = msgspec.to_builtins(frame)
        message = im_pb2.Frame()
        if isinstance(frame, Login):
            # Not fields of that name: there, `batch` holds frames. An empty map leaves no trace.
            message.accepts_batch = fields.pop("batch", False)
            message.compact = True
            message.wants_sync = "cursors" in fields
        for name, value in fields.items():
            _set(message, name, value)
        return message.SerializeToString()

    def decode(self, payload: str | bytes) -> list[AnyServerFrame]:
        if isinstance(payload, str) or payload.startswith((b"{", b"[")):
            # Who has not said anything yet is told in JSON why it is sent away.
            return JSON_CODEC.decode(payload)
        try:
            message = im_pb2.Frame.FromString(payload)
            frames = [_dict(each) for each in message.batch or [message]]
            return [msgspec.convert(frame, AnyServerFrame) for frame in frames if frame.get("type") in KNOWN_TYPES]
        except (ProtobufError, msgspec.DecodeError, UnicodeError) as error:
            raise DecodeError("not a Protobuf frame") from error


PROTOBUF_CODEC = ProtobufCodec()


# --- to Protobuf ---------------------------------------------------------------------------------------------------


def _set(message: im_pb2.Frame, name: str, value: Any) -> None:
    if name == "type":
        message.type_code = _TYPE_CODES[value]
    elif name == "id" and _is_uuid(value):
        message.id_uuid = uuid.UUID(value).bytes
    elif name == "conversation" and _is_number(value):
        message.conversation_id = int(value)
    elif name == "cursors":
        if all(map(_is_number, value)):
            message.cursors_by_id.update({int(id): version for id, version in value.items()})
        else:
            message.cursors.update(value)
    elif name == "payload":
        message.payload = _encode_json(value).decode()
    elif name == "device":
        for part, text in value.items():
            setattr(message.device, part, text)
    elif isinstance(value, list | tuple):
        getattr(message, name).extend(value)
    else:
        setattr(message, name, value)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    """Whether it is the usual decimal form of a positive 63-bit number, which is what a `fixed64` stands for."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and str(int(text)) == text and 0 < int(text) < 2**63


# --- from Protobuf -------------------------------------------------------------------------------------------------


def _dict(message: Message) -> dict[str, Any]:
    """The frame as its JSON would be."""
    frame: dict[str, Any] = {}
    for field, value in message.ListFields():
        _take(frame, field.name, value)
    return frame


def _take(frame: dict[str, Any], name: str, value: Any) -> None:
    match name:
        case "type_code":
            frame["type"] = _TYPES.get(value, "")
        case "id_uuid":
            frame["id"] = str(uuid.UUID(bytes=value))
        case "conversation_id":
            frame["conversation"] = str(value)
        case "cursors_by_id":
            frame["cursors"] = {str(id): version for id, version in value.items()}
        case "cursors":
            frame["cursors"] = dict(value)
        case "payload":
            frame["payload"] = _decode_object(value)
        case "reactions":
            frame["reactions"] = {each.emoji: list(each.usernames) for each in value}
        case "receipts":
            frame["receipts"] = {user: (marks.received_seq, marks.read_seq) for user, marks in value.items()}
        case "account":
            frame["user"] = _plain(value)
        case "heartbeat" | "limits" | "permissions":
            frame[name] = _plain(value)
        case "attached":
            frame["attachments"] = [_plain(each) for each in value]
        case "last_message":
            frame[name] = _dict(value)
        case "conversations" | "messages":
            frame[name] = [_dict(each) for each in value]
        case _:
            frame[name] = list(value) if _is_list(value) else value


def _plain(message: Message) -> dict[str, Any]:
    return {field.name: value for field, value in message.ListFields()}


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)
