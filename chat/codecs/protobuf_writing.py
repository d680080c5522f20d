"""Server frames into Protobuf: the fields of the JSON, in the forms that they have there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from chat.codecs import im_pb2
from chat.protocol.frames import ServerFrame
from chat.protocol.limits import INT64_MAX

_encode_json = msgspec.json.Encoder().encode

_CODES = {name.removeprefix("FRAME_TYPE_").lower(): number for name, number in im_pb2.FrameType.items()}

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DECIMAL = re.compile(r"[1-9][0-9]{0,18}")


def write_plain(frame: ServerFrame) -> bytes:
    """`frame` with the field names of its JSON."""
    fields: dict[str, Any] = msgspec.to_builtins(frame)
    set_forms(fields)
    return im_pb2.Frame(**fields).SerializeToString()


def write_compact(frame: ServerFrame) -> bytes:
    """`frame` with compact forms wherever there are any."""
    fields: dict[str, Any] = msgspec.to_builtins(frame)
    set_forms(fields)
    set_compact_forms(fields)
    return im_pb2.Frame(**fields).SerializeToString()


def set_forms(fields: dict[str, Any]) -> None:
    """Give the fields of JSON that Protobuf cannot have like that their forms of im.proto."""
    if "payload" in fields:
        fields["payload"] = _encode_json(fields["payload"]).decode()
    if "attachments" in fields:
        fields["attached"] = fields.pop("attachments")
    if "reactions" in fields:
        fields["reactions"] = [
            {"emoji": emoji, "usernames": usernames} for emoji, usernames in fields["reactions"].items()
        ]
    if "receipts" in fields:
        fields["receipts"] = {
            username: {"received_seq": received, "read_seq": read}
            for username, (received, read) in fields["receipts"].items()
        }
    if isinstance(user := fields.get("user"), dict):
        fields["account"] = user
        fields["user"] = user["username"]
    for body in _bodies(fields):
        set_forms(body)


def set_compact_forms(fields: dict[str, Any]) -> None:
    """Put compact fields in the place of plain ones, where the value has that form."""
    if "type" in fields:
        fields["type_code"] = _CODES[fields.pop("type")]
    if "id" in fields and _UUID.fullmatch(fields["id"]):
        fields["id_uuid"] = bytes.fromhex(fields.pop("id").replace("-", ""))
    if "conversation" in fields and _is_number(fields["conversation"]):
        fields["conversation_id"] = int(fields.pop("conversation"))
    if fields.get("kind") == "text":
        del fields["kind"]
    if "cursors" in fields and all(map(_is_number, fields["cursors"])):
        fields["cursors_by_id"] = {int(id): version for id, version in fields.pop("cursors").items()}
    for body in _bodies(fields):
        set_compact_forms(body)


def _bodies(fields: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The frames inside of a frame."""
    if "messages" in fields:
        return [*fields["conversations"], *fields["messages"]]
    return [fields["last_message"]] if "last_message" in fields else []


def _is_number(conversation: str) -> bool:
    """Whether the id is the decimal text of a number, so that the number is as good."""
    return _DECIMAL.fullmatch(conversation) is not None and int(conversation) <= INT64_MAX
