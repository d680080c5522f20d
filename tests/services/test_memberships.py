"""Who is in a conversation, and who may change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationChanged, MembersChanged, MessageChanged
from chat.models import Conversation, Inbox, Membership, Message
from chat.selectors.conversations import get_conversation, list_members
from chat.selectors.messages import list_messages
from chat.services.conversations import conversation_rename, group_create
from chat.services.memberships import (
    member_add,
    member_leave,
    member_remove,
    member_set_role,
    ownership_transfer,
)
from chat.services.receipts import read_advance
from tests.factories import NOW, make_direct, make_group, make_user, send
from tests.services.conftest import Publishing

LATER = NOW + timedelta(hours=1)


def roles(conversation: Conversation) -> dict[str, str]:
    rows = Membership.objects.filter(conversation=conversation, left_at=None)
    return dict(rows.values_list("user__username", "role"))


def said(conversation: Conversation) -> list[dict[str, str] | None]:
    """What the system messages say."""
    rows = Message.objects.filter(conversation=conversation, kind="system").order_by("seq")
    return list(rows.values_list("payload", flat=True))


def inbox(user: User) -> int:
    return Inbox.objects.filter(user=user).values_list("version", flat=True).first() or 0


def members_version(conversation: Conversation) -> int:
    conversation.refresh_from_db()
    return conversation.members_version


# --- who may what ------------------------------------------------------------

Act = Callable[[User, str], Any]

ACTS: dict[str, Act] = {
    "add somebody": lambda actor, pk: member_add(actor_id=actor.pk, conversation=pk, username="new", now=LATER),
    "remove a member": lambda actor, pk: member_remove(actor_id=actor.pk, conversation=pk, username="m2", now=LATER),
    "remove an admin": lambda actor, pk: member_remove(actor_id=actor.pk, conversation=pk, username="a2", now=LATER),
    "remove the owner": lambda actor, pk: member_remove(
        actor_id=actor.pk, conversation=pk, username="owner", now=LATER
    ),
    "promote a member": lambda actor, pk: member_set_role(
        actor_id=actor.pk, conversation=pk, username="m2", role="admin", now=LATER
    ),
    "demote an admin": lambda actor, pk: member_set_role(
        actor_id=actor.pk, conversation=pk, username="a2", role="member", now=LATER
    ),
    "transfer the ownership": lambda actor, pk: ownership_transfer(
        actor_id=actor.pk, conversation=pk, username="m2", now=LATER
    ),
    "rename": lambda actor, pk: conversation_rename(actor_id=actor.pk, conversation=pk, title="New", now=LATER),
    "leave": lambda actor, pk: member_leave(user_id=actor.pk, conversation=pk, now=LATER),
}

#: Who may do it; the other members get `forbidden`, everybody else `not_found`.
ALLOWED = {
    "add somebody": {"owner", "admin"},
    "remove a member": {"owner", "admin"},
    "remove an admin": {"owner"},
    "remove the owner": {"owner"},  # that is leaving
    "promote a member": {"owner"},
    "demote an admin": {"owner"},
    "transfer the ownership": {"owner"},
    "rename": {"owner", "admin"},
    "leave": {"owner", "admin", "member"},
}
MEMBERS = ("owner", "admin", "member")
STRANGERS = ("stranger", "left")


@pytest.mark.parametrize("kind", ["group", "channel"])
@pytest.mark.parametrize("actor", [*MEMBERS, *STRANGERS])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.django_db
def test_permissions(act: str, actor: str, kind: str) -> None:
    names = ("owner", "admin", "member", "a2", "m2", "left")
    users = {name: make_user(name) for name in (*names, "stranger", "new")}
    group = make_group(*(users[name] for name in names), kind=kind)
    Membership.objects.filter(user__username__in=["admin", "a2"]).update(role="admin")
    Membership.objects.filter(user=users["left"]).update(left_at=NOW)
    if actor in ALLOWED[act]:
        ACTS[act](users[actor], str(group.pk))
        assert len(said(group)) > 1
        return
    with pytest.raises(ImError) as error:
        ACTS[act](users[actor], str(group.pk))
    assert error.value.code == (ErrorCode.NOT_FOUND if actor in STRANGERS else ErrorCode.FORBIDDEN)
    assert len(said(group)) == 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.django_db
def test_direct_conversation__has_nothing_to_manage(act: str) -> None:
    owner, other = make_user("owner"), make_user("m2")
    make_user("a2"), make_user("new")
    direct = make_direct(owner, other)
    with pytest.raises(ImError) as error:
        ACTS[act](owner, str(direct.pk))
    not_there = act in ("remove an admin", "demote an admin")
    assert error.value.code == (ErrorCode.NOT_FOUND if not_there else ErrorCode.FORBIDDEN)
    assert roles(direct) == {"owner": "member", "m2": "member"}


# --- create ------------------------------------------------------------------


def test_new_group__has_its_members_and_says_who_made_it(
    alice: User, bob: User, carol: User, published: Publishing
) -> None:
    with published() as heard:
        group = group_create(
            creator_id=alice.pk,
            kind="group",
            title="  The \n team ",
            usernames=["BOB", "carol", "bob", "alice"],
            now=NOW,
        )
    assert group.title == "The team"
    assert roles(group) == {"alice": "owner", "bob": "member", "carol": "member"}
    assert said(group) == [{"event": "created", "actor": "alice", "title": "The team"}]
    assert [inbox(user) for user in (alice, bob, carol)] == [1, 1, 1]
    members, *views, message = heard.events
    assert members == MembersChanged(
        conversation=str(group.pk),
        version=0,
        members_version=1,
        joined=sorted([alice.pk, bob.pk, carol.pk]),
        left=[],
    )
    assert {view.user_id for view in views} == {alice.pk, bob.pk, carol.pk}
    for view in views:
        assert view.conversation == get_conversation(user_id=view.user_id, conversation=str(group.pk), now=NOW)
        assert view.conversation.unread == 0
    assert isinstance(message, MessageChanged) and message.message.version == 1


def test_group_without_other_members__is_a_group(alice: User) -> None:
    assert roles(make_group(alice)) == {"alice": "owner"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "direct"}, ErrorCode.BAD_FRAME),
        ({"kind": "party"}, ErrorCode.BAD_FRAME),
        ({"title": " \u200b"}, ErrorCode.EMPTY),
        ({"title": "x" * 101}, ErrorCode.TOO_LARGE),
        ({"title": "a\0b"}, ErrorCode.BAD_FRAME),
        ({"title": "a\ud800b"}, ErrorCode.BAD_FRAME),
        ({"usernames": ["bob", "nobody"]}, ErrorCode.NOT_FOUND),
        ({"usernames": ["gone"]}, ErrorCode.NOT_FOUND),
        ({"usernames": [f"user-{number}" for number in range(3)]}, ErrorCode.TOO_LARGE),
    ],
    ids=repr,
)
def test_group_that_cannot_be__is_refused(
    alice: User, bob: User, settings: Any, fields: dict[str, Any], code: ErrorCode
) -> None:
    settings.IM_GROUP_MAX_MEMBERS = 3
    make_user("gone", is_active=False)
    for number in range(3):
        make_user(f"user-{number}")
    with pytest.raises(ImError) as error:
        group_create(
            **{"creator_id": alice.pk, "kind": "group", "title": "T", "usernames": ["bob"], "now": NOW, **fields}
        )
    assert error.value.code == code
    assert not Conversation.objects.exists()


# --- add ---------------------------------------------------------------------


def test_added_member__sees_the_history_and_has_nothing_unread(
    alice: User, bob: User, carol: User, published: Publishing
) -> None:
    group = make_group(alice, bob)
    send(alice, group, "before")
    with published() as heard:
        assert member_add(actor_id=alice.pk, conversation=str(group.pk), username="Carol", now=LATER)
    assert [message.content for message in list_messages(user_id=carol.pk, conversation=str(group.pk))] == [
        "",
        "before",
        "",
    ]
    assert get_conversation(user_id=carol.pk, conversation=str(group.pk)).unread == 0
    send(alice, group, "after")
    assert get_conversation(user_id=carol.pk, conversation=str(group.pk)).unread == 1
    assert said(group)[1:] == [{"event": "added", "actor": "alice", "subject": "carol"}]
    members, view, message = heard.events
    assert members == MembersChanged(
        conversation=str(group.pk), version=2, members_version=2, joined=[carol.pk], left=[]
    )
    assert isinstance(view, ConversationChanged) and view.user_id == carol.pk
    assert isinstance(message, MessageChanged) and (message.message.version, message.members_version) == (3, 2)


def test_adding_a_member_again__does_nothing(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        assert not member_add(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    assert heard.events == []
    assert (members_version(group), inbox(bob)) == (1, 1)


@pytest.mark.parametrize("username", ["nobody", "gone", ""])
def test_adding_nobody__is_not_found(alice: User, username: str) -> None:
    make_user("gone", is_active=False)
    with pytest.raises(ImError, match="not_found"):
        member_add(actor_id=alice.pk, conversation=str(make_group(alice).pk), username=username, now=LATER)


def test_full_group__takes_nobody_until_somebody_leaves(alice: User, bob: User, carol: User, settings: Any) -> None:
    settings.IM_GROUP_MAX_MEMBERS = 2
    group = make_group(alice, bob)
    with pytest.raises(ImError, match="too_large"):
        member_add(actor_id=alice.pk, conversation=str(group.pk), username="carol", now=LATER)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=LATER)
    assert member_add(actor_id=alice.pk, conversation=str(group.pk), username="carol", now=LATER)


def test_who_comes_back__begins_anew_and_keeps_what_was_read(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    send(alice, group)
    read_advance(user_id=bob.pk, conversation=str(group.pk), seq=2)
    Membership.objects.filter(user=bob).update(role="admin", pinned=True, archived=True, muted_until=LATER)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=LATER)
    send(alice, group)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    seen = get_conversation(user_id=bob.pk, conversation=str(group.pk), now=NOW)
    assert (seen.role, seen.pinned, seen.archived, seen.muted) == ("member", False, False, False)
    assert (seen.read_seq, seen.unread) == (2, 0)
    row = Membership.objects.get(user=bob, conversation=group)
    assert (row.joined_seq, row.joined_at, row.left_at) == (4, LATER, None)
    assert (members_version(group), inbox(bob)) == (3, 3)


# --- remove and leave --------------------------------------------------------


def test_removed_member__sees_nothing_any_more(alice: User, bob: User, carol: User, published: Publishing) -> None:
    group = make_group(alice, bob, carol)
    with published() as heard:
        member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    assert roles(group) == {"alice": "owner", "carol": "member"}
    with pytest.raises(ImError, match="not_found"):
        get_conversation(user_id=bob.pk, conversation=str(group.pk))
    assert [member.username for member in list_members(user_id=carol.pk, conversation=str(group.pk))] == [
        "alice",
        "carol",
    ]
    assert said(group)[1:] == [{"event": "removed", "actor": "alice", "subject": "bob"}]
    members, view, message = heard.events
    assert members == MembersChanged(conversation=str(group.pk), version=1, members_version=2, joined=[], left=[bob.pk])
    assert isinstance(view, ConversationChanged) and view.user_id == bob.pk
    assert (view.conversation.left, view.conversation.title, view.conversation.last_message) == (True, "", None)
    assert isinstance(message, MessageChanged) and message.members_version == 2
    assert [inbox(user) for user in (alice, bob, carol)] == [1, 2, 1]


def test_removing_twice__is_not_found(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    member_remove(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    for username in ("bob", "nobody"):
        with pytest.raises(ImError, match="not_found"):
            member_remove(actor_id=alice.pk, conversation=str(group.pk), username=username, now=LATER)


def test_leaving_member__says_so(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    member_leave(user_id=bob.pk, conversation=str(group.pk), now=LATER)
    assert said(group)[1:] == [{"event": "left", "actor": "bob"}]
    with pytest.raises(ImError, match="not_found"):
        member_leave(user_id=bob.pk, conversation=str(group.pk), now=LATER)


def test_leaving_owner__hands_over_to_the_oldest_admin(
    alice: User, bob: User, carol: User, published: Publishing
) -> None:
    dave, group = make_user("dave"), make_group(alice, bob, carol)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="dave", now=LATER)
    Membership.objects.filter(user__in=[carol, dave]).update(role="admin")
    with published() as heard:
        member_leave(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert roles(group) == {"bob": "member", "carol": "owner", "dave": "admin"}
    assert said(group)[2:] == [
        {"event": "left", "actor": "alice"},
        {"event": "role", "actor": "alice", "subject": "carol", "role": "owner"},
    ]
    assert [view.user_id for view in heard.of(ConversationChanged)] == [alice.pk, carol.pk]
    assert [event.message.seq for event in heard.of(MessageChanged)] == [3, 4]


def test_leaving_owner_without_admins__hands_over_to_the_oldest_member(alice: User, bob: User, carol: User) -> None:
    group = make_group(alice, carol)
    member_add(actor_id=alice.pk, conversation=str(group.pk), username="bob", now=LATER)
    member_leave(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert roles(group) == {"carol": "owner", "bob": "member"}


def test_last_one_leaving__leaves_it_empty(alice: User) -> None:
    group = make_group(alice)
    member_leave(user_id=alice.pk, conversation=str(group.pk), now=LATER)
    assert roles(group) == {}
    assert said(group)[1:] == [{"event": "left", "actor": "alice"}]


# --- roles -------------------------------------------------------------------


def test_new_role__is_told_to_all_and_shown_to_the_one(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        member_set_role(actor_id=alice.pk, conversation=str(group.pk), username="bob", role="admin", now=LATER)
    assert roles(group)["bob"] == "admin"
    assert said(group)[1:] == [{"event": "role", "actor": "alice", "subject": "bob", "role": "admin"}]
    view, message = heard.events
    assert (view.user_id, view.conversation.role) == (bob.pk, "admin")
    assert isinstance(message, MessageChanged)
    assert members_version(group) == 1


def test_same_role_again__does_nothing(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        member_set_role(actor_id=alice.pk, conversation=str(group.pk), username="bob", role="member", now=LATER)
        ownership_transfer(actor_id=alice.pk, conversation=str(group.pk), username="alice", now=LATER)
    assert heard.events == []
    assert roles(group) == {"alice": "owner", "bob": "member"}


def test_ownership__moves_and_the_old_owner_becomes_an_admin(alice: User, bob: User, published: Publishing) -> None:
    group = make_group(alice, bob)
    with published() as heard:
        member_set_role(actor_id=alice.pk, conversation=str(group.pk), username="bob", role="owner", now=LATER)
    assert roles(group) == {"alice": "admin", "bob": "owner"}
    assert {view.user_id: view.conversation.role for view in heard.of(ConversationChanged)} == {
        alice.pk: "admin",
        bob.pk: "owner",
    }


@pytest.mark.parametrize(
    ("username", "role", "code"),
    [
        ("bob", "king", ErrorCode.BAD_FRAME),
        ("alice", "member", ErrorCode.FORBIDDEN),
        ("carol", "admin", ErrorCode.NOT_FOUND),
    ],
)
def test_role_that_cannot_be_given__is_refused(
    alice: User, bob: User, carol: User, username: str, role: str, code: ErrorCode
) -> None:
    group = make_group(alice, bob)
    with pytest.raises(ImError) as error:
        member_set_role(actor_id=alice.pk, conversation=str(group.pk), username=username, role=role, now=LATER)
    assert error.value.code == code
    assert roles(group) == {"alice": "owner", "bob": "member"}
