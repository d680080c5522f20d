"""Who is mentioned where, and has not read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.models import Conversation, Mention
from chat.selectors.mentions import conversations_mentioned_in, list_unread_mentions
from chat.selectors.pages import InboxPart, inbox_index
from chat.services.memberships import member_leave
from chat.services.messages import SendRequest, message_recall, messages_send
from chat.services.receipts import read_advance, unread_mark
from tests.factories import NOW, make_group, make_request, send


@pytest.fixture
def group(alice: User, bob: User, carol: User) -> Conversation:
    return make_group(alice, bob, carol)


def mentions(user: User) -> dict[str, list[int]]:
    return list_unread_mentions(user_id=user.pk)


def test_D14_mentions__are_unread_until_they_are_read(alice: User, bob: User, carol: User, group: Conversation) -> None:
    send(alice, group, "@bob and @carol", mentions=["BOB", "carol", "nobody"])
    send(alice, group, "and nobody")
    send(carol, group, "@bob", mentions=["bob"])
    here = str(group.pk)
    assert mentions(bob) == {here: [2, 4]}
    assert mentions(carol) == {}  # she has written since, so she has read it
    assert mentions(alice) == {}
    read_advance(user_id=bob.pk, conversation=here, seq=2, now=NOW)
    assert mentions(bob) == {here: [4]}
    unread_mark(user_id=bob.pk, conversation=here, seq=1, now=NOW)
    assert mentions(bob) == {here: [2, 4]}


def test_recalled_message__mentions_nobody(alice: User, bob: User, group: Conversation) -> None:
    send(alice, group, "@bob", mentions=["bob"])
    message_recall(actor_id=alice.pk, conversation=str(group.pk), seq=2, request_id="r", now=NOW + timedelta(seconds=1))
    assert mentions(bob) == {}
    assert not Mention.objects.exists()


def test_who_mentions_themself__is_not_told(alice: User, group: Conversation) -> None:
    send(alice, group, "@alice", mentions=["alice"])
    assert not Mention.objects.exists()


def test_who_left__has_no_mentions(alice: User, bob: User, group: Conversation) -> None:
    send(alice, group, "@bob", mentions=["bob"])
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    assert mentions(bob) == {}


def test_first_message_to_somebody__may_mention_them(alice: User, bob: User) -> None:
    send(alice, bob, "@bob", mentions=["bob"])
    assert list(mentions(bob).values()) == [[1]]


def test_filter__lists_conversations_with_unread_mentions_muted_ones_too(
    alice: User, bob: User, group: Conversation
) -> None:
    make_group(alice, bob, title="Quiet")
    send(alice, group, "@bob", mentions=["bob"])
    group.memberships.filter(user=bob).update(muted_until=NOW + timedelta(days=1))
    index = inbox_index(user_id=bob.pk, now=NOW)
    assert index.part(InboxPart.MENTIONS, conversations_mentioned_in(user_id=bob.pk)) == [group.pk]


def test_messages_without_mentions__cost_no_query_more(alice: User, bob: User, group: Conversation) -> None:
    def statements(**fields: Any) -> list[str]:
        requests: list[SendRequest] = [make_request(alice, group, f"{number}", **fields) for number in range(5)]
        with CaptureQueriesContext(connection) as captured:
            messages_send(requests, now=NOW)
        return [query["sql"] for query in captured]

    statements()  # the first to write has read what was there before
    plain, mentioning = statements(), statements(mentions=["bob"])
    assert not any("chat_mention" in sql for sql in plain)
    # Who they are, whether they are members, and one insert for all.
    assert len(mentioning) == len(plain) + 3
    assert mentions(bob) == {str(group.pk): [12, 13, 14, 15, 16]}
