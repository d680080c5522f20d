"""Creating direct conversations, renaming, and how each member keeps a conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, MessageChanged
from chat.models import Conversation, Membership
from chat.selectors.conversations import get_conversation, list_conversations
from chat.selectors.messages import list_messages
from chat.services.conversations import conversation_rename, conversation_settings_update, direct_get_or_create
from tests.factories import NOW, make_direct, make_group, make_user
from tests.services.conftest import Publishing

LATER = NOW + timedelta(hours=1)


# --- direct ------------------------------------------------------------------


def test_direct__is_made_once_for_both(alice: User, bob: User, published: Publishing) -> None:
    with published() as heard:
        first, created = direct_get_or_create(user_id=alice.pk, username="Bob", now=NOW)
        again, created_again = direct_get_or_create(user_id=bob.pk, username="alice", now=NOW)
    assert (created, created_again, again) == (True, False, first)
    assert first.direct_key == f"{alice.pk}:{bob.pk}"
    assert [type(event) for event in heard.events] == [MembersChanged, ConversationChanged, ConversationChanged]
    assert [view.title for view in list_conversations(user_id=alice.pk)] == ["Bob"]
    assert [view.title for view in list_conversations(user_id=bob.pk)] == ["Alice"]


def test_direct_has_no_system_messages(alice: User, bob: User) -> None:
    assert list_messages(user_id=alice.pk, conversation=str(make_direct(alice, bob).pk)) == []


def test_direct_with_oneself__has_one_member(alice: User) -> None:
    direct = make_direct(alice, alice)
    assert direct.memberships.count() == 1
    assert get_conversation(user_id=alice.pk, conversation=str(direct.pk)).receipts == {}


@pytest.mark.parametrize("username", ["nobody", "gone", "a\0b"])
def test_direct_with_nobody__is_not_found(alice: User, username: str) -> None:
    make_user("gone", is_active=False)
    with pytest.raises(ImError, match="not_found"):
        direct_get_or_create(user_id=alice.pk, username=username)
    assert not Conversation.objects.exists()


# --- rename ------------------------------------------------------------------


def test_rename__is_said_and_shown_to_every_member(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        conversation_rename(actor_id=alice.pk, conversation=str(group.pk), title=" New  name ", now=LATER)
    message, *views = heard.events
    assert isinstance(message, MessageChanged)
    assert message.message.payload == {"event": "renamed", "actor": "alice", "title": "New name"}
    assert {view.user_id: view.conversation.title for view in views} == {alice.pk: "New name", bob.pk: "New name"}
    assert get_conversation(user_id=bob.pk, conversation=str(group.pk)).title == "New name"


def test_rename_of_a_large_conversation__is_only_said(alice: User, published: Publishing) -> None:
    group = make_group(alice, *(make_user() for _ in range(100)))
    with published() as heard:
        conversation_rename(actor_id=alice.pk, conversation=str(group.pk), title="New", now=LATER)
    assert [type(event) for event in heard.events] == [MessageChanged]


def test_same_title_again__does_nothing(alice: User, published: Publishing) -> None:
    group = make_group(alice, title="Team")
    with published() as heard:
        conversation_rename(actor_id=alice.pk, conversation=str(group.pk), title=" Team ", now=LATER)
    assert heard.events == []


def test_bad_title__names_the_field(alice: User) -> None:
    with pytest.raises(ImError) as error:
        conversation_rename(actor_id=alice.pk, conversation=str(make_group(alice).pk), title="", now=LATER)
    assert error.value.code == ErrorCode.EMPTY
    assert error.value.fields == {"title": error.value.detail}


# --- how one keeps it --------------------------------------------------------


def test_settings__are_ones_own_and_shown_to_ones_own_sessions(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        conversation_settings_update(
            user_id=bob.pk, conversation=str(group.pk), muted_until=LATER, pinned=True, origin="session", now=NOW
        )
    [event] = heard.events
    assert isinstance(event, ConversationChanged)
    assert (event.user_id, event.origin) == (bob.pk, "session")
    assert (event.conversation.muted, event.conversation.pinned, event.conversation.archived) == (True, True, False)
    assert event.conversation == get_conversation(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    assert not get_conversation(user_id=bob.pk, conversation=str(group.pk), now=LATER).muted
    mine = get_conversation(user_id=alice.pk, conversation=str(group.pk), now=NOW)
    assert (mine.muted, mine.pinned) == (False, False)


def test_settings_that_are_not_given__stay(alice: User) -> None:
    group = make_group(alice)
    conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), muted_until=LATER, pinned=True, now=NOW)
    conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), archived=True, now=NOW)
    conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), muted_until=None, now=NOW)
    kept = get_conversation(user_id=alice.pk, conversation=str(group.pk), now=NOW)
    assert (kept.muted, kept.pinned, kept.archived) == (False, True, True)


def test_same_settings_again__do_nothing(alice: User, published: Publishing) -> None:
    group = make_group(alice)
    with published() as heard:
        conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), pinned=False, now=LATER)
        conversation_settings_update(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert heard.events == []
    assert Membership.objects.get(user=alice).changed_at == NOW


def test_settings_of_a_conversation_of_others__are_not_found(alice: User, bob: User) -> None:
    with pytest.raises(ImError, match="not_found"):
        conversation_settings_update(user_id=bob.pk, conversation=str(make_group(alice).pk), pinned=True)
