"""The examples of docs/protocol.md: each frame as JSON and as Protobuf, in text and in bytes.

A part of chat.protocol.docs. It looks up to the codecs, since it shows what they read and write; nothing else of this
package may (pyproject.toml).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from google.protobuf import text_format

from chat.codecs import im_pb2
from chat.codecs.protobuf_writing import set_compact_forms, set_forms
from chat.protocol.examples import Example
from chat.protocol.frames import Command

#: Bytes in a line of hexadecimal, so that it fits where code is shown.
_BYTES_IN_LINE = 36


def render(examples: Iterable[Example]) -> str:
    """The examples one after another; those of one type under one heading."""
    return "\n\n".join(_parts(examples))


def _parts(examples: Iterable[Example]) -> Iterator[str]:
    last = ""
    for example in examples:
        tag = str(example.frame.__struct_config__.tag)
        if tag != last:
            yield f"#### `{tag}`"
            last = tag
        if example.says:
            yield example.says
        lines = ["json", msgspec.json.encode(example.frame).decode()]
        for name, message in _messages(example):
            lines += [name, text_format.MessageToString(message, as_utf8=True, as_one_line=True)]
            lines += textwrap.wrap(message.SerializeToString(deterministic=True).hex(" "), 3 * _BYTES_IN_LINE)
        yield "\n".join(["```text", *lines, "```"])


def _messages(example: Example) -> Iterator[tuple[str, im_pb2.Frame]]:
    """The forms that it has in Protobuf."""
    fields = msgspec.to_builtins(example.frame)
    if isinstance(example.frame, Command):
        _set_client_forms(fields)
    else:
        set_forms(fields)
    yield "protobuf", im_pb2.Frame(**fields)
    set_compact_forms(fields)
    yield "compact", im_pb2.Frame(**fields)


def _set_client_forms(fields: dict[str, Any]) -> None:
    """Give the fields of a client's frame the forms that im.proto has for them."""
    if fields["type"] == "login":
        fields["wants_sync"] = "cursors" in fields or None
        fields["accepts_batch"] = fields.pop("batch", None)
        fields["wants_html"] = fields.pop("html", None)
    if "payload" in fields:
        fields["payload"] = msgspec.json.encode(fields["payload"]).decode()
