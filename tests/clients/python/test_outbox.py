"""What is sent when, again, and in which order."""

from __future__ import annotations

import pytest

from lian_client.backoff import Backoff, BackoffPolicy
from lian_client.connection import FrameTooLargeError
from lian_client.frames import Ack, ClientFrame, Error
from lian_client.outbox import ACK_TIMEOUT_S, ITEMS_MAX, Draft, Item, Outbox, OutboxFullError, Refusal
from tests.clients.python.support import Clock


class Post:
    """An outbox and everything around it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sent: list[str] = []
        self.added: list[str] = []
        self.done: dict[str, str] = {}
        self.unanswered = 0
        self.is_connected = True
        self.outbox = Outbox(
            self.clock,
            send=self._send,
            backoff=Backoff(BackoffPolicy(base=1, cap=8), lambda: 0.5),
            on_unanswered=self._on_unanswered,
            on_added=lambda item: self.added.append(item.id),
            on_done=self._on_done,
        )

    def _send(self, frame: ClientFrame) -> bool:
        if len(getattr(frame, "content", "")) > 100:
            raise FrameTooLargeError
        if self.is_connected:
            self.sent.append(frame.id or "")
        return self.is_connected

    def _on_unanswered(self) -> None:
        self.unanswered += 1

    def _on_done(self, item: Item, outcome: Ack | Refusal) -> None:
        self.done[item.id] = outcome.code if isinstance(outcome, Refusal) else "ok"

    def add(self, *ids: str, to: str = "1", content: str = "text") -> None:
        for id in ids:
            self.outbox.add(Draft(conversation=to, content=content), id)

    def ack(self, id: str) -> bool:
        return self.outbox.on_ack(Ack(id=id, conversation="1", seq=1, version=1, timestamp=1))

    def refuse(self, id: str, code: str, *, retry_after: float | None = None) -> None:
        self.outbox.on_error(Error(id=id, code=code, retry_after=retry_after))


@pytest.fixture
def post() -> Post:
    made = Post()
    made.outbox.on_login()
    return made


def test_one_message_of_a_conversation_is_under_way_at_a_time(post: Post) -> None:
    post.add("a", "b", "c")
    post.add("x", to="2")
    assert post.sent == ["a", "x"]
    post.ack("a")
    assert post.sent == ["a", "x", "b"]
    assert post.done == {"a": "ok"}


def test_nothing_leaves_before_the_login(post: Post) -> None:
    post.outbox.on_lost()
    post.add("a", "b")
    assert post.sent == []
    post.outbox.on_login()
    assert post.sent == ["a"]


def test_what_was_under_way_is_sent_again_under_its_id(post: Post) -> None:
    post.add("a", "b")
    post.outbox.on_lost()
    post.outbox.on_login()
    assert post.sent == ["a", "a"]
    assert post.ack("a")
    assert not post.ack("a")  # the answer to the first time: it is known already
    assert post.sent == ["a", "a", "b"]


def test_a_connection_without_an_ack_is_given_up_and_the_message_is_not(post: Post) -> None:
    post.add("a")
    post.clock.advance(ACK_TIMEOUT_S)
    assert post.unanswered == 1
    for _ in range(50):
        post.outbox.on_lost()
        post.outbox.on_login()
    assert post.done == {}
    assert post.sent == ["a"] * 51


def test_a_refusal_is_final_and_lets_the_next_one_pass(post: Post) -> None:
    post.add("a", "b")
    post.refuse("a", "blocked")
    assert post.done == {"a": "blocked"}
    assert post.sent == ["a", "b"]


def test_a_code_that_nobody_knows_is_a_refusal(post: Post) -> None:
    post.add("a")
    post.refuse("a", "out_of_cheese")
    assert post.done == {"a": "out_of_cheese"}


def test_a_temporary_refusal_holds_up_its_conversation_and_no_other(post: Post) -> None:
    post.add("a", "b")
    post.add("x", "y", to="2")
    post.refuse("a", "rate_limited", retry_after=5)
    post.ack("x")
    assert post.sent == ["a", "x", "y"]
    post.clock.advance(5.4)
    assert post.sent == ["a", "x", "y"]
    post.clock.advance(0.2)  # retry_after, and half of the first backoff
    assert post.sent == ["a", "x", "y", "a"]


def test_what_does_not_fit_into_a_frame_fails_by_itself(post: Post) -> None:
    post.add("before")
    post.add("a", content="x" * 101)
    post.add("after")
    post.ack("before")
    assert post.done == {"before": "ok", "a": "too_large"}
    assert post.sent == ["before", "after"]


def test_a_thousand_that_do_not_fit_are_no_recursion() -> None:
    post = Post()
    post.add(*map(str, range(ITEMS_MAX)), content="x" * 101)
    post.outbox.on_login()
    assert len(post.done) == ITEMS_MAX


def test_it_is_bounded(post: Post) -> None:
    post.add(*map(str, range(ITEMS_MAX)))
    with pytest.raises(OutboxFullError):
        post.add("one more")
    post.ack("0")
    post.add("one more")


def test_an_id_is_taken_once(post: Post) -> None:
    post.add("a")
    with pytest.raises(ValueError, match="under way"):
        post.add("a")


def test_what_an_earlier_run_left_goes_first_and_in_its_order(post: Post) -> None:
    made = Post()
    items = [Item(id=f"old-{place}", place=place, draft=Draft(conversation="1", content="x")) for place in (9, 3, 7)]
    made.outbox.restore(items)
    made.add("new")
    made.outbox.on_login()
    for id in ("old-3", "old-7", "old-9", "new"):
        assert made.sent[-1] == id
        made.ack(id)
    assert len(made.outbox) == 0


@pytest.mark.parametrize("target", [{}, {"conversation": "1", "receiver": "bob"}])
def test_a_draft_has_one_target(target: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either"):
        Draft(content="x", **target)
