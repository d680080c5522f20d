"""How long is waited, and when a peer is dead."""

from __future__ import annotations

import pytest

from lian_client.backoff import Backoff, BackoffPolicy
from lian_client.frames import HeartbeatPolicy
from lian_client.heart import PROBE_TIMEOUT_S, Heart
from tests.clients.python.support import Clock


def test_waits_double_up_to_the_cap_and_are_drawn_from_all_of_it() -> None:
    longest = Backoff(BackoffPolicy(base=0.5, cap=30), lambda: 0.999999)
    assert [round(longest.next(), 1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    longest.reset()
    assert round(longest.next(), 1) == 0.5
    shortest = Backoff(BackoffPolicy(), lambda: 0.0)
    assert [shortest.next() for _ in range(3)] == [0, 0, 0]


def test_weeks_offline_do_not_overflow() -> None:
    backoff = Backoff(BackoffPolicy(), lambda: 0.5)
    assert {backoff.next() for _ in range(5000)} <= {0.25 * 2**n for n in range(7)} | {15.0}


@pytest.mark.parametrize(("attempts", "failures", "is_exhausted"), [(None, 999, False), (3, 2, False), (3, 3, True)])
def test_a_limit_of_attempts(attempts: int | None, failures: int, is_exhausted: bool) -> None:
    backoff = Backoff(BackoffPolicy(attempts=attempts), lambda: 0.5)
    for _ in range(failures):
        backoff.next()
    assert backoff.is_exhausted == is_exhausted


class Patient:
    """A heart with an interval of 30 s, and what it did."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.beats: list[float] = []
        self.deaths: list[tuple[float, bool]] = []
        self.heart = Heart(self.clock, beat=self._beat, die=lambda probed: self.deaths.append((self.clock.now, probed)))
        self.heart.note_sent()
        self.heart.start(HeartbeatPolicy(interval=30, timeout=90))

    def _beat(self) -> None:
        self.beats.append(self.clock.now)
        self.heart.note_sent()


def test_it_beats_when_nothing_was_sent_for_an_interval() -> None:
    patient = Patient()
    patient.clock.advance(20)
    patient.heart.note_sent()
    patient.clock.advance(29)
    assert patient.beats == []
    patient.clock.advance(2)
    assert patient.beats == [50]


def test_a_peer_that_is_silent_for_three_intervals_is_dead() -> None:
    patient = Patient()
    patient.clock.advance(60)
    patient.heart.note_heard()
    patient.clock.advance(89)
    assert patient.deaths == []
    patient.clock.advance(1)
    assert patient.deaths == [(150, False)]
    assert patient.beats == [30, 60, 90, 120]


def test_a_probe_wants_an_answer_soon() -> None:
    patient = Patient()
    patient.heart.probe()
    assert patient.beats == [0]
    patient.heart.note_heard()
    patient.clock.advance(PROBE_TIMEOUT_S)
    assert patient.deaths == []
    patient.heart.probe()
    patient.clock.advance(PROBE_TIMEOUT_S)
    assert patient.deaths == [(2 * PROBE_TIMEOUT_S, True)]


def test_a_stopped_heart_does_nothing() -> None:
    patient = Patient()
    patient.heart.probe()
    patient.heart.stop()
    patient.clock.advance(1_000)
    assert (patient.beats, patient.deaths) == ([0], [])
