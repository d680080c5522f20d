"""What delivery asks the log."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from chat.events import MessageChanged
from chat.selectors.delivery_feed import (
    ConversationState,
    audience,
    changes_after,
    conversation_states,
    inbox_versions,
)
from chat.selectors.messages import list_messages
from chat.services.memberships import member_add, member_leave
from chat.services.messages import message_edit
from tests.factories import NOW, make_direct, make_group, send


def test_audience__is_of_live_members(alice: User, bob: User, carol: User, django_assert_num_queries: Any) -> None:
    group, direct = make_group(alice, bob), make_direct(alice, bob)
    left = make_group(alice, bob)
    member_leave(user_id=bob.pk, conversation=str(left.pk), now=NOW)
    with django_assert_num_queries(1):
        assert audience(user_ids=[alice.pk, bob.pk, carol.pk]) == {
            alice.pk: {group.pk, direct.pk, left.pk},
            bob.pk: {group.pk, direct.pk},
            carol.pk: set(),
        }


def test_states__are_numbers_with_those_asked_for_who_are_members(
    alice: User, bob: User, carol: User, django_assert_num_queries: Any
) -> None:
    group, direct = make_group(alice, bob, carol), make_direct(alice, bob)
    member_leave(user_id=carol.pk, conversation=str(group.pk), now=NOW)
    with django_assert_num_queries(1):
        states = conversation_states(conversation_ids=[group.pk, direct.pk, 1], user_ids=[bob.pk, carol.pk, 10**9])
    assert states == {
        group.pk: ConversationState(version=2, members_version=2, member_ids=frozenset({bob.pk})),
        direct.pk: ConversationState(version=0, members_version=1, member_ids=frozenset({bob.pk})),
    }


def test_states__of_no_users_are_numbers_alone(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob, carol)
    expected = {group.pk: ConversationState(version=1, members_version=1, member_ids=frozenset())}
    assert conversation_states(conversation_ids=[group.pk], user_ids=[]) == expected
    assert conversation_states(conversation_ids=[group.pk], user_ids=[10**9]) == expected
    assert conversation_states(conversation_ids=[], user_ids=[alice.pk]) == {}


def test_changes__come_in_version_order_within_bounds(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    group = make_group(alice)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=NOW)
    for _ in range(3):
        send(alice, group)
    message_edit(
        actor_id=alice.pk, conversation=str(group.pk), seq=3, content="edited", request_id="e", now=NOW
    )  # version 6
    fresh = {message.seq: message for message in list_messages(user_id=bob.pk, conversation=str(group.pk))}
    with django_assert_num_queries(3):
        changes = changes_after(conversation_id=group.pk, version=1, limit=100)
    assert changes == [MessageChanged(message=fresh[seq], members_version=2) for seq in (2, 4, 5, 3)]
    assert [change.message.version for change in changes] == [2, 4, 5, 6]
    assert changes_after(conversation_id=group.pk, version=1, limit=2) == changes[:2]
    assert changes_after(conversation_id=group.pk, version=1, upto=5, limit=100) == changes[:3]
    assert changes_after(conversation_id=group.pk, version=6, limit=100) == []
    assert changes_after(conversation_id=1, version=0, limit=100) == []


def test_inbox_version__counts_comings_and_goings(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, bob)
    make_direct(alice, bob)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    assert inbox_versions([alice.pk, bob.pk, carol.pk]) == {alice.pk: 2, bob.pk: 3, carol.pk: 0}
