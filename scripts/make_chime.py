"""Makes the sound of a new message, nobody's work but this file's: `.venv/bin/python scripts/make_chime.py`."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "chat/static/chat/chime.wav"
RATE = 16_000  # Hz: enough for tones of 1 kHz and their overtones
#: Two soft strokes a fourth apart: (Hz, start in s).
STROKES = ((784.0, 0.0), (1046.5, 0.09))
LENGTH_S = 0.42
DECAY_S = 0.09
ATTACK_S = 0.004
OVERTONES = ((1, 1.0), (2, 0.25), (3, 0.08))
VOLUME = 0.32


def sample(at: float) -> float:
    """The sound at a moment, between -1 and 1."""
    total = 0.0
    for pitch, start in STROKES:
        since = at - start
        if since < 0:
            continue
        envelope = min(since / ATTACK_S, 1.0) * math.exp(-since / DECAY_S)
        total += envelope * sum(part * math.sin(math.tau * pitch * number * since) for number, part in OVERTONES)
    return VOLUME * total


def main() -> None:
    samples = [round(32_767 * max(-1.0, min(1.0, sample(index / RATE)))) for index in range(int(LENGTH_S * RATE))]
    with wave.open(str(TARGET), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


if __name__ == "__main__":
    main()
