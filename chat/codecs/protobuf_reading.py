"""Client frames out of Protobuf, as strictly as out of JSON.

The runtime turns bytes into fields, and msgspec turns fields into a frame: by the same types, so that both codecs
refuse the same things with the same words. Fields that are not the frame's own are ignored, whatever they hold.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import msgspec
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from chat.codecs import im_pb2
from chat.codecs.refusals import invalid, unknown_type, usable_id
from chat.codecs.strict_json import has_huge_integer, objection
from chat.errors import ErrorCode
from chat.protocol.frames import ClientFrame, PresenceQuery, SyncRequest
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX

_FRAMES: dict[str, type[ClientFrame]] = {frame.__struct_config__.tag: frame for frame in typing.get_args(ClientFrame)}

_TYPES = {number: name.removeprefix("FRAME_TYPE_").lower() for name, number in im_pb2.FrameType.items()}

_UUID_BYTES = 16

_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


def read(data: bytes) -> list[ClientFrame | BadFrame]:
    """The frame in `data`, or those of the batch in it, in order. Never raises."""
    message = _parse(data)
    if message is None:
        return [BadFrame(ErrorCode.BAD_FRAME, "These bytes are not Protobuf.", is_noise=True)]
    batch = message.batch
    if not batch:
        return [_read_frame(message, data)]
    if len(batch) > BATCH_MAX:
        return [BadFrame(ErrorCode.BAD_FRAME, f"A batch holds 1 to {BATCH_MAX} frames.")]
    return [_read_frame_of_batch(item) for item in batch]


def _shallow_frame() -> type[Message]:
    """`im.v1.Frame`, except that the frames inside of it stay bytes, which on the wire is the same.

    In frames of clients only a batch has any. Were they parsed before they are wanted, 64 KiB of empty ones would cost
    20 ms and 13 MB [measured], they could nest, and one that is broken would spoil its whole batch.
    """
    file = FileDescriptorProto()
    im_pb2.DESCRIPTOR.CopyToProto(file)
    for message in file.message_type:
        for field in message.field:
            if field.type_name == ".im.v1.Frame":
                field.ClearField("type_name")
                field.type = FieldDescriptorProto.TYPE_BYTES
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("im.v1.Frame"))


ShallowFrame = _shallow_frame()


def _parse(data: bytes) -> Any:
    """A ShallowFrame; None when `data` is none."""
    try:
        return ShallowFrame.FromString(data)
    except (DecodeError, UnicodeDecodeError):  # the latter where the runtime is pure Python
        return None


def _read_frame_of_batch(data: bytes) -> ClientFrame | BadFrame:
    message = _parse(data)
    if message is None:
        return BadFrame(ErrorCode.BAD_FRAME, "A frame of the batch is not Protobuf.")
    if message.batch:
        return BadFrame(ErrorCode.BAD_FRAME, "Batches do not nest.")
    return _read_frame(message, data)


def _read_frame(message: Message, data: bytes) -> ClientFrame | BadFrame:
    """The frame of `message`, which was parsed from `data`."""
    fields: dict[str, Any] = {}
    try:
        # In the order of their numbers, so that of a plain field and its compact form the plain one counts.
        for field, value in message.ListFields():
            reading = _READINGS.get(field)
            if reading is not None and reading[0] not in fields:
                name, read_value = reading
                fields[name] = value if read_value is None else read_value(value)
        frame = _convert(fields)
    except msgspec.ValidationError as error:
        return invalid(error, usable_id(fields.get("id")))
    if frame is None:
        return unknown_type(usable_id(fields.get("id")))
    if 0 in data and _has_nul(fields):
        return BadFrame(ErrorCode.BAD_FRAME, "Text cannot contain NUL.", usable_id(fields.get("id")))
    return frame


def _convert(fields: dict[str, Any]) -> ClientFrame | None:
    """The frame that has these fields; None when there is no such type.

    Raises:
        msgspec.ValidationError: a field is missing, or is not what it must be.
    """
    if "type" not in fields:
        raise msgspec.ValidationError("Object missing required field `type`")
    frame = _FRAMES.get(fields["type"])
    # A list or a map with nothing in it leaves no trace in Protobuf.
    if frame is SyncRequest and fields.get("cursors") is None:
        fields["cursors"] = {}
    elif frame is PresenceQuery:
        fields.setdefault("users", [])
    return None if frame is None else msgspec.convert(fields, frame)


def _has_nul(value: object) -> bool:
    """Whether there is a NUL in any text of `value`."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _read_payload(text: str) -> dict[str, Any]:
    """An object that travels as JSON, as strictly as if all of the frame did."""
    data = text.encode()
    try:
        value: dict[str, Any] = _decode_object(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise msgspec.ValidationError("Expected a JSON `object` - at `$.payload`") from error
    # In JSON there would be the frame around it: one level more.
    found = objection(b"[%b]" % data)
    if found is None and has_huge_integer(value):
        found = "Integers have 64 bits at most."
    if found is not None:
        raise msgspec.ValidationError(found)
    return value


def _read_uuid(data: bytes) -> str:
    if len(data) != _UUID_BYTES:
        raise msgspec.ValidationError(f"Expected `bytes` of length {_UUID_BYTES} - at `$.id_uuid`")
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _readings() -> dict[object, tuple[str, Callable[[Any], Any] | None]]:
    """By descriptor of a field: what it is in a frame, and how to read it. Fields of the server's are not in it."""
    special: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
        "type": ("type", None),
        "type_code": ("type", lambda code: _TYPES.get(code, "")),
        "id_uuid": ("id", _read_uuid),
        "conversation_id": ("conversation", str),
        "attachments": ("attachments", list),
        "mentions": ("mentions", list),
        "users": ("users", list),
        "payload": ("payload", _read_payload),
        "cursors": ("cursors", dict),
        "cursors_by_id": ("cursors", lambda cursors: {str(id): version for id, version in cursors.items()}),
        "wants_sync": ("cursors", lambda wants: {} if wants else None),
        "device": ("device", lambda device: {field.name: value for field, value in device.ListFields()}),
        "accepts_batch": ("batch", None),
        "wants_html": ("html", None),
    }
    names = {name for frame in _FRAMES.values() for name in frame.__struct_fields__} - {"batch", "html"}
    return {
        field: special.get(field.name, (field.name, None))
        for field in ShallowFrame.DESCRIPTOR.fields
        if field.name in names or field.name in special
    }


_READINGS = _readings()
