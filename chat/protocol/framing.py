"""Packets on a byte stream (PROTOCOL §3, raw TCP): a 4-byte big-endian length, then that many bytes.

Bytes arrive cut and glued in any way. A length is judged as soon as its 4 bytes are there,
so nobody makes this side reserve memory by announcing much and sending little.
"""

from __future__ import annotations

from chat.errors import CloseCode

HEADER_BYTES = 4


def encode_packet(body: bytes) -> bytes:
    """`body` as one packet.

    Raises:
        ValueError: `body` is empty, which the other side must refuse.
        OverflowError: its length does not fit into the header.
    """
    if not body:
        raise ValueError("a packet cannot be empty")
    return len(body).to_bytes(HEADER_BYTES) + body


class LengthPrefixedDecoder:
    """The packets of one stream. Never raises on a peer's bytes.

    `close_code` is None until a length is refused; then it says what to close with, and whatever
    comes after is dropped: without a believable length nobody knows where the next packet starts.
    """

    __slots__ = ("_limit_bytes", "_rest", "close_code")

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rest = bytearray()  # the beginning of one packet at most
        self.close_code: CloseCode | None = None

    @property
    def is_inside_packet(self) -> bool:
        """Whether a packet has begun and is not complete."""
        return bool(self._rest)

    def receive(self, data: bytes) -> list[bytes]:
        """The bodies of the packets that `data` completes, in order. Those before a refused length count."""
        if self.close_code is not None:
            return []
        rest = self._rest
        rest += data
        bodies: list[bytes] = []
        start = 0
        while len(rest) - start >= HEADER_BYTES:
            length = int.from_bytes(rest[start : start + HEADER_BYTES])
            if not 0 < length <= self._limit_bytes:
                self.close_code = CloseCode.TOO_LARGE if length else CloseCode.BAD_FRAME
                rest.clear()
                return bodies
            end = start + HEADER_BYTES + length
            if end > len(rest):
                break
            bodies.append(bytes(rest[start + HEADER_BYTES : end]))
            start = end
        del rest[:start]
        return bodies
