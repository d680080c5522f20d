"""The history of edits: what a message said before, until it is recalled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Edit
from chat.selectors.edits import list_edits
from chat.services.edits import EDITS_KEPT
from chat.services.messages import message_edit, message_recall
from tests.factories import NOW, make_direct, send


def history(viewer: User, conversation: Conversation) -> list[tuple[str, int]]:
    """What the first message said, and so many seconds after it was sent."""
    edits = list_edits(user_id=viewer.pk, conversation=str(conversation.pk), seq=1)
    return [(each.content, (each.timestamp - int(NOW.timestamp() * 1000)) // 1000) for each in edits]


def edit(actor: User, conversation: Conversation, content: str, after_s: int) -> None:
    message_edit(
        actor_id=actor.pk,
        conversation=str(conversation.pk),
        seq=1,
        content=content,
        request_id="r",
        now=NOW + timedelta(seconds=after_s),
    )


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    conversation = make_direct(alice, bob)
    send(alice, conversation, "one")
    return conversation


def test_E02_edits__are_kept_in_order_with_when_each_was_written(alice: User, bob: User, direct: Conversation) -> None:
    assert history(bob, direct) == [("one", 0)]
    edit(alice, direct, "two", 10)
    edit(alice, direct, "two", 15)  # nothing changes
    edit(alice, direct, "three", 20)
    assert history(bob, direct) == [("one", 0), ("two", 10), ("three", 20)]


def test_E02_recalled_message__loses_what_it_said_before(alice: User, bob: User, direct: Conversation) -> None:
    edit(alice, direct, "two", 10)
    message_recall(
        actor_id=alice.pk, conversation=str(direct.pk), seq=1, request_id="r", now=NOW + timedelta(seconds=20)
    )
    assert history(bob, direct) == []
    assert not Edit.objects.exists()


def test_many_edits__keep_the_first_and_the_newest(alice: User, bob: User, direct: Conversation) -> None:
    for number in range(1, EDITS_KEPT + 5):
        edit(alice, direct, f"edit {number}", number)
    said = history(bob, direct)
    assert len(said) == EDITS_KEPT + 1  # and what it says now
    assert said[0] == ("one", 0)
    assert [number for _, number in said[1:]] == list(range(5, EDITS_KEPT + 5))


def test_history__is_not_for_others(carol: User, direct: Conversation) -> None:
    with pytest.raises(ImError) as refused:
        history(carol, direct)
    assert refused.value.code is ErrorCode.NOT_FOUND
