"""What the session needs from a codec. Implementations are in chat.codecs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from chat.errors import ErrorCode
from chat.protocol.frames import ClientFrame, Login, ServerFrame


class BadFrame(msgspec.Struct, frozen=True, gc=False):
    """What a codec found where a frame should be. `id` is the frame's, when it could be read.

    `is_noise`: the bytes were nothing that the codec could take apart, so whatever speaks there does not speak im.v1.
    """

    code: ErrorCode  # BAD_FRAME or UNKNOWN_TYPE
    detail: str
    id: str | None = None
    is_noise: bool = False


class Codec(Protocol):
    """Frames to bytes and back. Stateless: one instance serves all connections, from any thread."""

    @property
    def name(self) -> str:
        """For logs and metrics."""

    @property
    def is_text(self) -> bool:
        """Whether WebSocket carries it in text messages; its bytes are then UTF-8."""

    def decode(self, payload: str | bytes) -> list[ClientFrame | BadFrame]:
        """The frames of one transport message: one, or those of a batch, in order.

        Never raises on a peer's bytes: what is no frame comes back as a BadFrame in its place.
        The size of `payload` is the caller's to check.
        """

    def encode(self, frame: ServerFrame) -> bytes:
        """One frame as one transport message."""

    def encode_batch(self, encoded: Sequence[bytes]) -> bytes:
        """Several encoded frames joined to one transport message. `encoded` is not empty."""

    def for_login(self, login: Login) -> Codec:
        """What a session that begins with `login`, which this codec decoded, is answered in."""
