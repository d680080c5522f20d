"""Both sides beat: a heartbeat when nothing was sent for an interval, death when nothing was heard for three.

Whatever is heard proves life, so there is no bookkeeping of questions and answers (docs/protocol.md §6).
"""

from __future__ import annotations

from collections.abc import Callable

from lian_client.frames import HeartbeatPolicy
from lian_client.timers import Timer, Timers

#: After the network or the device came back, a live peer answers a heartbeat within this.
PROBE_TIMEOUT_S = 10.0


class Heart:
    """The beats of one connection at a time."""

    def __init__(self, timers: Timers, *, beat: Callable[[], object], die: Callable[[bool], object]) -> None:
        """`beat` sends a heartbeat; `die` is told whether the silent peer had been asked by `probe`."""
        self._timers = timers
        self._beat = beat
        self._die = die
        self._interval = 0.0
        self._timeout = 0.0
        self._sent_at = 0.0
        self._heard_at = 0.0
        self._timer: Timer | None = None
        self._probe_timer: Timer | None = None

    def start(self, policy: HeartbeatPolicy) -> None:
        """Begin, with what the server said at login."""
        self._interval = policy.interval
        self._timeout = policy.timeout
        self._heard_at = self._timers.time()
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._end_probe()

    def note_sent(self) -> None:
        self._sent_at = self._timers.time()

    def note_heard(self) -> None:
        self._heard_at = self._timers.time()
        self._end_probe()

    def probe(self) -> None:
        """Is the peer still there? Asked now, to be answered within PROBE_TIMEOUT_S."""
        if self._probe_timer is None:
            self._probe_timer = self._timers.call_later(PROBE_TIMEOUT_S, lambda: self._die(True))
            self._beat()

    def _arm(self) -> None:
        at = min(self._sent_at + self._interval, self._heard_at + self._timeout)
        self._timer = self._timers.call_later(max(0.0, at - self._timers.time()), self._on_timer)

    def _on_timer(self) -> None:
        now = self._timers.time()
        if now - self._heard_at >= self._timeout:
            self._die(False)
            return
        if now - self._sent_at >= self._interval:
            self._beat()
            # Also when nothing could be sent: the next look is an interval away, not at once.
            self._sent_at = now
        self._arm()

    def _end_probe(self) -> None:
        if self._probe_timer is not None:
            self._probe_timer.cancel()
            self._probe_timer = None
