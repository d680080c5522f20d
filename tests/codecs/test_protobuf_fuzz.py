"""Noise and mutations, many of them: whatever bytes arrive, the codec answers with frames.

FUZZ_FRAMES=1000000 .venv/bin/pytest tests/codecs/test_protobuf_fuzz.py runs longer; FUZZ_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
from collections import Counter

from chat.codecs.protobuf_codec import PROTOBUF_CODEC
from chat.errors import ErrorCode
from chat.protocol import frames
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX
from tests.support import protobuf
from tests.support.frames import CLIENT_FRAMES

COUNT = int(os.environ.get("FUZZ_FRAMES", "100000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))

FIELDS = [protobuf.to_json(frame) for frame in CLIENT_FRAMES.values()]
SEEDS = [
    *(protobuf.encode([fields], compact=compact) for fields in FIELDS for compact in (False, True)),
    protobuf.encode(FIELDS),
    protobuf.encode([FIELDS[0]] * 2, compact=True),
]
#: What broke parsers before: long varints and lengths, ends of groups, zeros, halves of characters.
TROUBLE = (b"\xff" * 10, b"\x80\x80\x80\x80\x08", b"\x7f", b"\x04", b"\x0b", b"\0", b"\xed\xa0\x80", b"\xf2\x03")


def mutated(random: random.Random) -> bytes:
    data = bytearray(random.choice(SEEDS))
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(data))
        match random.randrange(6):
            case 0:
                data[at:at] = random.choice(TROUBLE)
            case 1:
                del data[at:]
            case 2:
                del data[at : at + random.randint(1, 4)]
            case 3:
                data[at : at + 1] = random.randbytes(1)
            case 4:
                data[at:at] = random.choice(SEEDS)
            case 5 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
    return bytes(data)


def test_nothing_raises() -> None:
    source = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    for number in range(COUNT):
        payload = mutated(source) if number % 4 else source.randbytes(source.randint(0, 100))
        try:
            decoded = PROTOBUF_CODEC.decode(payload)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={SEED}, frame {number}: {payload.hex()}") from error
        assert 1 <= len(decoded) <= BATCH_MAX, payload.hex()
        for frame in decoded:
            if isinstance(frame, BadFrame):
                outcomes["noise" if frame.is_noise else frame.code] += 1
                assert frame.detail and len(frame.detail) <= 200, payload.hex()
            else:
                assert isinstance(frame, frames.ClientFrame), payload.hex()
                outcomes["frame"] += 1
    # The mutations are of use only while they come near to frames: all outcomes must be common.
    assert min(outcomes[kind] for kind in ("noise", "frame", ErrorCode.BAD_FRAME, ErrorCode.UNKNOWN_TYPE)) > COUNT / 100
