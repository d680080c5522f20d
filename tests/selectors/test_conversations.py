"""Conversations and members as one of them sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.errors import ImError
from chat.models import Membership
from chat.selectors.conversations import (
    MemberObject,
    conversation_objects,
    get_conversation,
    list_conversations,
    list_members,
)
from chat.services.memberships import member_leave
from chat.services.messages import message_recall
from chat.services.receipts import read_advance
from tests.factories import NOW, make_direct, make_group, make_user, send

HOUR = timedelta(hours=1)


def test_direct__has_the_others_name(alice: User, bob: User) -> None:
    ack = send(alice, bob, "Hello!", client_id="m1")
    seen = get_conversation(user_id=bob.pk, conversation=ack.conversation)
    assert (seen.kind, seen.title, seen.role, seen.avatar) == ("direct", "Alice", "member", None)
    assert (seen.last_seq, seen.version, seen.read_seq, seen.unread) == (1, 1, 0, 1)
    assert seen.receipts == {"alice": (1, 1)}
    assert seen.last_message is not None
    assert (seen.last_message.content, seen.last_message.sender, seen.last_message.receiver) == (
        "Hello!",
        "alice",
        "bob",
    )


def test_receipts__never_say_more_than_the_rest_of_the_view(alice: User, bob: User) -> None:
    """The members are read last: of a message that was sent in between neither the text nor the marks are there."""
    ack = send(alice, bob)
    Membership.objects.filter(user=alice).update(received_seq=2, seen_seq=2)
    seen = get_conversation(user_id=bob.pk, conversation=ack.conversation)
    assert (seen.last_seq, seen.receipts) == (1, {"alice": (1, 1)})


def test_direct_with_somebody_without_a_name__has_the_username(alice: User) -> None:
    ack = send(alice, make_user("dave"))
    assert get_conversation(user_id=alice.pk, conversation=ack.conversation).title == "dave"


def test_direct__shows_the_others_picture(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(avatar="avatars/bob.webp")
    ack = send(alice, bob)
    assert get_conversation(user_id=alice.pk, conversation=ack.conversation).avatar == "/media/avatars/bob.webp"
    assert get_conversation(user_id=bob.pk, conversation=ack.conversation).avatar is None


def test_last_message__is_the_newest_of_any_kind(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    seen = get_conversation(user_id=bob.pk, conversation=str(group.pk))
    assert seen.last_message is not None and seen.last_message.kind == "system"
    send(alice, group)
    message_recall(actor_id=alice.pk, conversation=str(group.pk), seq=2, request_id="r", now=NOW)
    seen = get_conversation(user_id=bob.pk, conversation=str(group.pk))
    assert seen.last_message is not None
    assert (seen.last_message.seq, seen.last_message.content) == (2, "")
    assert seen.last_message.recalled_at is not None


def test_foreign_left_and_absent_conversations__are_not_found(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    for user, conversation in ((bob, str(group.pk)), (carol, str(group.pk)), (alice, "1"), (alice, "x")):
        with pytest.raises(ImError, match="not_found"):
            get_conversation(user_id=user.pk, conversation=conversation)
        with pytest.raises(ImError, match="not_found"):
            list_members(user_id=user.pk, conversation=conversation)


def test_objects__come_in_the_order_asked_for(alice: User, bob: User, carol: User) -> None:
    own, left, foreign = make_group(alice), make_group(bob, alice, title="Secret"), make_group(bob)
    member_leave(user_id=alice.pk, conversation=str(left.pk), now=NOW)
    objects = conversation_objects(user_id=alice.pk, conversation_ids=[foreign.pk, left.pk, own.pk, 1], now=NOW)
    assert [(each.conversation, each.left) for each in objects] == [(str(left.pk), True), (str(own.pk), None)]
    assert (objects[0].title, objects[0].last_message, objects[0].last_seq) == ("", None, 0)


# --- lists -------------------------------------------------------------------


def test_list__is_ordered_by_activity_and_leaves_out_what_was_left(alice: User, bob: User, carol: User) -> None:
    quiet, busy, left = make_group(alice), make_direct(alice, bob), make_group(carol, alice)
    send(bob, busy, now=NOW + HOUR)
    send(carol, left, now=NOW + HOUR)
    member_leave(user_id=alice.pk, conversation=str(left.pk), now=NOW)
    assert [each.conversation for each in list_conversations(user_id=alice.pk)] == [str(busy.pk), str(quiet.pk)]


def test_list__can_be_read_in_pages(alice: User) -> None:
    # All of one moment, so that only the id tells them apart.
    expected = sorted((make_group(alice).pk for _ in range(7)), reverse=True)
    found: list[str] = []
    while page := list_conversations(user_id=alice.pk, limit=3, before=found[-1] if found else None):
        found += [each.conversation for each in page]
    assert found == [str(pk) for pk in expected]


@pytest.mark.parametrize("before", ["1", "x", ""])
def test_page_after_nothing__is_not_found(alice: User, before: str) -> None:
    with pytest.raises(ImError, match="not_found"):
        list_conversations(user_id=alice.pk, before=before)


def test_page_after_a_foreign_conversation__is_not_found(alice: User, bob: User) -> None:
    with pytest.raises(ImError, match="not_found"):
        list_conversations(user_id=alice.pk, before=str(make_group(bob).pk))


def test_muted__is_over_when_its_time_comes(alice: User) -> None:
    make_group(alice)
    Membership.objects.update(muted_until=NOW)
    muted = [list_conversations(user_id=alice.pk, now=NOW + delta)[0].muted for delta in (-HOUR, HOUR * 0, HOUR)]
    assert muted == [True, False, False]


def queries_of_list(user: User, limit: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert len(list_conversations(user_id=user.pk, limit=limit)) == limit
    return len(captured)


def test_queries__do_not_grow_with_the_conversations(alice: User) -> None:
    for number in range(50):
        other = make_user()
        place = make_direct(alice, other) if number % 2 else make_group(alice, other, make_user())
        send(other, place)
        read_advance(user_id=alice.pk, conversation=str(place.pk), seq=1)
    assert queries_of_list(alice, 2) == queries_of_list(alice, 50) <= 4


def test_queries__of_objects_do_not_grow_either(alice: User, django_assert_max_num_queries: Any) -> None:
    ids = [make_group(alice, make_user()).pk for _ in range(30)]
    with django_assert_max_num_queries(4):
        assert len(conversation_objects(user_id=alice.pk, conversation_ids=ids, now=NOW)) == 30


# --- members -----------------------------------------------------------------


def test_members__come_by_role_and_then_by_name(alice: User, bob: User, carol: User) -> None:
    zoe, dave = make_user("zoe", name="adam"), make_user("dave")
    group = make_group(carol, alice, bob, zoe, dave)
    Membership.objects.filter(user=zoe).update(role="admin")
    member_leave(user_id=dave.pk, conversation=str(group.pk), now=NOW)
    members = list_members(user_id=alice.pk, conversation=str(group.pk))
    assert [member.username for member in members] == ["carol", "zoe", "alice", "bob"]
    joined_at = round(NOW.timestamp() * 1000)
    assert members[1] == MemberObject(username="zoe", name="adam", avatar=None, role="admin", joined_at=joined_at)


def test_queries__do_not_grow_with_the_members(alice: User, django_assert_num_queries: Any) -> None:
    group = make_group(alice, *(make_user() for _ in range(30)))
    with django_assert_num_queries(2):
        assert len(list_members(user_id=alice.pk, conversation=str(group.pk))) == 31
