"""What staff may do from outside: through the same log, with the same announcements."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, MessageChanged
from chat.models import Conversation, Membership, Message
from chat.selectors.conversations import get_conversation
from chat.selectors.messages import list_messages
from chat.services.moderation import conversation_retitle, membership_end, membership_set_role, message_remove
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing

LATER = NOW + timedelta(days=900)


@pytest.fixture
def staff(db: None) -> User:
    return make_user("staff", is_staff=True)


def membership(user: User, conversation: Conversation) -> Membership:
    return Membership.objects.get(user=user, conversation=conversation)


def test_removed_message__is_recalled_whoever_wrote_it_and_however_old(
    alice: User, bob: User, staff: User, published: Publishing, caplog: pytest.LogCaptureFixture
) -> None:
    ack = send(alice, bob, "a secret")
    row = Message.objects.get()
    with published() as heard, caplog.at_level(logging.INFO, "chat.services.moderation"):
        message_remove(actor_id=staff.pk, message_pk=row.pk, now=LATER)
        message_remove(actor_id=staff.pk, message_pk=row.pk, now=LATER + timedelta(days=1))
    [message] = list_messages(user_id=bob.pk, conversation=ack.conversation)
    assert (message.content, message.version, message.recalled_at) == ("", 2, round(LATER.timestamp() * 1000))
    assert [event.message for event in heard.events] == [message]
    assert f"actor={staff.pk} conversation={ack.conversation} seq=1" in caplog.text
    assert "secret" not in caplog.text


def test_system_message__cannot_be_removed(alice: User, staff: User) -> None:
    make_group(alice)
    with pytest.raises(ImError, match="forbidden"):
        message_remove(actor_id=staff.pk, message_pk=Message.objects.get().pk, now=LATER)


def test_removed_owner__has_a_successor(alice: User, bob: User, staff: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        membership_end(actor_id=staff.pk, membership_pk=membership(alice, group).pk, now=LATER)
    assert get_conversation(user_id=bob.pk, conversation=str(group.pk)).role == "owner"
    with pytest.raises(ImError, match="not_found"):
        get_conversation(user_id=alice.pk, conversation=str(group.pk))
    [members] = heard.of(MembersChanged)
    assert members.left == [alice.pk]
    assert [event.message.payload for event in heard.of(MessageChanged)] == [
        {"event": "removed", "actor": "staff", "subject": "alice"},
        {"event": "role", "actor": "staff", "subject": "bob", "role": "owner"},
    ]
    with pytest.raises(ImError, match="not_found"):
        membership_end(actor_id=staff.pk, membership_pk=membership(alice, group).pk, now=LATER)


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_role__can_be_given_from_outside(alice: User, bob: User, staff: User, published: Publishing, role: str) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        membership_set_role(actor_id=staff.pk, membership_pk=membership(bob, group).pk, role=role, now=LATER)
    assert membership(bob, group).role == role
    assert membership(alice, group).role == ("admin" if role == "owner" else "owner")
    shown = {bob.pk, alice.pk} if role == "owner" else {bob.pk}
    assert {view.user_id for view in heard.of(ConversationChanged)} == shown


def test_owner__is_not_demoted_without_a_successor(alice: User, bob: User, staff: User) -> None:
    group = make_group(alice, bob)
    with pytest.raises(ImError, match="forbidden"):
        membership_set_role(actor_id=staff.pk, membership_pk=membership(alice, group).pk, role="member", now=LATER)
    with pytest.raises(ImError, match="bad_frame"):
        membership_set_role(actor_id=staff.pk, membership_pk=membership(bob, group).pk, role="king", now=LATER)


def test_title__can_be_given_from_outside(alice: User, staff: User, published: Publishing) -> None:
    group = make_group(alice)
    with published() as heard:
        conversation_retitle(actor_id=staff.pk, conversation_pk=group.pk, title="Decent", now=LATER)
    assert get_conversation(user_id=alice.pk, conversation=str(group.pk)).title == "Decent"
    assert heard.events[0].message.payload == {"event": "renamed", "actor": "staff", "title": "Decent"}


def test_direct_conversation__has_no_members_roles_or_title_to_change(alice: User, bob: User, staff: User) -> None:
    direct = make_direct(alice, bob)
    row = membership(alice, direct)
    for act in (
        lambda: membership_end(actor_id=staff.pk, membership_pk=row.pk, now=LATER),
        lambda: membership_set_role(actor_id=staff.pk, membership_pk=row.pk, role="admin", now=LATER),
        lambda: conversation_retitle(actor_id=staff.pk, conversation_pk=direct.pk, title="T", now=LATER),
    ):
        with pytest.raises(ImError) as error:
            act()
        assert error.value.code == ErrorCode.FORBIDDEN


def test_what_is_not_there__is_not_found(staff: User) -> None:
    for act in (
        lambda: message_remove(actor_id=staff.pk, message_pk=1, now=LATER),
        lambda: membership_end(actor_id=staff.pk, membership_pk=1, now=LATER),
        lambda: membership_set_role(actor_id=staff.pk, membership_pk=1, role="admin", now=LATER),
        lambda: conversation_retitle(actor_id=staff.pk, conversation_pk=1, title="T", now=LATER),
    ):
        with pytest.raises(ImError, match="not_found"):
            act()
