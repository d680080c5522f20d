"""The sockets' side of the API as AsyncAPI 3.0: the same structs, examples and codes that the code runs on.

https://www.asyncapi.com/docs/reference/specification/v3.0.0. The application that it describes is the server, so it
*receives* what clients say and *sends* what they hear.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.conf import settings

from chat.errors import CloseCode, ErrorCode
from chat.protocol import frames
from chat.protocol.closing import CLOSE_DETAILS
from chat.protocol.examples import CLIENT_EXAMPLES, SERVER_EXAMPLES, Example
from chat.protocol.states import CLIENT_FRAMES

#: The media type that the specification registers for documents like this one.
MEDIA_TYPE = "application/vnd.aai.asyncapi+json; version=3.0.0"

SERVER_FRAMES: tuple[type[msgspec.Struct], ...] = typing.get_args(frames.ServerFrame)

INTRODUCTION = """\
One protocol over WebSocket and raw TCP. A client says `login`; from then on both sides send frames, flat objects with
a `type`, until one of them closes. Frames of a client may have an `id`, which comes back in the answer: the one that
is named here, or `error`.

**WebSocket** carries JSON in text messages and Protobuf in binary ones. **Raw TCP** carries packets: a 4-byte
big-endian length, then one frame, whose first byte tells JSON (`{` or `[`) from Protobuf. This document describes the
JSON; the same frames in Protobuf are the message `im.v1.Frame` of `/api/im.proto`. Several frames may come as an array.

Clients ignore fields and types that they do not know. Close codes from 4000 to 4499 allow to connect again, those
from 4500 to 4999 do not.

What the frames mean, when a client must sync, and how to connect again is in `docs/protocol.md` of the source. REST,
with long poll for networks that let no socket through, is described at `/api/schema/`.
"""

#: The types of frame that answer one of a client, beside `error`. What is missing here is not answered.
_ANSWERS: dict[type[frames.Command], tuple[type[msgspec.Struct], ...]] = {
    frames.Login: (frames.LoginReply, frames.SyncReply),
    frames.SendMessage: (frames.Ack,),
    frames.Edit: (frames.Ack,),
    frames.Recall: (frames.Ack,),
    frames.React: (frames.Ack,),
    frames.SyncRequest: (frames.SyncReply,),
    frames.PresenceQuery: (frames.Presence,),
    frames.Heartbeat: (frames.HeartbeatReply,),
}

#: What the server says unasked.
_PUSHES = (
    frames.Message,
    frames.Conversation,
    frames.Receipt,
    frames.Typing,
    frames.Presence,
    frames.ContactRequests,
    frames.HeartbeatReply,
    frames.Error,
)

#: At the end of a host; not a part of an IPv6 address, which ends in a bracket.
_PORT = re.compile(r":\d+$")

_SCHEMAS = "#/components/schemas/{name}"
_CHANNEL = "#/channels/session"


def document(*, host: str, is_secure: bool) -> dict[str, Any]:
    """The description of the server at `host`, with its port unless that is the usual one."""
    return _common() | {"servers": _servers(host, is_secure=is_secure)}


def _servers(host: str, *, is_secure: bool) -> dict[str, Any]:
    return {
        "websocket": {
            "host": host,
            "pathname": "/ws/",
            "protocol": "wss" if is_secure else "ws",
            "description": "Subprotocol `im.v1`. A browser is known by its session cookie; others by a token, in the"
            " header or in `login`.",
            "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("token", "cookie")],
        },
        "tcp": {
            "host": _PORT.sub("", host) + ":{port}",
            "protocol": "tcp",
            "description": "Packets with a 4-byte length; TLS where the operator has configured it. The token is in"
            " `login`.",
            "variables": {"port": {"default": "9100", "description": "9100, unless the operator chose another."}},
        },
    }


@functools.cache
def _common() -> dict[str, Any]:
    """All of the document that is the same everywhere. Nobody may change it."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Instant messaging: im.v1", "version": "v1", "description": INTRODUCTION},
        "defaultContentType": "application/json",
        "channels": {
            "session": {
                "address": None,  # the servers have it
                "title": "A session",
                "description": "One connection of one device.",
                "messages": {
                    frame.__name__: {"$ref": f"#/components/messages/{frame.__name__}"}
                    for frame in (*CLIENT_FRAMES, *SERVER_FRAMES)
                },
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": dict(_operations()),
        "components": {
            "messages": {
                kind.__name__: _message(kind, examples)
                for kinds, examples in ((CLIENT_FRAMES, CLIENT_EXAMPLES), (SERVER_FRAMES, SERVER_EXAMPLES))
                for kind in kinds
            },
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "From `POST /api/v1/tokens/`."},
                "cookie": {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            },
        },
    }


def _operations() -> Iterable[tuple[str, dict[str, Any]]]:
    for frame in CLIENT_FRAMES:
        answers = _ANSWERS.get(frame)
        operation = _operation("receive", [frame])
        if answers is not None:
            operation["reply"] = _operation(None, [*answers, frames.Error])
        yield f"receive{frame.__name__}", operation
    for push in _PUSHES:
        yield f"send{push.__name__}", _operation("send", [push])


def _operation(action: str | None, kinds: Sequence[type[msgspec.Struct]]) -> dict[str, Any]:
    """An operation, or without an `action` what it is answered with."""
    operation: dict[str, Any] = {
        "channel": {"$ref": _CHANNEL},
        "messages": [{"$ref": f"{_CHANNEL}/messages/{kind.__name__}"} for kind in kinds],
    }
    if action is not None:
        operation |= {"action": action, "summary": _first_line(kinds[0])}
    return operation


def _message(kind: type[msgspec.Struct], examples: Sequence[Example]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": kind.__struct_config__.tag,
        "title": kind.__name__,
        "summary": _first_line(kind),
        "payload": {"$ref": _SCHEMAS.format(name=kind.__name__)},
        "examples": [
            {"summary": example.says or _first_line(kind), "payload": msgspec.to_builtins(example.frame)}
            for example in examples
            if type(example.frame) is kind
        ],
    }
    if "id" in kind.__struct_fields__ and kind is not frames.Message:  # there it is the sender's, and answers nothing
        message["correlationId"] = {
            "location": "$message.payload#/id",
            "description": "The client's, and in the answer the same.",
        }
    return message


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components([*CLIENT_FRAMES, *SERVER_FRAMES], ref_template=_SCHEMAS)
    error = schemas["Error"]["properties"]
    error["code"] = {"anyOf": [{"$ref": _SCHEMAS.format(name=name)} for name in ("ErrorCode", "CloseName")]}
    error["close"] = {"$ref": _SCHEMAS.format(name="CloseCode")}
    return {
        **typing.cast(dict[str, Any], _as_draft_07(schemas)),
        "ErrorCode": {
            "description": "Why one frame failed.",
            "oneOf": [{"const": code.value, "description": code.info.detail} for code in ErrorCode],
        },
        "CloseName": {
            "description": "Over raw TCP, why the connection ends; `close` has the number.",
            "oneOf": [{"const": code.wire_name, "description": CLOSE_DETAILS[code]} for code in CloseCode],
        },
        "CloseCode": {
            "description": "A WebSocket close code.",
            "oneOf": [{"const": int(code), "description": CLOSE_DETAILS[code]} for code in CloseCode],
        },
    }


def _as_draft_07(schema: Any) -> Any:
    """A schema of msgspec's, which is of 2020-12, as AsyncAPI wants it: tuples were written in another way."""
    if isinstance(schema, list):
        return [_as_draft_07(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {name: _as_draft_07(value) for name, value in schema.items()}
    if "prefixItems" in converted:
        converted["items"] = converted.pop("prefixItems")
        converted["additionalItems"] = False
    return converted


def _first_line(kind: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(kind) or "").splitlines()[0]
