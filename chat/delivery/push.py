"""A push: one frame for many sessions, encoded once for each way of writing it."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from chat.events import MessageObject
from chat.markup import render
from chat.protocol import frames
from chat.protocol.interfaces import Codec

M = TypeVar("M", bound=MessageObject)

#: How a session wants its frames: the codec, and whether messages carry rendered HTML.
Variant = tuple[Codec, bool]


class Push:
    """One server frame and its encoded forms, made when the first session asks for each."""

    __slots__ = ("_encoded", "ephemeral", "frame")

    def __init__(self, frame: frames.ServerFrame, *, ephemeral: bool = False) -> None:
        self.frame = frame
        self.ephemeral = ephemeral  # typing and presence: may be dropped for a slow reader
        self._encoded: dict[Variant, bytes] = {}

    def encoded(self, variant: Variant) -> bytes:
        data = self._encoded.get(variant)
        if data is None:
            codec, html = variant
            frame = self.frame
            if html and isinstance(frame, frames.Message):
                frame = with_html(frame)
            data = self._encoded[variant] = codec.encode(frame)
        return data


def message_frame(message: MessageObject) -> frames.Message:
    """The `message` frame that carries `message`."""
    return frames.Message(**msgspec.structs.asdict(message))


def with_html(message: M) -> M:
    """`message` with its content rendered and sanitised, for sessions that logged in with `html`."""
    if not message.content or message.html is not None:
        return message
    return msgspec.structs.replace(message, html=render(message.content, tuple(message.mentions or ())))
