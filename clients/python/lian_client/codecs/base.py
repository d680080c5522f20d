"""What the connection asks of a codec."""

from __future__ import annotations

from typing import Protocol

from lian_client.frames import AnyServerFrame, ClientFrame


class DecodeError(Exception):
    """What arrived is not a frame of im.v1. Holds no content."""


class Codec(Protocol):
    """Frames to the content of transport messages and back."""

    name: str

    def encode(self, frame: ClientFrame) -> str | bytes:
        """One frame. Text where the transport tells text from bytes and the codec is one of text."""
        ...

    def decode(self, payload: str | bytes) -> list[AnyServerFrame]:
        """The frames of one transport message; those of a type that this client does not know are left out.

        Raises:
            DecodeError: it is none.
        """
        ...
