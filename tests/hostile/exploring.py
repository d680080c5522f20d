"""Fuzzing that learns: a packet that reaches a new line pair of the code is kept, and mutated further.

`sys.settrace` on the code of the project alone; what C does (msgspec, upb) is not seen, what our code makes of its
answers is. One run is one seed: the same seed goes the same way.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

import psutil

from tests.hostile.mutation import Mutator
from tests.hostile.targets import Target

#: The most packets that are kept: with 4 KiB each, 8 MiB.
CORPUS_MAX = 2000

_CODE = str(Path(__file__).resolve().parents[2] / "chat")

Step = tuple[CodeType, int, int]


class FuzzError(Exception):
    """A target broke. The message says how to do it again."""


@dataclass
class Exploration:
    """What a run found."""

    packets: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    steps_of_seeds: int = 0
    steps: int = 0
    corpus: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    #: Resident memory when a tenth of the packets was through, and at the end.
    resident_bytes: tuple[int, int] = (0, 0)


def explore(target: Target, *, packets: int, seed: int) -> Exploration:
    """Give a target mutated packets.

    Raises:
        FuzzError: the target raised.
    """
    seeds = target.seeds
    random = Random(seed)
    mutator = Mutator(random, trouble=target.trouble)
    tracer = _Tracer()
    corpus: list[bytes] = []
    found = Exploration()
    process = psutil.Process()
    warm_bytes = 0
    began = time.perf_counter()
    for number in range(packets):
        if number < len(seeds):
            packet = seeds[number]
        elif number % 16 == 0:
            packet = mutator.noise()
        else:
            packet = mutator.mutate(random.choice(corpus), random.choice(corpus))
        started = time.perf_counter()
        try:
            outcome, is_new = tracer.run(target.run, packet)
        except Exception as error:
            raise FuzzError(f"seed {seed}, packet {number}: {packet.hex()}") from error
        found.slowest_s = max(found.slowest_s, time.perf_counter() - started)
        found.outcomes[outcome] += 1
        if number < len(seeds):
            corpus.append(packet)
            found.steps_of_seeds = tracer.count
        elif is_new and len(corpus) < CORPUS_MAX:
            corpus.append(packet)
        if number == packets // 10:
            warm_bytes = process.memory_info().rss
    found.packets = packets
    found.steps, found.corpus = tracer.count, len(corpus)
    found.seconds = time.perf_counter() - began
    found.resident_bytes = (warm_bytes, process.memory_info().rss)
    return found


class _Tracer:
    """Which steps from line to line the project's code has ever made."""

    def __init__(self) -> None:
        self._seen: set[Step] = set()
        self._lines: dict[FrameType, int] = {}

    @property
    def count(self) -> int:
        return len(self._seen)

    def run(self, function: Callable[[bytes], str], packet: bytes) -> tuple[str, bool]:
        """What `function` returned, and whether it went where none went before."""
        before = len(self._seen)
        previous = sys.gettrace()  # a debugger's, or that of a coverage run
        sys.settrace(self._on_call)
        try:
            outcome = function(packet)
        finally:
            sys.settrace(previous)
            self._lines.clear()
        return outcome, len(self._seen) > before

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._on_line if frame.f_code.co_filename.startswith(_CODE) else None

    def _on_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        line = frame.f_lineno
        self._seen.add((frame.f_code, self._lines.get(frame, 0), line))
        self._lines[frame] = line
        return self._on_line
