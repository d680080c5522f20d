"""Packets made out of good ones: bits turned, bytes cut, doubled, glued, and what broke other parsers put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

#: A mutation grows no packet beyond this, or a corpus would end as a few giants that take all the time.
GROWN_BYTES = 4096
#: Once in so many a packet is blown up nevertheless: to around the frame limit of 64 KiB, and beyond it.
GIANT_EVERY = 1000
GIANT_BYTES = (65_534, 65_536, 65_537, 70_000)

#: The words of JSON. Put in the place of another, one leaves the syntax right and what it says wrong.
_WORD = re.compile(rb'"(?:[^"\\]|\\.)*+"|-?[0-9.]+|true|false|null')

#: Hard for any reader of bytes.
_BYTES = (b"\0", b"\xff", b"\x7f", b"\x80", b"\xff" * 4, b"\xff" * 10, b"\0" * 4)

#: Hard for readers of JSON: brackets, numbers, escapes, halves of characters, names with a meaning elsewhere.
JSON_TROUBLE = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"[" * 500, b'{"a":' * 500, b"[[]]", b"{}", b'"":'),
    *(b"null", b"true", b"false", b"NaN", b"Infinity", b"-", b"0", b"-0", b"1e400", b"1.5", b"01", b"9" * 400),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616"),
    *(rb"\u0000", rb"\ud800", rb"\udc00", rb"\ud83d\udc4b", rb"\uFFFF", rb"\x", b"\\", b'\\"', b"/*", b"//"),
    *(b"\xed\xa0\x80", b"\xc0\x80", b"\xf0\x9f", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xc2\x85"),
    *(b'"type"', b'"id"', b'"content"', b'"conversation"', b'"seq"', b'"cursors"', b'"device"', b'"payload"'),
    *(b'"login"', b'"message"', b'"sync"', b'"nope"', b'"batch":true', b'"__proto__"', b" ", b"\t", b"\r\n"),
)

#: Hard for readers of Protobuf: long varints and lengths, groups and their ends, unknown fields, halves of characters.
PROTOBUF_TROUBLE = (
    *(b"\x80\x80\x80\x80\x08", b"\x80" * 11, b"\xff\xff\xff\xff\x0f", b"\xff" * 9 + b"\x01", b"\x04", b"\x0b"),
    *(b"\x0c", b"\x00", b"\x07", b"\x0a\x00", b"\x12\x00", b"\xed\xa0\x80", b"\xf2\x03", b"\xfa\x3f\x00", b"\x0a\xff"),
    *(b"\x08\x01", b"\x08\x00", b"\x10\x01", b"\x18\x01", b"\x0d\0\0\0\0", b"\x09" + b"\xff" * 8),
)

#: Hard for readers of packets: lengths of nothing, too much and far too much.
LENGTH_TROUBLE = tuple(
    length.to_bytes(4) for length in (0, 1, 2, 255, 256, 65_535, 65_536, 65_537, 2**31 - 1, 2**31, 2**32 - 1)
)


class Mutator:
    """Mutations that `random` chooses. The same seed makes the same packets."""

    def __init__(self, random: Random, *, trouble: Sequence[bytes]) -> None:
        self._random = random
        self._trouble = (*_BYTES, *trouble)

    def noise(self) -> bytes:
        """Bytes with no model."""
        return self._random.randbytes(self._random.randint(1, 100))

    def mutate(self, packet: bytes, other: bytes) -> bytes:
        """`packet` with a few mistakes, some of which are parts of `other`."""
        random = self._random
        data = bytearray(packet)
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            self._mistake(data, other)
        if random.randrange(GIANT_EVERY) == 0:
            return _blown_up(bytes(data) or b"\0", random.choice(GIANT_BYTES))
        return bytes(data[: max(GROWN_BYTES, len(packet))])

    def _mistake(self, data: bytearray, other: bytes) -> None:
        random = self._random
        at = random.randint(0, len(data))
        until = min(len(data), at + random.choice((1, 1, 2, 4, 16, 64)))
        match random.randrange(12):
            case 0:
                data[at:at] = random.choice(self._trouble)
            case 1:
                data[at:until] = random.choice(self._trouble)
            case 2:
                del data[at:]
            case 3:
                del data[at:until]
            case 4:
                data[at:until] = random.randbytes(until - at)
            case 5:
                data[at:at] = data[at:until] * random.choice((1, 2, 10))
            case 6:
                start = random.randint(0, len(other))
                data[at:at] = other[start : start + random.choice((4, 16, 64, 1024))]
            case 7:
                data[at:] = other[random.randint(0, len(other)) :]
            case 8 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 9 | 10 | 11 if words := [word.span() for word in _WORD.finditer(data)]:
                start, end = random.choice(words)
                data[start:end] = random.choice((random.choice(self._trouble), *_WORD.findall(other)[:32]))


def _blown_up(data: bytes, size: int) -> bytes:
    """The middle of `data` repeated until it is `size` bytes."""
    middle = len(data) // 2
    head, tail = data[:middle], data[middle:]
    unit = data[middle : middle + 8]
    filling = unit * (size // len(unit) + 1)
    return head + filling[: max(0, size - len(data))] + tail
