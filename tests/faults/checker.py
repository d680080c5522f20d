"""Judges a history by the promises of PROTOCOL §2. Knows nothing of how it came about.

Each rule is one function that yields a sentence for every breach; `breaches` runs them all. That the checker finds
what it should is shown by corrupting good histories (test_checker.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.faults.history import Event, History, Stored


def breaches(history: History) -> list[str]:
    """One sentence for each broken promise; none, when all is well."""
    return [breach for rule in RULES for breach in rule(history)]


def nothing_acknowledged_is_lost(history: History) -> Iterator[str]:
    """Every acknowledged send is in the log, under the number that was acknowledged, and at every device."""
    log = {(row.sender, row.id): row for row in history.log}
    for event in history.of("ok"):
        row = log.get((event.username, event.id))
        if row is None:
            yield f"lost: {event.device} was told that {event.id} is number {event.seq}; it is not stored"
        elif row.seq != event.seq:
            yield f"lost: {event.device} was told that {event.id} is number {event.seq}; it is number {row.seq}"


def nothing_is_invented(history: History) -> Iterator[str]:
    """What is stored was sent, what is shown is stored, and both word for word."""
    sent = {(event.username, event.id): event.content for event in history.of("invoke")}
    for row in history.log:
        if (row.sender, row.id) not in sent:
            yield f"phantom: number {row.seq} ({row.id}) was never sent"
        elif sent[row.sender, row.id] != row.content:
            yield f"phantom: number {row.seq} ({row.id}) is not what was sent"
    stored = {row.seq: row for row in history.log}
    for event in history.of("show"):
        row = stored.get(event.seq or 0)
        if row is None:
            yield f"phantom: {event.device} shows number {event.seq} ({event.id}), which is not stored"
        elif (row.id, row.content) != (event.id, event.content):
            yield f"order: {event.device} shows {event.id} as number {event.seq}, where the log has {row.id}"


def nothing_is_doubled(history: History) -> Iterator[str]:
    """One row for each id of a sender, one number for each row, one appearance at each device."""
    for (sender, id), count in Counter((row.sender, row.id) for row in history.log).items():
        if count > 1:
            yield f"double: {sender}'s {id} is stored {count} times"
    for seq, count in Counter(row.seq for row in history.log).items():
        if count > 1:
            yield f"double: number {seq} is stored {count} times"
    for (device, seq), count in Counter((event.device, event.seq) for event in history.of("show")).items():
        if count > 1:
            yield f"double: {device} shows number {seq} {count} times"


def answers_are_equal(history: History) -> Iterator[str]:
    """However often an id is sent, its acks say the same."""
    told: dict[tuple[str, str], set[int | None]] = defaultdict(set)
    for event in history.of("ok"):
        told[event.username, event.id].add(event.seq)
    for (sender, id), seqs in told.items():
        if len(seqs) > 1:
            yield f"double: {sender}'s {id} was acknowledged as {sorted(map(str, seqs))}"


def what_was_acknowledged_first_is_numbered_first(history: History) -> Iterator[str]:
    """If one send was acknowledged before another one began, by whomever, its number is lower."""
    begun: dict[tuple[str, str], float] = {}
    for event in history.of("invoke"):
        begun.setdefault((event.username, event.id), event.at)
    highest: Event | None = None
    # At each beginning, the highest number acknowledged by then is known.
    acknowledged = iter(sorted(history.of("ok"), key=lambda event: event.at))
    following = next(acknowledged, None)
    numbers = {(row.sender, row.id): row.seq for row in history.log}
    for key, at in sorted(begun.items(), key=lambda item: item[1]):
        while following is not None and following.at < at:
            if highest is None or (following.seq or 0) > (highest.seq or 0):
                highest = following
            following = next(acknowledged, None)
        if highest is not None and key in numbers and numbers[key] < (highest.seq or 0):
            yield f"order: {key[1]} is number {numbers[key]}; before it began, {highest.id} was told {highest.seq}"


def numbers_have_no_gap(history: History) -> Iterator[str]:
    """1, 2, 3 …"""
    seqs = sorted({row.seq for row in history.log})
    for expected, seq in enumerate(seqs, start=1):
        if seq != expected:
            yield f"gap: number {expected} is missing, {seq} is there"
            return


def everybody_has_everything(history: History) -> Iterator[str]:
    """Every device that was there until the end shows the whole log, and what is shown never leaves a hole."""
    seqs = {row.seq for row in history.log}
    shown: dict[str, set[int | None]] = defaultdict(set)
    for event in history.of("show"):
        shown[event.device].add(event.seq)
    for device in history.devices:
        missing = sorted(seqs - shown[device])
        if missing:
            yield f"lost: {device} does not show {missing[:5]} ({len(missing)} of {len(seqs)})"


def nobody_sees_what_came_after_the_removal(history: History) -> Iterator[str]:
    for event in history.of("show"):
        limit = history.removed.get(event.username)
        if limit is not None and event.seq is not None and event.seq >= limit:
            yield f"leak: {event.device} was removed by number {limit} and shows number {event.seq}"


def what_was_refused_is_not_there(history: History) -> Iterator[str]:
    """A refusal is an answer, too: the message was not stored. (`info` says nothing, and may be either.)"""
    log: dict[tuple[str, str], Stored] = {(row.sender, row.id): row for row in history.log}
    for event in history.of("fail"):
        if (event.username, event.id) in log:
            yield f"phantom: {event.device} was refused {event.id}, and it is stored"


RULES: tuple[Callable[[History], Iterator[str]], ...] = (
    nothing_acknowledged_is_lost,
    nothing_is_invented,
    nothing_is_doubled,
    answers_are_equal,
    what_was_acknowledged_first_is_numbered_first,
    numbers_have_no_gap,
    everybody_has_everything,
    nobody_sees_what_came_after_the_removal,
    what_was_refused_is_not_there,
)
