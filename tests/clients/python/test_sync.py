"""Cursors, gaps, and what is asked for when."""

from __future__ import annotations

import random

import msgspec
import pytest

from lian_client.frames import ClientFrame, Error, Message, SyncRequest
from lian_client.sync import CURSORS_MAX_BYTES, GAP_WAIT_S, HELD_MAX, PAGE_TIMEOUT_S, Sync
from tests.clients.python.support import Clock, message, page


class Desk:
    """A sync, and the questions that it asked."""

    def __init__(self, **cursors: int) -> None:
        self.clock = Clock()
        self.asked: list[SyncRequest] = []
        self.sync = Sync(self.clock, send=self._send)
        self.sync.restore({name.removeprefix("c"): version for name, version in cursors.items()})

    def _send(self, frame: ClientFrame) -> bool:
        assert isinstance(frame, SyncRequest)
        self.asked.append(frame)
        return True

    def take(self, *versions: int, conversation: str = "1") -> list[int]:
        ready: list[Message] = []
        for version in versions:
            ready += self.sync.take(message(version, conversation=conversation))
        return [each.version for each in ready]

    def answer(self, *versions: int, cursor: int, more: bool = False) -> list[int]:
        id = self.asked[-1].id
        ready = self.sync.take_page(page(id, *map(message, versions), cursors={"1": cursor}, more=more))
        return [each.version for each in ready]


def test_what_comes_in_order_passes_at_once() -> None:
    desk = Desk(c1=4)
    assert desk.take(5, 6, 7) == [5, 6, 7]
    assert desk.sync.cursor("1") == 7
    desk.clock.advance(10)
    assert desk.asked == []


def test_what_was_there_before_is_no_news() -> None:
    desk = Desk(c1=4)
    assert desk.take(3, 4) == []


def test_what_crossed_on_the_way_is_put_in_order_without_a_question() -> None:
    desk = Desk(c1=4)
    assert desk.take(7, 6) == []
    desk.clock.advance(GAP_WAIT_S - 0.01)
    assert desk.take(5) == [5, 6, 7]
    desk.clock.advance(10)
    assert desk.asked == []


def test_a_gap_that_stays_is_asked_for() -> None:
    desk = Desk(c1=4)
    assert desk.take(7) == []
    desk.clock.advance(GAP_WAIT_S)
    assert [request.cursors for request in desk.asked] == [{"1": 4}]
    assert desk.answer(5, 7, cursor=7) == [5, 7]  # 6 was a change of what changed again with 7
    assert desk.sync.cursor("1") == 7
    assert not desk.sync.is_catching_up


def test_what_came_while_an_answer_was_read_follows_it() -> None:
    desk = Desk(c1=4)
    desk.take(7)
    desk.clock.advance(GAP_WAIT_S)
    assert desk.take(8, 9) == []
    assert desk.answer(5, 6, 7, cursor=7) == [5, 6, 7, 8, 9]


def test_a_version_that_is_only_heard_of_is_asked_for() -> None:
    desk = Desk(c1=4)
    desk.sync.note_version("1", 4)
    desk.clock.advance(GAP_WAIT_S)
    assert desk.asked == []
    desk.sync.note_version("1", 5)
    desk.clock.advance(GAP_WAIT_S)
    assert len(desk.asked) == 1


def test_an_unknown_conversation_is_asked_for_at_once() -> None:
    desk = Desk()
    assert desk.take(9) == []
    assert len(desk.asked) == 1
    assert desk.answer(7, 8, 9, cursor=9) == [7, 8, 9]


def test_a_conversation_that_has_just_begun_is_known() -> None:
    desk = Desk()
    desk.sync.note_version("1", 1)
    assert desk.take(1, 2) == [1, 2]
    desk.clock.advance(10)
    assert desk.asked == []


def test_pages_follow_each_other_and_others_do_not_count() -> None:
    desk = Desk(c1=4)
    desk.sync.request()
    desk.sync.request()  # once more after this one, and no more often
    assert len(desk.asked) == 1
    first = desk.asked[0]
    assert desk.answer(5, 6, cursor=6, more=True) == [5, 6]
    assert not desk.sync.is_expected(page("another", cursors={}))
    assert desk.sync.is_expected(page(first.id, cursors={}))
    assert desk.answer(7, cursor=7) == [7]
    assert len(desk.asked) == 2
    desk.answer(cursor=7)
    assert not desk.sync.is_catching_up


def test_an_answer_that_does_not_come_is_asked_for_again() -> None:
    desk = Desk(c1=4)
    desk.sync.on_login("login")
    desk.clock.advance(PAGE_TIMEOUT_S)
    assert [request.cursors for request in desk.asked] == [{"1": 4}]


@pytest.mark.parametrize(("retry_after", "seconds"), [(2.0, 2.0), (None, 5.0)])
def test_a_refused_question_waits(retry_after: float | None, seconds: float) -> None:
    desk = Desk(c1=4)
    desk.sync.request()
    assert not desk.sync.on_error(Error(id="another", code="rate_limited"))
    assert desk.sync.on_error(Error(id=desk.asked[0].id, code="rate_limited", retry_after=retry_after))
    desk.clock.advance(seconds - 0.01)
    assert len(desk.asked) == 1
    desk.clock.advance(0.01)
    assert len(desk.asked) == 2


def test_what_an_answer_does_not_bring_is_not_asked_for_for_ever() -> None:
    """A push of a conversation that was left meanwhile."""
    desk = Desk()
    desk.take(9, conversation="gone")
    desk.sync.take_page(page(desk.asked[0].id, cursors={}))
    desk.clock.advance(1_000)
    assert len(desk.asked) == 1


def test_what_is_held_is_bounded_and_comes_again() -> None:
    desk = Desk(c1=1)
    last = HELD_MAX + 50
    assert desk.take(*range(3, last + 1)) == []
    desk.clock.advance(GAP_WAIT_S)
    assert desk.answer(*range(2, last + 1), cursor=last) == list(range(2, last + 1))


def test_a_lost_connection_forgets_questions_and_keeps_cursors() -> None:
    desk = Desk(c1=4)
    desk.take(7)
    desk.sync.on_lost()
    desk.clock.advance(1_000)
    assert desk.asked == []
    assert desk.sync.cursors() == {"1": 4}


def test_cursors_fit_into_a_frame_and_the_latest_are_among_them() -> None:
    desk = Desk(**{f"c{number}": number for number in range(1, 10_000)})
    desk.take(6, conversation="5")
    cursors = desk.sync.cursors()
    assert len(msgspec.json.encode(cursors)) <= CURSORS_MAX_BYTES
    assert cursors["5"] == 6
    assert "9999" in cursors
    assert "1" not in cursors
    desk.sync.note_frame_bytes(1_000)
    assert len(msgspec.json.encode(desk.sync.cursors())) <= 750


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_any_part_comes_out_in_order_and_once(seed: int) -> None:
    luck = random.Random(seed)
    desk = Desk(c1=0)
    log = list(range(1, 61))
    pushes = [version for version in log if luck.random() < 0.8] * 2
    luck.shuffle(pushes)
    came: list[int] = []
    for version in pushes:
        came += desk.take(version)
        desk.clock.advance(luck.choice((0, 0.1, 0.6)))
        if desk.sync.is_catching_up and luck.random() < 0.3:
            known = desk.sync.cursor("1") or 0
            came += desk.answer(*[each for each in log if known < each <= max(pushes)], cursor=max(pushes))
    if desk.sync.is_catching_up:
        known = desk.sync.cursor("1") or 0
        came += desk.answer(*[each for each in log if known < each], cursor=60)
    assert came == sorted(set(came))
    assert came == log[: len(came)]
