"""Conversations and members in the admin site: found from either side, changed only through services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chat.errors import ImError
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.services import conversations
from tests.admin.staff import signed_in

CONVERSATIONS = reverse("admin:chat_conversation_changelist")
MEMBERSHIPS = reverse("admin:chat_membership_changelist")
NOW = datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    return conversations.group_create(creator_id=alice.pk, kind="group", title="Tea", usernames=["bob"], now=NOW)


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    return conversations.direct_get_or_create(user_id=alice.pk, username="bob", now=NOW)[0]


def membership(user: User, conversation: Conversation) -> Membership:
    return Membership.objects.get(user=user, conversation=conversation)


def act(client: Client, obj: Conversation | Membership, name: str, **data: str) -> str:
    url = reverse(f"admin:chat_{obj._meta.model_name}_act", args=[obj.pk, name])
    return client.post(url, {"confirmed": "yes", **data}, follow=True).content.decode()


def page_of(obj: Conversation | Membership) -> str:
    return reverse(f"admin:chat_{obj._meta.model_name}_change", args=[obj.pk])


def test_search__finds_by_title_id_and_member(
    root_client: Client, alice: User, group: Conversation, direct: Conversation
) -> None:
    other = conversations.group_create(creator_id=alice.pk, kind="channel", title="News", usernames=[], now=NOW)
    for query, found in (
        ("te", {group}),
        ("News", {other}),
        (str(direct.pk), {direct}),
        ("bob", {group, direct}),
        ("@BOB", {group, direct}),
        ("nobody", set()),
    ):
        results = root_client.get(CONVERSATIONS, {"q": query}).context["cl"].result_list
        assert set(results) == found, query


def test_members__are_found_by_person_title_and_id(
    root_client: Client, group: Conversation, direct: Conversation
) -> None:
    for query, found in (("bob", {group, direct}), ("Tea", {group}), (str(direct.pk), {direct})):
        results = root_client.get(MEMBERSHIPS, {"q": query}).context["cl"].result_list
        assert {row.conversation for row in results} == found, query


def test_direct_chat__is_called_by_its_two_people(root_client: Client, alice: User, direct: Conversation) -> None:
    saved, _ = conversations.direct_get_or_create(user_id=alice.pk, username="alice", now=NOW)
    assert "Alice – Bob" in root_client.get(page_of(direct)).content.decode()
    assert "Alice, saved messages" in root_client.get(page_of(saved)).content.decode()


def test_pages__link_to_each_other_in_both_directions(root_client: Client, bob: User, group: Conversation) -> None:
    user_page = reverse("admin:accounts_user_change", args=[bob.pk])
    member_page = page_of(membership(bob, group))
    links = {
        user_page: (f"{MEMBERSHIPS}?user={bob.pk}", f"sender={bob.pk}", f"/device/?user={bob.pk}"),
        page_of(group): (f"{MEMBERSHIPS}?conversation={group.pk}", f"/message/?conversation={group.pk}", member_page),
        member_page: (user_page, page_of(group)),
        f"{MEMBERSHIPS}?user={bob.pk}": (page_of(group), user_page),
    }
    for url, targets in links.items():
        page = root_client.get(url).content.decode()
        for target in targets:
            assert target in page, (url, target)


def test_remove__is_the_services_removal(root_client: Client, bob: User, group: Conversation) -> None:
    page = act(root_client, membership(bob, group), "remove")

    assert "1 member is removed." in page
    with pytest.raises(ImError):
        access_conversation(user_id=bob.pk, conversation=str(group.pk))
    assert group.messages.order_by("-seq")[0].kind == "system"
    assert LogEntry.objects.get().change_message == "Removed from the conversation."
    assert "1 was so already" in act(root_client, membership(bob, group), "remove")


def test_remove__is_not_for_direct_chats(root_client: Client, bob: User, direct: Conversation) -> None:
    act(root_client, membership(bob, direct), "remove")
    assert membership(bob, direct).left_at is None


def test_role__is_given_and_the_only_owner_stays_one(
    root_client: Client, alice: User, bob: User, group: Conversation
) -> None:
    assert "1 role is changed." in act(root_client, membership(bob, group), "set-role", role="admin")
    assert membership(bob, group).role == "admin"
    assert LogEntry.objects.get().change_message == "Role set to admin."

    act(root_client, membership(bob, group), "set-role", role="owner")
    assert (membership(alice, group).role, membership(bob, group).role) == ("admin", "owner")

    # A refusal is a sentence, and changes nothing.
    page = act(root_client, membership(bob, group), "set-role", role="member")
    assert 'class="error"' in page
    assert membership(bob, group).role == "owner"


def test_rename__tells_the_members(root_client: Client, group: Conversation) -> None:
    assert "1 conversation is renamed." in act(root_client, group, "rename", title="Coffee")
    group.refresh_from_db()
    assert group.title == "Coffee"
    assert group.messages.order_by("-seq")[0].kind == "system"


def test_actions__need_their_rights(make_staff: Callable[..., User], bob: User, group: Conversation) -> None:
    client = signed_in(make_staff("view_membership", "view_conversation"))
    member = membership(bob, group)
    for obj, name in ((member, "remove"), (member, "set-role"), (group, "rename")):
        url = reverse(f"admin:chat_{obj._meta.model_name}_act", args=[obj.pk, name])
        assert client.post(url, {"confirmed": "yes", "role": "admin", "title": "x"}).status_code == 403
    member.refresh_from_db()
    assert (member.left_at, member.role) == (None, "member")


@pytest.mark.parametrize("name", ["conversation", "membership"])
def test_rows__cannot_be_added_edited_or_deleted(
    root_client: Client, bob: User, group: Conversation, name: str
) -> None:
    row = {"conversation": group, "membership": membership(bob, group)}[name]
    before = type(row).objects.filter(pk=row.pk).values().get()
    assert root_client.get(reverse(f"admin:chat_{name}_add")).status_code == 403
    changes = {"title": "other", "last_seq": "99", "version": "99", "role": "owner", "read_seq": "99"}
    assert root_client.post(page_of(row), changes).status_code == 403
    assert root_client.post(reverse(f"admin:chat_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    root_client.post(
        reverse(f"admin:chat_{name}_changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )
    assert type(row).objects.filter(pk=row.pk).values().get() == before
