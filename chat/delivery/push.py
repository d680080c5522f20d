"""A push: one frame for many sessions, encoded once for each way of writing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from chat.events import MessageObject
from chat.markup import render
from chat.protocol import frames
from chat.protocol.interfaces import Codec

M = TypeVar("M", bound=MessageObject)


class Variant:
    """How a session wants its frames. Equal wishes are the same object, so that pushes can be shared by it."""

    __slots__ = ("codec", "html", "wrap")

    def __init__(self, codec: Codec, html: bool, wrap: Callable[[bytes], bytes] | None) -> None:
        self.codec = codec
        self.html = html  # messages carry their rendered content
        self.wrap = wrap  # from a payload to the transport's own bytes, when those can be shared

    def encode(self, frame: frames.ServerFrame) -> bytes:
        """`frame` as this session's outbox takes it."""
        data = self.codec.encode(frame)
        return data if self.wrap is None else self.wrap(data)


def variant(codec: Codec, *, html: bool, wrap: Callable[[bytes], bytes] | None) -> Variant:
    """The one Variant of these wishes."""
    key = (codec.name, html, wrap)
    found = _variants.get(key)
    if found is None:
        found = _variants[key] = Variant(codec, html, wrap)
    return found


_variants: dict[tuple[str, bool, Callable[[bytes], bytes] | None], Variant] = {}  # codecs x 2 x transports


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
            frame = self.frame
            if variant.html and isinstance(frame, frames.Message):
                frame = with_html(frame)
            data = self._encoded[variant] = variant.encode(frame)
        return data


def message_frame(message: MessageObject) -> frames.Message:
    """The `message` frame that carries `message`."""
    return frames.Message(**msgspec.structs.asdict(message))


def with_html(message: M) -> M:
    """`message` with its content rendered and sanitised, for sessions that logged in with `html`."""
    if not message.content or message.html is not None:
        return message
    return msgspec.structs.replace(message, html=render(message.content, tuple(message.mentions or ())))
