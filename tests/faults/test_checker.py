"""The checker itself: it finds every corruption of a good history, and nothing in a good one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.checker import breaches
from tests.faults.history import Event, History, Stored

HISTORIES = 200
DEVICES = ("ada/phone", "ada/laptop", "bob/phone", "eve/phone")


def good_history(seed: int) -> History:
    """Some 40 sends by three people, retries and unknown outcomes among them; eve is removed in the middle."""
    dice = random.Random(seed)
    history = History(devices=[device for device in DEVICES if not device.startswith("eve")])
    clock = 0.0

    def note(device: str, kind: str, id: str, seq: int | None = None, content: str | None = None) -> None:
        nonlocal clock
        clock += dice.random()
        history.events.append(Event(clock, device, kind, id, seq, content))  # type: ignore[arg-type]

    removal = dice.randint(15, 25)
    for seq in range(1, 41):
        if seq == removal:
            history.removed["eve"] = seq
        senders = [device for device in DEVICES if "eve" not in history.removed or not device.startswith("eve")]
        device = dice.choice(senders)
        username = device.partition("/")[0]
        id, content = f"m{seq}", f"text {seq}"
        note(device, "invoke", id, content=content)
        if dice.random() < 0.1:
            note(device, "fail", id)
            id = f"n{seq}"
            note(device, "invoke", id, content=content)
        history.log.append(Stored(seq, id, username, content))
        if dice.random() < 0.2:
            note(device, "info", id)
            note(device, "invoke", id, content=content)
        if dice.random() < 0.95:
            note(device, "ok", id, seq=seq)
            if dice.random() < 0.1:
                note(device, "ok", id, seq=seq)
        for viewer in senders:
            note(viewer, "show", id, seq=seq, content=content)
    return history


# Each corruption takes a good history and breaks one promise in a random place.


def lose_stored(history: History, dice: random.Random) -> None:
    ok = dice.choice(history.of("ok"))
    history.log = [row for row in history.log if row.id != ok.id]


def lose_last(history: History, dice: random.Random) -> None:
    """No gap tells of this one."""
    history.log.pop()


def lose_shown(history: History, dice: random.Random) -> None:
    history.events.remove(dice.choice([event for event in history.of("show") if event.device in history.devices]))


def double_row(history: History, dice: random.Random) -> None:
    history.log.append(replace(dice.choice(history.log), seq=len(history.log) + 1))


def double_number(history: History, dice: random.Random) -> None:
    index = dice.randrange(1, len(history.log))
    history.log[index] = replace(history.log[index], seq=history.log[index].seq - 1)


def double_shown(history: History, dice: random.Random) -> None:
    history.events.append(replace(dice.choice(history.of("show")), at=1e6))


def swap_stored(history: History, dice: random.Random) -> None:
    index = dice.randrange(len(history.log) - 1)
    first, second = history.log[index], history.log[index + 1]
    history.log[index] = replace(first, seq=second.seq)
    history.log[index + 1] = replace(second, seq=first.seq)


def swap_shown(history: History, dice: random.Random) -> None:
    """Two messages change places in one device's view."""
    device = dice.choice(history.devices)
    shown = [index for index, event in enumerate(history.events) if event.kind == "show" and event.device == device]
    first, second = dice.sample(shown, 2)
    one, other = history.events[first], history.events[second]
    history.events[first] = replace(one, seq=other.seq)
    history.events[second] = replace(other, seq=one.seq)


def number_late(history: History, dice: random.Random) -> None:
    """An old number is given to a send that began after a higher one was acknowledged: consistent, but late."""
    last = history.log[-1]
    renumber = {row.seq: row.seq + 1 for row in history.log[:-1] if row.seq >= 2} | {last.seq: 2}
    history.log = [replace(row, seq=renumber.get(row.seq, row.seq)) for row in history.log]
    history.events = [
        replace(event, seq=renumber.get(event.seq, event.seq)) if event.seq is not None else event
        for event in history.events
    ]
    history.removed = {name: renumber.get(seq, seq) for name, seq in history.removed.items()}


def invent_stored(history: History, dice: random.Random) -> None:
    history.log.append(Stored(len(history.log) + 1, "never sent", "ada", "?"))


def invent_shown(history: History, dice: random.Random) -> None:
    history.events.append(Event(1e6, dice.choice(history.devices), "show", "never sent", 999, "?"))


def change_content(history: History, dice: random.Random) -> None:
    index = dice.randrange(len(history.log))
    history.log[index] = replace(history.log[index], content="something else")


def change_shown(history: History, dice: random.Random) -> None:
    event = dice.choice(history.of("show"))
    history.events[history.events.index(event)] = replace(event, content="something else")


def leak_after_removal(history: History, dice: random.Random) -> None:
    row = dice.choice([row for row in history.log if row.seq >= history.removed["eve"]])
    history.events.append(Event(1e6, "eve/phone", "show", row.id, row.seq, row.content))


def acknowledge_otherwise(history: History, dice: random.Random) -> None:
    """A retry is answered with another number."""
    ok = dice.choice(history.of("ok"))
    history.events.append(replace(ok, at=1e6, seq=(ok.seq or 0) + 1))


def acknowledge_nothing(history: History, dice: random.Random) -> None:
    history.events.append(Event(1e6, "ada/phone", "invoke", "into the void", None, "?"))
    history.events.append(Event(1e6 + 1, "ada/phone", "ok", "into the void", len(history.log) + 1))


def refuse_stored(history: History, dice: random.Random) -> None:
    row = dice.choice(history.log)
    history.events.append(Event(1e6, f"{row.sender}/phone", "fail", row.id))


def leave_gap(history: History, dice: random.Random) -> None:
    """A number that nobody has, consistently everywhere."""
    gap = dice.randint(2, len(history.log))
    history.log = [replace(row, seq=row.seq + (row.seq >= gap)) for row in history.log]
    history.events = [
        replace(event, seq=event.seq + (event.seq >= gap)) if event.seq is not None else event
        for event in history.events
    ]
    history.removed = {name: seq + (seq >= gap) for name, seq in history.removed.items()}


CORRUPTIONS: tuple[Callable[[History, random.Random], None], ...] = (
    lose_stored, lose_last, lose_shown, double_row, double_number, double_shown, swap_stored, swap_shown,
    number_late, invent_stored, invent_shown, change_content, change_shown, leak_after_removal,
    acknowledge_otherwise, acknowledge_nothing, refuse_stored, leave_gap,
)  # fmt: skip


def test_good_histories_are_good() -> None:
    for seed in range(HISTORIES):
        assert breaches(good_history(seed)) == [], seed


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda corruption: corruption.__name__)
def test_every_corruption_is_found(corrupt: Callable[[History, random.Random], None]) -> None:
    for seed in range(HISTORIES):
        history = good_history(seed)
        corrupt(history, random.Random(seed))
        assert breaches(history), f"{corrupt.__name__} of history {seed}"
