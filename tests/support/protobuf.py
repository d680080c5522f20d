"""A client's Protobuf, written apart from the product's own: frames as dicts of JSON to `im.v1.Frame` and back.

It goes by the descriptors of im.proto, and by nothing else than the comments there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chat.codecs import im_pb2

Frame = dict[str, Any]

#: What a login calls `batch` and `html`; the fields of these names are other frames' and no flags.
_FLAGS = {"batch": "accepts_batch", "html": "wants_html"}

#: Fields whose emptiness leaves no trace, and null where the JSON says null.
_EMPTY: dict[str, Frame] = {
    "sync": {"conversations": [], "messages": [], "cursors": {}},
    "presence": {"last_seen": None},
}

_CODES: dict[str, Any] = {
    name.removeprefix("FRAME_TYPE_").lower(): number for name, number in im_pb2.FrameType.items() if number
}
_TYPES = {number: type for type, number in _CODES.items()}

#: A field that no version has, for whatever im.proto does not know.
_UNKNOWN_FIELD = 10_000


def encode(frames: Sequence[Frame], *, compact: bool = False) -> bytes:
    """Frames of a client as one transport message."""
    messages = [_message(frame, compact=compact) for frame in frames]
    message = messages[0] if len(messages) == 1 else im_pb2.Frame(batch=messages)
    return message.SerializeToString(deterministic=True)


def decode(payload: bytes) -> list[Frame]:
    """The frames of a server's transport message."""
    message = im_pb2.Frame.FromString(payload)
    return [_frame(inner) for inner in message.batch] or [_frame(message)]


def to_json(frame: msgspec.Struct) -> Frame:
    """A frame as the dict that its JSON is."""
    fields: Frame = json.loads(msgspec.json.encode(frame))
    return fields


# --- to Protobuf -------------------------------------------------------------


def _message(frame: Frame, *, compact: bool) -> im_pb2.Frame:
    is_login = frame.get("type") == "login"
    message = im_pb2.Frame()
    unknown: Frame = {}
    for name, value in frame.items():
        field = _FLAGS.get(name, name) if isinstance(value, bool) else name
        if compact and _set_compact(message, name, value):
            continue
        if field not in im_pb2.Frame.DESCRIPTOR.fields_by_name:
            unknown[name] = value
        elif field == "payload":
            message.payload = json.dumps(value)
        elif field == "device":
            message.device.SetInParent()
            for part, text in value.items():
                setattr(message.device, part, text)
        elif field == "cursors":
            message.cursors.update(value)
            if is_login:
                message.wants_sync = True
        elif isinstance(value, list):
            getattr(message, field).extend(value)
        else:
            setattr(message, field, value)
    if unknown:
        message.MergeFromString(length_delimited(_UNKNOWN_FIELD, json.dumps(unknown).encode()))
    return message


def _set_compact(message: im_pb2.Frame, name: str, value: Any) -> bool:
    """Put the value into the compact form of its field, if there is one that can hold it."""
    if name == "type" and value in _CODES:
        message.type_code = _CODES[value]
    elif name == "id" and _is_uuid(value):
        message.id_uuid = uuid.UUID(value).bytes
    elif name == "conversation" and _is_number(value):
        message.conversation_id = int(value)
    elif name == "cursors" and value and all(map(_is_number, value)):
        message.cursors_by_id.update({int(id): version for id, version in value.items()})
    else:
        return False
    return True


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and str(int(text)) == text and 0 < int(text) < 2**63


def length_delimited(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    data = b""
    while number > 0x7F:
        data += bytes([number & 0x7F | 0x80])
        number >>= 7
    return data + bytes([number])


# --- from Protobuf -----------------------------------------------------------


def _frame(message: Message) -> Frame:
    frame: Frame = {}
    for field, value in message.ListFields():
        _take(frame, field, value)
    account = frame.pop("account", None)
    if account is not None:
        frame["user"] = {"avatar": None} | account
    if frame.get("type") == "message":
        frame.setdefault("kind", "text")
    return _EMPTY.get(frame.get("type", ""), {}) | frame


def _body(message: Message) -> Frame:
    """A frame inside of a frame: it has no type, and what has a `content` is a message."""
    frame = _frame(message)
    if "content" in frame:
        frame.setdefault("kind", "text")
    return frame


def _take(frame: Frame, field: Any, value: Any) -> None:
    name = field.name
    if name == "type_code":
        frame["type"] = _TYPES[value]
    elif name == "id_uuid":
        frame["id"] = str(uuid.UUID(bytes=value))
    elif name == "conversation_id":
        frame["conversation"] = str(value)
    elif name == "cursors_by_id":
        frame["cursors"] = {str(id): version for id, version in value.items()}
    elif name == "payload":
        frame["payload"] = json.loads(value)
    elif name == "cursors":
        frame["cursors"] = dict(value)
    elif name == "reactions":
        frame["reactions"] = {reaction.emoji: list(reaction.usernames) for reaction in value}
    elif name == "receipts":
        frame["receipts"] = {person: [marks.received_seq, marks.read_seq] for person, marks in value.items()}
    elif name == "attached":
        frame["attachments"] = [{part.name: of for part, of in attachment.ListFields()} for attachment in value]
    elif name == "last_message":
        frame[name] = _body(value)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        is_list = name in ("conversations", "messages")
        frame[name] = [_body(item) for item in value] if is_list else {part.name: of for part, of in value.ListFields()}
    else:
        frame[name] = list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else value
