"""Pushes: frames for many sessions, encoded once for each way of writing them, and joined once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from chat.events import MessageObject
from chat.markup import render
from chat.protocol import frames
from chat.protocol.interfaces import Codec

M = TypeVar("M", bound=MessageObject)


#: The most that is joined to one transport message, so that a client need not hold more at once.
JOINED_BYTES = 64 * 1024

#: From a payload to the transport's own bytes of one message, where it has such that can be shared.
Wrap = Callable[[bytes], bytes]


class Variant:
    """How a session wants its frames. Equal wishes are the same object, so that pushes can be shared by it."""

    __slots__ = ("_wrap", "batch", "codec", "html")

    def __init__(self, codec: Codec, html: bool, batch: bool, wrap: Wrap | None) -> None:
        self.codec = codec
        self.html = html  # messages carry their rendered content
        self.batch = batch  # several frames may come in one transport message
        self._wrap = wrap

    def encode(self, frame: frames.ServerFrame) -> bytes:
        """`frame` as this session's outbox takes it: bare when it may be joined to others later."""
        data = self.codec.encode(frame)
        return data if self.batch or self._wrap is None else self._wrap(data)

    def messages(self, encoded: Sequence[bytes]) -> Sequence[bytes]:
        """What `encode` made, as few transport messages."""
        if not self.batch:
            return encoded
        messages: list[bytes] = []
        part: list[bytes] = []
        size = 0
        for data in encoded:
            if part and size + len(data) > JOINED_BYTES:
                messages.append(self.codec.encode_batch(part))
                part, size = [], 0
            part.append(data)
            size += len(data)
        messages.append(self.codec.encode_batch(part))
        return messages if self._wrap is None else [self._wrap(message) for message in messages]


def variant(codec: Codec, *, html: bool, batch: bool, wrap: Wrap | None) -> Variant:
    """The one Variant of these wishes."""
    key = (codec.name, html, batch, wrap)
    found = _variants.get(key)
    if found is None:
        found = _variants[key] = Variant(codec, html, batch, wrap)
    return found


_variants: dict[tuple[str, bool, bool, Wrap | None], Variant] = {}  # codecs x 4 x transports


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


class Parcel:
    """Encoded frames that leave together, and the transport messages that they make: the same for all who get them."""

    __slots__ = ("_stream", "encoded", "messages", "size")

    def __init__(self, encoded: Sequence[bytes], messages: Sequence[bytes]) -> None:
        self.encoded = encoded
        self.messages = messages
        self.size = sum(map(len, encoded))
        self._stream: bytes | None = None

    @property
    def stream(self) -> bytes:
        """The messages one after the other, for a transport whose messages are its own bytes."""
        if self._stream is None:
            self._stream = self.messages[0] if len(self.messages) == 1 else b"".join(self.messages)
        return self._stream


class MessagePushes:
    """The pushes of consecutive changes of one conversation's log, which go to the same sessions."""

    __slots__ = ("_parcels", "conversation", "pushes", "versions")

    def __init__(self, conversation: str, messages: Sequence[MessageObject]) -> None:
        self.conversation = conversation
        self.pushes = [Push(message_frame(message)) for message in messages]
        self.versions = [message.version for message in messages]
        self._parcels: dict[Variant, Parcel] = {}

    def parcel(self, variant: Variant) -> Parcel:
        """All of them for a session of this variant."""
        parcel = self._parcels.get(variant)
        if parcel is None:
            encoded = [push.encoded(variant) for push in self.pushes]
            parcel = self._parcels[variant] = Parcel(encoded, variant.messages(encoded))
        return parcel


def message_frame(message: MessageObject) -> frames.Message:
    """The `message` frame that carries `message`."""
    return frames.Message(**msgspec.structs.asdict(message))


def with_html(message: M) -> M:
    """`message` with its content rendered and sanitised, for sessions that logged in with `html`."""
    if not message.content or message.html is not None:
        return message
    return msgspec.structs.replace(message, html=render(message.content, tuple(message.mentions or ())))
