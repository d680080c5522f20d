"""History, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.errors import ImError
from chat.models import Conversation, Message
from chat.selectors.messages import list_messages, message_objects, message_rows
from chat.services.messages import message_react, messages_send
from tests.factories import NOW, make_direct, make_group, make_request, make_user, send


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    """Thirty messages, 1 to 30."""
    conversation = make_direct(alice, bob)
    messages_send([make_request(alice, conversation, str(number)) for number in range(1, 31)], now=NOW)
    return conversation


def seqs(user: User, conversation: Conversation, **position: int) -> list[int]:
    return [message.seq for message in list_messages(user_id=user.pk, conversation=str(conversation.pk), **position)]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ({}, range(1, 31)),
        ({"limit": 10}, range(21, 31)),
        ({"limit": 200}, range(1, 31)),
        ({"before_seq": 21, "limit": 10}, range(11, 21)),
        ({"before_seq": 5, "limit": 10}, range(1, 5)),
        ({"before_seq": 1}, []),
        ({"before_seq": 0}, []),
        ({"before_seq": 31, "limit": 3}, range(28, 31)),
        ({"before_seq": 10**30, "limit": 3}, range(28, 31)),
        ({"after_seq": 0, "limit": 3}, range(1, 4)),
        ({"after_seq": 25, "limit": 3}, range(26, 29)),
        ({"after_seq": 29}, [30]),
        ({"after_seq": 30}, []),
        ({"after_seq": 10**30}, []),
        ({"around_seq": 15, "limit": 5}, range(13, 18)),
        ({"around_seq": 15, "limit": 4}, range(13, 17)),
        ({"around_seq": 15, "limit": 1}, [15]),
        ({"around_seq": 1, "limit": 5}, range(1, 6)),
        ({"around_seq": 0, "limit": 5}, range(1, 6)),
        ({"around_seq": 30, "limit": 5}, range(26, 31)),
        ({"around_seq": 10**30, "limit": 5}, range(26, 31)),
        ({"around_seq": 3, "limit": 200}, range(1, 31)),
    ],
    ids=repr,
)
def test_page(bob: User, direct: Conversation, position: dict[str, int], expected: range | list[int]) -> None:
    assert seqs(bob, direct, **position) == list(expected)


def test_pages_one_after_another__are_the_whole_history(bob: User, direct: Conversation) -> None:
    back: list[int] = []
    while page := seqs(bob, direct, before_seq=back[0] if back else 31, limit=7):
        back = page + back
    forth: list[int] = []
    while page := seqs(bob, direct, after_seq=forth[-1] if forth else 0, limit=7):
        forth += page
    assert back == forth == list(range(1, 31))


@pytest.mark.parametrize(
    "position",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": -1},
        {"before_seq": -1},
        {"after_seq": -1},
        {"around_seq": -1},
        {"before_seq": 5, "after_seq": 1},
        {"before_seq": 5, "around_seq": 1},
    ],
    ids=repr,
)
def test_impossible_page__is_refused(bob: User, direct: Conversation, position: dict[str, int]) -> None:
    with pytest.raises(ImError, match="bad_frame"):
        seqs(bob, direct, **position)


def test_history_of_others__is_not_found(carol: User, direct: Conversation) -> None:
    with pytest.raises(ImError, match="not_found"):
        seqs(carol, direct)


def test_conversation_without_messages__has_empty_pages(alice: User, bob: User) -> None:
    empty = make_direct(alice, bob)
    for position in ({}, {"before_seq": 1}, {"after_seq": 0}, {"around_seq": 1}):
        assert seqs(alice, empty, **position) == []


def test_objects__of_many_conversations_keep_the_given_order(alice: User, bob: User, carol: User) -> None:
    acks = [send(alice, bob, "to bob"), send(carol, alice, "to alice"), send(alice, make_group(alice), "to all")]
    rows = {row.content: row for row in message_rows()}
    contents = ["to all", "to alice", "to bob"]
    objects = message_objects([rows[content] for content in contents])
    assert [each.content for each in objects] == contents
    assert [each.conversation for each in objects] == [ack.conversation for ack in reversed(acks)]
    assert [(each.sender, each.receiver) for each in objects] == [("alice", None), ("carol", "alice"), ("alice", "bob")]


def queries_of_page(user: User, conversation: Conversation, limit: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert len(seqs(user, conversation, limit=limit)) == limit
    return len(captured)


def test_queries__do_not_grow_with_the_page(alice: User) -> None:
    members = [make_user() for _ in range(5)]
    group = make_group(alice, *members)
    for member in members:
        for _ in range(10):
            ack = send(member, group)
            message_react(
                actor_id=alice.pk,
                conversation=ack.conversation,
                seq=ack.seq,
                emoji="👍",
                remove=False,
                request_id="r",
                now=NOW,
            )
    assert queries_of_page(alice, group, 2) == queries_of_page(alice, group, 50) <= 4


def test_rows__leave_out_what_clients_never_see(alice: User) -> None:
    send(alice, make_group(alice))
    deferred: Any = {name for row in message_rows() for name in row.get_deferred_fields()}
    assert deferred == {"digest", "sent_version"}
    assert Message.objects.count() == 2
